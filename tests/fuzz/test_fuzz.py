"""Nearly right mails, rule files and texts: nothing raises, nothing is silently empty, nothing of theirs leaves.

The few examples here run with every test; tests/fuzz/targets and the slow ones below look for longer (`make fuzz`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.adapters.mails import sound
from tests.adapters.texts import SHIPPED, words_for
from tests.config.make import TOOLS, rule_file, sources
from tests.fuzz.strategies import CANARY, mails, rule_files, texts
from tests.make import NOW, book, detect
from tests.office import Office, trusting
from vamaild import reader
from vamaild.adapters.apart import Apart
from vamaild.adapters.html import visible
from vamaild.adapters.mime import MimeReader
from vamaild.adapters.templates import Texts
from vamaild.config.load import load
from vamaild.core.decide import Tools, decide
from vamaild.core.egress import inspect
from vamaild.core.entries import Origin, Sending, decided
from vamaild.core.ledger import Arrival, Outcome
from vamaild.core.letter import TemplateError
from vamaild.core.message import History, Message
from vamaild.core.ruleset import Trust

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
READ = MimeReader(visible).read
TEXTS = Texts(SHIPPED)
BOTH = [pytest.param(FEW, id="few"), pytest.param(MANY, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
Check = Callable[[Any], None]


def arrival(raw: bytes, uid: int = 1) -> Arrival:
    return Arrival(uid, 1, NOW, len(raw), raw)


def read_soundly(raw: bytes) -> None:
    message = READ(arrival(raw))
    sound(message)
    assert message == READ(arrival(raw))
    if CANARY.encode() in raw and not _somewhere(message):
        assert message.doubts or message.unreadable or message.attachments, "silently empty"


def _somewhere(message: Message | None) -> bool:
    if message is None:
        return False
    said = message.text.strip() or message.hidden or message.report or message.attachments or message.doubts
    return bool(said) or _somewhere(message.forwarded)


def decided_safely(raw: bytes) -> None:
    message = READ(arrival(raw))
    case = trusting(Trust.SEND)
    rules, tools = book(case), Tools(TEXTS, detect)
    decision = decide(message, case, rules, History(), tools, NOW)
    entry = decided(Origin("inbox", arrival(raw), message, NOW), decision, Sending("va@va.example"))
    assert not (message.unreadable and entry.outcome is Outcome.ANSWERED)
    for mail in entry.outgoing:
        assert inspect(mail.raw, mail.to, rules.secrets) == ""
        assert CANARY.encode() not in mail.raw.split(b"\r\n\r\n", 1)[1] or CANARY in message.subject


def loaded_or_told(file: tuple[str, str]) -> None:
    found = load(sources(rule_file(*file)), TOOLS)
    for problem in found.problems:
        assert problem.what
        assert problem.line >= 0
        assert "correct-horse-battery" not in str(problem)
    assert found.rulebook is not None, "a bad file must set aside itself, not everything"


def written_or_refused(own: Path) -> Check:
    def check(text: tuple[str, str]) -> None:
        place, source = text
        path = own / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8", errors="replace")
        language, name = place.removesuffix(".txt").split("/")
        try:
            letter = Texts(SHIPPED, own)(name, language, "rossi", words_for(name, "it"))
        except (TemplateError, KeyError):
            return
        finally:
            path.unlink()
        assert "\n" not in letter.subject
        assert "__class__" not in letter.body or "__class__" in source

    return check


@pytest.mark.parametrize("effort", BOTH)
def test_mails_are_read_soundly(effort: settings) -> None:
    effort(given(mails())(read_soundly))()


@pytest.mark.parametrize("effort", BOTH)
def test_mails_are_decided_and_nothing_of_them_leaves(effort: settings) -> None:
    effort(given(mails())(decided_safely))()


@pytest.mark.parametrize("effort", BOTH)
def test_rule_files_are_loaded_or_told_of(effort: settings) -> None:
    effort(given(rule_files())(loaded_or_told))()


@pytest.mark.parametrize("effort", BOTH)
def test_texts_are_written_or_refused(effort: settings, tmp_path: Path) -> None:
    effort(given(texts())(written_or_refused(tmp_path)))()


@pytest.fixture(scope="module")
def apart() -> Iterator[Apart]:
    found = reader.apart()
    yield found
    found.close()


@pytest.mark.slow
def test_the_process_apart_reads_the_same(apart: Apart) -> None:
    told: list[str] = []
    apart.warn = lambda event, **fields: told.append(f"{event} {fields}")

    def same(raw: bytes) -> None:
        assert apart.read(arrival(raw)) == READ(arrival(raw))
        assert told == []

    settings(MANY, max_examples=300)(given(mails())(same))()


@pytest.mark.slow
def test_a_mailbox_of_them_is_accounted_for() -> None:
    office = Office()
    office.service.read = READ
    arrived: list[bytes] = []

    def keep(raw: bytes) -> None:
        arrived.append(raw)

    settings(MANY, max_examples=200)(given(mails())(keep))()
    office.arrive(*arrived)
    standing = office.store.standing(NOW.replace(hour=0))
    assert standing.arrived == sum(standing.by_outcome.values()) == len(arrived)
