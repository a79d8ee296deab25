"""Phrases are found as a person would, crossed out as a whole, and quickly whatever the text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import within
from tests.core import plainly
from vamaild.core.words import Text, find, find_all, fold, look, look_all, strike

HOSTILE = ("!" * 200_000 + "x", "1." * 500_000, "\n" * 20_000, "serve " * 15_000 + "subito " * 15_000, "a " * 60_000)


@pytest.mark.parametrize(
    ("written", "folded"),
    [("È", "e"), ("Příští ŘÍJEN", "pristi rijen"), ("Straße", "strasse"), ("napisał", "napisal"), ("ASAP", "asap")],
)
def test_fold_drops_accents_and_case(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("phrase", "text", "seen"),
    [
        ("serv* subito", "Mi serve proprio subito!", "serve proprio subito"),
        ("serv* subito", "Subito mi servono", "Subito mi servono"),
        ("serv* subito", "Mi serve. Subito dopo vado.", ""),
        ("serv* subito", "serve a uno due tre quattro cinque subito", ""),
        ("non+urgente", "non è urgente", ""),
        ("non+urgente", "NON URGENTE", "NON URGENTE"),
        ("può aspettare", "puo' aspettare", "puo' aspettare"),
        ("verify your account", "Verify your account at your bank", "Verify your account"),
        ("l'ordine", "chiude l’ordine", "l’ordine"),
        ("??", "allora??", "??"),
        ("domani domani", "domani", ""),
        ("do pátku", "do patku", "do patku"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str, seen: str) -> None:
    hit = look(phrase, Text(text))
    assert (hit.words if hit else "") == seen


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Ciao. Come va?", 2),
        ("do 5. srpna prosím", 1),
        ("Termín je 3. 12. 2026 v 9.30", 1),
        ("Za 5 dní to bylo 5. Pak nic.", 2),
        ("riga\nspezzata", 1),
        ("Primo.\n\nSecondo", 2),
    ],
)
def test_sentences_end_where_they_end(text: str, sentences: int) -> None:
    words = Text(text).words
    assert words[-1].sentence - words[0].sentence + 1 == sentences


SAID = ("5", "5.", "casa", "È", "!", "?!.", "...", "…", ";", "DO", "\n", "\n\n", " ", " ", "- ", "•", "3.12", "srpna")


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(SAID), max_size=25).map("".join)))
def test_the_words_and_sentences_of_a_text_are_those_of_its_characters(original: str) -> None:
    text, plain = Text(original), plainly.words(original)
    assert list(text.words) == plain
    assert list(text.folded) == [word.folded for word in plain]
    assert text.count == len(plain)
    for word in plain:
        sentence, offset = text.said(word.sentence)
        assert original[offset:].startswith(sentence.original)
        assert text.word_from(word.start) == plain.index(word)


@given(st.text(max_size=200), st.integers(1, 60))
def test_fold_is_that_of_each_character(text: str, times: int) -> None:
    assert fold(text) == plainly.fold(text)
    assert fold(text * times) == plainly.fold(text * times)


@pytest.mark.slow
def test_fold_of_every_character() -> None:
    every = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    assert fold(every) == plainly.fold(every)
    assert all(fold(f"a{c}B") == plainly.fold(f"a{c}B") for c in every[:0x3000])


def test_every_place_is_found() -> None:
    assert [h.start for h in look_all("urgent*", Text("Urgente! Non è urgente. urgentissimo"))] == [0, 15, 24]
    assert find(["niente", "casa brucia"], Text("La casa brucia")) is not None
    assert [h.phrase for h in find_all(["brucia", "nave", "casa"], Text("La casa brucia"))] == ["brucia", "casa"]


def test_strike_hides_the_idiom_and_nothing_else() -> None:
    crossed = strike(["casa brucia"], Text("La casa brucia! Il magazzino brucia, la casa brucia."))
    assert crossed.original == "La            ! Il magazzino brucia, la            ."
    assert look("brucia", crossed) is not None
    assert look("casa", crossed) is None


@given(st.text(max_size=200), st.lists(st.sampled_from(["a*", "b c", "è", "1 2"]), max_size=3))
def test_strike_keeps_length_and_comes_to_an_end(text: str, phrases: list[str]) -> None:
    crossed = strike(phrases, Text(text))
    assert len(crossed.original) == len(text)
    assert not find_all(phrases, crossed)


@pytest.mark.parametrize("text", HOSTILE, ids=["marks", "dots", "newlines", "two words", "one word"])
def test_a_hostile_text_does_not_make_it_slow(text: str) -> None:
    assert within(3, lambda: strike(["serv* subito", "a b"], Text(text)))


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("only|just+you|yours", "The login is just yours.", "just yours"),
        ("only|just+you|yours", "You are only one.", ""),
        ("tuo|tua+cartella|archiv*", "Sono nel tuo archivio.", "tuo archivio"),
        ("# euro|€", "Perdiamo 9.000 euro.", "9.000 euro"),
        ("# euro|€", "Perdiamo gli euro.", ""),
    ],
)
def test_any_one_of_several_words_or_any_number(phrase: str, text: str, words: str) -> None:
    seen = find([phrase, "nowhere", "to be", "found"], Text(text))
    assert (seen.words if seen else "") == words
