"""The whole decision over 240 stored messages: a floor a little under what is reached. Labels: triage/GUIDE.md.

Each message is judged by itself (no history, no limits), at the moment it was written, by the shipped rules and the
client files that configure.py makes of the contexts alone.
"""

import json
from functools import cache

import pytest

from vamaild.core.explain import as_json

from .judging import LABELS, TRIAGE, verdict
from .triage.score import load, measures

MAIN = ("it", "cs", "en")
AT_LEAST = {
    "emergency recall": 0.97,
    "action accuracy": 0.96,
    "deadline exact day": 0.94,
    "kind accuracy": 0.90,
    "stated_urgency accuracy": 0.86,
}
AT_MOST = {"false escalation rate": 0.02, "  to automatic": 0.0, "  to hostile": 0.0, "deadline invented": 0.05}


@cache
def predictions() -> dict[str, dict[str, object]]:
    return {label["file"]: as_json(verdict(label["file"]), label["file"]) for label in LABELS}


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
