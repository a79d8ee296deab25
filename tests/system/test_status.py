"""`vamaild status`: the worst first, what monitoring is told, and what other programs read."""

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.system.bench import Bench
from vamaild import inforce, wire
from vamaild.adapters import files
from vamaild.core.flow import incident
from vamaild.core.ledger import NewCase, Outgoing, Sort
from vamaild.core.reasons import Reason

OK, WARNING, CRITICAL, UNKNOWN = range(4)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOX = "clienti@ferri-av.example"
FINE = 20
"""More clients than a page shows."""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """A service that looked a moment ago."""
    found = Bench(tmp_path, monkeypatch, capsys)
    ran(found, "daemon")
    ran(found, f"looked {BOX}")
    return found


def ran(bench: Bench, name: str, before: timedelta = timedelta()) -> None:
    with bench.store() as store:
        store.ran(name, bench.clock.now() - before)


def page(bench: Bench, *more: str) -> list[str]:
    return bench.ask("status", *more).out.splitlines()


def check(bench: Bench) -> tuple[int, str]:
    """(exit code, what it says before the bar)."""
    said = bench.ask("status", "--check")
    assert said.out.count("\n") == 1
    return said.code, said.out.partition(" | ")[0].strip()


def read_again(bench: Bench) -> None:
    """The running service reads its files."""
    inforce.keep(wire.load(bench.config, bench.state, play=False), bench.state, bench.clock.now())


def break_file(bench: Bench) -> None:
    """As it is kept after somebody has broken a file."""
    old = {"file": "rules.d/client-rossi.toml", "line": 5, "what": "unknown key", "client": "rossi", "kept": True}
    (bench.state / inforce.FILE).write_text(json.dumps({"old": [old]}))


def many(bench: Bench) -> None:
    for number in range(FINE):
        text = (
            (bench.config / "rules.d/client-rossi.toml").read_text(encoding="utf-8").replace('"rossi"', f'"c{number}"')
        )
        (bench.config / f"rules.d/client-c{number}.toml").write_text(text, encoding="utf-8")


# ---- for people


def test_the_lines_of_a_quiet_morning(bench: Bench) -> None:
    ran(bench, "started", 6 * DAY)
    found = page(bench)
    assert found[0].endswith("running, up 6 days, last look 0 min ago")
    assert [line.split()[0] for line in found[3:5]] == ["novak", "rossi"]
    assert "Mail      1 mailbox, last look 0 min ago, none failing" in found
    assert found[-1].startswith("Store     0.")
    assert found[-1].endswith("MB, no backup yet")


def test_the_worst_comes_first(bench: Bench) -> None:
    break_file(bench)
    assert page(bench)[3].startswith("rossi ")
    assert "! old rules: client-rossi.toml:" in page(bench)[3]


def test_of_many_clients_only_those_are_shown_there_is_something_to_say_about(bench: Bench) -> None:
    many(bench)
    with bench.store() as store:
        store.open_case(NewCase("c7", Reason.BOUNCED, "", "", ""), bench.clock.now())
    assert page(bench)[3].startswith("c7 ")
    assert f"{FINE + 1} more are fine: vamaild status --all" in page(bench)
    everybody = [line for line in page(bench, "--all") if line.startswith(("c", "novak", "rossi"))]
    assert len(everybody) == FINE + 2


def test_a_file_that_belongs_to_no_client_is_shown_too(bench: Bench) -> None:
    (bench.config / "vamaild.toml").write_text("[me]\nnam = 1\n")
    read_again(bench)
    assert any(line.startswith("! old rules: vamaild.toml:") for line in page(bench))


def test_a_broken_file_is_told_until_it_is_mended(bench: Bench) -> None:
    path = bench.config / "rules.d/client-rossi.toml"
    files.keep_good(bench.state, "rules.d/client-rossi.toml", path.read_bytes())
    bench.change("rules.d/client-rossi.toml", "[client]", "[client]\ncolour = 1")
    read_again(bench)
    (old,) = inforce.read(bench.state)
    assert (old.file, old.client, old.kept) == ("rules.d/client-rossi.toml", "rossi", True)
    assert path.read_text(encoding="utf-8").splitlines()[old.line - 1] == "colour = 1"
    bench.change("rules.d/client-rossi.toml", "colour = 1\n", "")
    read_again(bench)
    assert check(bench)[0] == OK


def test_a_damaged_note_of_what_is_in_force_says_nothing(bench: Bench) -> None:
    for text in ("", "{", '{"old": [{"x": 1}]}', '{"old": 3}', "[]"):
        (bench.state / inforce.FILE).write_text(text)
        assert check(bench)[0] == OK


# ---- for monitoring


def failing(bench: Bench, since: timedelta) -> None:
    ran(bench, f"looked {BOX}", since + MINUTE)
    ran(bench, f"failing {BOX}", since)


def emergency(bench: Bench) -> None:
    bench.write("Praskla přípojka a teče to stropem do prodejny!", to="petr@novak-okna.example")
    with bench.store() as store:
        assert store.standing(bench.clock.now()).escalations_open == 1


def unsent(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.store() as store:
        store.queue_mail(Outgoing("<1@x.example>", Sort.COURTESY, "a@b.example", b"", now - HOUR, "rossi"))


def silent(bench: Bench) -> None:
    bench.write("Ciao, va bene domani?")
    bench.send()
    ran(bench, "daemon")
    with bench.store() as store:
        last = store.standing(bench.clock.now()).last_mail["rossi"]
        store.ran(incident("rossi"), last)
    bench.clock.advance(42 * HOUR)
    for name in ("daemon", f"looked {BOX}"):
        ran(bench, name)


def copied(bench: Bench, before: timedelta) -> None:
    copy = bench.state / "backup" / "vamaild-1.db"
    copy.parent.mkdir()
    copy.touch()
    moment = (bench.clock.now() - before).timestamp()
    os.utime(copy, (moment, moment))


def stopped(bench: Bench) -> None:
    ran(bench, "daemon", 20 * MINUTE)


TROUBLE = {
    "nothing": (lambda _: None, OK, "OK: last look 0 min ago"),
    "not running": (stopped, CRITICAL, "CRITICAL: not running, last look 20 min ago"),
    "a mailbox that fails": (lambda b: failing(b, 5 * MINUTE), WARNING, "WARNING: {box} failing"),
    "one that fails for long": (lambda b: failing(b, HOUR), CRITICAL, "CRITICAL: {box} failing for 1 h"),
    "a mailbox that works again": (lambda b: ran(b, f"failing {BOX}", MINUTE), OK, "OK: last look 0 min ago"),
    "an emergency": (emergency, CRITICAL, "CRITICAL: 1 emergency not taken"),
    "mail that has not left": (unsent, CRITICAL, "CRITICAL: mail has not left for 1 h"),
    "a broken file": (break_file, WARNING, "WARNING: rossi on old rules: client-rossi.toml:"),
    "a silent client": (silent, WARNING, "WARNING: rossi silent 42 h"),
    "an old backup": (lambda b: copied(b, 3 * DAY), WARNING, "WARNING: last backup 3 days ago"),
    "a backup of today": (lambda b: copied(b, 8 * HOUR), OK, "OK: last look 0 min ago"),
}


@pytest.mark.parametrize("what", TROUBLE)
def test_what_monitoring_is_told(bench: Bench, what: str) -> None:
    make, code, words = TROUBLE[what]
    make(bench)
    found = check(bench)
    assert found[0] == code, found
    assert found[1].startswith(words.format(box=BOX))


def test_several_things_are_said_the_worst_first(bench: Bench) -> None:
    break_file(bench)
    stopped(bench)
    code, said = check(bench)
    assert code == CRITICAL
    assert said.index("not running") < said.index("old rules")


def test_the_figures_are_those_of_nagios(bench: Bench) -> None:
    unsent(bench)
    figures = bench.ask("status", "--check").out.strip().partition(" | ")[2].split(" ")
    values = dict(figure.split("=") for figure in figures)
    assert values == {
        "queue": "0", "emergencies": "0", "promises_late": "0", "old_rules": "0", "silent": "0", "failing": "0",
        "overdue": "3600s", "last_look": "0s",
    }  # fmt: skip


def test_where_there_is_no_ledger_nobody_knows(bench: Bench) -> None:
    shutil.rmtree(bench.state)
    code, said = check(bench)
    assert code == UNKNOWN
    assert said.startswith("UNKNOWN: There is no ledger")


# ---- for programs


def test_the_keys_of_the_document(bench: Bench) -> None:
    break_file(bench)
    failing(bench, HOUR)
    ran(bench, "started", HOUR)
    found = json.loads(bench.ask("status", "--json").out)
    now = bench.clock.now()
    assert datetime.fromisoformat(found["up_since"]) == now - HOUR
    assert [(b["name"], datetime.fromisoformat(b["failing_since"])) for b in found["mailboxes"]] == [(BOX, now - HOUR)]
    (old,) = found["old_rules"]
    assert (old["file"], old["client"], old["kept"]) == ("rules.d/client-rossi.toml", "rossi", True)
    assert old["line"] == 5
    assert found["store"]["bytes"] > 0
    assert found["store"]["backup"] is None
    assert found["overdue_seconds"] == 0
