"""Every decision can be explained: the page, the stable object, and what would have changed it."""

import json
from dataclasses import replace

import pytest

from tests.make import NOW, TOOLS, absent, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.explain import as_json, masked, text
from vamaild.core.message import History, Message
from vamaild.core.ruleset import RuleSet
from vamaild.core.whatif import otherwise, without_words

RUSHED = mail("Ciao, mi serve per stasera il preventivo.", sender="marco@acme.example")
KEYS = [
    *("file", "client", "kind", "action", "sender", "suppressed", "stated_urgency", "deadline", "language"),
    *("new_text", "ready_by", "doubtful", "rule", "evidence", "reply"),
]


def decided(message: Message, ruleset: RuleSet | None = None) -> Decision:
    ruleset = ruleset or client()
    return decide(message, ruleset, book(ruleset), History(), TOOLS, NOW, limits=False)


def test_the_object_has_its_keys_in_order_and_is_json() -> None:
    found = as_json(decided(RUSHED), "x.eml")
    assert list(found) == KEYS
    assert json.loads(json.dumps(found)) == found
    assert found["kind"] == "rush-request"
    assert found["action"] == "reply-leadtime"
    assert found["sender"] == {"address": "marco@acme.example", "method": "return-path", "confidence": 0.9}
    assert found["stated_urgency"] is True
    assert found["evidence"]
    assert found["ready_by"] == "2026-12-02"
    assert found["new_text"] == "Ciao, mi serve per stasera il preventivo."
    assert isinstance(found["reply"], dict)
    assert (found["reply"]["template"], found["reply"]["to"]) == ("rush-offer", "marco@acme.example")


def test_what_is_suppressed_says_why() -> None:
    found = as_json(decided(mail(headers={"Auto-Submitted": "auto-replied"})), "x.eml")
    assert found["kind"] == "automatic"
    assert found["suppressed"] == {"code": "auto-submitted", "because": "Auto-Submitted: auto-replied"}
    assert found["reply"] is None


def test_a_message_for_a_person_says_so() -> None:
    found = as_json(decided(mail(unreadable="nested too deep")), "x.eml")
    assert found["suppressed"] == {"code": "unreadable", "because": "nested too deep"}


def test_the_page() -> None:
    shown = text(decided(RUSHED), ('without "x": scheduled-request',))
    for line in (
        "Marco to acme, Thu 26 Nov 10:40: Preventivo",
        "1  May we answer?       yes  written by a person; nobody has answered yet",
        "2  Who is it?           a client of acme (m***@acme.example)",
        "4  In the playbook?     no",
        "5  A disaster?          no",
        "So: rush-request, urgency is stated, or a date before the agreed one",
        '  1 reply     "rush-offer" to m***@acme.example, in it, names Wed 2 Dec',
        '  - without "x": scheduled-request',
        "Text: Re: rush-offer",
    ):
        assert line in shown.splitlines()


@pytest.mark.parametrize(
    ("message", "ruleset", "words"),
    [
        (mail("Si sta allagando il magazzino."), absent(), "1 escalate  the chain is started"),
        (mail(headers={"List-Id": "<x>"}), client(), "1  May we answer?       no   a mailing list or newsletter"),
        (mail(unreadable="nested too deep"), client(), "1 hold      for you: nested too deep"),
        (mail("Grazie mille."), client(), "nothing is sent"),
        (mail(doubts=("it names two senders",)), client(), 'held back "ordinary": it names two senders'),
    ],
)
def test_every_ending_has_words(message: Message, ruleset: RuleSet, words: str) -> None:
    assert words in text(decided(message, ruleset))


def test_what_would_have_changed_it() -> None:
    assert any("scheduled-request" in o for o in otherwise(decided(RUSHED), TOOLS))
    assert otherwise(decided(mail()), TOOLS) == ()


def test_words_are_taken_out_of_a_forwarded_message_too() -> None:
    outer = mail("Fwd", forwarded=replace(mail("aiuto, brucia"), subject="brucia"))
    inner = without_words(outer, "brucia").forwarded
    assert inner
    assert (inner.text, inner.subject) == ("aiuto,  ", " ")


@pytest.mark.parametrize(("address", "shown"), [("eva@mala.example", "e***@mala.example"), ("", "(no address)")])
def test_addresses_are_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
