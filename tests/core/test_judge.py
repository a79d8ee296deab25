"""Which rule decides, and in which order the rules are asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make import NOW, absent, case, client, mail
from vamaild.core.judge import judge, try_rule
from vamaild.core.message import History, Message, Said
from vamaild.core.reading import Evidence
from vamaild.core.ruleset import Escalation, Kind, Matter, Place, Rule, RuleSet, Situation

FLOOD = "Si sta allagando il magazzino, non troviamo la chiave."
INVOICE = Situation("fattura", ("copia della fattura",), {"it": "Nell'area clienti."}, place=Place("rules.d/c.toml", 9))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (mail(), Kind.SCHEDULED_REQUEST),
        (mail("Mi serve per stasera il preventivo."), Kind.RUSH_REQUEST),
        (mail("Non è urgente, con calma."), Kind.SCHEDULED_REQUEST),
        (mail(FLOOD), Kind.EMERGENCY),
        (mail("Grazie mille, ricevuto."), Kind.INFORMATION),
        (mail("Terza mail, ancora niente."), Kind.INSISTING),
        (mail("Mi dica il codice PIN."), Kind.HOSTILE),
        (mail("PREVENTIVO SUBITO PER FAVORE!!! MANDATELO!!!"), Kind.PERCEIVED_ONLY),
        (mail(FLOOD, headers={"List-Id": "<x>"}), Kind.AUTOMATIC),
        (mail(FLOOD, sender="alarm@tower.example"), Kind.EMERGENCY),
        (mail("Test settimanale riuscito.", sender="alarm@tower.example"), Kind.AUTOMATIC),
        (mail(unreadable="nested too deep"), Kind.SCHEDULED_REQUEST),
    ],
)
def test_kinds(message: Message, kind: Kind) -> None:
    assert judge(case(message)).kind is kind


def test_the_client_s_own_rule_comes_before_the_shipped_ones() -> None:
    own = Rule("preventivi", Kind.INFORMATION, {"says": ("preventivo",)}, place=Place("rules.d/c.toml", 4))
    verdict = judge(case(mail("Mi serve per stasera il preventivo."), client(rules=(own,))))
    assert (verdict.kind, verdict.name, str(verdict.place)) == (Kind.INFORMATION, "preventivi", "rules.d/c.toml:4")
    assert verdict.evidence[0].words == "preventivo"


def test_the_playbook_answers_but_never_hides_damage() -> None:
    ruleset = client(situations=(INVOICE,))
    answered = judge(case(mail("Mi manda copia della fattura?"), ruleset))
    assert answered.situation == INVOICE
    flooded = judge(case(mail(f"Mi manda copia della fattura? E poi: {FLOOD}"), ruleset))
    assert (flooded.kind, flooded.situation) == (Kind.EMERGENCY, None)


def test_a_principal_may_say_that_only_his_own_emergencies_count() -> None:
    ruleset = client(escalation=Escalation(own_only=True))
    assert judge(case(mail(FLOOD), ruleset)).kind is not Kind.EMERGENCY


def test_unless_and_strike() -> None:
    rule = Rule("fuoco", Kind.EMERGENCY, {"says": ("brucia",)}, {"says": ("risolto",)}, strike=("la casa brucia",))
    assert try_rule(rule, case(mail("Il magazzino brucia."))).fits
    assert not try_rule(rule, case(mail("La casa brucia, ahah!"))).fits
    assert try_rule(rule, case(mail("La casa brucia, ahah! E il magazzino brucia davvero."))).fits
    stopped = try_rule(rule, case(mail("Il magazzino brucia. Risolto.")))
    assert (stopped.fits, stopped.stopped_by) == (False, 'unless says: "Risolto"')


def test_conditions_all_hold_and_a_list_means_any() -> None:
    rule = Rule("comune", Kind.EMERGENCY, {"says": ("SCIA", "diffida"), "from": ("*@comune.*.example",)})
    assert try_rule(rule, case(mail("La diffida è arrivata.", sender="ufficio@comune.bologna.example"))).fits
    assert not try_rule(rule, case(mail("La diffida è arrivata."))).fits
    assert not try_rule(rule, case(mail("Ciao.", sender="ufficio@comune.bologna.example"))).fits


class Slow:
    """A user regex that takes too long."""

    def search(self, text: str) -> str:
        raise TimeoutError


def test_a_regex_that_takes_too_long_is_named_and_hides_nothing() -> None:
    rule = Rule("lenta", Kind.INFORMATION, {"regex": Slow()})
    verdict = judge(case(mail(FLOOD), client(rules=(rule,))))
    assert (verdict.kind, verdict.broken) == (Kind.EMERGENCY, ("lenta",))


@pytest.mark.parametrize("ruleset", [client(), absent()])
def test_every_rule_that_was_tried_is_kept(ruleset: RuleSet) -> None:
    verdict = judge(case(mail(), ruleset))
    names = [t.name for t in verdict.tried]
    assert names == ["phishing", "damage now", "thanks", "again", "stated", "looks"]
    assert all(t.stopped_by for t in verdict.tried)


def test_a_matter_in_progress_is_recognised() -> None:
    matter = Matter("Pratica 118", ("2026-118",), "colleague")
    assert judge(case(mail("A che punto è la 2026-118?"), absent(matters=(matter,)))).matter == matter


INSISTED = [
    "Mi mandi il preventivo?",
    "Non è urgente, con calma.",
    "Grazie mille, ricevuto.",
    "Mi serve per stasera il preventivo.",
    FLOOD,
]


@pytest.mark.parametrize("text", INSISTED)
@pytest.mark.parametrize("times", [1, 2, 5, 9])
def test_insisting_never_makes_an_emergency(text: str, times: int) -> None:
    once = judge(case(mail(text), absent()))
    often = judge(case(mail(text), absent(), history=History(messages_today=times, same_matter=times)))
    assert (often.kind is Kind.EMERGENCY) == (once.kind is Kind.EMERGENCY)


@pytest.mark.parametrize("text", INSISTED[:2])
@pytest.mark.parametrize("decoration", ["!!!", " 😡😡", " MALEDIZIONE", "\n\nInviato da iPhone", "\n-- \nUrgente Srl"])
def test_form_never_makes_urgency(text: str, decoration: str) -> None:
    calm = {Kind.SCHEDULED_REQUEST, Kind.PERCEIVED_ONLY}
    loud = judge(case(replace(mail(text + decoration), subject="preventivo")))
    assert loud.kind in calm


@pytest.mark.parametrize(
    ("signs", "kind"),
    [((), Kind.INSISTING), (("thanks",), Kind.INFORMATION), (("thanks", "insists"), Kind.INSISTING)],
)
def test_who_only_grumbles_insists_and_who_thanks_does_not(signs: tuple[str, ...], kind: Kind) -> None:
    """By their number alone: the third mail about one matter, none of which asks for anything."""
    told = case(mail("Bene."), absent(), history=History(messages_today=3, same_matter=3))
    seen = {name: Evidence("Bene") for name in signs}
    again = Rule("again", Kind.INSISTING, {"repeats": True})
    settled = Rule("settled", Kind.INFORMATION, {"repeats": False})
    rulebook = replace(told.rulebook, screens=(), kinds=(again, settled))
    found = judge(replace(told, rulebook=rulebook, reading=replace(told.reading, signs=seen)))
    assert found.kind is kind


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Grazie mille, terza mail.", True),
        ("Grazie mille. Terza mail.", True),
        ("Terza mail. Grazie mille.", True),
        ("Grazie mille. Poi vediamo. Terza mail.", False),
        ("Grazie mille.", False),
    ],
)
def test_signs_are_near_in_sentences_that_follow_one_another(text: str, near: bool) -> None:
    rule = Rule("near", Kind.INFORMATION, {"shows_near": ("thanks", "insists")})
    assert try_rule(rule, case(mail(text, subject=""))).fits == near


@pytest.mark.parametrize(
    "history",
    [
        History(said=(Said("ordinary", NOW),)),
        History(answered_by_person=True),
        History(answers_after=timedelta(hours=2)),
    ],
)
def test_whom_we_have_written_to_is_no_stranger(history: History) -> None:
    rule = Rule("stranger", Kind.PERCEIVED_ONLY, {"asks": True}, {"familiar": True})
    assert not try_rule(rule, case(mail("Un'altra ditta mi fa un prezzo?"), history=history)).fits
    assert not try_rule(Rule("known", Kind.PERCEIVED_ONLY, {"familiar": True}), case(mail())).fits
