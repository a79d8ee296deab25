"""Questions 2 and 3 of `vamaild init` where they need the network: servers, sign-in, a message there and back."""

import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .. import trying, wire
from ..config.answers import NONE
from ..config.schema import values
from ..config.settings import MailboxSettings, Secret, SendSettings, ServerSettings
from ..core import checkup
from ..core.case import UNKNOWN
from ..core.confirmation import Confirmation, confirmation
from ..core.forwarding import learn
from ..core.ledger import MailboxError, PostError
from ..core.message import Message
from ..core.route import find_client
from ..core.ruleset import Client, RuleSet
from .init_talk import Talk
from .screen import Exit, Stop
from .setup import this_moment

if TYPE_CHECKING:
    from ..adapters.discovery import Servers
    from ..adapters.mailbox import ImapMailbox
    from ..adapters.mailbox.visit import Visit

TRIES = 3
SELF_SECONDS, TAG_SECONDS, PROBE_SECONDS = 30.0, 20.0, 60.0
GOOGLE_SECONDS = 600.0


@dataclass(slots=True)
class Mail:
    """The mailbox and the way out, once somebody has signed in."""

    mailbox: "ImapMailbox"
    send: SendSettings
    address: str

    def close(self) -> None:
        self.mailbox.close()

    def watch(self) -> trying.Watch:
        """What comes from now on. Raises MailboxError."""
        from ..adapters.mailbox.visit import visit

        return trying.Watch(self.mailbox, wire.reader(), visit(self.mailbox).next_uid - 1)


def servers(talk: Talk, offline: bool) -> None:
    """Finds the servers, and asks for those that cannot be found."""
    known = {**talk.kept, **talk.given}
    if not offline and not ("imap" in known and "smtp" in known):
        found = _found(talk)
        for name in ("imap", "smtp"):
            if found and name not in known:
                talk.keep(name, getattr(found, name))
    for name in ("imap", "smtp"):
        talk.ask(name)


def _found(talk: Talk) -> "Servers | None":
    from ..adapters.discovery import find

    talk.say("Looking for the servers...", nl=False)
    found = find(talk.answers["mailbox"])
    hosts = [values.imap(found.imap).host, values.smtp(found.smtp).host] if found else []
    talk.say(", ".join(hosts) or "not found: please say them")
    if found and found.note:
        talk.say(found.note)
    return found


def sign_in(talk: Talk, password: str, ca: str, ask_password: Callable[[], str]) -> tuple[Mail | None, str]:
    """(both servers, signed in; the password that works). None: somebody wants to go on without trying.

    Stops with exit 4 where it does not work and nobody can be asked.
    """
    for turn in range(TRIES):
        mail = _mail(talk, password, ca)
        talk.say("Signing in...", nl=False)
        try:
            seen = _signed_in(mail)
        except (MailboxError, PostError) as error:
            mail.close()
            talk.say(f"no. {error}")
            if not talk.terminal:
                raise Stop(f"{error}\nNothing was written. Without the network: --offline", Exit.SERVER) from error
            if turn < TRIES - 1:
                password = _other(talk, error.sign_in, ask_password, password)
            continue
        talk.say(described(seen))
        return mail, password
    if talk.sure("Go on without trying the servers?"):
        return None, password
    raise Stop("Kept what you answered. Go on: vamaild init", Exit.SERVER)


def _other(talk: Talk, refused: bool, ask_password: Callable[[], str], password: str) -> str:
    """Asks again for what was wrong: user and password, or the servers."""
    for name in ("user",) if refused else ("imap", "smtp"):
        before = talk.answers[name]
        if talk.retype(name, before) != before and name == "user":
            talk.keep("smtp_user", talk.answers["user"])
    return ask_password() if refused else password


def _mail(talk: Talk, password: str, ca: str) -> Mail:
    """The servers as they were answered, not connected yet."""
    said, secret = talk.answers, Secret(password)
    imap, smtp = (
        ServerSettings(s.host, s.port, s.security, ca) for s in (values.imap(_url(talk, "imap")), _smtp(talk))
    )
    box = MailboxSettings(said["mailbox"], imap, said["user"], secret, timedelta(seconds=60))
    relay = said["smtp_user"] == NONE
    send = SendSettings(smtp, "" if relay else said["smtp_user"], Secret("") if relay else secret)
    return Mail(wire.mailbox(box), send, said["mailbox"])


def _url(talk: Talk, name: str) -> str:
    text = talk.answers[name]
    return text if "://" in text else f"{name}s://{text}"


def _smtp(talk: Talk) -> values.Server:
    return values.smtp(_url(talk, "smtp"))


def _signed_in(mail: Mail) -> "Visit":
    """Both servers let us in. Raises MailboxError, PostError."""
    from ..adapters.mailbox.visit import visit

    seen = visit(mail.mailbox)
    post = wire.post(mail.send)
    try:
        post.open()
    finally:
        post.close()
    return seen


def described(seen: "Visit") -> str:
    """ "ok: 214 messages, IDLE, MOVE, drafts are in "Bozze"\"."""
    said = [f"{seen.messages} {'message' if seen.messages == 1 else 'messages'}"]
    said += [name for name, there in (("IDLE", seen.idle), ("MOVE", seen.move)) if there]
    said.append(f'drafts are in "{seen.drafts}"' if seen.drafts else "there is no folder for drafts")
    return f"ok: {', '.join(said)}"


def to_oneself(talk: Talk, mail: Mail) -> None:
    """A message to the mailbox itself: is it there, what does the server find out about it."""
    talk.say("A message to yourself...", nl=False)
    back = _try(talk, lambda: _own(mail, mail.address, SELF_SECONDS))
    if back is None:
        return
    if back.message is None:
        talk.say(back.refused or f"not there after {SELF_SECONDS:.0f} s: look into the spam folder")
        return
    found = checkup.signed(back.message)
    results = found.words.replace(",", "") if found.good else found.words
    talk.say(f"there after {back.seconds:.0f} s, {results or 'your server does not say whether it is genuine'}")
    topmost = back.message.all("authentication-results")[:1]
    if found.server and wire.authenticate(topmost, (found.server,)) != UNKNOWN:
        talk.keep("server_id", found.server)


def _own(mail: Mail, to: str, seconds: float) -> trying.Back:
    post = wire.post(mail.send)
    try:
        return trying.to_oneself(post, mail.address, to, mail.watch(), seconds, this_moment())
    finally:
        post.close()


def _try(talk: Talk, work: Callable[[], trying.Back]) -> trying.Back | None:
    """What became of a message; None, and a line about it, where a server did not take it."""
    try:
        return work()
    except (MailboxError, PostError) as error:
        talk.say(f"no. {error}")
        return None


def takes_tags(talk: Talk, mail: Mail, tagged: str) -> bool:
    """Whether mail to clienti+rossi@... arrives: not every provider knows such addresses."""
    talk.say(f"A message to {tagged}...", nl=False)
    back = _try(talk, lambda: _own(mail, tagged, TAG_SECONDS))
    if back is not None and back.message is not None:
        talk.say(f"there after {back.seconds:.0f} s")
        return True
    if back is not None:
        talk.say(back.refused or f"not there after {TAG_SECONDS:.0f} s")
    talk.say("Your provider knows no addresses with a +: the address itself will do")
    return False


def googles_code(talk: Talk, mail: Mail) -> None:
    """Waits for Google's question whether it may forward here, and shows the code."""
    talk.say("Waiting for Google's confirmation (Enter: go on without it)...", nl=False)
    try:
        found = mail.watch().until(confirmation, GOOGLE_SECONDS, pressed)
    except MailboxError as error:
        talk.say(f"no. {error}")
        return
    talk.say(code_words(found) if found else "not there yet. `vamaild doctor` shows the code when it is.")


def code_words(found: Confirmation) -> str:
    """What to do with Google's question."""
    whose = f" to {found.asking}" if found.asking else " to them"
    if found.code:
        return f"code {found.code}. Send it{whose}."
    return "it is there, without a code: open it in your inbox and press its link."


def pressed() -> bool:
    """Whether somebody has pressed Enter."""
    if not select.select([sys.stdin], [], [], 0)[0]:
        return False
    sys.stdin.readline()
    return True


def probe(talk: Talk, mail: Mail, arrives: tuple[str, ...]) -> None:
    """A message to the client's address: does the forwarding bring it, and what does it do to it."""
    to = talk.answers["client_address"]
    talk.say(f"A message to {to}...", nl=False)
    back = _try(talk, lambda: _probed(mail, to))
    if back is None:
        return
    if back.message is None:
        usual = checkup.usual_cause(talk.answers.get("profile", ""))
        talk.say(back.refused or f"not back after {PROBE_SECONDS:.0f} s. Usual cause: {usual}")
        talk.say(f"Later: vamaild doctor --send --client {talk.answers['client']}")
        return
    talk.say(f"back after {back.seconds:.0f} s")
    for line in _learned(talk, back, arrives):
        talk.say(f"  {line}")


def _probed(mail: Mail, to: str) -> trying.Back:
    post = wire.post(mail.send, sender=mail.address)
    try:
        return trying.probe(post, mail.address, to, mail.watch(), PROBE_SECONDS, this_moment())
    finally:
        post.close()


def _learned(talk: Talk, back: trying.Back, arrives: tuple[str, ...]) -> list[str]:
    said = talk.answers
    client = Client(said["client"], said["client_name"], arrives, "en", (), "Europe/Rome")
    ruleset, message = RuleSet("", client), back.message or Message(this_moment())
    header = find_client(message, [ruleset]).evidence.partition(":")[0].title()
    findings = learn(message, ruleset)
    if findings.profile != NONE:
        talk.keep("profile", findings.profile)
    lines = [
        f"recognised by {header}" if header else "nothing in it shows whose it is: add its To address to `arrives`"
    ]
    good = "no vacation reply of their own: good, nobody gets two answers"
    bad = "their mailbox answers by itself: ask them to switch that off, or people get two answers"
    return [*lines, *findings.warnings, bad if back.away else good]
