"""Signs in on an open IMAP connection: with a password (PLAIN, LOGIN) or a token (XOAUTH2, OAUTHBEARER: RFC 7628)."""

import re
from typing import TYPE_CHECKING

from imapclient import IMAPClient

from vamaild.core.ledger import MailboxError
from vamaild.core.signin import Bearer, Saying, SignInError, mechanism, usable

if TYPE_CHECKING:
    from .connection import Account

PLAIN_USER = re.compile(r"[A-Za-z0-9._@+=!#$&'*/?^`|~-]+")
SIGN = "AUTH="


def by_password(client: IMAPClient, account: "Account") -> None:
    """AUTHENTICATE PLAIN where it is offered, because it carries every character; else LOGIN."""
    secret = account.password if isinstance(account.password, str) else account.password()
    if not secret or any(c in secret + account.user for c in "\r\n\0"):
        raise _hopeless(account, "the password is empty or has a line break. Correct it in secrets.toml.")
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(account.user, secret)
    elif PLAIN_USER.fullmatch(account.user) and secret.isascii():
        client.login(account.user, secret)
    else:
        raise _hopeless(account, "the server takes only plain letters in user and password. Choose another password.")


def fresh_token(account: "Account", bearer: Bearer) -> str:
    """The token to sign in with. Raises MailboxError where none can be had."""
    try:
        token = bearer.token()
    except SignInError as error:
        raise MailboxError(f"{account.where}: {error}", retry=error.retry, sign_in=not error.retry) from error
    if not usable(token) or not account.user.isprintable():
        raise _hopeless(account, "the token or the user holds characters that cannot be sent.")
    return token


def by_token(client: IMAPClient, account: "Account", token: str) -> None:
    """With whichever of the two mechanisms the server offers."""
    offered = (item.decode("ascii", "replace").upper() for item in client.capabilities())
    how = mechanism(frozenset(item.removeprefix(SIGN) for item in offered if item.startswith(SIGN)))
    if not how:
        raise _hopeless(account, "the server takes no tokens (XOAUTH2, OAUTHBEARER). Sign in with a password.")
    client.sasl_login(how, Saying(how, account.user, token))


def _hopeless(account: "Account", what: str) -> MailboxError:
    return MailboxError(f"{account.where}: {what}", retry=False)
