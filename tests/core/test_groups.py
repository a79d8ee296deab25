"""What is asked again and again: the groups, and that their phrases find exactly what they claim."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vamaild.core.groups import Group, groups
from vamaild.core.ruleset import Language
from vamaild.core.words import Text, find

RULES = Path(__file__).parents[2] / "rules.d"
CODES = ("it", "cs", "en", "de", "es", "fr", "pl", "sk")


def language(code: str) -> Language:
    """The small words as they are shipped."""
    tables = tomllib.loads((RULES / f"13-small-{code}.toml").read_text(encoding="utf-8"))
    return Language(code, {"small.words": tuple(tables["small"]["words"])})


CASES = {
    "cs": (
        [
            "Dobrý den, prosím o kopii faktury za říjen. Děkuji",
            "Zdravím, můžete mi poslat kopie faktur?",
            "Potřebuji kopii faktury 2026-11.",
            "Dobrý den, kde najdu záruční list k oknům?",
            "Prosím pošlete záruční listy.",
            "Ztratil jsem záruční list. Pomůžete mi?",
            "Jakou máte otevírací dobu mezi svátky?",
            "Jaká je otevírací doba na Vánoce?",
            "Děkuji, vše v pořádku.",
        ],
        [("kopi* faktur*", 3), ("záruční list*", 3), ("otevírací dob*", 2)],
    ),
    "it": (
        [
            "Buongiorno, vorrei una copia della fattura di ottobre",
            "Mi manda la copia della fattura?",
            "Servono copie delle fatture 2026",
            "Si può spostare l'appuntamento di giovedì?",
            "Vorrei spostare l'appuntamento",
            "Il certificato di garanzia non è arrivato",
            "Dov'è la garanzia?",
            "Grazie mille, cordiali saluti",
        ],
        [("copi* fattur*", 3), ("spostare appuntamento", 2), ("garanzia", 2)],
    ),
    "en": (
        [
            "Hello, could you send me a copy of my invoice?",
            "I need copies of the invoices for October, please.",
            "What are your opening hours at Christmas?",
            "Are the opening hours different on Sunday?",
            "Kind regards, Tom",
        ],
        [("invoice*", 2), ("opening hours", 2)],
    ),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_the_same_question_is_one_group_whatever_its_endings(code: str) -> None:
    texts, expected = CASES[code]
    assert [(g.phrases[0], g.size) for g in groups(texts, language(code))] == expected


def test_words_as_people_wrote_them_for_showing() -> None:
    texts, _ = CASES["cs"]
    assert groups(texts, language("cs"))[1].words == "záruční list"


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Dobrý den"],
        ["Ciao!", "Ciao!"],
        ["Buongiorno, cordiali saluti", "Buongiorno, cordiali saluti"],
        ["Preventivo infissi", "Consegna lunedì"],
        ["12345 67890", "12345 67890"],
    ],
)
def test_what_has_nothing_in_common_is_no_group(texts: list[str]) -> None:
    assert groups(texts, language("it")) == []


def test_a_word_that_most_of_many_texts_share_tells_nothing() -> None:
    texts = [f"Ordine {word}" for word in ("alfa", "beta", "gamma", "delta", "omega", "kappa", "sigma") for _ in "ab"]
    found = groups(texts, language("it"))
    assert {g.phrases[0].split()[0] for g in found} == {"ordine"}
    assert [g.size for g in found] == [2] * 7


WORKSHOP = ["Kolik stojí okna do bytu?", "Máte okna skladem?", "Kdy dovezete okna?", "Jaká okna děláte?"]
OTHERS = [f"Prosím {a} {b}." for a, b in zip("abcdefgh", ("plot", "vrata", "sklep", "lišta", "klika", "práh", "střecha",
                                                          "balkon"), strict=True)]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "among", "named"),
    [
        (WORKSHOP[:2] + OTHERS[:4], (), ["okna"]),
        (WORKSHOP + OTHERS, (), []),
        (WORKSHOP[:3] + OTHERS + OTHERS[:1], (), ["okna"]),
        (WORKSHOP + OTHERS * 2, (), ["okna"]),
        (WORKSHOP[:2], WORKSHOP + OTHERS, []),
        (["Kolik stojí okna?", "Kolik stojí okna dnes?", *WORKSHOP[1:], *OTHERS], (), ["stojí okna"]),
    ],
    ids=["few mails", "4 of 12", "3 of 12", "4 of 20", "2, but 4 of all 12", "two words name what one cannot"],
)
def test_a_word_that_nearly_everybody_writes_names_no_group(
    texts: list[str], among: list[str], named: list[str]
) -> None:
    found = groups(texts, language("cs"), among=among)
    assert [g.words for g in found if "okna" in g.words] == named


def test_least_leaves_small_groups_out() -> None:
    texts, _ = CASES["it"]
    assert [g.size for g in groups(texts, language("it"), least=3)] == [3]


def test_without_a_language_there_are_no_small_words() -> None:
    assert groups(["prosím faktura", "prosím okno"])[0].words == "prosím"


@pytest.mark.parametrize("code", CODES)
def test_every_shipped_language_has_small_words_and_promising_ones(code: str) -> None:
    tables = tomllib.loads((RULES / f"13-small-{code}.toml").read_text(encoding="utf-8"))
    assert tables["language"]["code"] == code
    assert len(tables["small"]["words"]) > 100
    assert len(tables["promises"]["words"]) > 10


STEMS = "faktura faktury fakturu okno okna list listy záruka termín montáž copia fattura . ! ,"
WORDS = st.sampled_from(STEMS.split(" "))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=12).map(" ".join), max_size=12))
def test_a_text_is_in_one_group_and_its_phrase_finds_it(texts: list[str]) -> None:
    found: list[Group] = groups(texts)
    members = [n for g in found for n in g.members]
    assert len(members) == len(set(members))
    for group in found:
        assert group.size >= 2
        assert group.members == tuple(sorted(group.members))
        assert all(find(group.phrases, Text(texts[n])) for n in group.members)
    assert [g.size for g in found] == sorted((g.size for g in found), reverse=True)
