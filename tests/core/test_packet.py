"""What a packet holds: facts and the customer's own words, shortened; nothing of other matters."""

from datetime import datetime, timedelta

import pytest

from tests.deputies import LAURA, away
from tests.make import NOW
from vamaild.core.packet import Facts, Written, about, words
from vamaild.core.ruleset import Matter

FACTS = Facts("Eva Malá", "eva@mala.example", "Re: I: Okno", (Written(NOW, "Dobrý den,\nokno nejde zavřít."),), NOW)


def test_the_least_there_can_be() -> None:
    assert words(FACTS, "cs") == {
        "who": "Eva Malá",
        "address": "eva@mala.example",
        "subject": "Okno",
        "received": "26. 11. 2026 10:40",
        "deadline": "",
        "promises": "",
        "matters": "",
        "attachments": "",
        "thread": "26. 11. 2026 10:40\n  Dobrý den,\n  okno nejde zavřít.",
        "due": NOW,
    }


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("it", "26/11/2026 22:00"),
        ("cs", "26. 11. 2026 22:00"),
        ("en", "26 Nov 2026 22:00"),
        ("de", "26 Nov 2026 22:00"),
    ],
)
def test_everything_there_can_be(language: str, day: str) -> None:
    tonight: datetime = NOW.replace(hour=22, minute=0)
    facts = Facts(
        "Eva", "eva@mala.example", "Okno", FACTS.thread, NOW, tonight, ("entro\nstasera",), (tonight, tonight),
        (Matter("118", ("okno",), note="klika přijde"), Matter("7", ("okno",))), ("a.jpg", "b\r\nBcc: x.pdf"),
    )  # fmt: skip
    found = words(facts, language)
    assert found["deadline"] == f"{day} «entro stasera»"
    assert found["promises"] == f"{day}, {day}"
    assert found["matters"] == "118: klika přijde\n7"
    assert found["attachments"] == "a.jpg, b Bcc: x.pdf"


def test_long_threads_are_cut() -> None:
    thread = tuple(Written(NOW + timedelta(hours=n), f"zpráva {n} " + "x" * 9_000) for n in range(12))
    text = str(words(Facts("Eva", "e@x.example", "Okno", thread, NOW), "cs")["thread"])
    assert [n for n in range(12) if f"zpráva {n} " in text] == [0, 8, 9, 10, 11]
    assert len(text) < 16_000


def test_only_the_matters_it_is_about() -> None:
    matters = (Matter("118", ("okn*",)), Matter("7", ("střech*",)))
    ruleset = away(LAURA, matters=matters)
    assert about(ruleset, ("", "okno nejde zavřít")) == matters[:1]
    assert about(ruleset, ("faktura",)) == ()
