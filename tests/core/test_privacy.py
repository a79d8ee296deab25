"""Who is meant by an address, what names her in others' texts, and how a word may be spelt in a file."""

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.privacy import CODE, Person, Redactor, canonical, code, columns, spellings, total

EVA = Person("Eva@Mala.example", names=("Eva Malá", "Eva"), subjects=("Re: Okna do prodejny", "Voda"), ids=("<1@pc>",))


@pytest.mark.parametrize(
    ("stored", "same"),
    [
        ("eva@mala.example", True),
        ("EVA@MALA.EXAMPLE", True),
        ("eva+news+x@mala.example", True),
        ("<eva@mala.example>", True),
        (code("eva+a@mala.example"), True),
        ("xeva@mala.example", False),
        ("eva@mala.example.org", False),
        ("eva@xmala.example", False),
        ("", False),
        ("eva", False),
        (code("ewa@mala.example"), False),
    ],
)
def test_whose_address_it_is(stored: str, same: bool) -> None:
    assert EVA.same(stored) is same


@pytest.mark.parametrize(
    ("address", "known"),
    [("Eva+x@A.b", "eva@a.b"), ("+x@a.b", "+x@a.b"), ("a@b@c.d", "a@b@c.d"), ("eva", ""), ("", "")],
)
def test_the_mailbox_behind_an_address(address: str, known: str) -> None:
    assert canonical(address) == known


@given(st.text(max_size=40))
def test_a_code_stays_a_code_and_tells_nothing(text: str) -> None:
    found = code(text)
    assert not found or CODE.fullmatch(found)
    assert code(found) == found
    assert not found or canonical(text) not in found


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("write to eva@mala.example.", "write to …."),
        ("write to EVA+shop@mala.example, please", "write to …, please"),
        ("xeva@mala.example eva@mala.example.org", "xeva@mala.example eva@mala.example.org"),
        ("Malá Eva and Eva  Malá", "… and …"),
        ("Eva Novotná called Eva", "Eva Novotná called Eva"),  # a first name names many
        ("Eva Maláčková", "Eva Maláčková"),
        ("Re: OKNA do prodejny", "Re: …"),
        ("Voda teče", "Voda teče"),  # too short a subject to be hers alone
        ("In-Reply-To: <1@pc>", "In-Reply-To: …"),
    ],
)
def test_what_names_her_in_others_texts(text: str, left: str) -> None:
    assert Redactor(EVA.patterns()).text(text) == left


@pytest.mark.parametrize("text", ["Eva called", "about Voda"])
def test_in_our_own_notes_less_is_enough(text: str) -> None:
    assert not Redactor(EVA.patterns()).mentioned(text)
    assert Redactor(EVA.patterns(loosely=True)).mentioned(text)


def test_a_text_that_quotes_her_goes_whole() -> None:
    quotes = Person("a@b.c", texts=("Dobrý den,\nkdy přijde  nabídka na okna?",)).quotes()
    redactor = Redactor((), quotes)
    assert redactor.value({"q": ["Kdy přijde nabídka", "Kdy přijdete?", "okna"], "n": 3}) == {
        "q": ["…", "Kdy přijdete?", "okna"],
        "n": 3,
    }


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=14, max_size=30), st.binary(max_size=5))
def test_a_word_in_base64_is_found_wherever_it_begins(word: str, before: bytes) -> None:
    lying = base64.b64encode(before + word.encode() + b" and more")
    assert any(s in lying for s in spellings(word))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=1, max_size=20))
def test_a_word_in_quoted_printable_or_utf_16_is_found(word: str) -> None:
    found = tuple(spellings(word))
    assert any(s in quopri.encodestring(word.encode()) for s in found)
    assert any(s in word.encode("utf-16-le") for s in found) and any(s in word.encode("utf-16-be") for s in found)


def test_columns_and_sums() -> None:
    assert set(columns("consent")) == {"email", "name"} and columns("tally") == ()
    assert total([{"a": 1}, {"a": 2, "b": 1}]) == {"a": 3, "b": 1}
