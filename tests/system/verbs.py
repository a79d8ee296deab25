"""What the tests of the verbs ask again and again: a draft that waits, what stands in the outbox and the ledger."""

import re

from tests.system.bench import NOVAK, STRANGER, Bench
from vamaild.core.ledger import Outcome, State

DRAFTED = ('trust     = "send"', 'trust     = "draft"')
DAMAGE = "Praskla přípojka a teče to stropem do prodejny!"
DONE, ATTENTION, USAGE, CONFIGURATION, NOT_FOUND, SAFETY = 0, 1, 2, 3, 5, 6


def drafted(bench: Bench) -> str:
    """Eva writes to Novák, who is away and in draft; the code of the case. It is Monday, 10:05."""
    bench.change("rules.d/client-novak.toml", *DRAFTED)
    bench.go(10, 0, day=30)
    bench.write("Dobrý den, kdy mi prosím přijde nabídka?", sender=STRANGER, to=NOVAK, subject="Nabídka")
    bench.go(10, 5, day=30)
    with bench.store() as store:
        return store.cases()[-1].code


def states(bench: Bench, text: str) -> list[str]:
    with bench.store() as store:
        return [str(i.state) for i in store.outbox(tuple(State)) if i.mail.template == text]


def stands(bench: Bench, row: int) -> tuple[Outcome, str]:
    with bench.store() as store:
        entry = store.entry(row)
    assert entry is not None
    return entry.outcome, entry.reason


def lines(out: str) -> list[str]:
    """Without the blanks between columns."""
    return [re.sub(r" {2,}", " | ", line) for line in out.splitlines()]
