"""What people answer to a notice from a beach, with one thumb: only what is plain counts."""

import tomllib
from pathlib import Path

import pytest

from vamaild.core.answers import Spoken, read
from vamaild.core.ruleset import Language

RULES = Path(__file__).parent.parent.parent / "rules.d"


def language(code: str) -> Language:
    lists: dict[str, tuple[str, ...]] = {}
    for name in (f"10-language-{code}.toml", f"12-answers-{code}.toml"):
        tables = tomllib.loads((RULES / name).read_text(encoding="utf-8"))
        lists |= {f"{t}.{n}": tuple(v) for t, rows in tables.items() for n, v in rows.items() if isinstance(v, list)}
    return Language(code, lists)


ALL = tuple(language(code) for code in ("it", "cs", "en"))
TAKE, PASS, WAIT, UNCLEAR = Spoken.TAKE, Spoken.PASS_ON, Spoken.WAIT, Spoken.UNCLEAR


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", TAKE),
        ("1.", TAKE),
        (" 1)\n\nInviato da iPhone", TAKE),
        ("1️⃣", TAKE),
        ("2", PASS),
        ("3!", WAIT),
        ("1 ci penso io", TAKE),
        ("3 počká to", WAIT),
        ("2 - ask my colleague", PASS),
        ("Ci penso io", TAKE),
        ("arrivo, dieci minuti", TAKE),
        ("Beru to.", TAKE),
        ("Já teď nemůžu, předej to Tomášovi", PASS),
        ("to počká, až se vrátím", WAIT),
        ("I'm on it", TAKE),
        ("non la prendo io", PASS),
        ("it can wait", WAIT),
        ("può aspettare fino a lunedì", WAIT),
        ("1, grazie", TAKE),
        ("2 - Tomáš", PASS),
        # not plain
        ("1.5 ore", UNCLEAR),
        ("1 grazie", UNCLEAR),
        ("2, it can wait", UNCLEAR),
        ("", UNCLEAR),
        ("?", UNCLEAR),
        ("4", UNCLEAR),
        ("10", UNCLEAR),
        ("12", UNCLEAR),
        ("1 o 2?", UNCLEAR),
        ("3 minuti e arrivo", UNCLEAR),
        ("2 hours and I'm on it", UNCLEAR),
        ("non la prendo", UNCLEAR),
        ("I can't, it can wait", UNCLEAR),
        ("chi è?", UNCLEAR),
        ("Sono in ferie fino al 7 dicembre.", UNCLEAR),
        ("Děkuji za zprávu, jsem na dovolené.", UNCLEAR),
    ],
)
def test_what_was_answered(text: str, answer: Spoken) -> None:
    assert read(text, ALL) is answer


def test_numbers_need_no_words_of_any_language() -> None:
    assert [read(n, ()) for n in ("1", "2", "3", "beru to")] == [TAKE, PASS, WAIT, UNCLEAR]


def test_only_the_beginning_of_a_long_mail_is_an_answer() -> None:
    assert read("x" * 500 + "\nbut I'm on it", ALL) is UNCLEAR
