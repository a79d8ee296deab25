"""Does a sender only look like somebody known? A domain or a name almost like one of the client's, and another address.

Believed only together with what such mail wants (money, a new account, the contact): a new colleague at a known firm
and a private address of an old customer look alike, too.
"""

import re
from collections.abc import Iterator

from .message import Message
from .route import find_person, is_ours
from .ruleset import Rulebook, RuleSet
from .words import fold

FREE = frozenset(
    [
        "gmail",
        "googlemail",
        "outlook",
        "hotmail",
        "live",
        "yahoo",
        "icloud",
        "gmx",
        "web",
        "proton",
        "protonmail",
        "libero",
        "virgilio",
        "alice",
        "tiscali",
        "seznam",
        "centrum",
        "email",
        "post",
        "wp",
        "onet",
        "orange",
    ]
)
"""Mail providers: two people there have nothing to do with each other."""
SWAPPED = str.maketrans("013457", "oieast")
NAMES = re.compile(r"[^\W\d_]+")
SHORTEST = 5
SECOND_LEVEL = ("co", "com", "org", "net", "gov", "ac", "edu")


def label(address: str) -> str:
    """The part of the domain that somebody registered, without hyphens, look-alike digits as letters."""
    parts = address.rpartition("@")[2].lower().split(".")[:-1]
    if len(parts) > 1 and parts[-1] in SECOND_LEVEL:
        parts.pop()
    return fold(parts[-1]).replace("-", "").translate(SWAPPED) if parts else ""


def known_addresses(ruleset: RuleSet) -> Iterator[str]:
    """Everybody this client's file names, and its own addresses."""
    yield from (p.email for p in ruleset.people if "@" in p.email)
    yield from ruleset.client.arrives
    yield from (c.email for c in ruleset.stand_ins)


def _near(one: str, other: str) -> bool:
    """Whether one differs from the other by at most one letter: changed, missing, too many, or two swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped


def _same_domain(address: str, known: str) -> bool:
    return address.rpartition("@")[2].lower() == known.rpartition("@")[2].lower()


def _domain(address: str, ruleset: RuleSet) -> str:
    """The known address whose domain this one imitates, or ""."""
    own = label(address)
    if len(own) < SHORTEST or own in FREE:
        return ""
    for known in known_addresses(ruleset):
        other = label(known)
        alike = len(other) >= SHORTEST and other not in FREE and (_near(own, other) or other in own)
        if alike and not _same_domain(address, known):
            return known
    return ""


def _name(message: Message, ruleset: RuleSet, rulebook: Rulebook) -> str:
    """The known name that the display name uses, or "": at least two words of it, in any order."""
    shown = set(NAMES.findall(fold(message.from_name)))
    names = [ruleset.client.principal, *(c.name for c in ruleset.stand_ins), rulebook.assistant.name]
    names += [p.name for p in ruleset.people]
    for name in names:
        words = {w for w in NAMES.findall(fold(name)) if len(w) > 2}
        if len(words) > 1 and words <= shown:
            return name
    return ""


def pretends(message: Message, ruleset: RuleSet, rulebook: Rulebook) -> str:
    """Whom the sender imitates (an address or a name), or "" when nobody. A known sender imitates nobody."""
    author = next(iter(message.from_), "")
    if not author or find_person(ruleset, author) or is_ours(author, ruleset, rulebook):
        return ""
    return _domain(author, ruleset) or _name(message, ruleset, rulebook)
