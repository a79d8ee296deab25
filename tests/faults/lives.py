"""Lives of the service, each of which meets a fault at a system call; the last one has none and must find all well.

In each life a new customer writes; in the first one somebody also has an emergency.
"""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from tests.system.oracle import audited
from tests.system.world import ASSISTANT, DAMAGE, NOW, PEOPLE, Ran, World, raw
from vamaild.core.ledger import Outcome

from .shims import EVERYTHING, counted, faulty, forget_all, spread

IN_DANGER = "dora@third.example"
MINUTE = timedelta(minutes=1)
Story = list[tuple[str, int]]


class Lives:
    """A world whose service has run once, so that its files are there; `calls` is what a usual life asks the system."""

    def __init__(self, world: World) -> None:
        self.world, self.count = world, 0
        self.first = world.folder / "first"
        forget_all(world)
        assert world.once(NOW - timedelta(hours=1)).code == 0
        shutil.copytree(world.state, self.first)
        self.begin()
        assert self.live("").code == 0
        self.calls = counted(world)

    def stories(self, wanted: Mapping[str, int]) -> Iterator[Story]:
        """So many lives for each call, all in one story; with VAMAILD_EVERY_FAULT one story for every single call."""
        lives = [(call, number) for call, most in wanted.items() for number in spread(self.calls[call], most)]
        yield from ([life] for life in lives) if EVERYTHING else [lives]

    def begin(self) -> None:
        """From the beginning."""
        forget_all(self.world, self.first)
        self.count = 0

    def live(self, fault: str) -> Ran:
        """Somebody writes, and the service runs once."""
        self._arrive()
        return faulty(self.world, fault, (NOW + self.count * MINUTE).isoformat())

    def end(self) -> None:
        """A life without a fault; nothing is lost and nothing came twice."""
        self.count += 1
        ran = self.world.once(NOW + self.count * MINUTE)
        assert ran.code == 0, ran.said
        self._check()

    def _arrive(self) -> None:
        self.count += 1
        at = NOW + self.count * MINUTE
        text = f"Ciao, mi mandi il preventivo {self.count}?"
        self.world.imap.deliver(raw(text, sender=PEOPLE[self.count], number=self.count, at=at), when=at)
        if self.count == 1:
            self.world.imap.deliver(raw(DAMAGE, sender=IN_DANGER, number=99, at=at), when=at)

    def _check(self) -> None:
        """Promise 1. What nobody knows is shown to a person; whoever is told twice sees that it is the same."""
        customers = PEOPLE[1 : self.count]
        outcomes = Counter(entry.outcome for entry in self.world.entries().values())
        assert outcomes == {Outcome.ANSWERED: len(customers), Outcome.ESCALATED: 1}
        replies = Counter(str(mail["To"]) for mail in self.world.replies())
        with self.world.ledger() as store:
            shown = {case.case.who for case in store.cases() if case.case.reason == "unconfirmed"}
        assert {*replies.values()} == {1}
        assert {*replies} | shown == {*customers, IN_DANGER}
        notices = [mail for mail in self.world.notices() if "[" in str(mail["Subject"])]
        assert {str(mail["To"]) for mail in notices} >= {ASSISTANT}
        assert len({(mail["To"], mail["Message-ID"]) for mail in notices}) == len({mail["To"] for mail in notices})
        audited(self.world)
