"""The shipped texts say what was agreed; a text that is wrong is named with file, line and remedy; none can do harm."""

import re
import time
import tomllib
from datetime import date
from pathlib import Path

import pytest

from vamaild.adapters.templates import Texts
from vamaild.core.letter import Letter, Render, TemplateError
from vamaild.core.prose import TextError
from vamaild.core.vocabulary import NOTE_WORDS, WORDS, differing, length, situations

from .texts import SHIPPED, put, words_for

GOLDEN = tomllib.loads((Path(__file__).parent / "golden_texts.toml").read_text("utf-8"))
LANGUAGES = ("it", "cs", "en")
REPLIES = sorted(GOLDEN)
NOTES = [
    "notice-escalation",
    "note-held",
    "note-unconfirmed",
    "note-silent",
    "note-limit",
    "note-bounced",
    "note-signin",
]


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return Texts(SHIPPED)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REPLIES)
def test_agreed_text(shipped, name, language):
    golden = GOLDEN[name][language]
    words = words_for(name, language, tu=golden["tone"] == "tu", greeting="", closing="")
    assert shipped(name, language, "", words).body == golden["text"].lstrip("\n")


def test_all_agreed_texts_are_there():
    assert len(REPLIES) == 11
    assert all(set(GOLDEN[name]) == set(LANGUAGES) for name in REPLIES)


def test_whole_letter(shipped):
    letter = shipped("ordinary", "it", "rossi", words_for("ordinary", "it", tu=True))
    assert letter == Letter(
        "Re: Preventivo infissi",
        "Ciao Marco,\n\nricevuto, è in agenda: lo trovi fatto entro giovedì 10 dicembre. Da parte tua non serve "
        "altro.\n\nA presto,\nGiulia Ferri\n\nRisposta automatica; la posta la legge Giulia Ferri.\n",
    )


def test_it_is_the_port_of_the_core(shipped):
    render: Render = shipped
    assert render("ordinary", "en", "", words_for("ordinary", "en")).subject == "Re: Preventivo infissi"


@pytest.mark.parametrize(
    ("language", "tu", "person", "greeting"),
    [
        ("it", False, "Marco", "Buongiorno,"),
        ("it", True, "Marco", "Ciao Marco,"),
        ("it", True, "", "Ciao,"),
        ("it", True, None, "Ciao,"),
        ("cs", False, "Marek", "Dobrý den,"),
        ("cs", True, "Marek", "Ahoj,"),
        ("en", False, "Marco", "Hello,"),
        ("en", True, "Marco", "Hi Marco,"),
        ("en", True, "", "Hi,"),
    ],
)
def test_greeting(shipped, language, tu, person, greeting):
    words = words_for("ordinary", language, tu=tu, person={"name": person})
    if person is None:
        del words["person"]
    assert shipped("ordinary", language, "", words).body.splitlines()[0] == greeting


@pytest.mark.parametrize(
    ("language", "tu", "closing"),
    [
        ("it", False, "Cordiali saluti,\nGiulia Ferri\n\nRisposta automatica; la posta la legge Giulia Ferri.\n"),
        ("it", True, "A presto,\nGiulia Ferri\n\nRisposta automatica; la posta la legge Giulia Ferri.\n"),
        ("cs", False, "S pozdravem\nJana Dvořáková\n\nAutomatická odpověď; poštu čte Jana Dvořáková.\n"),
        ("cs", True, "Měj se hezky\nJana Dvořáková\n\nAutomatická odpověď; poštu čte Jana Dvořáková.\n"),
        ("en", False, "Kind regards,\nJana Dvořáková\n\nAutomatic reply; the mail is read by Jana Dvořáková.\n"),
        ("en", True, "Best wishes,\nJana Dvořáková\n\nAutomatic reply; the mail is read by Jana Dvořáková.\n"),
    ],
)
def test_closing_and_the_honest_line(shipped, language, tu, closing):
    automatic = shipped("ordinary", language, "", words_for("ordinary", language, tu=tu)).body
    assert automatic.endswith("\n\n" + closing)
    by_hand = shipped("ordinary", language, "", words_for("ordinary", language, tu=tu, automatic=False)).body
    assert by_hand.endswith("\n\n" + closing.partition("\n\n")[0] + "\n")


# Words that address a stranger: none may stand in a text for somebody we call tu or ty, and the other way round.
FORMAL = {
    "it": r"\b(lei|le (serve|dico|scrivo|riscrivo|rispondo|avevo)|sua|suo|suoi|scriva|risponda|mandi|chiami)\b",
    "cs": r"\b(Vy|Vás|Vám|Vaš\w*|Váš|\w+[aeíu]te)\b",
}
INFORMAL = {
    "it": r"\b(tu|ti|te|tua|tuo|tuoi|scrivimi|rispondi|mandami)\b",
    "cs": r"\b(ty|ti|tě|tvůj|tvoje|tvou|tvého)\b",
}


@pytest.mark.parametrize("language", ["it", "cs"])
@pytest.mark.parametrize("name", REPLIES)
def test_form_of_address_is_kept(shipped, name, language):
    plain = {"answer": "42.", "greeting": "", "closing": ""}
    informal = shipped(name, language, "", words_for(name, language, tu=True, **plain)).body
    formal = shipped(name, language, "", words_for(name, language, tu=False, **plain)).body
    assert not re.search(FORMAL[language], informal, re.IGNORECASE if language == "it" else 0), informal
    assert not re.search(INFORMAL[language], formal, re.IGNORECASE), formal


def test_gender_of_the_assistant(shipped):
    texts = {
        gender: shipped(name, "cs", "", words_for(name, "cs", va={"name": "X", "gender": gender})).body
        for name, gender in (("vacation-second", "f"), ("status-update", "m"))
    }
    assert "Abych věděla," in texts["f"]
    assert "jak jsem slíbil," in texts["m"]


def test_all_texts_in_all_situations_are_clean(shipped):
    assert shipped.check() == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*REPLIES, *NOTES])
def test_every_situation(shipped, name, language):
    for words in situations(name):
        letter = shipped(name, language, "", words)
        assert letter.subject == " ".join(letter.subject.split()) != ""
        assert letter.body.endswith("\n")
        assert not re.search(r"[ \t]\n|\n\n\n|\{|\}|  \w+ |None| ,| \.|\bů", letter.body), letter.body
        assert "!" not in letter.subject + letter.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_said_twice_to_a_person_who_insists(shipped, language):
    for tu in (False, True):
        said: set[str] = set()
        for name in ("vacation-first", "vacation-second", "vacation-fifth"):
            body = shipped(name, language, "", words_for(name, language, tu=tu, greeting="", closing="")).body
            sentences = {part.strip().lower() for part in re.split(r"(?<!\d)[.?:;,]\s", body) if length(part) > 2}
            assert sentences
            assert not said & sentences
            said |= sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_calendar_days_are_not_called_working_days(shipped, language):
    lead = {"ready_on": date(2026, 12, 10), "days": 7, "unit": "calendar"}
    body = shipped("lead-time", language, "", words_for("lead-time", language, lead=lead)).body
    assert "7" in body
    assert not re.search("lavorativ|pracovn|working", body)


# -- notes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_60_characters_of_an_alarm_say_who_and_what(shipped, language):
    long = {"who": "Stavební společnost Malá a synové s. r. o.", "subject": "Voda teče do prodejny pod námi " * 8}
    case = dict(NOTE_WORDS["case"]) | long
    assert shipped("notice-escalation", language, "", {"case": case}).subject[:60] == (
        "Stavební společnost Malá a…: Voda teče do prodejny pod…"[:60] + " [4F7"
    )
    short = shipped("notice-escalation", language, "", {"case": dict(NOTE_WORDS["case"])})
    assert short.subject == "Malá: Voda teče do prodejny [4F7K]"
    assert "teče to stropem do prodejny" in short.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubtful_alarm_says_so(shipped, language):
    sure, doubtful = (
        shipped("notice-escalation", language, "", {"case": dict(NOTE_WORDS["case"]) | {"doubtful": doubt}}).body
        for doubt in (False, True)
    )
    assert len(doubtful.splitlines()) == len(sure.splitlines()) + 2


# -- where a text is looked for ----------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    return tmp_path / "templates"


def test_order_client_own_shipped_english(own):
    texts, words = [], words_for("ordinary", "it")

    def subject() -> str:
        texts.append(Texts(SHIPPED, own))
        return texts[-1]("ordinary", "it", "rossi", words).subject

    assert subject() == "Re: Preventivo infissi"
    put(own, "it/ordinary.txt", "Subject: own\n\nx\n")
    assert subject() == "own"
    put(own, "rossi/it/ordinary.txt", "Subject: of the client\n\nx\n")
    assert subject() == "of the client"
    assert texts[-1]("ordinary", "it", "verdi", words).subject == "own"
    assert texts[0]("ordinary", "it", "rossi", words).subject == "Re: Preventivo infissi"  # read once


def test_an_unknown_language_is_answered_in_english(own):
    letter = Texts(SHIPPED, own)("ordinary", "de", "rossi", words_for("ordinary", "en"))
    assert "by Wednesday 9 December" in letter.body
    assert letter.body.startswith("Hello,")
    assert Texts(SHIPPED)("ordinary", "../x", "", words_for("ordinary", "en")).body == letter.body


def test_a_client_has_its_own_closing(own):
    put(own, "rossi/it/_closing.txt", "A domani,\n{{ va.name }}\n")
    texts = Texts(SHIPPED, own)
    assert texts("ordinary", "it", "rossi", words_for("ordinary", "it")).body.endswith("\n\nA domani,\nGiulia Ferri\n")
    assert "A domani" not in texts("ordinary", "it", "verdi", words_for("ordinary", "it")).body


def test_a_new_language_is_a_folder(own):
    put(own, "sk/grammar.toml", 'dates.den = "{day}."\n')
    put(own, "sk/ordinary.txt", "Subject: Re: {{ msg.subject }}\n\n{{ greeting }}\n\nhotovo {{ lead.ready_on|den }}\n")
    with pytest.raises(TextError, match=r"^templates/sk/_greeting.txt: there is no such text"):
        Texts(SHIPPED, own)("ordinary", "sk", "", words_for("ordinary", "en"))
    put(own, "sk/_greeting.txt", "Dobrý deň,")
    texts = Texts(SHIPPED, own)
    assert texts("ordinary", "sk", "", words_for("ordinary", "en")).body == "Dobrý deň,\n\nhotovo 9.\n"
    assert texts.check() == ()


def test_variants(own):
    put(own, "it/vacation-second.a.txt", "Subject: a\n\n{{ away.back|day }}\n")
    put(own, "rossi/it/vacation-second.b.txt", "Subject: b\n\n{{ away.back|day }}\n")
    texts = Texts(SHIPPED, own)
    assert texts.variants("vacation-second", "it", "rossi") == (
        "vacation-second",
        "vacation-second.a",
        "vacation-second.b",
    )
    assert texts.variants("vacation-second", "it", "verdi") == ("vacation-second", "vacation-second.a")
    assert texts.variants("ordinary", "it", "rossi") == ("ordinary",)
    assert texts.variants("../it/ordinary", "it", "rossi") == ()
    assert texts("vacation-second.b", "it", "rossi", words_for("x", "it")).subject == "b"


@pytest.mark.parametrize("name", ["../it/ordinary", "/etc/passwd", "it/ordinary", "", "nothing", "_greeting", "x\0y"])
def test_no_such_text(own, name):
    put(own, "secret.txt", "Subject: secret\n\nx\n")
    with pytest.raises(TemplateError, match=r"there is no such text|part of a text"):
        Texts(SHIPPED, own)(name, "it", "..", words_for("ordinary", "it"))


def test_a_thousand_letters_take_less_than_a_second(shipped):
    words = words_for("vacation-first", "cs")
    shipped("vacation-first", "cs", "novak", words)
    started = time.thread_time()
    for _ in range(1000):
        shipped("vacation-first", "cs", "novak", words)
    assert time.thread_time() - started < 1


def test_every_offered_word_is_used_somewhere():
    sources = "".join(path.read_text("utf-8") for path in SHIPPED.glob("*/*.txt"))
    for name in {*WORDS, *NOTE_WORDS} - {"client", "now"}:
        assert re.search(rf"\b{name}\b", sources), name


def test_the_situations_that_check_leaves_out_would_have_said_the_same(shipped):
    for place in list(shipped._everything((SHIPPED,)))[::7]:
        text = shipped._load(*place[:3], place[4])
        if text.subject is None:
            continue
        every = [shipped._letter(text, "", words) for words in situations(place[4])]
        left = [shipped._letter(text, "", words) for words in differing(place[4], shipped._used(text, ""))]
        assert set(every) == set(left)
        assert len(left) <= len(every)
