"""Links that only we can make: a scope, what it is about, for whom and until when, signed with HMAC-SHA256 (RFC 2104).

A token shows and allows one thing to one person. It holds no address; the person is a name of the chain.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

VERSION = b"vamaild link 1"
SIGNATURE_BYTES = 15
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: `scope` "c" one case, "q" a queue, "v" verdicts; `subject` the case code or client."""

    scope: str
    subject: str
    person: str
    expires: datetime


class TokenError(ValueError):
    """The token was made by somebody else, or for something else, or is too old; the text says which."""


def _signature(key: bytes, grant: Grant, stamp: int) -> str:
    text = "\x00".join((grant.scope, grant.subject, grant.person, str(stamp))).encode()
    return urlsafe_b64encode(hmac.new(key, VERSION + b"\x00" + text, sha256).digest()[:SIGNATURE_BYTES]).decode()


def bound(key: bytes, who: str) -> bytes:
    """The key for one person behind a name that others may bear later; "" binds to nobody."""
    return hmac.new(key, VERSION + b" for " + who.encode(), sha256).digest() if who and key else key


def sign(key: bytes, grant: Grant) -> str:
    """`person.expiry.signature`; the scope and the subject stand in the address of the page. Whole seconds, UTC."""
    stamp = int(grant.expires.timestamp())
    return f"{grant.person}.{stamp:x}.{_signature(key, grant, stamp)}"


def person_of(token: str) -> str:
    """Whose link it says it is; "" when it is not complete. Nothing is proved by that."""
    return token[:LONGEST].rsplit(".", 2)[0] if token.count(".") >= 2 else ""


def verify(key: bytes, scope: str, subject: str, token: str, now: datetime) -> Grant:
    """What this token allows for this subject. Raises TokenError; takes the same time for every wrong signature."""
    try:
        person, until, given = token[:LONGEST].rsplit(".", 2)
        stamp = int(until, 16)
        grant = Grant(scope, subject, person, datetime.fromtimestamp(stamp, UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise TokenError("this link is not complete") from error
    if not key or not hmac.compare_digest(_signature(key, grant, stamp).encode(), given.encode("utf-8", "replace")):
        raise TokenError("this link was not made here, or belongs to something else")
    if now >= grant.expires:
        raise TokenError("this link has expired")
    return grant
