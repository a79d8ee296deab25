"""What can go wrong with a mail server, as one sentence each: what happened, where, what to do.

`retry` is False where a person must change something first (password, certificate, folder name): asking again at once
would only lock the account. The daemon may still ask again, rarely, because the provider may repair its side.
"""

import imaplib
import re
import socket
import ssl

from vamaild.core.ledger import MailboxError

from .measure import TooMuchError

SERVER_WORDS_LIMIT = 200
LONG = re.compile(r"[A-Za-z0-9+/=_.~-]{32,}")
"""What a server repeats of a token or of a line in base64; no word is so long."""
PASSING = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "TRY AGAIN", "TEMPORAR")

UNEXPECTED = (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, AssertionError)
"""What imapclient and imaplib raise, besides their own errors, at an answer that is no IMAP (probed with a hostile
server): they index into, unpack and convert what the server sent."""

TROUBLE = (imaplib.IMAP4.error, OSError, MemoryError, *UNEXPECTED)
"""Everything a call into imapclient may raise; imaplib's abort and readonly are kinds of its error."""


class RefusedError(MailboxError):
    """The server said no to one request, or its answer makes no sense; other requests may still be answered."""


class FloodError(RefusedError):
    """The answer was larger than it may be; that to a smaller question may not be."""


def of_connecting(error: BaseException, where: str, seconds: float) -> MailboxError:
    """The sentence for a failure before or while signing in is possible. `where` names mailbox, host and port."""
    if isinstance(error, socket.gaierror):
        return MailboxError(f"{where}: no such host. Check the host name and that this machine can look up names.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailboxError(
            f"{where}: the certificate is not trusted ({error.verify_message}). "
            "If this server is your own, name its certificate as ca; otherwise do not go on.",
            retry=False,
        )
    if isinstance(error, ssl.SSLError):
        reason = words(error.reason or str(error))
        return MailboxError(f"{where}: no encrypted connection ({reason}). Check the port and the kind of TLS.")
    if isinstance(error, ConnectionRefusedError):
        return MailboxError(f"{where}: the server refuses connections. Check the port, or wait until it is back.")
    if isinstance(error, TimeoutError):
        return MailboxError(f"{where}: no answer within {seconds:g} seconds while connecting. It is tried again.")
    return MailboxError(
        f"{where}: the connection broke while connecting ({words(error)}). If it stays so, check host and port."
    )


def of_signing_in(error: imaplib.IMAP4.error, where: str, user: str, token: bool = False) -> MailboxError:
    """The sentence for a refused user, password or token; a server that is only busy may be asked again."""
    said = LONG.sub("…", words(error))
    if passing(error):
        return MailboxError(f"{where}: the server does not let {user} sign in at the moment ({said}).", said=said)
    if token:
        what = f"the server does not take the token of {user} ({said}). Sign in again, and look at the user's rights."
        return MailboxError(f"{where}: {what}", retry=False, sign_in=True, said=said)
    what = f"wrong user or password for {user} ({said}). Correct it in secrets.toml, then reload."
    return MailboxError(f"{where}: {what}", retry=False, sign_in=True, said=said)


def passing(error: BaseException) -> bool:
    """Whether the server says that it is only busy."""
    return any(sign in words(error).upper() for sign in PASSING)


def of_talking(error: BaseException, where: str, doing: str, seconds: float) -> MailboxError:
    """The sentence for a failure in the middle of the conversation. `doing` is a verb phrase, such as "reading"."""
    if isinstance(error, TimeoutError):
        return MailboxError(f"{where}: no answer within {seconds:g} seconds while {doing}. It is tried again.")
    if isinstance(error, TooMuchError):
        return FloodError(f"{where}: the server sends far too much while {doing} ({error}).")
    if isinstance(error, imaplib.IMAP4.abort | OSError | MemoryError):
        said = words(error)
        return MailboxError(f"{where}: the connection broke while {doing} ({said}). It is tried again.", said=said)
    if isinstance(error, imaplib.IMAP4.error):
        said = words(error)
        return RefusedError(f"{where}: the server said no while {doing} ({said}).", said=said)
    return RefusedError(f"{where}: the server's answer makes no sense while {doing} ({type(error).__name__}).")


def too_slow(where: str, doing: str, seconds: float) -> MailboxError:
    """The sentence for a server that goes on sending without ever coming to an end."""
    return MailboxError(f"{where}: not done within {seconds:g} seconds while {doing}; given up for now.")


def words(said: object) -> str:
    """A server's own words, safe for a log line: printable, one line, short."""
    text = str(said) or type(said).__name__
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SERVER_WORDS_LIMIT else line[: SERVER_WORDS_LIMIT - 1] + "…"
