"""The words a reply may use: plain values by name, nothing of the incoming message but its cleaned subject."""

from collections.abc import Mapping
from datetime import datetime

from .case import Case
from .letter import bare_subject
from .promises import Offer
from .ruleset import Assistant, Colleague, Person, RuleSet

TU = {"tu", "ty"}


def _by_language(texts: Mapping[str, str], language: str) -> str:
    """The text in this language, else "": every template has words of its own for what nobody wrote."""
    return texts.get(language, "")


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


def common(
    ruleset: RuleSet, assistant: Assistant, person: Person | None, subject: str, now: datetime, automatic: bool = True
) -> dict[str, object]:
    """Words that every text has; `now` is in the client's time zone."""
    tu = bool(person and person.tone in TU)
    return {
        "now": now,
        "tu": tu,
        "automatic": automatic,
        "msg": {"subject": bare_subject(subject)},
        "va": {"name": assistant.name, "gender": assistant.gender},
        "client": {"name": ruleset.client.name},
        "principal": {"name": ruleset.client.principal or ruleset.client.name},
        "person": {"name": person.name if person else ""},
    }


def basic(case: Case, language: str, automatic: bool = True) -> dict[str, object]:
    """Words that every text has. Dates are the client's."""
    return common(case.ruleset, case.rulebook.assistant, case.person, case.message.subject, case.now, automatic)


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


def sold(offer: Offer, accepted_at: datetime, cancel_by: datetime | None) -> dict[str, object]:
    """Words of a rush that both sides agreed to; without the last moment to call it off where there is none."""
    agreed = {"ready_at": offer.ready_at, "percent": offer.percent, "accepted_at": accepted_at}
    return {"rush": agreed | ({"cancel_by": cancel_by} if cancel_by else {})}


def promise(at: datetime) -> dict[str, object]:
    """Words of a promised hour."""
    return {"promise": {"at": at}}
