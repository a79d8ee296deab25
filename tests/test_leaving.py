"""An absence begins and ends at midnight of the client's zone, over a DST change and whatever the host's; the
assistant's word goes over the file; nothing that says "away" leaves when nobody is away."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.make import ROME, absent, client
from tests.office import Office, letter, trusting
from vamaild import leaving
from vamaild.core.absence import to_value
from vamaild.core.ledger import State
from vamaild.core.ruleset import Absence, Lead, RuleSet, Trust

MINUTE = timedelta(minutes=1)


def away(first: str, back: str | None, zone: str = "Europe/Rome", lead: bool = False) -> RuleSet:
    ruleset = absent() if not lead else client(lead=Lead(4))
    back_day = date.fromisoformat(back) if back else None
    answer_by = back_day + timedelta(days=2) if back_day else None
    absence = Absence(date.fromisoformat(first), back_day, answer_by, {"it": "in ferie"})
    about = replace(ruleset.client, timezone=zone)
    return trusting(Trust.SEND, replace(ruleset, client=about, absence=absence, colleague=None))


def office(ruleset: RuleSet, at: datetime) -> Office:
    made = Office(ruleset)
    made.clock.advance(at - made.clock.now())
    return made


def written(made: Office, at: datetime, number: int = 1) -> str:
    """The text a customer's message of this moment gets; "" for none."""
    made.clock.advance(at - made.clock.now())
    sent = at.astimezone(ROME)
    text = f"Ciao, mi mandi il listino {'abcdefghij'[number]}{'abcdefghij'[number]}?"
    made.arrive(letter(number, text, sender=f"c{number}@customer.example", Date=f"{sent:%a, %d %b %Y %H:%M:%S %z}"))
    return next((i.mail.template for i in reversed(made.items())), "") if made.items() else ""


SPANS = [
    ("an ordinary week", "Europe/Rome", "2026-11-30", "2026-12-07"),
    ("clocks go forward on its first day", "Europe/Rome", "2027-03-28", "2027-04-05"),
    ("clocks go forward before the day back", "Europe/Rome", "2027-03-22", "2027-03-28"),
    ("clocks go back on the day back", "Europe/Prague", "2026-10-19", "2026-10-25"),
    ("clocks go back on its first day", "Europe/Prague", "2026-10-25", "2026-11-02"),
    ("east of the host", "Pacific/Auckland", "2026-11-30", "2026-12-07"),
    ("west of the host", "America/Los_Angeles", "2026-11-30", "2026-12-07"),
    ("where midnight does not exist", "America/Asuncion", "2024-10-06", "2024-10-08"),
]


@pytest.mark.parametrize(("name", "zone", "first", "back"), SPANS, ids=[s[0] for s in SPANS])
@pytest.mark.parametrize("host", ["UTC", "Pacific/Kiritimati", "America/Anchorage"])
def test_no_reply_a_day_early_or_late(
    name: str, zone: str, first: str, back: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of the service may tell any zone: 23:59 of the last day before is not away, 00:00 is; and the end."""
    monkeypatch.setenv("TZ", host)
    there, here = ZoneInfo(zone), ZoneInfo(host)
    begins, ends = (datetime.fromisoformat(f"{d}T00:00").replace(tzinfo=there).astimezone(UTC) for d in (first, back))
    moments = [(begins - MINUTE, ""), (begins, "vacation-first"), (ends - MINUTE, "vacation-first"), (ends, "")]
    for number, (at, text) in enumerate(moments, 1):
        made = office(away(first, back, zone), at.astimezone(here))
        assert written(made, at.astimezone(here), number) == text, at.astimezone(there).isoformat()
        if text:
            body = str(made.service.store.outbox((State.QUEUED,))[0].mail.raw, "utf-8")
            assert f"{date.fromisoformat(back).day} " in body


def test_a_lead_time_client_is_promised_as_agreed_before_and_after() -> None:
    ruleset = away("2026-11-30", "2026-12-07", lead=True)
    texts = []
    for number, moment in enumerate(["11-29T23:59", "11-30T00:00", "12-06T23:59", "12-07T00:00"]):
        at = datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=ROME)
        texts.append(written(office(ruleset, at), at, number))
    assert texts == ["ordinary", "vacation-first", "vacation-first", "ordinary"]


def test_what_arrived_before_and_is_read_after_is_answered_by_what_holds_now() -> None:
    """After a standstill nobody is told "away until yesterday"."""
    at = datetime(2026, 12, 7, 8, tzinfo=ROME)
    made = office(away("2026-11-30", "2026-12-07"), at)
    made.box.inbox.append(letter(1, Date="Sun, 06 Dec 2026 23:00:00 +0100"))
    made.box.moments[1] = at - timedelta(hours=9)
    made.look()
    assert made.items() == []
    assert [c.case.reason for c in made.store.cases()] == ["not-away"]


def test_a_reply_that_waits_over_the_end_does_not_leave() -> None:
    at = datetime(2026, 12, 6, 23, 58, tzinfo=ROME)
    made = office(away("2026-11-30", "2026-12-07"), at)
    assert written(made, at) == "vacation-first"
    assert leaving.watch(made.service) == 0
    made.clock.advance(3 * MINUTE)
    assert leaving.watch(made.service) == 1
    assert made.let_out() == 0
    assert [(c.case.reason, c.case.who) for c in made.store.cases()] == [("not-away", "c1@customer.example")]
    assert made.store.promises() == ()


# ---- the assistant's word


NOON = datetime(2026, 11, 26, 12, tzinfo=ROME)


def test_start_at_once_and_end_at_once() -> None:
    made = office(trusting(Trust.SEND, client(lead=None)), NOON)
    ruleset = made.service.rules.rulebook.clients[0]
    assert written(made, NOON) == ""
    found = leaving.planned(ruleset, None, date(2026, 12, 3), 2, NOON)
    leaving.start(ruleset, found, made.service)
    assert (found.first, found.back, found.answer_by) == (date(2026, 11, 26), date(2026, 12, 3), date(2026, 12, 7))
    assert written(made, NOON + MINUTE, 2) == "vacation-first"
    ended = leaving.end(ruleset, made.service)
    assert ended
    assert (ended.promised, ended.by, ended.withdrawn) == (0, date(2026, 12, 7), 1), "it had not left yet"
    assert leaving.end(ruleset, made.service) is None
    assert len(made.items(State.STOPPED)) == 1
    assert written(made, NOON + 9 * MINUTE, 3) == "vacation-first", "the stopped one is the last that was written"


def test_what_was_promised_stays_promised() -> None:
    made = office(away("2026-11-23", "2026-12-07"), NOON)
    written(made, NOON)
    assert made.let_out() == 1
    ended = leaving.end(made.service.rules.rulebook.clients[0], made.service)
    assert ended
    assert (ended.promised, ended.withdrawn) == (1, 0)
    assert len(made.store.promises()) == 1


def test_start_without_a_date_takes_the_file_s_or_none() -> None:
    made = office(away("2026-11-30", "2026-12-07"), NOON)
    (ruleset,) = made.service.rules.rulebook.clients
    found = leaving.planned(ruleset, None, None, 2, NOON)
    assert (found.first, found.back, found.answer_by) == (date(2026, 11, 26), date(2026, 12, 7), date(2026, 12, 9))
    same = leaving.planned(ruleset, None, date(2026, 12, 7), 5, NOON)
    assert same.answer_by == date(2026, 12, 9), "the day of the file said again keeps the file's date for answers"
    over = replace(ruleset, absence=Absence(date(2026, 11, 2), date(2026, 11, 9), None))
    unknown = leaving.planned(over, None, None, 2, NOON)
    assert unknown.back is None
    leaving.start(over, unknown, made.service)
    assert written(made, NOON + MINUTE, 5) == "vacation-undated"
    assert made.store.promises() == ()


def test_another_client_s_word_is_not_ours() -> None:
    made = office(trusting(Trust.SEND, client()), NOON)
    absence = replace(client(), client=replace(client().client, id="other"))
    made.store.keep_away("other", "order", to_value(_order()), NOON)
    assert leaving.stands(absence, made.store, NOON).absence
    assert leaving.standing(made.service.rules.rulebook.clients[0], made.service).absence is None


def _order() -> leaving.Order:
    return leaving.Order("other", NOON, True, date(2026, 11, 26), None)


# ---- who insists, and who wants silence


def test_the_ladder_in_a_whole_service_and_the_nudge() -> None:
    made = office(away("2026-11-23", "2026-12-07"), NOON)
    left = []
    for number in range(1, 8):
        made.clock.advance(7 * MINUTE)
        text = f"Scrivo ancora una volta, la {'abcdefgh'[number]}. Quando ho una risposta?"
        at = f"{made.clock.now().astimezone(ROME):%a, %d %b %Y %H:%M:%S %z}"
        made.arrive(letter(number, text, subject="Preventivo", Date=at))
        made.let_out(5 * MINUTE)
        left.append([i.mail.template for i in made.items(State.SENT, State.DRAFT)])
    assert left[0] == ["vacation-first"]
    assert left[1] == left[2] == left[3] == ["vacation-first", "vacation-second"]
    assert left[4] == left[5] == left[6] == ["vacation-first", "vacation-second", "vacation-fifth"]
    assert [str(n["Subject"]) for n in made.notes("note-nudge")] == ["carla@customer.example insiste: una telefonata?"]
    assert len(made.post.mails) == 3  # two replies and the nudge


def test_no_automatic_replies_please_holds_for_good_until_it_is_taken_back() -> None:
    made = office(away("2026-11-23", "2026-12-07"), NOON)
    made.service.rules = replace(made.service.rules, rulebook=_with_silence(made))
    asking = "Niente risposte automatiche, per favore. Mi manda il listino?"
    made.arrive(letter(1, asking))
    assert made.items() == []
    assert made.store.silenced("acme", "carla@customer.example") == made.clock.now()
    made.clock.advance(timedelta(days=1))
    made.arrive(letter(2, "Mi manda anche il catalogo?"))
    assert made.items() == []
    assert [c.case.reason for c in made.store.cases()] == ["no-auto", "no-auto"]
    assert made.store.unsilence("acme", "carla@customer.example")
    made.arrive(letter(3, "E il contratto, quando arriva?"))
    assert [i.mail.template for i in made.items()] == ["vacation-first"]


def _with_silence(made: Office):  # type: ignore[no-untyped-def]  # a Rulebook; the test needs no more
    book = made.service.rules.rulebook
    italian = book.languages["it"]
    lists = dict(italian.lists) | {"signs.no_auto": ("niente risposte automatiche",)}
    return replace(book, languages={"it": replace(italian, lists=lists)})
