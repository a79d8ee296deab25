"""A colleague is asked by mail whether customers may be told of him; only a plain yes of his own counts."""

import pytest

from tests.deputies import LAURA, URGENT, Deputies, body, report
from tests.make import CUSTOMER
from vamaild import consenting


def test_consent_is_asked_by_mail_and_ticked_by_a_yes() -> None:
    shop = Deputies()
    consenting.ask(LAURA, shop.ruleset, shop.service, shop.clock.now())
    shop.passes()
    question = shop.last(LAURA.email)
    assert question["Auto-Submitted"] == "auto-generated"
    assert "Mario Rossi non c'è da lunedì 23 novembre, e torna lunedì 7 dicembre" in body(question)
    assert "Inoltrerei qui i messaggi urgenti dei clienti, senza allegati" in body(question)
    shop.answers(LAURA.email, "Sì, volentieri.\n\nLaura")
    (consent,) = shop.store.consents()
    assert (consent.said, shop.reasons()) == ("yes", [])
    entry = shop.store.entry(1)
    assert entry is not None
    assert (entry.action, entry.outcome, entry.address) == ("none", "no-reply", "")


@pytest.mark.parametrize(
    ("text", "more", "said", "reason"),
    [
        ("No, mi dispiace.", {}, "no", "handed-back"),
        ("Sì, ma solo da mercoledì", {}, "unclear", "answer-unclear"),
        ("Ti chiamo domani", {}, "unclear", "answer-unclear"),
        ("Sì", {"sender": "laura@other.example"}, "asked", "answer-forged"),
        ("Sì", {"Auto_Submitted": "auto-replied"}, "asked", None),
    ],
    ids=["no", "but", "neither", "another address", "a machine"],
)
def test_nothing_but_a_plain_yes_ticks(text: str, more: dict[str, str], said: str, reason: str | None) -> None:
    shop = Deputies()
    consenting.ask(LAURA, shop.ruleset, shop.service, shop.clock.now())
    shop.passes()
    asked = str(shop.last(LAURA.email)["Message-ID"])
    shop.comes(text, **{"sender": LAURA.email, "answers": asked} | more)
    assert shop.store.consents()[0].said == said
    assert shop.reasons() == ([reason] if reason else [])


def test_thanks_after_a_yes_take_nothing_back() -> None:
    shop = Deputies().agreed()
    shop.answers(LAURA.email, "Grazie, a presto!")
    assert {c.said for c in shop.store.consents()} == {"yes"}


@pytest.mark.parametrize("said", ["no", "asked"])
def test_who_has_not_agreed_is_named_to_nobody(said: str) -> None:
    shop = Deputies(LAURA)
    consenting.ask(LAURA, shop.ruleset, shop.service, shop.clock.now())
    shop.passes()
    if said == "no":
        shop.answers(LAURA.email, "No")
    shop.comes(URGENT)
    shop.passes()
    assert "Laura" not in body(shop.last(CUSTOMER))
    assert shop.stages() == []


def test_a_question_that_comes_back_is_shown() -> None:
    shop = Deputies()
    consenting.ask(LAURA, shop.ruleset, shop.service, shop.clock.now())
    shop.passes()
    shop.box.mails.append(report(str(shop.last(LAURA.email)["Message-ID"])))
    shop.look()
    assert (shop.store.consents()[0].said, shop.reasons()) == ("unclear", ["handed-back"])
