"""The language of a reply: the person's, else that of his words; in doubt two, in one reply with one subject."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import ITALIAN, NOW, absent, book, client, mail, render
from vamaild.core.decide import Decision, Tools, decide, gather
from vamaild.core.letter import Letter, TemplateError
from vamaild.core.message import History
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import EmergencyRule, Language, Person, RuleSet, Situation
from vamaild.core.tongues import DASHES, Detect, Tongue, tongue_of, votes
from vamaild.core.words import fold

TABLES = {
    "it": ITALIAN,
    "en": Language("en", {"signs.asks": ("could you", "please send"), "signs.thanks": ("thank you",)}),
    "cs": Language("cs", {"signs.asks": ("pošlete mi prosím", "kdy bude"), "signs.thanks": ("děkuji",)}),
    "eo": Language("eo", {"signs.asks": ("bonvolu sendi", "ĉu vi povas")}),
}


def guess(code: str, confidence: float) -> Detect:
    def detect(text: str, among: Sequence[str], default: str) -> tuple[str, float]:
        return code or default, confidence

    return detect


def speaking(*languages: str) -> RuleSet:
    ruleset = absent()
    return replace(ruleset, client=replace(ruleset.client, language=languages[0], languages=languages))


@pytest.mark.parametrize(
    ("text", "languages", "guessed", "expected"),
    [
        ("Ciao a tutti, la riunione era bella", ("it", "en"), ("it", 0.9), Tongue("it", heard=True)),
        ("Could you send it? Thank you", ("it", "en"), ("en", 0.9), Tongue("en", heard=True)),
        (
            "Good morning all",
            ("it", "en"),
            ("en", 0.7),
            Tongue("en", heard=True),
        ),  # the detector alone
        (
            "Poslete mi prosim cenik, dekuji",
            ("cs", "it", "en"),
            ("cs", 0.1),
            Tongue("cs", heard=True),
        ),  # no accents
        (
            "Bonvolu sendi, cxu vi povas?",
            ("it", "eo"),
            ("it", 0.0),
            Tongue("eo", heard=True),
        ),  # the tables alone
        ("ok", ("it", "en"), ("it", 0.0), Tongue("it", "en")),
        ("ok", ("en", "it"), ("en", 0.0), Tongue("en", "it")),
        ("ok", ("it", "cs"), ("it", 0.0), Tongue("it", "cs")),
        ("xyz", ("en", "it", "cs"), ("cs", 0.3), Tongue("en", "cs")),  # the likely one of the rest
        ("Grazie mille! Could you send it?", ("it", "en"), ("it", 0.55), Tongue("it", "en")),  # mixed
        ("Could you send it? Thank you", ("it", "en"), ("it", 0.7), Tongue("it", "en")),  # they disagree
        ("ok", ("it",), ("it", 0.0), Tongue("it")),  # one language only: nothing to doubt
    ],
)
def test_which_language(text: str, languages: tuple[str, ...], guessed: tuple[str, float], expected: Tongue) -> None:
    assert tongue_of(text, None, speaking(*languages), History(), TABLES, guess(*guessed)) == expected


@pytest.mark.parametrize(
    ("person", "history", "expected"),
    [
        (Person("a@b.example", language="cs"), History(language="it"), "cs"),
        (Person("a@b.example"), History(language="en"), "en"),
        (None, History(language="en"), "en"),
    ],
)
def test_a_known_language_is_not_doubted(person: Person | None, history: History, expected: str) -> None:
    assert tongue_of("ok", person, speaking("it", "en"), history, TABLES, guess("", 0.0)) == Tongue(expected)


def test_votes_count_different_words() -> None:
    assert votes("Grazie mille, grazie. Thank you", TABLES) == {"it": 2, "en": 2, "cs": 0, "eo": 0}


def answered(text: str, ruleset: RuleSet, write: Callable[..., Letter] = render, confidence: float = 0.0) -> Decision:
    tools = Tools(write, guess("", confidence))
    return decide(mail(text), ruleset, book(ruleset, languages=TABLES), History(), tools, NOW)


def body(decision: Decision) -> str:
    assert decision.reply
    assert decision.reply.letter
    return decision.reply.letter.body


def test_in_doubt_both_languages_stand_in_one_reply() -> None:
    decision = answered("OK, xyz?", speaking("it", "en"))
    first, dashes, second = body(decision).split("\n\n")
    assert (first, dashes) == ("vacation-first in it for acme: ", DASHES) or first.startswith("vacation-first in it")
    assert dashes == DASHES
    assert second.startswith("vacation-first in en")
    assert decision.reply
    assert decision.reply.letter
    assert decision.reply.letter.subject == "Re: vacation-first"
    assert decision.reply.language == "it"


def test_when_sure_one_language() -> None:
    assert DASHES not in body(answered("OK, xyz?", speaking("it", "en"), confidence=0.9))


def test_the_dashes_are_no_signature_mark() -> None:
    assert DASHES.strip("-") == ""
    assert len(DASHES) > 3


def test_words_of_the_absence_are_those_of_each_language() -> None:
    def writes(template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        away, colleague = words["away"], words["colleague"]
        assert isinstance(away, dict)
        assert isinstance(colleague, dict)
        return Letter("s", f"{away['words']}, {colleague['role']}\n")

    ruleset = speaking("it", "en")
    assert ruleset.colleague
    role = {"it": "i cantieri", "en": "building sites"}
    ruleset = replace(ruleset, colleague=replace(ruleset.colleague, role=role))
    said = body(answered("OK, xyz?", ruleset, writes))
    assert said == f"in ferie, i cantieri\n\n{DASHES}\n\naway, building sites\n"


def test_a_text_that_exists_in_one_language_is_written_once() -> None:
    def writes(template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        if language != "it":
            raise TemplateError("no such text")
        return Letter("s", "uno\n")

    decision = answered("OK, xyz?", speaking("it", "en"), writes)
    assert body(decision) == "uno\n"
    assert decision.problems == ()


def test_a_text_that_falls_back_on_the_same_words_is_written_once() -> None:
    assert body(answered("OK, xyz?", speaking("it", "en"), lambda *_: Letter("s", "same\n"))) == "same\n"


@pytest.mark.parametrize(
    ("answer", "twice"), [({"it": "Eccola.", "en": "Here it is."}, True), ({"it": "Eccola."}, False)]
)
def test_an_answer_of_the_playbook(answer: dict[str, str], twice: bool) -> None:
    ruleset = replace(speaking("it", "en"), situations=(Situation("copia", ("fattura",), answer),))
    said = body(answered("fattura?", ruleset))
    assert "Eccola." in said
    assert ("Here it is." in said) is twice


def test_a_secret_in_the_second_language_holds_the_reply_back() -> None:
    def writes(template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        return Letter("s", "Buongiorno.\n" if language == "it" else "Call him: 603 111 222.\n")

    decision = answered("OK, xyz?", speaking("it", "en"), writes)
    assert decision.reply is None
    assert decision.withheld[0].reason is Reason.SECRET


def test_a_client_with_a_contract_is_answered_twice_too() -> None:
    ruleset = client()
    ruleset = replace(ruleset, client=replace(ruleset.client, languages=("it", "en")))
    assert DASHES in body(answered("OK, xyz?", ruleset))


WATER = EmergencyRule("voda", "cs", ("teče voda",))


@pytest.mark.parametrize(
    ("text", "confidence", "seen"),
    [
        ("Pošlete mi prosím, děkuji: teče voda", 0.9, True),
        ("Ciao, grazie mille. Teče voda", 0.9, False),  # surely Italian: Czech words are a coincidence
        ("Teče voda", 0.1, True),  # nobody knows the language: all of them are looked at
    ],
)
def test_only_the_languages_that_may_be_meant_are_looked_at(text: str, confidence: float, seen: bool) -> None:
    ruleset = speaking("it", "en", "cs")
    tools = Tools(render, guess("it" if "Ciao" in text else "", confidence if "Po" not in text else 0.0))
    known = book(ruleset, languages=TABLES, emergencies=(WATER,))
    assert (gather(mail(text), ruleset, known, History(), tools, NOW).reading.damage is not None) is seen


def test_a_known_person_may_write_in_another_language() -> None:
    ruleset = speaking("it", "cs")
    known = book(ruleset, languages=TABLES, emergencies=(WATER,))
    tools = Tools(render, guess("", 0.9))
    case = gather(mail("Teče voda"), ruleset, known, History(language="it"), tools, NOW)
    assert case.reading.damage


WORD = st.text("abč", min_size=1, max_size=7)


@given(st.lists(WORD | WORD.map(lambda w: f"{w}*"), max_size=12), st.lists(WORD, max_size=8))
def test_a_word_counts_where_it_or_its_beginning_stands_in_a_table(table: list[str], words: list[str]) -> None:
    """Beginnings of fewer than four letters are those of any language, and count for none."""
    listed = {fold(entry) for entry in table}
    stems = [entry[:-1] for entry in listed if entry.endswith("*") and len(entry) > 4]
    known = {w for w in map(fold, words) if w in listed or any(w.startswith(stem) for stem in stems)}
    assert votes(" ".join(words), {"xx": Language("xx", {"signs.asks": tuple(table)})}) == {"xx": len(known)}


def test_only_the_languages_of_the_client_are_taken_apart() -> None:
    """The words of the others would be made ready for nothing: a start is slower by a third of a second for each."""
    tables = {code: Language(code, {"signs.asks": ("parola",)}) for code in ("it", "cs", "en", "de")}
    ruleset = speaking("it", "cs")
    tongue_of("Buongiorno a tutti", None, ruleset, History(), tables, guess("it", 0.9))
    assert {code for code, table in tables.items() if "vocabulary" in table._made} == {"it", "cs"}
