"""A message that was dealt with before: nobody hears twice, and an emergency still reaches a person."""

import pytest

from tests.make import NOW, TOOLS, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History
from vamaild.core.plan import Escalate
from vamaild.core.reasons import Reason

ORDINARY = "Ciao, mi mandi il preventivo?"
FLOOD = "Si sta allagando il magazzino."
MARKED = History(marked=True)


def decided(history: History, text: str) -> Decision:
    ruleset = client()
    return decide(mail(text), ruleset, book(ruleset), history, TOOLS, NOW)


@pytest.mark.parametrize(
    ("history", "text", "reply", "alarm", "person"),
    [
        (History(), ORDINARY, True, False, None),
        (History(), FLOOD, True, True, None),
        # The keyword is there, and the ledger does not know the message: another ledger does, or one that is lost.
        (MARKED, ORDINARY, False, False, False),
        (MARKED, FLOOD, False, True, False),
        # The ledger knows it: the alarm was raised then.
        (History(seen_before=True), ORDINARY, False, False, False),
        (History(seen_before=True), FLOOD, False, False, False),
        (History(seen_before=True, marked=True), FLOOD, False, False, False),
        # A Message-ID used twice for two messages: a person looks, whatever the keyword says.
        (History(seen_before=True, reused=True), ORDINARY, False, False, True),
        (History(seen_before=True, reused=True, marked=True), FLOOD, False, True, True),
    ],
)
def test_who_was_here_before(history: History, text: str, reply: bool, alarm: bool, person: bool | None) -> None:
    decision = decided(history, text)
    assert (decision.reply is not None) == reply
    assert any(isinstance(step, Escalate) for step in decision.plan.steps) == alarm
    assert [(w.reason, w.person) for w in decision.withheld] == ([] if reply else [(Reason.SEEN_BEFORE, person)])


def test_it_is_said_why() -> None:
    (withheld,) = decided(MARKED, ORDINARY).withheld
    assert "it carries the keyword" in withheld.because
    assert "lost its ledger" in withheld.because


def test_an_arrival_is_not_marked_unless_somebody_says_so() -> None:
    assert not Arrival(1, 1, NOW, 0, b"").marked
