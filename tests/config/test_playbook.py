"""The playbook as `check` sees it: pages nobody reaches, two answers to one question, a promise without a date."""

import pytest

from tests.config.make import CLIENT, TOOLS, client_problems, rule_file, said, sources
from tests.make import CUSTOMER, absent, case, client, mail
from vamaild.config.load import load
from vamaild.config.playbook import undated
from vamaild.core.judge import judge
from vamaild.core.plan import Action
from vamaild.core.planner import plan
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Language, Situation

ITALIAN = """\
[language]
code = "it"
[urgency]
stated = ["urgent*"]
[promises]
words = ["entro", "le faremo sapere", "a breve"]
[days]
weekdays = ["lunedì | lun", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"]
months = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"]
numbers = ["un | uno", "due", "tre"]
tomorrow = ["domani"]
"""  # noqa: E501 (one list, one line: twelve months)


def page(title: str, *when: str, answer: str = "Ecco.", more: str = "") -> str:
    """One page of a playbook; each begins on a line of its own."""
    listed = ", ".join(f'"{phrase}"' for phrase in when)
    return f'[[situation]]\ntitle = "{title}"\nwhen = [{listed}]\nanswer.it = "{answer}"\n{more}\n'


def told(*pages: str, language: str = "", of: str = CLIENT) -> list[str]:
    tables = [rule_file("10-language-it.toml", language, shipped=True)] if language else []
    read = load(sources(*tables, rule_file("client-rossi.toml", of + "\n".join(pages))), TOOLS)
    return [line for line in said(read.problems) if "word lists" not in line]


def test_pages_that_go_together_are_passed_over_in_silence() -> None:
    assert told(page("Fattura", "copia+fattura"), page("Orari", "orari"), page("Altra fattura", "fattura")) == []


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            page("Fatture", "fatt*"),
            page("Copia", "copia della fattura", "fatture vecchie"),
            ['rules.d/client-rossi.toml:15  "Copia" can never be reached', 'the phrase "fatt*" on line 11'],
        ),
        (page("Fatture", "fatt*"), page("Copia", "copia della fattura", "duplicato"), []),
        (page("Fatture", "fatt*", more='unless = ["copia"]'), page("Copia", "copia della fattura"), []),
        (page("Fatture", "fattura"), page("Copia", "fattur*"), []),
        (
            page("Fatture", "fattura"),
            page("Copia", "duplicato", more='fits = ["Un duplicato della fattura?"]'),
            ['no example of "Copia" reaches it', 'the phrase "fattura" on line 11 takes it first'],
        ),
        (
            page("Fatture", "fattura"),
            page("Copia", "duplicato", more='fits = ["Un duplicato della fattura?", "Un duplicato"]'),
            [],
        ),
    ],
    ids=["all its phrases", "one is left", "unless", "only narrower", "its examples", "one example is left"],
)
def test_a_page_that_another_one_hides(first: str, second: str, expected: list[str]) -> None:
    found = told(first, second)
    assert len(found) == bool(expected)
    assert all(words in found[0] for words in expected)


def test_one_question_two_answers() -> None:
    found = told(page("A", "orari"), page("B", "chiusura", "ORARI", answer="Altro."))
    assert len(found) == 1
    assert 'client-rossi.toml:17  "ORARI" has two answers: that of "A" on line 11, and that of "B"' in found[0]


def test_the_same_answer_twice_is_only_never_reached() -> None:
    (found,) = told(page("A", "orari"), page("B", "orari"))
    assert '"B" can never be reached' in found


def test_a_language_of_the_client_without_an_answer() -> None:
    many = CLIENT.replace('language = "it"', 'language = "it"\nlanguages = ["it", "cs", "en"]')
    found = told(page("A", "orari", more='answer.en = "Here."'), of=many)
    assert len(found) == 1
    assert 'the answer to "A" is missing in cs' in found[0]
    assert "add answer.cs" in found[0]


def test_what_follows_a_page_is_one_of_four_things() -> None:
    assert told(page("A", "orari", more='then = "tell-me"'), page("B", "listino", more='then = "list"')) == []
    assert any("then" in line for line in told(page("A", "orari", more='then = "tellme"')))
    (missing,) = told(page("A", "orari", more='then = "colleague"'))
    assert '"A" goes to the colleague, but there is no [colleague]' in missing


def test_faults_are_said_all_at_once() -> None:
    faults = [page("A", "fatt*"), page("B", "fattura"), page("C", "orari"), page("D", "orari", answer="No.")]
    assert len(told(*faults, page("E", "listino", more='then = "colleague"'))) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("Le rispondiamo entro breve.", "entro"),
        ("Le faremo sapere.", "Le faremo sapere"),
        ("Le faremo sapere. Il 9 dicembre siamo chiusi.", "Le faremo sapere"),
        ("Le rispondiamo entro il 9 dicembre.", ""),
        ("Le rispondiamo entro lunedì.", ""),
        ("Le rispondiamo entro due giorni.", ""),
        ("Le rispondiamo entro un attimo.", "entro"),
        ("Le faremo sapere domani.", ""),
        ("Le copie sono nell'area clienti.", ""),
    ],
)
def test_a_promise_names_a_date(answer: str, words: str) -> None:
    found = told(page("A", "orari", answer=answer), language=ITALIAN)
    assert len(found) == bool(words), found
    if words:
        assert f'client-rossi.toml:9  warning: the answer to "A" (it) says "{words}" and names no date' in found[0]


def test_a_promise_without_a_date_sets_nobody_aside() -> None:
    files = (
        rule_file("10-language-it.toml", ITALIAN),
        rule_file("client-rossi.toml", CLIENT + page("A", "x", answer="A breve.")),
    )
    read = load(sources(*files), TOOLS)
    assert [p.is_error for p in read.problems if "names no date" in p.what] == [False]
    assert read.set_aside == ()


def test_without_word_lists_nobody_knows() -> None:
    assert undated("A breve.", None) == ""
    assert undated("A breve.", Language("it", {})) == ""
    assert client_problems(CLIENT + page("A", "orari", answer="A breve.")) == []


@pytest.mark.parametrize(
    ("then", "action", "holds"),
    [("nothing", Action.ANSWER_PLAYBOOK, []), ("list", Action.ANSWER_PLAYBOOK, []),
     ("tell-me", Action.ANSWER_PLAYBOOK, [Reason.PAGE_TELLS])],
)  # fmt: skip
def test_what_the_assistant_hears_of_a_page(then: str, action: Action, holds: list[Reason]) -> None:
    pages = (Situation("Fattura", ("fattura",), {"it": "Ecco."}, then=then),)
    asked = case(mail("Mi manda la fattura?"), client(situations=pages))
    drawn = plan(judge(asked), asked)
    assert (drawn.action, [h.reason for h in drawn.holds]) == (action, holds)
    assert drawn.reply is not None


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Mi manda la fattura del sopralluogo?", Action.DELEGATE),
        ("Mi manda la fattura del mese scorso?", Action.ANSWER_PLAYBOOK),
    ],
)
def test_a_page_for_the_colleague_answers_what_is_not_his(text: str, action: Action) -> None:
    pages = (Situation("Fattura", ("fattura",), {"it": "Ecco."}, then="colleague"),)
    asked = case(mail(text, sender=CUSTOMER), absent(situations=pages))
    assert plan(judge(asked), asked).action is action
