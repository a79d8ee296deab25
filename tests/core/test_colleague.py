"""Who stands in: the chain and its circles, his leaves, his consent, his scope, and how long he has."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deputies import ENZO, LAURA, away
from tests.make import AWAY, NOW, case, mail
from vamaild.core import colleague as standing_in
from vamaild.core.explain import describe
from vamaild.core.handover import Consent, Said, Stage
from vamaild.core.judge import Verdict
from vamaild.core.plan import HandOver
from vamaild.core.reading import Evidence
from vamaild.core.ruleset import Absence, Colleague, Kind, Leave, Matter
from vamaild.core.words import Text

ROME, ATHENS = ZoneInfo("Europe/Rome"), ZoneInfo("Europe/Athens")
ADA = Colleague("Ada Rossi", "ada@rossi.example", ("tetto",))


def consent(colleague: Colleague, said: Said = Said.YES, **changes: object) -> Consent:
    at = None if said is Said.ASKED else NOW
    plain = Consent("acme", colleague.email, colleague.name, "<k@va.example>", NOW - timedelta(days=1), said, at)
    return replace(plain, **changes)  # type: ignore[arg-type]  # by name


def named(*links: tuple[str, str]) -> tuple[Colleague, ...]:
    return tuple(Colleague(name, f"{name}@x.example", (), substitute=substitute) for name, substitute in links)


# ---- the chain


@pytest.mark.parametrize(
    ("links", "order", "circles"),
    [
        ((("a", ""), ("b", ""), ("c", "")), "abc", []),
        ((("a", "c"), ("b", ""), ("c", "")), "acb", []),
        ((("a", "b"), ("b", "a"), ("c", "")), "abc", [("a", "b")]),
        ((("a", "b"), ("b", "c"), ("c", "b")), "abc", [("b", "c")]),
        ((("a", "a"), ("b", "")), "ab", [("a",)]),
        ((("a", "nobody"), ("b", "")), "ab", []),
        ((("a", "B"), ("b", "")), "ab", []),
        ((), "", []),
    ],
)
def test_the_order_in_which_they_are_asked(
    links: tuple[tuple[str, str], ...], order: str, circles: list[tuple[str, ...]]
) -> None:
    assert "".join(c.name for c in standing_in.chain(named(*links))) == order
    assert list(standing_in.circles(named(*links))) == circles


NAMES = st.lists(st.sampled_from("abcdef"), max_size=6, unique=True)


@given(NAMES, st.lists(st.sampled_from(["", *"abcdefg"]), min_size=6, max_size=6))
def test_a_chain_asks_everybody_once_whoever_stands_in_for_whom(names: list[str], substitutes: list[str]) -> None:
    colleagues = named(*zip(names, substitutes, strict=False))
    order = standing_in.chain(colleagues)
    assert sorted(c.name for c in order) == sorted(names)
    assert order[:1] == colleagues[:1]
    follows = {c.name: c.substitute for c in colleagues}
    for circle in standing_in.circles(colleagues):
        for name, following in zip(circle, (*circle[1:], circle[0]), strict=True):
            assert follows[name] == following


# ---- his leaves


def test_days_on_which_nobody_is_there() -> None:
    first, back = AWAY.first, AWAY.back
    assert back is not None
    tue = first + timedelta(days=1)
    one = replace(LAURA, leaves=(Leave(first, first + timedelta(days=3)),))
    two = replace(ENZO, leaves=(Leave(tue, tue + timedelta(days=1)), Leave(back - timedelta(days=1), back)))
    assert standing_in.nobody_on(away(one, two)) == (tue,)
    assert standing_in.nobody_on(away(one)) == (first, tue, tue + timedelta(days=1))
    assert standing_in.nobody_on(away(LAURA)) == ()
    assert standing_in.nobody_on(away()) == ()
    open_ended = Absence(first, None, None)
    assert standing_in.nobody_on(away(one, absence=open_ended)) == ()


@pytest.mark.parametrize(
    ("at", "there"),
    [
        (datetime(2026, 11, 26, 21, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 26, 22, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 21, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 22, 0, tzinfo=UTC), True),
    ],
)
def test_his_leave_begins_and_ends_at_his_own_midnight(at: datetime, there: bool) -> None:
    leave = Leave(date(2026, 11, 27), date(2026, 11, 28))
    ruleset = away(replace(LAURA, timezone="Europe/Athens", leaves=(leave,)))
    assert bool(standing_in.on_duty(ruleset, at, ())) is there


# ---- consent


@pytest.mark.parametrize(
    ("confirmed", "said", "agreed"),
    [
        (None, None, None),
        (NOW, None, True),
        (None, Said.ASKED, False),
        (NOW, Said.ASKED, True),
        (None, Said.YES, True),
        (None, Said.NO, False),
        (None, Said.UNCLEAR, False),
        (NOW - timedelta(days=1), Said.NO, False),
        (NOW + timedelta(days=1), Said.NO, True),
    ],
)
def test_whether_he_agreed(confirmed: datetime | None, said: Said | None, agreed: bool | None) -> None:
    who = replace(LAURA, confirmed=confirmed)
    consents = (consent(who, said),) if said else ()
    assert standing_in.agreed(who, consents) is agreed
    assert bool(standing_in.on_duty(away(who), NOW, consents)) is (agreed is not False)


def test_another_mans_yes_is_not_his() -> None:
    assert standing_in.agreed(LAURA, (consent(ENZO),)) is None
    assert standing_in.agreed(LAURA, (consent(replace(LAURA, email="LAURA@conti.example")),)) is True


def test_how_away_check_shows_them() -> None:
    ruleset = away(LAURA, replace(ENZO, confirmed=NOW), ADA)
    shown = standing_in.standing(ruleset, (consent(LAURA, Said.NO), consent(ADA, Said.ASKED)))
    assert [(s.agreed, s.words) for s in shown] == [
        (False, "said no Thu 26 Nov"),
        (True, "agreed Thu 26 Nov, as the file says"),
        (False, "was asked Wed 25 Nov, no answer yet"),
    ]
    assert standing_in.standing(away(LAURA), ())[0].words == "has not been asked"


def test_the_colleague_of_the_moment_takes_the_first_place() -> None:
    ruleset = away(replace(LAURA, leaves=(Leave(AWAY.first, date(2026, 11, 30)),)), ENZO)
    now = standing_in.present(ruleset, NOW, ())
    assert now.colleague == ENZO
    assert now.stand_ins == ruleset.stand_ins
    assert standing_in.present(ruleset, NOW, (consent(ENZO, Said.NO),)).colleague is None
    assert standing_in.present(away(), NOW, ()).colleague is None


# ---- scope


@pytest.mark.parametrize(
    ("who", "author", "text", "his"),
    [
        (LAURA, "eva@mala.example", "il cantiere è fermo", True),
        (LAURA, "eva@mala.example", "una fattura", False),
        (ENZO, "eva@mala.example", "il cantiere è fermo", True),
        (ADA, "eva@mala.example", "il cantiere è fermo", False),
        (replace(LAURA, customers=("*@mala.example",)), "EVA@mala.example", "il cantiere", True),
        (replace(LAURA, customers=("*@mala.example",)), "jan@other.example", "il cantiere", False),
        (LAURA, "eva@mala.example", "pratica 118", True),
        (replace(LAURA, customers=("*@x.example",)), "eva@mala.example", "pratica 118", False),
    ],
)
def test_scope(who: Colleague, author: str, text: str, his: bool) -> None:
    matters = (Matter("118", ("pratica 118",), "colleague"), Matter("7", ("fattura",), "wait"))
    ruleset = away(LAURA, ENZO, ADA, matters=matters)
    assert standing_in.in_scope(who, ruleset, author, Text(text), Text("")) is his


@given(
    st.sampled_from(["eva@mala.example", "jan@other.example", "x@mala.example.evil.example"]),
    st.lists(st.sampled_from(["cantiere", "fattura", "tetto", "ciao", "sopralluogo"]), max_size=6),
    st.sampled_from([(), ("*@mala.example",), ("jan@other.example",)]),
    st.sampled_from([("cantiere",), ("sopralluog*", "tetto"), ("niente",)]),
)
def test_nothing_outside_his_scope_is_his(
    author: str, words: list[str], customers: tuple[str, ...], takes: tuple[str, ...]
) -> None:
    who = replace(LAURA, customers=customers, takes=takes)
    his = standing_in.in_scope(who, away(who), author, Text(" ".join(words)))
    allowed = (
        not customers
        or author in ("jan@other.example",) * ("jan" in customers[0])
        or (author == "eva@mala.example" and "*" in customers[0])
    )
    shown = any(word.startswith(phrase.rstrip("*")) for phrase in takes for word in words)
    assert his is (allowed and shown)


@pytest.mark.parametrize(
    ("takes", "text", "his"),
    [
        (("cantiere",), "Serve una firma al cantiere.", True),
        (("cantiere",), "Serve il suo ritratto al cantiere.", False),
        (("ritratt*", "cantiere"), "Serve il suo ritratto al cantiere.", True),
    ],
)
def test_what_only_the_principal_can_give_is_nobody_elses(takes: tuple[str, ...], text: str, his: bool) -> None:
    found = case(mail(text), away(replace(LAURA, takes=takes)))
    seen = {"in_person": Evidence("ritratto")} if "ritratto" in text else {}
    asked = replace(found, reading=replace(found.reading, signs=seen))
    plan = standing_in.delegated(Verdict(Kind.RUSH_REQUEST, "a date"), asked, urgent=True)
    assert (plan is not None) is his


# ---- how long he has


def rome(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ROME)


@pytest.mark.parametrize(
    ("now", "due", "follow_up", "changes"),
    [
        (rome(26, 10, 40), rome(27, 10, 40), rome(27, 18), {}),
        (rome(27, 10, 40), rome(30, 10, 40), rome(30, 18), {}),
        (rome(26, 17), rome(27, 17), rome(30, 18), {}),
        (rome(26, 7), rome(26, 18), rome(27, 18), {}),
        (rome(26, 20), rome(27, 18), rome(30, 18), {}),
        (rome(28, 12), rome(30, 18), datetime(2026, 12, 1, 18, tzinfo=ROME), {}),
        (
            rome(26, 10, 40),
            rome(30, 10, 40),
            rome(30, 18),
            {"leaves": (Leave(date(2026, 11, 27), date(2026, 11, 28)),)},
        ),
        (rome(26, 10, 40), rome(26, 14, 40), rome(26, 18), {"ack_within": timedelta(hours=4)}),
        (rome(26, 8, 30), rome(27, 8, 30), rome(27, 18), {"timezone": "Europe/Athens"}),
    ],
    ids=["in hours", "friday", "late", "early", "evening", "saturday", "leave", "agreed", "another zone"],
)
def test_a_working_day_in_his_hours(
    now: datetime, due: datetime, follow_up: datetime, changes: dict[str, object]
) -> None:
    who = replace(LAURA, **changes)  # type: ignore[arg-type]  # by name
    assert standing_in.ack_due(who, away(who), now) == due
    assert standing_in.follow_up_by(who, away(who), now) == follow_up


@given(st.datetimes(datetime(2026, 3, 1), datetime(2026, 12, 1)), st.sampled_from(["", "Europe/Athens", "Asia/Tokyo"]))
def test_time_to_answer_lies_ahead_and_the_promise_behind_it(moment: datetime, zone: str) -> None:
    now = moment.replace(tzinfo=ROME)
    who = replace(LAURA, timezone=zone)
    due = standing_in.ack_due(who, away(who), now)
    assert now.astimezone(UTC) < due.astimezone(UTC) < now.astimezone(UTC) + timedelta(days=5)
    promised = standing_in.follow_up_by(who, away(who), now)
    assert promised.astimezone(UTC) - due.astimezone(UTC) >= timedelta(hours=2)
    assert promised.time() == away(who).week.closes


def test_each_step_has_words_without_his_address() -> None:
    for stage in (Stage.OFFERED, Stage.AGREED, Stage.DECLINED):
        words = describe(HandOver(LAURA.email, stage))
        assert words.startswith("hand over ")
        assert "l***@conti.example" in words
