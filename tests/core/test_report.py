"""The figures of a week: they add up for any ledger, a message is in exactly one part, and what is missing is said."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report import history
from vamaild.core.ledger import Outcome
from vamaild.core.promise import NewPromise, Promise, PromiseState
from vamaild.core.reasons import Reason
from vamaild.core.report import figures
from vamaild.core.report_parts import FATES, GROUP_OF, SORTS, WHYS, bounds, fate_of, looks_human, sort_of, total, why_of
from vamaild.core.report_rows import Gathered, Row
from vamaild.core.report_values import Asking, Figures
from vamaild.core.resolve import Resolved
from vamaild.core.ruleset import Kind
from vamaild.core.rush import NewRush, Rush, RushState
from vamaild.core.trust import Fate

SINCE = datetime(2026, 11, 13, 15, tzinfo=UTC)
UNTIL = SINCE + timedelta(weeks=1)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLIENTS = {r.client.id: r for r in history.rulesets()}
KINDS = (*map(str, Kind), "")
REASONS = (*map(str, Reason), "", "emergency", "a reason of tomorrow")


def row(number: int = 1, **changes: object) -> Row:
    """A scheduled request of Rossi's that was answered."""
    plain = Row(number, "rossi", MONDAY, "scheduled-request", "answered")
    return replace(plain, **changes)  # type: ignore[arg-type]  # by name


def week(*rows: Row, **changes: object) -> Gathered:
    return replace(Gathered(SINCE, UNTIL, len(rows), rows), **changes)  # type: ignore[arg-type]  # by name


def report(found: Gathered, *earlier: Gathered, now: datetime = UNTIL) -> Figures:
    return figures(found, earlier, Asking(now.astimezone(history.ROME), CLIENTS))


rows = st.builds(
    Row,
    st.just(0),
    st.sampled_from(["rossi", "verdi", "gone", ""]),
    st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 20)).map(lambda at: at.replace(tzinfo=UTC)),
    st.sampled_from(KINDS),
    st.sampled_from([str(o) for o in Outcome]),
    reason=st.sampled_from(REASONS),
    action=st.sampled_from(["none", "answer-playbook", "delegate-to-colleague"]),
    stated=st.booleans(),
    asks=st.booleans(),
    resolved=st.sampled_from([None, *Resolved]),
    alarmed=st.booleans(),
    could_wait=st.sampled_from([None, True, False]),
    rush=st.sampled_from([None, *RushState]),
    handed=st.booleans(),
)
FEW = settings(max_examples=40)
ledgers = st.lists(rows, max_size=12).map(lambda some: [replace(r, id=n) for n, r in enumerate(some, 1)])


@FEW
@given(ledgers)
def test_the_parts_of_any_ledger_add_up_and_every_message_is_in_one(some: list[Row]) -> None:
    found = report(week(*some))
    assert found.adds_up
    for parts, of in (
        (found.sorts, some),
        (found.outcomes, some),
        (found.fates, [r for r in some if sort_of(r) == "urgent"]),
        (found.whys, [r for r in some if r.outcome == "no-reply"]),
    ):
        listed = Counter(message for part in parts for message in part.messages)
        assert listed == Counter(r.id for r in of)
        assert total(parts) == len(of) == sum(len(part.messages) for part in parts)


@FEW
@given(ledgers.filter(bool), st.data())
def test_with_any_message_removed_it_says_that_it_does_not_add_up(some: list[Row], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(some))
    left = [r for r in some if r is not gone]
    found = report(week(*left, arrived=len(some)))
    assert not found.adds_up
    assert found.missing == 1


@FEW
@given(ledgers.filter(bool), st.data())
def test_a_message_that_comes_twice_is_counted_once(some: list[Row], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(some))
    found = report(week(*some, again, arrived=len(some)))
    assert found.adds_up
    assert found.arrived.count == len(some)


@FEW
@given(ledgers)
def test_the_bounds_lie_between_none_and_all(some: list[Row]) -> None:
    found = report(week(*some))
    lower, upper = found.bounds
    assert 0 <= lower <= upper <= found.urgent
    assert upper - lower == found.part("waited-unknown").count


@pytest.mark.parametrize("broken", ["sorts", "outcomes", "fates", "whys"])
def test_parts_that_do_not_fit_are_said(broken: str) -> None:
    found = report(week(row(1, stated=True), row(2, outcome="no-reply", reason="list")))
    assert found.adds_up
    parts = tuple(replace(n, count=n.count + 1) if i == 0 else n for i, n in enumerate(getattr(found, broken)))
    assert not replace(found, **{broken: parts}).adds_up  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("changes", "sort"),
    [
        ({}, "ordinary"),
        ({"kind": "perceived-only"}, "ordinary"),
        ({"stated": True}, "urgent"),
        ({"kind": "rush-request"}, "urgent"),
        ({"kind": "emergency", "outcome": "escalated"}, "urgent"),
        ({"kind": "insisting", "stated": True}, "insisting"),
        ({"kind": "automatic", "stated": True}, "needed-none"),
        ({"kind": "information"}, "needed-none"),
        ({"kind": "hostile", "outcome": "waiting"}, "needed-none"),
        ({"kind": "", "outcome": "waiting"}, "unread"),
        ({"kind": "", "outcome": "no-reply", "reason": "report"}, "needed-none"),
    ],
)
def test_what_a_message_is(changes: dict[str, object], sort: str) -> None:
    assert sort_of(row(**changes)) == sort
    assert sort in SORTS


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({}, "waited-unknown"),
        ({"resolved": Resolved.SILENT}, "waited-unknown"),
        ({"resolved": Resolved.ANSWERED}, "waited-unknown"),
        ({"resolved": Resolved.SAID}, "waited-fine"),
        ({"could_wait": True}, "waited-fine"),
        ({"could_wait": False}, "waited-badly"),
        ({"could_wait": False, "resolved": Resolved.SAID}, "waited-badly"),
        ({"action": "answer-playbook"}, "by-manual"),
        ({"action": "answer-playbook", "outcome": "waiting"}, "waited-unknown"),
        ({"rush": RushState.AGREED}, "rushed"),
        ({"rush": RushState.TAKEN}, "waited-unknown"),
        ({"rush": RushState.EXPIRED}, "waited-unknown"),
        ({"rush": RushState.DECLINED}, "chose-free"),
        ({"rush": RushState.DECLINED, "resolved": Resolved.SAID}, "waited-fine"),
        ({"handed": True}, "by-colleague"),
        ({"alarmed": True}, "emergency"),
        ({"outcome": "escalated"}, "emergency"),
        ({"alarmed": True, "could_wait": False}, "emergency"),
        ({"alarmed": True, "could_wait": True}, "false-alarm"),
        ({"alarmed": True, "resolved": Resolved.SAID}, "emergency"),
    ],
)
def test_what_became_of_an_urgency(changes: dict[str, object], fate: str) -> None:
    assert fate_of(row(kind="rush-request", **changes)) == fate
    assert fate in FATES


def test_what_counts_as_could_wait() -> None:
    fates = report(
        week(
            *(
                row(1, kind="rush-request", resolved=Resolved.SAID),
                row(2, kind="rush-request", rush=RushState.DECLINED),
                row(3, kind="rush-request", action="answer-playbook"),
                row(4, kind="emergency", alarmed=True, could_wait=True),
                row(5, kind="rush-request"),
                row(6, kind="rush-request", could_wait=False),
                row(7, kind="rush-request", rush=RushState.AGREED),
                row(8, kind="rush-request", handed=True),
                row(9, kind="emergency", outcome="escalated"),
            )
        )
    ).fates
    assert bounds(fates) == (4, 5)


def test_every_reason_has_a_group() -> None:
    assert {why_of(row(outcome="no-reply", reason=str(r))) for r in Reason} <= set(WHYS)
    assert {str(r) for r in Reason} & set(GROUP_OF) == set(GROUP_OF)


@pytest.mark.parametrize(
    ("changes", "human"),
    [
        ({"reason": "robot-name", "asks": True}, True),
        ({"reason": "robot-name", "asks": False}, False),
        ({"reason": "list", "asks": True}, False),
        ({"reason": "precedence", "asks": True}, True),
        ({"reason": "robot-name", "asks": True, "outcome": "waiting"}, False),
    ],
)
def test_what_looks_like_a_person_all_the_same(changes: dict[str, object], human: bool) -> None:
    assert looks_human(row(**{"kind": "automatic", "outcome": "no-reply"} | changes)) is human


@pytest.mark.parametrize(
    ("wanted", "short"),
    [(None, 0), (MONDAY, 1), (MONDAY + 3 * DAY, 1), (MONDAY + 4 * DAY, 0), (MONDAY + 20 * DAY, 0), (MONDAY - DAY, 1)],
)
def test_notice_is_counted_in_working_days_and_a_request_without_a_date_is_never_short(
    wanted: datetime | None, short: int
) -> None:
    (found,) = report(week(row(deadline=wanted))).notice
    assert (found.client, found.requests.count, found.short.count) == ("rossi", 1, short)


def test_notice_has_eight_weeks_and_the_worst_client_first() -> None:
    late = row(1, deadline=MONDAY)
    earlier = [week(late, row(2)), *([week()] * 6)]
    found = report(week(row(3, client="verdi", deadline=MONDAY), row(4, client="verdi"), row(5)), *earlier).notice
    assert [(s.client, s.short.count, s.requests.count) for s in found] == [("verdi", 1, 2), ("rossi", 0, 1)]
    assert found[1].weeks == ((2, 1), *([(0, 0)] * 6), (1, 0))


def test_insisting_and_what_needs_no_reply_is_no_request() -> None:
    found = report(week(row(1, kind="insisting", deadline=MONDAY), row(2, kind="automatic"), row(3)))
    assert found.notice[0].requests.messages == (3,)


def test_answers_are_medians_and_a_person_has_office_hours() -> None:
    friday = datetime(2026, 11, 13, 16, 0, tzinfo=UTC)  # 17:00 in Rome: the office closes in an hour
    some = [row(n, received=friday, replied_at=friday + n * HOUR, person_at=MONDAY + HOUR) for n in (1, 2, 9)]
    found = report(week(*some))
    assert found.automatic == 2 * HOUR
    assert found.personal == 3 * HOUR  # an hour on Friday, two on Monday: it is 11:00 in Rome
    assert report(week(*some[:2])).automatic == HOUR  # one that happened, no mean
    assert report(week()).automatic is None


def test_each_promise_stands_in_one_place() -> None:
    told = NewPromise("rossi", "x@y.example", UNTIL - DAY, "lead-time", "Voda")
    open_ = Promise(1, told, 11, MONDAY)
    some = (
        open_,
        replace(open_, id=2, promise=replace(told, due=UNTIL + HOUR)),
        replace(open_, id=3, state=PromiseState.KEPT, ended_at=UNTIL - 2 * DAY),
        replace(open_, id=4, state=PromiseState.LATE, ended_at=UNTIL),
        replace(open_, id=5, state=PromiseState.WITHDRAWN),
    )
    given_ = report(week(promises=some)).given
    assert [[p.id for p in part] for part in (given_.broken, given_.open, given_.kept, given_.late)] == [
        [1],
        [2],
        [3],
        [4],
    ]
    assert (given_.withdrawn, given_.number.count) == (1, 4)


def test_what_was_sold_in_the_week_and_what_was_only_offered() -> None:
    offer = NewRush("rossi", "x@y.example", "Voda", 50, UNTIL, UNTIL, UNTIL, "<k@v.example>")
    made = Rush(1, offer, 11, SINCE)
    some = (
        replace(made, state=RushState.AGREED, taken_at=MONDAY, hours=2.0),
        replace(made, id=2, state=RushState.AGREED, taken_at=MONDAY, hours=1.0, charged=False),
        replace(made, id=3, state=RushState.AGREED, taken_at=UNTIL),
        replace(made, id=4, state=RushState.EXPIRED),
        replace(made, id=5, state=RushState.DECLINED, offered_at=SINCE - DAY),
        replace(made, id=6, state=RushState.REFUSED),
        replace(made, id=7, state=RushState.TAKEN, taken_at=MONDAY),
    )
    sales = report(week(rushes=some)).sales
    assert [r.id for r in sales.agreed] == [1, 2]
    assert [r.id for r in sales.charged] == [1]
    assert (sales.offered.count, sales.chose_free.count, sales.refused.count) == (6, 1, 1)
    assert [r.id for r in sales.waiting] == [7]


def test_what_ended_by_itself_and_what_was_corrected() -> None:
    found = report(
        week(
            *(row(1, replied_at=MONDAY), row(2)),
            solved=((1, Resolved.SAID), (2, Resolved.SILENT), (3, Resolved.ANSWERED)),
            fates=((1, Fate.UNCHANGED), (2, Fate.EDITED), (0, Fate.DISCARDED)),
        )
    )
    assert (found.solved.messages, found.silent.messages) == ((1,), (2,))
    assert (found.corrected.count, found.corrected.messages, found.decided) == (2, (2,), 4)


def test_urgencies_by_weekday_and_hour_are_those_of_the_readers_zone() -> None:
    found = report(week(row(1, stated=True), row(2, stated=True, received=MONDAY + 10 * HOUR), row(3)))
    assert found.strip == {(0, 10): (1,), (0, 20): (2,)}


def test_the_line_is_the_lower_bound_of_four_weeks() -> None:
    said = row(1, stated=True, resolved=Resolved.SAID)
    assert report(week(said, row(2, stated=True)), week(), week(said), week(), week(said)).line == (
        (1, 1), (0, 0), (1, 1), (1, 2)
    )  # fmt: skip


def test_every_number_can_be_asked_for_by_its_name() -> None:
    found = report(week(row(1), row(2, client="verdi", deadline=MONDAY)))
    assert len(set(found.names)) == len(found.names)
    assert found.part("short-notice-verdi").messages == (2,)
    assert found.part("arrived").messages == (1, 2)
    with pytest.raises(KeyError):
        found.part("nonsense")
