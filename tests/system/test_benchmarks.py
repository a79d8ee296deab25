"""Every benchmark runs, at a size where its figures mean nothing: only that it measures what it says is looked at."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import (
    attachments,
    backlog,
    endtoend,
    fill,
    idle,
    latency,
    ledger,
    others,
    rtt,
    rules,
    startup,
    table,
    week,
)
from benchmarks.asked import Asked
from benchmarks.results import Report

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(300), pytest.mark.xdist_group("benchmarks")]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    monkeypatch.setattr(rtt, "MILLISECONDS", 4.0)
    monkeypatch.setattr(rtt, "ENOUGH", 4)
    monkeypatch.setattr(rtt, "FEW", 3)
    monkeypatch.setattr(rules, "MESSAGES", 3)
    monkeypatch.setattr(rules, "AGAIN", 1)
    monkeypatch.setattr(ledger, "REAL", 8)
    monkeypatch.setattr(ledger, "EACH", 2)
    monkeypatch.setattr(fill, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(idle, "FEW", 1)
    monkeypatch.setattr(idle, "REST", 0.5)
    monkeypatch.setattr(attachments, "FIVE_MB", 200_000)
    monkeypatch.setattr(week, "DAYS", 1)
    monkeypatch.delenv("BENCH_PEERS_PYTHON", raising=False)


def said(report: Report, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> str:
    table.show(report)
    out = capsys.readouterr().out
    assert all(line.what in out and line.runs for line in report.lines)
    assert all(target.what in out and target.size in out for target in report.targets)
    kept = json.loads((tmp_path / f"{report.name}.json").read_text())
    assert len(kept["lines"]) == len(report.lines)
    page = (tmp_path / f"{report.name}.html").read_text()
    assert "<script" not in page and page.count('class="bar"') == len(report.lines)
    return out


def test_end_to_end(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = endtoend.variants
    monkeypatch.setattr(endtoend, "variants", lambda at: {k: v for k, v in every(at).items() if k != endtoend.GETMAIL})
    report = endtoend.measure(Asked(12, 1, all_peers=True))
    out = said(report, capsys, tmp_path)
    replies = {line.what: int(line.note.partition(" ")[0]) for line in report.lines}
    assert replies[endtoend.VAMAILD] > 0 and replies[endtoend.NAIVE] > 0 and replies[endtoend.RAW] == 0
    assert replies[endtoend.OWN_WORDS] > 0 and replies[others.WELL] > 0
    assert all(name in replies or how in out for name, how in others.MISSING.items())
    assert endtoend.MISSING[endtoend.GETMAIL] in out
    assert "before:" in said(report, capsys, tmp_path), "the second time it is compared with the first"


def test_over_a_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(rtt.measure(Asked(6, 1)), capsys, tmp_path)


def test_rules(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(rules.measure(Asked(100, 1)), capsys, tmp_path)


def test_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(startup.measure(Asked(2, 1)), capsys, tmp_path)


def test_the_ledger_is_filled_and_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(ledger.measure(Asked(40, 1)), capsys, tmp_path)
    kept = sorted((tmp_path / "cache").iterdir())
    assert [messages(path) for path in kept] == [40, 8]
    said(ledger.measure(Asked(40, 1)), capsys, tmp_path)
    assert sorted((tmp_path / "cache").iterdir()) == kept, "the second run takes what the first one kept"


def messages(ledger: Path) -> int:
    with closing(sqlite3.connect(ledger)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return int(db.execute("SELECT count(*) FROM message").fetchone()[0])


def test_attachments(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(attachments.measure(Asked(6, 1)), capsys, tmp_path)


def test_a_backlog_that_is_finished(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = backlog.measure(Asked(6, 1))
    assert report.size.startswith("6 of 6 messages")
    said(report, capsys, tmp_path)


def test_a_backlog_is_broken_off_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    report = backlog.measure(Asked(3_000, 1, minutes=0.1))
    reached = int(report.size.partition(" ")[0].replace(",", ""))
    assert 0 <= reached < 3_000
    assert any(line.what.startswith("asked to stop") for line in report.lines)


def test_a_week(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    report = week.measure(Asked(12, 1))
    assert report.size.startswith("12 messages"), report.size
    said(report, capsys, tmp_path)


def test_idle_and_latency(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for report in (idle.measure(Asked(4)), latency.measure(Asked(1))):
        said(report, capsys, tmp_path)
