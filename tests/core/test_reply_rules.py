"""Every rule about silence and about addresses, by its number: whole messages, read and decided as the service does.

2.1 is when not to answer, 2.2 where an answer goes, 2.3 what it looks like. The mails are in reply_cases.py; the wanted
value is an address, or the code of the reason, or "code?" where a person must look.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_replies import judged, rules
from vamaild.core.decide import Decision
from vamaild.core.route import is_ours

from .reply_cases import CARLA, CASES, GMAIL, SRS, SRS_365, mail


def outcome(decision: Decision) -> str:
    if decision.reply:
        return decision.reply.to
    screened = decision.case.screened
    if screened:
        return f"{screened.code}{'' if screened.robot else '?'}"
    return f"{decision.withheld[0].reason}?" if decision.withheld else "nothing"


@pytest.mark.parametrize(("rule", "name", "raw", "want"), CASES, ids=[f"{r} {n}" for r, n, _, _ in CASES])
def test_rule(rule: str, name: str, raw: bytes, want: str) -> None:
    assert outcome(judged(raw)) == want


TOKEN = "xyzzy"
STEERED = ["Reply-To", "Sender", "X-Template", "X-Priority", "Keywords", "In-Reply-To", "Comments"]


@pytest.mark.parametrize("header", STEERED)
def test_nothing_of_the_sender_stands_in_the_reply(header: str) -> None:
    """2.1-32: neither the text nor the headers, but for the subject that the envelope carries, cleaned."""
    found = judged(mail(f"{header}: {TOKEN} <{TOKEN}@customer.example>", text=f"{TOKEN}. Mi manda il preventivo?"))
    assert found.reply
    assert found.reply.letter
    assert TOKEN not in found.reply.letter.body + repr(found.reply.words)


def test_one_reply_for_one_message() -> None:
    """2.1-14."""
    assert len([s for s in judged(mail()).plan.steps if type(s).__name__ == "Reply"]) == 1


def test_every_rule_that_headers_decide_has_a_case() -> None:
    numbered = {int(m[1]) for rule, *_ in CASES if (m := re.match(r"2\.1-(\d+)", rule))}
    elsewhere = {12, 13, 14, 24, 26, 27, 28, 29, 30, 32}  # what was before, the store, the form of the reply
    assert numbered | elsewhere == set(range(1, 33))


ADDRESSES = [
    *(CARLA, "eve@evil.example", "boss@client.example", "info@client.example", "boss+x@client.example", GMAIL, SRS),
    *("va@va.example", "giulia@va.example", "www@client.example", "noreply@fwd.example", "list@lists.example", SRS_365),
    *("<>", "nobody", "", "a@b@c", "SRS0=a=b=va.example=va@client.example", "sales@client.example"),
]
NAMES = [
    *("From", "Reply-To", "Sender", "Resent-From", "Resent-To", "Resent-Sender", "X-Forwarded-For", "X-Forwarded-To"),
    *("X-Original-From", "X-Original-Sender", "X-Original-To", "X-Sieve-Redirected-From", "Delivered-To", "To", "Cc"),
    *("List-Id", "List-Post", "Return-Path", "Errors-To", "Mail-Reply-To"),
]
IN_THE_BODY = "only-in-the-body@elsewhere.example"
addresses = st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3).map(", ".join)
shown = st.sampled_from(["", "Carla via Info", "carla", "Fwd: boss@client.example", "=?utf-8?q?a=2C_b=40c.example?="])
lines = st.builds(
    lambda n, s, a: f"{n}: {f'{s} <{a}>' if s and ',' not in a else a}", st.sampled_from(NAMES), shown, addresses
)


@given(st.lists(lines, max_size=6), st.sampled_from([*ADDRESSES, None]), st.sampled_from(["Domanda", "Fwd: x", "I: y"]))
def test_no_headers_make_a_reply_go_astray(fields: list[str], path: str | None, subject: str) -> None:
    """2.1-31: one address, that of somebody else than us, which stands in the headers, as it is or in an envelope."""
    found = judged(mail(*fields, path=path, Subject=subject, text=f"Scrivi a {IN_THE_BODY}?"))
    replies = [s.to for s in found.plan.steps if type(s).__name__ == "Reply"]
    assert len(replies) <= 1
    for to in replies:
        assert to.count("@") == 1
        assert "," not in to
        assert not is_ours(to, found.case.ruleset, rules().rulebook)
        assert to != IN_THE_BODY
        assert to in ADDRESSES
