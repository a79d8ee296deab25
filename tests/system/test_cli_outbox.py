"""`vamaild outbox`, asked as from a shell: what waits, what a person lets go, changes or stops."""

import json
import re
from datetime import timedelta

import pytest

from tests.system.bench import MARCO, MORNING, NOVAK, PLAIN, ROSSI, RUSHED, STRANGER, Bench
from tests.system.verbs import (
    ATTENTION,
    DAMAGE,
    DONE,
    NOT_FOUND,
    SAFETY,
    drafted,
    lines,
    stands,
    states,
)
from vamaild import dispatch
from vamaild.core.ledger import Outcome, Outgoing, Sort, State
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState
from vamaild.core.trust import Fate

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
