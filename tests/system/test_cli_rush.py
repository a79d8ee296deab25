"""`vamaild rush` and `vamaild promises`, asked as from a shell: what was agreed or promised, what became of it."""

import json
from datetime import timedelta

import pytest

from tests.system.bench import MARCO, MORNING, PLAIN, RUSHED, Bench
from tests.system.verbs import (
    ATTENTION,
    DONE,
    USAGE,
    lines,
    stands,
    states,
)
from vamaild import promising
from vamaild.core.ledger import NewCase, Outcome
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState

# ---- a rush: yes and no


def test_a_rush_waits_for_a_yes(bench: Bench) -> None:
    code = bench.bought()
    assert lines(bench.ask("queue").out) == [
        "CASE | AGE | CLIENT | WHO | WHAT | NEEDS",
        f"{code} | 6 min | rossi | Marco | says B: today 18:00, +50 % | yes by 11:30",
        f"Next: vamaild queue show {code}",
    ]
    (case,) = json.loads(bench.ask("queue", "--json").out)["cases"]
    assert (case["rush"], case["yes_by"]) == (1, "2026-11-26T11:30:00+01:00")
    assert (
        f"vamaild queue ack {code} --hours 1.5, or vamaild queue decline {code}" in bench.ask("queue", "show", code).out
    )
    bench.go(11, 45)
    assert "yes (awaited until 11:30)" in bench.ask("queue").out


def test_yes(bench: Bench) -> None:
    code = bench.bought()
    assert bench.ask("queue", "ack", code, "--hours", "1.5").out == (
        f'{code} is yours. At 10:56 Marco gets "rush-confirmed": ready today 18:00, 50 %.\n'
        f"Noted for the invoice: 1.5 h, agreed by {MARCO} at 10:46.\n"
        f"Undo: vamaild outbox stop {code}\n"
    )
    assert bench.ask("queue").out == "Nothing waits for you.\n"
    assert f"{code} | 4 min | Marco | rush-confirmed | grace time, you can stop it" in lines(bench.ask("outbox").out)
    again = bench.ask("queue", "ack", code)
    assert (again.code, again.out) == (DONE, f"{code} is closed already; nothing changed.\n")
    assert states(bench, "rush-confirmed") == ["queued"]
    assert "1 | today | rossi | Marco | Preventivo infissi | agreed | 50 % | 1.5 h" in lines(bench.ask("rush").out)
    assert lines(bench.ask("promises").out)[1] == "2 | today 18:00 | rossi | Marco | Preventivo infissi | open"


def test_a_favour(bench: Bench) -> None:
    code = bench.bought()
    assert "A favour: nothing is noted for the invoice." in bench.ask("queue", "ack", code, "--no-charge").out
    assert lines(bench.ask("rush").out)[1].endswith("agreed | 50 % | no charge")


def test_no(bench: Bench) -> None:
    code = bench.bought()
    said = bench.ask("queue", "decline", code)
    assert said.out == (
        'At 10:56 Marco gets "rush-refused": A stands, ready Wed 2 Dec.\n'
        f"Nothing is charged. Undo: vamaild outbox stop {code}\n"
    )
    assert lines(bench.ask("rush").out)[1] == "1 | today | rossi | Marco | Preventivo infissi | you said no | 50 % | -"
    again = bench.ask("queue", "decline", code)
    assert (again.code, again.out) == (ATTENTION, "")
    assert "is no rush that waits for your yes or no" in again.err
    assert stands(bench, 2) == (Outcome.ANSWERED, "")
    stopped = bench.ask("outbox", "stop", code)
    assert "nothing was sent to Marco" in stopped.out
    assert stands(bench, 2) == (Outcome.WAITING, "stopped"), "he waits for an answer, and the queue says so"
    with bench.store() as store:
        assert [c.message for c in store.cases()] == [2]


def test_yes_taken_back(bench: Bench) -> None:
    code = bench.bought()
    bench.ask("queue", "ack", code, "--hours", "2")
    said = bench.ask("outbox", "stop", code)
    assert said.out.startswith("Stopped. Nothing was sent to Marco, nothing is charged, and A is promised again.\n")
    new = said.out.splitlines()[1].split()[0]
    assert new in bench.ask("queue").out
    assert stands(bench, 2) == (Outcome.WAITING, "stopped")
    assert lines(bench.ask("rush").out)[1].endswith("agreed | 50 % | no charge")
    assert "Wed 2 Dec" in bench.ask("promises").out
    assert bench.ask("rush", "--csv").out.splitlines()[1].endswith(",no,,,")


def test_yes_comes_too_late(bench: Bench) -> None:
    code = bench.bought()
    bench.go(18, 30)
    said = bench.ask("queue", "ack", code, "--hours", "1")
    assert (said.code, said.out) == (ATTENTION, "")
    assert "Too late: B was Thu 26 Nov 18:00" in said.err
    value = json.loads(bench.ask("queue", "ack", code, "--json").out)
    assert (value["case"], value["done"]) == (code, False)
    assert states(bench, "rush-confirmed") == []


def test_yes_while_replies_are_held(bench: Bench) -> None:
    code = bench.bought()
    bench.ask("pause", "--client", "rossi", "--for", "1h")
    assert "rossi is paused: it leaves when the pause is over" in bench.ask("queue", "ack", code).out
    assert "paused until 11:52" in bench.ask("outbox").out


def test_hours_belong_to_a_rush(bench: Bench) -> None:
    with bench.store() as store:
        code = store.open_case(NewCase("rossi", "doubt", "look", "Marco", "Altro"), MORNING)
    said = bench.ask("queue", "ack", code, "--hours", "1")
    assert (said.code, f"{code} is no rush that waits for a yes" in said.err) == (USAGE, True)
    assert bench.ask("queue", "ack", code).out.startswith(f"{code} is yours. Nobody else is told.")
    assert bench.ask("queue", "ack", code).out == f"{code} was taken by me already; nothing changed.\n"


def test_hours_afterwards(bench: Bench) -> None:
    code = bench.bought()
    bench.ask("queue", "ack", code)
    assert "Next: vamaild rush hours 1 1.5    (or --no-charge)" in bench.ask("rush").out
    said = bench.ask("rush", "hours", "1", "2.25")
    assert said.out == f"Noted for the invoice: 2.25 h at 50 %, agreed by {MARCO} today 10:46.\n"
    value = json.loads(bench.ask("rush", "hours", "1", "--no-charge", "--json").out)
    assert (value["hours"], value["charged"], value["agreed_by"]) == (None, False, MARCO)


@pytest.mark.parametrize(("month", "found"), [("2026-11", 1), ("2026-10", 0), ("2026-12", 0)])
def test_the_invoice_of_a_month(bench: Bench, month: str, found: int) -> None:
    bench.ask("queue", "ack", bench.bought(), "--hours", "1.5")
    said = bench.ask("rush", "--csv", "--month", month)
    assert said.code == DONE
    head, *rows = said.out.splitlines()
    assert head.startswith("date,client,job,percent,hours,agreed by")
    assert len(rows) == found
    assert all(row.startswith(f"2026-11-26,Studio Rossi,Preventivo infissi,50,1.5,{MARCO},") for row in rows)
    assert len(json.loads(bench.ask("rush", "--json", "--month", month).out)["rush"]) == found


def test_old_offers_are_shown_when_asked_for(bench: Bench) -> None:
    bench.write(RUSHED)
    with bench.store() as store:
        store.end_rush(1, RushState.EXPIRED, bench.clock.now())
    bench.clock.advance(timedelta(days=40))
    assert "No rush was offered in this time" in bench.ask("rush").out
    assert "no answer: A" in bench.ask("rush", "--all").out
    assert "no answer: A" in bench.ask("rush", "--month", "2026-11").out
    assert "No rush" in bench.ask("rush", "--all", "--client", "novak").out


# ---- promises


def promised(bench: Bench) -> None:
    bench.write(PLAIN)
    bench.send()


def test_nothing_is_promised_until_it_is_said(bench: Bench) -> None:
    bench.write(PLAIN)
    assert bench.ask("promises").out == "Nothing is promised.\n"
    assert lines(bench.ask("promises", "--all").out)[1].endswith("| not sent yet")
    bench.send()
    assert lines(bench.ask("promises").out) == [
        "NO | DUE | CLIENT | TO | WHAT | STATE",
        "1 | Wed 2 Dec | rossi | Marco | Preventivo infissi | open",
        "Next: answer in the thread, or say so: vamaild promises kept 1",
    ]
    assert bench.ask("promises", "--client", "novak").out == "Nothing is promised.\n"


def test_promises_as_json(bench: Bench) -> None:
    promised(bench)
    (value,) = json.loads(bench.ask("promises", "--json").out)["promises"]
    assert value == {
        "number": 1, "client": "rossi", "to": MARCO, "who": "Marco", "what": "Preventivo infissi", "text": "ordinary",
        "due": "2026-12-02T18:00:00+01:00", "names_hour": False, "owner": "me", "state": "open", "late": False,
        "told": True, "made": "2026-11-26T10:40:00+01:00", "ended": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "hour", "verb", "words", "state"),
    [
        (30, 9, "kept", "Noted: kept (Marco, Wed 2 Dec).", PromiseState.KEPT),
        (30, 9, "drop", "Dropped: nobody is reminded of it. Marco was told Wed 2 Dec", PromiseState.WITHDRAWN),
    ],
)
def test_a_promise_ends(bench: Bench, day: int, hour: int, verb: str, words: str, state: PromiseState) -> None:
    promised(bench)
    bench.go(hour, day=day)
    assert words in bench.ask("promises", verb, "1").out
    with bench.store() as store:
        (promise,) = store.promises(open_only=False)
    assert promise.state is state
    again = bench.ask("promises", "kept", "1")
    assert (again.code, "already; nothing changed" in again.out) == (DONE, True)
    assert bench.ask("promises").out == "Nothing is promised.\n"
    assert bench.ask("promises", "--all").out.count("Marco") == 1


@pytest.mark.parametrize("verb", ["kept", "drop"])
def test_the_text_that_lay_ready_for_it_ends_with_it(bench: Bench, verb: str) -> None:
    promised(bench)
    bench.clock.advance(timedelta(days=5))
    with bench.service() as service:
        assert promising.watch(service) == 1
    assert states(bench, "status-update") == ["draft"]
    assert bench.ask("promises", verb, "1").code == DONE
    assert states(bench, "status-update") == ["stopped"]
    assert "status-update" not in bench.ask("outbox").out


def test_a_promise_that_is_late(bench: Bench) -> None:
    promised(bench)
    bench.clock.advance(timedelta(days=6, hours=9))  # Wednesday, 19:45
    assert lines(bench.ask("promises").out)[1].endswith("| late 1 h")
    assert "Promises  1 late, 0 due today" in bench.ask("status").out
    with bench.store() as store:
        store.ran("daemon", bench.clock.now())
    check = bench.ask("status", "--check")
    assert check.code == ATTENTION
    assert check.out.startswith("WARNING: 1 promise is late | queue=0 emergencies=0 promises_late=1 ")
    assert bench.ask("promises", "kept", "1").out == "Noted: kept, 1 h late (Marco, today).\n"


def test_a_day_is_the_client_s_own(bench: Bench) -> None:
    """The end of a day in New York is the next day in Rome; Marco was told the day."""
    bench.change("rules.d/client-rossi.toml", '"Europe/Rome"', '"America/New_York"')
    promised(bench)
    with bench.store() as store:
        (promise,) = store.promises()
    assert promise.promise.due.hour == 23, "18:00 in New York, in UTC"
    assert "| Wed 2 Dec |" in lines(bench.ask("promises").out)[1]
