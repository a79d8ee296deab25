"""The words a reply may use: plain values by name, nothing of the incoming message but its cleaned subject."""

from collections.abc import Mapping
from datetime import datetime

from .case import Case
from .letter import bare_subject
from .promises import Offer
from .ruleset import Colleague

TU = {"tu", "ty"}


def _by_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else in English, else any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def colleague_words(colleague: Colleague | None, language: str) -> dict[str, str] | None:
    """What customers may see of the colleague; None where there is none."""
    if colleague is None:
        return None
    role = _by_language(colleague.role, language)
    return {
        "name": colleague.name,
        "email": colleague.email,
        "phone": colleague.phone,
        "title": _by_language(colleague.title, language),
        "role": role,
        "what": _by_language(colleague.what, language) or role,
    }


def basic(case: Case, language: str, automatic: bool = True) -> dict[str, object]:
    """Words that every text has. Dates are the client's."""
    client, assistant = case.ruleset.client, case.rulebook.assistant
    person = case.person
    tu = bool(person and person.tone in TU)
    return {
        "now": case.now,
        "tu": tu,
        "automatic": automatic,
        "msg": {"subject": bare_subject(case.message.subject)},
        "va": {"name": assistant.name, "gender": assistant.gender},
        "client": {"name": client.name},
        "principal": {"name": client.principal or client.name},
        "person": {"name": person.name if person else ""},
    }


def away(case: Case, language: str) -> dict[str, object]:
    """Words of an absence; {} when nobody is away."""
    absence = case.absence
    if absence is None:
        return {}
    words = _by_language(absence.say, language)
    return {"away": {"words": words, "back": absence.back, "answer_by": absence.answer_by}}


def lead(case: Case) -> dict[str, object]:
    """Words of the agreed notice; {} for a client without a contract."""
    agreed = case.ruleset.lead
    return {"lead": {"ready_on": case.ready_by, "days": agreed.days, "unit": agreed.unit}} if agreed else {}


def rush(offer: Offer) -> dict[str, object]:
    """Words of the second possibility."""
    return {"rush": {"ready_at": offer.ready_at, "percent": offer.percent, "accept_by": offer.accept_by}}


def promise(at: datetime) -> dict[str, object]:
    """Words of a promised hour."""
    return {"promise": {"at": at}}
