"""All mailboxes at once: who is looked into when, and how nobody waits for a server that is slow.

Questions to mail servers are asked by workers, several at a time; what follows from the answers is done here, on the
one thread that has the ledger, one mailbox after the other. A mailbox has one look under way at most, so its messages
keep their order. Between looks it waits in IDLE; a notice only makes it due, and its time comes anyway.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from . import dispatch, drafts, round, signin
from .core.ledger import Mailbox, MailboxError, for_the_log
from .intake import Batch
from .patience import Live, Patient
from .service import Service
from .workers import Job, Workers

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
SLICE = timedelta(minutes=5)
"""No IDLE lasts longer (RFC 2177 allows 29 minutes): a connection that died in silence is noticed by then."""
LONGEST_STEP = 400.0
GOODBYE = 2.0
MOST_WORK = 0.5  # seconds
NOTED_EVERY = timedelta(minutes=1)
NOBODY = "<nobody@vamaild.invalid>"
FIRST_REST = timedelta(seconds=0.25)
MOST_EARLY = 4


class Ears(Protocol):
    """What waits for many at once; see `adapters.mailbox.idle.Ears`."""

    def listen(self, name: str, fileno: int) -> None: ...
    def forget(self, name: str) -> None: ...
    def wait(self, seconds: float) -> list[str]: ...
    def ring(self) -> None: ...
    def close(self) -> None: ...


class Deaf:
    """Hears only the bell: for tests, the demonstration, and whoever looks once."""

    def __init__(self) -> None:
        self._bell = threading.Event()

    def listen(self, name: str, fileno: int) -> None: ...
    def forget(self, name: str) -> None: ...

    def wait(self, seconds: float) -> list[str]:
        self._bell.wait(seconds)
        self._bell.clear()
        return []

    def ring(self) -> None:
        self._bell.set()

    def close(self) -> None: ...


@dataclass(slots=True)
class Due:
    """When a mailbox is looked into again; failures in a row lengthen the wait, notices in vain shorten it less.

    `seen`: a look into it has worked, and none has failed since.
    """

    at: datetime
    failures: int = 0
    vain: int = 0
    woken: bool = False
    seen: bool = False


@dataclass(slots=True, eq=False)
class Visit:
    """A look that is under way, and the question it waits for."""

    mailbox: Mailbox
    steps: round.Steps[round.Looked]
    job: Job | None = None
    early: Job | None = None  # asked ahead, not taken yet


@dataclass(frozen=True, slots=True)
class Coming:
    """The answer to a question that is asked already; calling it waits for that."""

    job: Job

    def __call__(self) -> object:
        self.job.over.wait()
        if self.job.error is not None:
            raise self.job.error
        return self.job.result


@dataclass(slots=True)
class Mailroom:
    """Looks into the mailboxes of a service. Everything here belongs to the thread that has the ledger.

    `said` (what there was in which mailbox) is called on the way; from those in `asked_soon` a reply leaves soon.
    """

    service: Service
    workers: Workers = field(default_factory=lambda: Workers(0))
    ears: Ears = field(default_factory=Deaf)
    said: Callable[[str, round.Looked], object] = lambda name, looked: None
    due: dict[str, Due] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    resting: dict[str, Mailbox] = field(default_factory=dict)
    asked_soon: set[str] = field(default_factory=set)
    _periods: tuple[object, Mapping[str, timedelta]] = (None, {})

    def __post_init__(self) -> None:
        self.take_over(self.service.mailboxes)

    def take_over(self, mailboxes: Mapping[str, Mailbox]) -> None:
        """From now on these are looked into. Those that are there already and stay keep their connection."""
        old = self.service.mailboxes
        gone = {name: box for name, box in old.items() if mailboxes.get(name) is not box}
        for name, box in gone.items():
            self._leave(name, box)
        self.service.mailboxes = {name: self._patient(box) for name, box in mailboxes.items()}

    def _patient(self, box: Mailbox) -> Mailbox:
        if not self.workers.places or isinstance(box, Patient):
            return box
        return Patient(box, self.workers, self._may_ask)

    def _leave(self, name: str, box: Mailbox) -> None:
        self.ears.forget(name)
        self.due.pop(name, None)
        self.visits.pop(name, None)
        self.resting.pop(name, None)
        self.service.holds.leave(name)
        self.workers.run(box.close)

    def _may_ask(self, name: str) -> bool:
        """Before somebody else uses the connection: it must not wait in IDLE unheard, nor have failed just now."""
        self.ears.forget(name)
        if name not in self.visits:
            self.resting[name] = self.service.mailboxes[name]
        return not self._due(name, self.service.now()).failures

    # --- what is due

    def _due(self, name: str, now: datetime) -> Due:
        """A mailbox nobody has looked into yet is due at once, and so is one whose time the clock has left behind."""
        due = self.due.get(name)
        if due is None:
            due = self.due[name] = Due(now)
        elif due.at - now > LONGEST_WAIT * 2 and due.at - now > self.every(name) * 2:
            due.at = now
        return due

    def set_back(self, back: timedelta) -> None:
        """The clock was put back by so much: everything is looked into now, and what fails as soon as before."""
        for due in self.due.values():
            due.at = due.at - back if due.failures else min(due.at, self.service.now())

    def every(self, name: str) -> timedelta:
        """How often this mailbox is looked into."""
        settings = self.service.rules.settings
        if self._periods[0] is not settings:
            self._periods = settings, {m.name: m.every for m in settings.mailboxes}
        return self._periods[1].get(name, timedelta(seconds=60))

    def begin(self) -> None:
        """Starts a look into every mailbox that is due."""
        now, soonest = self.service.now(), self.next_look()
        known = len(self.due) >= len(self.service.mailboxes)
        if known and (soonest is None or now < soonest <= now + 2 * LONGEST_WAIT):
            return
        for name, mailbox in self.service.mailboxes.items():
            if name not in self.visits and self._due(name, now).at <= now and not self.service.stopping():
                self.ears.forget(name)
                self.resting.pop(name, None)
                self._start(name, mailbox)

    def _start(self, name: str, mailbox: Mailbox) -> None:
        visit = self.visits[name] = Visit(mailbox, round.looking(_raw(mailbox), self.service))
        self._step(visit, lambda: next(visit.steps))

    def _ask(self, visit: Visit, question: Callable[[], object]) -> None:
        """Somebody else may still use the connection; then the question waits for that, not we."""
        if isinstance(question, Coming):
            visit.early = None
        visit.job = self.workers.run(_alone(visit.mailbox, question), visit)

    def _ahead(self, visit: Visit, question: Callable[[], object]) -> Callable[[], object]:
        """Has it asked meanwhile, unless many others do: what was fetched and not taken yet must stay little."""
        early = sum(other.early is not None for other in self.visits.values())
        if early >= min(self.workers.places, MOST_EARLY):
            return question
        visit.early = self.workers.now(_alone(visit.mailbox, question))
        return Coming(visit.early)

    def next_look(self) -> datetime | None:
        """When the next mailbox is due that is not being looked into."""
        return min((d.at for name, d in self.due.items() if name not in self.visits), default=None)

    def unseen(self) -> frozenset[str]:
        """The mailboxes that nobody knows the news of: they fail, or were not looked into yet."""
        return frozenset(n for n in self.service.mailboxes if (due := self.due.get(n)) is None or not due.seen)

    # --- what came back

    def attend(self, seconds: float) -> int:
        """Waits until something happens, at most so long, and goes on with it; how many messages were decided.

        Returns within about a second of work, so that what was decided leaves. Raises StoreError; the look it broke
        off begins anew.
        """
        for name in self.ears.wait(0.0 if self.workers.finished else min(seconds, 1.0 if self.visits else seconds)):
            self._notice(name)
        self.workers.staff()
        decided, ends = 0, time.monotonic() + MOST_WORK
        while time.monotonic() < ends and (job := self.workers.take()) is not None:
            if isinstance(job.about, Visit) and job.about.job is job:
                self._go_on(job.about, job)
                decided += len(job.result.arrivals) if isinstance(job.result, Batch) else 0
            elif isinstance(job.about, str):
                self._rested(job.about, job)
        self._cut()
        return decided

    def _go_on(self, visit: Visit, job: Job) -> None:
        """The answer is there."""
        if self.visits.get(visit.mailbox.name) is visit:  # else it was taken away meanwhile
            error = job.error
            self._step(visit, lambda: visit.steps.throw(error) if error else visit.steps.send(job.result))

    def _step(self, visit: Visit, step: Callable[[], Callable[[], object] | round.Ahead]) -> None:
        try:
            question = step()
            while isinstance(question, round.Ahead):
                question = visit.steps.send(self._ahead(visit, question.question))
            self._ask(visit, question)
        except StopIteration as end:
            self._over(visit, end.value)
        except MailboxError as error:
            self._failed(visit, error)
        except BaseException:
            self.visits.pop(visit.mailbox.name, None)
            self._due(visit.mailbox.name, self.service.now()).at = self.service.now() + FIRST_WAIT
            raise

    def _over(self, visit: Visit, looked: round.Looked) -> None:
        """The look is at its end: copies, drafts, and when to come again."""
        name = visit.mailbox.name
        self.visits.pop(name, None)
        due, now = self._due(name, self.service.now()), self.service.now()
        due.seen, due.failures, due.at = True, 0, now + min(self.every(name), SLICE)
        due.vain = due.vain + 1 if due.woken and not looked.new else 0
        due.woken = False
        self.resting[name] = visit.mailbox
        if looked.answered:
            self.asked_soon.add(name)
        try:
            dispatch.file_copies(visit.mailbox, self.service)
            drafts.watch(visit.mailbox, self.service)
        except MailboxError as error:
            self._failed(visit, error)
            return
        self._good(name, now)
        if looked.new:
            self.said(name, looked)

    def _good(self, name: str, now: datetime) -> None:
        """A look worked."""
        signin.fine(name, self.service)
        run = f"looked {name}"
        last = self.service.store.last_run(run)
        if last is None or abs(now - last) >= NOTED_EVERY:
            self.service.store.ran(run, now)

    def _failed(self, visit: Visit, error: MailboxError) -> None:
        """A server that fails is asked again later and keeps nobody else waiting."""
        name, now = visit.mailbox.name, self.service.now()
        self.visits.pop(name, None)
        self.resting.pop(name, None)
        due = self._due(name, now)
        due.failures, due.woken, due.seen = due.failures + 1, False, False
        due.at = now + self._wait(due.failures, error.retry)
        self._ask(visit, _raw(visit.mailbox).close)
        visit.job = None
        if due.failures == 1:
            self.service.store.ran(f"failing {name}", now)
        self.service.journal.error("mail server", mailbox=name, fault=for_the_log(error))
        signin.refused(name, error, self.service)

    def _wait(self, failures: int, retry: bool) -> timedelta:
        """5 s, 10 s, 20 s … 5 minutes; a wrong password is asked only every 5 minutes, so that no account is locked.

        A little more or less each time, so that not all come back at once when a server does.
        """
        wait = min(FIRST_WAIT * (1 << min(failures - 1, 10)), LONGEST_WAIT) if retry else LONGEST_WAIT
        return wait * random.uniform(0.85, 1.15) if self.workers.places else wait  # noqa: S311  # no secret

    def _cut(self) -> None:
        """Ends what lasts longer than any step may, whatever the server sends meanwhile."""
        for visit in self.visits.values():
            if visit.job is not None and visit.job.seconds() > LONGEST_STEP:
                _abort(visit.mailbox)

    # --- waiting in IDLE

    def rest(self) -> None:
        """Whoever has nothing to do waits in IDLE."""
        if self.workers.places:
            for name, mailbox in self.resting.items():
                if isinstance(mailbox, Patient) and isinstance(mailbox.inner, Live) and not mailbox.taken:
                    self.workers.run(mailbox.alone(partial(_wait, mailbox.inner, name in self.asked_soon)), name)
                    self.asked_soon.discard(name)
        self.resting.clear()

    def _rested(self, name: str, job: Job) -> None:
        """It waits now, or there is something new already, or it failed: then the look that follows tells."""
        mailbox, due = self.service.mailboxes.get(name), self.due.get(name)
        if due is None or name in self.visits or not isinstance(mailbox, Patient):
            return
        if job.error or not job.result:
            self._wake(due)
        elif mailbox.taken:  # somebody has asked meanwhile
            self.resting[name] = mailbox
        elif isinstance(mailbox.inner, Live) and (fileno := mailbox.inner.fileno()) is not None:
            self.ears.listen(name, fileno)

    def _notice(self, name: str) -> None:
        inner = _raw(self.service.mailboxes[name])
        if name not in self.visits and (not isinstance(inner, Live) or inner.heard()):
            self.ears.forget(name)
            self._wake(self._due(name, self.service.now()))

    def _wake(self, due: Due) -> None:
        """Due at once; whoever is woken in vain again and again gets up more slowly, at its time at the latest."""
        rest = FIRST_REST * (1 << min(due.vain - 1, 12)) if due.vain else timedelta()
        due.woken, due.at = True, min(due.at, self.service.now() + rest)

    # --- the end

    def close(self) -> None:
        """Breaks off what is under way and says goodbye to the others, all at once and not for long."""
        self.workers.stop()
        for visit in self.visits.values():
            _abort(visit.mailbox)
        jobs = [self.workers.now(box.close) for box in self.service.mailboxes.values()]
        for job in jobs:
            job.over.wait(max(GOODBYE - jobs[0].seconds(), 0.0))
        self.ears.close()


def _alone(mailbox: Mailbox, question: Callable[[], object]) -> Callable[[], object]:
    """Once nobody else uses the connection. What is coming uses it already: who waits for that must not hold it."""
    return mailbox.alone(question) if isinstance(mailbox, Patient) and not isinstance(question, Coming) else question


def _abort(mailbox: Mailbox) -> None:
    raw = _raw(mailbox)
    if isinstance(raw, Live):
        raw.abort()


def _wait(mailbox: Live, sent: bool) -> bool:
    """Before it waits, it reads what is new in Sent: soon somebody asks who has been answered, and waits 3 s only."""
    if sent:
        mailbox.answered((NOBODY,))
    return mailbox.idle()


def _raw(mailbox: Mailbox) -> Mailbox:
    return mailbox.inner if isinstance(mailbox, Patient) else mailbox
