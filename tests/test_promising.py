"""Promises at work, on both stores: reminded once, kept by a person's answer, late when nobody answers."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.make import OWNER, absent, client
from tests.memory_store import MemoryStore
from tests.selling import GIULIA, Quiet, Shop, text_of
from tests.test_rushes import Dying, Killed
from vamaild import promising
from vamaild.adapters.store import SqliteStore
from vamaild.core.egress import inspect
from vamaild.core.ledger import MailboxError, State, Store
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import RuleSet, Trust

CARLA = "carla@customer.example"
FLOOD = "Aiuto, si sta allagando il magazzino."


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    found: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "x.db")
    yield found
    found.close()


def promised(store: Store, text: str = "Mi mandi il preventivo?", ruleset: RuleSet | None = None) -> Shop:
    """Carla was told a date, and the reply has left."""
    shop = Shop(store, ruleset)
    shop.write(text, sender=CARLA)
    shop.look()
    shop.go(shop.at(10, 45))
    shop.send()
    return shop


def states(shop: Shop) -> list[str]:
    return [str(p.state) for p in shop.store.promises(open_only=False)]


def answered(shop: Shop, at: datetime) -> None:
    """A person answers from the mail program; the copy lies in Sent."""
    shop.box.people["<1@acme.example>"] = f"Date: {format_datetime(at)}\r\n\r\nFatto\r\n".encode()


def test_the_eve_of_a_day_brings_a_note_and_a_ready_text(store: Store) -> None:
    shop = promised(store)
    shop.go(shop.at(9, 0, day=26) + timedelta(days=5))
    assert promising.watch(shop.service) == 1
    note, draft = (next(m for m in shop.queued() if m.template == t) for t in ("note-promise", "status-update"))
    told = text_of(note)
    assert note.to == GIULIA
    assert "Preventivo infissi" in told
    assert CARLA in told
    assert "Marco, cliente Acme" in told
    assert "entro le 18:00 di domani" in told
    assert (draft.to, draft.state) == (CARLA, State.DRAFT)
    read = message_from_bytes(draft.raw, policy=policy.default)
    assert read["In-Reply-To"] == "<1@acme.example>"
    assert read["From"].addresses[0].addr_spec == OWNER
    assert read["Subject"] == "Re: Preventivo infissi"
    assert read["Auto-Submitted"] is None, "a person sends it"
    assert "mercoledì 2 dicembre" in text_of(draft)
    assert "Risposta automatica" not in text_of(draft)
    assert inspect(draft.raw, draft.to, ()) == ""


def test_half_an_hour_before_a_promised_hour(store: Store) -> None:
    shop = promised(store, FLOOD)
    shop.go(shop.at(11, 39))
    assert promising.watch(shop.service) == 0
    shop.go(shop.at(11, 40))
    assert promising.watch(shop.service) == 1
    draft = next(m for m in shop.queued() if m.template == "status-update")
    assert "le avevo promesso notizie per le 12:10 di oggi" in text_of(draft)


def test_a_reminder_is_given_once(store: Store) -> None:
    shop = promised(store)
    for minute in range(0, 60, 7):
        shop.go(shop.at(9, minute) + timedelta(days=5))
        promising.watch(shop.service)
    assert shop.templates().count("note-promise") == 1
    assert shop.templates().count("status-update") == 1
    (promise,) = store.promises()
    assert promise.reminded_at == shop.at(9) + timedelta(days=5)


@pytest.mark.parametrize("step", range(1, 3))
@pytest.mark.parametrize("before", [True, False])
def test_a_crash_doubles_no_reminder_and_loses_none(store: Store, step: int, before: bool) -> None:
    shop = promised(store)
    shop.go(shop.at(9, 0) + timedelta(days=5))
    shop.service.store = Dying(store, step, before)  # type: ignore[assignment]
    with suppress(Killed):
        promising.watch(shop.service)
    shop.service.store = store
    promising.watch(shop.service)
    promising.watch(shop.service)
    assert [shop.templates().count(t) for t in ("note-promise", "status-update")] == [1, 1]
    assert store.cases() == ()


@pytest.mark.parametrize(("hour", "state"), [(15, PromiseState.KEPT), (19, PromiseState.LATE)])
def test_a_person_s_answer_keeps_it_in_time_or_late(store: Store, hour: int, state: PromiseState) -> None:
    shop = promised(store)
    answered(shop, shop.at(hour) + timedelta(days=6))
    shop.go(shop.at(9) + timedelta(days=8))  # seen only two days later: the moment of the answer counts
    assert promising.watch(shop.service) == 0
    assert states(shop) == [state]
    assert promising.owed(shop.service, shop.clock.now()) == ()
    assert "note-promise" not in shop.templates()


def test_an_answer_that_came_through_the_inbox_keeps_it(store: Store) -> None:
    shop = promised(store)
    shop.go(shop.at(15))
    shop.write("Fatto.", sender=GIULIA, answers="<1@acme.example>")
    shop.look()
    promising.watch(shop.service)
    assert states(shop) == ["kept"]


def test_our_own_reply_keeps_nothing(store: Store) -> None:
    shop = promised(store)
    shop.write("Grazie!", sender=CARLA, answers="<1@acme.example>")
    shop.look()
    shop.go(shop.at(11))
    promising.watch(shop.service)
    assert states(shop) == ["open"]


def test_past_due_and_unanswered_is_late_in_the_list(store: Store) -> None:
    shop = promised(store)
    due = shop.at(18) + timedelta(days=6)
    assert [o.late for o in promising.owed(shop.service, due)] == [False]
    assert [o.late for o in promising.owed(shop.service, due + timedelta(seconds=1))] == [True]
    shop.go(due + timedelta(hours=1))
    assert promising.watch(shop.service) == 1
    note = next(m for m in shop.queued() if m.template == "note-promise")
    assert "Promessa scaduta" in text_of(note)
    assert states(shop) == ["open"]


DRAFTED = client(client=type(client().client)("acme", "Acme", (OWNER,), "it", ("it",), "Europe/Rome", Trust.DRAFT))


def test_a_draft_has_promised_nothing_yet(store: Store) -> None:
    shop = promised(store, ruleset=DRAFTED)
    assert [len(store.promises()), len(promising.owed(shop.service, shop.clock.now()))] == [1, 0]
    shop.go(shop.at(9) + timedelta(days=5))
    assert promising.watch(shop.service) == 0
    (item,) = store.outbox((State.DRAFT,))
    store.settle(item.id, State.SENT)
    assert promising.watch(shop.service) == 1


def test_the_ready_text_is_taken_back_when_she_has_answered_herself(store: Store) -> None:
    shop = promised(store)
    shop.go(shop.at(9) + timedelta(days=5))
    promising.watch(shop.service)
    answered(shop, shop.at(10) + timedelta(days=5))
    shop.go(shop.at(11) + timedelta(days=5))
    promising.watch(shop.service)
    assert states(shop) == ["kept"]
    assert store.outbox((State.DRAFT,)) == ()


def test_a_server_that_cannot_say_it_stops_no_reminder(store: Store) -> None:
    shop = promised(store)

    def silent(ids: object) -> frozenset[str]:
        raise MailboxError("not now")

    shop.box.answered = silent  # type: ignore[assignment,method-assign]
    shop.go(shop.at(9) + timedelta(days=5))
    assert promising.watch(shop.service) == 1


def test_the_sent_folder_is_asked_every_five_minutes_at_most(store: Store) -> None:
    shop, asked = promised(store), []

    def counted(ids: object) -> frozenset[str]:
        asked.append(ids)
        return frozenset()

    shop.box.answered = counted  # type: ignore[assignment,method-assign]
    for minute in range(46, 58):
        shop.go(shop.at(10, minute))
        promising.watch(shop.service)
    assert len(asked) == 3


def test_a_text_that_cannot_be_written_leaves_the_note(store: Store, tmp_path: Path) -> None:
    shop = promised(store)
    told = {"n": 0}

    class Loud(Quiet):
        def warning(self, event: str, **fields: object) -> None:
            told["n"] += event == "no text for a promise"

    render = shop.service.rules.tools.render

    def broken(template: str, language: str, client: str, words: dict[str, object]) -> object:
        return render("missing" if template == "status-update" else template, language, client, words)

    object.__setattr__(shop.service.rules.tools, "render", broken)
    shop.service.journal = Loud()
    shop.go(shop.at(9) + timedelta(days=5))
    assert promising.watch(shop.service) == 1
    assert told == {"n": 1}
    assert "note-promise" in shop.templates()


def test_what_a_colleague_does_needs_no_text_of_hers(store: Store) -> None:
    shop = promised(store, "Serve subito un sopralluogo.", absent())
    (promise,) = store.promises()
    assert promise.promise.owner == "colleague"
    assert promise.promise.remind_at
    shop.go(promise.promise.remind_at)
    assert promising.watch(shop.service) == 1
    assert "status-update" not in shop.templates()
