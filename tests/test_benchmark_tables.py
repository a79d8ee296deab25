"""What the benchmarks say of what they measured: rows, spread, pages, what is compared; nothing is measured here."""

import argparse
import json
import re
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import backlog, table
from benchmarks.backlog import Moment
from benchmarks.results import Report, Target
from benchmarks.running import Machine
from benchmarks.workload import Workload


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(table, "RESULTS", tmp_path)
    return tmp_path


def a_report(seconds: float = 2.0, title: str = "An <x>") -> Report:
    report = Report("x", title, "5 messages", machine="2 cores")
    report.add("ours", [1.0, 2.0, 3.0], "s", "a note")
    report.ratio("ours against theirs", ">= 3x", 3.0, [8.0, 12.0, 9.0], [seconds, seconds, seconds])
    report.most("memory", "<= 40 kB", 40.0, [41.0], "KiB")
    report.without("another", ">= 1x", "sudo apt install y")
    return report


@pytest.mark.parametrize(
    ("reached", "at_most", "mark"),
    [(21.0, False, "held"), (19.0, False, "**short**"), (19.0, True, "held"), (21.0, True, "**short**")],
)
def test_a_target_says_whether_it_is_held(reached: float, at_most: bool, mark: str) -> None:
    assert Target("x", "20x", reached, 20.0, at_most=at_most).row().endswith(f"| {mark} |")
    assert Target("x", "20x", None, 20.0, why_not="sudo apt install y").row().endswith("| not measured |")


def test_a_row_names_what_was_reached_its_spread_and_what_with() -> None:
    ratio, memory, missing = a_report().rows()
    assert ratio == "| ours against theirs | >= 3x | 4.50 x | 4 to 6 | 5 messages; 2 cores | held |"
    assert memory == "| memory | <= 40 kB | 41 KiB |  | 5 messages; 2 cores | **short** |"
    assert "sudo apt install y" in missing


def test_the_whole_table_is_kept_and_compared_with_the_one_before(
    capsys: pytest.CaptureFixture[str], kept: Path
) -> None:
    table.show_all([a_report()], 3.0)
    assert "since the last time" not in capsys.readouterr().out
    table.show_all([a_report(seconds=1.0)], 3.0)
    assert "ours against theirs: 4.50 -> 9" in capsys.readouterr().out
    page = (kept / "targets.html").read_text()
    assert "An &lt;x&gt;" in page and "<script" not in page and page.count('class="bar"') == 1
    assert "<td>4.50</td>" in page, "what was reached before stands beside it"
    assert [row["machine"] for row in json.loads((kept / "targets.json").read_text())["targets"]] == ["2 cores"] * 3


def test_another_size_is_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    table.show(a_report())
    table.show(a_report(title="Another size"))
    table.show_all([a_report()], 3.0)
    table.show_all([a_report(1.0, title="Another size")], 3.0)
    out = capsys.readouterr().out
    assert "before:" not in out and "since the last time" not in out
    table.show(a_report(title="Another size"))
    assert "before:" in capsys.readouterr().out


def test_what_was_kept_and_cannot_be_read_is_nothing_to_compare_with(
    capsys: pytest.CaptureFixture[str], kept: Path
) -> None:
    for rubbish in ("", "[1]", '{"lines": 3}', '{"lines": [3]}'):
        (kept / "x.json").write_text(rubbish)
        table.show(a_report())
        assert "before:" not in capsys.readouterr().out


def test_what_others_do_on_the_machine_is_told() -> None:
    before, after = Machine(100.0, 10.0, 0.0), Machine(130.0, 35.0, 10.0)
    assert re.fullmatch(r"\d+ cores, \d+ % busy with other programs", before.beside(after))
    assert " 0 % " in before.beside(Machine(120.0, 35.0, 10.0)), "ours may be counted a little later than the machine"


def test_memory_that_grows_is_told_from_memory_that_is_flat() -> None:
    flat = [Moment(n, 100.0, 60.0, 10 * n) for n in range(1000)]
    assert backlog.growth(flat) == (0.0, 0.0)
    grows = [Moment(n, 100.0 + n / 100, 60.0, 10 * n) for n in range(1000)]
    percent, each = backlog.growth(grows) or (0.0, 0.0)
    assert 6 < percent < 8 and each == pytest.approx(100.0)
    warms_up = [Moment(n, 50.0 if n < 190 else 100.0, 60.0, 10 * n) for n in range(1000)]
    assert backlog.growth(warms_up) == (0.0, 0.0), "the first fifth is the warming up"
    assert [len(part) for part in backlog.tenths(flat)] == [100] * 10
    assert len(backlog.tenths(flat[:3])) == 3


def test_a_run_that_ends_while_it_warms_up_says_nothing_about_growth() -> None:
    report = Report("x", "x")
    backlog.tell(report, [Moment(n, 50.0 + n, 60.0, 10 * n) for n in range(100)], "backlog")
    assert "too short: 990 messages" in report.rows()[1]


def test_no_sentence_comes_twice_where_that_is_asked_for() -> None:
    usual, unique = (list(Workload(60, attachments=0.0, unique=own)) for own in (False, True))
    assert [mail.sender for mail in usual] == [mail.sender for mail in unique], "all else is the same"
    assert [mail.when for mail in usual] == [mail.when for mail in unique]
    assert all(a.raw != b.raw for a, b in zip(usual, unique, strict=True))
    words = Workload(1, attachments=0.0, unique=True)
    sentences = [words._own("Thanks a lot for your patience.") for _ in range(300)]
    assert len({*sentences}) > 290
    assert all(s.startswith("Thanks ") and s.endswith("patience.") for s in sentences)
    assert words._own("Mi serve subito, entro oggi.", at_its_end=True).startswith("Mi serve subito, entro oggi ")


def test_a_benchmark_that_cannot_run_is_a_row_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Missing:
        SIZE = QUICK = 3

        @staticmethod
        def measure(_asked: object) -> Report:
            raise SystemExit("The benchmarks need Dovecot: sudo apt install dovecot-imapd")

    monkeypatch.setitem(command.BENCHMARKS, "latency", Missing)
    given = argparse.Namespace(name=["latency"], size=None, quick=True, rounds=None, minutes=None, unique=False)
    report = command.measured("latency", command.asked("latency", given), go_on=True)
    assert "sudo apt install dovecot-imapd" in report.rows()[0]
    with pytest.raises(SystemExit):
        command.measured("latency", command.asked("latency", given), go_on=False)
