"""What is taken away after a time, and when somebody wants to be forgotten: what every store must do."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contracts.entries import DAY, HOUR, NOW, TODAY, asked, case, entry, mail, promise, rush
from vamaild.core.cases import Advance, CaseEvent
from vamaild.core.handover import Forward, Stage
from vamaild.core.learning import Proposal, Sheet, Standing
from vamaild.core.ledger import Outcome, Sort, State, Store, StoreError
from vamaild.core.privacy import Person, Plan, code, planned
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Kind
from vamaild.core.rush import RushState

EVA, TOLD = (
    "eva@shop.example",
    {"new_text": "Teče nám to?", "who": "Eva Malá", "kind": "x", "sender": {"address": "e@x"}},
)
LATER = NOW + 40 * DAY


def plan(text: timedelta = 30 * DAY, events: timedelta = 400 * DAY, now: datetime = LATER, **away: datetime) -> Plan:
    return planned(now, text, events, away)


def purged(store: Store, plan_: Plan) -> dict[str, int]:
    """Batch by batch, to the end; the marks of matters are SQLite's own."""
    found: dict[str, int] = {}
    while batch := store.purge(plan_, 2):
        for table, number in batch.items():
            found[table] = found.get(table, 0) + number
    return {table: n for table, n in found.items() if table != "matter"}


def answered(store: Store, uid: int = 1, **changes: object) -> int:
    """A message whose answer has left."""
    row = store.record(
        entry(uid, outcome=Outcome.ANSWERED, reason="", explanation=TOLD, outgoing=(mail(f"k{uid}"),), **changes)
    )
    for item in store.replies_to(row):
        store.confirm(item.id, NOW)
    return row


def test_what_is_over_loses_its_words_and_keeps_its_place(store: Store) -> None:
    row = answered(store, references=("<a@b.example>",), text_mark="mark")
    before = store.standing(TODAY)
    assert store.oldest_text() == NOW
    assert store.purgeable(plan()) == {"message": 1, "outbox": 1}
    assert purged(store, plan()) == {"message": 1, "outbox": 1}
    kept, (item,) = store.entry(row), store.replies_to(row)
    assert kept is not None
    assert (kept.address, kept.subject, kept.message_id, kept.references, kept.text_mark) == (code(EVA), "", "", (), "")
    assert kept.explanation == {"kind": "x", "sender": {}, "new_text": "?"}
    assert (kept.fingerprint, kept.kind, kept.outcome) == ("print-1", "scheduled-request", Outcome.ANSWERED)
    assert (item.mail.to, item.mail.raw, item.mail.key) == (code(EVA), b"", "<k1@vamaild.example>")
    assert store.known("clienti", ["print-1"]) == {"print-1"}
    assert store.oldest_text() is None
    assert store.standing(TODAY) == before
    assert store.purgeable(plan()) == {} and store.purge(plan(), 10) == {}


def test_young_texts_stay(store: Store) -> None:
    answered(store)
    assert purged(store, plan(text=41 * DAY)) == {}


def test_texts_are_not_kept_longer_than_events(store: Store) -> None:
    row = answered(store)
    assert purged(store, plan(text=99 * DAY, events=30 * DAY)) == {"message": 2, "outbox": 2}
    kept = store.entry(row)
    assert kept is not None and kept.kind == "" and kept.outgoing == ()


def test_her_language_is_remembered_by_the_code(store: Store) -> None:
    answered(store)
    purged(store, plan())
    assert store.history(asked(now=LATER, day_begins=LATER)).language == "cs"
    assert store.history(asked(address="Eva+x@shop.example", now=LATER, day_begins=LATER)).language == "cs"
    assert store.history(asked(address="else@shop.example", now=LATER, day_begins=LATER)).language == ""


OPEN = {
    "case": {"case": case()},
    "emergency": {"case": case(escalates=True, due=NOW)},
    "promise": {"promise": promise()},
    "offer": {"rush": rush(offer_key="<o@x.example>")},
    "queued": {"outgoing": (mail("q"),)},
    "draft": {"outgoing": (mail("d", state=State.DRAFT),)},
}


@pytest.mark.parametrize("what", OPEN)
def test_what_is_open_stays_whole_and_so_does_its_matter(store: Store, what: str) -> None:
    first = answered(store, 1, subject="Voda")
    row = store.record(entry(2, subject="Re: Voda", explanation=TOLD, **OPEN[what]))
    other = answered(store, 3, subject="Okna")
    stranger = answered(store, 4, subject="Voda", address="jan@x.example")
    found = purged(store, plan())
    assert found["message"] == 2 and store.held_back(plan()) == 2
    subjects = {r: e.subject for r in (first, row, other, stranger) if (e := store.entry(r))}
    assert subjects == {first: "Voda", row: "Re: Voda", other: "", stranger: ""}
    assert purged(store, plan(now=NOW + 900 * DAY)).get("message") == 2  # those two, to the bone
    assert store.oldest_text() == NOW


def test_a_yes_that_waits_for_the_assistant_stays_whole(store: Store) -> None:
    request = answered(store, 1, rush=rush())
    yes = answered(store, 2, address="boss@shop.example", subject="ok B")
    (offer,) = store.rushes((RushState.OFFERED,))
    assert store.take(offer.id, yes, "boss", NOW, "AAAA")
    assert "message" not in purged(store, plan())
    store.end_rush(offer.id, RushState.REFUSED, NOW)
    assert purged(store, plan())["message"] == 2
    assert request != yes


def test_a_matter_that_a_colleague_has_stays_whole(store: Store) -> None:
    row = answered(store)
    forward = Forward("novak", row, EVA, "tom@novak.example", "<k1@vamaild.example>", 0, Stage.HANDED, NOW)
    number = store.add_forward(forward)
    store.packed("<p@vamaild.example>", number, "tom@novak.example", NOW)
    store.queue_mail(mail("p", sort=Sort.NOTE, to="tom@novak.example"))
    for item in store.outbox((State.QUEUED,)):
        store.confirm(item.id, NOW)
    assert purged(store, plan()) == {}
    assert store.move_forward(replace(forward, id=number, stage=Stage.DONE, ended_at=NOW), Stage.HANDED)
    assert purged(store, plan()) == {"message": 1, "outbox": 2, "forward": 1}
    kept = store.forward(number)
    assert kept is not None and kept.customer == code(EVA)


def test_an_absence_that_lasts_is_kept_whole(store: Store) -> None:
    before, within = answered(store, 1, received=NOW - 9 * DAY), answered(store, 2)
    other = answered(store, 3, client="rossi")
    store.keep_away("novak", "interview", {"key": "x"}, NOW)
    store.keep_away("rossi", "interview", {"key": "x"}, NOW)
    found = purged(store, plan(novak=NOW - DAY))
    assert found["message"] == 2 and found["away"] == 1
    assert [bool(e.subject) for row in (before, within, other) if (e := store.entry(row))] == [False, True, False]
    assert store.away_kept("novak", "interview") and not store.away_kept("rossi", "interview")
    assert store.held_back(plan(novak=NOW - DAY)) == 1


def test_the_order_over_an_absence_is_no_text(store: Store) -> None:
    store.keep_away("novak", "order", {"on": True}, NOW)
    purged(store, plan(now=NOW + 900 * DAY))
    assert store.away_kept("novak", "order")


def test_a_closed_case_says_nothing_any_more(store: Store) -> None:
    row = store.record(entry(1, outcome=Outcome.ESCALATED, reason="", case=case(escalates=True, due=NOW)))
    (opened,) = store.cases()
    store.close_case(opened.code, NOW + HOUR)
    assert purged(store, plan())["queue"] == 1
    kept = store.case(opened.code)
    assert kept is not None
    assert (kept.case.note, kept.case.who, kept.case.subject, kept.resolution) == ("", "", "", "")
    assert kept.case.escalates and kept.closed_at == NOW + HOUR
    purged(store, plan(now=NOW + 900 * DAY))
    assert store.case(opened.code) is None and store.entry(row)


@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.LATE, PromiseState.WITHDRAWN])
def test_a_promise_that_ended(store: Store, state: PromiseState) -> None:
    answered(store, promise=promise())
    (told,) = store.promises()
    store.end_promise(told.id, state, NOW + DAY)
    assert purged(store, plan())["promise"] == 1
    kept = store.promise(told.id)
    assert kept is not None and (kept.promise.to, kept.promise.what, kept.state) == (code(EVA), "", state)
    purged(store, plan(now=NOW + 900 * DAY))
    assert store.promise(told.id) is None


def test_what_was_sold_is_kept_for_the_bill(store: Store) -> None:
    row = answered(store, rush=rush())
    (offer,) = store.rushes((RushState.OFFERED,))
    assert store.take(offer.id, row, "Eva", NOW, "AAAA") and store.end_rush(offer.id, RushState.AGREED, NOW)
    assert "rush" not in purged(store, plan())
    kept = store.rush(offer.id)
    assert kept is not None and kept.offer.what == "Voda"


def test_an_offer_that_ran_out(store: Store) -> None:
    answered(store, rush=rush())
    (offer,) = store.rushes((RushState.OFFERED,))
    store.end_rush(offer.id, RushState.EXPIRED, NOW)
    assert purged(store, plan())["rush"] == 1
    kept = store.rush(offer.id)
    assert kept is not None and (kept.offer.what, kept.offer.to) == ("", code(EVA))


def test_sheets_bounces_and_proposals(store: Store) -> None:
    store.keep_sheet(Sheet("<s@x.example>", "", "me@x.example", NOW, ("case AAAA",)))
    answered(store)
    store.bounced(["<k1@vamaild.example>"], NOW)
    number = store.propose(Proposal("novak", "from", (EVA,), Kind.AUTOMATIC, (1,)), NOW)
    waiting = store.propose(Proposal("novak", "from", ("b@x.example",), Kind.AUTOMATIC, (1,)), NOW)
    store.answer_proposal(number, Standing.REFUSED, "me", NOW)
    found = purged(store, plan())
    assert (found["sheet"], found["proposal"], found.get("bounce")) == (1, 1, None)
    assert purged(store, plan(now=NOW + 61 * DAY)).get("bounce") == 1
    assert {k.number: k.proposal.values for k in store.proposals()} == {number: (), waiting: ("b@x.example",)}
    assert store.propose(Proposal("novak", "from", (EVA,), Kind.AUTOMATIC, (1,)), NOW) == 0  # refused for good


# --- forgotten


def test_somebody_is_forgotten(store: Store) -> None:
    hers = answered(store, 1, address="Eva+news@Shop.example", promise=promise())
    other = answered(store, 2, address="jan@x.example")
    store.end_promise(store.promises()[0].id, PromiseState.KEPT, NOW)
    before = store.standing(TODAY)
    about = store.about(Person("EVA@shop.example"))
    assert (about.clients, about.texts, about.open, about.busy) == (("novak",), 1, (), False)
    assert about.rows["message"] == 1 and about.rows["promise"] == 1
    assert store.forget(Person(EVA), NOW)["message"] == 1
    kept, still = store.entry(hers), store.entry(other)
    assert kept is not None and still is not None
    assert (kept.address, kept.subject, kept.explanation.get("who"), kept.kind) == ("", "", None, "scheduled-request")
    assert (still.address, still.subject) == ("jan@x.example", "Matter number 2")
    assert store.known("clienti", ["print-1"]) and store.standing(TODAY) == before
    assert not store.about(Person(EVA)).rows
    assert store.forget(Person(EVA), NOW) == {}


def test_after_the_purge_she_is_found_by_her_code(store: Store) -> None:
    row = answered(store, address="Eva+news@Shop.example")
    purged(store, plan())
    assert store.forget(Person(EVA), LATER)["message"] == 1
    kept = store.entry(row)
    assert kept is not None and kept.address == ""


@pytest.mark.parametrize("what", OPEN)
def test_what_is_open_ends_with_her(store: Store, what: str) -> None:
    outcome = Outcome.WAITING if what in ("case", "draft") else Outcome.ANSWERED
    row = store.record(entry(1, outcome=outcome, reason="draft" if outcome is Outcome.WAITING else "", **OPEN[what]))
    assert len(store.about(Person(EVA)).open) == 1
    store.forget(Person(EVA), NOW)
    assert store.about(Person(EVA)).open == ()
    assert not store.cases() and not store.promises() and not store.rushes((RushState.OFFERED,))
    assert not store.outbox((State.QUEUED, State.DRAFT)) and store.claim(NOW + DAY) is None
    kept = store.entry(row)
    assert kept is not None and kept.outcome is not Outcome.WAITING
    assert sum(store.standing(TODAY).by_outcome.values()) == 1


def test_nobody_is_forgotten_while_a_mail_is_on_its_way(store: Store) -> None:
    row = store.record(entry(1, outgoing=(mail(),)))
    assert store.claim(NOW)
    assert store.about(Person(EVA)).busy
    with pytest.raises(StoreError, match="being sent"):
        store.forget(Person(EVA), NOW)
    kept = store.entry(row)
    assert kept is not None and kept.address == EVA


def test_for_one_client_only(store: Store) -> None:
    rows = [answered(store, n, client=c) for n, c in ((1, "novak"), (2, "rossi"))]
    assert store.about(Person(EVA)).clients == ("novak", "rossi")
    assert store.forget(Person(EVA, "rossi"), NOW)["message"] == 1
    assert [e.address for row in rows if (e := store.entry(row))] == [EVA, ""]


def test_the_wish_for_silence_outlives_her(store: Store) -> None:
    answered(store)
    store.silence("novak", EVA, NOW)
    assert store.about(Person(EVA)).silenced and not store.about(Person("jan@x.example")).silenced
    store.forget(Person(EVA), NOW)
    assert store.silenced("novak", EVA) == NOW


def test_a_client_is_forgotten(store: Store) -> None:
    row = store.record(entry(1, outcome=Outcome.WAITING, reason="doubt", case=case(), promise=promise()))
    other = answered(store, 2, client="rossi")
    assert store.about_client("novak").rows["message"] == 1 and not store.about_client("nobody").anything
    assert store.forget_client("novak", NOW)["message"] == 1
    kept, still = store.entry(row), store.entry(other)
    assert kept is not None and still is not None
    assert (kept.client, kept.address, kept.kind, kept.subject, kept.outcome) == ("", "", "", "", Outcome.NO_REPLY)
    assert (still.client, still.address) == ("rossi", EVA)
    assert store.cases() == () and store.promises() == ()
    assert store.known("clienti", ["print-1"]) and store.standing(TODAY).arrived == 2
    assert not store.about_client("novak").anything


def test_what_was_said_about_a_case_goes_with_its_texts(store: Store) -> None:
    store.record(entry(1, case=case(escalates=True, due=NOW)))
    (opened,) = store.cases()
    event = CaseEvent(NOW, "taken", "petr", "Eva Malá")
    store.advance(opened.code, opened.version, Advance({}, None, "petr", NOW, NOW, events=(event,)), NOW)
    purged(store, plan())
    assert [(e.what, e.who, e.detail) for e in store.case_events(opened.code)] == [("taken", "petr", "")]
