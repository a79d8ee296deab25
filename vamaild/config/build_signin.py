"""How each account signs in: a password, a program that prints tokens, or the tokens of a provider."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ..core.signin import PROVIDERS, Provider
from .build_rules import Desk
from .locate import Path
from .problem import did_you_mean
from .schema.main import MailboxTable, OAuthTable, SendTable
from .settings import MailboxSettings, Secret, SignIn

WAYS = 'password = "secret:NAME", token_command = ["PROGRAM"] or oauth = "microsoft"'
OWN = "token_url, scope, and device_url or authorize_url"


@dataclass(frozen=True, slots=True)
class Application:
    """What [oauth.NAME] says: who is asked for tokens, and as which registered application."""

    provider: Provider
    client_id: str
    client_secret: Secret


def applications(
    desk: Desk, tables: Mapping[str, OAuthTable], secret: Callable[[Path, str | None], Secret]
) -> dict[str, Application]:
    """By name. A name that is no known provider needs addresses of its own; what is missing is reported."""
    found = {}
    for name, table in tables.items():
        provider = _provider(name, table)
        if not (provider.token_url and provider.scope and (provider.device_url or provider.authorize_url)):
            desk.report(("oauth", name), f'"{name}" is no known provider', f"for one of your own write {OWN}")
        found[name] = Application(
            provider, table.client_id, secret(("oauth", name, "client_secret"), table.client_secret)
        )
    return found


def _provider(name: str, table: OAuthTable) -> Provider:
    known = PROVIDERS.get(name, Provider(name, "", ""))
    found = replace(
        known,
        token_url=table.token_url or known.token_url,
        device_url=table.device_url or known.device_url,
        authorize_url=table.authorize_url or known.authorize_url,
        revoke_url=table.revoke_url or known.revoke_url,
        scope=table.scope or known.scope,
    )
    return found.of(table.tenant)


def sign_in(
    desk: Desk, path: Path, table: MailboxTable | SendTable, name: str, known: Mapping[str, Application]
) -> SignIn | None:
    """How a token is had; None for a password. Of several ways, or none where there must be one, it is reported."""
    ways = [key for key in ("password", "token_command", "oauth") if getattr(table, key)]
    if len(ways) > 1:
        desk.report((*path, ways[1]), f"{ways[0]} and {ways[1]} are two ways to sign in", "keep one of them")
    if not ways and isinstance(table, MailboxTable):
        desk.report(path, "nothing says how to sign in", f"write {WAYS}")
    if table.token_expires and not table.token_command:
        desk.report((*path, "token_expires"), "it belongs to a token_command", "leave it out, or add token_command")
    if table.token_command:
        return SignIn(name, table.user or "", tuple(table.token_command), table.token_expires)
    return _by_provider(desk, path, table, name, known) if table.oauth else None


def _by_provider(
    desk: Desk, path: Path, table: MailboxTable | SendTable, name: str, known: Mapping[str, Application]
) -> SignIn | None:
    wanted = table.oauth
    if wanted not in known:
        help = f"write [oauth.{wanted}] with its client_id" if wanted in PROVIDERS else did_you_mean(wanted, known)
        desk.report((*path, "oauth"), f"there is no [oauth.{wanted}]", help or f"add it with {OWN}")
        return None
    if not table.user:
        desk.report(path, "a token needs a user to sign in", 'write user = "…"')
    at = known[wanted]
    return SignIn(name, table.user or "", (), None, at.provider, at.client_id, at.client_secret)


def shared(own: SignIn | None, boxes: Iterable[MailboxSettings]) -> SignIn | None:
    """One account at one provider has one token: that of the first mailbox which reads it."""
    same = (box.sign_in for box in boxes if box.sign_in and own and replace(box.sign_in, name=own.name) == own)
    return next(same, own)
