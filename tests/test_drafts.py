"""What becomes of drafts, and what is learned from it, without servers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.make import ITALIAN
from tests.memory_mailbox import MemoryMailbox
from tests.memory_store import MemoryStore
from tests.office import DRAFTS, NOW, SENT, Office, letter, trusting
from vamaild import dispatch, drafts, round
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, State, Store
from vamaild.core.ruleset import Trust
from vamaild.core.trust import AGAIN_AFTER, Fate, Level, effective

MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    found: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "vamaild.db")
    yield found
    found.close()


@pytest.fixture
def office(store: Store) -> Office:
    return Office(trusting(Trust.DRAFT), store=store)


def watch(office: Office, after: timedelta = MINUTES) -> int:
    office.clock.advance(after)
    return drafts.watch(office.box, office.service)


def person(number: int) -> str:
    return f"p{'x' * number}@c{number}.example"


def fates(office: Office, template: str = "ordinary") -> list[Fate]:
    return [f.fate for f in office.store.fates("acme", template, NOW - DAY)]


def entry(office: Office, uid: int = 1) -> tuple[Outcome, str]:
    found = office.store.find_entry("inbox", uid)
    assert found
    return found.outcome, found.reason


def test_a_draft_lies_in_drafts_as_a_person_s_mail(office: Office) -> None:
    office.arrive(letter())
    (raw,) = office.box.folders[DRAFTS]
    assert b"Auto-Submitted" not in raw
    assert office.box.folders[SENT] == []
    assert len(office.store.cases()) == 1
    assert watch(office) == 0


@pytest.mark.parametrize(
    ("edit", "fate"), [(("", ""), Fate.UNCHANGED), (("in agenda", "in lista"), Fate.EDITED)], ids=["as it is", "edited"]
)
@pytest.mark.parametrize("keeps_id", [True, False])
def test_sent_by_hand(office: Office, edit: tuple[str, str], fate: Fate, keeps_id: bool) -> None:
    office.arrive(letter())
    key = office.items(State.DRAFT)[0].mail.key
    office.sends_draft(1, edit, key=key if keeps_id else "")
    assert watch(office) == 1
    assert fates(office) == [fate]
    assert entry(office) == (Outcome.ANSWERED, "")
    assert office.store.cases() == ()
    assert [i.state for i in office.items()] == [State.SENT]
    assert watch(office) == 0
    office.look()
    assert len(office.box.folders[SENT]) == 1, "no copy of ours is put beside it"


def test_thrown_away_only_after_a_day(office: Office) -> None:
    office.arrive(letter())
    office.box.folders[DRAFTS].clear()
    assert [watch(office), watch(office, 23 * HOUR)] == [0, 0]
    assert watch(office, HOUR) == 1
    assert fates(office) == [Fate.DISCARDED]
    assert entry(office) == (Outcome.NO_REPLY, "discarded")
    assert [i.state for i in office.items()] == [State.STOPPED]


def test_a_mail_program_that_moves_late(office: Office) -> None:
    office.arrive(letter())
    kept = office.box.folders[DRAFTS][:]
    office.box.folders[DRAFTS].clear()
    assert watch(office) == 0
    office.box.folders[DRAFTS] += kept
    assert [watch(office, 20 * HOUR), watch(office, 20 * HOUR)] == [0, 0], "it is there again: the day begins anew"
    office.box.folders[DRAFTS].clear()
    assert watch(office, 20 * HOUR) == 0
    office.box.folders[DRAFTS] += kept
    office.sends_draft(1)
    assert watch(office) == 1
    assert fates(office) == [Fate.UNCHANGED]


def test_answered_in_her_own_words_while_the_draft_still_lies_there(office: Office) -> None:
    office.arrive(letter())
    office.answers(1)
    assert watch(office) == 1
    assert fates(office) == [Fate.EDITED]
    assert len(office.box.folders[DRAFTS]) == 1, "mail is never deleted"


def test_the_rest_of_the_thread_is_hers(office: Office) -> None:
    """No second reply and no second draft; the message waits for her."""
    office.arrive(letter())
    office.sends_draft(1)
    watch(office)
    office.clock.advance(HOUR)
    office.arrive(
        letter(2, "Serve subito anche il catalogo!", subject="Re: Faccenda b", References="<m1@customer.example>")
    )
    assert office.box.folders[DRAFTS] == []
    assert office.items(State.DRAFT, State.QUEUED) == []
    assert [c.case.reason for c in office.store.cases()] == ["answered"]
    assert fates(office) == [Fate.UNCHANGED], "what nobody saw says nothing about the text"


def test_no_draft_for_what_she_has_answered_already(office: Office) -> None:
    office.answers(1)
    office.arrive(letter(1))
    assert office.box.folders[DRAFTS] == []
    assert entry(office) == (Outcome.NO_REPLY, "answered")
    assert office.store.cases() == ()


def test_an_automatic_answer_of_ours_is_no_answer_of_hers(office: Office) -> None:
    office.arrive(letter())
    office.answers(1, Auto_Submitted="auto-replied")
    assert watch(office) == 0


@pytest.mark.parametrize("trouble", ["down", "no Drafts", "no Sent"])
def test_where_nobody_knows_nothing_is_concluded(store: Store, trouble: str) -> None:
    without = {"no Drafts": DRAFTS, "no Sent": SENT}.get(trouble, "")
    office = Office(trusting(Trust.DRAFT), MemoryMailbox(without=without), store)
    office.arrive(letter())
    if without != DRAFTS:
        office.box.folders[DRAFTS].clear()
    office.box.down = trouble == "down"
    assert [watch(office, 2 * DAY), watch(office, 2 * DAY), fates(office)] == [0, 0, []]
    assert "nobody knows what became of the drafts" in office.journal.lines


def test_it_looks_every_two_minutes_and_only_when_there_are_drafts(office: Office) -> None:
    before = office.box.asked
    watch(office)
    assert office.box.asked == before
    office.arrive(letter())
    watch(office)
    before = office.box.asked
    drafts.watch(office.box, office.service)
    assert office.box.asked == before


def test_each_draft_lies_in_the_mailbox_that_was_written_to(office: Office) -> None:
    other = MemoryMailbox("other")
    office.service.mailboxes = {"inbox": office.box, "other": other}
    office.arrive(letter())
    other.inbox.append(letter(2, sender="dora@third.example"))
    round.look_into(other, office.service)
    assert dispatch.file_copies(office.box, office.service) == 0
    assert dispatch.file_copies(other, office.service) == 1
    assert (len(office.box.folders[DRAFTS]), len(other.folders[DRAFTS])) == (1, 1)
    office.box.folders[DRAFTS].clear()
    other.folders[DRAFTS].clear()
    office.clock.advance(DAY)
    drafts.watch(other, office.service)
    office.clock.advance(DAY)
    assert drafts.watch(other, office.service) == 1


# ---- the ladder


def several(office: Office, signs: str, first: int = 1) -> None:
    """One draft a letter, each from another person: sent as it was, edited, or thrown away."""
    for number, sign in enumerate(signs, first):
        office.clock.advance(HOUR)
        office.arrive(letter(number, f"Mi mandi il listino numero {'i' * number}?", sender=person(number)))
        if sign == "d":
            office.box.folders[DRAFTS].clear()
            watch(office)
            watch(office, DAY)
        else:
            office.sends_draft(number, ("in agenda", "in lista") if sign == "e" else ("", ""))
            watch(office)


def level(office: Office) -> Level:
    (found,) = office.store.levels("acme")
    return found


def now_at(office: Office) -> Trust:
    return effective(Trust.DRAFT, office.store.levels("acme"), "ordinary")


def text_of(note: EmailMessage) -> str:
    return str(note.get_content())


def test_after_twenty_unchanged_send_is_proposed_once(office: Office) -> None:
    several(office, "u" * 19)
    assert office.notes("note-trust") == []
    several(office, "uu", 20)
    (note,) = office.notes("note-trust")
    assert note["To"] == "giulia@ferri-av.example"
    assert "vamaild client trust acme ordinary send" in text_of(note)
    assert "20 bozze di fila" in text_of(note)
    assert now_at(office) is Trust.DRAFT, "nothing changes until she says yes"


def test_an_unanswered_proposal_comes_again_after_a_month(office: Office) -> None:
    several(office, "u" * 20)
    office.clock.advance(AGAIN_AFTER)
    several(office, "u", 21)
    assert len(office.notes("note-trust")) == 2


def test_her_yes_lets_this_text_go_and_no_other(office: Office) -> None:
    office.store.set_level(Level("acme", "ordinary", Trust.SEND, NOW, "giulia"))
    office.arrive(letter(1), letter(2, "È la terza mail che mando, mi risponde?", sender="dora@third.example"))
    assert [i.state for i in office.items()] == [State.QUEUED, State.DRAFT]


def test_three_of_ten_corrected_is_a_step_down_at_once(office: Office) -> None:
    several(office, "uuueude")
    assert (level(office).trust, level(office).by) == (Trust.OBSERVE, "vamaild")
    (note,) = office.notes("note-trust")
    assert "observe" in text_of(note)
    assert "vamaild client trust acme ordinary draft" in text_of(note)
    office.arrive(letter(50, sender="new@person.example"))
    assert office.box.folders[DRAFTS] == []
    assert entry(office, 8) == (Outcome.NO_REPLY, "observe")


def test_a_reply_stopped_in_its_grace_time_is_a_correction(store: Store) -> None:
    office = Office(trusting(Trust.SEND), store=store)
    for number in (1, 2, 3):
        office.arrive(letter(number, f"Mi mandi il listino {'i' * number}?", sender=person(number)))
        (item,) = office.items(State.QUEUED)
        assert drafts.taken_back(item, office.service)
        assert not drafts.taken_back(item, office.service)
        assert entry(office, number) == (Outcome.NO_REPLY, "stopped")
        office.clock.advance(HOUR)
    assert level(office).trust is Trust.DRAFT
    assert store.promises() == ()


def test_a_careful_draft_says_nothing_about_its_text(store: Store) -> None:
    """A text that may be sent was held back for what the message said: that she edits those is no fault of the text."""
    office = Office(trusting(Trust.SEND), store=store)
    several_careful(office)
    assert store.levels("acme") == ()
    assert fates(office) == []
    assert office.items(State.DRAFT) == []


def several_careful(office: Office) -> None:
    words = replace(ITALIAN, lists={**ITALIAN.lists, "always_draft.complaint": ("reclamo",)})
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, languages={"it": words}))
    for number in range(1, 6):
        office.arrive(letter(number, f"Faccio reclamo, mi risponde? {'i' * number}", sender=person(number)))
        office.sends_draft(number, ("in agenda", "in lista"))
        watch(office, HOUR)


def test_a_mail_without_an_identifier_teaches_nothing(office: Office) -> None:
    office.arrive(letter(1, Message_ID=""))
    office.box.folders[DRAFTS].clear()
    watch(office)
    assert watch(office, DAY) == 1
    assert fates(office) == []
