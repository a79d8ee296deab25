"""Who is it really, and where may an answer go? Forwarding rewrites the envelope; this undoes it (RFC 3834, SRS).

Without a sign of forwarding only the Return-Path may be answered (RFC 3834 section 4). With one, the envelope belongs
to the forwarder, and the address must be won back from it or from a single, plausible From.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .case import Sender
from .message import Message
from .ruleset import RuleSet

SURE_ENOUGH = 0.5
FORWARD_SUBJECT = re.compile(r"\s*(fwd?|i|wg|tr|rv|fw|přeposlat|preposlat|pd)\s*:", re.IGNORECASE)
SRS = re.compile(r"(?:SRS0|SRS1)[=+-](?:[^=]*=[^=]*==?)?[^=]+=[^=]+=([^=]+)=(.+)@", re.IGNORECASE)
SRS_365 = re.compile(r".*\+SRS=[^=]+=[^=]+=([^=]+)=(.+)@", re.IGNORECASE)
GMAIL = re.compile(r".+\+caf_=.+=.+@", re.IGNORECASE)
NO_REPLY = re.compile(r"(no|do-?not)[-_.]?reply", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clues:
    """What the resolver looks at, gathered once."""

    message: Message
    ruleset: RuleSet
    author: str
    path: str | None

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(a.lower() for a in self.ruleset.client.arrives if "*" not in a)


def domain(address: str) -> str:
    return address.rpartition("@")[2]


def decode_srs(path: str) -> str:
    """The original envelope sender behind SRS0, SRS1 or Microsoft's +SRS, else ""."""
    match = SRS_365.match(path) or SRS.match(path)
    return f"{match[2]}@{match[1]}".lower() if match else ""


def _form(clues: Clues) -> Sender | None:
    """A web form of the client's own: the visitor stands in Reply-To."""
    listed = clues.author in (f.lower() for f in clues.ruleset.forwarding.forms)
    visitors = clues.message.reply_to
    if listed and len(visitors) == 1:
        return Sender(visitors[0], "form", 0.8, (f"Reply-To: {visitors[0]}",))
    return None


def _by_hand(clues: Clues) -> Sender | None:
    """The owner forwards by hand: he has taken it in hand, and addresses in a body can be forged."""
    marked = FORWARD_SUBJECT.match(clues.message.subject) or clues.message.forwarded is not None
    if clues.author in clues.owners and marked:
        return Sender("", "hand-forwarded", 0.0, (f"From: {clues.author}",))
    return None


def _srs(clues: Clues) -> Sender | None:
    original = decode_srs(clues.path or "")
    if not original:
        return None
    sure = 0.9 if original == clues.author else 0.6
    return Sender(original, "srs", sure, (f"Return-Path: {clues.path}",))


def _gmail(clues: Clues) -> Sender | None:
    if clues.path and GMAIL.match(clues.path):
        return Sender(clues.author, "gmail-forward", 0.8, (f"Return-Path: {clues.path}", f"From: {clues.author}"))
    return None


def _rewritten(clues: Clues) -> Sender | None:
    """The forwarder put itself into From; the author is in a header of its making, else in Reply-To."""
    itself = domain(clues.author) in {domain(o) for o in clues.owners} or NO_REPLY.search(clues.author)
    if not itself or (clues.path == clues.author and clues.author in clues.owners):
        return None
    for name in ("x-original-from", "x-original-sender"):
        value = clues.message.first(name).strip().strip("<>").rpartition("<")[2].lower()
        if "@" in value and value not in clues.owners:
            return Sender(value, "original-from", 0.7, (f"{name}: {value}",))
    return None


def _owner_path(clues: Clues) -> Sender | None:
    if clues.path in clues.owners and clues.author not in clues.owners:
        return Sender(clues.author, "owner-path", 0.8, (f"Return-Path: {clues.path}", f"From: {clues.author}"))
    return None


def _return_path(clues: Clues) -> Sender | None:
    if clues.path:
        return Sender(clues.path, "return-path", 0.9, (f"Return-Path: {clues.path}",))
    return None


def _author(clues: Clues) -> Sender:
    """No Return-Path was kept: the single From, with less trust. The null path answers nobody."""
    if clues.path == "":
        return Sender(clues.author, "null-path", 0.0, ("Return-Path: <>",))
    return Sender(clues.author, "from", 0.6, (f"From: {clues.author}",))


METHODS: tuple[Callable[[Clues], Sender | None], ...] = (
    _form,
    _by_hand,
    _srs,
    _gmail,
    _rewritten,
    _owner_path,
    _return_path,
)


def resolve(message: Message, ruleset: RuleSet) -> Sender:
    """Who wrote and where an answer may go; confidence below SURE_ENOUGH means that no reply leaves by itself."""
    if len(message.from_) != 1:
        method = "two-senders" if message.from_ else "no-sender"
        return Sender("", method, 0.0, tuple(f"From: {a}" for a in message.from_[:2]))
    clues = Clues(message, ruleset, message.from_[0], message.return_path)
    found = (method(clues) for method in METHODS)
    return next((s for s in found if s), None) or _author(clues)
