"""`explain` shows the words that decided in their sentence, and what was looked at and not used."""

import pytest

from tests.make import NOW, TOOLS, book, case, client, mail
from vamaild.core.decide import decide
from vamaild.core.explain import text
from vamaild.core.marked import in_sentences, not_used
from vamaild.core.message import History, Message


@pytest.mark.parametrize(
    ("body", "words", "shown"),
    [
        (
            "Ciao. Mi serve per stasera il preventivo. Grazie!",
            ["per stasera"],
            ("Mi serve «per stasera» il preventivo",),
        ),
        ("Il magazzino si sta allagando.", ["magazzino … allagando"], ("Il «magazzino» si sta «allagando»",)),
        ("Uno.\nSi sta allagando tutto", ["allagando", "allagando"], ("Si sta «allagando» tutto",)),
        ("x", ["not: something is asked"], ()),
        ("x", [""], ()),
        ("Testo calmo", ["Preventivo"], ("«Preventivo»",)),  # in the subject
    ],
)
def test_words_are_marked_in_their_sentence(body: str, words: list[str], shown: tuple[str, ...]) -> None:
    assert in_sentences(case(mail(body)), words) == shown


def test_a_long_sentence_is_shortened_around_the_words() -> None:
    (shown,) = in_sentences(case(mail(f"{'parola ' * 400} stasera {'altra ' * 400}")), ["stasera"])
    assert "«stasera»" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 300


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (mail("Ciao"), ("the hour of the day",)),
        (mail("Ciao", headers={"Importance": "high"}), ("a priority flag", "the hour of the day")),
        (mail("Ciao", headers={"X-Priority": "1 (Highest)"}), ("a priority flag", "the hour of the day")),
        (mail("Ciao", headers={"X-Priority": "3"}), ("the hour of the day",)),
        (mail("Ciao\n> URGENTE!"), ('"URGENTE" in quoted words or a signature', "the hour of the day")),
        (mail("Ciao\n-- \nCasi urgenti: 333"), ('"urgenti" in quoted words or a signature', "the hour of the day")),
    ],
)
def test_what_is_not_used_is_named(message: Message, expected: tuple[str, ...]) -> None:
    assert not_used(case(message)) == expected


def test_the_page_shows_it() -> None:
    ruleset = client()
    message = mail("Ciao, il preventivo mi serve per stasera. Grazie\n> URGENTE", headers={"Importance": "High"})
    shown = text(decide(message, ruleset, book(ruleset), History(), TOOLS, NOW, limits=False))
    assert "    in: Ciao, il preventivo «mi serve per stasera»" in shown
    assert (
        'Looked at and not used: a priority flag, "URGENTE" in quoted words or a signature, the hour of the day'
        in shown
    )
