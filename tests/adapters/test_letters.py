"""The letters about a client's forwarding: in every language, for every host, complete, and to the point."""

import pytest

from vamaild.adapters.templates import Texts
from vamaild.cli.init import letter_words
from vamaild.config.answers import HOSTS

from .texts import SHIPPED

LETTERS = [*(f"letter-{host}" for host in HOSTS), "letter-blocked"]
WORDS = letter_words("Giulia Ferri", "f", "info@studiorossi.example", "clienti+rossi@ferri-av.example")
GREETS = {"it": "Buongiorno,", "cs": "Dobrý den,", "en": "Hello,"}


@pytest.mark.parametrize("language", GREETS)
@pytest.mark.parametrize("name", LETTERS)
def test_a_letter(name: str, language: str) -> None:
    letter = Texts(SHIPPED)(name, language, "", WORDS)
    lines = letter.body.splitlines()
    assert "info@studiorossi.example" in letter.subject
    assert lines[0] == GREETS[language]
    assert "clienti+rossi@ferri-av.example" in letter.body
    assert "1. " in letter.body
    assert "2. " in letter.body
    assert lines[-1] == "Giulia Ferri"  # a person sends it: no line about automatic answers


def test_only_microsofts_letters_speak_of_its_refusal() -> None:
    speaking = {name for name in LETTERS if "5.7.520" in Texts(SHIPPED)(name, "it", "", WORDS).body}
    assert speaking == {"letter-m365", "letter-blocked"}
