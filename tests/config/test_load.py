"""Whole configurations: what is built, what goes together, what is set aside, and what nobody may see."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.make import (
    CLIENT,
    MAIN,
    SECRETS,
    TOOLS,
    client_problems,
    good,
    rule_file,
    said,
    sources,
)
from vamaild.config.configuration import Configuration, SetAside, Source, Sources, source_of
from vamaild.config.load import load
from vamaild.core.ruleset import Kind, Lead, Role, Tier, Trust

FILE = "rules.d/client-rossi.toml"
AWAY = CLIENT.replace("[lead]\ndays = 4", "[absence]\nfrom = 2026-11-30\nback = 2026-12-07")
COLLEAGUE = '[colleague]\nname = "Tomáš"\nemail = "tomas@kral.example"\n'


def configuration(*rules: Source, **more: str | None) -> Configuration:
    return load(sources(*rules, **more), TOOLS)


def test_the_good_configuration_loads_without_a_word() -> None:
    read = load(good(), TOOLS)
    assert said(read.problems) == []
    assert read.set_aside == ()
    assert (read.counts.files, read.counts.clients) == (9, 2)
    assert {c: len(e) for c, e in read.examples.items()} == {"novak": 2, "rossi": 2}


def test_settings_are_those_of_the_file() -> None:
    found = load(good(), TOOLS).settings
    assert found is not None
    box = found.mailboxes[0]
    assert (box.server.host, box.server.port, box.server.security) == ("imap.ferri-av.example", 993, "tls")
    assert (box.every, box.folder, box.folders, box.keyword) == (timedelta(seconds=60), "INBOX", "VA", "vamaild")
    assert box.password.reveal() == "app-password"
    assert found.send.wait == timedelta(minutes=4)
    assert found.limits.oldest == timedelta(hours=72)
    assert found.report.send == (4, time(16))
    assert found.week.days == frozenset(range(5))
    assert date(2026, 12, 24) in found.week.closed
    assert date(2026, 12, 8) in found.week.closed
    assert date(2026, 12, 9) not in found.week.closed


def test_the_lead_time_client_is_that_of_the_file() -> None:
    book = load(good(), TOOLS).rulebook
    assert book is not None
    rossi = next(c for c in book.clients if c.client.id == "rossi")
    assert rossi.client.trust is Trust.SEND
    assert rossi.client.languages == ("it",)
    assert rossi.lead == Lead(4, "working", time(17))
    assert rossi.rush is not None
    assert rossi.rush.tiers == (Tier("2 working days", 25), Tier("today 18:00", 50, time(11, 30)))
    assert [(p.email, p.role, p.accepts_rush) for p in rossi.people] == [
        ("marco@studiorossi.example", Role.CLIENT, True),
        ("*@studiorossi.example", Role.CLIENT, False),
    ]
    assert date(2026, 12, 7) in rossi.week.closed  # IT-MI, in [lead] of this client only
    assert rossi.rules[0].when == {"says": ("scadenza SCIA", "integrazione documenti"), "from": ("*@comune.*.example",)}
    assert str(rossi.rules[0].place) == "rules.d/client-rossi.toml:49"


def test_the_absent_client_is_that_of_the_file() -> None:
    book = load(good(), TOOLS).rulebook
    assert book is not None
    novak = next(c for c in book.clients if c.client.id == "novak")
    assert novak.absence is not None
    assert (novak.absence.first, novak.absence.back) == (date(2026, 11, 30), date(2026, 12, 7))
    assert novak.escalation.chain == ("me", "petr-sea", "colleague")
    assert novak.escalation.quiet == (time(22), time(7))
    assert novak.escalation.timezone == "Europe/Athens"
    assert novak.colleague is not None
    prague = ZoneInfo("Europe/Prague")
    assert novak.colleague.confirmed == datetime(2026, 11, 24, 16, 20, tzinfo=prague)
    assert novak.situations[0].answer["en"].startswith("You can download")
    assert novak.matters[0].can == "wait"


def test_the_rulebook_holds_what_all_files_say_together() -> None:
    book = load(good(), TOOLS).rulebook
    assert book is not None
    assert sorted(book.languages) == ["cs", "en", "it"]
    assert book.languages["it"].phrases("urgency.denied")[0] == "non è urgente"
    assert str(book.languages["it"].places["urgency.stated"]) == "rules.d/10-language-it.toml:8"
    assert [(e.name, e.language) for e in book.emergencies] == [("acqua", "it"), ("perdita di vendite in corso", "it")]
    assert [r.kind for r in book.kinds][:2] == [Kind.EMERGENCY, Kind.INSISTING]
    assert book.screens == ()
    assert book.secrets == ("+420 603 111 222", "petr.more@proton.example", "https://ntfy.example/novak-7f3a9c1b2e")
    assert book.own_addresses == ("clienti@ferri-av.example", "giulia@ferri-av.example")


def test_hostile_and_automatic_rules_of_no_client_are_screens_in_the_order_of_files() -> None:
    rule = '[[rule]]\nname = "{0}"\nkind = "{1}"\nwhen.says = ["{0}"]\nfits = ["{0}"]\n'
    found = configuration(
        rule_file("05-a.toml", rule.format("alpha", "hostile")),
        rule_file("07-b.toml", rule.format("beta", "information") + rule.format("gamma", "automatic")),
        rule_file("client-rossi.toml", CLIENT),
    )
    assert found.rulebook is not None
    assert [r.name for r in found.rulebook.screens] == ["alpha", "gamma"]
    assert [r.name for r in found.rulebook.kinds] == ["beta"]


def test_what_a_client_file_leaves_out_comes_from_vamaild_toml() -> None:
    main = MAIN + '[defaults]\ntrust = "draft"\nlead_days = 7\nanswer_margin_days = 1\n[week]\nhours = "08:00-12:00"\n'
    text = AWAY.replace('language = "it"\n', "") + "[lead]\n[week]\ndays = ['tue', 'wed']\n"
    book = configuration(rule_file("client-rossi.toml", text), main=main).rulebook
    assert book is not None
    client = book.clients[0]
    assert (client.client.language, client.client.timezone, client.client.trust) == ("it", "Europe/Rome", Trust.DRAFT)
    assert client.lead == Lead(7)
    assert client.week.opens == time(8)
    assert client.week.days == {1, 2}
    assert client.absence is not None
    assert client.absence.answer_by == date(2026, 12, 8)  # back on a Monday, one working day later is the Tuesday


def test_a_second_file_of_a_language_adds_to_the_first() -> None:
    first = '[language]\ncode = "it"\n[urgency]\nstated = ["subito"]\n[days]\nweekdays = ["lunedì", "martedì"]\n'
    second = '[language]\ncode = "it"\n[urgency]\nstated = ["adesso", "subito"]\n[days]\nweekdays = ["lun", "mar"]\n'
    found = configuration(
        rule_file("10-language-it.toml", first, shipped=True),
        rule_file("15-mine.toml", second),
        rule_file("client-rossi.toml", CLIENT),
    )
    assert found.rulebook is not None
    table = found.rulebook.languages["it"]
    assert table.phrases("urgency.stated") == ("subito", "adesso")
    assert table.phrases("days.weekdays") == ("lun", "mar")  # its order means something, so it is replaced


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


def test_without_vamaild_toml_there_are_no_settings() -> None:
    found = configuration(rule_file("client-rossi.toml", CLIENT), main=None)
    assert said(found.problems) == ["vamaild.toml  there is no vamaild.toml\n    `vamaild init` writes one"]
    assert found.settings is None


def test_without_secrets_toml_a_password_is_missed() -> None:
    found = configuration(rule_file("client-rossi.toml", CLIENT), secrets=None)
    assert [p.line for p in found.errors] == [9, 14]
    assert found.settings is None


def test_a_broken_secrets_toml_is_said_once_and_names_of_contacts_are_not_missed() -> None:
    text = CLIENT + '[escalation]\nchain = ["me", "petr-sea"]\n'
    found = configuration(rule_file("client-rossi.toml", text), secrets="x")
    assert [p.file for p in found.problems] == ["secrets.toml"]


def test_several_mailboxes_have_names_of_their_own() -> None:
    box = MAIN[MAIN.index("[mailbox]") : MAIN.index("[send]")].replace("[mailbox]", "[[mailbox]]")
    rest = MAIN.replace(MAIN[MAIN.index("[mailbox]") : MAIN.index("[send]")], "")
    named = configuration(
        rule_file("client-rossi.toml", CLIENT), main=rest + box + box.replace("]\n", ']\nname = "b"\n')
    )
    assert named.settings is not None
    assert [b.name for b in named.settings.mailboxes] == ["clienti@ferri-av.example", "b"]
    twice = configuration(rule_file("client-rossi.toml", CLIENT), main=rest + box + box)
    assert [p.what for p in twice.errors] == ['two mailboxes are called "clienti@ferri-av.example"']


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("imaps://mail.example", ("mail.example", 993, "tls")),
        ("imaps://mail.example:1993", ("mail.example", 1993, "tls")),
        ("imap+starttls://mail.example", ("mail.example", 143, "starttls")),
        ("imap://localhost:1143", ("localhost", 1143, "none")),
        ("imap://127.0.0.1", ("127.0.0.1", 143, "none")),
        ("imap://[::1]:1143", ("::1", 1143, "none")),
    ],
)
def test_servers_are_written_as_urls(url: str, server: tuple[str, int, str]) -> None:
    found = configuration(main=MAIN.replace("imaps://imap.ferri-av.example", url)).settings
    assert found is not None
    assert (
        found.mailboxes[0].server.host,
        found.mailboxes[0].server.port,
        found.mailboxes[0].server.security,
    ) == server


def test_warnings_when_all_files_are_seen_together() -> None:
    table = rule_file("10-language-it.toml", '[language]\ncode="it"\n[urgency]\nstated = ["x"]\n', shipped=True)
    own = rule_file("15-mine.toml", '[language]\ncode="it"\n[urgency]\nstatd = ["x"]\n')
    found = configuration(table, own, rule_file("client-rossi.toml", CLIENT.replace('"it"', '"cs"')))
    assert said(found.problems) == [
        'rules.d/15-mine.toml:4  warning: nobody asks for the list "urgency.statd"\n    did you mean "urgency.stated"?',
        f'{FILE}  warning: there are no word lists for the language "cs"\n'
        "    urgency said in it is not understood; word lists are there for it",
    ]
    assert said(configuration().problems) == [
        "rules.d  warning: there is no client yet\n    each client has one file: rules.d/client-NAME.toml"
    ]


def test_a_file_that_could_not_be_opened_is_said_with_the_rest() -> None:
    lost = Source(FILE, b"", trouble="cannot be read: the rights do not allow it", advice="chgrp vamaild it")
    found = load(Sources(Source("vamaild.toml", b"", trouble="is a folder"), None, (lost,)), TOOLS)
    assert said(found.problems) == [
        f"{FILE}  cannot be read: the rights do not allow it\n    chgrp vamaild it",
        "vamaild.toml  is a folder",
    ]
    assert source_of(lost) == lost


# What nobody may see

HIDDEN = ("correct-horse-battery", "+420 603 111 222", "petr.more@proton.example", "base64:bm90LXRoZS1rZXk")


def test_no_repr_shows_a_secret() -> None:
    found = configuration(rule_file("client-rossi.toml", CLIENT))
    for value in (found, found.settings, found.settings and found.settings.secrets, str(found.settings), sources()):
        assert not any(secret in repr(value) for secret in HIDDEN)
    assert found.settings is not None
    assert f"{found.settings.secrets.sign_key}" == "Secret(…)"
    assert found.settings.mailboxes[0].password.reveal() == "correct-horse-battery"


PLACES = [
    "id = {}",
    'name = "{}"',
    "{}",
    "[{}]",
    "x = {}",
    'chain = ["{}"]',
    '[[rule]]\nname = "{}"',
    "[lead]\nunit = '{}'",
]


@given(st.sampled_from(HIDDEN), st.sampled_from(PLACES), st.sampled_from(["main", "client", "secrets"]))
def test_no_complaint_shows_a_secret_wherever_it_was_written(secret: str, place: str, where: str) -> None:
    line = place.format(secret) + "\n"
    texts = {"main": MAIN, "client": CLIENT, "secrets": SECRETS}
    texts[where] += line
    found = configuration(
        rule_file("client-rossi.toml", texts["client"]),
        main=texts["main"],
        secrets=SECRETS + line * (where == "secrets"),
    )
    if where == "secrets" and found.errors:
        assert all(p.shown_line == "" for p in found.errors)
    assert not any(secret in str(p) for p in found.problems), said(found.problems)


SIGNS = ["[", "]", "[[", "]]", "=", '"', "'", '"""', "{", "}", ",", ".", "\n", "#", "\\", " ", "è", "\x00", "\ufeff"]
NAMES = (
    "client id rule when says arrives lead days absence from mailbox me passwords contacts language code it emergency"
)
VALUES = ["1", "2026-01-01", "true", "12:30", "urgency", "example", "week"]
TOKENS = st.sampled_from([*SIGNS, *NAMES.split(), *VALUES])


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.lists(TOKENS, max_size=40).map(lambda t: "".join(t).encode())),
    st.sampled_from(["main", "secrets", "client", "table", "fallback"]),
)
def test_no_bytes_at_all_make_reading_raise(raw: bytes, where: str) -> None:
    base = sources(rule_file("10-language-it.toml", '[language]\ncode = "it"\n[urgency]\nstated = ["x"]\n'))
    changed = {
        "main": replace(base, main=Source("vamaild.toml", raw)),
        "secrets": replace(base, secrets=Source("secrets.toml", raw)),
        "client": replace(base, rules=(Source(FILE, raw),)),
        "table": replace(base, rules=(Source("rules.d/30-x.toml", raw),)),
        "fallback": replace(base, rules=(Source(FILE, b"x", fallback=Source(FILE, raw)),)),
    }[where]
    for problem in load(changed, TOOLS).problems:
        assert str(problem).startswith(problem.file)
        assert problem.what


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_file_with_one_line_damaged_is_read_or_complained_of(data: st.DataObject) -> None:
    base = good()
    number = data.draw(st.integers(0, len(base.rules) - 1))
    lines = base.rules[number].raw.decode().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.one_of(st.just(""), st.text(max_size=20), st.just(lines[at][:-1]), st.just(lines[at] * 2)))
    rules = list(base.rules)
    rules[number] = replace(rules[number], raw="\n".join(lines).encode("utf-8", "replace"))
    found = load(replace(base, rules=tuple(rules)), TOOLS)
    assert found.settings is not None
    assert len(found.set_aside) <= 1


def test_times_are_aware() -> None:
    for example in load(good(), TOOLS).examples["rossi"]:
        assert example.received is not None
        assert example.received.astimezone(UTC).tzinfo is UTC
        assert example.received.tzinfo is not None


# --- reaching somebody ---

AWAY_UNTIL = '\n[absence]\nfrom = 2026-11-30\nback = 2026-12-07\n[escalation]\nchain = ["me", "petr-sea"]\n'
ONE_WAY = SECRETS.replace('phone = "+420 603 111 222"\n', "")
NTFY = '[contacts.{}]\nntfy = "ntfys://ntfy.example/novak-7f3a9c1b2e"\n'


@pytest.mark.parametrize(
    ("text", "secrets", "needed"),
    [
        (CLIENT + AWAY_UNTIL, SECRETS.replace("phone =", "command ="), False),
        (CLIENT + AWAY_UNTIL, ONE_WAY, True),
        (CLIENT + AWAY_UNTIL, SECRETS, True),
        (CLIENT + AWAY_UNTIL, ONE_WAY + NTFY.format("me").replace("ntfys://", ""), True),
        (CLIENT + AWAY_UNTIL, ONE_WAY + NTFY.format("me"), False),
        (CLIENT + AWAY_UNTIL, ONE_WAY + NTFY.format("anna"), True),
        (CLIENT + AWAY_UNTIL.replace(', "petr-sea"', ""), SECRETS.replace("phone =", "command ="), True),
        (CLIENT + AWAY_UNTIL.partition("[escalation]")[0], SECRETS, False),
        (CLIENT, ONE_WAY, False),
    ],
    ids=[
        *("two", "one", "a telephone is none", "no URL", "the assistant's own second", "somebody else's"),
        *("not of this chain", "nobody is to be called", "nobody is away"),
    ],
)
def test_an_absence_needs_two_channels(text: str, secrets: str, needed: bool) -> None:
    found = [p for p in client_problems(text, secrets=secrets) if "one channel" in p.what]
    assert bool(found) == needed
    for problem in found:
        assert (problem.is_error, problem.severity) == (False, "needed")
        assert "telephone" in problem.help
        assert text.splitlines()[problem.line - 1].startswith("chain")
        assert "secrets.toml" in problem.help


def test_danger_to_people_is_said_in_the_rules() -> None:
    text = '[language]\ncode = "it"\n[[emergency]]\nname = "feriti"\npeople = true\nhappens = ["è ferit*"]\n'
    own = CLIENT + '[[rule]]\nname = "uraz"\nkind = "emergency"\npeople = true\nwhen.says = ["zran*"]\n'
    found = load(sources(rule_file("20-x-it.toml", text), rule_file("client-rossi.toml", own)), TOOLS).rulebook
    assert found is not None
    assert [e.people for e in found.emergencies] == [True]
    assert [r.people for r in found.clients[0].rules] == [True]
