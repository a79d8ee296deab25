"""What was decided then is told from the ledger alone."""

from zoneinfo import ZoneInfo

from tests.contracts.entries import entry, mail
from vamaild.core.ledger import Outcome, State
from vamaild.core.recall import recalled

ROME = ZoneInfo("Europe/Rome")
SAID = {
    "who": "Marco",
    "rule": {"file": "rules.d/30-kinds.toml", "line": 61, "name": "now in words"},
    "evidence": ["per stasera"],
}


def test_a_message_that_was_answered() -> None:
    told = entry(
        kind="rush-request", explanation=SAID, outcome=Outcome.ANSWERED, reason="", outgoing=(mail(state=State.SENT),)
    )
    shown = recalled(told, ROME)
    assert shown.startswith(f"Marco to {told.client}, ")
    assert 'because of now in words: "per stasera" (rules.d/30-kinds.toml:61)' in shown
    assert shown.splitlines()[-1].strip() == f'"{told.outgoing[0].template}", sent'


def test_a_message_that_could_not_be_judged() -> None:
    shown = recalled(entry(client="", kind="", explanation={}, outcome=Outcome.WAITING, reason="no-client"), ROME)
    assert "to no client, " in shown
    assert "So: not judged" in shown
    assert "because of no-client" in shown
