"""The gate: a mail is read again, as bytes, just before it goes onto the wire (promises 3 and 5).

Fails closed: whatever cannot be read back is not sent.
"""

import re
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

from .secrecy import leak

ALLOWED = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "content-language",
    "auto-submitted",
    "x-auto-response-suppress",
    "precedence",
    "x-loop",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
LONGEST_LINE = 998


def inspect(raw: bytes, to: str, secrets: Iterable[str]) -> str:
    """Why this mail may not leave, or "" when it may. `secrets` may be empty for mail to our own people."""
    if BARE.search(raw):
        return "it holds a bare CR or LF"
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        return f"a line is longer than {LONGEST_LINE} bytes"
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        return _headers(mail, to) or _secret(mail, tuple(secrets))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        return f"it cannot be read back ({type(error).__name__})"


def _headers(mail: EmailMessage, to: str) -> str:
    names = [name.lower() for name in mail]
    strange = next((n for n in names if n not in ALLOWED or names.count(n) > 1), "")
    if strange:
        return f"the header {strange} is not allowed here, or stands twice"
    recipients = [a.addr_spec.lower() for a in mail["To"].addresses] if mail["To"] else []
    return "" if recipients == [to.lower()] else "it does not go to exactly one recipient"


def _secret(mail: EmailMessage, secrets: tuple[str, ...]) -> str:
    text = "\n".join(str(value) for value in mail.values()) + "\n" + str(mail.get_content())
    return "it contains something from [contacts] in secrets.toml" if leak(text, secrets) else ""
