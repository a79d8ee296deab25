"""What was agreed and written: one RuleSet is one client, one file of rules.d. A Rulebook is all of them together."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from .lexicon import Lexicon, Phrases
from .phrasebook import Phrasebook
from .safety import Safety
from .shortlist import shortlist


class Kind(StrEnum):
    """What a message is. Defined in docs/kinds.md; what each deserves stands in planner.py."""

    HOSTILE = "hostile"
    AUTOMATIC = "automatic"
    EMERGENCY = "emergency"
    INSISTING = "insisting"
    RUSH_REQUEST = "rush-request"
    SCHEDULED_REQUEST = "scheduled-request"
    PERCEIVED_ONLY = "perceived-only"
    INFORMATION = "information"


class Trust(StrEnum):
    """How far a client lets the service go: read only, prepare drafts, send."""

    OBSERVE = "observe"
    DRAFT = "draft"
    SEND = "send"


class Role(StrEnum):
    """Who a person is to this client."""

    CLIENT = "client"
    CUSTOMER = "customer"
    COLLEAGUE = "colleague"
    PRINCIPAL = "principal"
    ASSISTANT = "assistant"
    ALARM = "alarm"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: file and line, for explanations and complaints."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.file else ""


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Assistant:
    """Who signs the replies and gets the questions."""

    name: str
    email: str
    gender: str = "f"
    language: str = "en"
    timezone: str = "Europe/Rome"


@dataclass(frozen=True, slots=True)
class Client:
    id: str
    name: str
    arrives: tuple[str, ...]
    language: str
    languages: tuple[str, ...]
    timezone: str
    trust: Trust = Trust.OBSERVE
    principal: str = ""
    report: bool | None = None  # whether a weekly report is prepared for this client; None: as for all


@dataclass(frozen=True, slots=True)
class Forwarding:
    """How this client's mail reaches us; `groups` are own group addresses, `forms` senders of own web forms."""

    profile: str = "none"
    groups: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known; `email` is an address or a pattern with *."""

    email: str
    name: str = ""
    role: Role = Role.CUSTOMER
    tone: str = ""
    language: str = ""
    accepts_rush: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """Working days (0 = Monday), office hours and closed days, all in the client's time zone."""

    days: frozenset[int] = frozenset(range(5))
    opens: time = time(9)
    closes: time = time(18)
    closed: Container[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Lead:
    """The notice agreed in the contract; `unit` is "working" or "calendar", after `cutoff` the next day counts."""

    days: int
    unit: str = "working"
    cutoff: time | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """One price of haste: `ready` is "2 working days", "today 18:00" or "weekend"; `percent` on top."""

    ready: str
    percent: int
    ask_before: time | None = None


@dataclass(frozen=True, slots=True)
class Rush:
    """`rate` is the price of an hour before the surcharge; 0: nobody said."""

    mode: str = "decline"
    confirm: str = "me"
    per_week: int = 2
    tiers: tuple[Tier, ...] = ()
    rate: float = 0.0
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Absence:
    """First day away, day back at work, date customers are told. `say` holds the words, by language.

    Days are the client's. None: nobody knows yet, so that no text may name it.
    """

    first: date
    back: date | None
    answer_by: date | None
    say: Mapping[str, str] = field(default_factory=dict)

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.back is None or day < self.back)


@dataclass(frozen=True, slots=True)
class Leave:
    """Days on which somebody is not there: the first one, and the day of work again, in his own zone."""

    first: date
    back: date

    def covers(self, day: date) -> bool:
        return self.first <= day < self.back


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who takes what cannot wait. `takes` are phrases: the scope; `what` names it in a sentence, by language.

    Customers may see `email` and `phone`. `customers` are the addresses whose mail he may see (none: everybody's).
    `leaves` are his own absences, in `timezone` ("": the client's); then the one called `substitute` is asked, else
    the next in the file. `ack_within` is how long he has to answer (None: a working day), `per_day` how many matters
    he is sent in a day.
    """

    name: str
    email: str
    takes: tuple[str, ...]
    title: Mapping[str, str] = field(default_factory=dict)
    role: Mapping[str, str] = field(default_factory=dict)
    what: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    hand_over: str = "give-contact"
    confirmed: datetime | None = None
    customers: tuple[str, ...] = ()
    leaves: tuple[Leave, ...] = ()
    substitute: str = ""
    timezone: str = ""
    ack_within: timedelta | None = None
    per_day: int = 10


@dataclass(frozen=True, slots=True)
class Escalation:
    """The chain of names; the values behind them are secret and never enter the core."""

    chain: tuple[str, ...] = ("me",)
    own_only: bool = False
    me_first: timedelta = timedelta(minutes=10)
    ack_within: timedelta = timedelta(minutes=20)
    quiet: tuple[time, time] | None = None
    timezone: str = ""
    budget: int = 3
    tell_customer_within: timedelta = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Rule:
    """`when`: all must be seen; a list means any of these; `unless`: none; `strike`: crossed out before looking.

    `reply` names another template than the usual one; "none" answers nobody. `people`: people are in danger.
    """

    name: str
    kind: Kind
    when: Mapping[str, object]
    unless: Mapping[str, object] = field(default_factory=dict)
    strike: tuple[str, ...] = ()
    why: str = ""
    reply: str = ""
    fits: tuple[str, ...] = ()
    fits_not: tuple[str, ...] = ()
    place: Place = Place()
    people: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """One page of the playbook: what is asked, and the answer in each language.

    `then` is "nothing", "list" (named in the digest on return), "tell-me" (the assistant gets a case, too) or
    "colleague" (he takes it where he is there and it is his; the answer is for when he is not).
    """

    title: str
    when: tuple[str, ...]
    answer: Mapping[str, str]
    unless: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    fits_not: tuple[str, ...] = ()
    place: Place = Place()
    then: str = "nothing"


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter in progress that was handed over; `can` is "wait", "colleague" or "escalate".

    `say` is what the customer may know, by language, and `news_by` when there is more; `note` is for our own people.
    """

    matter: str
    about: tuple[str, ...]
    can: str = "wait"
    note: str = ""
    place: Place = Place()
    say: Mapping[str, str] = field(default_factory=dict)
    news_by: date | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    file: str
    client: Client
    people: tuple[Person, ...] = ()
    forwarding: Forwarding = Forwarding()
    week: Week = Week()
    lead: Lead | None = None
    rush: Rush | None = None
    absence: Absence | None = None
    colleague: Colleague | None = None
    escalation: Escalation = Escalation()
    rules: tuple[Rule, ...] = ()
    situations: tuple[Situation, ...] = ()
    matters: tuple[Matter, ...] = ()
    otherwise: Kind = Kind.SCHEDULED_REQUEST
    otherwise_place: Place = Place()
    colleagues: tuple[Colleague, ...] = ()
    resolved_after: int = 5
    learned: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        for name in ("rules", "situations", "matters", "learned"):
            object.__setattr__(self, name, shortlist(getattr(self, name)))

    @property
    def stand_ins(self) -> tuple[Colleague, ...]:
        """Every colleague of the file, in its order, whether he is there or not."""
        return self.colleagues or ((self.colleague,) if self.colleague else ())

    def away(self, day: date) -> Absence | None:
        """The absence that decides on this day, if the principal is away then."""
        return self.absence if self.absence and self.absence.covers(day) else None


@dataclass(frozen=True, slots=True)
class EmergencyRule:
    """Damage: something that is `harmed` (may be empty) and something that `happens` to it, in one language.

    `people`: people are in danger, so that neither quiet hours nor the budget keep it from the contact.
    """

    name: str
    language: str
    happens: tuple[str, ...]
    harmed: tuple[str, ...] = ()
    strike: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    doubtful: bool = False
    fits: tuple[str, ...] = ()
    fits_not: tuple[str, ...] = ()
    place: Place = Place()
    people: bool = False

    def __post_init__(self) -> None:
        for name in ("happens", "harmed", "strike", "unless"):
            object.__setattr__(self, name, Phrases(getattr(self, name)))

    @property
    def lists(self) -> tuple[Phrases, ...]:
        return tuple(x for x in (self.happens, self.harmed, self.strike, self.unless) if isinstance(x, Phrases))


@dataclass(frozen=True, slots=True)
class Language(Phrasebook):
    """One 10-language-xx.toml: its lists, and where each of them is written."""

    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """Above these no reply leaves by itself."""

    per_person_per_day: int = 3
    per_hour: int = 60
    oldest: timedelta = timedelta(hours=72)
    per_domain_per_hour: int = 20
    per_day: int = 500


class Pattern(Protocol):
    """A compiled user regex with a time limit; the library behind it is an adapter's."""

    def search(self, text: str) -> str:
        """The words that matched, or ""; raises TimeoutError when the pattern takes too long."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that is read before a message is judged. `secrets` may appear nowhere, in any spelling."""

    clients: tuple[RuleSet, ...]
    languages: Mapping[str, Language]
    emergencies: tuple[EmergencyRule, ...]
    screens: tuple[Rule, ...]
    kinds: tuple[Rule, ...]
    assistant: Assistant
    own_addresses: tuple[str, ...] = ()
    own_servers: tuple[str, ...] = ()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    limits: Limits = Limits()
    safety: Safety = field(default_factory=Safety)

    def __post_init__(self) -> None:
        for code in {rule.language for rule in self.emergencies}:
            lists = (x for rule in self.emergencies if rule.language == code for x in rule.lists)
            Lexicon((x for x in lists if not x.is_shelved), remembers=True)
