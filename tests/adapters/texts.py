"""A morning in December, and a place for texts of one's own."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

SHIPPED = Path(__file__).parents[2] / "templates"
ZONES = {"it": "Europe/Rome", "cs": "Europe/Prague", "en": "Europe/London"}


def scene(language: str) -> dict[str, object]:
    """3 December 2026, 10:40, as in the agreed texts: Italian clients keep 8 December, a holiday."""

    def today(hour: int, minute: int = 0, day: int = 3) -> datetime:
        return datetime(2026, 12, day, hour, minute, tzinfo=ZoneInfo(ZONES[language]))

    italian = language == "it"
    answered = date(2026, 12, 10 if italian else 9)
    laura = {"name": "Laura Conti", "title": "", "role": "architetta", "phone": "051 000 0000"}
    laura |= {"email": "laura@conti.example", "what": "i cantieri in corso"}
    tomas = {"name": "Tomáš Král", "title": "kolega", "phone": "+420 555 000 111", "email": "tomas@kral.example"}
    tomas |= dict.fromkeys(("role", "what"), {"cs": "montáže a reklamace"}.get(language, "installations and repairs"))
    return {
        "now": today(10, 40),
        "tu": False,
        "automatic": True,
        "msg": {"subject": "Preventivo infissi"},
        "va": {"name": "Giulia Ferri" if italian else "Jana Dvořáková", "gender": "f"},
        "person": {"name": "Marco"},
        "principal": {"name": "Marco Rossi" if italian else "Petr Novák"},
        "client": {"name": "Studio Rossi"},
        "away": {
            "words": {"it": "in ferie", "cs": "na dovolené", "en": "away"}[language],
            "back": date(2026, 12, 7),
            "answer_by": answered,
        },
        "lead": {"ready_on": answered, "days": 4},
        "rush": {
            "ready_at": today(18),
            "percent": 50,
            "accept_by": today(11, 30),
            "accepted_at": today(11, 12),
            "cancel_by": today(12),
        },
        "colleague": laura if italian else tomas,
        "promise": {"at": today(12, 10), "next": today(15)},
    }


ANSWERS = {
    "it": "Le copie delle fatture sono nell'area clienti, alla voce «Documenti»: si entra con l'indirizzo email "
    "usato per l'ordine.",
    "cs": "Kopii faktury si můžete stáhnout v zákaznické sekci pod položkou „Doklady“; přihlásíte se e-mailem, na "
    "který byla objednávka.",
    "en": 'You can download a copy of the invoice in the customer area under "Documents"; log in with the email '
    "address used for the order.",
}
STATUS = {
    "it": "il tecnico è sul posto e la chiusura provvisoria è fatta.",
    "cs": "technik je na místě a okno je provizorně zajištěné.",
    "en": "the technician is on site and the window is secured for now.",
}


def words_for(name: str, language: str, **changed: object) -> dict[str, object]:
    words = scene(language) | {"answer": ANSWERS[language], "status_text": STATUS[language]} | changed
    if name == "vacation-fifth":
        words["promise"] = {"at": datetime(2026, 12, 4, 9, tzinfo=ZoneInfo(ZONES[language]))}
    return words


def put(own: Path, name: str, text: str | bytes) -> Path:
    path = own / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
