"""B, A, a question or unclear: a table of what people write, and that one word more is never a sale."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.tongues import ROME, language
from vamaild.core.choice import LISTS, Choice, Chosen, Terms, choose
from vamaild.core.words import Text

TODAY = datetime(2026, 11, 26, 11, tzinfo=ROME)
TERMS = Terms(50, TODAY.replace(hour=18), TODAY, ("Marco", "Giulia Ferri", "Studio Rossi"))
MAIN = ("it", "cs", "en")

SAID = tomllib.loads((Path(__file__).parent / "choices.toml").read_text(encoding="utf-8"))
SECOND, NO_SALE, FIRST, NOTHING = (
    {code: tuple(texts[name]) for code, texts in SAID.items()} for name in ("sold", "not_sold", "first", "elsewhere")
)


def pairs(table: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(code, text) for code, texts in table.items() for text in texts]


def chosen(text: str, code: str, terms: Terms = TERMS) -> Chosen:
    return choose(Text(text), [language(code)], terms)


@pytest.mark.parametrize(("code", "text"), pairs(SECOND))
def test_b(code: str, text: str) -> None:
    assert chosen(text, code).choice is Choice.B


@pytest.mark.parametrize(("code", "text"), pairs(NO_SALE))
def test_no_sale(code: str, text: str) -> None:
    assert chosen(text, code).choice in (Choice.ASKS, Choice.UNCLEAR)


@pytest.mark.parametrize(("code", "text"), pairs(FIRST))
def test_a(code: str, text: str) -> None:
    assert chosen(text, code).choice is Choice.A


@pytest.mark.parametrize(("code", "text"), pairs(NOTHING))
def test_it_speaks_of_something_else(code: str, text: str) -> None:
    assert chosen(text, code).choice is Choice.NOTHING


@pytest.mark.parametrize("code", MAIN)
def test_the_tables_are_large_enough_to_mean_something(code: str) -> None:
    assert len(SECOND[code]) >= 25
    assert len(SECOND[code]) + len(NO_SALE[code]) >= 45


@given(st.sampled_from(pairs(SECOND)), st.text(st.characters(categories=["Ll"]), min_size=3, max_size=8), st.booleans())
def test_one_unknown_word_is_no_sale(pair: tuple[str, str], word: str, before: bool) -> None:
    code, text = pair
    alone = chosen(word, code)
    if alone.unknown:  # a word that stands in no list
        more = chosen(f"{word} {text}" if before else f"{text} {word}", code)
        assert more.choice is not Choice.B
        assert more.unknown


NEGATORS = [(c, n) for c, words in {
    "it": ("non", "né", "forse", "se", "ma", "senza", "mai"),
    "cs": ("ne", "ani", "možná", "pokud", "jestli", "ale", "bez"),
    "en": ("not", "nor", "maybe", "if", "but", "without", "never", "unless"),
    "de": ("nicht", "wenn", "aber", "ohne"), "fr": ("pas", "mais", "sans", "si"),
    "es": ("no", "pero", "sin"), "sk": ("nie", "ak", "ale"), "pl": ("nie", "jeśli", "ale"),
}.items() for n in words]  # fmt: skip


@pytest.mark.parametrize(("code", "word"), NEGATORS)
def test_no_word_that_denies_or_conditions_stands_in_a_list_that_sells(code: str, word: str) -> None:
    for text in SECOND[code]:
        assert chosen(f"{word} {text}", code).choice is not Choice.B
        assert chosen(f"{text} {word}", code).choice is not Choice.B


@pytest.mark.parametrize("sign", ["?", " ?!", " 🙄", " 😂", " :(", " ~~", " ≠", "？"])
def test_no_sign_that_turns_it_around(sign: str) -> None:
    assert chosen(f"B{sign}", "it").choice is not Choice.B


@pytest.mark.parametrize(
    ("text", "choice"),
    [("B al 50%", Choice.B), ("B al 25%", Choice.UNCLEAR), ("B entro le 18", Choice.B),
     ("B entro le 17", Choice.UNCLEAR),
     ("B per 50 €", Choice.UNCLEAR), ("ok B, Marco", Choice.B), ("ok B, Piero", Choice.UNCLEAR)],
)  # fmt: skip
def test_only_the_numbers_and_names_of_the_offer(text: str, choice: Choice) -> None:
    assert chosen(text, "it").choice is choice


def test_today_is_only_right_where_b_is_today() -> None:
    later = Terms(25, TODAY.replace(day=30), TODAY)
    assert chosen("B per stasera", "it").choice is Choice.B
    assert chosen("B per stasera", "it", later).choice is Choice.UNCLEAR


def test_nothing_said_is_unclear_and_thanks_are_polite() -> None:
    assert chosen("", "it").choice is Choice.UNCLEAR
    assert chosen("ok, grazie mille!", "it").polite
    assert not chosen("ok, grazie, ma aspetta", "it").polite


def test_any_of_the_client_s_languages_will_do() -> None:
    tables = [language("it"), language("en"), language("cs")]
    assert choose(Text("OK, option B please"), tables, TERMS).choice is Choice.B
    assert choose(Text("beru béčko"), tables, TERMS).choice is Choice.B
    assert choose(Text("no B"), tables, TERMS).choice is not Choice.B


@pytest.mark.parametrize("code", [*SECOND])
def test_every_language_has_every_list(code: str) -> None:
    assert [name for name in LISTS if not language(code).phrases(f"choice.{name}")] == []
