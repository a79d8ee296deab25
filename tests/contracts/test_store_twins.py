"""The store in memory and SQLite's, side by side: whatever is asked of both, they answer alike."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.entries import DAY, MINUTE, NOW, TODAY, asked, case, entry, mail, promise, rush
from tests.memory_store import MemoryStore, counted_codes
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import Advance, CaseEvent, NewNotice, NoticeState
from vamaild.core.ledger import Asked, Outcome, Sort, State, Store, StoreError
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Level, Pause

# --- both, side by side ---

people = st.sampled_from(["eva@x.example", "jan@x.example", "eve@x.example"])
clients = st.sampled_from(["novak", "rossi"])
few = st.integers(0, 4)
moments = st.integers(-3_000, 3_000).map(lambda minutes: NOW + minutes * MINUTE)
keys = st.sampled_from([f"k{n}" for n in range(8)])
mails = st.builds(
    lambda key, sort, to, client, state, at: mail(key, sort=sort, to=to, client=client, state=state, not_before=at),
    *(keys, st.sampled_from(Sort), people, clients, st.sampled_from([State.QUEUED, State.DRAFT]), moments),
)
promises = st.builds(
    lambda at, client, remind: promise(due=at, client=client, remind_at=remind),
    *(moments, clients, st.one_of(st.none(), moments)),
)
rushes = st.builds(
    lambda key, client, at: rush(offer_key=f"<{key}@vamaild.example>", client=client, accept_by=at),
    *(keys, clients, moments),
)
notices = st.builds(
    NewNotice,
    *(keys.map(lambda k: f"<{k}@x>"), st.sampled_from(["me", "petr-sea"]), st.sampled_from(["sms", "email"]), few),
    st.sampled_from(["ask", "confirm"]),
)
advances = st.builds(
    lambda due, by, closed, wait, told: Advance(
        {"due": str(due)}, due, by, due, closed, wait, "x", 1, (CaseEvent(due, "asked", by),), tuple(told)
    ),
    *(moments, st.sampled_from(["", "me"]), st.one_of(st.none(), moments), st.sampled_from([None, True, False])),
    st.lists(notices, max_size=2),
)
fates = st.builds(DraftFate, few, clients, st.just("vacation-first"), st.sampled_from(Fate), moments)
levels = st.builds(Level, clients, st.sampled_from(["a", "b"]), st.sampled_from(Trust), moments)
pauses = st.builds(Pause, st.sampled_from(["", "novak", "rossi"]), moments, st.one_of(st.none(), moments))
entries = st.builds(
    lambda uid, n, who, client, at, outgoing, outcome, kase, told, offered: entry(
        uid,
        fingerprint=f"p{n}",
        text_mark=f"t{uid % 2}",
        message_id=f"<m{n}@x>",
        references=(f"<m{uid}@x>",),
        subject=f"Re: s{n}",
        address=who,
        client=client,
        received=at,
        decided_at=at,
        outgoing=tuple(outgoing),
        outcome=outcome,
        reason="draft" if outcome is Outcome.WAITING else "",
        case=kase and replace(kase, client=client),
        promise=told,
        rush=offered,
    ),
    *(few, few, people, clients, moments, st.lists(mails, max_size=2), st.sampled_from(Outcome)),
    st.sampled_from([None, case(), case(escalates=True), case(escalates=True, damage="water"), case(reason="draft")]),
    *(st.one_of(st.none(), promises), st.one_of(st.none(), rushes)),
)
questions = st.builds(
    lambda n, who, client, at, to, key, responds: asked(
        message_id=f"<m{n}@x>",
        subject=f"s{n}",
        fingerprint=f"p{n}",
        address=who,
        client=client,
        now=at,
        to=to,
        text_mark=f"t{n % 2}",
        references=(f"<{key}@vamaild.example>",) if n % 3 == 0 else (),
        responds=responds,
        people=("jan@x.example",),
        week_begins=TODAY - n * DAY if n else None,
    ),
    *(few, people, clients, moments, people, keys, st.booleans()),
)
calls = st.one_of(
    st.tuples(st.just("record"), entries),
    st.tuples(st.just("queue_mail"), mails),
    st.tuples(st.just("claim"), moments),
    st.tuples(st.just("claim_all"), moments, few),
    st.tuples(st.just("earlier"), st.frozensets(few)),
    st.tuples(st.just("unsent"), st.frozensets(keys.map(lambda k: f"<{k}@vamaild.example>"))),
    st.tuples(st.just("confirm"), few, moments),
    st.tuples(st.just("fail"), few, st.just("421"), st.one_of(st.none(), moments)),
    st.tuples(st.just("settle"), few, st.sampled_from(State)),
    st.tuples(st.just("filed"), few, moments),
    st.tuples(st.just("withdraw"), few, st.just("answered")),
    st.tuples(st.just("bounced"), st.lists(keys.map(lambda k: f"<{k}@vamaild.example>"), max_size=3), moments),
    st.tuples(st.just("reports_since"), moments),
    st.tuples(st.just("marked"), st.just("clienti"), st.just(7), st.lists(few)),
    st.tuples(st.just("history"), questions),
    st.tuples(st.just("close_case"), st.sampled_from(["AAAA", "AAAB"]), moments),
    st.tuples(st.just("acknowledge"), st.sampled_from(["AAAA", "AAAB"]), st.just("jana"), moments),
    st.tuples(st.just("watched")),
    st.tuples(st.just("advance"), st.sampled_from(["AAAA", "AAAB"]), few, advances, moments),
    st.tuples(st.just("case_events"), st.just("AAAA")),
    st.tuples(st.just("notices"), st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("notices_ready"), moments),
    st.tuples(st.just("notice_handed"), few, moments),
    st.tuples(st.just("notice_settled"), few, st.sampled_from(NoticeState), moments, st.just("x"), moments),
    st.tuples(st.just("notice_of"), st.lists(keys.map(lambda k: f"<{k}@x>"), max_size=2)),
    st.tuples(st.just("disturbances"), clients, moments),
    st.tuples(st.just("cried_wolf"), clients, people, moments),
    st.tuples(st.just("end_promise"), few, st.sampled_from(PromiseState), moments),
    st.tuples(st.just("reminded"), few, moments),
    st.tuples(st.just("reminders_due"), moments),
    st.tuples(st.just("add_promise"), promises, few, moments),
    st.tuples(st.just("take"), few, few, st.just("Eva"), moments, st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("end_rush"), few, st.sampled_from(RushState), moments),
    st.tuples(st.just("set_hours"), few, st.sampled_from([None, -1, 0, 2.5]), st.booleans()),
    st.tuples(st.just("offers_expired"), moments),
    st.tuples(st.just("rush_of_case"), st.sampled_from(["AAAA", "AAAB"])),
    st.tuples(st.just("settle_draft"), fates),
    st.tuples(st.just("approve_draft"), fates, moments),
    st.tuples(st.just("reopen"), few, st.just("stopped")),
    st.tuples(st.just("answer_given"), few),
    st.tuples(st.just("decided_between"), moments, moments),
    st.tuples(st.just("set_level"), levels),
    st.tuples(st.just("fates"), clients, st.just("vacation-first"), moments),
    st.tuples(st.just("pause"), pauses),
    st.tuples(st.just("resume"), st.sampled_from(["", "novak"])),
    st.tuples(st.just("pauses"), moments),
)


def answer(store: Store, call: tuple[Any, ...]) -> Any:
    try:
        said = getattr(store, call[0])(*call[1:])
        return tuple(said) if call[0] == "decided_between" else said
    except StoreError:
        return "StoreError"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(calls, max_size=12), question=questions, who=people)
def test_nor_do_they_inside_one_transaction(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[Any, ...]], question: Asked, who: str
) -> None:
    """What SQLite's has asked already is asked after every change, whatever the change was."""
    memory = MemoryStore()
    sqlite = SqliteStore(tmp_path_factory.mktemp("same") / "vamaild.db", new_code=counted_codes())
    with suppress(StoreError), sqlite.transaction(), memory.transaction():
        for call in script:
            said = getattr(memory, call[0])(*call[1:])  # whatever fails spoils the whole, so that is the end
            assert answer(sqlite, call) == (tuple(said) if call[0] == "decided_between" else said), call[0]
            assert sqlite.history(question) == memory.history(question), call[0]
            waits = [store.waiting_for("novak", (who, "jan@x.example")) for store in (sqlite, memory)]
            assert waits[0] == waits[1], call[0]
            assert sqlite.pauses(question.now) == memory.pauses(question.now), call[0]
            for to in (None, (who,)):
                offered = sqlite.rushes([RushState.OFFERED], client="novak", to=to)
                assert offered == memory.rushes([RushState.OFFERED], client="novak", to=to), call[0]
    sqlite.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(calls, max_size=25))
def test_the_two_stores_never_differ(tmp_path_factory: pytest.TempPathFactory, script: list[tuple[Any, ...]]) -> None:
    memory = MemoryStore()
    sqlite = SqliteStore(tmp_path_factory.mktemp("same") / "vamaild.db", new_code=counted_codes())
    try:
        for call in script:
            assert answer(sqlite, call) == answer(memory, call), call[0]
        standing = sqlite.standing(TODAY)
        assert standing == memory.standing(TODAY)
        assert standing.arrived == sum(standing.by_outcome.values())
        for look in (sqlite, memory):
            assert look.unfiled() == memory.unfiled()
            assert look.outbox(list(State)) == memory.outbox(list(State))
            assert look.cases(everything=True) == memory.cases(everything=True)
            assert look.unmarked("clienti", 7) == memory.unmarked("clienti", 7)
            assert look.promises(open_only=False) == memory.promises(open_only=False)
            assert look.notices("AAAA") == memory.notices("AAAA")
            assert look.rushes(list(RushState)) == memory.rushes(list(RushState))
            assert look.levels() == memory.levels()
            assert [look.entry(n) for n in range(5)] == [memory.entry(n) for n in range(5)]
    finally:
        sqlite.close()
