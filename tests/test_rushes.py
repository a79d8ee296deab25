"""The sale of a rush from the first mail to the invoice, on both stores: one charge at most, no promise lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from tests.make import RUSH, client
from tests.memory_store import MemoryStore
from tests.selling import MARCO, RUSHED, Shop, text_of
from vamaild import rushes
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, State, Store
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import RuleSet
from vamaild.core.rush import Rush, RushState

Open = Callable[..., Shop]


@pytest.fixture(params=["memory", "sqlite"])
def open_shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    stores: list[Store] = []

    def opened(ruleset: RuleSet | None = None, **changes: object) -> Shop:
        memory = request.param == "memory"
        stores.append(MemoryStore() if memory else SqliteStore(tmp_path / f"{len(stores)}.db"))
        return Shop(stores[-1], ruleset, **changes)

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    return open_shop()


def rush_in(shop: Shop) -> Rush:
    (rush,) = shop.store.rushes(tuple(RushState))
    return rush


def owed(shop: Shop) -> list[tuple[str, str]]:
    return [(p.promise.template, f"{p.promise.due:%d %H:%M}") for p in shop.store.promises()]


def test_an_offer_is_kept_and_a_is_promised(shop: Shop) -> None:
    key = shop.offered()
    rush = rush_in(shop)
    assert (rush.state, rush.offer.offer_key, rush.offer.to) == (RushState.OFFERED, key, MARCO)
    assert [t for t, _ in owed(shop)] == ["rush-offer"]


def his_b(shop: Shop) -> tuple[Outcome, str]:
    """Where the message with the B stands."""
    entry = shop.store.find_entry("inbox", 2)
    assert entry
    return entry.outcome, entry.reason


def test_his_b_waits_for_her_yes_and_she_is_told(shop: Shop) -> None:
    code = shop.bought()
    rush = rush_in(shop)
    assert (rush.state, rush.case, rush.taken_by) == (RushState.TAKEN, code, MARCO)
    assert rush.taken_at == shop.at(10, 46)
    assert his_b(shop) == (Outcome.WAITING, "rush-accepted")
    assert shop.templates() == ["rush-offer", "note-rush"]
    note = text_of(shop.queued()[1])
    assert code in note
    assert "entro le 18:00 di oggi" in note
    assert "50%" in note
    assert [t for t, _ in owed(shop)] == ["rush-offer"], "nothing is sold yet: A stands"


def test_her_yes_is_an_agreement_a_promise_and_a_mail_in_his_thread(shop: Shop) -> None:
    code = shop.bought()
    shop.go(shop.at(10, 56))
    done = rushes.confirm(shop.service, rush_in(shop), 1.5, True, shop.clock.now())
    assert done.done
    assert done.leaves == shop.at(11, 0)
    assert "11:00" in done.words
    rush = rush_in(shop)
    assert (rush.state, rush.hours, rush.charged) == (RushState.AGREED, 1.5, True)
    (promise,) = shop.store.promises()
    assert (promise.promise.template, promise.promise.hour, promise.promise.to) == ("rush-confirmed", True, MARCO)
    assert promise.promise.due == shop.at(18, 0)
    assert promise.promise.remind_at == shop.at(17, 30)
    case = shop.store.case(code)
    assert case
    assert case.closed_at
    assert his_b(shop) == (Outcome.ANSWERED, "")
    shop.go(shop.at(11, 1))
    shop.send()
    to, mail = shop.post.sent[-1]
    assert to == MARCO
    assert (mail["In-Reply-To"], mail["From"].addresses[0].addr_spec) == ("<2@acme.example>", "boss@client.example")
    assert rush.offer.offer_key in mail["References"]
    assert mail["Subject"] == "Re: Preventivo infissi: confermato"
    body = mail.get_content()
    assert "Ciao Marco" in body
    assert "entro le 18:00 di oggi" in body
    assert "come da tuo ok delle 10:46" in body
    assert "entro le 11:30 di oggi" in body
    assert "Risposta automatica" not in body, "she has approved it"


def test_a_second_yes_changes_nothing(shop: Shop) -> None:
    shop.bought()
    first = rush_in(shop)
    assert rushes.confirm(shop.service, first, 1.0, True, shop.clock.now()).done
    again = rushes.confirm(shop.service, first, 9.0, True, shop.clock.now())
    no = rushes.refuse(shop.service, first, shop.clock.now())
    assert not again.done
    assert not no.done
    assert "agreed already" in again.words
    assert rush_in(shop).hours == 1.0
    assert shop.templates().count("rush-confirmed") == 1
    assert len(shop.store.promises()) == 1


def test_her_no_names_the_date_of_a(shop: Shop) -> None:
    code = shop.bought()
    assert rushes.refuse(shop.service, rush_in(shop), shop.clock.now()).done
    assert rush_in(shop).state is RushState.REFUSED
    assert shop.templates() == ["rush-offer", "note-rush", "rush-refused"]
    assert "entro mercoledì 2 dicembre" in text_of(shop.queued()[2])
    assert [t for t, _ in owed(shop)] == ["rush-offer"], "A is still promised"
    case = shop.store.case(code)
    assert case
    assert case.closed_at
    assert his_b(shop) == (Outcome.ANSWERED, "")
    assert not rushes.confirm(shop.service, rush_in(shop), None, True, shop.clock.now()).done


def test_her_yes_comes_too_late(shop: Shop) -> None:
    shop.bought()
    shop.go(shop.at(18, 0))
    done = rushes.confirm(shop.service, rush_in(shop), None, True, shop.clock.now())
    assert not done.done
    assert "Too late" in done.words
    assert rush_in(shop).state is RushState.TAKEN
    assert rushes.refuse(shop.service, rush_in(shop), shop.clock.now()).done


class Killed(BaseException):
    """The process dies here."""


WRITES = ("end_rush", "end_promise", "add_promise", "queue_mail", "close_case", "answer_given", "take", "record")


class Dying:
    """A store that dies at its n-th write, before or after it is done."""

    def __init__(self, store: Store, at: int, before: bool) -> None:
        self._store, self._left, self._before = store, at, before

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in WRITES:
            return found

        def call(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0 and self._before:
                raise Killed
            result = found(*args, **more)
            if self._left == 0:
                raise Killed
            return result

        return call


@pytest.mark.parametrize("step", range(1, 7))
@pytest.mark.parametrize("before", [True, False])
def test_killed_between_any_two_steps_of_a_yes(shop: Shop, step: int, before: bool) -> None:
    shop.bought()
    rush = rush_in(shop)
    shop.service.store = Dying(shop.store, step, before)  # type: ignore[assignment]
    with suppress(Killed):
        rushes.confirm(shop.service, rush, 1.5, True, shop.clock.now())
    shop.service.store = shop.store
    assert len(shop.store.promises()) == 1
    agreed = rush_in(shop).state is RushState.AGREED
    assert agreed == ("rush-confirmed" in shop.templates())
    rushes.confirm(shop.service, rush, 1.5, True, shop.clock.now())
    assert rush_in(shop).state is RushState.AGREED
    assert shop.templates().count("rush-confirmed") == 1
    assert [t for t, _ in owed(shop)] == ["rush-confirmed"]
    assert shop.store.cases() == ()


@pytest.mark.parametrize("step", range(1, 5))
@pytest.mark.parametrize("before", [True, False])
def test_killed_between_any_two_steps_of_a_b(shop: Shop, step: int, before: bool) -> None:
    key = shop.offered()
    shop.write("B", answers=key)
    shop.service.store = Dying(shop.store, step, before)  # type: ignore[assignment]
    with suppress(Killed):
        shop.look()
    shop.service.store = shop.store
    shop.look()
    rush = rush_in(shop)
    (case,) = shop.store.cases()
    assert (rush.state, rush.case) == (RushState.TAKEN, case.code)
    assert shop.templates().count("note-rush") == 1


def test_b_by_arrival_though_it_is_fetched_late(shop: Shop) -> None:
    key = shop.offered()
    shop.go(shop.at(11, 50))
    rushes.watch(shop.service)
    shop.write("B", answers=key, at=shop.at(11, 29))
    shop.look()
    assert rush_in(shop).state is RushState.TAKEN


def test_silence_means_a(shop: Shop) -> None:
    shop.offered()
    shop.go(shop.at(11, 45))
    assert rushes.watch(shop.service) == 0
    shop.go(shop.at(12, 1))
    assert rushes.watch(shop.service) == 1
    assert rushes.watch(shop.service) == 0
    assert rush_in(shop).state is RushState.EXPIRED
    assert [t for t, _ in owed(shop)] == ["rush-offer"]
    assert shop.store.cases() == ()


def test_a_says_a(shop: Shop) -> None:
    key = shop.offered()
    shop.write("va bene la A", answers=key)
    shop.look()
    assert rush_in(shop).state is RushState.DECLINED
    assert shop.store.cases() == ()
    assert shop.templates() == ["rush-offer"]


def test_b_before_the_offer_has_left_is_no_sale(shop: Shop) -> None:
    shop.write(RUSHED)
    shop.look()
    key = shop.queued()[0].key
    shop.write("B", answers=key)
    shop.look()
    assert rush_in(shop).state is RushState.OFFERED
    (case,) = shop.store.cases()
    assert "our offer has not left" in case.case.note


def test_b_to_another_client_s_offer_is_no_sale(shop: Shop) -> None:
    shop.offered()
    shop.write("B", answers="<guessed@client.example>")
    shop.look()
    assert rush_in(shop).state is RushState.OFFERED


def test_a_second_b_opens_no_second_case(shop: Shop) -> None:
    shop.bought()
    key = rush_in(shop).offer.offer_key
    shop.write("B!", answers=key)
    shop.look()
    assert len(shop.store.cases()) == 1
    assert shop.templates().count("note-rush") == 1


def test_two_b_in_one_batch_are_one_sale(shop: Shop) -> None:
    key = shop.offered()
    shop.write("B", answers=key)
    shop.write("ok, la B", answers=key)
    shop.look()
    assert len(shop.store.cases()) == 1


AT_ONCE = client(rush=type(RUSH)("offer", "no", 2, RUSH.tiers))
PROVEN = "mx.client.example; dmarc=pass header.from=acme.example"


def test_agreed_at_once_where_all_is_proven(open_shop: Open) -> None:
    shop = open_shop(AT_ONCE, own_servers=("mx.client.example",))
    key = shop.offered()
    shop.go(shop.at(10, 50))
    shop.write("B", answers=key, Authentication_Results=PROVEN)
    shop.look()
    assert rush_in(shop).state is RushState.AGREED
    assert [t for t, _ in owed(shop)] == ["rush-confirmed"]
    assert shop.store.cases() == ()
    assert shop.templates() == ["rush-offer", "rush-confirmed", "note-rush"]
    assert "già confermata" in text_of(shop.queued()[2])
    shop.go(shop.at(11, 0))
    shop.send()
    sent = {to: mail["Subject"] for to, mail in shop.post.sent}
    assert sent == {
        MARCO: "Re: Preventivo infissi: confermato",
        "giulia@ferri-av.example": "Venduta la B: Marco: Preventivo infissi",
    }


def test_not_at_once_without_proof(open_shop: Open) -> None:
    shop = open_shop(AT_ONCE)
    shop.bought("B")
    assert rush_in(shop).state is RushState.TAKEN
    assert "rush-confirmed" not in shop.templates()


def test_a_stopped_confirmation_is_charged_to_nobody(shop: Shop) -> None:
    shop.bought()
    rushes.confirm(shop.service, rush_in(shop), 1.5, True, shop.clock.now())
    item = next(i for i in shop.store.outbox((State.QUEUED,)) if i.mail.template == "rush-confirmed")
    shop.store.withdraw(item.id, "answered")
    code = rushes.stopped(shop.service, item, shop.clock.now())
    assert [c.code for c in shop.store.cases()] == [code]
    assert (rush_in(shop).charged, rush_in(shop).hours) == (False, None)
    assert [t for t, _ in owed(shop)] == ["rush-offer"]
    other = next(i for i in shop.store.outbox(tuple(State)) if i.mail.template == "rush-offer")
    assert rushes.stopped(shop.service, other, shop.clock.now()) == ""


def test_the_invoice(shop: Shop) -> None:
    shop.bought()
    rushes.confirm(shop.service, rush_in(shop), 1.5, True, shop.clock.now())
    day = timedelta(days=1)
    found = rushes.invoice(shop.service, shop.at(0), shop.at(0) + day).splitlines()
    assert found[1:] == [
        "2026-11-26,Acme,Preventivo infissi,50,1.5,marco@acme.example,2026-11-26T10:46+01:00,"
        "<2@acme.example>,2026-11-26T18:00+01:00,yes,,,"
    ]
    assert len(rushes.invoice(shop.service, shop.at(0) - day, shop.at(0)).splitlines()) == 1


def test_no_more_than_this_week_s_are_offered(open_shop: Open) -> None:
    shop = open_shop(client(rush=type(RUSH)("offer", "me", 1, RUSH.tiers)))
    shop.bought()
    shop.go(shop.at(10, 50))
    shop.write("Mi serve anche il contratto entro stasera.", subject="Contratto fornitore")
    shop.look()
    assert shop.templates() == ["rush-offer", "note-rush", "lead-time"]
    assert [r.state for r in shop.store.rushes(tuple(RushState))] == [RushState.TAKEN]


def test_she_is_told_once_more_when_he_expects_her_answer(shop: Shop) -> None:
    shop.bought()
    for minute in (20, 30, 31, 40):
        shop.go(shop.at(11, minute))
        rushes.watch(shop.service)
    assert shop.templates().count("note-rush") == 2


def test_withdrawn_promises_stay_in_the_book(shop: Shop) -> None:
    shop.bought()
    rushes.confirm(shop.service, rush_in(shop), None, False, shop.clock.now())
    every = {p.promise.template: p.state for p in shop.store.promises(open_only=False)}
    assert every == {"rush-offer": PromiseState.WITHDRAWN, "rush-confirmed": PromiseState.OPEN}


def test_the_notes_go_to_the_assistant_alone(shop: Shop) -> None:
    shop.bought()
    note = next(m for m in shop.queued() if m.template == "note-rush")
    read = message_from_bytes(note.raw, policy=policy.default)
    assert note.to == read["To"].addresses[0].addr_spec == "giulia@ferri-av.example"
