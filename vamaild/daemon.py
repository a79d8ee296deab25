"""The loop: look, send, escalate, sleep. Signals ask; the loop answers between two messages.

SIGTERM and SIGINT finish the message in hand, SIGHUP reads the rules again (the old ones stay when the new ones fail),
SIGUSR1 writes the standing into the log. systemd hears READY, STATUS and WATCHDOG.
"""

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import Protocol

from . import (
    chain,
    dispatch,
    drafts,
    evening,
    handing,
    learning,
    leaving,
    promising,
    reporting,
    resolving,
    returning,
    round,
    rushes,
    silence,
)
from .core.ledger import Mailbox, MailboxError, StoreError
from .service import Rules, Service

SHORTEST_SLEEP, LONGEST_SLEEP = 0.2, 30.0
NOTED_EVERY = timedelta(minutes=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)


class Supervisor(Protocol):
    """Who watches over the service (systemd)."""

    def ready(self) -> object: ...
    def reloading(self) -> object: ...
    def stopping(self) -> object: ...
    def status(self, text: str) -> object: ...
    def watchdog(self) -> object: ...


@dataclass(slots=True)
class Wishes:
    """What signals asked for; the event wakes the sleeper."""

    stop: bool = False
    reload: bool = False
    tell: bool = False
    awake: threading.Event = field(default_factory=threading.Event)

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
            self.awake.set()

        return handle


@dataclass(slots=True)
class Due:
    """When a mailbox is looked into again; failures in a row lengthen the wait."""

    at: datetime
    failures: int = 0


@dataclass(slots=True)
class Daemon:
    """One process over all mailboxes. `reload` returns new rules, or None when the new ones cannot be used."""

    service: Service
    supervisor: Supervisor
    reload: Callable[[], Rules | None]
    wishes: Wishes = field(default_factory=Wishes)
    due: dict[str, Due] = field(default_factory=dict)

    def run(self) -> None:
        """Until asked to stop."""
        self.service.stopping = lambda: self.wishes.stop
        self.service.alive = self.supervisor.watchdog
        self.start()
        self.supervisor.ready()
        while not self.wishes.stop:
            self.heed()
            self.cycle()
            self.supervisor.watchdog()
            self.sleep()
        self.supervisor.stopping()
        self.service.journal.info("stopped", why="asked to")

    def start(self) -> None:
        """What a former life left behind, before anything new."""
        shown = dispatch.recover(self.service)
        if shown:
            self.service.journal.warning("replies may or may not have left: see vamaild queue", count=shown)

    def heed(self) -> None:
        """Does what signals asked for."""
        if self.wishes.reload:
            self.wishes.reload = False
            self._reload()
        if self.wishes.tell:
            self.wishes.tell = False
            self.service.journal.info("standing", status=self._standing())

    def _reload(self) -> None:
        self.supervisor.reloading()
        rules = self.reload()
        if rules is not None:
            self.service.rules = rules
            self.service.journal.info("reloaded", clients=len(rules.rulebook.clients))
        self.supervisor.ready()

    def cycle(self) -> bool:
        """One pass over every mailbox that is due, then everything that may leave. True when nothing failed."""
        try:
            return self.pass_once()
        except StoreError as error:
            self.service.journal.error("the ledger cannot be written; nothing was sent", fault=str(error))
            return False

    def pass_once(self) -> bool:
        """The same, but raises StoreError, for those who do not come again. False when a mail server failed."""
        now = self.service.now()
        due = [m for m in self.service.mailboxes.values() if self._due(m.name, now).at <= now]
        looked = [self._look(mailbox) for mailbox in due if not self.wishes.stop]
        if not any(d.failures for d in self.due.values()):  # a server that does not answer is no silent client
            silence.watch(self.service)
        self._keep_promises()
        self._let_out()
        self._note(now)
        return all(looked) and not dispatch.resting(self.service)

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

    def _note(self, now: datetime) -> None:
        """For `vamaild status`: when the service last looked; once a minute, so that the disk rests."""
        last = self.service.store.last_run("daemon")
        if last is None or abs(now - last) >= NOTED_EVERY:
            self.service.store.ran("daemon", now)

    def _due(self, name: str, now: datetime) -> Due:
        """A mailbox nobody has looked into yet is due at once."""
        return self.due.setdefault(name, Due(now))

    def _look(self, mailbox: Mailbox) -> bool:
        """One mailbox; a server that fails is asked again later and keeps nobody else waiting."""
        due = self._due(mailbox.name, self.service.now())
        try:
            looked = round.look_into(mailbox, self.service)
            dispatch.file_copies(mailbox, self.service)
            drafts.watch(mailbox, self.service)
        except MailboxError as error:
            mailbox.close()
            due.failures += 1
            due.at = self.service.now() + self._wait(due.failures, error.retry)
            self.service.journal.error("mail server", mailbox=mailbox.name, fault=str(error))
            return False
        due.failures, due.at = 0, self.service.now() + self._every(mailbox.name)
        self.supervisor.watchdog()
        if looked.new:
            self.supervisor.status(f"{looked.new} new in {mailbox.name}, {looked.waiting} wait for a person")
        return True

    def _every(self, name: str) -> timedelta:
        """How often this mailbox is looked into."""
        found = (m.every for m in self.service.rules.settings.mailboxes if m.name == name)
        return next(found, timedelta(seconds=60))

    @staticmethod
    def _wait(failures: int, retry: bool) -> timedelta:
        """5 s, 10 s, 20 s … 5 minutes; a wrong password is asked only every 5 minutes, so that no account is locked."""
        return min(FIRST_WAIT * (1 << min(failures - 1, 10)), LONGEST_WAIT) if retry else LONGEST_WAIT

    def _let_out(self) -> None:
        chain.watch(self.service)
        if dispatch.send_due(self.service):
            for mailbox in self.service.mailboxes.values():
                self._file(mailbox)

    def _file(self, mailbox: Mailbox) -> None:
        try:
            dispatch.file_copies(mailbox, self.service)
        except MailboxError as error:
            self.service.journal.warning("no copy kept", mailbox=mailbox.name, fault=str(error))

    def _standing(self) -> str:
        standing = self.service.store.standing(self.service.now().replace(hour=0, minute=0, second=0, microsecond=0))
        return f"{standing.arrived} messages, {standing.open_cases} cases open"

    def sleep(self) -> None:
        """Until the next mailbox or mail is due, or a signal."""
        now = self.service.now()
        moments = [d.at for d in self.due.values()]
        if (leaves := dispatch.next_due(self.service, now)) is not None:
            moments.append(leaves)
        if (step := chain.next_due(self.service)) is not None:
            moments.append(step)
        wait = (min(moments) - now).total_seconds() if moments else LONGEST_SLEEP
        self.wishes.awake.wait(min(max(wait, SHORTEST_SLEEP), LONGEST_SLEEP))
        self.wishes.awake.clear()
