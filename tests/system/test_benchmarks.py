"""Every benchmark runs, at a size where its figures mean nothing: only that it measures what it says is looked at."""

import json
from pathlib import Path

import pytest

from benchmarks import attachments, backlog, endtoend, idle, latency, ledger, results, rtt, rules, startup
from benchmarks.results import Report, Target

pytestmark = [pytest.mark.slow, pytest.mark.dovecot, pytest.mark.timeout(300), pytest.mark.xdist_group("benchmarks")]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(rtt, "MILLISECONDS", 4.0)
    monkeypatch.setattr(rtt, "ENOUGH", 4)
    monkeypatch.setattr(rules, "MESSAGES", 3)
    monkeypatch.setattr(ledger, "REAL", 8)
    monkeypatch.setattr(ledger, "EACH", 2)
    monkeypatch.setattr(idle, "FEW", 1)
    monkeypatch.setattr(idle, "REST", 0.5)
    monkeypatch.setattr(attachments, "FIVE_MB", 200_000)
    monkeypatch.delenv("BENCH_PEERS_PYTHON", raising=False)


def said(report: Report, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> str:
    report.show()
    out = capsys.readouterr().out
    assert all(line.what in out and line.middle >= 0 for line in report.lines)
    assert all(target.what in out for target in report.targets)
    kept = json.loads((tmp_path / f"{report.name}.json").read_text())
    assert len(kept["lines"]) == len(report.lines)
    page = (tmp_path / f"{report.name}.html").read_text()
    assert "<script" not in page and page.count('class="bar"') == len(report.lines)
    return out


def test_end_to_end(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    every = endtoend.variants
    monkeypatch.setattr(endtoend, "variants", lambda at: {k: v for k, v in every(at).items() if k != endtoend.GETMAIL})
    report = endtoend.measure(12, 1)
    out = said(report, capsys, tmp_path)
    replies = {line.what: int(line.note.partition(" ")[0]) for line in report.lines}
    assert replies[endtoend.VAMAILD] > 0 and replies[endtoend.NAIVE] > 0 and replies[endtoend.RAW] == 0
    assert endtoend.MISSING[endtoend.GETMAIL] in out
    assert "before:" in said(report, capsys, tmp_path), "the second time it is compared with the first"


def test_over_a_network(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said(rtt.measure(6, 1), capsys, tmp_path)


def test_rules_ledger_and_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for report in (rules.measure(100, 1), ledger.measure(40, 1), startup.measure(2, 1)):
        said(report, capsys, tmp_path)


def test_attachments_and_backlog(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for report in (attachments.measure(6, 1), backlog.measure(6, 1)):
        said(report, capsys, tmp_path)


def test_idle_and_latency(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for report in (idle.measure(4, 1), latency.measure(1, 1)):
        said(report, capsys, tmp_path)


@pytest.mark.parametrize(
    ("reached", "at_most", "mark"),
    [(21.0, False, "held"), (19.0, False, "**short**"), (19.0, True, "held"), (21.0, True, "**short**")],
)
def test_a_target_says_whether_it_is_held(reached: float, at_most: bool, mark: str) -> None:
    assert str(Target("x", "20x", reached, 20.0, at_most=at_most)).endswith(f"| {mark} |")
    assert str(Target("x", "20x", None, 20.0, why_not="sudo apt install y")).endswith("| not measured |")
