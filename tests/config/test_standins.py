"""What `check` says of colleagues: circles, days without anybody, mail that would come back; and how they are read."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.config.make import CLIENT, TOOLS, client_problems, rule_file, said, sources
from vamaild.config.load import load
from vamaild.core.ruleset import Leave, RuleSet

AWAY = CLIENT.replace("[lead]\ndays = 4", "[absence]\nfrom = 2026-11-30\nback = 2026-12-07")
TOMAS = 'name = "Tomáš"\nemail = "tomas@kral.example"\n'
EVA = 'name = "Eva"\nemail = "eva@x.example"\n'
LEAVE = "[[colleague.away]]\nfrom = {}\nback = {}\n"


def ruleset(text: str) -> RuleSet:
    found = load(sources(rule_file("client-rossi.toml", text)), TOOLS)
    assert [str(p) for p in found.problems if p.is_error] == []
    assert found.rulebook is not None
    return found.rulebook.clients[0]


def test_one_or_several_and_everything_about_them() -> None:
    one = ruleset(AWAY + "[colleague]\n" + TOMAS + LEAVE.format("2026-12-01", "2026-12-02"))
    assert one.colleague is not None
    assert one.stand_ins == (one.colleague,)
    assert one.colleague.leaves == (Leave(date(2026, 12, 1), date(2026, 12, 2)),)
    more = 'customers = ["*@Mala.example"]\nack_within = "4h"\nper_day = 3\ntimezone = "Europe/Athens"\n'
    more += 'substitute = "Eva"\nhand_over = "forward"\nconfirmed = 2026-11-24T16:20:00\n'
    two = ruleset(AWAY + "[[colleague]]\n" + TOMAS + more + "[[colleague]]\n" + EVA)
    tomas, eva = two.stand_ins
    assert two.colleague == tomas
    assert (tomas.customers, tomas.ack_within, tomas.per_day) == (("*@mala.example",), timedelta(hours=4), 3)
    assert (tomas.timezone, tomas.substitute, tomas.hand_over) == ("Europe/Athens", "Eva", "forward")
    assert tomas.confirmed == datetime(2026, 11, 24, 16, 20, tzinfo=ZoneInfo("Europe/Rome"))
    assert (eva.timezone, eva.per_day, eva.ack_within, eva.customers) == ("Europe/Rome", 10, None, ())
    assert ruleset(AWAY).stand_ins == ()


def test_a_matter_with_what_customers_may_know() -> None:
    text = '[[in_progress]]\nmatter = "118"\nabout = ["118"]\nnote = "x"\nsay.it = "arriva"\nnews_by = 2026-12-02\n'
    (matter,) = ruleset(AWAY + text).matters
    assert (matter.say, matter.news_by, matter.note) == ({"it": "arriva"}, date(2026, 12, 2), "x")
    assert ruleset(AWAY.replace('language = "it"', 'language = "it"\nresolved_after = 3')).resolved_after == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'[[colleague]]\n{TOMAS}substitute = "Iva"\n[[colleague]]\n{EVA}', 'nobody else here is called "Iva"'),
        (f'[colleague]\n{TOMAS}substitute = "Tomáš"\n', 'nobody else here is called "Tomáš"'),
        (
            f"[[colleague]]\n{TOMAS}[[colleague]]\n{EVA.replace('eva@x.example', 'tomas@kral.example')}",
            "two colleagues",
        ),
        (f"[colleague]\n{TOMAS.replace('tomas@kral.example', 'info@studiorossi.example')}", "comes back here"),
        (f"[colleague]\n{TOMAS}{LEAVE.format('2026-12-02', '2026-12-02')}", '"back" must be later than "from"'),
        (f"[colleague]\n{TOMAS}takes = [1]\n", "takes"),
        (f"[[colleague]]\n{TOMAS}[[colleague]]\n{EVA}pager = 1\n", "pager"),
    ],
)
def test_what_cannot_work_sets_the_file_aside(text: str, line: str) -> None:
    problems = client_problems(AWAY + text)
    assert any(line in str(p) and p.is_error and p.line > 8 for p in problems), said(problems)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            f'[[colleague]]\n{TOMAS}substitute = "Eva"\n[[colleague]]\n{EVA}substitute = "Tomáš"\n',
            "stand in for each other in a circle: Tomáš -> Eva -> Tomáš",
        ),
        (
            f"[colleague]\n{TOMAS}{LEAVE.format('2026-12-01', '2026-12-06')}",
            "no colleague is there on Tue 1 Dec, Wed 2 Dec, Thu 3 Dec and 1 more",
        ),
        ('[[in_progress]]\nmatter = "118"\nabout = ["118"]\nsay.cs = "přijde"\n', 'of "118" is missing in "it"'),
        (
            '[[in_progress]]\nmatter = "118"\nabout = ["118"]\nsay.it = "x"\nnews_by = 2026-12-05\n',
            "Sat 05 Dec is no working day",
        ),
        ('[[in_progress]]\nmatter = "118"\nabout = ["118"]\nnews_by = 2026-12-02\n', "nobody is told this date"),
    ],
)
def test_what_is_odd_is_said(text: str, line: str) -> None:
    problems = client_problems(AWAY + text)
    assert any(line in str(p) and not p.is_error for p in problems), said(problems)


def test_somebody_is_there_each_day() -> None:
    leaves = (LEAVE.format("2026-11-30", "2026-12-03"), LEAVE.format("2026-12-03", "2026-12-07"))
    text = f"[[colleague]]\n{TOMAS}{leaves[0]}[[colleague]]\n{EVA}{leaves[1]}"
    assert said(client_problems(AWAY + text)) == []


def test_a_secret_in_what_customers_may_know_is_seen() -> None:
    text = '[[in_progress]]\nmatter = "118"\nabout = ["118"]\nsay.it = "chiami il +420 603 111 222"\n'
    assert any("shows the contact" in str(p) for p in client_problems(AWAY + text))
