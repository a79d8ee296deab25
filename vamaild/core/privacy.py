"""What is kept about people, for how long, and what a purge and an erasure take away (docs/privacy.md).

KEPT names every column of the store; a test fails when one is added that nobody has classified. Nothing here is
deleted: adapters/store does that, by these words.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from .letter import bare_subject

QUIET = time(3, 10)
"""When the nightly work is due, in the assistant's zone; an hour that no change of clocks skips or repeats."""
DAY = timedelta(days=1)


class Data(StrEnum):
    """What a column holds."""

    TEXT = "text"
    ADDRESS = "address"
    NAME = "name"
    CODE = "one-way code"
    PLAIN = "technical"


class Until(StrEnum):
    """How long it is kept. OVER: until the order, agreement or client it belongs to ends, or somebody is erased."""

    TEXT = "keep_text"
    EVENTS = "keep_events"
    BOUNCED = "60 days"
    OVER = "while it holds"
    ALWAYS = "always"


# table -> (what, how long) -> columns. The client's own id, and names of [contacts], are words of the configuration.
KEPT: Mapping[str, Mapping[tuple[Data, Until], str]] = {
    "message": {
        (Data.TEXT, Until.TEXT): "subject refs message_id explanation",
        (Data.ADDRESS, Until.TEXT): "address",
        (Data.CODE, Until.TEXT): "text_mark",
        (Data.PLAIN, Until.EVENTS): "language kind action size",
        (Data.CODE, Until.ALWAYS): "fingerprint",
        (
            Data.PLAIN,
            Until.ALWAYS,
        ): "id mailbox uidvalidity uid marked received decided_at client outcome reason purged",
    },
    "matter": {(Data.CODE, Until.EVENTS): "person mark message"},
    "outbox": {
        (Data.TEXT, Until.TEXT): "raw error",
        (Data.ADDRESS, Until.TEXT): "recipient author domain",
        (Data.CODE, Until.TEXT): "about",
        (Data.CODE, Until.EVENTS): "key",
        (
            Data.PLAIN,
            Until.EVENTS,
        ): "id sort state not_before made_at claimed_at sent_at filed_at attempts message client "
        "template case_code purged",
    },
    "queue": {
        (Data.TEXT, Until.TEXT): "note subject resolution",
        (Data.NAME, Until.TEXT): "who",
        (Data.CODE, Until.EVENTS): "person",
        (Data.NAME, Until.EVENTS): "acknowledged_by chain",
        (Data.PLAIN, Until.EVENTS): "id code client reason escalates due opened message step acknowledged_at closed_at "
        "version joined joins damage damages people fresh could_wait purged",
    },
    "case_event": {
        (Data.TEXT, Until.TEXT): "detail",
        (Data.NAME, Until.EVENTS): "who",
        (Data.PLAIN, Until.EVENTS): "id code at what",
    },
    "notice": {
        (Data.TEXT, Until.TEXT): "detail",
        (Data.NAME, Until.EVENTS): "person about",
        (Data.PLAIN, Until.EVENTS): "id code client key channel round why practice state attempts not_before made_at "
        "settled_at bundle",
    },
    "promise": {
        (Data.TEXT, Until.TEXT): "what",
        (Data.ADDRESS, Until.TEXT): "recipient",
        (Data.PLAIN, Until.EVENTS): "id message client due template owner remind_at hour made_at state reminded_at "
        "ended_at purged",
    },
    "rush": {
        (Data.TEXT, Until.TEXT): "what",
        (Data.ADDRESS, Until.TEXT): "recipient",
        (Data.NAME, Until.TEXT): "taken_by",
        (
            Data.PLAIN,
            Until.EVENTS,
        ): "id request client percent ready_at accept_by ordinary offer_key language offered_at "
        "state answer taken_at case_code ended_at hours charged purged",
    },
    "forward": {
        (Data.ADDRESS, Until.TEXT): "customer",
        (Data.ADDRESS, Until.EVENTS): "email tried",
        (Data.PLAIN, Until.EVENTS): "id client message reply_key told_in stage made_at handed_at due ended_at purged",
    },
    "packet": {(Data.ADDRESS, Until.EVENTS): "email", (Data.PLAIN, Until.EVENTS): "key forward at"},
    "consent": {
        (Data.ADDRESS, Until.OVER): "email",
        (Data.NAME, Until.OVER): "name",
        (Data.PLAIN, Until.OVER): "client key asked_at said said_at",
    },
    "away": {(Data.TEXT, Until.TEXT): "value", (Data.PLAIN, Until.EVENTS): "client name at"},
    "no_auto": {(Data.CODE, Until.OVER): "person", (Data.PLAIN, Until.OVER): "client at"},
    "bounce": {(Data.ADDRESS, Until.BOUNCED): "address", (Data.PLAIN, Until.BOUNCED): "at"},
    "sheet": {
        (Data.ADDRESS, Until.TEXT): "addressee",
        (Data.TEXT, Until.TEXT): "questions",
        (Data.PLAIN, Until.TEXT): "key client at heard asked",
    },
    "proposal": {
        (Data.TEXT, Until.TEXT): "condition_values",
        (Data.CODE, Until.OVER): "mark",
        (Data.NAME, Until.OVER): "said_by",
        (Data.PLAIN, Until.OVER): "id client condition kind messages made_at standing said_at",
    },
    "correction": {(Data.NAME, Until.EVENTS): "said_by", (Data.PLAIN, Until.EVENTS): "message client kind at"},
    "outcome": {(Data.NAME, Until.EVENTS): "who", (Data.PLAIN, Until.EVENTS): "message could_wait at"},
    "verdict": {(Data.NAME, Until.EVENTS): "who", (Data.PLAIN, Until.EVENTS): "code client could_wait at"},
    "drill": {(Data.NAME, Until.EVENTS): "links instead", (Data.PLAIN, Until.EVENTS): "code client began ended"},
    "resolution": {(Data.PLAIN, Until.EVENTS): "message how at"},
    "draft_fate": {(Data.PLAIN, Until.EVENTS): "id item client template fate at"},
    "level": {(Data.NAME, Until.OVER): "set_by", (Data.PLAIN, Until.OVER): "client template trust since proposed_at"},
    "pause": {(Data.NAME, Until.OVER): "paused_by", (Data.PLAIN, Until.OVER): "client since until"},
    "watermark": {(Data.PLAIN, Until.ALWAYS): "mailbox uidvalidity uid"},
    "tally": {(Data.PLAIN, Until.ALWAYS): "outcome reason messages"},
    "outbox_tally": {(Data.PLAIN, Until.ALWAYS): "state mails"},
    "arrival": {(Data.PLAIN, Until.ALWAYS): "minute client messages"},
    "run": {(Data.PLAIN, Until.ALWAYS): "name at"},
    "_sqlite_migrations": {(Data.PLAIN, Until.ALWAYS): "id migration_set name applied_at"},
}
PERSONAL = (Data.TEXT, Data.ADDRESS, Data.NAME)
WHITELIST = (
    *("file", "client", "kind", "action", "stated_urgency", "deadline", "language", "ready_by", "doubtful", "rule"),
    *("withheld", "no_auto"),
)
INSIDE = {"sender": ("method", "confidence"), "suppressed": ("code",), "reply": ("template", "language")}


def columns(table: str, data: Sequence[Data] = PERSONAL) -> tuple[str, ...]:
    """The columns of this table that hold such data."""
    return tuple(c for (what, _), names in KEPT[table].items() if what in data for c in names.split())


# --- the purge


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes: texts of what was over before `text`, events before `events`, bounces before `bounced`.

    Nothing of a client in `away` that came since the moment named there: the absence still lasts, or its digest is due.
    """

    text: datetime
    events: datetime
    bounced: datetime
    away: Mapping[str, datetime] = field(default_factory=dict)


def planned(now: datetime, keep_text: timedelta, keep_events: timedelta, away: Mapping[str, datetime]) -> Plan:
    """Texts are never kept longer than events. Nothing is older than the year 1, however long it is to be kept."""
    return Plan(
        _before(now, min(keep_text, keep_events)), _before(now, keep_events), _before(now, timedelta(days=60)), away
    )


def _before(now: datetime, span: timedelta) -> datetime:
    try:
        return now - span
    except OverflowError:
        return datetime.min.replace(tzinfo=now.tzinfo) + DAY


def night(now: datetime) -> datetime:
    """The last quiet hour that has come; `now` is in the assistant's zone."""
    today = datetime.combine(now.date(), QUIET, now.tzinfo)
    return today if today <= now else datetime.combine(now.date() - DAY, QUIET, now.tzinfo)


def reduced(explanation: Mapping[str, object], refers: bool) -> dict[str, object]:
    """A decision without a word of the sender: what was done and why. That he asked something stays, as "?"."""
    kept = {name: explanation[name] for name in WHITELIST if name in explanation}
    for name, inner in INSIDE.items():
        if isinstance(found := explanation.get(name), Mapping):
            kept[name] = {key: found[key] for key in inner if key in found}
    asked = refers or "?" in str(explanation.get("new_text") or "")
    return kept | ({"new_text": "?"} if asked else {})


# --- one person


def canonical(address: str) -> str:
    """The mailbox behind an address: lower case, without a +tag."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if local else ""


def code(address: str) -> str:
    """The one-way code that stands for an address later: "p:" and 16 hex digits; "" for what is no address."""
    known = canonical(address)
    digest = hashlib.blake2b(known.encode("utf-8", "surrogatepass"), digest_size=8, person=b"vamaild").hexdigest()
    return f"p:{digest}" if known else address if CODE.fullmatch(address) else ""


CODE = re.compile(r"p:[0-9a-f]{16}")
LEAST_NAME, LEAST_SUBJECT, LEAST_QUOTE = 6, 8, 12
GONE = "…"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to be forgotten: the address, and what is known of her besides, to find her in others' rows.

    `names` as they were shown, `ids` the Message-IDs of her mails, `texts` what she wrote. `client` "": everywhere.
    """

    address: str
    client: str = ""
    names: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def same(self, stored: str) -> bool:
        """Whether this stored address, or its code, is hers: in any case, with any +tag."""
        return bool(stored) and (canonical(stored) == canonical(self.address) or stored == code(self.address))

    def patterns(self, *, loosely: bool = False) -> tuple[re.Pattern[str], ...]:
        """What is looked for in others' rows. A first name alone names many people: only `loosely` looks for it."""
        local, _, domain = canonical(self.address).rpartition("@")
        found = [rf"(?<![\w.+-]){re.escape(local)}(?:\+[^\s@<>\"]*)?@{re.escape(domain)}(?![\w-]|\.\w)"]
        found += [re.escape(i) for i in self.ids if i]
        for name in self.names:
            parts = name.split()
            if (loosely and len(name) > 2) or (len(parts) > 1 and len(name) >= LEAST_NAME):
                found += [_spaced(parts), _spaced(parts[::-1])]
        found += [_spaced(s.split()) for s in map(bare_subject, self.subjects) if loosely or len(s) >= LEAST_SUBJECT]
        return tuple(re.compile(p, re.IGNORECASE) for p in dict.fromkeys(found) if p)

    def quotes(self) -> tuple[str, ...]:
        """What she wrote, in one line each and lower case: a longer piece of it in another row is hers, too."""
        return tuple(_flat(text) for text in self.texts if len(text.strip()) >= LEAST_QUOTE)


def _spaced(words: Sequence[str]) -> str:
    return r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)" if words else ""


def _flat(text: str) -> str:
    return " ".join(text.split()).lower()


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes a person out of texts that belong to others."""

    patterns: tuple[re.Pattern[str], ...]
    quotes: tuple[str, ...] = ()

    def mentioned(self, text: str) -> bool:
        return any(p.search(text) for p in self.patterns)

    def text(self, text: str) -> str:
        """The text without her; a whole text that quotes her is gone."""
        if len(text) >= LEAST_QUOTE and any(_flat(text) in quote for quote in self.quotes):
            return GONE
        for pattern in self.patterns:
            text = pattern.sub(GONE, text)
        return text

    def value(self, value: object) -> object:
        """The same of JSON values, however deep."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner) for key, inner in value.items()}
        return [self.value(inner) for inner in value] if isinstance(value, list) else value


def spellings(word: str) -> Iterator[bytes]:
    """The bytes a word may be written with in a file: UTF-8, UTF-16, quoted-printable, base64, percent, JSON."""
    import base64
    import quopri
    from urllib.parse import quote

    for said in dict.fromkeys((word, word.lower(), word.upper(), word.title())):
        plain = said.encode("utf-8", "replace")
        yield from (plain, said.encode("utf-16-le", "replace"), said.encode("utf-16-be", "replace"))
        yield from (quopri.encodestring(plain), plain.replace(b"@", b"=40"), quote(said, safe="").encode())
        yield said.encode("ascii", "backslashreplace")
        for shift in range(3):
            # The first and last group hold neighbours' bits: what is between them is the same wherever it stands.
            coded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
            if len(inner := coded[4 if shift else 0 : -1]) >= LEAST_QUOTE:
                yield inner


# --- the port


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of a person or a client: how many rows of each table, and what is still open (words for people).

    `busy`: a mail to her is being sent at this moment. `silenced`: she asked for no automatic replies.
    """

    clients: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    texts: int = 0
    open: tuple[str, ...] = ()
    busy: bool = False
    silenced: bool = False
    mentions: int = 0

    @property
    def anything(self) -> bool:
        return any(self.rows.values()) or self.mentions > 0


class PrivacyBook(Protocol):
    """What the store takes away. Everything that is open stays, but for `forget` and `forget_client`."""

    def purge(self, plan: Plan, most: int) -> Mapping[str, int]:
        """One batch in one transaction: how many rows of each table lost their texts, or went. {}: nothing is left."""

    def purgeable(self, plan: Plan) -> Mapping[str, int]:
        """How many rows a purge would change; what becomes due by the purge itself is not counted."""

    def held_back(self, plan: Plan) -> int:
        """How many messages would have lost their texts, but for what is still open about them, or an absence."""

    def oldest_text(self) -> datetime | None:
        """When the oldest message was decided whose text is still here."""

    def about(self, who: Person) -> About: ...

    def about_client(self, client: str) -> About: ...

    def forget(self, who: Person, now: datetime) -> Mapping[str, int]:
        """Ends what is open and takes out address, names and texts; counts stay. All at once."""

    def forget_client(self, client: str, now: datetime) -> Mapping[str, int]:
        """Everything of this client but counts and the fingerprints of its messages. All at once."""

    def backup_nightly(self, now: datetime, alive: Callable[[], object] = ...) -> object:
        """A copy of everything under the day of `now`; the oldest copies go. Raises StoreError; then none was made."""

    def tidy(self, whole: bool = False) -> bool:
        """Overwrites what was deleted and still lies about; `whole` leaves no byte. False: somebody is in the way."""


def total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum, table by table."""
    found: dict[str, int] = {}
    for each in counts:
        for table, number in each.items():
            found[table] = found.get(table, 0) + number
    return found
