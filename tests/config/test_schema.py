"""What stands in a file and should not, each with the exact words of its complaint."""

import pytest

from tests.config.make import CLIENT, MAIN, SECRETS, TOOLS, client_problems, said, sources
from vamaild.config.load import load
from vamaild.config.schema import ClientFile, MainFile, SecretsFile, SharedFile
from vamaild.config.schema.values import Table

FILE = "rules.d/client-rossi.toml"
CASES = [
    (
        "unknown key",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.says = ["y"]\nunles.says = ["z"]\nfits = ["y"]\n',
        f'{FILE}:13  unknown key "unles"\n    did you mean "unless"?',
    ),
    ("unknown part", CLIENT + "[led]\ndays = 3\n", f'{FILE}:9  unknown part [led]\n    did you mean "lead"?'),
    (
        "a text where a list is asked",
        CLIENT.replace('["info@studiorossi.example"]', '"info@studiorossi.example"'),
        f'{FILE}:4  "arrives" should be a list, like ["one", "two"]\n    4 | arrives = "info@studiorossi.example"\n'
        "    Addresses that show mail to be this client's.",
    ),
    (
        "true is no number",
        CLIENT.replace("days = 4", "days = true"),
        f'{FILE}:8  "days" should be a whole number, without quotes\n    8 | days = true\n'
        "    Days of notice agreed in the contract.",
    ),
    (
        "a text is no number",
        CLIENT.replace("days = 4", 'days = "4"'),
        f'{FILE}:8  "days" should be a whole number, without quotes\n    8 | days = "4"\n'
        "    Days of notice agreed in the contract.",
    ),
    (
        "a number below its limit",
        CLIENT.replace("days = 4", "days = -1"),
        f'{FILE}:8  "days" should be 0 or more\n    8 | days = -1\n    Days of notice agreed in the contract.',
    ),
    (
        "a number is no text",
        CLIENT.replace('"Studio Rossi"', "5"),
        f'{FILE}:3  "name" should be text in "quotes", not empty\n    3 | name = 5\n    How you call this client.',
    ),
    (
        "a word that is no choice",
        CLIENT.replace("days = 4", 'unit = "workin"'),
        f'{FILE}:8  "unit" cannot be "workin"\n    8 | unit = "workin"\n    did you mean "working"?',
    ),
    (
        "a kind that is none",
        CLIENT + '[otherwise]\nkind = "emergancy"\n',
        f'{FILE}:10  "kind" cannot be "emergancy"\n    10 | kind = "emergancy"\n    did you mean "emergency"?',
    ),
    (
        "a country for a language",
        CLIENT.replace('language = "it"', 'language = "cz"'),
        f'{FILE}:5  "language" cannot be "cz"\n    5 | language = "cz"\n    did you mean "cs"?',
    ),
    (
        "no such language",
        CLIENT.replace('language = "it"', 'language = "italian"'),
        f'{FILE}:5  "language" cannot be "italian"\n    5 | language = "italian"\n'
        "    a language has two letters, like it, cs, en",
    ),
    (
        "no such time zone",
        CLIENT.replace('language = "it"', 'timezone = "Europe/Roma"'),
        f'{FILE}:5  "timezone" cannot be "Europe/Roma"\n    5 | timezone = "Europe/Roma"\n'
        '    did you mean "Europe/Rome"?',
    ),
    (
        "a time without minutes",
        CLIENT + "cutoff = 17\n",
        f'{FILE}:9  "cutoff" should be a time like "17:00", in quotes\n    9 | cutoff = 17\n'
        "    After this hour the next day counts.",
    ),
    (
        "an hour that is none",
        CLIENT + 'cutoff = "25:00"\n',
        f'{FILE}:9  "cutoff" should be a time like "17:00", in quotes\n    9 | cutoff = "25:00"\n'
        "    After this hour the next day counts.",
    ),
    (
        "a holiday that is none",
        CLIENT + 'holidays = ["24.12.2026"]\n',
        f'{FILE}:9  "holidays" should be a country "IT", a region "IT-MI", a date 2026-12-24 or days '
        '"2026-12-24..2027-01-06"\n'
        '    9 | holidays = ["24.12.2026"]\n    Closed days: a country, a region, dates of your own.',
    ),
    (
        "a country nobody knows",
        CLIENT + 'holidays = ["XX"]\n',
        f'{FILE}:9  "holidays": no holidays are known for "XX"\n    9 | holidays = ["XX"]',
    ),
    (
        "single brackets where there are several",
        CLIENT + '[person]\nemail = "a@b.example"\n',
        f"{FILE}:9  [person] is written with double brackets here\n    9 | [person]\n    [[person]], once for each",
    ),
    (
        "double brackets where there is one",
        CLIENT + '[[otherwise]]\nkind = "information"\n',
        f"{FILE}:9  there is only one [otherwise]\n    9 | [[otherwise]]\n    single brackets, and only once",
    ),
    (
        "no address",
        CLIENT + '[[person]]\nemail = "marco"\n',
        f'{FILE}:10  "email" should be an e-mail address, or a pattern like "*@studiorossi.example"\n'
        '    10 | email = "marco"\n    The address, or a pattern with *.',
    ),
    (
        "a pattern for everybody",
        CLIENT + '[[person]]\nemail = "*@*"\n',
        f'{FILE}:10  "email" should be an e-mail address, or a pattern like "*@studiorossi.example"\n'
        '    10 | email = "*@*"\n    The address, or a pattern with *.',
    ),
    (
        "half a table missing: one complaint",
        CLIENT + '[[example]]\nkind = "information"\n',
        f'{FILE}:9  "title", "from" and "text" are missing in [[example]]\n'
        "    title: What this example shows.\n    from: Who writes.\n    text: The message.",
    ),
    (
        "a date with quotes",
        CLIENT.replace("[lead]\ndays = 4", '[absence]\nfrom = "2026-11-30"\nback = 2026-12-07'),
        f'{FILE}:8  "from" should be a date like 2026-12-07, without quotes\n    8 | from = "2026-11-30"\n'
        "    First day away.",
    ),
    (
        "a moment for a date",
        CLIENT.replace("[lead]\ndays = 4", "[absence]\nfrom = 2026-11-30T10:00:00\nback = 2026-12-07"),
        f'{FILE}:8  "from" should be a date like 2026-12-07, without quotes\n    8 | from = 2026-11-30T10:00:00\n'
        "    First day away.",
    ),
    (
        "a tier nobody understands",
        CLIENT + '[rush]\nmode = "offer"\n[[rush.tier]]\nready = "soon"\npercent = 5\n',
        f'{FILE}:12  "ready" should be "2 working days", "today 18:00" or "weekend"\n    12 | ready = "soon"\n'
        "    When rush work of this price is ready.",
    ),
    (
        "a duration without its unit",
        CLIENT + '[escalation]\nme_first = "10"\n',
        f'{FILE}:10  "me_first" should be a duration like "90s", "4m", "2h" or "30d"\n    10 | me_first = "10"\n'
        "    How long the assistant alone is asked first.",
    ),
    (
        "an unknown condition",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.say = ["y"]\nfits = ["y"]\n',
        f'{FILE}:12  unknown condition "say"\n    did you mean "says"?',
    ),
    (
        "a condition with the wrong kind of value",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.messages_today_at_least = "5"\nfits = ["y"]\n',
        f'{FILE}:12  "messages_today_at_least" should be a whole number, without quotes\n'
        '    12 | when.messages_today_at_least = "5"\n'
        "    The same sender has written this many times today, this message included.",
    ),
    (
        "a text for the phrases of a condition",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.says = "y"\nfits = ["y"]\n',
        f'{FILE}:12  "says" should be a list, like ["one", "two"]\n    12 | when.says = "y"\n'
        "    One of these phrases stands in the subject or in the sender's new text.",
    ),
    (
        "a condition with a word that is no choice",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.emergency = "nou"\nfits = ["y"]\n',
        f'{FILE}:12  "emergency" cannot be "nou"\n    did you mean "now"?',
    ),
    (
        "a regular expression that is none",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.regex = \'(a\'\nfits = ["y"]\n',
        f"{FILE}:12  this regular expression cannot be used: missing ), unterminated subpattern at position 0\n"
        "    12 | when.regex = '(a'",
    ),
    (
        "a phrase without a word",
        CLIENT + '[[rule]]\nname = "x"\nkind = "information"\nwhen.says = ["a",\n  "—"]\nfits = ["y"]\n',
        f'{FILE}:13  there is no word in "—"\n    it could never be found',
    ),
    (
        "a reason that is none",
        CLIENT + '[[example]]\ntitle = "x"\nfrom = "a@b.example"\ntext = "y"\nno_reply = "auto-submited"\n',
        f'{FILE}:13  "no_reply" cannot be "auto-submited"\n    13 | no_reply = "auto-submited"\n'
        '    did you mean "auto-submitted"?',
    ),
]


@pytest.mark.parametrize(("text", "complaint"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_fault_of_a_client_file_is_said(text: str, complaint: str) -> None:
    assert said(client_problems(text)) == [complaint]


def test_all_faults_of_a_file_are_said_at_once() -> None:
    text = CLIENT.replace('"it"', '"cz"').replace("days = 4", 'days = "4"\nunit = "x"') + "[led]\n"
    assert [p.line for p in client_problems(text)] == [5, 8, 9, 10]


MAIN_CASES = [
    (
        "a server without a scheme",
        ("imaps://imap.ferri-av.example", "imap.ferri-av.example"),
        'vamaild.toml:7  "imap" should be a server like "imaps://imap.example.com" or "imap+starttls://…"\n'
        '    7 | imap = "imap.ferri-av.example"\n    The server, like imaps://imap.example.com.',
    ),
    (
        "in the clear to a far server",
        ("imaps://imap.ferri-av.example", "imap://imap.ferri-av.example"),
        'vamaild.toml:7  "imap" should be "imaps://imap.example.com": without the s the password travels readable; '
        "imap:// is for localhost only\n"
        '    7 | imap = "imap://imap.ferri-av.example"\n    The server, like imaps://imap.example.com.',
    ),
    (
        "in the clear to a far mail server",
        ("smtps://smtp.ferri-av.example", "smtp://127.0.0.2"),
        'vamaild.toml:12  "smtp" should be "smtps://smtp.example.com": without the s the password travels readable; '
        "smtp:// is for localhost only\n"
        '    12 | smtp = "smtp://127.0.0.2"\n    The server, like smtps://smtp.example.com.',
    ),
    (
        "a port that is none",
        ("imaps://imap.ferri-av.example", "imaps://imap.ferri-av.example:abc"),
        'vamaild.toml:7  "imap" should be a server like "imaps://imap.example.com"\n'
        '    7 | imap = "imaps://imap.ferri-av.example:abc"\n    The server, like imaps://imap.example.com.',
    ),
    ("an unknown key", ("[me]", "[me]\nnamee = 1"), 'vamaild.toml:2  unknown key "namee"\n    did you mean "name"?'),
    (
        "no [send]",
        (MAIN[MAIN.index("[send]") :], ""),
        "vamaild.toml  [send] is missing\n    How replies leave.",
    ),
    (
        "office hours the wrong way round",
        ("[me]", '[week]\nhours = "18:00-09:00"\n[me]'),
        'vamaild.toml:2  "hours" should be hours like "09:00-18:00", the earlier one first\n'
        '    2 | hours = "18:00-09:00"\n    Office hours.',
    ),
    (
        "a day that is none",
        ("[me]", '[week]\ndays = ["mon", "lun"]\n[me]'),
        'vamaild.toml:2  "days" should be days like ["mon", "tue", "wed", "thu", "fri"]\n'
        '    2 | days = ["mon", "lun"]\n    Working days.',
    ),
    (
        "a report at no time",
        ("[me]", '[report]\nsend = "friday"\n[me]'),
        'vamaild.toml:2  "send" should be a day and a time like "fri 16:00"\n    2 | send = "friday"\n'
        '    When the weekly report leaves, like "fri 16:00".',
    ),
    (
        "a password that secrets.toml does not hold",
        (
            'user = "clienti@ferri-av.example"\npassword = "secret:mailbox"\n\n[send]',
            'user = "x"\npassword = "secret:box"\n\n[send]',
        ),
        'vamaild.toml:9  there is no password "box" in secrets.toml\n'
        '    write in secrets.toml, under [passwords]:  box = "…"',
    ),
]


@pytest.mark.parametrize(("change", "complaint"), [c[1:] for c in MAIN_CASES], ids=[c[0] for c in MAIN_CASES])
def test_each_fault_of_vamaild_toml_is_said(change: tuple[str, str], complaint: str) -> None:
    assert change[0] in MAIN
    configuration = load(sources(main=MAIN.replace(*change)), TOOLS)
    assert said(configuration.errors) == [complaint]
    assert configuration.settings is None
    assert configuration.rulebook is None


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (
            '"hunter2-hunter2"',
            '"password" should be "secret:NAME"; the password itself stands in secrets.toml under [passwords]',
        ),
        ("hunter2-hunter2", "text needs quotes"),
        ('"hunter2-\\bhunter2"', '\\b in "..." became a control character'),
    ],
)
def test_a_password_in_vamaild_toml_is_refused_and_not_shown(value: str, what: str) -> None:
    problems = load(sources(main=MAIN.replace('"secret:mailbox"', value, 1)), TOOLS).errors
    assert [p.what for p in problems] == [what]
    assert "hunter2" not in str(problems[0])


SECRET_CASES = [
    (
        "an unknown part",
        "[pasword]\nx = 'hunter2-hunter2'",
        "secrets.toml:1  unknown part\n    known here: contacts, links, passwords, secrets",
    ),
    (
        "a number",
        "[passwords]\nmailbox = 24681357",
        'secrets.toml:2  a value should be text in "quotes"\n    Passwords, each with its name.',
    ),
    ("no quotes", "[passwords]\nmailbox = hunter2-hunter2", "secrets.toml:2  text needs quotes"),
    (
        "no closing quote",
        '[passwords]\nmailbox = "hunter2-hunter2',
        "secrets.toml:2  the closing quote is missing\n    a text ends with the quote it began with",
    ),
    (
        "a contact without a way",
        '[passwords]\nmailbox = "x"\n[contacts]\npetr = "hunter2-hunter2"',
        "secrets.toml:4  a value should be a group of keys\n    One [contacts.NAME] for each contact.",
    ),
]


@pytest.mark.parametrize(("text", "complaint"), [c[1:] for c in SECRET_CASES], ids=[c[0] for c in SECRET_CASES])
def test_each_fault_of_secrets_toml_is_said_without_quoting_it(text: str, complaint: str) -> None:
    configuration = load(sources(secrets=text), TOOLS)
    assert said(configuration.errors) == [complaint]
    assert configuration.settings is None


def test_the_small_files_of_these_tests_are_right() -> None:
    assert client_problems(CLIENT) == []
    assert load(sources(main=MAIN, secrets=SECRETS), TOOLS).errors == ()


def tables(model: type[Table]) -> set[type[Table]]:
    """Every table that a file may hold, however deep."""
    from vamaild.config.complain import _inside

    found = {model}
    for field in model.model_fields.values():
        for part in _inside(field.annotation):
            if isinstance(part, type) and issubclass(part, Table) and part not in found:
                found |= tables(part)
    return found


@pytest.mark.parametrize("model", [ClientFile, MainFile, SecretsFile, SharedFile])
def test_every_key_is_explained_in_one_sentence(model: type[Table]) -> None:
    for table in tables(model):
        for name, field in table.model_fields.items():
            text = field.description or ""
            assert text.endswith("."), (table, name)
            assert 8 < len(text) < 100, (table, name)


def test_nothing_is_accepted_that_is_not_declared() -> None:
    every = set().union(*(tables(m) for m in (ClientFile, MainFile, SecretsFile, SharedFile)))
    assert all(t.model_config.get("extra") == "forbid" and t.model_config.get("strict") for t in every)
    assert len(every) > 25
