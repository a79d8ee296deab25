"""Everything the store in memory keeps, and its transactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from vamaild.core.cases import CaseEvent, NoticeRow
from vamaild.core.drill import Drill
from vamaild.core.handover import Consent, Forward
from vamaild.core.learning import Correction, Kept, Sheet
from vamaild.core.ledger import Entry, OutboxItem, QueueCase, StoreError, Watermark
from vamaild.core.promise import Promise
from vamaild.core.resolve import Resolved
from vamaild.core.rush import Rush
from vamaild.core.trust import DraftFate, Level, Pause
from vamaild.core.verdicts import CaseVerdict


def counted_codes() -> Callable[[], str]:
    """AAAA, AAAB, ...: good enough where nobody guesses."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    numbers = count()

    def code() -> str:
        number = next(numbers)
        return "".join(alphabet[(number >> shift) % 32] for shift in (15, 10, 5, 0))

    return code


@dataclass
class Rows:
    """Everything that is kept; a transaction works on these and puts the old ones back when it fails."""

    marks: dict[str, Watermark] = field(default_factory=dict)
    messages: dict[int, Entry] = field(default_factory=dict)
    keyworded: set[int] = field(default_factory=set)
    outbox: dict[int, OutboxItem] = field(default_factory=dict)
    made: dict[int, datetime] = field(default_factory=dict)
    filed: set[int] = field(default_factory=set)
    cases: dict[str, QueueCase] = field(default_factory=dict)
    runs: dict[str, datetime] = field(default_factory=dict)
    bounces: dict[str, datetime] = field(default_factory=dict)
    promises: dict[int, Promise] = field(default_factory=dict)
    rushes: dict[int, Rush] = field(default_factory=dict)
    levels: dict[tuple[str, str], Level] = field(default_factory=dict)
    fates: list[DraftFate] = field(default_factory=list)
    pauses: dict[str, Pause] = field(default_factory=dict)
    events: list[tuple[str, CaseEvent]] = field(default_factory=list)
    notices: dict[int, NoticeRow] = field(default_factory=dict)
    verdicts: dict[tuple[str, str], CaseVerdict] = field(default_factory=dict)
    outcomes: dict[int, bool] = field(default_factory=dict)
    drills: dict[str, Drill] = field(default_factory=dict)
    away: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    no_auto: dict[tuple[str, str], datetime] = field(default_factory=dict)
    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    forwards: dict[int, Forward] = field(default_factory=dict)
    packets: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)
    resolutions: dict[int, Resolved] = field(default_factory=dict)
    resolved_at: dict[int, datetime] = field(default_factory=dict)
    corrections: dict[int, Correction] = field(default_factory=dict)
    proposals: dict[int, Kept] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    purged: dict[tuple[str, int | str], int] = field(default_factory=dict)

    def copy(self) -> "Rows":
        return Rows(*(type(v)(v) for v in vars(self).values()))


class Base:
    """What every part of the store in memory works on."""

    def __init__(self, *, new_code: Callable[[], str] | None = None) -> None:
        self._rows = Rows()
        self._new_code = new_code or counted_codes()
        self._depth = 0
        self._broken = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._depth and self._broken:
            raise StoreError("a part of this batch failed before; nothing of it was kept")
        if not self._depth:
            self._broken, before = False, self._rows.copy()
        self._depth += 1
        try:
            yield
            if self._depth == 1 and self._broken:
                raise StoreError("a part of this batch failed before; nothing of it was kept")
        except BaseException:
            self._broken = True
            if self._depth == 1:
                self._rows = before
            raise
        finally:
            self._depth -= 1


def aware(*moments: datetime) -> None:
    for moment in moments:
        if moment.tzinfo is None:
            raise ValueError(f"a time without a time zone cannot be kept: {moment.isoformat()}")
