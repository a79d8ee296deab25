"""Leaving and coming back at work: the assistant's order over the file, texts of an absence that is over, nudges."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from . import interview, notes
from .core import absence
from .core.absence import ORDER, Order
from .core.calendar import add_working_days
from .core.departure import SEEN, Known, mark
from .core.ladder import FIFTH
from .core.ledger import Entry, NewCase, Outcome, Sort, State
from .core.letter import TemplateError
from .core.reasons import Reason
from .core.ruleset import Absence, Kind, RuleSet
from .core.vocabulary import situations
from .notices import ruleset_of
from .presence import local as local
from .presence import order as order
from .presence import standing as standing
from .presence import stands as stands
from .principal import address_of
from .service import Service

NUDGE, OF_ABSENCE = "note-nudge", "vacation-"
SHOWN_TO_HIM = ("vacation-first", "vacation-second", "vacation-fifth", "colleague", "emergency-received")
OWN_REPLY = (Reason.OUT_OF_OFFICE, Reason.AUTO_SUBMITTED)
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ended:
    """What an end did: the absence that is over, how many people were promised a date, how many replies were kept."""

    absence: Absence
    promised: int
    by: date | None
    withdrawn: int


def planned(ruleset: RuleSet, first: date | None, back: date | None, margin: int, here: datetime) -> Absence:
    """Away from `first` (None: at once) until `back` (None: as the file says); `here` is now, in the client's zone.

    The date customers are told is the file's, or so many working days (`margin`) after the return.
    """
    written = ruleset.absence
    held = written is not None and (written.back is None or written.back > here.date())
    if written and held and back in (None, written.back):
        back, answer_by = written.back, written.answer_by
    else:
        answer_by = add_working_days(back, margin, ruleset.week) if back else None
    return Absence(first or here.date(), back, answer_by, written.say if written else {})


def start(ruleset: RuleSet, found: Absence, service: Service) -> None:
    """From now on this absence holds, over the file."""
    before = order(ruleset, service.store)
    earlier = before.spans if before else ()
    said = Order(ruleset.client.id, service.now(), True, found.first, found.back, found.answer_by, earlier)
    service.store.keep_away(said.client, ORDER, absence.to_value(said), service.now())


def end(ruleset: RuleSet, service: Service) -> Ended | None:
    """The principal is back now; None when nobody is away, now or later. What was promised stays promised."""
    here, client = local(ruleset, service.now()), ruleset.client.id
    found = standing(ruleset, service).absence
    if found is None or (found.back is not None and found.back <= here.date()):
        return None
    with service.store.transaction():
        said = absence.ended(client, found, ruleset.absence, order(ruleset, service.store), here)
        service.store.keep_away(client, ORDER, absence.to_value(said), service.now())
        withdrawn = watch(service)
    promised = {
        p.promise.to for p in service.store.promises(client=client) if p.promise.template.startswith(OF_ABSENCE)
    }
    return Ended(found, len(promised), found.answer_by, withdrawn)


def watch(service: Service) -> int:
    """Texts of an absence that still wait when it is over do not leave: somebody looks. Returns how many."""
    count = 0
    for item in service.store.outbox((State.QUEUED,)):
        mail = item.mail
        if mail.sort is not Sort.COURTESY or not mail.template.startswith(OF_ABSENCE) or mail.template == FIFTH:
            continue  # the fifth was read and sent off by a person
        ruleset = ruleset_of(mail.client, service)
        if ruleset is None or standing(ruleset, service).away(local(ruleset, service.now()).date()):
            continue
        with service.store.transaction():
            service.store.withdraw(item.id, Reason.NOT_AWAY)
            entry = service.store.entry(item.message) if item.message else None
            if item.message and entry and service.store.reopen(item.message, Reason.NOT_AWAY):
                note = "the absence was over before this reply left: nothing was sent"
                case = NewCase(mail.client, Reason.NOT_AWAY, note, mail.to, entry.subject)
                service.store.open_case(case, service.now(), item.message)
        count += 1
    return count


def heed(entry: Entry, service: Service) -> None:
    """What a recorded message brings besides: silence for whoever asked for it, a nudge to the assistant.

    Belongs into the transaction of `record`.
    """
    if entry.explanation.get("no_auto") and entry.address:
        service.store.silence(entry.client, entry.address, service.now())
    if entry.outcome is Outcome.WAITING and entry.reason == Reason.NUDGE and entry.case:
        words = {"case": {"who": entry.case.who, "subject": entry.case.subject, "client": _name(entry.client, service)}}
        notes.queue(NUDGE, (entry.client, entry.fingerprint, str(entry.uid)), words, service)


def _name(client: str, service: Service) -> str:
    ruleset = ruleset_of(client, service)
    return ruleset.client.name if ruleset else client


# ---- before leaving


def known(ruleset: RuleSet, service: Service) -> Known:
    """What the ledger says about the list before leaving."""
    store, client = service.store, ruleset.client.id
    kept = {name: store.away_kept(client, f"seen {name}") for name in SEEN}
    rehearsal = store.away_kept(client, "rehearsal")
    return Known(
        coverage=interview.known(ruleset, service),
        consents=store.consents(client),
        drill=store.last_drill(client),
        seen={name: (found[0], str(found[1].get("mark"))) for name, found in kept.items() if found},
        marks=marks(ruleset, service),
        own_reply=_answers_itself(ruleset, service),
        rehearsal=rehearsal[1] if rehearsal else None,
    )


def marks(ruleset: RuleSet, service: Service) -> dict[str, str]:
    """Of what the principal is to see: his texts as they would be written, and his emergencies."""
    rules = [(r.name, r.when, r.unless, r.strike) for r in ruleset.rules if r.kind is Kind.EMERGENCY]
    written = [_sample(text, code, ruleset, service) for code in ruleset.client.languages for text in SHOWN_TO_HIM]
    return {"disasters": mark(ruleset.escalation.own_only, rules), "texts": mark(*written)}


def _sample(text: str, language: str, ruleset: RuleSet, service: Service) -> str:
    """The text with words that never change, so that only a change of the text changes it."""
    words = next(situations(text))
    try:
        return service.rules.tools.render(text, language, ruleset.client.id, words).body
    except TemplateError as error:
        return str(error)


def _answers_itself(ruleset: RuleSet, service: Service) -> str:
    """An address of the principal's that sent a vacation reply in the last 30 days; "" for none."""
    own, since = {a.lower() for a in (*ruleset.client.arrives, address_of(ruleset))}, service.now() - LOOKED_BACK
    entries = service.store.decided_between(since, service.now() + timedelta(microseconds=1))
    mine = (e for e in entries if e.client == ruleset.client.id and e.address.lower() in own)
    return next((e.address.lower() for e in mine if e.reason in OWN_REPLY), "")
