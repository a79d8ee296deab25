"""The verbs over the ledger, asked as from a shell: wrong questions, a pause, the standing, answers to an emergency."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from tests.system.bench import MARCO, MORNING, NOVAK, PLAIN, RUSHED, STRANGER, Bench
from tests.system.verbs import (
    ATTENTION,
    CONFIGURATION,
    DAMAGE,
    DONE,
    NOT_FOUND,
    USAGE,
    states,
)
from vamaild import chain, wire
from vamaild.core.ledger import Post
from vamaild.core.ruleset import Trust
from vamaild.core.trust import Level

ROOT = Path(__file__).parents[2]


# ---- asked wrongly


@pytest.mark.parametrize("verb", ["outbox", "promises", "rush", "queue", "status", "pause", "resume"])
def test_without_a_ledger(bench: Bench, verb: str) -> None:
    said = bench.ask(verb)
    assert (said.code, said.out) == (NOT_FOUND, "")
    assert "it begins with: vamaild run" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["outbox", "stop", "4F7K"], NOT_FOUND, "Nothing that waits is called 4F7K. What waits: vamaild outbox"),
        (["outbox", "stop", "m-77"], NOT_FOUND, "Nothing that waits is called m-77"),
        (["outbox", "approve", "²"], NOT_FOUND, "Nothing that waits is called"),
        (["outbox", "approve", "m-1"], ATTENTION, "m-1 is no draft: it leaves by itself"),
        (["outbox", "stop"], USAGE, "Missing argument 'CODE'"),
        (["promises", "kept", "77"], NOT_FOUND, "There is no promise 77. See all of them: vamaild promises"),
        (["promises", "drop", "x"], USAGE, "'x' is not a valid integer"),
        (["rush", "hours", "77", "1"], NOT_FOUND, "There is no rush offer 77"),
        (["rush", "hours", "1"], USAGE, "say how many hours, or --no-charge"),
        (["rush", "hours", "1", "1.5"], ATTENTION, "Offer 1 is not agreed (open until 11:30)"),
        (["rush", "--month", "2026-13"], USAGE, '"2026-13" is no month; write it like 2026-11'),
        (["queue", "ack", "4F7K"], NOT_FOUND, "There is no case 4F7K"),
        (["queue", "decline", "4F7K"], NOT_FOUND, "There is no case 4F7K"),
        (["pause", "--client", "rosi"], NOT_FOUND, 'There is no client rosi. did you mean "rossi"?'),
        (["pause", "--for", "soon"], USAGE, '"soon" is no duration; write it like 30m, 2h or 3d'),
        (["pause", "--for", "0h"], USAGE, '"0h" is no duration'),
        (["pause", "--for", "2h", "--until", "2026-12-01T09:00"], USAGE, "say --for or --until, not both"),
        (["pause", "--until", "2026-11-26T10:00"], USAGE, "--until 2026-11-26T10:00 is past"),
        (["pause", "--until", "tomorrow"], USAGE, '"tomorrow" is no moment'),
        (["resume", "--client", "rosi"], NOT_FOUND, "rosi is not paused. Nobody is paused."),
    ],
)
def test_a_wrong_question_gets_a_sentence_and_its_exit_code(
    bench: Bench, arguments: list[str], code: int, words: str
) -> None:
    bench.write(RUSHED)
    said = bench.ask(*arguments)
    assert (said.code, said.out) == (code, ""), said
    assert words in said.err
    assert states(bench, "rush-offer") == ["queued"]


# ---- pause


def test_a_pause_of_one_client(bench: Bench) -> None:
    bench.write(PLAIN)
    assert bench.ask("pause", "--client", "rossi", "--for", "2h").out == (
        "rossi: no replies until 12:40. Mail is read and sorted, emergencies are\n"
        "passed on. Go on earlier: vamaild resume --client rossi\n"
    )
    assert bench.send() == []
    assert "Paused    rossi until 12:40" in bench.ask("status").out
    assert "1 is held by a pause" in bench.ask("status").out
    assert json.loads(bench.ask("status", "--json").out)["paused"] == [
        {"client": "rossi", "since": "2026-11-26T10:40:00+01:00", "until": "2026-11-26T12:40:00+01:00"}
    ]
    said = bench.ask("resume", "--client", "rossi")
    assert (said.code, said.out) == (DONE, "rossi: replies leave again. 1 waiting: vamaild outbox\n")
    assert bench.send() == [MARCO]


def test_a_pause_of_everybody(bench: Bench) -> None:
    bench.write(PLAIN)
    assert bench.ask("pause").out.startswith("Everybody: no replies until you say so.")
    assert "paused: vamaild resume" in bench.ask("outbox").out
    assert bench.send() == []
    bench.ask("pause", "--client", "rossi")
    assert "rossi itself goes on, but everybody is paused" in bench.ask("resume", "--client", "rossi").out
    assert bench.ask("resume").out.startswith("Everybody: replies leave again. 1 waiting")
    assert bench.ask("resume").out == "Nothing is paused; nothing changed.\n"
    assert bench.send(timedelta()) == [MARCO]


def test_the_end_of_a_pause_is_in_the_client_s_time(bench: Bench) -> None:
    bench.change("rules.d/client-rossi.toml", '"Europe/Rome"', '"America/New_York"')
    bench.write(PLAIN)
    said = bench.ask("pause", "--client", "rossi", "--until", "2026-12-01T09:00", "--json")
    assert json.loads(said.out)["until"] == "2026-12-01T09:00:00-05:00"


def test_a_broken_configuration_keeps_nobody_from_a_pause(bench: Bench) -> None:
    bench.write(PLAIN)
    (bench.config / "vamaild.toml").write_text("[me\n", encoding="utf-8")
    assert bench.ask("pause").code == DONE
    assert bench.ask("queue").code == bench.ask("outbox").code == bench.ask("status").code == DONE
    stop = bench.ask("outbox", "stop", "m-1")
    assert (stop.code, "cannot be used" in stop.err) == (CONFIGURATION, True)


# ---- status


def test_the_standing(bench: Bench) -> None:
    code = bench.bought()
    bench.ask("queue", "ack", code)
    with bench.store() as store:
        store.set_level(Level("rossi", "ordinary", Trust.DRAFT, MORNING, "vamaild"))
        store.set_level(Level("rossi", "lead-time", Trust.DRAFT, MORNING, "", MORNING))
    page = bench.ask("status").out
    assert "Outbox    1 reply leaves in 4 min\n" in page
    assert "Promises  1 due today, next today 18:00 Marco (rossi)\n" in page
    assert 'Learned   rossi: "send" is proposed for lead-time, ordinary draft\n' in page
    assert re.search(r"^rossi +send +Thu 10:46 +2 +0$", page, re.MULTILINE)
    value = json.loads(bench.ask("status", "--json").out)
    assert value["promises"] == {
        "open": 1, "late": 0, "due_today": 1,
        "next": {"number": 2, "client": "rossi", "due": "2026-11-26T18:00:00+01:00"},
    }  # fmt: skip
    assert value["leaving"] == ["2026-11-26T10:56:00+01:00"]
    assert [(level["text"], level["trust"]) for level in value["levels"]] == [
        ("lead-time", None),
        ("ordinary", "draft"),
    ]


HEAVY = ("pydantic", "jinja2", "imapclient", "mailparser", "regex", "holidays", "schedule", "structlog", "smtplib")


def test_lists_load_nothing_heavy(bench: Bench) -> None:
    """A list should be there at once: what reads configurations, mail and texts stays where it is."""
    bench.bought()
    program = (
        "import sys\nfrom vamaild.cli.main import run\n"
        "for verb in ('status', 'queue', 'outbox', 'promises', 'rush', 'pause', 'resume'):\n"
        "    sys.argv = ['vamaild', verb]\n    assert run() == 0, verb\n"
        f"print('loaded', sorted(set({HEAVY}) & set(sys.modules)))\n"
    )
    environ = {"VAMAILD_CONFIG": str(bench.config), "STATE_DIRECTORY": str(bench.state), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, cwd=ROOT, timeout=60
    )
    assert done.stdout.splitlines()[-1:] == ["loaded []"], done.stderr


# ---- the answers to an emergency


def alarm(bench: Bench) -> str:
    bench.go(10, 0, day=30)
    bench.write(DAMAGE, sender=STRANGER, to=NOVAK, subject="Voda")
    with bench.service() as service:
        settings, sending = service.rules.settings, service.rules.sending
        service.notifiers = wire.notifiers(settings, lambda: sending, cast(Post, bench.post), bench.clock)
        chain.watch(service)
        return service.store.cases()[-1].code


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ack"], DONE, "{case} is yours. Nobody else is told."),
        (["pass"], DONE, "{case} goes on without you: petr-sea is asked."),
        (["give", "--to", "petr-sea"], DONE, "{case} is given to petr-sea"),
        (["give", "--to", "nobody"], ATTENTION, "nobody of that name in the chain"),
        (["ack", "--by", "eva"], ATTENTION, "Nobody of that name is in the chain"),
        (["snooze", "--until", "2026-11-30T12:00"], DONE, "{case} comes back today 12:00"),
        (["wait"], DONE, "{case} comes back "),
        (["resolve", "--could-wait", "yes", "--note", "hotovo"], DONE, "{case} is closed."),
        (["close"], DONE, "{case} is closed."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_emergency_is_answered(bench: Bench, arguments: list[str], code: int, words: str) -> None:
    case = alarm(bench)
    said = bench.ask("queue", arguments[0], case.lower(), *arguments[1:])
    assert said.code == code, said
    assert words.format(case=case) in said.out


def test_what_happened_to_a_case(bench: Bench) -> None:
    case = alarm(bench)
    bench.ask("queue", "pass", case)
    told = json.loads(bench.ask("queue", "show", case, "--json").out)["events"]
    assert ("passed", "me") in [(e["what"], e["who"]) for e in told]
    assert "petr-sea" in bench.ask("queue", "show", case).out
    bench.ask("queue", "ack", case, "--by", "petr-sea")
    assert "petr-sea has it" in bench.ask("queue").out
    again = json.loads(bench.ask("queue", "ack", case, "--json").out)
    assert (again["done"], again["said"], again["by"]) == (False, "already", "petr-sea")
    bench.ask("queue", "resolve", case, "--could-wait", "no")
    with bench.store() as store:
        ended = store.case(case)
    assert ended is not None
    assert (ended.could_wait, ended.closed_at is not None) == (False, True)
