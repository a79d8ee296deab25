"""Whatever happens to an emergency, in whatever order, it stays somebody's: hypothesis looks for a way out."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from vamaild.core.agreement import Agreement, again_after, chain_of
from vamaild.core.chainwords import (
    Due,
    Event,
    Fact,
    Give,
    Left,
    PassOn,
    Phase,
    Resolve,
    Result,
    Snooze,
    Solved,
    State,
    Take,
    Tell,
    Wait,
    Why,
    from_values,
    to_values,
)
from vamaild.core.escalation import step
from vamaild.core.notify import Delivery
from vamaild.core.ruleset import Escalation, Trust

ATHENS = ZoneInfo("Europe/Athens")
BEFORE_DST = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # clocks go forward in the night of the 29th
AFTER_DST = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # and back in the night of the 25th
PEOPLE = ("me", "petr-sea", "anna", "colleague")
WAYS = {"me": ("email",), "petr-sea": ("sms", "email"), "anna": ("ntfy",), "colleague": ("email",)}
CHAINS = (("me", "petr-sea", "colleague"), ("petr-sea", "anna"), ("me",), ("me", "anna", "me", "petr-sea", "colleague"))
QUIET = (None, (time(22), time(7)), (time(1), time(5)), (time(3, 30), time(4)))
persons = st.sampled_from(PEOPLE)


def disturbing(person: str, now: datetime, quiet: tuple[time, time] | None) -> bool:
    """Whether this moment lies in the quiet hours of Athens; written anew, so that two mistakes would have to agree."""
    if quiet is None:
        return False
    local = now.astimezone(ATHENS)
    minutes, begins, ends = (t.hour * 60 + t.minute + t.second / 60 for t in (local, *quiet))
    return (minutes - begins) % 1440 < (ends - begins) % 1440


class Chain(RuleBasedStateMachine):
    """One emergency, its chain, a clock that also goes back, channels that fail, a service that is restarted."""

    @initialize(
        chain=st.sampled_from(CHAINS),
        quiet=st.sampled_from(QUIET),
        budget=st.integers(1, 3),
        people=st.booleans(),
        alone=st.booleans(),
        doubtful=st.booleans(),
        trust=st.sampled_from([Trust.OBSERVE, Trust.SEND, Trust.SEND, Trust.SEND]),
        start=st.sampled_from([BEFORE_DST, AFTER_DST]),
        broken=st.sets(st.sampled_from([(p, c) for p in PEOPLE for c in WAYS[p]])),
    )
    def begin(
        self,
        chain: tuple[str, ...],
        quiet: tuple[time, time] | None,
        budget: int,
        people: bool,
        alone: bool,
        doubtful: bool,
        trust: Trust,
        start: datetime,
        broken: set[tuple[str, str]],
    ) -> None:
        self.terms = Escalation(chain, quiet=quiet, timezone="Europe/Athens", budget=budget)
        self.chain = chain_of(self.terms, trust)
        self.doubtful = doubtful
        self.people, self.observe = people, trust is Trust.OBSERVE
        self.alone = alone or self.observe
        self.now, self.state, self.broken = start, State(due=start), broken
        self.waiting: list[Tell] = []
        self.rounds: set[tuple[str, int]] = set()
        self.gone: set[str] = set()
        self.by_hand = ""
        self.happens(Due())

    def agreement(self) -> Agreement:
        contacts = {p for p, _ in self.rounds}
        disturbed = {p: sum(told == p for told, _ in self.rounds) for p in contacts}
        chain = tuple(p for p in self.chain if p not in self.gone)
        patient = self.doubtful or self.state.solved is not None
        return Agreement(chain, WAYS, self.terms, disturbed, self.people, self.alone, self.observe, patient=patient)

    def happens(self, event: Event) -> list[Tell]:
        before, agreement = self.state, self.agreement()
        if isinstance(event, Give) and event.by == "me":
            self.by_hand = event.to
        elif (
            isinstance(event, (Take, Wait, Snooze))
            or before.phase is not Phase.ASKING
            or (isinstance(event, Left) and event.person == self.by_hand)
        ):
            self.by_hand = ""
        self.state, actions = step(before, event, agreement, self.now)
        told = [a for a in actions if isinstance(a, Tell)]
        for tell in told:
            self.may_be_told(tell, before, event, agreement)
            if tell.person not in ("me", "colleague"):
                self.rounds.add((tell.person, tell.round))
            self.by_hand = self.by_hand if tell.person == self.by_hand else ""
        self.waiting += told
        assert len(told) <= 1
        return told

    def may_be_told(self, tell: Tell, before: State, event: Event, agreement: Agreement) -> None:
        assert before.phase is not Phase.RESOLVED
        if before.phase in (Phase.HELD, Phase.SNOOZED) and isinstance(event, Due):
            assert before.due is not None
            assert self.now >= before.due, "nobody is told after somebody acknowledged"
        if isinstance(event, Result):
            assert before.phase is Phase.ASKING or before.why in (Why.AGAIN, Why.SOLVED)
        if tell.person == "me" or tell.person == self.by_hand:
            return
        assert not self.alone
        if tell.person == "colleague" or self.people:
            return
        assert not disturbing(tell.person, self.now, self.terms.quiet)
        begun = (tell.person, tell.round) in self.rounds
        assert begun or agreement.disturbed.get(tell.person, 0) < self.terms.budget

    # --- what happens ---

    @rule(minutes=st.sampled_from([0, 1, 5, 10, 20, 61, 180, 600, 3000]))
    def time_goes_on(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def until_the_next_event(self) -> None:
        if self.state.due:
            self.now = max(self.now, self.state.due)

    @rule(minutes=st.sampled_from([1, 60, 1440, 50_000]))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)

    @rule()
    def the_service_looks(self) -> None:
        """Everything that is due is done: results come, failures go to the next, and it comes to rest by itself."""
        for _ in range(4 * len(PEOPLE) + 4):
            quiet = not self.waiting
            while self.waiting:
                self.a_result_comes()
            before = self.state
            self.happens(Due())
            if quiet and self.state == before and not self.waiting:
                break
        else:
            raise AssertionError("it goes round in circles although no time passes")
        if self.state.phase is not Phase.RESOLVED:
            assert self.state.due is not None
            assert self.state.due > self.now

    @precondition(lambda self: self.waiting)
    @rule()
    def a_result_comes(self) -> None:
        tell = self.waiting.pop(0)
        failed = (tell.person, tell.channel) in self.broken
        result = (Delivery.RETRY if tell.round % 2 else Delivery.FAILED) if failed else Delivery.DELIVERED
        self.happens(Result(tell.person, tell.channel, tell.round, result))

    @rule(broken=st.sets(st.sampled_from([(p, c) for p in PEOPLE for c in WAYS[p]])))
    def channels_break_and_are_mended(self, broken: set[tuple[str, str]]) -> None:
        self.broken = broken

    @rule()
    def restarted(self) -> None:
        again = from_values(json.loads(json.dumps(to_values(self.state))))
        assert again == self.state
        self.state = again

    @rule(person=persons)
    def taken(self, person: str) -> None:
        before = self.state
        assert self.happens(Take(person)) == []
        if before.phase is Phase.ASKING:
            assert (self.state.phase, self.state.holder) == (Phase.HELD, person)
            assert self.state.due == self.now + again_after(self.terms)

    @rule(person=persons)
    def passed_on(self, person: str) -> None:
        told = self.happens(PassOn(person))
        assert person == "me" or all(t.person != person for t in told)

    @rule(person=persons, hours=st.integers(-5, 200))
    def put_off(self, person: str, hours: int) -> None:
        told = self.happens(Wait(person, self.now + timedelta(hours=hours)))
        assert all(t.person in ("me", "colleague", *self.chain) for t in told)

    @rule(person=persons, hours=st.integers(-5, 200))
    def snoozed(self, person: str, hours: int) -> None:
        assert self.happens(Snooze(person, self.now + timedelta(hours=hours))) == []

    @rule(by=persons, to=persons)
    def given(self, by: str, to: str) -> None:
        self.happens(Give(by, to))

    @rule()
    def the_sender_says_it_is_solved(self) -> None:
        told = self.happens(Solved())
        assert all(t.person in ("me", self.state.holder) for t in told)

    @rule()
    def something_new_is_heard(self) -> None:
        self.happens(Fact())

    @rule(person=st.sampled_from(PEOPLE[1:]))
    def somebody_leaves_the_chain(self, person: str) -> None:
        self.gone.add(person)
        self.happens(Left(person))

    @rule()
    def they_are_back(self) -> None:
        self.gone.clear()

    @precondition(lambda self: self.state.round > 6)
    @rule(person=persons)
    def resolved(self, person: str) -> None:
        assert self.happens(Resolve(person)) == []
        assert self.state.phase is Phase.RESOLVED
        assert self.state.due is None

    # --- what always holds ---

    @invariant()
    def an_open_emergency_has_a_next_event(self) -> None:
        if hasattr(self, "state") and self.state.phase is not Phase.RESOLVED:
            assert self.state.due is not None
            if self.state.phase is Phase.ASKING:
                assert self.state.asked == "" or self.state.asked in PEOPLE
            else:
                assert self.state.holder

    @invariant()
    def a_clock_set_back_keeps_nobody_waiting(self) -> None:
        if hasattr(self, "state") and self.state.phase in (Phase.ASKING, Phase.HELD):
            state, _ = step(self.state, Due(), self.agreement(), self.now)
            if state.phase is not Phase.SNOOZED:
                assert state.due is not None
                longest = timedelta(days=1) if state.phase is Phase.HELD or not state.asked else timedelta(hours=4)
                assert state.due <= self.now + max(again_after(self.terms), longest)


Chain.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestChain = Chain.TestCase


def test_the_clock_of_the_test_agrees_at_the_edges() -> None:
    night = replace(Escalation(), quiet=(time(22), time(7)), timezone="Europe/Athens")
    at = datetime(2026, 6, 1, 19, 0, tzinfo=UTC)  # 22:00 in Athens
    assert disturbing("petr-sea", at, night.quiet)
    assert not disturbing("petr-sea", at - timedelta(minutes=1), night.quiet)
    assert not disturbing("petr-sea", at + timedelta(hours=9), night.quiet)
