"""What corrections teach: three alike make a proposal, explained by its messages; no emergency ever becomes calm."""

import tomllib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.words import language
from vamaild.core.learning import Judged, Proposal, as_toml, example, propose
from vamaild.core.ruleset import Kind
from vamaild.core.words import Text, find

LANGUAGES = {"it": language("it")}
INFO, REQUEST, EMERGENCY = Kind.INFORMATION, Kind.SCHEDULED_REQUEST, Kind.EMERGENCY
SHIPPED = (
    "Il pacco è in consegna domani con il corriere.",
    "La consegna del corriere è prevista per martedì.",
    "Il corriere ha confermato la consegna in magazzino.",
)
ASKS = ("Mi manda il preventivo?", "Quando passate per il sopralluogo?", "Vorrei il listino nuovo.")


def row(number: int, text: str = "Mi manda il listino?", address: str = "", **more: object) -> Judged:
    base = Judged(number, address or f"p{number}@shop.example", "it", text, str(REQUEST))
    return replace(base, **more)  # type: ignore[arg-type]  # by name


def newsletter(*numbers: int, **more: object) -> list[Judged]:
    texts = ("Il nostro listino di oggi", "Grandi novità per voi", "Tre idee per la casa", "Un saluto dal negozio")
    return [row(n, texts[n % 4], "news@shop.example", **({"wanted": INFO} | more)) for n in numbers]


def test_a_sender_who_was_always_corrected_to_the_same() -> None:
    assert propose("acme", newsletter(1, 2, 3), LANGUAGES) == [
        Proposal("acme", "from", ("news@shop.example",), INFO, (1, 2, 3))
    ]


@pytest.mark.parametrize(
    "rows",
    [
        newsletter(1, 2),
        [*newsletter(1, 2, 3), row(4, address="news@shop.example", right=True)],
        [*newsletter(1, 2, 3), row(4, address="NEWS@shop.example", was=str(EMERGENCY))],
        [*newsletter(1, 2), *newsletter(3, wanted=Kind.AUTOMATIC)],
        newsletter(1, 2, 3, was=str(INFO)),
        newsletter(1, 2, 3, was=str(EMERGENCY)),
        newsletter(1, 2, 3, wanted=None),
    ],
    ids=["two", "one was right", "one emergency", "not the same", "known by now", "was an emergency", "nobody said"],
)
def test_anything_less_is_no_proposal_about_a_sender(rows: list[Judged]) -> None:
    assert [p for p in propose("acme", rows, LANGUAGES) if p.condition == "from"] == []


def corrected(*texts: str, wanted: Kind = INFO) -> list[Judged]:
    return [row(n, text, wanted=wanted) for n, text in enumerate(texts, 1)]


def others(*texts: str) -> list[Judged]:
    return [row(n, text) for n, text in enumerate(texts, 50)]


def test_words_that_the_corrected_messages_share_and_others_do_not() -> None:
    (found,) = propose("acme", [*corrected(*SHIPPED), *others(*ASKS)], LANGUAGES)
    assert (found.condition, found.kind, found.messages) == ("says", INFO, (1, 2, 3))
    assert all(find(found.values, Text(text)) for text in SHIPPED)
    assert not any(find(found.values, Text(text)) for text in ASKS)


@pytest.mark.parametrize("was", [str(REQUEST), str(EMERGENCY)])
def test_words_that_another_message_has_propose_nothing(was: str) -> None:
    against = row(60, "Il corriere non arriva, la consegna è ferma e ci serve!", was=was)
    found = propose("acme", [*corrected(*SHIPPED), *others(*ASKS), against], LANGUAGES)
    assert not any(find(p.values, Text(against.text)) for p in found)


def test_emergencies_teach_nothing_calm_but_may_be_taught() -> None:
    calm = [replace(r, was=str(EMERGENCY)) for r in corrected(*SHIPPED)]
    assert propose("acme", calm, LANGUAGES) == []
    (found,) = propose("acme", [*corrected(*SHIPPED, wanted=EMERGENCY), *others(*ASKS)], LANGUAGES)
    assert found.kind is EMERGENCY


@given(
    st.lists(
        st.tuples(st.sampled_from((*SHIPPED, *ASKS)), st.sampled_from("abc"), st.sampled_from(list(Kind)),
                  st.sampled_from([None, *Kind])),
        max_size=24,
    )
)  # fmt: skip
def test_no_proposal_finds_an_emergency_but_one_that_makes_one(rows: list[tuple[str, str, Kind, Kind | None]]) -> None:
    judged = [
        row(n, text, f"{who}@shop.example", was=str(was), wanted=wanted)
        for n, (text, who, was, wanted) in enumerate(rows, 1)
    ]
    for proposal in propose("acme", judged, LANGUAGES):
        grave = [each for each in judged if each.was == EMERGENCY and proposal.kind is not EMERGENCY]
        assert len(proposal.messages) >= 3
        assert not any(each.address in proposal.values for each in grave)
        assert proposal.condition == "from" or not any(find(proposal.values, Text(each.text)) for each in grave)


def test_the_same_rule_has_the_same_mark_and_another_kind_another_name() -> None:
    one = Proposal("acme", "says", ("a b", "c"), INFO, (1, 2, 3))
    assert one.mark == replace(one, values=("c", "a b"), messages=(7, 8, 9)).mark
    assert one.mark != replace(one, client="other").mark
    assert one.name != replace(one, kind=REQUEST).name


@pytest.mark.parametrize(
    "text", ['Dice "sì" \\ no', "due\nrighe\x00\x7f", "[[learned]]\nclient = 'x'", "'''", "é ř 🎉"]
)
def test_whatever_a_message_says_the_rule_is_toml_and_one_rule(text: str) -> None:
    proposal = Proposal("acme", "from", ("news@shop.example",), INFO, (1, 2, 3))
    (found,) = tomllib.loads(as_toml(proposal, (example(text, proposal),), date(2026, 11, 27)))["learned"]
    assert (found["client"], found["kind"], found["when"]) == ("acme", "information", {"from": ["news@shop.example"]})
    assert len(found["fits"]) == 1


def test_an_example_is_the_sentence_with_the_words() -> None:
    proposal = Proposal("acme", "says", ("consegna",), INFO, (1, 2, 3))
    assert example("Buongiorno Maria. La consegna è domani. Il mio numero è 123.", proposal) == "La consegna è domani"
    assert example("Buongiorno Maria.", proposal) == ""
