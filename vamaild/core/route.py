"""Which client is this for? Forwarding leaves From and To alone, so its own headers are asked first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from fnmatch import fnmatchcase

from .message import Message
from .ruleset import Person, Role, RuleSet

ROUTES = (
    "delivered-to",
    "x-forwarded-for",
    "x-forwarded-to",
    "x-original-to",
    "envelope-to",
    "resent-to",
    "to",
    "cc",
    "resent-cc",
)
LINE_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Route:
    """The client that claims the message (None when nobody does) and the header line that shows it."""

    ruleset: RuleSet | None
    evidence: str = ""


def addresses(value: str) -> tuple[str, ...]:
    """The bare addresses of one header value, lower case; X-Forwarded-For separates them by blanks only."""
    capped = value[:LINE_LIMIT]
    plain = capped if "," in capped or "<" in capped or '"' in capped else capped.replace(" ", ",")
    return tuple(address.lower() for _, address in getaddresses([plain]) if "@" in address)


def matches(address: str, patterns: Iterable[str]) -> bool:
    """Whether the address is one of these, or fits one with *."""
    return any(fnmatchcase(address, pattern.lower()) for pattern in patterns)


def recipients(message: Message) -> Iterator[tuple[str, str]]:
    """(header, address) of everyone the message was for, the surest first."""
    for name in ROUTES:
        for value in message.all(name):
            yield from ((name, address) for address in addresses(value))


def find_client(message: Message, rulesets: Iterable[RuleSet]) -> Route:
    """The first client that claims one of the recipients; else the only one that knows the sender as its own."""
    rulesets = tuple(rulesets)
    for name, address in recipients(message):
        for ruleset in rulesets:
            if matches(address, ruleset.client.arrives):
                return Route(ruleset, f"{name}: {address}")
    return _by_sender(message, rulesets)


def _by_sender(message: Message, rulesets: tuple[RuleSet, ...]) -> Route:
    known = [r for r in rulesets for a in message.from_ if (p := find_person(r, a)) and p.role is Role.CLIENT]
    return Route(known[0], f"from: {message.from_[0]}") if len(known) == 1 else Route(None)


def find_person(ruleset: RuleSet, address: str) -> Person | None:
    """The person with this address: exactly that address first, then the first pattern that fits."""
    exact = next((p for p in ruleset.people if p.email.lower() == address), None)
    return exact or next((p for p in ruleset.people if "*" in p.email and matches(address, (p.email,))), None)
