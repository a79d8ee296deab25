"""What people answer to a report: tables of real answers in three languages, and what must never be read into one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.words import language
from vamaild.core.orders import Orders, read

EVERY = tuple(language(code) for code in ("it", "cs", "en"))


def said(code: str, text: str) -> Orders:
    return read(text, (language(code),), EVERY)


@pytest.mark.parametrize(
    ("code", "text"),
    [("it", "PAUSA"), ("it", "Pausa, per favore. Sono malata fino a lunedì."), ("it", "Ciao,\nmetti in pausa\nGiulia"),
     ("it", "stop"), ("it", "STOP!!!"), ("cs", "Pauza"), ("cs", "Prosím pauzu."), ("cs", "pozastav odpovědi, díky"),
     ("cs", "PAUSA"), ("en", "Please pause"), ("en", "Pause all replies, thanks"), ("en", "*PAUSE*")],
)  # fmt: skip
def test_pause(code: str, text: str) -> None:
    assert said(code, text) == Orders(pause=True)


@pytest.mark.parametrize(
    ("code", "text"),
    [("it", "Riprendi"), ("it", "Puoi riprendere, grazie"), ("cs", "pokračujte prosím"), ("cs", "Konec pauzy"),
     ("en", "resume please"), ("en", "You can resume.")],
)  # fmt: skip
def test_resume(code: str, text: str) -> None:
    assert said(code, text) == Orders(resume=True)


@pytest.mark.parametrize(
    ("code", "text", "answers"),
    [("it", "3 sì", {3: True}), ("it", "1, 4 poteva aspettare", {1: True, 4: True}), ("it", "2 no", {2: False}),
     ("it", "1 sì, 2 no, 3 sì", {1: True, 2: False, 3: True}), ("it", "1-3 sì\n4 non poteva aspettare",
     {1: True, 2: True, 3: True, 4: False}), ("it", "sì: 1 e 2", {1: True, 2: True}),
     ("it", "la 1 e la 2 potevano aspettare, la 3 no", {1: True, 2: True, 3: False}), ("it", "3) sì\n4) no",
     {3: True, 4: False}), ("it", "3. era urgente davvero", {3: False}), ("cs", "1 a 3 ano, 2 ne",
     {1: True, 3: True, 2: False}), ("cs", "2 nemohlo počkat", {2: False}), ("cs", "1, 4 mohly počkat",
     {1: True, 4: True}), ("en", "3 could not have waited", {3: False}), ("en", "1 and 4 could have waited",
     {1: True, 4: True}), ("en", "no 3", {3: False}), ("en", "2: yes please", {2: True})],
)  # fmt: skip
def test_numbers(code: str, text: str, answers: dict[int, bool]) -> None:
    assert said(code, text) == Orders(answers=answers)


@pytest.mark.parametrize(
    ("code", "text", "bare"),
    [("it", "Sì, grazie", True), ("it", "No", False), ("cs", "ano", True), ("cs", "Ne, děkuji", False),
     ("en", "yes", True), ("it", "sì?", None), ("it", "sì, ma dopo", None), ("cs", "no", None), ("it", "boh", None)],
)  # fmt: skip
def test_a_plain_yes_or_no(code: str, text: str, bare: bool | None) -> None:
    assert said(code, text).bare is bare


@pytest.mark.parametrize(
    ("code", "text"),
    [("it", "Non mettere in pausa"), ("it", "Una pausa non serve"), ("it", "niente pausa, grazie"),
     ("en", "don't stop"), ("en", "The bus stop is closed."),
     ("it", "pausa pranzo alle 3"), ("it", "3"), ("it", "3 sì ma forse"),
     ("it", "1 sì\n1 no"), ("it", "PAUSA\nRIPRENDI"), ("it", "il 27 novembre sì"), ("it", "chiamami al 333 1234567 sì"),
     ("it", "3 sì?"),
     ("it", "3 poteva aspettare, ma solo un giorno"),
     ("cs", "1 mohlo počkat, ale jen do rána"),
     ("cs", "ve 3 ano, nebo ne"), ("it", "alle 16:30 sì"), ("it", "2 ore no no sì"),
     ("it", "1-60 sì")],
)  # fmt: skip
def test_nothing_is_read_into_anything_else(code: str, text: str) -> None:
    assert not said(code, text).anything


def test_what_is_understood_stands_beside_what_is_not() -> None:
    assert said("it", "1 sì\n2 boh") == Orders(answers={1: True}, unclear=True)


@given(st.text(alphabet="0123456789 ,.-\nsìnoPAUSA:e", max_size=60))
def test_no_text_breaks_it_and_numbers_stay_those_that_were_written(text: str) -> None:
    found = said("it", text)
    assert set(found.answers) <= set(range(1_000))
    assert not (found.pause and found.resume)
