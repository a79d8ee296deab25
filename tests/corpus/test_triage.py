"""The whole decision over 240 stored messages: a floor a little under what is reached. Labels: triage/GUIDE.md.

Each message is judged by itself (no history, no limits), at the moment it was written, by the shipped rules and one
client file for each of the eight mailboxes.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from vamaild.cli.setup import Ready, prepare
from vamaild.core.decide import Decision, decide
from vamaild.core.explain import as_json
from vamaild.core.ledger import Arrival
from vamaild.core.message import History

from .triage.score import load, measures

HERE = Path(__file__).parent
TRIAGE = HERE / "triage"
LABELS = [json.loads(line) for line in (TRIAGE / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
RECENT = datetime(2026, 12, 31, tzinfo=UTC)
MAIN = ("it", "cs", "en")
AT_LEAST = {
    "emergency recall": 0.97,
    "action accuracy": 0.96,
    "deadline exact day": 0.94,
    "kind accuracy": 0.90,
    "stated_urgency accuracy": 0.86,
}
AT_MOST = {"false escalation rate": 0.02, "  to automatic": 0.0, "  to hostile": 0.0, "deadline invented": 0.05}


def judged(label: dict[str, str], ready: Ready) -> Decision:
    raw = (TRIAGE / label["file"]).read_bytes()
    message = ready.read(Arrival(0, 0, RECENT, len(raw), raw))
    message = replace(message, received=message.sent or RECENT)
    client = ready.client(label["context"])
    return decide(message, client, ready.rulebook, History(), ready.tools, message.received, limits=False)


@lru_cache
def predictions() -> dict[str, dict[str, object]]:
    ready = prepare(HERE / "config")
    return {label["file"]: as_json(judged(label, ready), label["file"]) for label in LABELS}


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Every measure of score.py, over the languages that have tables."""
    file = tmp_path_factory.mktemp("triage") / "predictions.jsonl"
    file.write_text("\n".join(json.dumps(p, default=str) for p in predictions().values()), encoding="utf-8")
    rows = [row for row in load(str(TRIAGE), str(file)) if row["language"] in MAIN]
    found: dict[str, dict[str, float] | None] = measures(rows)
    return {name: value["p"] for name, value in found.items() if value}


@pytest.mark.parametrize(("measure", "floor"), AT_LEAST.items(), ids=AT_LEAST)
def test_at_least(measure: str, floor: float, reached: dict[str, float]) -> None:
    assert reached[measure] >= floor


@pytest.mark.parametrize(("measure", "ceiling"), AT_MOST.items(), ids=[m.strip() for m in AT_MOST])
def test_at_most(measure: str, ceiling: float, reached: dict[str, float]) -> None:
    assert reached[measure] <= ceiling


def test_no_real_emergency_is_silently_calm() -> None:
    """Every emergency in a language that has tables is escalated, asked about, or at least waits for a person."""
    missed = [
        label["file"]
        for label in LABELS
        if label["kind"] == "emergency" and label["language"] in MAIN and _calm(predictions()[label["file"]])
    ]
    assert len(missed) <= 2, missed


def _calm(told: dict[str, object]) -> bool:
    return told["action"] != "escalate" and not told["doubtful"]
