"""The verbs over the ledger, asked as from a shell: what they print, what they change, how they end."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from tests.system.bench import MARCO, MORNING, NOVAK, PLAIN, ROSSI, RUSHED, STRANGER, Bench
from vamaild import chain, dispatch, promising, wire
from vamaild.core.ledger import NewCase, Outcome, Outgoing, Post, Sort, State
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import Fate, Level

ROOT = Path(__file__).parents[2]
DONE, ATTENTION, USAGE, CONFIGURATION, NOT_FOUND, SAFETY = 0, 1, 2, 3, 5, 6
DAMAGE = "Praskla přípojka a teče to stropem do prodejny!"
DRAFTED = ('trust     = "send"', 'trust     = "draft"')


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, monkeypatch, capsys)


def drafted(bench: Bench) -> str:
    """Eva writes to Novák, who is away and in draft; the code of the case. It is Monday, 10:05."""
    bench.change("rules.d/client-novak.toml", *DRAFTED)
    bench.go(10, 0, day=30)
    bench.write("Dobrý den, kdy mi prosím přijde nabídka?", sender=STRANGER, to=NOVAK, subject="Nabídka")
    bench.go(10, 5, day=30)
    with bench.store() as store:
        return store.cases()[-1].code


def states(bench: Bench, text: str) -> list[str]:
    with bench.store() as store:
        return [str(i.state) for i in store.outbox(tuple(State)) if i.mail.template == text]


def stands(bench: Bench, row: int) -> tuple[Outcome, str]:
    with bench.store() as store:
        entry = store.entry(row)
    assert entry is not None
    return entry.outcome, entry.reason


def lines(out: str) -> list[str]:
    """Without the blanks between columns."""
    return [re.sub(r" {2,}", " | ", line) for line in out.splitlines()]


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


# ---- outbox


def test_what_waits_and_why(bench: Bench) -> None:
    bench.write(PLAIN, sender="luca@studiorossi.example", subject="Altro")
    bench.go(10, 41)
    bench.write(RUSHED)
    assert lines(bench.ask("outbox").out) == [
        "CASE | LEAVES | TO | TEXT | WHY STILL HERE",
        "m-1 | 3 min | Luca | ordinary | grace time, you can stop it",
        "m-2 | 4 min | Marco | rush-offer | grace time, you can stop it",
    ]
    bench.go(10, 44)
    assert "m-1 | now | Luca | ordinary | due, but the service does not run" in lines(bench.ask("outbox").out)
    with bench.store() as store:
        store.ran("daemon", bench.clock.now())
    assert "m-1 | now | Luca | ordinary | due: it is sent at the next look" in lines(bench.ask("outbox").out)
    bench.send()
    assert bench.ask("outbox").out == "Nothing waits to leave.\n"


def test_who_is_behind_an_alarm_stays_secret(bench: Bench) -> None:
    """bench.ask looks for the secret itself, in text and JSON."""
    bench.go(10, 0, day=30)
    bench.write(DAMAGE, sender=STRANGER, to=NOVAK, subject="Voda")
    with bench.store() as store:
        (case,) = store.cases()
        mail = Outgoing("<x@x.example>", Sort.ESCALATION, "petr.more@proton.example", b"x", bench.clock.now(), "novak")
        store.queue_mail(mail)
        (alarm,) = [i for i in store.outbox((State.QUEUED,)) if i.mail.sort is Sort.ESCALATION]
        store.fail(alarm.id, "550 no such user petr.more@proton.example", bench.clock.now())
    assert f"m-{alarm.id} | now | the chain" in "\n".join(lines(bench.ask("outbox").out))
    (value,) = [m for m in json.loads(bench.ask("outbox", "--json").out)["mails"] if m["sort"] == "escalation"]
    assert (value["to"], value["who"]) == (None, "the chain")
    assert bench.ask("outbox", "stop", f"m-{alarm.id}").code == NOT_FOUND
    assert case.code in bench.ask("outbox").out


def test_a_reply_that_is_stopped_is_yours(bench: Bench) -> None:
    bench.write(RUSHED)
    said = bench.ask("outbox", "stop", "m-1")
    match = re.fullmatch(r"Stopped\. (\w{4}) is back in the queue, nothing was sent to Marco\.\n", said.out)
    assert match, said
    assert bench.send() == []
    with bench.store() as store:
        case, rush, (promise,) = store.case(match[1]), store.rush(1), store.promises(open_only=False)
        fates = [f.fate for f in store.fates("rossi", "rush-offer", MORNING - timedelta(days=1))]
    assert case is not None and case.closed_at is None
    assert (case.case.reason, case.case.who) == ("stopped", "Marco")
    assert rush is not None and rush.state is RushState.WITHDRAWN
    assert promise.state is PromiseState.WITHDRAWN
    assert fates == [Fate.DISCARDED], "taking it back corrects the text"
    assert stands(bench, 1) == (Outcome.WAITING, "stopped")
    assert "you stopped the reply: write to them" in bench.ask("queue").out
    assert bench.ask("outbox", "stop", "m-1").code == NOT_FOUND


def test_a_stopped_reply_goes_back_to_the_case_that_is_open(bench: Bench) -> None:
    bench.go(10, 0, day=30)
    bench.write(DAMAGE, sender=STRANGER, to=NOVAK, subject="Voda")
    with bench.store() as store:
        (case,) = store.cases()
    said = bench.ask("outbox", "stop", case.code.lower(), "--json")
    assert json.loads(said.out) == {"stopped": [{"mail": "m-1", "stopped": True, "case": case.code}]}
    with bench.store() as store:
        assert [c.code for c in store.cases()] == [case.code]
        assert len(store.watched()) == 1, "the alarm goes on"


def test_what_has_left_cannot_be_stopped(bench: Bench) -> None:
    code = bench.bought()
    assert bench.ask("queue", "ack", code).code == DONE
    bench.go(10, 57)
    assert MARCO in bench.send()
    said = bench.ask("outbox", "stop", code)
    assert (said.code, said.out) == (NOT_FOUND, "")
    assert f"No reply of {code} waits: it has left, or there was none" in said.err


def test_what_is_being_sent_cannot_be_stopped(bench: Bench) -> None:
    bench.write(RUSHED)
    bench.go(10, 50)
    with bench.store() as store:
        store.claim(bench.clock.now())
    said = bench.ask("outbox", "stop", "m-1")
    assert (said.code, said.out) == (ATTENTION, "Too late: it left for Marco.\n")
    assert states(bench, "rush-offer") == ["claimed"]


def test_a_draft_is_approved_and_leaves(bench: Bench) -> None:
    code = drafted(bench)
    assert f"{code} | - | Eva | vacation-first | draft: this client is in draft" in lines(bench.ask("outbox").out)
    said = bench.ask("outbox", "approve", code)
    assert said.code == DONE
    assert f'At 10:09 Eva gets "vacation-first". Undo: vamaild outbox stop {code}' in said.out
    assert bench.ask("queue").out == "Nothing waits for you.\n"
    with bench.store() as store:
        entry = store.entry(1)
        assert entry is not None
        assert (entry.outcome, entry.reason) == (Outcome.ANSWERED, "")
        assert [f.fate for f in store.fates("novak", "vacation-first", MORNING)] == [Fate.UNCHANGED]
        assert store.promises()[0].state is PromiseState.OPEN
    assert bench.send(timedelta(minutes=3)) == [], "the grace time holds for it, too"
    assert bench.send(timedelta(minutes=2)) == [STRANGER]


def test_a_draft_that_answers_no_message_is_approved(bench: Bench) -> None:
    """The text that is ready when a promise is due."""
    with bench.store() as store:
        key = "<update@ferri-av.example>"
        raw = to_bytes(Letter("Re: x", "x\n"), Envelope("Giulia Ferri", ROSSI, MARCO, key), MORNING)
        ready = Outgoing(key, Sort.COURTESY, MARCO, raw, MORNING, "rossi", "status-update", State.DRAFT)
        store.queue_mail(ready)
    assert (
        lines(bench.ask("outbox").out)[1] == f"m-1 | - | {MARCO[:19]}… | status-update | draft: it waits for your yes"
    )
    assert bench.ask("outbox", "approve", "1").code == DONE
    assert bench.send() == [MARCO]


def test_what_a_server_says_does_nothing_to_a_terminal(bench: Bench) -> None:
    bench.write(RUSHED)
    with bench.store() as store:
        store.fail(1, "451 later\r\n\x1b]0;x\x07\x1b[31m", MORNING + timedelta(minutes=9))
    out = bench.ask("outbox").out
    assert "the mail server did not take it: 451 later ]0;x[31m" in out
    assert "\x1b" not in out


def test_an_approved_draft_can_be_stopped(bench: Bench) -> None:
    code = drafted(bench)
    assert bench.ask("outbox", "approve", code).code == DONE
    said = bench.ask("outbox", "stop", code)
    assert (said.code, "nothing was sent to Eva" in said.out) == (DONE, True), said
    assert bench.send() == []
    assert "you stopped the reply" in bench.ask("queue").out
    assert stands(bench, 1) == (Outcome.WAITING, "stopped")
    with bench.store() as store:
        assert [f.fate for f in store.fates("novak", "vacation-first", MORNING)] == [Fate.DISCARDED]
        assert store.promises() == ()


def test_what_leaves_after_an_approval_is_filed_as_sent(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    code = drafted(bench)
    kept: list[str] = []
    monkeypatch.setattr(bench.box, "file", lambda raw, special: not kept.append(special))
    with bench.service() as service:
        dispatch.file_copies(bench.box, service)
    assert bench.ask("outbox", "approve", code).code == DONE
    bench.send(timedelta(minutes=5))
    with bench.service() as service:
        dispatch.file_copies(bench.box, service)
    assert kept == ["\\Drafts", "\\Sent"]


def test_a_draft_that_is_stopped_is_thrown_away(bench: Bench) -> None:
    code = drafted(bench)
    said = bench.ask("outbox", "stop", code)
    assert "Thrown away: nothing is sent to Eva." in said.out
    assert states(bench, "vacation-first") == ["stopped"]
    assert bench.ask("queue").out == "Nothing waits for you.\n"
    assert stands(bench, 1) == (Outcome.NO_REPLY, "discarded")


@pytest.mark.parametrize(
    ("days", "edit", "words"),
    [
        (10, (), "would come too late"),
        (2, ("answer_by = 2026-12-09", "answer_by = 2026-12-01"), "It names a date that is past (Tue 01 Dec 18:00)"),
        (0, ('trust     = "draft"', 'trust     = "observe"'), "novak is in observe: nothing is sent."),
        (0, ('id        = "novak"', 'id        = "other"'), "There is no client novak any more."),
    ],
)
def test_a_draft_that_does_not_hold_any_more_stays(bench: Bench, days: int, edit: tuple[str, str], words: str) -> None:
    if edit and "answer_by" in edit[0]:
        bench.change("rules.d/client-novak.toml", "back      = 2026-12-07", "back      = 2026-12-01")
        bench.change("rules.d/client-novak.toml", *edit)
        edit = ()
    code = drafted(bench)
    if edit:
        bench.change("rules.d/client-novak.toml", *edit)
    bench.clock.advance(timedelta(days=days))
    said = bench.ask("outbox", "approve", code)
    assert (said.code, said.out) == (SAFETY, ""), said
    assert words in said.err
    assert states(bench, "vacation-first") == ["draft"]


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
