"""`vamaild replay` and `away rehearse` as a person sees them: the page, a bar, Ctrl-C, one rule, edited rules."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.old_mail import old, write_mbox

from .world import ACME, World

pytestmark = pytest.mark.slow

DONE, INTERRUPTED = 0, 130
COUNT, MANY = 150, 10_000
MANUAL = """
[[rule]]
name = "infissi subito"
kind = "rush-request"
when.says = ["preventivo+per+gli+infissi"]

[[situation]]
title = "Copia della fattura"
when  = ["copia+della+fattura"]
answer.it = "Le fatture sono nell'area clienti."
fits  = ["Mi manda copia della fattura?"]

[[situation]]
title = "Parcheggio"
when  = ["parcheggio"]
answer.it = "Nel cortile."
"""


@pytest.fixture
def world(world: World) -> World:
    return world.build({"client-acme.toml": ACME + MANUAL})


@pytest.fixture
def month(world: World) -> Path:
    """Some days of October 2024, and what a person answered."""
    folder = world.folder / "sent"
    folder.mkdir()
    for number, each in enumerate(old(COUNT)):
        if each.answered:
            (folder / f"{number:03}.eml").write_bytes(each.answer())
    return write_mbox(world.folder / "old.mbox", old(COUNT))


def ask(world: World, *arguments: str, code: int = DONE) -> str:
    ran = world.run(*arguments)
    assert ran.code == code, ran.said
    return ran.out


def replay(world: World, month: Path, *more: str) -> str:
    places = ("--config", str(world.config), "--sent", str(world.folder / "sent"))
    return ask(world, "replay", str(month), *places, *more)


def test_the_page_of_a_month(world: World, month: Path) -> None:
    shown = replay(world, month, "--since", "2024-10-01", "--until", "2024-10-31")
    assert shown.startswith(
        "October 2024 as it was: its clock, its counters, today's rules. Nothing is\nsent.\n\nignored"
    )
    rows = {name: int(count) for name, count in re.findall(r"^([a-z-]+) +(\d+)(?: |$)", shown, re.MULTILINE)}
    assert sum(rows.values()) == COUNT
    assert {"ignored", "scheduled-request", "rush-request", "insisting", "emergency"} <= set(rows)
    assert re.search(r"^emergency +\d+   2 Oct 22:51, \"Acqua 63\"", shown, re.MULTILINE)
    assert re.search(r"robots 14, lists 14", shown)
    assert re.search(r"^\d+ replies to \d+ people, never more than \d a day to one person\.$", shown, re.MULTILINE)
    assert re.search(r"you answered, so would it +\d+   after 0 s; you took 3 h 10 \(median\)", shown)
    assert re.search(r"you answered, it stays silent +\d+   look here first", shown)
    assert re.search(r"you were silent, it would write +\d+   and here", shown)
    assert "Next: the same command with --only differs" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_what_differs_is_listed(world: World, month: Path) -> None:
    listed = replay(world, month, "--only", "differs").splitlines()
    value = json.loads(replay(world, month, "--only", "differs", "--json"))
    assert listed[-1] == f"{len(value['messages'])} of {COUNT} messages."
    assert {m["beside"] for m in value["messages"]} == {"it-stays-silent", "it-would-write"}
    assert value["looked_at"] == COUNT == sum(value["outcomes"].values())
    assert not {"text", "case"} & set(value["messages"][0])


def test_what_one_rule_changes(world: World, month: Path) -> None:
    shown = replay(world, month, "--rule", "infissi subito")
    head = shown.partition("\n\n")[0]
    changed = json.loads(replay(world, month, "--rule", "infissi subito", "--json"))["changed"]
    assert re.fullmatch(rf'"infissi subito" changes {len(changed)} of {COUNT} messages\.', head)
    assert re.search(r'  without it  scheduled-request, "ordinary"\n  with it     rush-request, "lead-time"', shown)
    assert all("Preventivo" in c["before"]["subject"] for c in changed if c["before"]["kind"] != c["after"]["kind"])


def test_what_edited_rules_change(world: World, month: Path) -> None:
    edited = world.folder / "edited"
    shutil.copytree(world.config, edited)
    assert f"change 0 of {COUNT} messages." in replay(world, month, "--against", str(edited))
    file = edited / "rules.d" / "client-acme.toml"
    file.write_text(file.read_text().replace("copia+della+fattura", "certificato di garanzia"))
    shown = replay(world, month, "--against", str(edited))
    assert re.search(r'"Fattura.*\n  now   .*"playbook"\n  then  .*"ordinary"', shown)


def test_a_rehearsal_says_what_the_manual_lacks(world: World, month: Path) -> None:
    places = ("--config", str(world.config), "--state", str(world.state))
    shown = ask(world, "away", *places, "rehearse", "acme", str(month), "--until", "2024-10-04")
    assert re.match(r"1 Oct 2024 to 4 Oct 2024, as if Mario Rossi were away: \d+ messages\.", shown)
    assert re.search(r"^Disturbed (once|twice): 2 Oct 22:51, \"Acqua 63\"", shown, re.MULTILINE)
    assert re.search(r"^The manual has 2 situations and answers \d+ of \d+ questions: \d+ %\.$", shown, re.MULTILINE)
    assert re.search(r"^ +\d+  Copia della fattura$", shown, re.MULTILINE)
    assert "-  Parcheggio (nobody asked)" in shown
    assert re.search(r'^ +\d+  .*garanzia.*\(it\)\n +"Garanzia.*"\n +when = \[".*garanzia.*"\]$', shown, re.MULTILINE)


# ---- a bar, and Ctrl-C


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_mbox(tmp_path_factory.mktemp("old") / "many.mbox", old(MANY))


def pieces(terminal: int) -> Iterator[bytes]:
    """What is written to the terminal, until nobody has it open."""
    with suppress(OSError):  # Linux says EIO at the end
        while piece := os.read(terminal, 4096):
            yield piece


def test_ten_thousand_messages_show_a_bar_and_can_be_stopped(world: World, ten_thousand: Path) -> None:
    """In the middle Ctrl-C: the result of what was done, said clearly, exit 130; and nothing is left behind."""
    ours, theirs = pty.openpty()
    temporary = world.folder / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        world.command("replay", str(ten_thousand), "--config", str(world.config)),
        stdout=subprocess.PIPE, stderr=theirs, env={"TERM": "xterm", "TMPDIR": str(temporary), **world.surroundings()},
    )  # fmt: skip
    os.close(theirs)
    bar, interrupted = b"", False
    for piece in pieces(ours):
        bar += piece
        if not interrupted and re.search(rb"\] +\d{3}/10000", bar):
            process.send_signal(signal.SIGINT)
            interrupted = True
    assert process.stdout
    out = process.stdout.read().decode()
    assert process.wait(60) == INTERRUPTED
    os.close(ours)
    assert re.search(rb"Reading  \[#*-+\]  +\d+/10000", bar), bar[-300:]
    stopped = re.match(r"Stopped after (\d+) of 10000 messages: what follows is about these alone\.\n", out)
    assert stopped, out
    rows = re.findall(r"^[a-z-]+ +(\d+)(?: |$)", out, re.MULTILINE)
    assert sum(map(int, rows)) == int(stopped[1])
    assert list(temporary.iterdir()) == []


@pytest.mark.timeout(3600)
def test_ten_thousand_messages_are_all_counted(world: World, ten_thousand: Path) -> None:
    begun = time.monotonic()
    process = subprocess.run(
        world.command("replay", str(ten_thousand), "--config", str(world.config), "--json"),
        capture_output=True, env=world.surroundings(), timeout=3600,
    )  # fmt: skip
    took = time.monotonic() - begun
    assert process.returncode == DONE, process.stderr
    value = json.loads(process.stdout)
    assert value["looked_at"] == MANY == sum(value["outcomes"].values()) == len(value["messages"])
    assert process.stderr.decode().splitlines() == ["Reading 10000 messages"]
    print(f"{MANY / took:.0f} messages a second")
