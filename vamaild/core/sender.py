"""Who is it really, and where may an answer go? Forwarding rewrites the envelope; this undoes it (RFC 3834, SRS).

Without a sign of forwarding only the Return-Path may be answered (RFC 3834 section 4). With one, the envelope belongs
to the forwarder, and the address must be won back from it or from a single, plausible From. Reply-To counts for the
owner's own web forms, and to confirm who stood in a From that the forwarder has rewritten; a list in it never counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from .case import UNKNOWN, Authentication, Sender
from .message import SENDER_DOUBTS, Message
from .route import addresses, matches, untagged
from .ruleset import RuleSet
from .sameness import domain_of

SURE_ENOUGH = 0.5
RAISED_BY_DMARC = 0.1
FORWARD_SUBJECT = re.compile(
    r"\s*\[?(fwd?|fw|i|inoltro|inoltrata|wg|tr|rv|p[řr]eposlat|p[řr]eposl[aá]no|preposielam|preposlan[eé]|pd"
    r"|podaj dalej|doorst|enc|vb|vl)\s*(\[\d+\])?\s*:",
    re.IGNORECASE,
)
SRS = re.compile(r"(?:SRS0|SRS1)[=+-](?:[^=]*=[^=]*==?)?[^=]+=[^=]+=([^=]+)=(.+)@", re.IGNORECASE)
SRS_365 = re.compile(r".*\+SRS=[^=]+=[^=]+=([^=]+)=(.+)@", re.IGNORECASE)
SRS_LOST = re.compile(r"bounces?\+SRS=[^=]+=[^=]+@", re.IGNORECASE)
BATV = re.compile(r"(?:prvs|btv1)=[^=]+=(.+@.+)", re.IGNORECASE)
GMAIL = re.compile(r"[^=]+\+caf_=.+=.+@", re.IGNORECASE)
NO_REPLY = re.compile(r"(no|do-?not)[-_.]?reply", re.IGNORECASE)
NAMES = re.compile(r"\w{3,}")
FORWARDING = ("x-forwarded-for", "x-forwarded-to", "resent-from", "x-ms-exchange-inbox-rules-loop")
ORIGINAL = ("x-original-from", "x-original-sender")
# fmt: off
PUBLIC = frozenset((  # where strangers share a domain with the owner
    "gmail.com", "googlemail.com", "outlook.com", "outlook.it", "hotmail.com", "hotmail.it", "live.com", "msn.com",
    "yahoo.com", "yahoo.it", "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net",
    "gmx.at", "web.de", "t-online.de", "freenet.de", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tin.it",
    "pec.it", "legalmail.it", "aruba.it", "seznam.cz", "email.cz", "centrum.cz", "volny.cz", "atlas.cz", "post.cz",
    "azet.sk", "zoznam.sk", "centrum.sk", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr", "sfr.fr", "wp.pl",
    "o2.pl", "onet.pl", "interia.pl", "telefonica.net", "terra.es", "fastmail.com", "zoho.com", "yandex.com",
))
# fmt: on
REWRITTEN = frozenset({"form", "form-without-visitor", "original-from", "reply-to", "rewritten"})
OWN_ENVELOPE = frozenset({"return-path", "sieve-redirect", "null-path"})


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

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(a.lower() for a in self.ruleset.forwarding.groups)

    def owned(self, address: str) -> bool:
        """Whether this is an address of the owner or a group of his, with or without a +tag."""
        own = (*self.ruleset.client.arrives, *self.groups)
        return matches(address, own) or matches(untagged(address), own)

    def at_home(self, address: str) -> bool:
        """Whether the address is in one of the owner's domains."""
        return domain_of(address) in {domain_of(o) for o in (*self.owners, *self.groups)} - PUBLIC

    @property
    def evidence(self) -> tuple[str, ...]:
        shown = f"Return-Path: {self.path}" if self.path is not None else ""
        return tuple(e for e in (shown, f"From: {self.author}") if e)


def decode_srs(path: str) -> str:
    """The original envelope sender behind SRS0, SRS1 or Microsoft's +SRS, else ""."""
    match = SRS_365.match(path) or SRS.match(path)
    return f"{match[2]}@{match[1]}".lower() if match else ""


def without_tag(path: str) -> str:
    """The mailbox behind an envelope sender that is signed against forged bounces (BATV)."""
    match = BATV.fullmatch(path)
    return match[1] if match else path


def _form(clues: Clues) -> Sender | None:
    """A web form of the client's own: the visitor stands in Reply-To."""
    if clues.author not in (f.lower() for f in clues.ruleset.forwarding.forms):
        return None
    visitor = _visitor(clues)
    if visitor:
        return Sender(visitor, "form", 0.8, (f"From: {clues.author}", f"Reply-To: {visitor}"))
    return Sender("", "form-without-visitor", 0.0, (f"From: {clues.author}",))


def _visitor(clues: Clues) -> str:
    """The one person in Reply-To; "" for several, for a list and for the owner himself."""
    named = tuple(dict.fromkeys(clues.message.reply_to))
    lists = {a for v in clues.message.all("list-post") for a in addresses(v.replace("mailto:", ""))}
    return named[0] if len(named) == 1 and not clues.owned(named[0]) and named[0] not in lists else ""


def _by_hand(clues: Clues) -> Sender | None:
    """The owner forwards by hand: he has taken it in hand, and addresses in a body can be forged."""
    marked = FORWARD_SUBJECT.match(clues.message.subject) or clues.message.forwarded is not None
    if untagged(clues.author) in clues.owners and marked and not _originals(clues):
        return Sender("", "hand-forwarded", 0.0, (f"From: {clues.author}",))
    return None


def _null(clues: Clues) -> Sender | None:
    """The null path answers nobody (RFC 3834 section 2)."""
    return Sender(clues.author, "null-path", 0.0, ("Return-Path: <>",)) if clues.path == "" else None


def _originals(clues: Clues) -> tuple[str, ...]:
    """Who stood in From before the forwarder rewrote it, as its own headers say; without repetition."""
    found = (a for name in ORIGINAL for v in clues.message.all(name) for a in addresses(v))
    return tuple(dict.fromkeys(found))


def _rewritten(clues: Clues) -> Sender | None:
    """The forwarder put itself into From; the author is in headers of its making, else in Reply-To."""
    originals = _originals(clues)
    if not _is_forwarder(clues, originals):
        return None
    visitor = _visitor(clues)
    named = tuple(dict.fromkeys((*originals, *((visitor,) if visitor else ()))))
    evidence = (f"From: {clues.author}", *(f"originally: {a}" for a in named[:3]))
    if len(named) != 1 or clues.owned(named[0]):
        return Sender("", "rewritten", 0.0, evidence)
    if originals:
        return Sender(named[0], "original-from", 0.7, evidence)
    return Sender(named[0], "reply-to", max(_stands_for(clues), 0.4), evidence)


def _is_forwarder(clues: Clues, originals: tuple[str, ...]) -> bool:
    """Whether From is the forwarder's: a group, another address of the owner's, a no-reply that speaks for somebody.

    The owner's own address counts only where headers say that a group wrote it; else he wrote himself.
    """
    if clues.author in originals:
        return False
    if clues.author in clues.groups and (originals or _visitor(clues)):
        return True
    if clues.owned(clues.author):
        return bool(originals) and _as_group(clues)
    if NO_REPLY.search(clues.author.partition("@")[0]):
        return bool(originals) or _stands_for(clues) > 0
    return clues.at_home(clues.author) and (bool(originals) or bool(_visitor(clues)))


def _as_group(clues: Clues) -> bool:
    """Whether an address of the owner's sends what others wrote to it, as a group does."""
    listed = clues.message.first("list-id").lower()
    return clues.author.replace("@", ".") in listed or " via " in f" {clues.message.from_name.lower()} "


def _stands_for(clues: Clues) -> float:
    """How surely From stands for the person in Reply-To: forwarders write "Carla via Info" or her address as name."""
    visitor, shown = _visitor(clues), clues.message.from_name.lower()
    if not visitor or domain_of(visitor) == domain_of(clues.author):
        return 0.0
    if visitor in shown or " via " in f" {shown} ":
        return 0.6
    local = set(NAMES.findall(visitor.partition("@")[0]))
    named = set(NAMES.findall(clues.message.first("reply-to").lower().rpartition("<")[0]))
    words = set(NAMES.findall(shown))
    if not (local & words or (named and named <= words)):
        return 0.0
    return 0.6 if clues.at_home(clues.author) else 0.4


def _srs(clues: Clues) -> Sender | None:
    """What the envelope was before; where it is not the From, only the same domain is believed."""
    original = decode_srs(clues.path or "")
    if not original:
        return None
    if original == clues.author:
        return Sender(original, "srs", 0.9, clues.evidence)
    return Sender(original, "srs", 0.6 if domain_of(original) == domain_of(clues.author) else 0.4, clues.evidence)


def _srs_lost(clues: Clues) -> Sender | None:
    """Microsoft 365 on its way through a company's own server keeps no original: bounces+SRS=hash=tt@company."""
    if not SRS_LOST.match(clues.path or ""):
        return None
    known = clues.ruleset.forwarding.profile == "m365" or clues.at_home(clues.path or "")
    return Sender(clues.author, "m365-forward", 0.7 if known else 0.4, clues.evidence)


def _gmail(clues: Clues) -> Sender | None:
    return Sender(clues.author, "gmail-forward", 0.8, clues.evidence) if GMAIL.match(clues.path or "") else None


def _sieve(clues: Clues) -> Sender | None:
    """Sieve's redirect leaves the envelope as it was and says whose script it is."""
    by = addresses(clues.message.first("x-sieve-redirected-from"))
    if not by or not clues.path or clues.owned(clues.path):
        return None
    return Sender(
        without_tag(clues.path), "sieve-redirect", 0.9, (*clues.evidence, f"X-Sieve-Redirected-From: {by[0]}")
    )


def _owner_path(clues: Clues) -> Sender | None:
    """The forwarder put the owner into the envelope; From is as it was."""
    if clues.path and clues.owned(clues.path) and not clues.owned(clues.author):
        return Sender(clues.author, "owner-path", 0.8, clues.evidence)
    return None


def _home_path(clues: Clues) -> Sender | None:
    """An envelope at the owner's, a From that is not: some forwarder's, if a header of forwarding says so too."""
    if not clues.path or not clues.at_home(clues.path) or clues.at_home(clues.author):
        return None
    seen = clues.message.has_any(FORWARDING)
    return Sender(clues.author, "forwarder-path", 0.6 if seen else 0.4, (*clues.evidence, *([seen] if seen else [])))


def _return_path(clues: Clues) -> Sender | None:
    if not clues.path:
        return None
    address = without_tag(clues.path)
    same = domain_of(address) == domain_of(clues.author)
    return Sender(address, "return-path", 0.9 if address == clues.author else 0.8 if same else 0.6, clues.evidence)


def _author(clues: Clues) -> Sender:
    """No Return-Path was kept: the single From, with less trust."""
    return Sender(clues.author, "from", 0.6, clues.evidence)


METHODS: tuple[Callable[[Clues], Sender | None], ...] = (
    _null,
    _form,
    _by_hand,
    _rewritten,
    _srs,
    _srs_lost,
    _gmail,
    _sieve,
    _owner_path,
    _home_path,
    _return_path,
)


def resolve(message: Message, ruleset: RuleSet, authentication: Authentication = UNKNOWN) -> Sender:
    """Who wrote and where an answer may go; confidence below SURE_ENOUGH means that no reply leaves by itself.

    What our own server found out raises a confidence that suffices already; it never makes a doubtful one suffice.
    """
    if len(message.from_) != 1:
        method = "two-senders" if message.from_ else "no-sender"
        return Sender("", method, 0.0, tuple(f"From: {a}" for a in message.from_[:2]))
    clues = Clues(message, ruleset, message.from_[0], message.return_path)
    found = next((s for method in METHODS if (s := method(clues))), None) or _author(clues)
    proven = authentication.dmarc == "pass" and authentication.domain == domain_of(found.address) != ""
    if not proven or found.confidence < SURE_ENOUGH:
        return found
    return replace(found, confidence=min(1.0, round(found.confidence + RAISED_BY_DMARC, 2)))


def disputed(message: Message, *, proven: bool) -> str:
    """Why nobody may give orders with this in the name of its From; "" when one may.

    `proven`: our own server says that it comes from there. Then it may have been sent by another program (Sender).
    """
    doubt = next((d for d in message.doubts if d in SENDER_DOUBTS), "")
    if doubt or proven:
        return doubt
    author = domain_of(message.from_[0]) if message.from_ else ""
    named = [(v, addresses(v)) for v in message.all("sender") if v.strip()]
    others = [a for _, found in named for a in found if domain_of(a) != author]
    if others:
        return f"another address sent it in this name (Sender: {others[0]})"
    return "" if all(found for _, found in named) else "its Sender field names nobody who can be read"
