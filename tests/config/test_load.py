"""Whole configurations: what is built, what they say together, how somebody is reached."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

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
    good,
    rule_file,
    said,
    sources,
)
from vamaild.config.configuration import Source, Sources, source_of
from vamaild.config.load import load
from vamaild.core.ruleset import Kind, Lead, Role, Tier, Trust


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
    assert (box.every, box.folder, box.keyword) == (timedelta(seconds=60), "INBOX", "vamaild")
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
