"""Which client is this for? Forwarding leaves From and To alone, so its own headers are asked first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import getaddresses
from fnmatch import fnmatchcase
from functools import lru_cache

from .message import Message
from .ruleset import Person, Role, Rulebook, RuleSet

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
LINE_LIMIT, SHORT_LINE = 4_000, 400


@dataclass(frozen=True, slots=True)
class Route:
    """The client that claims the message (None when nobody does) and the header line that shows it."""

    ruleset: RuleSet | None
    evidence: str = ""


def addresses(value: str) -> tuple[str, ...]:
    """The bare addresses of one header value, lower case; X-Forwarded-For separates them by blanks only."""
    return _addresses(value[:LINE_LIMIT]) if len(value) <= SHORT_LINE else _addresses.__wrapped__(value[:LINE_LIMIT])


@lru_cache(maxsize=1_000)  # each header is read by several who look at the message
def _addresses(value: str) -> tuple[str, ...]:
    plain = value if "," in value or "<" in value or '"' in value else value.replace(" ", ",")
    return tuple(address.lower() for _, address in mailboxes(plain) if "@" in address)


def mailboxes(value: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox in this text of RFC 5322; nobody where comments stand in comments for ever."""
    try:
        return getaddresses([value])
    except RecursionError:
        return []


def matches(address: str, patterns: Iterable[str]) -> bool:
    """Whether the address is one of these, or fits one with *."""
    return any(address == p or ("*" in p and fnmatchcase(address, p)) for p in (p.lower() for p in patterns))


def untagged(address: str) -> str:
    """The address without its +tag: boss+shop@x.example reaches boss@x.example."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def is_ours(address: str, ruleset: RuleSet, rulebook: Rulebook) -> bool:
    """Whether mail to this address would come back to us or to our own people.

    The owner's addresses and groups, the assistant's, every mailbox that is read and every client's, the colleague,
    the people of the escalation chain. A +tag changes nothing.
    """
    colleague = tuple(c.email for c in ruleset.stand_ins)
    chain = (s for s in rulebook.secrets if "@" in s)
    own = (*rulebook.own_addresses, rulebook.assistant.email, *ruleset.forwarding.groups, *colleague, *chain)
    named = {address.lower(), untagged(address.lower())}
    clients = tuple(a for r in (ruleset, *rulebook.clients) for a in r.client.arrives)
    return any(matches(name, (*own, *clients)) for name in named)


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


def our_people(ruleset: RuleSet, rulebook: Rulebook) -> tuple[str, ...]:
    """The addresses of those whose answer to a customer is ours: the owner, colleagues, the assistant."""
    ours = (p.email for p in ruleset.people if p.role in (Role.COLLEAGUE, Role.PRINCIPAL, Role.ASSISTANT))
    colleague = tuple(c.email for c in ruleset.stand_ins)
    named = (*ruleset.client.arrives, *ours, *colleague, rulebook.assistant.email, *rulebook.own_addresses)
    return tuple(dict.fromkeys(a.lower() for a in named if a and "*" not in a))


def find_person(ruleset: RuleSet, address: str) -> Person | None:
    """The person with this address: exactly that address first, then the first pattern that fits."""
    exact = next((p for p in ruleset.people if p.email.lower() == address), None)
    return exact or next((p for p in ruleset.people if "*" in p.email and matches(address, (p.email,))), None)
