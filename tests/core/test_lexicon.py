"""The index of all phrases and the plain look at each of them agree, on any text and any phrases."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core import plainly
from tests.core.tongues import EVERY, MORE, WEDNESDAY, language
from tests.make import case, client, mail
from vamaild.core import words
from vamaild.core.byword import ByWord, Found
from vamaild.core.dateatoms import READINGS, Lexer
from vamaild.core.datehours import Atom
from vamaild.core.dateterms import SEEN_ELSEWHERE, Terms, vocabulary
from vamaild.core.judge import judge, try_rule
from vamaild.core.lexicon import Lexicon, Phrases
from vamaild.core.phrasebook import Phrasebook
from vamaild.core.ruleset import Kind, Matter, Rule, Situation
from vamaild.core.shortlist import Shortlist, worth
from vamaild.core.tongues import SOME_WORDS, votes
from vamaild.core.utterance import KEPT_LENGTH, KEPT_SENTENCES, utterance
from vamaild.core.wordforms import parse
from vamaild.core.words import Text, find, find_all, may_stand, sightings

FEW = settings(max_examples=60, deadline=None)
LONG = "donaudampfschifffahrtsgesellschaft"
WORDS = ("casa", "cas", "brucia", "non", "5", "5pm", "12:30", "è", "?", "??", "€", "50%", "Straße", LONG)
GLUE = (" ", " ", " ", ", ", ". ", "\n\n", "-", "'", "! ")
PIECES = ("casa", "cas*", "bruci*", "non", "#", "5", "5*", "è", "straße", "?", "€", "casa|non", "x|bruci*|#", "*", "")
PIECES += (LONG, f"{LONG[:30]}*", "nowhere")
written = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), max_size=25)
texts = written.map(lambda pairs: Text("".join(word + glue for word, glue in pairs)))
group = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("+".join)
phrases = st.lists(group, min_size=1, max_size=2).map(" ".join)
lists = st.lists(phrases, max_size=6).map(tuple)


@pytest.fixture(params=[words.LONG_TEXT, 2], ids=["by beginnings", "word by word"])
def any_length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "LONG_TEXT", request.param)


@pytest.mark.usefixtures("any_length")
def test_the_index_finds_what_a_plain_look_finds() -> None:
    @FEW
    @given(st.lists(lists, min_size=1, max_size=4), texts)
    def agree(many: list[tuple[str, ...]], text: Text) -> None:
        shelved = [Phrases(phrases) for phrases in many]
        Lexicon(shelved)
        for phrases in (*shelved, *many, *map(Phrases, many)):
            there = [phrase for phrase in phrases if plainly.stands(phrase, text)]
            assert [hit.phrase for hit in find_all(phrases, text)] == there
            assert (find(phrases, text) is not None) is bool(there)
            assert may_stand(phrases, text) or not there

    agree()


@FEW
@given(st.lists(group, max_size=6).map(tuple), texts)
def test_every_place_is_found(phrases: tuple[str, ...], text: Text) -> None:
    plain = [hit for phrase in phrases if parse(phrase) for hit in plainly.single(phrase, text)]
    assert sightings(phrases, text) == sightings(Phrases(phrases), text) == plain


@FEW
@given(st.dictionaries(st.sampled_from("abcdef"), lists, max_size=4), texts)
def test_a_phrasebook_names_every_list_that_is_seen(many: Mapping[str, tuple[str, ...]], text: Text) -> None:
    book = Phrasebook("xx", many)
    seen = [name for name in many if find_all(many[name], text)]
    assert [name for name in book.standing(text) if name in seen] == seen


MANY = st.lists(group, min_size=1, max_size=4).map(" ".join)
SPOKEN = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GLUE)), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(MANY, max_size=5).map(tuple), min_size=1, max_size=4), SPOKEN)
def test_by_the_sentence_or_in_the_whole_text_the_same_is_found(
    many: list[tuple[str, ...]], said: list[tuple[str, str]]
) -> None:
    original = "".join(word + glue for word, glue in said)
    by_sentence, whole = [Phrases(one) for one in many], [Phrases(one) for one in many]
    index = Lexicon(by_sentence, remembers=True)
    Lexicon(whole)
    for text in (Text(original), Text(f"{original}\n\n{original[:40]}"), Text(original[5:])):
        for known, plain in zip(by_sentence, whole, strict=True):
            hits = sightings(plain, Text(text.original))
            assert text.by_sentence(index) is not None
            assert sightings(known, text) == hits
            assert find(known, text) == next(iter(hits), None)
            assert find_all(known, text) == find_all(plain, text)
            assert may_stand(known, text) or not hits


@pytest.mark.parametrize("text", ["casa casa brucia. brucia casa brucia", "casa brucia. casa x casa brucia brucia"])
def test_which_group_of_a_phrase_leads_depends_on_the_whole_text(text: str) -> None:
    phrases = Phrases(("casa brucia", "brucia casa", "casa"))
    Lexicon((phrases,), remembers=True)
    assert sightings(phrases, Text(text)) == sightings(("casa brucia", "brucia casa", "casa"), Text(text))


def test_a_sentence_is_looked_at_once_in_all_texts_that_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    found = ByWord.found

    def look(index: ByWord, folded: Sequence[str]) -> Found:
        looked.append(" ".join(folded))
        return found(index, folded)

    monkeypatch.setattr(ByWord, "found", look)
    book = Phrasebook("xx", {"a": ("casa brucia",), "b": ("nowhere",)})
    for original in ("Casa mia brucia. E poi?", "Oggetto\n\nCasa mia brucia.  E poi?", "E poi?"):
        text = Text(original)
        assert bool(sightings(book.phrases("a"), text)) == ("brucia" in original)
        assert not sightings(book.phrases("b"), text)
    assert looked == ["casa mia brucia", "e poi ?", "oggetto"]


def test_only_a_few_short_sentences_are_kept() -> None:
    book = Phrasebook("xx", {"a": ("casa",)})
    for number in range(KEPT_SENTENCES + 10):
        assert sightings(book.phrases("a"), Text(f"casa {number}!"))
    assert utterance("x" * KEPT_LENGTH) is utterance("x" * KEPT_LENGTH)
    assert utterance("x" * (KEPT_LENGTH + 1)) is not utterance("x" * (KEPT_LENGTH + 1))
    assert utterance.__globals__["_kept"].cache_info().currsize == KEPT_SENTENCES


def test_a_word_in_the_text_s_capitals_or_accents_is_the_phrase_s() -> None:
    assert sightings(Phrases(("strasse casa",)), Text("CASA, Straße"))[0].words == "CASA, Straße"


RULES = st.lists(
    st.builds(
        lambda said, more, strike, kind: Rule("own", kind, {**said, **more}, strike=strike),
        st.sampled_from(("says", "also_says", "subject_says")).flatmap(lambda n: lists.map(lambda said: {n: said})),
        st.sampled_from(({}, {"away": False}, {"says": "casa"}, {"asks": False})),
        st.sampled_from(((), ("non",), ("casa brucia",))),
        st.sampled_from((Kind.INFORMATION, Kind.HOSTILE, Kind.EMERGENCY)),
    ),
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(RULES, texts, texts)
def test_rules_left_out_could_not_have_fitted(rules: list[Rule], subject: Text, body: Text) -> None:
    known = case(mail(body.original, subject=subject.original.replace("\n", " ")), client(rules=tuple(rules)))
    fitting = [rule for rule in rules if try_rule(rule, known).fits]
    tried = worth(known.ruleset.rules, known.body, known.subject)
    assert [rule for rule in tried if try_rule(rule, known).fits] == fitting


@pytest.mark.parametrize("when", [{}, {"away": False}, {"regex": "x", "says": ("nowhere",)}])
def test_a_rule_that_may_fit_without_words_is_always_tried(when: Mapping[str, object]) -> None:
    rule = Rule("any", Kind.INFORMATION, when)
    assert list(worth(Shortlist((rule,)), Text("ciao"))) == [rule]


def test_pages_and_matters_are_found_by_their_words() -> None:
    others = tuple(Situation(f"page {n}", (f"altro{n}",), {"it": "No."}) for n in range(5))
    page = Situation("fattura", ("copia fattura",), {"it": "Nell'area clienti."})
    matter = Matter("porta", ("porta",))
    ruleset = client(situations=(*others, page), matters=(Matter("tetto", ("tetto",)), matter))
    verdict = judge(case(mail("Mi manda copia della fattura per la porta?"), ruleset))
    assert (verdict.situation, verdict.matter) == (page, matter)
    assert [tried.name for tried in verdict.tried if tried.name.startswith("page")] == []


SAID = st.lists(st.sampled_from((*EVERY, *MORE)), min_size=1, max_size=3).flatmap(
    lambda codes: st.lists(
        st.sampled_from([w for c in codes for n in sorted(language(c).lists) for p in language(c).lists[n][:6]
                         for w in (p.replace("+", " ").replace("*", "en").split("|")[0],)]),
        max_size=12,
    )
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(SAID)
def test_the_words_of_dates_are_found_wherever_they_begin(said: list[str]) -> None:
    text = Text(" ".join((*said, "5pm", "15h30", "il 3.")))
    for code in ("it", "cs", "en", "de"):
        terms = Terms(text, vocabulary(language(code)))
        begun = {word: vocabulary(language(code)).beginning(word) for word in set(terms.folded)}
        for at, term in enumerate(terms.folded):
            names = {entry.name for entry in begun[term] if _begins(entry.words, terms, at)}
            assert set(terms.named[at]) == names
            assert (at in terms.told) or not (names or term[0].isdigit())


@settings(max_examples=30, deadline=None)
@given(SAID)
def test_each_reading_of_a_date_is_tried_wherever_it_may_begin(said: list[str]) -> None:
    text = Text(" ".join((*said, "5pm", "15h30", "3/12", "il 3.", "24th")))
    for code in ("it", "cs", "en", "de"):
        lexer = Lexer(Terms(text, vocabulary(language(code))), WEDNESDAY)
        plain: list[Atom] = []
        for at in range(len(lexer.terms.folded)):
            if not plain or at > plain[-1].last:
                plain += [atom for _, _, read in READINGS if (atom := read(lexer, at))][:1]
        assert lexer.atoms() == plain


def _begins(phrase: tuple[str, ...], terms: Terms, at: int) -> bool:
    here = terms.folded[at : at + len(phrase)]
    return len(here) == len(phrase) and all(map(_same, phrase, here))


def _same(wanted: str, found: str) -> bool:
    return found.startswith(wanted[:-1]) if wanted.endswith("*") else wanted == found


def test_every_word_for_days_begins_its_phrase() -> None:
    for code in EVERY:
        lists = {n: p for n, p in language(code).lists.items() if n.startswith("days.") and n not in SEEN_ELSEWHERE}
        words = vocabulary(language(code))
        for name, phrases in lists.items():
            for phrase in phrases if name in ("days.today", "days.by", "days.tomorrow") else ():
                first = parse(phrase)[0][0]
                assert any(e.name == name.removeprefix("days.") for e in words.beginning(first.rstrip("*")))


@cache
def known_in(code: str) -> frozenset[str]:
    groups = (group for phrases in language(code).lists.values() for phrase in phrases for group in parse(phrase))
    return frozenset(w for group in groups for one in group for w in one.split("|") if w.rstrip("*").isalpha())


@settings(max_examples=40, deadline=None)
@given(SAID)
def test_votes_are_those_of_each_language_alone(said: list[str]) -> None:
    tables = {code: language(code) for code in (*EVERY, *MORE)}
    text = " ".join(said)
    seen = {word.folded for word in islice(Text(text).words, SOME_WORDS)}
    counted = {
        code: sum(w in known or any(f"{w[:n]}*" in known for n in range(4, len(w) + 1)) for w in seen)
        for code, known in ((code, known_in(code)) for code in tables)
    }
    assert votes(text, tables) == counted
