"""A contexts file of mailboxes nobody has seen becomes a configuration that works."""

import json
from datetime import date
from pathlib import Path

import pytest

from vamaild.cli.setup import prepare
from vamaild.core.ruleset import Role, RuleSet
from vamaild.core.words import Text, find

from .configure import configure, main, percent, takes

CONTEXTS = {
    "Praxis": {
        "owner": 'Dr. "Mia" Vogel',
        "mailbox": "praxis@vogel.example",
        "assistant_mailbox": "hilfe@vogel.example",
        "mode": "vacation",
        "timezone": "Europe/Zurich",
        "away_from": "2027-02-01",
        "return_date": "2027-02-15",
        "holidays": ["2027-02-08"],
        "colleague": {"name": "Jörg Müller", "scope": "Rezepte, Terminverschiebungen und Überweisungen"},
        "language": "de",
        "clients": ["a@b.example"],
        "alarm_senders": ["alarm@b.example"],
    },
    "na-cestach": {
        "owner": "Eva",
        "mailbox": "eva@eva.example",
        "assistant_mailbox": None,
        "mode": "leadtime",
        "timezone": "Europe/Prague",
        "lead_time": {"value": 2, "unit": "weeks"},
        "express_rate": None,
        "colleague": None,
        "language": "cs",
    },
}


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RuleSet]:
    folder = tmp_path_factory.mktemp("made")
    (folder / "contexts.json").write_text(json.dumps(CONTEXTS), encoding="utf-8")
    configure(folder / "contexts.json", folder)
    return {r.client.id: r for r in prepare(folder).rulebook.clients}


def test_an_absence_with_a_colleague(clients: dict[str, RuleSet]) -> None:
    made = clients["praxis"]
    assert made.absence
    assert (made.absence.first, made.absence.back) == (date(2027, 2, 1), date(2027, 2, 15))
    assert made.client.principal == 'Dr. "Mia" Vogel'
    assert made.client.arrives == ("praxis@vogel.example", "hilfe@vogel.example")
    assert [(p.email, p.role) for p in made.people] == [
        ("a@b.example", Role.CLIENT),
        ("alarm@b.example", Role.ALARM),
    ]
    assert made.colleague
    assert made.colleague.email == "jorg.muller@vogel.example"
    assert date(2027, 2, 8) in made.week.closed


def test_a_lead_time_without_a_surcharge(clients: dict[str, RuleSet]) -> None:
    made = clients["na-cestach"]
    assert made.lead
    assert (made.lead.days, made.lead.unit) == (14, "calendar")
    assert made.rush
    assert made.rush.mode == "decline"
    assert made.client.languages[0] == "cs"


@pytest.mark.parametrize(
    ("rate", "over"),
    [
        ("+50 %", 50),
        ("25%", 25),
        ("150 %", 50),
        ("+150 %", 150),
        ("1.5x", 50),
        ("x2", 100),
        ("1,75-fach", 75),
        ("double", 100),
        ("doppelter Satz", 100),
        ("dvojnásobek", 100),
        ("", None),
        (None, None),
    ],
)
def test_what_haste_costs(rate: str | None, over: int | None) -> None:
    assert percent(rate) == over


@pytest.mark.parametrize(
    ("language", "scope", "text"),
    [
        ("en", "boiler breakdowns and leaks", "Our boiler has stopped."),
        ("en", "VAT returns due before the return", "Can you file the VAT by Friday?"),
        ("it", "prenotazioni, camere e arrivi", "Vorrei spostare la prenotazione."),
        ("cs", "Rezervace; montáže (okna, dveře)", "Kdy přijedete na montáž oken?"),
        ("de", "Rezepte und Terminverschiebungen", "Ich brauche ein neues Rezept."),
        ("de", "laufende Übersetzungen", "Potřebujeme ten překlad do pátku."),
        ("fr", "livraisons et réclamations", "Le colis est arrivé cassé."),
        ("es", "reservas y anulaciones", "Quiero anular la reserva."),
        ("sk", "objednávky a reklamácie", "Chcem reklamovať tovar, reklamácia číslo 4."),
        ("pl", "zamówienia oraz wysyłka", "Gdzie jest moja paczka z zamówienia?"),
        ("en", "the beekeeping school's hives", "Two hives are empty."),  # a trade no list knows
        ("xx", "zorbels, klints", "Three zorbels are here."),  # a language no list knows
    ],
)
def test_a_scope_takes_what_is_about_it(language: str, scope: str, text: str) -> None:
    assert find(takes(scope, language), Text(text)), takes(scope, language)


@pytest.mark.parametrize(
    ("language", "scope", "text"),
    [
        ("en", "payroll runs, VAT returns that fall due before the return", "Call me on your return, before Friday."),
        ("it", "cantieri aperti e pratiche edilizie con scadenza prima del rientro", "Le domande per l'intervista"),
        ("cs", "objednávky, expedice a reklamace", "Můžete schválit nový logotyp do zítřka?"),
        ("de", "laufende Übersetzungen mit Termin vor der Rückkehr", "Haben Sie einen Termin für ein Interview?"),
        ("en", "everything urgent", "Please answer the survey."),
        ("en", "", "Anything at all."),
    ],
)
def test_and_leaves_the_rest(language: str, scope: str, text: str) -> None:
    assert find(takes(scope, language), Text(text)) is None


def test_it_says_how_it_is_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "CONTEXTS.json DIR" in capsys.readouterr().err
    (tmp_path / "c.json").write_text(json.dumps(CONTEXTS), encoding="utf-8")
    assert main([str(tmp_path / "c.json"), str(tmp_path / "out")]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["rules.d", "secrets.toml", "vamaild.toml"]
