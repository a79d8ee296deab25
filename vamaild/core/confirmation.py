"""Google's question whether mail may be forwarded here: who asks, and the code he has to be told.

Seen so far: "(#304298959) Gmail Forwarding Confirmation - Receive Emails from joe@gmail.com", the same with the name of
a firm in the place of Gmail, "Confirmación de reenvío de 317635984 (n.º Gmail) - ...", and subjects without a code.
Anybody can write such a message. A wrong code does nothing but not fit; the link in it is never shown.
"""

import re
from dataclasses import dataclass

from .message import Message

SENDER = "forwarding-noreply@google.com"
CODE = re.compile(r"(?<![\w./=-])#?(\d{6,12})(?![\w./=-])")
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
LOOKED_AT = 4_000


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`asking`: whose mail is to be forwarded, lower case, or ""; `code` is "" where Google wrote none."""

    code: str
    asking: str = ""


def confirmation(message: Message) -> Confirmation | None:
    """What Google asks with this message; None for any other."""
    if message.from_ != (SENDER,):
        return None
    texts = (message.subject, message.text[:LOOKED_AT])
    code = next((match[1] for text in texts if (match := CODE.search(_without_links(text)))), "")
    named = (a.lower() for text in texts for a in ADDRESS.findall(_without_links(text)))
    ours = {address.lower() for address in message.to}
    return Confirmation(code, next((a for a in named if a != SENDER and a not in ours), ""))


def _without_links(text: str) -> str:
    return re.sub(r"https?://\S+", " ", text)
