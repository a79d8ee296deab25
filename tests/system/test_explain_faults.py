"""A fault of our own in one message must not keep the others from being judged."""

import pytest

from tests.corpus.judging import TRIAGE, ready
from vamaild.cli import explain
from vamaild.core.decide import Decision, decide


def test_a_fault_in_one_message_is_its_own_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(message: object, *rest: object, **more: object) -> Decision:
        if "Payroll" in getattr(message, "subject", ""):
            raise IndexError("tuple index out of range")
        return decide(message, *rest, **more)  # type: ignore[arg-type]  # the same arguments, handed on

    monkeypatch.setattr(explain, "decide", faulty)
    files = tuple(str(TRIAGE / f"{name}.eml") for name in ("d_001", "d_020", "d_022"))
    found = list(explain.objects(files, ready(), None, None))
    assert [("error" in one, one["file"]) for one in found] == [(False, files[0]), (True, files[1]), (False, files[2])]
    assert "please report it" in str(found[1]["error"])
