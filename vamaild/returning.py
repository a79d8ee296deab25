"""The morning of the return: one mail to the principal that can be answered, written once for each absence.

His answers count only when they are proven to be his: 1 and 2 under an emergency say whether it could have waited,
words under anything else are put before the assistant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from . import interview, leaving
from .core import wording
from .core.digest import SHOWN, Digest, Item, Over, Section, as_html, as_text, digest, over, to_bytes
from .core.egress import betrays
from .core.inline import answers
from .core.ledger import NewCase, Outgoing, Sort
from .core.letter import Envelope, Letter, TemplateError, clean, key_for
from .core.message import Message
from .core.reasons import Reason
from .core.resolve import Resolved, matters
from .core.route import find_person
from .core.ruleset import RuleSet
from .hearing import Heard
from .principal import address_of, speaks
from .service import Service

TEMPLATE, LINE, KEPT = "note-return", "note-return-line", "return"
TOO_LATE = timedelta(days=14)
HE = "principal"
VERDICTS = {"1": True, "2": False}


@dataclass(frozen=True, slots=True)
class Written:
    """The digest as it is sent: to whom, the letter, its HTML, and the codes of the cases it names."""

    to: str
    letter: Letter
    html: str
    key: str
    codes: tuple[str, ...]
    found: Digest


def watch(service: Service) -> int:
    """Queues every digest that is due; returns how many. One that is a fortnight late helps nobody any more."""
    sent = 0
    for ruleset in service.rules.rulebook.clients:
        if ruleset.absence is None and leaving.order(ruleset, service.store) is None:
            continue
        due = due_now(ruleset, service)
        if due and service.store.away_kept(ruleset.client.id, due.name) is None:
            sent += _send_once(ruleset, due, service)
    return sent


def due_now(ruleset: RuleSet, service: Service) -> Over | None:
    """The absence whose digest is due at this moment, sent or not."""
    here = leaving.local(ruleset, service.now())
    return over(ruleset.absence, leaving.order(ruleset, service.store), here, ruleset.week)


def _send_once(ruleset: RuleSet, due: Over, service: Service) -> int:
    """That it went is kept in the transaction that queues it."""
    late = service.now() - due.due > TOO_LATE
    written = None if late else write(ruleset, due, service)
    with service.store.transaction():
        service.store.keep_away(ruleset.client.id, due.name, {"sent": written is not None}, service.now())
        if written is None:
            return 0
        send(ruleset, written, service)
    return 1


def send(ruleset: RuleSet, written: Written, service: Service) -> bool:
    """Queues it, and keeps what an answer to it may name. False when it may not leave: it would betray a secret."""
    sender, now, client = service.rules.sending.address, service.now(), ruleset.client
    assistant = service.rules.rulebook.assistant
    envelope = Envelope(
        assistant.name, sender, written.to, written.key, language=client.language, auto="auto-generated"
    )
    raw = to_bytes(written.letter, written.html, envelope, now.astimezone(ZoneInfo(client.timezone)))
    if refused := betrays(raw, service.rules.rulebook.secrets):
        service.journal.error("the digest of the return may not leave", client=client.id, fault=refused)
        return False
    service.store.keep_away(client.id, KEPT, {"key": written.key, "codes": list(written.codes)}, now)
    service.store.queue_mail(Outgoing(written.key, Sort.NOTE, written.to, raw, now, client.id, TEMPLATE))
    service.journal.info("digest of the return", client=client.id)
    return True


def preview(service: Service, client: str) -> str:
    """The digest as it would be written now, as text; "" when there is no such client or nobody was away."""
    ruleset = next((r for r in service.rules.rulebook.clients if r.client.id == client), None)
    span = span_of(ruleset, service) if ruleset else None
    if ruleset is None or span is None:
        return ""
    written = write(ruleset, span, service, empty=True)
    return f"To: {written.to}\nSubject: {written.letter.subject}\n\n{written.letter.body}" if written else ""


def span_of(ruleset: RuleSet, service: Service) -> Over | None:
    """The absence that is on, until now; else the one that ended last."""
    here = leaving.local(ruleset, service.now())
    now_away = leaving.standing(ruleset, service).away(here.date())
    return Over(replace(now_away, back=None), here) if now_away else due_now(ruleset, service)


def write(ruleset: RuleSet, due: Over, service: Service, *, empty: bool = False) -> Written | None:
    """The mail; None when nothing arrived (unless `empty`), there is nobody to send it to, or it cannot be written."""
    to, found = address_of(ruleset), gather(ruleset, due, service)
    if not to or not (found.arrived or empty):
        return None
    try:
        return _written(ruleset, due, found, to, service)
    except TemplateError as error:
        service.journal.error("the digest of the return cannot be written", client=ruleset.client.id, fault=str(error))
        return None


# ---- what goes in


def gather(ruleset: RuleSet, due: Over, service: Service) -> Digest:
    """Everything of this client since its absence began."""
    store, client = service.store, ruleset.client.id
    begun = datetime.combine(due.absence.first, time.min, ZoneInfo(ruleset.client.timezone))
    until = service.now() + timedelta(microseconds=1)
    entries = [e for e in store.decided_between(begun, until) if e.client == client and e.received >= begun]
    cases = [c for c in store.cases(everything=True) if c.case.client == client and c.opened >= begun]
    made = [p for p in store.promises(client=client) if p.made_at >= begun]
    ended = matters(store.urgent(client, begun, until))
    ways = [sum(m.resolved is how for m in ended) for how in (Resolved.SAID, Resolved.SILENT)]
    missing = interview.coverage(entries, ruleset, service).questions if entries else ()
    return digest(
        entries[::-1],
        [(c, store.entry(c.message) if c.message else None) for c in cases],
        [(p, e) for p in made if (e := store.entry(p.message))],
        frozenset(v.code for v in store.verdicts(client, begun, until) if v.who == HE),
        (ways[0], ways[1]),
        tuple((q.words, q.count) for q in missing[:3]),
        frozenset(s.title for s in ruleset.situations if s.then == "list"),
    )


# ---- how it is written


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes the lines of one digest, in the client's language."""

    ruleset: RuleSet
    service: Service
    common: Mapping[str, object]

    def say(self, sort: str, item: Item | None = None, count: int = 0) -> str:
        found, zone = item or Item("", ""), ZoneInfo(self.ruleset.client.timezone)
        words = {
            "sort": sort,
            "who": found.who,
            "subject": found.subject,
            "times": count or found.times,
            "code": found.code,
            "promised": found.promised.astimezone(zone).date() if found.promised else None,
            "at": found.at.astimezone(zone).date() if found.at else None,
            "minutes": -1 if found.minutes is None else found.minutes,
        }
        client, tools = self.ruleset.client, self.service.rules.tools
        letter = tools.render(LINE, client.language, client.id, {**self.common, "item": words})
        return " ".join(letter.body.split())

    def lines(self, sort: str, items: Sequence[Item]) -> list[str]:
        """One for each; of many the rest is counted."""
        lines = [self.say(sort, item) for item in items[:SHOWN]]
        return lines + ([self.say("more", count=len(items) - SHOWN)] if len(items) > SHOWN else [])

    def section(self, sort: str, items: Sequence[Item], more: Iterable[str] = ()) -> Section:
        return Section(self.say(f"head-{sort}"), (*self.lines(sort, items), *more))


def _written(ruleset: RuleSet, due: Over, found: Digest, to: str, service: Service) -> Written:
    client, assistant = ruleset.client, service.rules.rulebook.assistant
    now = leaving.local(ruleset, service.now())
    common = wording.common(ruleset, assistant, find_person(ruleset, to), "", now, True)
    common |= {"colleague": wording.colleague_words(ruleset.colleague, client.language)}
    sender = service.rules.sending.address
    key = key_for(KEPT, client.id, due.name, due.due.isoformat(), domain=sender.rpartition("@")[2])
    sections = _sections(found, _Pen(ruleset, service, common), sender)
    last = (due.absence.back - timedelta(days=1)) if due.absence.back else now.date()
    codes = tuple(dict.fromkeys(i.code for i in (*found.decide, *found.to_judge) if i.code))
    words = {
        "arrived": found.arrived,
        "decide": len(found.decide),
        "first": due.absence.first,
        "last": max(last, due.absence.first),
        "sections": as_text(sections),
        "code": next(iter(codes), ""),
    }
    letter = service.rules.tools.render(TEMPLATE, client.language, client.id, {**common, "digest": words})
    before, _, after = letter.body.partition(as_text(sections) or "\0")
    return Written(to, letter, as_html(letter, before, sections, after, client.language), key, codes, found)


def _sections(found: Digest, pen: _Pen, sender: str) -> list[Section]:
    happened = [pen.say("called", i) for i in found.called]
    happened += [pen.say("manual", count=found.manual)] if found.manual else []
    happened += pen.lines("listed", found.listed)
    happened += [pen.say("said", count=found.said)] if found.said else []
    happened += [pen.say("silent", count=found.silent)] if found.silent else []
    judge = pen.section("judge", found.to_judge)
    taps = tuple(_taps(pen, item, sender) for item in found.to_judge[:SHOWN])
    missing = [pen.say("missing", Item("", words, times)) for words, times in found.missing]
    archive = [pen.say("archive", count=found.archive)] if found.archive else []
    every = [
        pen.section("decide", found.decide),
        pen.section("promised", found.promised),
        pen.section("handed", found.handed),
        pen.section("happened", (), happened),
        pen.section("archive", (), archive),
        replace(judge, links=taps),
        pen.section("missing", (), missing),
    ]
    return [s for s in every if s.lines]


def _taps(pen: _Pen, item: Item, sender: str) -> tuple[tuple[str, str], ...]:
    """One tap writes the answer: a mail to us whose subject and text say it. Nothing happens until he sends it."""
    return tuple(
        (
            pen.say(f"tap-{said}"),
            f"mailto:{quote(sender, safe='@')}?subject={item.code}%20{said}&body={item.code}%20{said}",
        )
        for said in VERDICTS
    )


# ---- what he answers


def hear(message: Message, service: Service) -> Heard | None:
    """An answer to a digest, dealt with; None for every other mail. Belongs into the transaction of its ledger row."""
    who = speaks(message, service)
    client = who.ruleset.client.id if who else ""
    kept = service.store.away_kept(client, KEPT) if who else None
    if who is None or kept is None:
        return None
    codes = [str(c) for c in _listed(kept[1].get("codes"))]
    in_thread = kept[1].get("key") in message.references
    said = answers(f"{message.subject}\n{message.text}" if not in_thread else message.text, codes)
    if not in_thread and not said:
        return None
    proven = bool(service.rules.rulebook.own_servers) or in_thread
    if who.doubt or not proven:
        _show(
            client,
            Reason.ANSWER_FORGED,
            f"it does nothing: {who.doubt or 'it does not answer our mail'}",
            message,
            service,
        )
        return Heard(client, Reason.ANSWER_FORGED)
    heard = [_take(code, words, client, service) for code, words in said.items()]
    rest = [note for note in heard if note]
    if rest or not said:
        note = "; ".join(rest) or clean(message.text, 300)
        _show(client, Reason.PRINCIPAL_SAYS, note, message, service)
    return Heard(client, Reason.PRINCIPAL_SAYS)


def _take(code: str, words: str, client: str, service: Service) -> str:
    """A verdict is kept; anything else is told to the assistant."""
    case = service.store.case(code)
    plain = words.strip(" .!)").lower()
    emergency = case is not None and case.case.client == client and case.case.escalates
    if emergency and plain in VERDICTS and service.store.verdict(code, HE, VERDICTS[plain], service.now()):
        return ""
    return f"[{code}] {clean(words, 300)}"


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _show(client: str, reason: Reason, note: str, message: Message, service: Service) -> None:
    case = NewCase(client, reason, clean(note, 400), clean(message.from_[0], 60), clean(message.subject, 120))
    service.store.open_case(case, service.now())
