"""Reading in a process of its own: the same messages, and whatever one of them does, the next one is read."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters import poison
from tests.adapters.mails import BASE as HEAD
from tests.adapters.mails import HOSTILE, MAILS
from vamaild import reader
from vamaild.adapters.apart import TRIES, Apart, codec
from vamaild.adapters.apart.process import BrokenError, Process
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message, Report

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def arrival(raw: bytes, uid: int = 1, problem: str = "") -> Arrival:
    return Arrival(uid, 7, AT, len(raw), raw, problem)


class Told:
    """What the journal was told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, event: str, **fields: object) -> None:
        self.lines.append((event, dict(fields)))


@pytest.fixture(scope="module")
def real() -> Iterator[Apart]:
    apart = reader.apart()
    yield apart
    apart.close()


@pytest.fixture
def poisoned() -> Iterator[Apart]:
    apart = Apart(poison.MODULE, lambda: lambda a: Message(AT, text="read here"), lambda m: Process(m, 3.0))
    apart.warn = Told()
    yield apart
    apart.close()


def texts(apart: Apart, *words: str) -> list[str]:
    found = apart.read_all([arrival(word.encode(), n) for n, word in enumerate(words)])
    return [m.unreadable or m.text for m in found]


# ---- the same as here


def test_it_reads_what_the_reader_reads_and_in_order(real: Apart) -> None:
    mails = [arrival(path.read_bytes(), n) for n, path in enumerate(MAILS * 5)]
    mails += [arrival(b"From: a@b.cz\n\n" + os.urandom(100_000), 90 + n) for n in range(5)]
    mails += [arrival(HEAD + b"\n", 99, "too large to read: 61.2 MB")]
    here, told = reader.here(), []
    assert real.read_all(mails, told.append) == [here(mail) for mail in mails]
    assert told == mails
    assert real.pid != os.getpid()


@pytest.mark.slow
def test_it_reads_hostile_mail_as_the_reader_does(real: Apart) -> None:
    here, told = reader.here(), Told()
    real.warn = told
    mails = [arrival(HEAD + rest.encode("utf-8", "surrogateescape"), n) for n, rest in enumerate(HOSTILE.values())]
    assert real.read_all(mails) == [here(mail) for mail in mails]
    assert told.lines == []


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "zlib", "rot13", "x-foo", "mbcs", "undefined"]
)
def test_a_codec_that_is_not_on_the_list_breaks_nothing(real: Apart, charset: str) -> None:
    raw = f"From: =?{charset}?q?ciao?= <a@b.cz>\nContent-Type: text/plain; charset={charset}\n\nciao è".encode()
    before = real.pid
    assert real.read(arrival(raw)) == reader.here()(arrival(raw))
    assert real.pid == before or before is None


# ---- what breaks it


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("loop", "it takes too long to read"),
        ("memory", "it needs too much memory to be read"),
        ("die", "the reader broke on it"),
        pytest.param("raise", "the reader broke on it", marks=pytest.mark.slow),
        ("lie", "the reader sent what is no message (CodecError)"),
    ],
)
def test_a_message_that_breaks_it_is_set_aside_and_the_others_are_read(poisoned: Apart, word: str, why: str) -> None:
    assert texts(poisoned, "one", word, "two", "three") == ["one", why, "two", "three"]
    assert isinstance(poisoned.warn, Told)
    told = [f for event, f in poisoned.warn.lines if event == "a message broke the reader"]
    assert {f["uid"] for f in told} == {1}
    assert len(told) == (1 if word == "loop" else TRIES)


@pytest.mark.slow
def test_a_message_that_sleeps_is_ended_from_outside(poisoned: Apart) -> None:
    assert texts(poisoned, "one", "sleep", "two") == ["one", "it takes too long to read", "two"]


@pytest.mark.slow
def test_what_is_known_of_a_message_that_breaks_it_is_its_header(poisoned: Apart) -> None:
    known, nothing = poisoned.read_all([arrival(b"die subject"), arrival(b"die always", 2)])
    assert (known.subject, known.unreadable) == ("subject", "the reader broke on it")
    assert nothing == Message(AT, size=10, unreadable="the reader broke on it")


def test_a_process_that_was_killed_costs_nobody_a_message(poisoned: Apart) -> None:
    assert texts(poisoned, "one") == ["one"]
    assert poisoned.pid
    os.kill(poisoned.pid, signal.SIGKILL)
    assert texts(poisoned, "two", "three") == ["two", "three"]


def test_noise_on_the_output_does_no_harm(poisoned: Apart) -> None:
    assert texts(poisoned, "print", "one", "print") == ["print", "one", "print"]


@pytest.mark.parametrize("what", ["file", "socket", "process"])
def test_it_can_open_nothing_and_start_nothing(poisoned: Apart, what: str) -> None:
    if what == "process" and os.geteuid() == 0:
        pytest.skip("limits on processes do not hold for root")
    (text,) = texts(poisoned, f"deny {what}")
    assert text in ("OSError", "BlockingIOError")


def test_it_knows_nothing_of_the_environment(poisoned: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/vamaild.service")
    assert "CREDENTIALS" not in texts(poisoned, "environment")[0]


# ---- where there is none


@pytest.mark.parametrize("error", [PermissionError("no"), BlockingIOError("no"), BrokenError("no")])
def test_without_a_process_mail_is_read_here_and_that_is_said_once(error: Exception) -> None:
    def never(module: str) -> Process:
        raise error

    apart = Apart(poison.MODULE, lambda: lambda a: Message(AT, text=a.raw.decode()), never)
    apart.warn = told = Told()
    assert texts(apart, "one", "two") == ["one", "two"]
    assert texts(apart, "three") == ["three"]
    assert told.lines == [("mail is read without a process of its own", {"fault": "no"})]


def test_a_fault_of_ours_read_here_is_one_unreadable_message() -> None:
    def read(arrival: Arrival) -> Message:
        if arrival.raw == b"bad":
            raise ValueError("embedded null character")
        return Message(AT, text="fine")

    def never(module: str) -> Process:
        raise OSError("no")

    apart = Apart(poison.MODULE, lambda: read, never)
    assert texts(apart, "one", "bad", "two") == ["fine", "the reader broke on it (ValueError)", "fine"]


def test_a_module_that_does_not_start_is_no_process() -> None:
    with pytest.raises(BrokenError):
        Process("tests.adapters.no_such_module")


# ---- ahead of time


def test_what_is_read_ahead_is_the_same(real: Apart) -> None:
    mails, told, said = [arrival(path.read_bytes(), n) for n, path in enumerate(MAILS)], [], []
    early = real.read_early(mails, told.append)
    assert told == mails
    between = real.read(mails[3])
    assert list(early(said.append)) == [reader.here()(mail) for mail in mails] == real.read_all(mails)
    assert said == mails
    assert between == real.read(mails[3])


@pytest.mark.parametrize("word", ["die", "lie", "loop", pytest.param("raise", marks=pytest.mark.slow)])
def test_what_breaks_it_ahead_of_time_is_set_aside_when_it_is_needed(poisoned: Apart, word: str) -> None:
    early = poisoned.read_early([arrival(w.encode(), n) for n, w in enumerate(["one", word, "two"])])
    assert poisoned.warn.lines == []  # type: ignore[attr-defined]  # nothing is told on another thread
    assert texts(poisoned, "three") == ["three"]
    innocent = poisoned.pid if word == "loop" else None
    one, broken, two = early(lambda a: None)
    assert (one.text, two.text) == ("one", "two")
    assert broken.unreadable
    assert innocent in (None, poisoned.pid)  # what used up its time is not tried again, and costs no other process
    told = [f for event, f in poisoned.warn.lines if event == "a message broke the reader"]  # type: ignore[attr-defined]
    assert [f["uid"] for f in told] == [1] * (1 if word == "loop" else TRIES)


def test_a_process_that_is_gone_meanwhile_takes_nothing_with_it(poisoned: Apart) -> None:
    early = poisoned.read_early([arrival(b"one"), arrival(b"two")])
    poisoned.close()
    assert [m.text for m in early(lambda a: None)] == ["one", "two"]
    assert poisoned.pid is None


def test_without_a_process_nothing_is_read_ahead() -> None:
    def never(module: str) -> Process:
        raise OSError("no")

    read: list[Arrival] = []
    apart = Apart(poison.MODULE, lambda: lambda a: (read.append(a), Message(AT, text="here"))[1], never)
    early = apart.read_early([arrival(b"one")])
    assert read == []  # it could take the service with it, and the note would say another message
    assert [m.text for m in early(lambda a: None)] == ["here"]


def test_messages_are_made_of_one_batch_while_the_next_one_is_read(poisoned: Apart) -> None:
    """Else who judges would wait for the reader, which is what reading ahead is for."""
    first = poisoned.read_early([arrival(b"one")])
    begun, go = threading.Event(), threading.Event()

    def wait(_: Arrival) -> None:
        begun.set()
        assert go.wait(20)

    reading = threading.Thread(target=poisoned.read_early, args=([arrival(b"two")], wait))
    reading.start()
    assert begun.wait(20)
    assert [m.text for m in first(lambda a: None)] == ["one"]
    go.set()
    reading.join(20)
    assert not reading.is_alive()


def test_who_closes_it_does_not_wait_for_a_message_that_takes_long() -> None:
    begun, killed, closed = threading.Event(), threading.Event(), []

    class Hanging:
        owner, pid = os.getpid(), 1
        kill = staticmethod(killed.set)
        close = staticmethod(lambda: closed.append(killed.is_set()))

        def exchange(self, requests: object, count: int) -> Iterator[bytes]:
            begun.set()
            assert killed.wait(30)
            raise BrokenError("it was killed")
            yield b""

    apart = Apart(poison.MODULE, lambda: lambda a: Message(AT), lambda module: Hanging())  # type: ignore[arg-type,return-value]
    reading = threading.Thread(target=apart.read_early, args=([arrival(b"one")],), daemon=True)
    reading.start()
    assert begun.wait(20)
    closing = threading.Thread(target=apart.close, daemon=True)
    closing.start()
    closing.join(10)
    assert not closing.is_alive() and closed == [True]


def test_who_is_interrupted_leaves_no_answer_for_the_next_one(poisoned: Apart) -> None:
    def interrupted(a: Arrival) -> None:
        if a.uid == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        poisoned.read_all([arrival(b"one", 0), arrival(b"two", 1), arrival(b"three", 2)], interrupted)
    assert texts(poisoned, "four") == ["four"]


# ---- nobody is left over


@pytest.mark.parametrize("word", ["one", "sleep"])
def test_when_the_service_is_killed_the_process_ends(word: str, tmp_path: Path) -> None:
    """Also while it reads: a reader that is busy ends at the latest when its time is used up; one that sleeps, here,
    is woken by nobody, so it must be the end of its input that it waits for."""
    code = (
        "import os, threading, signal\n"
        "from tests.adapters.test_apart import *\n"
        "apart = Apart(poison.MODULE, None)\n"
        "texts(apart, 'one')\nprint(apart.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert _gone(int(done.stdout))


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_a_copy_of_the_service_does_not_use_its_process(poisoned: Apart) -> None:
    assert texts(poisoned, "one") == ["one"]
    mine = poisoned.pid
    child = os.fork()
    if child == 0:
        good = texts(poisoned, "two") == ["two"] and poisoned.pid != mine
        poisoned.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert texts(poisoned, "three") == ["three"]
    assert poisoned.pid == mine


# ---- what goes between them

LINES = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
WORDS = st.lists(LINES, max_size=3).map(tuple)
PLACES = st.lists(st.sampled_from(["a@b.cz", "x.y+z@münchen.example"]), max_size=3).map(tuple)
PAIRS = st.lists(st.tuples(LINES, LINES), max_size=3).map(tuple)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
PLAIN = {
    "sent": st.none() | st.datetimes(min_value=datetime(1990, 1, 1), timezones=ZONES),
    "headers": PAIRS, "from_": PLACES, "from_name": LINES, "reply_to": PLACES, "to": PLACES, "cc": PLACES,
    "subject": LINES, "text": LINES.map(lambda line: line + "\n\tè"), "hidden": LINES, "parts": WORDS,
    "calendar_method": LINES, "attachments": WORDS, "message_id": LINES, "references": WORDS,
    "fingerprint": st.sampled_from(["", "0f" * 32]), "doubts": WORDS, "unreadable": LINES,
    "report": st.none() | st.builds(Report, PAIRS, WORDS),
}  # fmt: skip
INNER = st.builds(Message, received=st.just(AT), **PLAIN)
MESSAGES = st.builds(Message, received=st.just(AT), size=st.just(3), forwarded=st.none() | INNER, **PLAIN)


def test_every_field_goes_over() -> None:
    assert {f.name for f in fields(Message)} == {*PLAIN, "received", "size", "forwarded"}


@settings(max_examples=60, deadline=None)
@given(MESSAGES)
def test_a_message_comes_over_as_it_is(message: Message) -> None:
    assert codec.message_of(codec.answer(message), arrival(b"abc")) == message


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"{}", b"[]", b"null", b"[" * 100_000, b'["", [], [], "", [], [], [], ""]',
        codec.answer(replace(Message(AT), subject="a\nb")), codec.answer(replace(Message(AT), text="a\x00")),
        codec.answer(replace(Message(AT), from_=("a@b, c@d",))), codec.answer(replace(Message(AT), fingerprint="x")),
        codec.answer(replace(Message(AT), sent=datetime(2026, 1, 1))),
        codec.answer(replace(Message(AT), parts=(1,))),  # type: ignore[arg-type]  # wrong on purpose
        codec.answer(replace(Message(AT), headers=(("a", "b", "c"),))),  # type: ignore[arg-type]  # wrong on purpose
        codec.answer(replace(Message(AT), text=7)),  # type: ignore[arg-type]  # wrong on purpose
    ],
)  # fmt: skip
def test_what_is_no_message_is_not_believed(raw: bytes) -> None:
    with pytest.raises(codec.CodecError):
        codec.message_of(raw, arrival(b""))


def test_what_arrived_is_not_taken_from_the_reader() -> None:
    """When it came and how long it is, the service knows better."""
    message = Message(AT - timedelta(days=9), size=5, subject="x")
    assert codec.message_of(codec.answer(message), arrival(b"abc")) == Message(AT, size=3, subject="x")
