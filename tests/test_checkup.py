"""`vamaild doctor` without servers: files and their rights, clock, alarm, ledger, service: found ill, found well."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vamaild import checkup, wire
from vamaild.adapters.store import SqliteStore
from vamaild.checkup import Patient
from vamaild.cli.doctor import as_value, lines
from vamaild.config.problem import Problem
from vamaild.core.checkup import Finding, Mark
from vamaild.core.drill import Drill, Link
from vamaild.core.ledger import DATABASE, MailboxError, PostError

NOW = datetime(2026, 11, 26, 10, 40, tzinfo=UTC)
MAIN = """
[me]
name = "Giulia Ferri"
email = "giulia@ferri-av.example"
timezone = "Europe/Rome"
[mailbox]
imap = "imap://localhost:1"
user = "clienti@ferri-av.example"
password = "secret:mailbox"
[send]
smtp = "smtp://localhost:1"
"""
CLIENT = """
[client]
id = "rossi"
name = "Rossi"
arrives = ["info@studiorossi.example"]
[lead]
days = 4
[escalation]
chain = ["me", "petr"]
"""
SECRETS = '[passwords]\nmailbox = "Bramble-73-Otter"\n[contacts.petr]\nemail = "petr@sea.example"\n'


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> wire.Loaded:
    return wire.load(place(tmp_path_factory.mktemp("good")), play=False)


def place(folder: Path) -> Path:
    (folder / "rules.d").mkdir(exist_ok=True)
    (folder / "vamaild.toml").write_text(MAIN)
    (folder / "secrets.toml").write_text(SECRETS)
    (folder / "rules.d" / "client-rossi.toml").write_text(CLIENT)
    (folder / "secrets.toml").chmod(0o600)
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture
def patient(loaded: wire.Loaded, tmp_path: Path) -> Patient:
    folder = place(tmp_path)
    return Patient(folder, folder / "state", NOW, loaded)


def marks(found: Iterable[Finding]) -> list[tuple[Mark, str]]:
    return [(f.mark, f.words) for f in found]


def test_good_files(patient: Patient) -> None:
    ((mark, words),) = marks(checkup.look_at_files(patient))
    assert (mark, words.endswith(", all good, rights as they should be")) == (Mark.OK, True)


RIGHTS = [
    ("secrets.toml", 0o644, "everybody on this machine can read it", "chmod 0640"),
    ("secrets.toml", 0o662, "everybody on this machine can change it", "chmod o-w"),
    ("vamaild.toml", 0o666, "everybody on this machine can change it", "chmod o-w"),
    ("rules.d/client-rossi.toml", 0o602, "everybody on this machine can change it", "chmod o-w"),
    ("state", 0o755, "everybody can look into it", "chmod 0700"),
    ("state/tokens/clienti.json", 0o644, "everybody on this machine can read it", "chmod 0600"),
    ("state/vamaild.db", 0o664, "everybody on this machine can read it", "chmod 0600"),
]


@pytest.mark.parametrize(("name", "mode", "words", "do"), RIGHTS, ids=[f"{r[0]} {r[1]:o}" for r in RIGHTS])
def test_rights_that_are_too_wide(patient: Patient, name: str, mode: int, words: str, do: str) -> None:
    path = patient.config / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.touch()
    path.chmod(mode)
    found = [f for f in checkup.look_at_files(patient) if f.mark is Mark.FAIL]
    assert any(f.words == f"{path}: {words}" and f.do.startswith(f"sudo {do} ") for f in found)


def test_the_page_of_docs_web_md_shares_the_ledger(patient: Patient) -> None:
    """1770 with the sticky bit is what the drop-in of the page makes of it."""
    patient.state.chmod(0o1770)
    assert [f.mark for f in checkup.look_at_files(patient)] == [Mark.OK]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_secrets_of_a_stranger(patient: Patient) -> None:
    os.chown(patient.config / "secrets.toml", 54_321, 0)
    assert any("belongs to user 54321" in f.words for f in checkup.look_at_files(patient))


def test_a_fault_is_told_with_its_place(patient: Patient) -> None:
    faults = [Problem("rules.d/client-rossi.toml", n, "is odd") for n in range(1, 6)]
    faults.append(Problem("templates/it/ordinary.txt", 3, "unknown word principle.name"))
    ill = replace(patient, loaded=replace(patient.loaded, problems=tuple(faults)))
    (found,) = checkup.look_at_files(ill)
    assert (found.mark, found.do) == (Mark.FAIL, "vamaild check")
    assert found.words.startswith("rules.d/client-rossi.toml:1 is odd, rules.d/client-rossi.toml:2 is odd")
    assert found.words.endswith(" and 2 more")
    (found,) = checkup.look_at_texts(ill)
    assert (found.mark, found.words) == (Mark.FAIL, "templates/it/ordinary.txt:3 unknown word principle.name")


@pytest.mark.parametrize(
    ("said", "mark", "words"),
    [
        (True, Mark.OK, "synchronised, Europe/Rome"),
        (False, Mark.LOOK, "nobody sets it"),
        (None, Mark.OK, "does not say whether"),
    ],
)
def test_the_clock(patient: Patient, said: bool | None, mark: Mark, words: str) -> None:
    (found,) = checkup.look_at_clock(replace(patient, synchronised=lambda: said))
    assert (found.mark, words in found.words) == (mark, True)


def test_texts_that_are_well(patient: Patient) -> None:
    (found,) = checkup.look_at_texts(patient)
    assert (found.mark, "render in cs en it, no secret in any" in found.words) == (Mark.OK, True)


# ---- the alarm


@dataclass
class Book:
    """A store that remembers one drill and one look."""

    drill: Drill | None = None
    looked: datetime | None = None
    text: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def last_drill(self, client: str) -> Drill | None:
        return self.drill

    def last_run(self, name: str) -> datetime | None:
        return self.looked

    def oldest_text(self) -> datetime | None:
        return self.text


def with_book(patient: Patient, **known: Any) -> Patient:
    return replace(patient, store=Book(**known))  # type: ignore[arg-type]  # fields by name


def drill(days: float, *links: Link, ended: bool = True, instead: str = "") -> Drill:
    began = NOW - timedelta(days=days)
    return Drill("rossi", "4F7K", began, began + timedelta(hours=1) if ended else None, links, instead)


def link(days: float, minutes: int | None = 4) -> Link:
    began = NOW - timedelta(days=days)
    return Link("petr", ("email",), (), began, began + timedelta(minutes=minutes) if minutes else None, "take", "email")


DRILLS = [
    (None, Mark.LOOK, "rossi: the way to the people of its chain was never tried"),
    (drill(9, link(9)), Mark.OK, "rossi: drill 9 days ago, everybody answered within 4 min"),
    (drill(120, link(120)), Mark.LOOK, "rossi: drill 120 days ago, everybody answered within 4 min"),
    (drill(3, link(3, None)), Mark.LOOK, "rossi: drill 3 days ago did not work"),
    (drill(0.01, ended=False), Mark.LOOK, "rossi: drill 14 min ago is still going on"),
    (drill(2, link(2), instead="9QXD"), Mark.LOOK, "rossi: drill 48 h ago did not work"),
]


@pytest.mark.parametrize(("found", "mark", "words"), DRILLS, ids=[d[2][:50] for d in DRILLS])
def test_the_alarm(patient: Patient, found: Drill | None, mark: Mark, words: str) -> None:
    (seen,) = checkup.look_at_alarm(with_book(patient, drill=found))
    assert (seen.mark, seen.words.replace("2 days", "48 h"), seen.client) == (mark, words, "rossi")
    assert bool(seen.do) == (mark is Mark.LOOK)


# ---- the ledger


def test_no_ledger_yet(patient: Patient) -> None:
    ((mark, words),) = marks(checkup.look_at_store(patient))
    assert (mark, "there is no ledger" in words) == (Mark.LOOK, True)


@pytest.mark.parametrize(
    ("days", "mark", "words"),
    [(None, Mark.LOOK, "no backup yet"), (0.3, Mark.OK, "backup 7 h ago"), (3, Mark.LOOK, "last backup 3 days ago")],
)
def test_a_ledger_and_its_copies(patient: Patient, days: float | None, mark: Mark, words: str) -> None:
    SqliteStore(patient.state / DATABASE).close()
    if days is not None:
        copy = patient.state / "backup" / "vamaild-2026-11-25.db"
        copy.parent.mkdir()
        copy.touch()
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(copy, (at, at))
    (found,) = checkup.look_at_store(with_book(patient, text=NOW - timedelta(days=29)))
    assert (found.mark, found.words.startswith("intact, "), "oldest text 29 days" in found.words) == (mark, True, True)
    assert words in found.words


# ---- the service

UP = {
    "LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled", "NRestarts": "0",
    "ActiveEnterTimestamp": f"@{int(NOW.timestamp()) - 6 * 86400}", "WatchdogTimestamp": f"@{int(NOW.timestamp()) - 4}",
}  # fmt: skip
OFF = {"UnitFileState": "disabled"}
DOWN = {"LoadState": "loaded", "ActiveState": "inactive", "ExecMainStatus": "0"}
UNITS = [
    (UP, Mark.OK, "up 6 days, watchdog 4 s ago, last look 20 s ago", ""),
    (UP | OFF, Mark.LOOK, "it will not start with this machine", "sudo systemctl enable vamaild"),
    (UP | {"NRestarts": "3"}, Mark.LOOK, "restarted 3 times by systemd", "journalctl -u vamaild"),
    ({"LoadState": "not-found"}, Mark.FAIL, "systemd does not know vamaild.service", "README.md, Set it up"),
    (DOWN | {"ActiveState": "failed", "ExecMainStatus": "3"}, Mark.FAIL,
     "failed, it ended with 3: the configuration cannot be used", "vamaild check"),
    (DOWN, Mark.FAIL, "inactive", "sudo systemctl"),
    (None, Mark.OK, "systemd does not run here; last look 20 s ago", ""),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "mark", "words", "do"), UNITS, ids=[u[2][:40] for u in UNITS])
def test_the_service(patient: Patient, unit: Mapping[str, str] | None, mark: Mark, words: str, do: str) -> None:
    seen = with_book(replace(patient, unit=lambda: unit), looked=NOW - timedelta(seconds=20))
    (found,) = checkup.look_at_service(seen)
    assert (found.mark, words in found.words, found.do.startswith(do)) == (mark, True, True)
    assert bool(found.do) == (mark is not Mark.OK)


def test_nothing_ever_looked(patient: Patient) -> None:
    (found,) = checkup.look_at_service(replace(patient, unit=lambda: None))
    assert (found.mark, found.words) == (Mark.LOOK, "systemd does not run here; it has never looked")


# ---- all of them


def test_every_check_is_made_whatever_the_others_say(patient: Patient) -> None:
    def raising(error: Exception) -> checkup.Check:
        def check(_: Patient) -> Iterable[Finding]:
            raise error

        return check

    errors = [MailboxError("no answer"), MailboxError("wrong", sign_in=True), PostError("no way"), OSError("disk")]
    checks = {str(n): raising(error) for n, error in enumerate(errors)} | {"clock": checkup.look_at_clock}
    found = list(checkup.examined(patient, checks))
    assert [(f.name, f.mark is Mark.FAIL, f.silent) for f in found] == [
        ("0", True, True), ("1", True, False), ("2", True, True), ("3", True, False), ("clock", False, False),
    ]  # fmt: skip


def test_a_line_for_people_and_the_same_for_programs() -> None:
    finding = Finding("forwarding", Mark.LOOK, "horak: " + "word " * 30, "vamaild doctor --letter horak", "horak")
    shown = lines(finding)
    assert shown[0].startswith("look  forwarding  horak: word")
    assert all(line.startswith(" " * 18) and len(line) <= 110 for line in shown[1:])
    assert shown[-1] == " " * 18 + "Do: vamaild doctor --letter horak"
    value = as_value([finding, Finding("clock", Mark.OK, "synchronised")])
    assert value["worst"] == "look"
    assert [(c["name"], c["mark"], c["do"], c["client"]) for c in value["checks"]] == [  # type: ignore[attr-defined]  # JSON as it was read
        ("forwarding", "look", "vamaild doctor --letter horak", "horak"), ("clock", "ok", None, None),
    ]  # fmt: skip
