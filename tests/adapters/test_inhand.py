"""The note of the message in hand: a service that dies over a message three times leaves it to a person."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.make import NOW
from tests.office import Office, letter
from vamaild import intake
from vamaild.adapters.inhand import NAME, NOTE_BYTES, InHand
from vamaild.adapters.store import SqliteStore
from vamaild.core.case import UNKNOWN, Authentication
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message
from vamaild.service import Messages

AT = datetime(2026, 11, 22, tzinfo=UTC)


def arrival(uid: int, raw: bytes = b"") -> Arrival:
    return Arrival(uid, 7, AT, len(raw), raw)


def silent(event: str, **fields: object) -> None: ...


def note(state: Path) -> InHand:
    return InHand(state, silent)


def test_dying_with_a_message_in_hand_counts_and_letting_go_of_it_does_not(tmp_path: Path) -> None:
    one = note(tmp_path)
    one.take("inbox", arrival(5))
    for tries in (1, 2, 3):
        again = note(tmp_path)  # as after a kill: the first one said no goodbye
        assert again.tried("inbox", arrival(5)) == tries
        assert again.tried("inbox", arrival(6)) == again.tried("other", arrival(5)) == 0
        again.take("inbox", arrival(5))
    again.clear()
    assert note(tmp_path).tried("inbox", arrival(5)) == 3
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff" * 2_000, b"[1]".ljust(NOTE_BYTES) + b"{}", b"[]" * 900])
def test_a_damaged_note_is_none(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(damage)
    one = note(tmp_path)
    assert one.tried("inbox", arrival(1)) == 0
    one.take("inbox", arrival(1))
    assert note(tmp_path).tried("inbox", arrival(1)) == 1


def test_where_no_note_can_be_kept_the_service_goes_on_and_says_so(tmp_path: Path) -> None:
    told: list[str] = []
    one = InHand(tmp_path / "nowhere", lambda event, **fields: told.append(event))
    one.take("inbox", arrival(1))
    one.clear()
    assert one.tried("inbox", arrival(1)) == 0
    assert told == ["no note of the message in hand can be kept"]


def test_a_name_without_end_is_no_note(tmp_path: Path) -> None:
    note(tmp_path).take("x" * 5_000, arrival(1))
    assert note(tmp_path).tried("x" * 5_000, arrival(1)) == 0


def test_what_is_read_ahead_counts_beside_what_is_decided(tmp_path: Path) -> None:
    one = note(tmp_path)
    one.take("inbox", arrival(5))
    one.take_early("inbox", arrival(205))
    one.take_early("other", arrival(9))
    one.clear_early("other")
    again = note(tmp_path)
    assert [again.tried(*a) for a in (("inbox", arrival(5)), ("inbox", arrival(205)), ("other", arrival(9)))] == [
        1,
        1,
        0,
    ]
    again.take("inbox", arrival(6))
    again.take_early("inbox", arrival(206))
    again.clear()
    last = note(tmp_path)
    assert [last.tried("inbox", arrival(uid)) for uid in (5, 6, 205, 206)] == [1, 0, 1, 1]


def test_what_the_service_died_over_is_read_when_nothing_else_is_in_hand(tmp_path: Path) -> None:
    """So the innocent one beside it is blamed once at most, and a death three times over the same is really its."""
    before = note(tmp_path)
    before.take_early("inbox", arrival(4))
    office, asked, told = Office(), [], []
    hand = office.service.in_hand = note(tmp_path)
    take, clear = hand.take_early, hand.clear_early
    hand.take_early = lambda *place: (told.append(place[1].uid), take(*place))
    hand.clear_early = lambda name: (told.append(0), clear(name))

    def early(arrivals: Sequence[Arrival], begun: Callable[[Arrival], object]) -> Messages:
        asked.append([a.uid for a in arrivals])
        for each in arrivals:
            begun(each)
        return lambda begun: [Message(AT) for _ in arrivals]

    office.service.read_early = early
    batches = iter([(arrival(1), arrival(2)), (arrival(3), arrival(4)), (arrival(5),)])
    found = [intake.fetched(batches, "inbox", office.service) for _ in range(4)]
    assert asked == [[1, 2], [5]]
    assert told == [1, 2, 0, 5, 0]
    assert [batch and batch.read is not None for batch in found] == [True, False, True, None]


def live(state: Path, deadly: str) -> None:
    """A service that looks once, with a message that kills it: while it is read, or whenever it is decided."""
    office = Office(store=SqliteStore(state / "vamaild.db"))
    office.service.in_hand = note(state)
    plain, rules = office.service.read, office.service.rules

    def read(arrival: Arrival) -> Message:
        if deadly == "reading" and b"poison" in arrival.raw and not arrival.problem:
            os._exit(9)
        return plain(arrival)

    def authenticate(values: Sequence[str], servers: Sequence[str]) -> Authentication:
        if deadly == "deciding" and "poison" in values:
            os._exit(9)
        return UNKNOWN

    office.service.read_all = lambda batch, begun: [(begun(a), read(a))[1] for a in batch]
    office.service.rules = replace(rules, tools=replace(rules.tools, authenticate=authenticate))
    office.arrive(letter(1), letter(2, Authentication_Results="poison"), letter(3, "Buongiorno, una domanda?"))


def outcomes(state: Path) -> list[str]:
    entries = [SqliteStore(state / "vamaild.db").find_entry("inbox", uid) for uid in (1, 2, 3)]
    return [f"{e.outcome} {e.reason}".strip() for e in entries if e]


@pytest.mark.parametrize(("deadly", "deaths"), [("reading", 3), ("deciding", 4)])
def test_a_message_that_kills_the_service_goes_to_a_person(deadly: str, deaths: int, tmp_path: Path) -> None:
    """And the mailbox goes on, the messages before and behind it are answered."""
    for left in range(deaths, -1, -1):
        child = os.fork()
        if child == 0:
            live(tmp_path, deadly)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (9 if left else 0)
    assert outcomes(tmp_path) == ["answered", "waiting unreadable", "answered"]


@pytest.mark.parametrize(("tries", "kept"), [(0, True), (2, True), (3, True), (4, False)])
def test_after_three_deaths_only_its_header_is_read_after_four_nothing(tries: int, kept: bool) -> None:
    one = arrival(1, letter(1))
    wary = intake.careful(one, tries)
    assert bool(wary.raw) == kept
    assert bool(wary.problem) == (tries >= intake.TRIES)


def test_a_fault_that_is_not_fatal_leaves_nothing_in_hand(tmp_path: Path) -> None:
    office = Office()
    office.service.in_hand = note(tmp_path)

    def read(arrival: Arrival) -> Message:
        raise KeyboardInterrupt

    office.service.read = read
    office.service.read_all = lambda batch, begun: [(begun(a), read(a))[1] for a in batch]
    with pytest.raises(KeyboardInterrupt):
        office.arrive(letter(1))
    assert note(tmp_path).tried("inbox", Arrival(1, 1, NOW, 0, b"")) == 0
