"""The loop: look, send, escalate, sleep. Signals ask; the loop answers between two messages.

SIGTERM and SIGINT finish the message in hand, SIGHUP reads the rules again (the old ones stay when the new ones fail),
SIGUSR1 writes the standing into the log. systemd hears READY, STATUS and WATCHDOG. mailroom.py looks into mailboxes,
reload.py reads the files again.
"""

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import Protocol, runtime_checkable

from . import (
    chain,
    dispatch,
    evening,
    gauges,
    handing,
    learning,
    leaving,
    promising,
    purging,
    reporting,
    resolving,
    returning,
    rushes,
    silence,
    warming,
)
from .core.ledger import Mailbox, MailboxError, StoreError, for_the_log
from .mailroom import Due, Mailroom
from .reload import Reader
from .round import Looked
from .service import Rules, Service

SHORTEST_SLEEP, LONGEST_SLEEP = 0.2, 2.0
NOTED_EVERY = timedelta(minutes=1)
PASS_EVERY = timedelta(seconds=10)
AGAIN = timedelta(seconds=5)
MOST_SENDING = 10.0  # seconds in a row; then mailboxes and alarms have their turn
SET_BACK = timedelta(seconds=2)
LAST_MAIL = 12.0  # seconds that a mail may still take when the service is asked to stop


class Supervisor(Protocol):
    """Who watches over the service (systemd)."""

    def ready(self) -> object: ...
    def reloading(self) -> object: ...
    def stopping(self) -> object: ...
    def status(self, text: str) -> object: ...
    def watchdog(self) -> object: ...


@runtime_checkable
class Abortable(Protocol):
    """A way out whose mail in hand can be broken off; see `adapters.post.SmtpPost`."""

    def abort(self) -> None: ...


@dataclass(slots=True)
class Wishes:
    """What signals asked for; `ring` wakes the sleeper."""

    stop: bool = False
    reload: bool = False
    tell: bool = False
    ring: Callable[[], object] = lambda: None

    def catch(self) -> None:
        """Installs the handlers; only the main thread may."""
        actions: Mapping[signal.Signals, str] = {
            signal.SIGTERM: "stop",
            signal.SIGINT: "stop",
            signal.SIGHUP: "reload",
            signal.SIGUSR1: "tell",
        }
        for number, wish in actions.items():
            signal.signal(number, self._handler(wish))

    def _handler(self, wish: str) -> Callable[[int, FrameType | None], None]:
        def handle(_number: int, _frame: FrameType | None) -> None:
            setattr(self, wish, True)
            self.ring()

        return handle


@dataclass(slots=True)
class Daemon:
    """One process over all mailboxes. `reload` returns new rules, or None when the new ones cannot be used.

    With a `reader` it is called once that has read the files, on a thread of its own and whenever they have changed.
    `room` looks into the mailboxes: one after the other unless it is given workers. `next_pass` is when everything but
    the looks is done again; `seen` is what the clock showed last. `settle` is called when everything is loaded.
    """

    service: Service
    supervisor: Supervisor
    reload: Callable[[], Rules | None]
    wishes: Wishes = field(default_factory=Wishes)
    reader: Reader | None = None
    room: Mailroom | None = None
    next_pass: datetime | None = None
    seen: datetime | None = None
    settle: Callable[[], None] = lambda: None

    @property
    def mailroom(self) -> Mailroom:
        if self.room is None:
            self.room = Mailroom(self.service)
        return self.room

    @property
    def due(self) -> dict[str, Due]:
        """When each mailbox is looked into again, by its name."""
        return self.mailroom.due

    def run(self) -> None:
        """Until asked to stop."""
        self.service.stopping = lambda: self.wishes.stop
        self.service.alive = self.supervisor.watchdog
        self.wishes.ring, self.mailroom.said = self.mailroom.ears.ring, self._say
        threading.Thread(target=self._last_call, daemon=True, name="vamaild-last-call").start()
        self.start()
        self._first_looks()
        warming.warm_up(self.service)
        self.settle()
        self.supervisor.ready()
        while not self.wishes.stop:
            self.heed()
            self.turn()
            self.supervisor.watchdog()
        self.supervisor.stopping()
        self.mailroom.close()
        self.service.journal.info("stopped", why="asked to")

    def _first_looks(self) -> None:
        """Begins them, so that the servers are at work while everything else gets ready."""
        try:
            self.mailroom.begin()
        except StoreError as error:
            self._no_ledger(error)

    def _last_call(self) -> None:
        """On a thread of its own: who is asked to stop does so in time, even in the middle of a mail that hangs.

        No signal handler may start a thread: it may have interrupted the starting of another.
        """
        while not self.wishes.stop:
            time.sleep(1.0)
        time.sleep(LAST_MAIL)
        if isinstance(self.service.post, Abortable):
            self.service.post.abort()

    def start(self) -> None:
        """What a former life left behind, before anything new."""
        self.service.store.ran("started", self.service.now())
        shown = dispatch.recover(self.service)
        self.mailroom.asked_soon |= dispatch.awaited(self.service)
        if shown:
            self.service.journal.warning("replies may or may not have left: see vamaild queue", count=shown)

    def heed(self) -> None:
        """Does what signals asked for."""
        if self._read_again():
            self._reload()
        if self.wishes.tell:
            self.wishes.tell = False
            self.service.journal.info("standing", status=self._standing())

    def _read_again(self) -> bool:
        """Whether there is something new to take over; without a reader it is read on the spot."""
        wished, self.wishes.reload = self.wishes.reload, False
        if self.reader is None:
            return wished
        if wished:
            self.reader.begin()
        return self.reader.look()

    def _reload(self) -> None:
        self.supervisor.reloading()
        rules = self.reload()
        if rules is not None:
            self.service.rules = rules
            self.settle()
            self.mailroom.take_over(self.service.boxes(self.service.mailboxes))
            self.service.journal.info("reloaded", clients=len(rules.rulebook.clients))
        self.supervisor.ready()

    def turn(self) -> None:
        """Waits until there is something to do, and does it. What the ledger refuses is done again a little later."""
        try:
            self._heed_clock()
            self.mailroom.begin()
            self.mailroom.rest()
            if self.mailroom.attend(self._quiet()) or self._is_time():
                self._pass(MOST_SENDING)
        except StoreError as error:
            self._no_ledger(error)
            self.next_pass = self.service.now() + AGAIN

    def cycle(self) -> bool:
        """One pass over every mailbox that is due, then everything that may leave. True when nothing failed."""
        try:
            return self.pass_once()
        except StoreError as error:
            self._no_ledger(error)
            return False

    def _no_ledger(self, error: StoreError) -> None:
        self.service.journal.error("the ledger cannot be written; nothing was sent", fault=str(error))

    def pass_once(self) -> bool:
        """The same, but raises StoreError, for those who do not come again. False when a mail server failed."""
        room = self.mailroom
        self._heed_clock()
        room.said = self._say
        room.begin()
        looked = [*room.visits]
        while room.visits:
            room.attend(1.0)
            self.supervisor.watchdog()
        self._pass()
        return not any(self.due[name].failures for name in looked) and not dispatch.resting(self.service)

    def _heed_clock(self) -> None:
        """A clock that was set back keeps nobody waiting: what was to come in a minute still comes in a minute."""
        now = self.service.now()
        back = (self.seen or self.service.store.last_run("daemon") or now) - now
        if back > SET_BACK:
            dispatch.set_back(self.service, back)
            chain.set_back(self.service, back)
            self.mailroom.set_back(back)
            self.service.journal.warning("the clock was set back", minutes=round(back / NOTED_EVERY))
        self.seen = now

    def _pass(self, seconds: float = float("inf")) -> None:
        """Everything but the looks; mail is sent for so many seconds."""
        now = self.service.now()
        silence.watch(self.service, self.mailroom.unseen())
        self._keep_promises()
        self._let_out(seconds)
        self._note(now)
        self.next_pass = self._next(self.service.now())

    def _keep_promises(self) -> None:
        """What the clock brings: offers that run out, reminders, the evening note."""
        rushes.watch(self.service)
        promising.watch(self.service)
        resolving.watch(self.service)
        handing.watch(self.service)
        evening.watch(self.service)
        leaving.watch(self.service)
        learning.watch(self.service)
        reporting.watch(self.service)
        returning.watch(self.service)
        gauges.watch(self.service)
        purging.watch(self.service)

    def _note(self, now: datetime) -> None:
        """For `vamaild status`: when the service last looked; once a minute, so that the disk rests."""
        last = self.service.store.last_run("daemon")
        if last is None or abs(now - last) >= NOTED_EVERY:
            self.service.store.ran("daemon", now)

    def _say(self, name: str, looked: Looked) -> None:
        self.supervisor.watchdog()
        self.supervisor.status(f"{looked.new} new in {name}, {looked.waiting} wait for a person")

    def _let_out(self, seconds: float) -> None:
        chain.watch(self.service)
        if dispatch.send_due(self.service, seconds):
            homes = dispatch.homes(self.service)
            for name, mailbox in self.service.mailboxes.items():
                if name in homes or "" in homes:
                    self._file(mailbox)
                    homes = dispatch.homes(self.service)

    def _file(self, mailbox: Mailbox) -> None:
        try:
            dispatch.file_copies(mailbox, self.service)
        except MailboxError as error:
            self.service.journal.warning("no copy kept", mailbox=mailbox.name, fault=for_the_log(error))

    def _standing(self) -> str:
        standing = self.service.store.standing(self.service.now().replace(hour=0, minute=0, second=0, microsecond=0))
        return f"{standing.arrived} messages, {standing.open_cases} cases open"

    def _is_time(self) -> bool:
        """Whether something other than a mailbox is due; also when the clock was set back."""
        now = self.service.now()
        return self.next_pass is None or not now < self.next_pass <= now + PASS_EVERY

    def _next(self, now: datetime) -> datetime:
        """When the next pass is due: mail that may leave, a step of a chain, and every ten seconds."""
        leaves, step = dispatch.next_due(self.service, now), chain.next_due(self.service)
        soonest = min((m for m in (leaves, step) if m is not None), default=now + PASS_EVERY)
        return min(max(soonest, now + timedelta(seconds=SHORTEST_SLEEP)), now + PASS_EVERY)

    def _quiet(self) -> float:
        """Seconds until something is due."""
        now, moments = self.service.now(), [self.next_pass, self.mailroom.next_look()]
        waits = [(m - now).total_seconds() for m in moments if m is not None]
        return min(max(min(waits, default=0.0), SHORTEST_SLEEP if self.next_pass else 0.0), LONGEST_SLEEP)
