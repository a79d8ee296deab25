"""The command line as other programs rely on it: exit codes, one JSON shape, no colour in a pipe, never a traceback."""

import json
import os
import pty
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from .world import ACME, CONTACT, CUSTOMER, DAMAGE, NOW, World, raw

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "interface.md"
DONE, ATTENTION, USAGE, CONFIGURATION, NOT_FOUND = 0, 1, 2, 3, 5
CRITICAL = 2  # of `status --check`, as monitoring wants it


@pytest.fixture
def mail(world: World) -> Path:
    path = world.folder / "message.eml"
    path.write_bytes(raw())
    return path


def explain(world: World, *arguments: str, stdin: bytes = b"") -> "tuple[int, str, str]":
    ran = world.run("explain", "--config", str(world.config), *arguments, stdin=stdin)
    return ran.code, ran.out, ran.err


# ---- asked wrongly


def test_alone_it_says_what_it_can_do(world: World) -> None:
    ran = world.run()
    assert (ran.code, ran.err) == (DONE, "")
    assert "vamaild demo" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["explan"], USAGE, "explain"),
        (["run", "--onse"], USAGE, "--once"),
        (["run", "--once", "--at", "yesterday"], USAGE, "write it like 2026-12-03T10:40"),
        (["explain"], USAGE, "FILE"),
        (["check", "--config", "/nowhere/at/all"], CONFIGURATION, "there is no vamaild.toml"),
        (["run", "--once", "--config", "/nowhere/at/all"], CONFIGURATION, "There is no /nowhere/at/all/vamaild.toml"),
        (["status", "--state", "/nowhere/at/all"], NOT_FOUND, "There is no ledger in /nowhere/at/all yet"),
        (["queue", "--state", "/nowhere/at/all"], NOT_FOUND, "it begins with: vamaild run"),
    ],
)
def test_a_wrong_question_gets_a_sentence_and_its_exit_code(
    world: World, arguments: list[str], code: int, words: str
) -> None:
    ran = world.run(*arguments)
    assert ran.code == code, ran.said
    assert words in ran.said


# ---- explain


def documented_keys() -> list[str]:
    """The first column of the table in docs/interface.md."""
    table = DOCS.read_text(encoding="utf-8").split("| key | meaning |")[1].split("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)]


def test_explain_json_has_the_keys_that_are_documented(world: World, mail: Path) -> None:
    missing = str(world.folder / "missing.eml")
    stranger = world.folder / "stranger.eml"
    stranger.write_bytes(raw(to="nobody@nowhere.example"))
    code, out, _ = explain(world, "--json", str(mail), missing, str(stranger), "-", stdin=raw(DAMAGE))
    first, second, third, fourth = (json.loads(line) for line in out.splitlines())
    assert code == ATTENTION
    assert sorted(first) == sorted(fourth) == sorted(documented_keys())
    assert (first["file"], first["client"], first["kind"]) == (str(mail), "acme", "scheduled-request")
    assert first["reply"]["to"] == first["sender"]["address"] == CUSTOMER
    assert set(first["reply"]) == {"template", "language", "to", "subject", "body"}
    assert set(first["rule"]) == {"file", "line", "name"}
    assert list(second) == list(third) == ["file", "error"]
    assert (second["file"], third["file"]) == (missing, str(stranger))
    assert "no client's file claims mail to nobody@nowhere.example" in third["error"]
    assert (fourth["file"], fourth["action"]) == ("-", "escalate")


def test_explain_json_says_why_nothing_leaves(world: World) -> None:
    robot = raw(headers={"Auto-Submitted": "auto-replied"})
    code, out, _ = explain(world, "--json", "-", stdin=robot)
    found = json.loads(out)
    assert code == DONE
    assert found["suppressed"]["code"] == "auto-submitted"
    assert found["reply"] is None


def test_explain_reads_standard_input_and_needs_no_ledger(world: World) -> None:
    code, out, err = explain(world, "-", stdin=raw())
    assert (code, err) == (DONE, "")
    assert "So: scheduled-request" in out
    assert not world.state.exists()


def test_explain_asks_for_a_client_that_is_there(world: World, mail: Path) -> None:
    code, _, err = explain(world, "--client", "rossi", str(mail))
    assert code == NOT_FOUND
    assert "There is no client rossi. Known here: acme" in err


def test_a_closed_pipe_is_no_error(world: World, mail: Path) -> None:
    command = world.command("explain", "--config", str(world.config), *[str(mail)] * 60)
    line = f"{' '.join(command)} | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=world.surroundings(), timeout=60)
    assert done.returncode in (DONE, 141)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_only_where_it_is_wanted(world: World, mail: Path, environ: dict[str, str], coloured: bool) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        world.command("explain", "--config", str(world.config), str(mail)), stdout=theirs, stderr=theirs,
        env={"TERM": "xterm", **world.surroundings(), **environ},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while piece := _read(ours):
        shown += piece
    assert process.wait(30) == DONE
    os.close(ours)
    assert b"So: scheduled-request" in shown
    assert (b"\x1b[" in shown) == coloured


def _read(terminal: int) -> bytes:
    """What is there; nothing when the other side is closed, which a terminal tells as an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


def test_no_colour_in_a_pipe(world: World, mail: Path) -> None:
    assert "\x1b[" not in explain(world, str(mail))[1]
    assert "\x1b[" in explain(world, "--color", "always", str(mail))[1]


# ---- check


def test_check_says_that_all_is_good(world: World) -> None:
    ran = world.run("check", "--config", str(world.config))
    assert ran.code == DONE, ran.said
    assert "1 client" in ran.out
    assert ran.out.rstrip().endswith("all good.")
    quiet = world.run("check", "-q", "--config", str(world.config))
    assert (quiet.code, quiet.out) == (DONE, "")


def test_check_names_every_fault_with_file_and_line(world: World) -> None:
    world.rule_file("client-acme.toml").write_text(ACME.replace("days = 4", "dayz = 4"), encoding="utf-8")
    (world.config / "vamaild.toml").write_text("[me]\nname = 1\n", encoding="utf-8")
    ran = world.run("check", "--config", str(world.config))
    assert ran.code == CONFIGURATION
    assert "rules.d/client-acme.toml:12" in ran.out
    assert 'did you mean "days"?' in ran.out
    assert "vamaild.toml:2" in ran.out
    told = json.loads(world.run("check", "--json", "--config", str(world.config)).out)
    assert told["usable"] is False
    assert {"file", "line", "what", "help", "severity"} == set(told["problems"][0])


# ---- what is in the ledger


@pytest.fixture
def escalated(world: World) -> str:
    """The code of an emergency that the assistant was told of."""
    world.imap.deliver(raw(DAMAGE, number=7), when=NOW)
    assert world.once().code == DONE
    with world.ledger() as store:
        (case,) = store.cases()
    return case.code


def test_an_emergency_that_is_taken_goes_no_further(world: World, escalated: str) -> None:
    listed = world.run("queue", *world.places())
    assert escalated in listed.out
    assert "vamaild queue ack" in listed.out
    shown = world.run("queue", *world.places(), "show", escalated.lower())
    assert "allagando" in shown.out
    taken = world.run("queue", *world.places(), "ack", escalated)
    assert (taken.code, "is yours" in taken.out) == (DONE, True)
    again = world.run("queue", *world.places(), "ack", escalated)
    assert "still yours" in again.out
    other = world.run("queue", *world.places(), "ack", "--by", "petr", escalated)
    assert "was taken by me already; nothing changed" in other.out
    assert world.once(NOW + timedelta(minutes=30)).code == DONE
    assert len(world.notices()) == 1
    assert CONTACT["email"] not in {mail["To"] for mail in world.sent()}
    closed = world.run("queue", *world.places(), "close", escalated)
    assert closed.code == DONE
    assert world.run("queue", *world.places()).out == "Nothing waits for you.\n"


def test_the_queue_and_the_standing_as_json(world: World, escalated: str) -> None:
    cases = json.loads(world.run("queue", "--json", *world.places()).out)["cases"]
    assert [(case["case"], case["reason"], case["state"]) for case in cases] == [(escalated, "emergency", "open")]
    standing = json.loads(world.run("status", "--json", *world.places()).out)
    assert standing["arrived"] == 1
    assert standing["by_outcome"] == {"escalated": 1}
    assert standing["queue"] == {"open": 1, "escalations": 1}


def test_a_case_that_is_not_there(world: World, escalated: str) -> None:
    other = "AAAA" if escalated != "AAAA" else "BBBB"
    for verb in ("show", "ack", "close"):
        ran = world.run("queue", *world.places(), verb, other)
        assert ran.code == NOT_FOUND
        assert f"There is no case {other}" in ran.err
    assert explain(world, *world.places()[2:], other)[0] == NOT_FOUND


def test_a_case_is_explained_from_the_ledger(world: World, escalated: str) -> None:
    code, out, _ = explain(world, *world.places()[2:], escalated)
    assert code == DONE
    assert "So: emergency" in out
    assert '"emergency-received", sent' in out


def test_the_standing_of_a_service_that_does_not_run(world: World, escalated: str) -> None:
    page = world.run("status", *world.places())
    assert page.code == DONE
    assert "Arrived   1:" in page.out
    assert "1 emergencies not taken" in page.out
    verdict = world.run("status", "--check", *world.places())
    assert verdict.code == CRITICAL
    assert verdict.out.startswith("CRITICAL: not running")


def test_the_standing_of_a_service_that_runs(world: World) -> None:
    """By the real clock, for `status` has no other."""
    with world.daemon() as daemon:
        daemon.wait_for("ready: 1 client")
        daemon.wait_for(lambda: world.run("status", "--check", *world.places()).out.startswith("OK: last look 0 min"))
        assert daemon.end() == DONE


def test_a_dry_run_leaves_nothing(world: World) -> None:
    world.imap.deliver(raw(), raw(DAMAGE, sender="dora@third.example", number=2), when=NOW)
    before = world.imap.mails()
    ran = world.run("run", "--dry-run", *world.places(), "--at", NOW.isoformat())
    assert ran.code == DONE, ran.said
    assert "2 new messages. Nothing was kept or sent." in ran.out
    assert re.search(r"acme +emergency +emergency-received", ran.out)
    assert world.sink.mails == []
    assert world.imap.mails() == before
    assert world.imap.mails("Sent") == {}
    with world.ledger() as store:
        assert store.standing(NOW).arrived == 0
        assert store.cases() == ()
        assert store.watermark("inbox") is None
