"""Answers to the report that are commands: PAUSE, RESUME, yes or no to its numbered questions.

They count only from whom the report was sent to, in its thread, once, and where our own server does not say that they
are forged; the client may only pause his own mail. Each is confirmed by a short note, what is not understood is asked
back once. Any other mail in that thread is a mail like every other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import learning, phrasing
from .adapters import files
from .adapters.templates import Texts
from .core.cases import NewCase, QueueCase
from .core.egress import inspect
from .core.grammar import GrammarError
from .core.learning import Kept, Sheet, Standing
from .core.ledger import Outgoing, Sort
from .core.letter import Envelope, Letter, TemplateError, bare_subject, clean, key_for, to_bytes
from .core.message import Message
from .core.newtext import split
from .core.orders import Orders, read
from .core.phrases import Phrases
from .core.reasons import Reason
from .core.report_rows import Row
from .core.report_tree import Items, Section, shown
from .core.ruleset import Language, Trust
from .core.sameness import domain_of
from .core.sender import disputed
from .core.trust import Pause
from .hearing import Heard
from .notices import ruleset_of
from .service import Service

FILE, TEMPLATE = "commands.toml", "note-command"
ME, CLIENT = "me", "client"
LOOKED_BACK, MOST_CASES, MOST_MATTERS, MOST_RULES = timedelta(days=31), 9, 5, 3
MOST_WORDS_OF_A_CLIENT = 12


# ---- asking


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a report: what each number means, and as the last section of its page (None: no question)."""

    questions: tuple[str, ...] = ()
    section: Section | None = None


NOTHING = Asked()


def questions(service: Service, language: str = "", unknown: Sequence[Row] = ()) -> Asked:
    """What the assistant's report asks now; `unknown` are urgencies of which nobody said how they ended.

    Raises TemplateError when its words cannot be used.
    """
    say = _phrases(service, language or service.rules.settings.assistant.language)
    cases, rules = list(_unjudged(service))[:MOST_CASES], learning.waiting(service)[:MOST_RULES]
    matters = _matters(unknown)[:MOST_MATTERS]
    waited = [f"message {' '.join(str(row.id) for row in rows)}" for rows in matters]
    names = (*(f"case {c.code}" for c in cases), *waited, *(f"rule {k.number}" for k in rules))
    try:
        lines = [_case_line(n, case, service, say) for n, case in enumerate(cases, 1)]
        lines += [_matter_line(n, rows[0], service, say) for n, rows in enumerate(matters, len(lines) + 1)]
        lines += [_rule_line(n, kept, service, say) for n, kept in enumerate(rules, len(lines) + 1)]
        end = " ".join([*([say.say("ask.how")] if lines else []), say.say("ask.pause")])
        blocks = (Items(tuple(lines)), end) if lines else (end,)
        return Asked(names, Section("answers", say.say("ask.title", len(lines)), blocks))
    except GrammarError as error:
        raise TemplateError(f"templates/{say.language}/{FILE}: {error}") from error


def _unjudged(service: Service) -> Iterator[QueueCase]:
    since = service.now() - LOOKED_BACK
    for ruleset in service.rules.rulebook.clients:
        judged = service.store.judged_cases(ruleset.client.id, since)
        yield from (case for case in judged if case.could_wait is None)


def _name(client: str, service: Service) -> str:
    ruleset = ruleset_of(client, service)
    return ruleset.client.name if ruleset else client


def _case_line(number: int, case: QueueCase, service: Service, say: Phrases) -> str:
    what = shown(bare_subject(case.case.subject) or case.case.who)
    return say.say("ask.case", number, client=_name(case.case.client, service), what=what)


def _matters(unknown: Sequence[Row]) -> list[list[Row]]:
    """One question for each person and subject, the oldest first."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in unknown:
        found.setdefault((row.client, row.who, bare_subject(row.subject).casefold()), []).append(row)
    return list(found.values())


def _matter_line(number: int, row: Row, service: Service, say: Phrases) -> str:
    what = shown(bare_subject(row.subject) or row.who)
    return say.say("ask.matter", number, client=_name(row.client, service), what=what)


def _rule_line(number: int, kept: Kept, service: Service, say: Phrases) -> str:
    """A report holds no addresses: a sender is named by his name there and his domain."""
    proposal = kept.proposal
    words = ", ".join(re.sub(r"@(.+)", r" (\1)", value) for value in proposal.values)
    changed = len(learning.effect(proposal, service).changed)
    return say.say(
        f"ask.{proposal.condition}",
        number,
        client=_name(proposal.client, service),
        words=clean(words, 80),
        kind=say.say(f"kind.{proposal.kind}"),
        effect=say.say("ask.effect", changed),
    )


def remember(mail: Outgoing, asked: Asked, service: Service, client: str = "") -> None:
    """Keeps what an answer to this report may name; one that is never sent is never answered."""
    service.store.keep_sheet(Sheet(mail.key, client, mail.to, service.now(), asked.questions))


def _phrases(service: Service, language: str) -> Phrases:
    """Raises TemplateError."""
    render, here = service.rules.tools.render, files.shipped("templates")
    own = render.roots if isinstance(render, Texts) else (here,)
    now = service.now().astimezone(ZoneInfo(service.rules.settings.assistant.timezone))
    return phrasing.load(own, language, FILE, now)


# ---- hearing


@dataclass(slots=True)
class _Answer:
    """One answer being carried out: to which report, in which language, and the lines that confirm it."""

    sheet: Sheet
    message: Message
    service: Service
    language: str
    lines: list[tuple[str, int | None, Mapping[str, object]]] = field(default_factory=list)

    @property
    def by(self) -> str:
        return CLIENT if self.sheet.client else ME

    def say(self, key: str, number: int | None = None, **words: object) -> None:
        self.lines.append((key, number, words))


def hear(message: Message, service: Service) -> Heard | None:
    """An answer to a report that gives an order, dealt with; None for every other mail. Raises StoreError.

    Belongs into the transaction of the message's ledger row.
    """
    sheet = service.store.sheet_of(message.references)
    if sheet is None:
        return None
    own, answer = split(message.text).own, _Answer(sheet, message, service, _language(sheet, service))
    if _by_a_machine(message):
        return None if sheet.client else Heard("", Reason.NOTICE_ECHO)
    orders = read(own, *_languages(answer))
    if not orders.anything and (sheet.client or not _is_from(message, sheet)):
        return None
    if sheet.client and (not (orders.pause or orders.resume) or len(own.split()) > MOST_WORDS_OF_A_CLIENT):
        return None  # a request of his, whatever else stands in it
    if why := _doubt(message, sheet, service):
        _show(Reason.ANSWER_FORGED, f"an answer to a report that does nothing: {why}", answer)
        return Heard(sheet.client, Reason.ANSWER_FORGED)
    return Heard(sheet.client, _obey(orders, own, answer))


def _language(sheet: Sheet, service: Service) -> str:
    ruleset = ruleset_of(sheet.client, service) if sheet.client else None
    return ruleset.client.language if ruleset else service.rules.settings.assistant.language


def _languages(answer: _Answer) -> tuple[tuple[Language, ...], tuple[Language, ...]]:
    """(that of the report, all): a "no" of another language may be a yes."""
    known = answer.service.rules.rulebook.languages
    return tuple(known[c] for c in (answer.language,) if c in known), tuple(known.values())


def _is_from(message: Message, sheet: Sheet) -> bool:
    return message.from_ == (sheet.to.lower(),)


def _by_a_machine(message: Message) -> bool:
    """An absence notice is no answer: nobody has read anything."""
    said = {value.strip().lower() for value in message.all("auto-submitted")}
    marks = message.has_any(("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response-suppress", "list-id"))
    bulk = {v.strip().lower() for v in message.all("precedence")} & {"bulk", "junk", "list", "auto_reply"}
    return bool(said - {"no"} or marks or bulk or message.report or message.return_path == "")


def _doubt(message: Message, sheet: Sheet, service: Service) -> str:
    """Why this may not be from whom the report was sent to; "" when it may."""
    if not _is_from(message, sheet):
        return "it comes from another address than the report was sent to"
    if message.forwarded is not None:
        return "it was handed on by somebody else"
    if sheet.heard and _written(message) <= sheet.heard:
        return "it was written before an answer that was already taken"
    servers = service.rules.rulebook.own_servers
    proof = service.rules.tools.authenticate(message.all("authentication-results"), servers)
    if proof.failed:
        return "it does not come from where it says (DMARC)"
    if servers and (proof.dmarc != "pass" or proof.domain != domain_of(sheet.to)):
        return "nothing proves that it comes from where it says (no DMARC pass)"
    return disputed(message, proven=bool(servers))


def _written(message: Message) -> datetime:
    return min(message.sent, message.received) if message.sent else message.received


def _obey(orders: Orders, own: str, answer: _Answer) -> Reason:
    """Does what was understood, and confirms it; the first time that nothing was, asks back."""
    sheet, service = answer.sheet, answer.service
    if not orders.anything:
        return _ask_back(own, answer)
    service.store.keep_sheet(replace(sheet, heard=_written(answer.message)))
    if orders.pause:
        _pause(answer)
    if orders.resume:
        _resume(answer)
    numbered = orders.answers or ({1: orders.bare} if orders.bare is not None and len(sheet.questions) == 1 else {})
    for number, yes in numbered.items():
        _reply(number, yes, answer)
    if orders.unclear and answer.lines:
        answer.say("note.rest")
    if not answer.lines:
        return _ask_back(own, answer)
    _confirm(orders, len(numbered), answer)
    service.journal.info("an answer to the report", client=sheet.client or "-", lines=len(answer.lines))
    return Reason.NOTICE_ANSWERED


def _ask_back(own: str, answer: _Answer) -> Reason:
    """Once for each report; later the assistant finds it in her queue. Mere thanks ask for nothing."""
    if not own.strip() or _only_thanks(own, answer):
        return Reason.NOTICE_ANSWERED
    if answer.sheet.asked:
        _show(Reason.ANSWER_UNCLEAR, f"an answer to the report was not understood: {clean(own, 200)}", answer)
        return Reason.ANSWER_UNCLEAR
    answer.service.store.keep_sheet(replace(answer.sheet, asked=True))
    answer.say("note.again")
    _send("note.asked", None, answer)
    return Reason.ANSWER_UNCLEAR


def _only_thanks(own: str, answer: _Answer) -> bool:
    from .core.words import Text, find

    mine, _ = _languages(answer)
    polite = (p for language in mine for p in (*language.phrases("answers.polite"), *language.phrases("signs.thanks")))
    return len(own.split()) <= 6 and "?" not in own and find(polite, Text(own)) is not None


def _pause(answer: _Answer) -> None:
    client = answer.sheet.client
    held = [p for p in answer.service.store.pauses(answer.service.now()) if p.client == client]
    by = held[0].by if held else answer.by  # a client who says PAUSE must not make the assistant's pause his own
    answer.service.store.pause(Pause(client, answer.service.now(), None, by))
    answer.say("note.paused-client" if client else "note.paused", client=_name(client, answer.service))
    if client:
        _show(Reason.PRINCIPAL_SAYS, "the client has paused all automatic replies to his mail", answer)


def _resume(answer: _Answer) -> None:
    client, store, now = answer.sheet.client, answer.service.store, answer.service.now()
    held = [p for p in store.pauses(now) if p.client == client]
    if client and (any(p.by != CLIENT for p in held) or any(not p.client for p in store.pauses(now))):
        answer.say("note.not-yours")
        _show(Reason.PRINCIPAL_SAYS, "the client would like automatic replies to go on; the pause is yours", answer)
        return
    answer.say("note.resumed" if store.resume(client) else "note.not-paused")
    others = [_name(p.client, answer.service) for p in store.pauses(now) if p.client and not client]
    if others:
        answer.say("note.still", clients=", ".join(others))
    if client:
        _show(
            Reason.PRINCIPAL_SAYS, "the client has ended his pause: automatic replies to his mail leave again", answer
        )


def _reply(number: int, yes: bool, answer: _Answer) -> None:
    """One numbered answer."""
    asked = answer.sheet.questions
    if not 1 <= number <= len(asked):
        answer.say("note.no-number", number)
        return
    sort, _, name = asked[number - 1].partition(" ")
    store, now = answer.service.store, answer.service.now()
    if sort == "case":
        kept = store.verdict(name, ME, yes, now)
        answer.say(("note.could-wait" if yes else "note.could-not") if kept else "note.before", number)
    elif sort == "message":
        found = [store.outcome(int(message), yes, ME, now) for message in name.split()]
        answer.say(("note.waited" if yes else "note.waited-badly") if any(found) else "note.gone", number)
    else:
        _decide(number, learning.find(int(name), answer.service), yes, answer)


def _decide(number: int, kept: Kept | None, yes: bool, answer: _Answer) -> None:
    """Yes or no to a proposed rule."""
    service = answer.service
    if kept is None or kept.standing in (Standing.ACCEPTED, Standing.REFUSED):
        answer.say("note.before", number)
    elif not yes:
        learning.refuse(kept, ME, service)
        answer.say("note.refused", number)
    else:
        try:
            done = learning.accept(kept, ME, service)
        except learning.NotTakenError as error:
            answer.say("note.not-taken", number, why=str(error))
        else:
            answer.say("note.accepted" if done else "note.agreed", number, rule=kept.number)


# ---- confirming


def _confirm(orders: Orders, numbered: int, answer: _Answer) -> None:
    if orders.pause or orders.resume:
        _send("note.pause" if orders.pause else "note.resume", None, answer)
    else:
        _send("note.answers", numbered, answer)


def _send(head: str, count: int | None, answer: _Answer) -> None:
    """The note; to a client only where mail to him leaves by itself. What cannot be written is told in the journal."""
    sheet, service = answer.sheet, answer.service
    ruleset = ruleset_of(sheet.client, service) if sheet.client else None
    if sheet.client and (ruleset is None or ruleset.client.trust is not Trust.SEND):
        return
    try:
        letter = _letter(head, count, answer)
    except (TemplateError, GrammarError) as error:
        service.journal.error("the answer to the report is not confirmed", fault=str(error))
        return
    mail = _mail(letter, answer)
    secrets = tuple(s for s in service.rules.rulebook.secrets if s.lower() != sheet.to.lower())
    if refused := inspect(mail.raw, mail.to, secrets):
        service.journal.error("the answer to the report is not confirmed", fault=refused)
        return
    service.store.queue_mail(mail)
    asked = sheet.asked or head == "note.asked"
    service.store.keep_sheet(Sheet(mail.key, sheet.client, sheet.to, service.now(), sheet.questions, None, asked))


def _letter(head: str, count: int | None, answer: _Answer) -> Letter:
    say = _phrases(answer.service, answer.language)
    what = say.say(head, count)
    subject = what if head == "note.asked" else say.say("note.subject", what=what)
    return Letter(subject, "".join(f"{say.say(key, n, **words)}\n\n" for key, n, words in answer.lines).rstrip() + "\n")


def _mail(letter: Letter, answer: _Answer) -> Outgoing:
    sheet, service, message = answer.sheet, answer.service, answer.message
    sender, name = service.rules.sending.address, service.rules.settings.assistant.name
    key = key_for(TEMPLATE, sheet.key, message.fingerprint, domain=sender.rpartition("@")[2])
    references = (*message.references, message.message_id)
    envelope = Envelope(name, sender, sheet.to, key, message.message_id, references, answer.language, "auto-generated")
    raw = to_bytes(letter, envelope, service.now())
    return Outgoing(key, Sort.NOTE, sheet.to, raw, service.now(), sheet.client, TEMPLATE)


def _show(reason: Reason, note: str, answer: _Answer) -> None:
    message, service = answer.message, answer.service
    who = clean(next(iter(message.from_), "nobody named"), 60)
    new = NewCase(answer.sheet.client, reason, clean(note, 400), who, clean(message.subject, 120))
    if not any(c.case == new for c in service.store.cases()):  # however often it comes, it is one thing to look at
        service.store.open_case(new, service.now())
    service.journal.warning("an answer to the report needs you", client=answer.sheet.client or "-", reason=str(reason))
