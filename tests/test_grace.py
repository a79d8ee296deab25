"""The minutes before a reply leaves: mails in a row get one reply, a person's answer stops ours, a pause holds it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.make import ITALIAN, absent
from tests.memory_store import MemoryStore
from tests.office import CARLA, Office, letter, trusting
from vamaild import chain, dispatch
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, PostError, State, Store
from vamaild.core.notify import Delivered, Delivery, Notice
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import Pause


class Told:
    """A way to our own people that takes everything."""

    def __init__(self, notices: list[Notice]) -> None:
        self.notices = notices

    def notify(self, way: str, notice: Notice) -> Delivered:
        self.notices.append(notice)
        return Delivered(Delivery.DELIVERED)


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WORDS = replace(ITALIAN, lists={**ITALIAN.lists, "urgency.solved": ("non serve più", "risolto"),
                                "urgency.negators": ("non",), "urgency.light": ("è",)})  # fmt: skip


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    store: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "vamaild.db")
    found = Office(trusting(Trust.SEND), store=store)
    rules = found.service.rules
    found.service.rules = replace(rules, rulebook=replace(rules.rulebook, languages={"it": WORDS}))
    yield found
    store.close()


def writes(
    office: Office, number: int, text: str, *, after: timedelta = MINUTE, subject: str = "Listino", **f: str
) -> None:
    office.clock.advance(after)
    sender = f.pop("sender", CARLA)
    office.arrive(letter(number, text, subject=subject, sender=sender, **f))


def outcomes(office: Office) -> list[tuple[Outcome, str]]:
    found = (office.store.find_entry("inbox", uid + 1) for uid in range(len(office.box.inbox)))
    return [(entry.outcome, entry.reason) for entry in found if entry]


def told(office: Office) -> list[str]:
    return [str(mail["In-Reply-To"]) for _, mail in office.post.mails if mail["Auto-Submitted"] == "auto-replied"]


# ---- mails in a row


def test_three_in_a_row_get_one_reply_to_the_last(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "E quanto costa la consegna?", subject="Re: Listino")
    writes(office, 3, "E gli orari di apertura, per favore?", subject="Re: Listino")
    assert [i.mail.not_before for i in office.items(State.QUEUED)] == [office.clock.now() + 4 * MINUTE]
    assert office.let_out() == 1
    assert told(office) == ["<m3@customer.example>"]
    assert [o for o, _ in outcomes(office)] == [Outcome.ANSWERED] * 3, "the last reply answers all"
    assert office.store.cases() == ()


def test_the_one_reply_keeps_the_promise_and_no_other_stays(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "E quanto costa la consegna?")
    (promise,) = office.store.promises()
    entry = office.store.entry(promise.message)
    assert entry
    assert entry.uid == 2


@pytest.mark.parametrize(
    ("changes", "mails"),
    [
        ({"subject": "Tutt'altro"}, 2),
        ({"sender": "dora@third.example"}, 2),
        ({"subject": "Tutt'altro", "References": "<m1@customer.example>"}, 1),
        ({"subject": "R: Listino"}, 1),
        ({"after": 5 * MINUTE}, 1),  # it still waits: nothing was let out
    ],
)
def test_one_person_and_one_matter(office: Office, changes: dict[str, object], mails: int) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "E quanto costa la consegna?", **changes)  # type: ignore[arg-type]  # by name
    assert len(office.items(State.QUEUED)) == mails


def test_what_has_left_is_not_called_back(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    office.let_out()
    writes(office, 2, "Serve subito, quanto costa la consegna?")
    office.let_out()
    assert told(office) == ["<m1@customer.example>", "<m2@customer.example>"]


@pytest.mark.parametrize("thanks", ["Grazie mille!", "Ricevuto."])
def test_thanks_leave_the_reply_where_it_is(office: Office, thanks: str) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, thanks, subject="Re: Listino")
    office.let_out()
    assert told(office) == ["<m1@customer.example>"]
    assert outcomes(office)[1] == (Outcome.NO_REPLY, "nobody-waits")


@pytest.mark.parametrize(
    ("text", "left"),
    [("Grazie mille, non serve più.", 0), ("Grazie mille, non è risolto.", 1)],
    ids=["over", "not over"],
)
def test_what_is_no_longer_needed_is_not_answered(office: Office, text: str, left: int) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, text, subject="Re: Listino")
    office.let_out()
    assert len(told(office)) == left
    assert len(office.store.promises()) == left
    if not left:
        assert outcomes(office)[0] == (Outcome.NO_REPLY, "nobody-waits")


def test_the_confirmation_of_an_emergency_is_never_replaced(office: Office) -> None:
    writes(office, 1, "Il magazzino si sta allagando!")
    writes(office, 2, "E mi mandi il listino?", after=timedelta())
    office.let_out()
    assert sorted(told(office)) == ["<m1@customer.example>", "<m2@customer.example>"]


def test_an_emergency_replaces_the_ordinary_reply(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "Il magazzino si sta allagando!", subject="Re: Listino")
    office.let_out()
    assert told(office) == ["<m2@customer.example>"]
    assert outcomes(office)[1][0] is Outcome.ESCALATED


def test_an_offer_of_a_rush_stands_for_both(office: Office) -> None:
    marco = "marco@acme.example"
    person = replace(office.ruleset.people[0], accepts_rush=True)
    changed = replace(office.ruleset, people=(person,))
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(changed,)))
    writes(office, 1, "Mi serve per stasera il listino, me lo mandi?", sender=marco)
    writes(office, 2, "Con il logo nuovo, mi raccomando.", sender=marco, subject="Re: Listino")
    (item,) = office.items(State.QUEUED)
    assert item.mail.template == "rush-offer"
    assert [o for o, _ in outcomes(office)] == [Outcome.ANSWERED] * 2
    assert len(office.store.rushes((RushState.OFFERED,))) == 1


def test_a_client_on_holiday_says_the_first_word_once(office: Office) -> None:
    """What would be replaced was never said: the second mail gets the whole notice, not the short second one."""
    office.ruleset = trusting(Trust.SEND, absent())
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(office.ruleset,)))
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "E quanto costa la consegna?")
    assert [i.mail.template for i in office.items(State.QUEUED)] == ["vacation-first"]


# ---- a person was quicker


def test_her_own_answer_in_the_grace_time_stops_ours(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    office.answers(1)
    assert office.let_out() == 0
    assert outcomes(office) == [(Outcome.NO_REPLY, "answered")]
    assert office.store.cases() == ()
    assert office.store.promises() == ()


def test_her_answer_to_a_later_mail_of_the_thread_counts(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    office.answers(2, References="<m1@customer.example> <m2@customer.example>")
    assert office.let_out() == 0


def test_the_thread_is_hers_from_then_on(office: Office) -> None:
    office.answers(1)
    writes(office, 2, "E la consegna?", subject="Re: Listino", References="<m0@customer.example> <m1@customer.example>")
    assert office.let_out() == 0
    assert [c.case.reason for c in office.store.cases()] == ["answered"], "silence to a person is no answer: she looks"
    assert outcomes(office) == [(Outcome.WAITING, "answered")]


def test_an_emergency_in_her_thread_is_confirmed_all_the_same(office: Office) -> None:
    office.answers(1)
    writes(office, 2, "Il magazzino si sta allagando!", References="<m1@customer.example>")
    office.let_out()
    assert told(office) == ["<m2@customer.example>"]


def test_an_automatic_copy_of_ours_silences_nobody(office: Office) -> None:
    writes(office, 1, "Mi mandi il listino?")
    office.let_out()
    writes(office, 2, "Serve subito la consegna!", after=HOUR, References="<m1@customer.example>")
    office.let_out()
    assert len(told(office)) == 2


def test_many_references_are_all_asked_about(office: Office) -> None:
    office.answers(7)
    chain = " ".join(f"<m{n}@customer.example>" for n in range(12))
    for number in range(100, 130):
        writes(office, number, f"Mi mandi il listino {'x' * number}?", subject=f"S{'y' * number}", References=chain,
               sender=f"p{'z' * (number - 99)}@c{number}.example", after=timedelta())  # fmt: skip
    assert office.let_out() == 0


# ---- a pause


def paused(office: Office, until: timedelta | None, client: str = "acme") -> None:
    now = office.clock.now()
    office.store.pause(Pause(client, now, now + until if until else None, "giulia"))


@pytest.mark.parametrize("client", ["acme", ""])
def test_a_pause_holds_replies_and_lets_notices_go(office: Office, client: str) -> None:
    paused(office, None, client)
    writes(office, 1, "Mi mandi il listino?")
    assert office.let_out() == 0
    assert dispatch.next_due(office.service, office.clock.now()) is None, "nobody is woken for it"
    writes(office, 2, "Il magazzino si sta allagando!", sender="dora@third.example", subject="Acqua")
    told_of: list[Notice] = []
    office.service.notifiers = {"email": Told(told_of)}
    chain.watch(office.service)
    office.let_out()
    assert len(told_of) == 1
    assert [to for to, _ in office.post.mails] == ["dora@third.example"]
    assert told(office) == ["<m2@customer.example>"], "the receipt of an emergency is held by no pause"
    office.store.resume(client)
    office.let_out(timedelta())
    assert len(told(office)) == 2


def test_it_wakes_when_the_pause_ends(office: Office) -> None:
    paused(office, 2 * HOUR)
    end = office.clock.now() + 2 * HOUR
    writes(office, 1, "Mi mandi il listino?")
    assert dispatch.next_due(office.service, office.clock.now()) == end
    assert office.let_out(2 * HOUR) == 1


def test_the_pause_of_another_holds_nothing(office: Office) -> None:
    paused(office, None, "beta")
    writes(office, 1, "Mi mandi il listino?")
    assert office.let_out() == 1


@pytest.mark.parametrize("resumed", [True, False])
def test_what_a_pause_held_too_long_is_a_person_s(office: Office, resumed: bool) -> None:
    paused(office, None)
    writes(office, 1, "Mi mandi il listino?")
    office.let_out(71 * HOUR)
    assert office.store.cases() == ()
    if resumed:
        office.clock.advance(2 * HOUR)
        office.store.resume("acme")
    assert office.let_out(2 * HOUR) == 0
    assert [c.case.reason for c in office.store.cases()] == ["too-old"]
    assert outcomes(office) == [(Outcome.WAITING, "too-old")], "nobody has told them anything: it is hers"
    assert office.store.promises() == ()
    assert office.let_out(HOUR) == 0
    assert len(office.store.cases()) == 1


def test_mails_in_a_row_make_way_in_a_pause_too(office: Office) -> None:
    paused(office, DAY)
    writes(office, 1, "Mi mandi il listino?")
    writes(office, 2, "E quanto costa la consegna?", after=5 * HOUR)
    assert office.let_out(2 * DAY) == 1
    assert told(office) == ["<m2@customer.example>"]


class Greylisting:
    """A server that says "later" for ever."""

    def send(self, to: str, raw: bytes) -> None:
        raise PostError("try again later")

    def close(self) -> None: ...


def test_what_was_tried_for_days_comes_too_late(office: Office) -> None:
    """Each attempt moves the moment it is due; its age is counted from the decision."""
    office.service.post = Greylisting()
    writes(office, 1, "Mi mandi il listino?")
    for _ in range(80):
        office.let_out(HOUR)
    assert [c.case.reason for c in office.store.cases()] == ["too-old"]
    assert office.items(State.QUEUED) == []
