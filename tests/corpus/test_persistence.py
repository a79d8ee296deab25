"""Whoever sends a message again and again, with abuse or without, changes nothing in what it is, and reaches nobody
whom the first one did not reach. Over the stored messages of the labelled set, through the whole decision."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vamaild.core import ladder
from vamaild.core.decide import Decision, decide
from vamaild.core.message import History, Message, Said
from vamaild.core.ruleset import Kind

from .judging import LABELS, ready, stored
from .test_metamorphic import INSULTS, words

pytestmark = pytest.mark.slow
FILES = tuple(label["file"] for label in LABELS)
REQUESTS = (Kind.SCHEDULED_REQUEST, Kind.RUSH_REQUEST, Kind.PERCEIVED_ONLY, Kind.INSISTING)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def sent(message: Message, context: str, count: int, before: Decision | None, told: tuple[str, ...]) -> Decision:
    """The same message for the `count`-th time today, with what is remembered of the earlier ones."""
    facts = frozenset(ladder.facts(before.case)) if before else frozenset()
    said = tuple(Said(text, message.received) for text in told)
    left = sum(text != ladder.FIFTH for text in told)
    history = History(count, count, said, replies_today=left, same_text=count > 1, facts=facts)
    return decide(message, ready().client(context), ready().rulebook, history, ready().tools, message.received)


def calls(decision: Decision) -> tuple[bool, bool]:
    """Whether anybody is called, and whether only the assistant is asked first."""
    found = decision.plan.escalates
    return found is not None, bool(found and found.doubtful)


@MANY
@given(st.sampled_from(FILES), st.integers(2, 8))
def test_sending_it_again_never_changes_its_class_and_calls_nobody_else(file: str, times: int) -> None:
    one = stored(file)
    first = decision = sent(one.message, one.context, 1, None, ())
    told: tuple[str, ...] = ()
    for count in range(2, times + 1):
        told += (decision.reply.template,) if decision.reply else ()
        decision = sent(one.message, one.context, count, first, told)
        kinds = {first.verdict.kind} | ({Kind.INSISTING} if first.verdict.kind in REQUESTS else set())
        assert decision.verdict.kind in kinds
        assert calls(decision) == calls(first)
        assert decision.reply is None or decision.reply.template not in told or decision.reply.emergency


@MANY
@given(st.sampled_from(FILES), st.sampled_from(sorted(INSULTS)), st.integers(1, 6))
def test_abuse_never_changes_its_class_and_gets_no_text_by_itself(file: str, language: str, times: int) -> None:
    one = stored(file)
    abuse = INSULTS.get(one.language, INSULTS[language])
    plain, loud = (
        sent(message, one.context, times, sent(one.message, one.context, 1, None, ()) if times > 1 else None, ())
        for message in (one.message, words(lambda text: f"{text.rstrip()}\n\n{abuse}")(one.message))
    )
    alike = {Kind.SCHEDULED_REQUEST, Kind.PERCEIVED_ONLY}
    assert loud.verdict.kind is plain.verdict.kind or {loud.verdict.kind, plain.verdict.kind} <= alike
    assert calls(loud) == calls(plain)
    if abuse in loud.case.body.original and one.language in INSULTS:
        assert loud.reply is None or loud.reply.emergency
