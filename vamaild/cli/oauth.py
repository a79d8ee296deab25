"""`vamaild oauth`: signs in with a provider's tokens instead of a password; login, status, logout."""

import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from ..core.ledger import MailboxError, PostError
from ..core.signin import SignInError, Token
from .place import Place, Value, place_options
from .screen import Exit, Stop, age, complain
from .setup import prepare
from .words import moment, table

if TYPE_CHECKING:  # `status` should answer at once
    from ..adapters.oauth import OAuth
    from ..adapters.tokens import TokenFile
    from ..config.settings import Settings, SignIn

HEAD = ("NAME", "USER", "BY", "STATE")
WIDEST = (24, 36, 24, 60)
CONSENT_SECONDS = 900.0
LONGEST_WAIT = timedelta(minutes=1)


def now() -> datetime:
    """The real time: tokens end by it."""
    return datetime.now(UTC)


@click.group(invoke_without_command=True)
@place_options
@click.pass_context
def oauth(ctx: click.Context, place: Place) -> int:
    """Sign in with Microsoft, Google or another provider instead of a password.

    \b
    vamaild oauth status           who has signed in
    vamaild oauth login novak      sign in for the mailbox called novak
    vamaild oauth logout novak     give the token back and forget it
    """
    ctx.obj = place
    return ctx.invoke(status) if ctx.invoked_subcommand is None else Exit.DONE


def accounts(settings: "Settings") -> dict[str, "SignIn"]:
    """Every account that signs in without a password, by the name of its token."""
    boxes = {box.sign_in.name: box.sign_in for box in settings.mailboxes if box.sign_in}
    sending = settings.send.sign_in
    return boxes | ({sending.name: sending} if sending and sending.name not in boxes else {})


def _account(name: str, settings: "Settings") -> "SignIn":
    """Stops where there is none, or a program gives its token."""
    found = accounts(settings)
    if name not in found:
        known = ", ".join(found) or 'none; write oauth = "microsoft" or "google" into [mailbox]'
        raise Stop(f"No mailbox called {name} signs in with a token. Known here: {known}", Exit.NOT_FOUND)
    if found[name].provider is None:
        raise Stop(f"{name} takes its token from {found[name].command[0]}: sign in there", Exit.NOT_FOUND)
    return found[name]


def _file(place: Place, name: str) -> "TokenFile":
    from ..adapters.tokens import TokenFile

    return TokenFile(place.state, name)


# ---- login


@oauth.command()
@click.argument("name")
@click.option("--browser", is_flag=True, help="Consent in a browser, also where a code could be typed in elsewhere.")
@click.pass_obj
def login(place: Place, name: str, browser: bool) -> int:
    """Sign in for this mailbox; "send" where only sending needs it."""
    from ..bearers import application

    settings = prepare(place.config, place.state).settings
    sign_in = _account(name, settings)
    provider, file = sign_in.provider, _file(place, name)
    assert provider is not None
    try:
        app = application(sign_in, now)
        by_code = provider.device_url and not (browser and provider.authorize_url)
        token = by_device(app, sign_in, time.sleep) if by_code else by_consent(app, sign_in)
        with file.alone():
            file.write(token)
    except SignInError as error:
        raise Stop(f"{name}: {str(error).rstrip('.')}.", Exit.ATTENTION) from error
    if not token.refresh:
        complain("The provider gave no refresh token: this sign-in ends by itself. See docs/sign-in.md.")
    tried = list(_tried(place, name, settings))
    click.echo(f"Signed in. Kept in {file.path} (0600). {', '.join(f'{what} {how}' for what, how in tried)}.")
    return Exit.DONE if all(how == "ok" for _, how in tried) else Exit.SERVER


def by_device(app: "OAuth", sign_in: "SignIn", sleep: Callable[[float], object]) -> Token:
    """A code that is typed in on any device. Raises SignInError."""
    code = app.begin()
    minutes = max(round((code.ends - now()) / timedelta(minutes=1)), 1)
    click.echo(f"{sign_in.user} signs in elsewhere, on a telephone or any computer.")
    click.echo(f"  1  open {code.url}\n  2  enter {code.user_code} ({minutes} minutes)")
    every = code.every
    while now() < code.ends:
        sleep(every.total_seconds())
        try:
            found = app.collect(code)
        except SignInError as error:
            if hasattr(error, "code") or not error.retry:
                raise
            found = every  # the provider did not answer: ask half as often (RFC 8628 3.5)
        if isinstance(found, Token):
            return found
        every = min(every + found, LONGEST_WAIT)
    raise SignInError("nobody has entered the code in time. Begin again")


def by_consent(app: "OAuth", sign_in: "SignIn") -> Token:
    """Consent in a browser, which comes back to this machine. Raises SignInError."""
    from ..adapters.consent import Listener

    assert sign_in.provider is not None
    listener, state, verifier = Listener(sign_in.provider.host), secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    try:
        url = app.consent_url(listener.redirect, state, verifier, sign_in.user)
        click.echo(f"{sign_in.user} consents in a browser.\n  1  open and sign in:  {url}")
        click.echo("  2  is the browser on another machine, it ends on an error page: paste its address here:")
        sys.stdout.flush()
        typed = sys.stdin if sys.stdin is not None and sys.stdin.isatty() else None
        answer = listener.wait(state, CONSENT_SECONDS, typed, complain)
    finally:
        listener.close()
    return app.exchange(answer, listener.redirect, state, verifier)


def _tried(place: Place, name: str, settings: "Settings") -> Iterator[tuple[str, str]]:
    """Whether reading and sending work with it, as the service would do it."""
    from .. import wire

    for box in settings.mailboxes:
        if box.sign_in and box.sign_in.name == name:
            mailbox = wire.mailbox(box, place.state)
            try:
                mailbox.open()
                yield f"reading {box.name}", "ok"
            except MailboxError as error:
                yield f"reading {box.name}", f"fails: {error}".rstrip(".")
            finally:
                mailbox.close()
    if settings.send.sign_in and settings.send.sign_in.name == name:
        post = wire.post(settings.send, state=place.state)
        try:
            post.open()
            yield "sending", "ok"
        except PostError as error:
            yield "sending", f"fails: {error}".rstrip(".")
        finally:
            post.close()


# ---- status, logout


@oauth.command()
@click.pass_obj
def status(place: Place) -> int:
    """Who has signed in. Asks nobody; whether it works says: vamaild doctor."""
    found = accounts(prepare(place.config, place.state).settings).values()
    rows = [(sign_in, *_standing(place, sign_in)) for sign_in in found]
    value: Value = {
        "accounts": [{"name": s.name, "user": s.user, "by": _by(s), "ok": ok, "state": said} for s, ok, said in rows]
    }
    lines = table(HEAD, [(s.name, s.user, _by(s), said) for s, _, said in rows], WIDEST)
    place.tell(value, lines if rows else ["Every account signs in with a password."])
    return Exit.DONE if all(ok for _, ok, _ in rows) else Exit.ATTENTION


def _by(sign_in: "SignIn") -> str:
    return sign_in.provider.name if sign_in.provider else sign_in.command[0]


def _standing(place: Place, sign_in: "SignIn") -> tuple[bool, str]:
    if sign_in.provider is None:
        return True, "asked when it is needed"
    try:
        token = _file(place, sign_in.name).read()
    except SignInError as error:
        return False, str(error)
    if token is None:
        return False, f"nobody has signed in: vamaild oauth login {sign_in.name}"
    since = f"signed in, renewed {age(token.obtained, place.now)} ago" if token.obtained else "signed in"
    if not token.refresh and token.expires:
        ended = token.ended(place.now)
        return not ended, f"ended: vamaild oauth login {sign_in.name}" if ended else f"ends {_at(token, place)}"
    return True, since


def _at(token: Token, place: Place) -> str:
    assert token.expires is not None
    return moment(place.here(token.expires), place.now)


@oauth.command()
@click.argument("name")
@click.pass_obj
def logout(place: Place, name: str) -> int:
    """Give the token back, where the provider takes it, and forget it."""
    sign_in, file = _account(name, prepare(place.config, place.state).settings), _file(place, name)
    try:
        with file.alone():  # or a service that renews it just now would put it back
            given_back = _given_back(name, sign_in, file)
            there = file.remove()
    except SignInError as error:
        raise Stop(str(error), Exit.ATTENTION) from error
    if not there:
        raise Stop(f"{name} has not signed in", Exit.NOT_FOUND)
    click.echo(f"Forgotten: {file.path}. " + ("Given back to the provider." if given_back else AFTER))
    return Exit.DONE


def _given_back(name: str, sign_in: "SignIn", file: "TokenFile") -> bool:
    from ..bearers import application

    try:
        token = file.read()
        return token is not None and application(sign_in, now).revoke(token)
    except SignInError as error:
        complain(f"{name}: {str(error).rstrip('.')}. It is forgotten here all the same.")
        return False


AFTER = "The provider still lists the consent: remove it on your account's page there."
