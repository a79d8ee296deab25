"""However large or odd a message is, it is read quickly, by the shipped rules; what is left out is said.

Each takes less than 0.3 s on an idle machine; the bound leaves a busy one a little room and turns red on anything that
is worse than linear.
"""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from vamaild.adapters.html import visible
from vamaild.core.decide import Decision
from vamaild.core.newtext import HEAD, OWN_HEAD, OWN_TAIL, TAIL, shortened, split
from vamaild.core.plan import Action
from vamaild.core.reasons import Reason

from ..bounds import within
from .judging import judged, stored

SECONDS = 0.5
BASE = "d_006.eml"


def many_words(count: int) -> str:
    dice = random.Random(4)
    return " ".join("".join(dice.choices("abcdefghijklmnoprstuvz", k=dice.randint(2, 9))) for _ in range(count))


TEXTS: dict[str, Callable[[], str]] = {
    "20,000 newlines": lambda: "\n" * 20_000,
    "1 MB of 1.": lambda: "1." * 500_000,
    "1 MB of lines 1.": lambda: "1.\n" * 333_000,
    "1 MB of times": lambda: "alle 10:00 " * 90_000,
    "10,000 levels of >": lambda: "\n".join(f"{'>' * depth} x" for depth in range(1, 10_000, 9)),
    "a line of 10,000 >": lambda: f"{'> ' * 10_000}ciao\nciao",
    "100,000 words": lambda: many_words(100_000),
    "the same words": lambda: "mi serve subito il contratto entro domani " * 15_000,
    "1 MB of one word": lambda: "a" * 1_000_000,
    "1 MB of spaces": lambda: " " * 1_000_000,
    "100,000 lines of wrote": lambda: "On x wrote:\n" * 100_000,
    "100,000 attributions": lambda: "On Mon, 3 Aug 2026 at 10:00, Bob wrote:\n" * 100_000,
    "100,000 lines of From": lambda: "From: x\n" * 100_000,
    "200,000 colons": lambda: "a:\n" * 200_000,
    "closings": lambda: "Cordiali saluti\n" * 50_000,
    "disclaimers": lambda: "This message is confidential\n\n" * 40_000,
    "urgent": lambda: "urgente " * 100_000,
    "not": lambda: "non " * 200_000,
    "question marks": lambda: "?" * 1_000_000,
}
PAGES: dict[str, Callable[[], str]] = {
    "100,000 unclosed div": lambda: "<div>" * 100_000,
    "nested 50,000 deep": lambda: f"{'<div>' * 50_000}x{'</div>' * 50_000}",
    "quotations": lambda: "<blockquote class=quote>" * 20_000,
    "hidden": lambda: '<span style="display:none">x' * 20_000,
    "less than": lambda: "<" * 500_000,
    "comments": lambda: "<!--" * 100_000,
    "tables": lambda: "<table><tr><td>" * 20_000,
    "attributes": lambda: f"<a {'x=1 ' * 100_000}>",
}


def read(text: str) -> Decision:
    one = stored(BASE)
    return judged(replace(one.message, text=text), one.context)


def quickly(text: str) -> bool:
    read("Ciao.")  # tables and detector are loaded once
    return within(SECONDS, lambda: read(text))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_quickly(name: str) -> None:
    assert quickly(TEXTS[name]())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_quickly(name: str) -> None:
    visible("<p>x")
    page = PAGES[name]()
    assert within(SECONDS, lambda: visible(page))
    assert quickly(visible(page).text)


@pytest.mark.parametrize("place", [0, 1])
def test_the_ends_of_a_long_text_are_read(place: int) -> None:
    """An emergency at the beginning or the end of a book is one."""
    parts = ["\n\n" + many_words(60_000) + "\n\n", "Nel magazzino c'è un incendio, le fiamme salgono!"]
    assert read("".join(reversed(parts) if place == 0 else parts)).plan.action is Action.ESCALATE


def test_what_is_left_out_waits_for_a_person() -> None:
    decision = read(many_words(100_000))
    held = [hold for hold in decision.plan.holds if hold.reason is Reason.DOUBT]
    assert len(held) == 1
    assert "were not looked at" in held[0].note
    assert decision.case.reading.skipped > 400_000


def test_a_letter_is_read_whole() -> None:
    decision = read(f"Buongiorno,\n{many_words(2_000)}\nmi manda il listino?")
    assert decision.case.reading.skipped == 0
    assert decision.plan.holds == ()


@pytest.mark.parametrize(
    ("text", "kept", "left"),
    [
        ("abc", "abc", 0),
        ("a" * 10 + " " + "b" * 10, "a" * 10 + "\n\n" + "b" * 5, 6),
        ("a" * 30, "a" * 10 + "\n\n" + "a" * 5, 15),
        ("one two three four", "one two\n\nour", 8),
    ],
)
def test_shortened(text: str, kept: str, left: int) -> None:
    assert shortened(text, 10 if len(text) > 18 else 8, 5 if len(text) > 18 else 3) == (kept, left)


def test_the_limits_leave_room_for_long_letters() -> None:
    assert split("parola " * 2_000).skipped == 0
    assert split("parola " * 9_000).skipped > 0
    assert OWN_HEAD + OWN_TAIL < HEAD + TAIL
