"""Non-interference: no reply tells whether anybody was called (promise 3).

Two worlds get the same mails: in one the chain reaches a secret contact, in the other there is nobody but the
assistant. What leaves must be the same, but for dates and ids: in every language, whatever people answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chain.alarm import CHAIN, MINUTE, Alarm
from tests.core.test_replies import HERE
from tests.make import AWAY, absent
from tests.office import letter
from vamaild import wire
from vamaild.core.ruleset import Client, EmergencyRule, Escalation, Rulebook, RuleSet, Trust

pytestmark = pytest.mark.slow

LANGUAGES = ("it", "cs", "en", "de", "fr", "es", "sk", "pl")
DATED = (b"date:", b"message-id:", b"in-reply-to:", b"references:")
ORDINARY = {
    "it": "Buongiorno, mi può mandare il listino?", "cs": "Dobrý den, pošlete mi prosím ceník?",
    "en": "Hello, could you send me the price list?", "de": "Guten Tag, können Sie mir die Preisliste schicken?",
    "fr": "Bonjour, pouvez-vous m'envoyer la liste des prix ?", "es": "Hola, ¿puede mandarme la lista de precios?",
    "sk": "Dobrý deň, pošlete mi prosím cenník?", "pl": "Dzień dobry, proszę przysłać mi cennik.",
}  # fmt: skip


@cache
def shipped() -> Rulebook:
    """The rules of all languages."""
    found = wire.rules_of(wire.load(HERE, play=False, shipped=True))
    assert found is not None
    return found.rulebook


@cache
def alarms(language: str) -> tuple[str, ...]:
    """What the shipped emergency rules of this language are written for, and what they are not."""
    found: Sequence[EmergencyRule] = shipped().emergencies
    fits = tuple(text for rule in found if rule.language == language for text in (*rule.fits, *rule.fits_not))
    return (*fits, ORDINARY[language])


def people(language: str, escalation: Escalation, trust: Trust) -> RuleSet:
    about = Client("acme", "Acme", ("boss@client.example",), language, (language, "en"), "Europe/Rome", trust)
    away = replace(AWAY, say={**AWAY.say, language: AWAY.say.get(language, "")})
    return absent(client=replace(about, principal="Mario Rossi"), absence=away, escalation=escalation)


def world(language: str, calls: bool, trust: Trust) -> Alarm:
    office = Alarm(people(language, CHAIN if calls else Escalation(), trust))
    told, known = shipped(), office.service.rules.rulebook
    known = replace(known, languages=told.languages, emergencies=told.emergencies, kinds=told.kinds)
    office.service.rules = replace(office.service.rules, rulebook=known)
    return office


def replies(
    language: str, calls: bool, trust: Trust, mails: Sequence[bytes], answer: str, waits: int
) -> tuple[list[object], int]:
    """(everything a customer gets or would get, and when; how many notices went to the contact)."""
    office = world(language, calls, trust)
    for mail in mails:
        office.arrive(mail)
        for _ in range(waits):
            office.goes_on(10 * MINUTE)
    for case in office.store.cases():
        if answer and case.case.escalates:
            office.service.journal.info(str(_said(office, case.code, "petr-sea" if calls else "me", answer)))
    office.let_out(timedelta(minutes=5))
    found = [(i.mail.template, i.mail.to, i.state, i.mail.not_before, _undated(i.mail.raw)) for i in office.items()]
    return list(found), sum(way == "+420 603 111 222" for _, way, _ in office.told)


def _said(office: Alarm, code: str, person: str, verb: str) -> object:
    from vamaild.chain import Answer
    from vamaild.chain import answer as answered

    note = "il tecnico è sul posto" if verb == "resolve" else ""
    return answered(office.service, code, person, Answer(verb, note=note), "cli").said


def _undated(raw: bytes) -> bytes:
    return b"\n".join(line for line in raw.splitlines() if not line.lower().startswith(DATED))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[str, Trust, list[bytes], str, int]:
    language = draw(st.sampled_from(LANGUAGES))
    trust = draw(st.sampled_from([Trust.SEND, Trust.SEND, Trust.DRAFT]))
    texts = draw(st.lists(st.sampled_from(alarms(language)), min_size=1, max_size=2))
    senders = draw(st.lists(st.sampled_from(["carla@customer.example", "eva@shop.example"]), min_size=2, max_size=2))
    mails = [letter(n, t, sender=s) for n, (t, s) in enumerate(zip(texts, senders, strict=False), 1)]
    return language, trust, mails, draw(st.sampled_from(["", "take", "resolve", "wait"])), draw(st.integers(0, 3))


def same(scene: tuple[str, Trust, list[bytes], str, int]) -> int:
    language, trust, mails, answer, waits = scene
    called, notices = replies(language, True, trust, mails, answer, waits)
    alone, _ = replies(language, False, trust, mails, answer, waits)
    assert called == alone
    return notices


@pytest.mark.timeout(1800)
@given(scenes())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_reply_tells_whether_anybody_was_called(scene: tuple[str, Trust, list[bytes], str, int]) -> None:
    same(scene)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alarm_of_a_language_gets_the_same_reply_in_both_worlds(language: str) -> None:
    """And the first world does call: a comparison of two silences would show nothing."""
    notices = [same((language, Trust.SEND, [letter(1, text)], "resolve", 3)) for text in alarms(language)[::7]]
    assert sum(map(bool, notices)) > len(notices) / 4
