"""What does not go together is said, and sets aside the file it stands in, never the others."""

import pytest

from tests.config.make import (
    AWAY,
    CLIENT,
    FILE,
    MAIN,
    SECRETS,
    TOOLS,
    client_problems,
    configuration,
    rule_file,
    said,
    sources,
)
from vamaild.config.configuration import SetAside, Source
from vamaild.config.load import load
from vamaild.core.ruleset import Lead

CROSS = [
    (
        "neither lead nor absence",
        CLIENT.replace("[lead]\ndays = 4", ""),
        f"{FILE}:1  [lead] or [absence] is needed\n    [lead]: the notice agreed; [absence]: who is away",
    ),
    (
        "rush without lead",
        AWAY + "[rush]\nper_week = 1\n",
        f"{FILE}:10  [rush] needs [lead]\n    a surcharge is for work before the agreed notice is over",
    ),
    (
        "an offer without a price",
        CLIENT + '[rush]\nmode = "offer"\n',
        f'{FILE}:10  "offer" needs a price\n    write [[rush.tier]] with ready and percent',
    ),
    (
        "back before leaving",
        AWAY.replace("2026-12-07", "2026-11-30"),
        f'{FILE}:9  "back" must be later than "from", 2026-11-30\n    9 | back = 2026-11-30',
    ),
    (
        "an answer before the return",
        AWAY + "answer_by = 2026-12-06\n",
        f'{FILE}:10  "answer_by" must not be earlier than "back", 2026-12-07\n    10 | answer_by = 2026-12-06\n'
        "    nobody is there to answer before",
    ),
    (
        "a contact nobody knows",
        CLIENT + '[escalation]\nchain = ["me",\n "petr-sae"]\n',
        f'{FILE}:11  nobody is called "petr-sae" in [contacts] of secrets.toml\n    11 | "petr-sae"]\n'
        '    did you mean "petr-sea"?',
    ),
    (
        "a colleague who is not there",
        CLIENT + '[escalation]\nchain = ["colleague"]\n',
        f'{FILE}:10  "colleague" is in the chain, but there is no [colleague]\n    10 | chain = ["colleague"]',
    ),
    (
        "a matter for a colleague who is not there",
        CLIENT + '[[in_progress]]\nmatter = "118"\nabout = ["118"]\ncan = "colleague"\n',
        f'{FILE}:12  "118" goes to the colleague, but there is no [colleague]\n    12 | can = "colleague"',
    ),
    (
        "unless in an emergency without an example",
        CLIENT + '[[rule]]\nname = "voda"\nkind = "emergency"\nwhen.says = ["voda"]\n'
        'unless.says = ["loni"]\nfits_not = ["loni"]\n',
        f'{FILE}:13  "unless" in the emergency rule "voda" needs an example that it does no harm\n'
        '    write fits = ["…"]: a message that must get through all the same',
    ),
    (
        "a rule without an example",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.says = ["y"]\n',
        f'{FILE}:9  warning: rule "x" has no example\n    nothing shows that it works',
    ),
    (
        "a person twice",
        CLIENT + '[[person]]\nemail = "a@b.example"\n[[person]]\nemail = "A@b.example"\n',
        f"{FILE}:12  warning: this address stands on line 10 already\n    the first one counts",
    ),
    (
        "an answer in the wrong language",
        CLIENT + '[[situation]]\ntitle = "x"\nwhen = ["y"]\nanswer.cs = "z"\n',
        f'{FILE}:12  warning: the answer to "x" is missing in "it"\n    customers would get it in another language',
    ),
    (
        "an example that expects nothing",
        CLIENT + '[[example]]\ntitle = "x"\nfrom = "a@b.example"\ntext = "y"\n',
        f'{FILE}:9  "x" expects nothing\n    write at least: kind = "…"',
    ),
    (
        "a secret in an answer",
        CLIENT + '[[situation]]\ntitle = "x"\nwhen = ["y"]\nanswer.it = "Chiami il 00420 603-111-222."\n',
        f'{FILE}:12  this shows the contact "petr-sea"\n'
        "    replies may never contain anything from [contacts] in secrets.toml",
    ),
]


@pytest.mark.parametrize(("text", "complaint"), [c[1:] for c in CROSS], ids=[c[0] for c in CROSS])
def test_what_does_not_go_together_is_said(text: str, complaint: str) -> None:
    assert said(client_problems(text)) == [complaint]


def test_an_example_of_the_same_kind_shows_a_rule() -> None:
    text = CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.says = ["y"]\n'
    shown = text + '[[example]]\ntitle = "t"\nfrom = "a@b.example"\ntext = "y"\nkind = "information"\n'
    assert client_problems(shown) == []


SHARED = [
    (
        "an emergency without a language",
        "20-mine.toml",
        '[[emergency]]\nname = "x"\nhappens = ["y"]\nfits = ["y"]\n',
        'rules.d/20-mine.toml:1  nothing says whose language this is\n    write [language] with code = "it" at the top',
    ),
    (
        "lists without a language",
        "15-mine.toml",
        '[urgency]\nstated = ["y"]\n',
        'rules.d/15-mine.toml:1  nothing says whose words these are\n    write [language] with code = "it"',
    ),
    (
        "a list that is none",
        "15-mine.toml",
        '[language]\ncode = "it"\n[urgency]\nstated = "y"\n',
        'rules.d/15-mine.toml:4  "stated" should be a list of texts, like ["one", "two"]\n    4 | stated = "y"',
    ),
    (
        "a part that is none",
        "15-mine.toml",
        '[[rules]]\nname = "x"\n',
        'rules.d/15-mine.toml:1  unknown part [rules]\n    did you mean "rule"?',
    ),
    (
        "unless in an emergency without an example",
        "20-mine-it.toml",
        '[[emergency]]\nname = "x"\nhappens = ["y"]\nunless = ["z"]\n',
        'rules.d/20-mine-it.toml:4  "unless" in the emergency rule "x" needs an example that it does no harm\n'
        '    write fits = ["…"]: a message that must get through all the same',
    ),
]


@pytest.mark.parametrize(("name", "text", "complaint"), [s[1:] for s in SHARED], ids=[s[0] for s in SHARED])
def test_each_fault_of_a_shared_file_is_said(name: str, text: str, complaint: str) -> None:
    found = configuration(rule_file(name, text), rule_file("client-rossi.toml", CLIENT))
    assert said(found.errors) == [complaint]
    assert found.set_aside == (SetAside(f"rules.d/{name}"),)
    assert found.rulebook is not None
    assert len(found.rulebook.clients) == 1


def other(name: str, address: str, **changes: str) -> str:
    text = CLIENT.replace('"rossi"', f'"{name}"').replace("info@studiorossi.example", address)
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (
            other("verdi", "Info@studiorossi.example"),
            'rules.d/client-verdi.toml:4  "info@studiorossi.example" belongs to rules.d/client-rossi.toml already\n'
            '    4 | arrives = ["Info@studiorossi.example"]',
        ),
        (
            other("verdi", "*@studiorossi.example"),
            'rules.d/client-verdi.toml:4  "*@studiorossi.example" belongs to rules.d/client-rossi.toml already\n'
            '    4 | arrives = ["*@studiorossi.example"]\n    there it is covered by "info@studiorossi.example"',
        ),
        (
            other("rossi", "a@verdi.example"),
            'rules.d/client-verdi.toml:2  "rossi" is the id of rules.d/client-rossi.toml already\n    2 | id = "rossi"',
        ),
    ],
)
def test_two_clients_cannot_claim_the_same(second: str, complaint: str) -> None:
    found = configuration(rule_file("client-rossi.toml", CLIENT), rule_file("client-verdi.toml", second))
    assert said(found.errors) == [complaint]
    assert found.rulebook is not None
    assert [c.file for c in found.rulebook.clients] == [FILE]


def test_addresses_of_a_client_in_use_are_never_set_aside() -> None:
    second = other("verdi", 'info@studiorossi.example", "a@verdi.example')
    found = configuration(rule_file("client-rossi.toml", CLIENT), rule_file("client-verdi.toml", second))
    assert found.set_aside == (SetAside("rules.d/client-verdi.toml", "verdi", ("a@verdi.example",)),)


BROKEN = [
    ("a slip of TOML", CLIENT + "days = 12:30\n"),
    ("an unknown key", CLIENT + "dais = 3\n"),
    ("parts that do not go together", CLIENT.replace("[lead]\ndays = 4", "")),
]


@pytest.mark.parametrize("text", [b[1] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_a_fault_sets_aside_that_client_alone(text: str) -> None:
    verdi = rule_file("client-verdi.toml", other("verdi", "a@verdi.example"))
    found = configuration(rule_file("client-rossi.toml", text), verdi)
    assert found.set_aside == (SetAside(FILE, "rossi", ("info@studiorossi.example",)),)
    assert found.settings is not None
    assert found.rulebook is not None
    assert [c.client.id for c in found.rulebook.clients] == ["verdi"]


@pytest.mark.parametrize("text", [b[1] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_the_last_good_version_stays_in_force(text: str) -> None:
    spare = Source(f"{FILE} (last good version)", CLIENT.replace("days = 4", "days = 9").encode())
    found = configuration(rule_file("client-rossi.toml", text, fallback=spare))
    assert found.set_aside == (SetAside(FILE, "rossi", (), kept=True),)
    assert found.rulebook is not None
    assert found.rulebook.clients[0].lead == Lead(9)
    assert {p.file for p in found.problems} == {FILE}


def test_a_faulty_own_table_gives_way_to_the_shipped_one() -> None:
    table = '[language]\ncode = "it"\n[urgency]\nstated = ["{}"]\n'
    spare = rule_file("10-language-it.toml", table.format("subito"), shipped=True)
    own = rule_file("10-language-it.toml", table.format("subito") + "x = 1\n", fallback=spare)
    found = configuration(own, rule_file("client-rossi.toml", CLIENT))
    assert found.set_aside == (SetAside("rules.d/10-language-it.toml", kept=True),)
    assert found.rulebook is not None
    assert found.rulebook.languages["it"].phrases("urgency.stated") == ("subito",)


def test_a_spare_that_is_faulty_too_is_not_used() -> None:
    spare = Source("spare", b"[client]")
    found = configuration(rule_file("client-rossi.toml", "[client]\nid = 5", fallback=spare))
    assert found.set_aside == (SetAside(FILE),)
    assert {p.file for p in found.problems} == {FILE}


def test_files_named_by_the_caller_are_set_aside_without_a_word() -> None:
    found = load(sources(rule_file("client-rossi.toml", CLIENT)), TOOLS, aside={FILE})
    assert found.problems == ()
    assert found.set_aside == (SetAside(FILE, "rossi", ("info@studiorossi.example",)),)


def test_faults_of_all_files_are_said_at_once_and_in_order() -> None:
    found = configuration(
        rule_file("client-rossi.toml", CLIENT + "x = 1\n"),
        rule_file("client-verdi.toml", "oops"),
        main=MAIN.replace("[me]", "[me]\nz = 1"),
        secrets=SECRETS + "y = 1\n",
    )
    assert [(p.file, p.line) for p in found.problems] == [
        (FILE, 9),
        ("rules.d/client-verdi.toml", 1),
        ("secrets.toml", 8),
        ("vamaild.toml", 2),
    ]
