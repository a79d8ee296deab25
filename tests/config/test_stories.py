"""Examples are run through the daemon's own functions, and what came out otherwise is said."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.make import CLIENT, DECIDING, TOOLS, good, rule_file, said, sources
from vamaild.adapters.templates import Texts
from vamaild.config.configuration import SetAside, Source
from vamaild.config.load import load
from vamaild.config.stories import load_and_play, play

FILE = "rules.d/client-rossi.toml"
TEXTS = replace(DECIDING, render=Texts(Path(__file__).parents[2] / "templates"))
RULE = '[[rule]]\nname = "fatture"\nkind = "information"\n'
EXAMPLE = '[[example]]\ntitle = "una prova"\nfrom = "anna@customer.example"\n'
WATER = """\
[[emergency]]
name = "acqua"
happens = ["allag*"]
unless = ["l'anno scorso"]
fits = ["Si sta allagando il magazzino."]
"""
KINDS = """\
[[rule]]
name = "danno"
kind = "emergency"
when.emergency = "now"
fits = []
"""


def failures(text: str, *more: Source) -> list[str]:
    """What is said about the examples of this client file."""
    found = load(sources(*more, rule_file("client-rossi.toml", text)), TOOLS)
    assert said(found.errors) == []
    return said([p for played in play(found, DECIDING) for p in played.failed])


def test_every_example_of_the_good_configuration_holds() -> None:
    found, played = load_and_play(good(), TOOLS, TEXTS)
    assert said(found.problems) == []
    assert {p.file: p.passed for p in played} == {
        "rules.d/20-emergencies-it.toml": 4,
        "rules.d/30-kinds.toml": 7,
        "rules.d/client-novak.toml": 6,
        "rules.d/client-rossi.toml": 6,
    }
    assert sum(p.passed for p in played) == found.counts.examples


def test_a_rule_that_does_not_catch_its_example() -> None:
    text = (
        CLIENT
        + RULE
        + 'when.says = ["fattura"]\nfits = ["Mi manda il preventivo?"]\nfits_not = ["La fattura, prego."]\n'
    )
    assert failures(text) == [
        f'{FILE}:9  rule "fatture" should fit: Mi manda il preventivo?\n    says: not found',
        f'{FILE}:9  rule "fatture" should not fit: La fattura, prego.\n    it fits because of "fattura"',
    ]


@pytest.mark.parametrize(
    "condition",
    [
        'when.from = ["*@comune.*.example"]',
        'when.role = ["client"]',
        "when.known_sender = true",
        "when.known_sender = false",
        "when.messages_today_at_least = 3",
        "when.repeats = true",
        "when.attachment = true",
        'when.subject_says = ["fattura"]',
        "when.away = true",
        "when.regex = 'f[a-z]+ura'",
    ],
)
def test_what_words_cannot_show_is_filled_in(condition: str) -> None:
    people = '[[person]]\nemail = "*@studiorossi.example"\nrole = "client"\n'
    away = "[absence]\nfrom = 2027-01-04\nback = 2027-01-11\n" if "away" in condition else ""
    text = CLIENT + people + away + RULE + condition + '\nfits = ["La fattura, prego."]\n'
    assert failures(text) == []


def test_what_a_rule_should_leave_alone_is_a_first_message() -> None:
    assert failures(CLIENT + RULE + 'when.repeats = true\nfits = ["x"]\nfits_not = ["x"]\n') == []


def test_a_rule_of_no_client_is_tried_in_every_language_before_it_is_found_wanting() -> None:
    tables = [
        rule_file(f"10-{c}.toml", f'[language]\ncode = "{c}"\n[signs]\nscam = ["{w}"]\n')
        for c, w in (("it", "bonifico"), ("cs", "převod"))
    ]
    rule = RULE.replace("information", "hostile") + 'when.shows = ["scam"]\nfits = ["Un bonifico.", "Jeden převod."]\n'
    assert failures(CLIENT, *tables, rule_file("30-x.toml", rule)) == []


def test_a_page_of_the_playbook_that_answers_too_much() -> None:
    text = (
        CLIENT
        + '[[situation]]\ntitle = "copia"\nwhen = ["fattur*"]\nanswer.it = "Eccola."\nfits_not = ["Fattura pagata."]\n'
    )
    assert failures(text) == [
        f'{FILE}:9  situation "copia" should not fit: Fattura pagata.\n    it fits because of "Fattura"'
    ]


def test_an_emergency_is_tried_without_any_client() -> None:
    language = rule_file("10-language-it.toml", '[language]\ncode = "it"\n[urgency]\npast = ["è stato"]\n')
    text = WATER + 'fits_not = ["Il magazzino è allagato!"]\n'
    assert failures(CLIENT, language, rule_file("20-emergencies-it.toml", text)) == [
        'rules.d/20-emergencies-it.toml:1  emergency "acqua" should not fit: Il magazzino è allagato!\n'
        '    it sees "allagato"'
    ]
    none = text.replace("Si sta allagando il magazzino.", "Tutto bene.").replace("fits_not", "unless_not")
    assert (
        "none of its phrases is seen"
        in failures(CLIENT, language, rule_file("20-emergencies-it.toml", none.split("unless_not")[0]))[0]
    )


EXAMPLES = [
    (
        "another kind",
        'text = "Buongiorno, mi manda il preventivo?"\nkind = "emergency"\nreply = "emergency-received"\n',
        "    expected  emergency, emergency-received\n    got       scheduled-request, ordinary\n"
        '    because   [otherwise]: no rule fits ({file}:1)\n    because   the reply is "ordinary"',
    ),
    (
        "words the reply does not say",
        'text = "Mi manda il preventivo?"\nreply_says = ["ordinary in it", "line\\n two", "mai"]\n',
        "    expected  the words below\n    got       scheduled-request, ordinary\n"
        '    because   the reply does not say "mai"',
    ),
    (
        "a reply where none may go",
        'text = "Mi manda il preventivo?"\nno_reply = true\n',
        "    expected  no reply\n    got       scheduled-request, ordinary\n"
        '    because   a reply would be sent: "ordinary"',
    ),
    (
        "no reply for another reason",
        'text = "x"\nheaders = { Auto-Submitted = "auto-replied" }\nno_reply = "list"\n',
        "    expected  no reply (list)\n    got       automatic, no reply (auto-submitted)\n"
        "    because   no reply leaves, for another reason: Auto-Submitted: auto-replied",
    ),
    (
        "no reply where one is expected",
        'text = "x"\nheaders = { list-id = "<a>" }\nreply = "ordinary"\n',
        "    expected  ordinary\n    got       automatic, no reply (list)\n"
        "    because   no reply leaves: list-id is present",
    ),
    (
        "a deadline nobody sees",
        'text = "Mi manda il preventivo?"\ndeadline = 2026-11-26T22:00:00\n',
        "    expected  by Thu 26 Nov 22:00\n    got       scheduled-request, ordinary, no deadline\n"
        "    because   no deadline was seen",
    ),
]


@pytest.mark.parametrize(("body", "told"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_an_example_that_comes_out_otherwise(body: str, told: str) -> None:
    assert failures(CLIENT + EXAMPLE + body) == [f"{FILE}:9  una prova\n{told.format(file=FILE)}"]


@pytest.mark.parametrize(
    "body",
    [
        'text = "Mi manda il preventivo?"\nkind = "scheduled-request"\nreply = "ordinary"\n',
        'text = "x"\nheaders = { Auto-Submitted = "auto-replied" }\nno_reply = "auto-submitted"\nkind = "automatic"\n',
        'text = "x"\nheaders = { List-Id = "<a>" }\nno_reply = true\n',
        'text = "Mi manda il preventivo?"\nreply_says = ["ordinary in it for rossi:", "rossi: line two"]\n',
    ],
)
def test_an_example_that_holds(body: str) -> None:
    assert failures(CLIENT + EXAMPLE + body) == []


@pytest.mark.parametrize("trust", ["observe", "draft", "send"])
def test_the_trust_level_does_not_make_an_example_fail(trust: str) -> None:
    text = CLIENT.replace("[lead]", f'trust = "{trust}"\n[lead]')
    assert failures(text + EXAMPLE + 'text = "Mi manda il preventivo?"\nreply = "ordinary"\n') == []


WRONG = CLIENT + EXAMPLE + 'text = "Mi manda il preventivo?"\nkind = "emergency"\n'
VERDI = CLIENT.replace('"rossi"', '"verdi"').replace("info@studiorossi", "info@verdi")


def test_a_file_whose_own_examples_fail_is_set_aside_alone() -> None:
    files = sources(rule_file("client-rossi.toml", WRONG), rule_file("client-verdi.toml", VERDI))
    found, played = load_and_play(files, TOOLS, DECIDING)
    assert [(p.file, p.line) for p in found.errors] == [(FILE, 9)]
    assert found.set_aside == (SetAside(FILE, "rossi", ("info@studiorossi.example",)),)
    assert found.rulebook is not None
    assert [c.client.id for c in found.rulebook.clients] == ["verdi"]
    assert [(p.file, p.passed, len(p.failed)) for p in played] == [(FILE, 0, 1)]


def test_the_last_good_version_stays_when_examples_fail() -> None:
    spare = Source("last good", CLIENT.replace("days = 4", "days = 9").encode())
    found, _ = load_and_play(sources(rule_file("client-rossi.toml", WRONG, fallback=spare)), TOOLS, DECIDING)
    assert found.set_aside == (SetAside(FILE, "rossi", (), kept=True),)
    assert found.rulebook is not None
    assert found.rulebook.clients[0].lead is not None
    assert found.rulebook.clients[0].lead.days == 9


def test_a_shipped_file_stays_because_nothing_stands_in_for_it() -> None:
    bad = WATER.replace("Si sta allagando", "Vendo")
    shipped = rule_file("20-emergencies-it.toml", bad, shipped=True)
    found, _ = load_and_play(sources(shipped, rule_file("client-verdi.toml", VERDI)), TOOLS, DECIDING)
    assert len(found.errors) == 1
    assert found.set_aside == ()


def test_on_a_reload_shipped_files_need_not_be_played() -> None:
    shipped = rule_file("20-emergencies-it.toml", WATER.replace("Si sta allagando", "Vendo"), shipped=True)
    files = sources(shipped, rule_file("client-rossi.toml", WRONG))
    found, played = load_and_play(files, TOOLS, DECIDING, own_only=True)
    assert [p.file for p in played] == [FILE]
    assert [p.file for p in found.errors] == [FILE]


def test_without_settings_nothing_is_played() -> None:
    found = load(sources(rule_file("client-rossi.toml", WRONG), main="x"), TOOLS)
    assert play(found, DECIDING) == ()


def test_a_text_that_cannot_be_written_is_the_reason() -> None:
    text = CLIENT + EXAMPLE + 'text = "Mi manda il preventivo?"\nreply = "ordinary"\n'
    found = load(sources(rule_file("client-rossi.toml", text)), TOOLS)
    empty = replace(DECIDING, render=Texts(Path(__file__).parent / "good"))
    failed = [p for played in play(found, empty) for p in played.failed]
    assert len(failed) == 1
    assert "got       scheduled-request, no reply (unwritable)" in str(failed[0])
    assert "ordinary" in str(failed[0])
