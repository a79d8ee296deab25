"""The weekly report at work: gathered from the store, written in the assistant's language, queued once at its moment.

What it was about is kept as a run whose moment is the end of its time: the next one begins there, after a standstill
too, and whoever comes second finds it done. A holiday puts it off to the next working day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from . import commands, phrasing
from .adapters import files, report_mail
from .adapters.templates import Texts
from .core import report_agency, report_client, report_csv, report_html, report_page, report_text, report_times
from .core.drafting import for_a_person
from .core.egress import betrays, inspect, masked
from .core.flow import REMEMBERED, incident
from .core.grammar import GrammarError
from .core.invoice import Line, as_csv
from .core.ledger import Outgoing, Sort, State
from .core.letter import Envelope, TemplateError, key_for, to_bytes
from .core.phrases import Phrases
from .core.report import figures
from .core.report_rows import Gathered
from .core.report_tree import Items, Page, shown
from .core.report_values import Asking, Figures, Health
from .core.ruleset import Role, RuleSet
from .core.rush import Rush
from .service import Service

RUN, TEMPLATE, FOR_CLIENT, FILE = "report", "report", "report-client", "report.toml"
AGENCY_RUN, FOR_AGENCY = "report-agency", "report-agency"
AHEAD = timedelta(days=1)
MOST_ATTACHED = 3_000  # messages: a longer table is looked at with --json
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """A report in all its forms; `attached` are CSV files by name."""

    figures: Figures
    page: Page
    text: str
    html: str
    attached: Mapping[str, str]
    asked: commands.Asked = commands.NOTHING


@dataclass(frozen=True, slots=True)
class Plan:
    """A report that leaves by itself: under which name it is kept what it was about, when, and what leaves."""

    run: str
    send: tuple[int, time]
    mails: Callable[[Service, Figures, datetime, datetime], Sequence[Outgoing]]


def here(service: Service) -> datetime:
    """Now, in the assistant's zone."""
    return service.now().astimezone(ZoneInfo(service.rules.settings.assistant.timezone))


def span(service: Service) -> tuple[datetime, datetime]:
    """(from, until) of a report that left in this minute: everything since the last one."""
    settings, told = service.rules.settings, service.store.last_run(RUN)
    since, until = report_times.ahead(here(service), settings.report.send or report_times.USUAL, settings.week)
    return (told if told and told < until else since), until


def of_week(service: Service, year: int, number: int) -> tuple[datetime, datetime]:
    """(from, until) of the report of this ISO week. Raises ValueError when there is none."""
    settings = service.rules.settings
    send = settings.report.send or report_times.USUAL
    return report_times.of_week(year, number, here(service), send, settings.week)


def look(service: Service, since: datetime, until: datetime, client: str = "") -> Figures:
    """The figures of this time, of one client or of all. Raises StoreError."""
    settings, store = service.rules.settings, service.store
    now = here(service)
    send = settings.report.send or report_times.USUAL
    weeks = report_times.before(since, until.astimezone(now.tzinfo), send, settings.week)
    gathered = [store.week(client, *each) for each in weeks]
    owed = store.promises(client=client)
    clients = {r.client.id: r for r in service.rules.rulebook.clients if client in ("", r.client.id)}
    health = tuple(_health(each, service, now) for each in clients)
    asking = Asking(now, clients, settings.defaults.lead_days, health, owed, client)
    return figures(_told(gathered[-1], service), gathered[:-1], asking)


def _told(week: Gathered, service: Service) -> Gathered:
    """Without the promises nobody has read: their replies wait, or are drafts."""
    waiting = {(i.message, i.mail.template) for i in service.store.outbox((State.QUEUED, State.DRAFT))}
    return replace(week, promises=tuple(p for p in week.promises if (p.message, p.promise.template) not in waiting))


def _health(client: str, service: Service, now: datetime) -> Health:
    flowed = service.store.flowed(client, now - REMEMBERED)
    last = max((f.last for f in flowed), default=None)
    silent = last is not None and service.store.last_run(incident(client)) == last
    return Health(client, last, now - last if last and silent else None)


def _phrases(service: Service, language: str) -> Iterator[Phrases]:
    """The sentences of the report: with one's own first; the shipped ones stand in where those cannot be used."""
    render, shipped = service.rules.tools.render, files.shipped("templates")
    own = render.roots if isinstance(render, Texts) else (shipped,)
    for roots in dict.fromkeys((own, (shipped,))):
        try:
            yield phrasing.load(roots, language, FILE, here(service))
        except TemplateError as error:
            service.journal.error("the report is written in the shipped words", fault=str(error))


def _written(service: Service, language: str, write: Callable[[Phrases], T]) -> tuple[T, Phrases]:
    """What `write` makes of the sentences. Raises TemplateError when the shipped ones fail too."""
    fault = f"templates/{language}/{FILE}: it cannot be used"
    for say in _phrases(service, language):
        try:
            return write(say), say
        except GrammarError as error:
            fault = f"templates/{say.language}/{FILE}: {error}"
            service.journal.error("the report is written in the shipped words", fault=fault)
    raise TemplateError(fault)


def make(service: Service, found: Figures) -> Made:
    """The assistant's report. Raises TemplateError when it cannot be written."""
    language = service.rules.settings.assistant.language
    tree, say = _written(service, language, lambda say: report_page.page(found, say))
    asked = commands.NOTHING if found.asking.only else commands.questions(service, unknown=found.unknown)
    more = (asked.section,) if asked.section else ()
    page = _discreet(replace(tree, sections=(*tree.sections, *more)), _secrets(service))
    attached = {}
    if found.arrived.count <= MOST_ATTACHED:
        attached = {f"{say.say('csv.decisions')}-{_tag(found)}.csv": report_csv.decisions(found)}
    if found.sales.agreed:
        attached = {f"{say.say('csv.surcharges')}-{_tag(found)}.csv": _invoice(found)} | attached
    return Made(found, page, report_text.text(page), report_html.document(page), attached, asked)


def make_agency(service: Service, found: Figures) -> Made:
    """The report of the agency: numbers only. Raises TemplateError when it cannot be written."""
    language = service.rules.settings.assistant.language
    tree, say = _written(service, language, lambda say: report_agency.page(found, say))
    page = _discreet(tree, _secrets(service))
    attached = {f"{say.say('agency.table')}-{_tag(found)}.csv": report_agency.table(found)}
    return Made(found, page, report_text.text(page), report_html.document(page), attached)


def _tag(found: Figures) -> str:
    """ "2026-w47", for names of files."""
    until = found.until.astimezone(found.asking.now.tzinfo).isocalendar()
    return f"{until.year}-w{until.week:02}"


def _invoice(found: Figures) -> str:
    """The surcharges of the week, with the names of those who agreed; their addresses are in `vamaild rush --csv`."""
    return as_csv(_line(rush, found) for rush in found.sales.agreed)


def _line(rush: Rush, found: Figures) -> Line:
    ruleset = found.asking.clients.get(rush.offer.client)
    zone = ZoneInfo(ruleset.client.timezone) if ruleset else found.asking.now.tzinfo
    by = rush.taken_by.lower()
    name = next((p.name for p in (ruleset.people if ruleset else ()) if p.email.lower() == by), "")
    agreed, ready = (at.astimezone(zone) for at in (rush.taken_at or rush.offered_at, rush.offer.ready_at))
    told = replace(rush, taken_by=name, offer=replace(rush.offer, what=shown(rush.offer.what)))
    return Line(told, found.asking.name(rush.offer.client), "", agreed, ready, *found.asking.rate(rush.offer.client))


def _secrets(service: Service) -> tuple[str, ...]:
    """What nobody may read here; her own address she knows."""
    own = service.rules.settings.assistant.email.lower()
    return tuple(s for s in service.rules.rulebook.secrets if s.lower() != own)


def _discreet(value: T, secrets: Sequence[str]) -> T:
    """The tree without anything of secrets.toml that a customer may have written into a subject."""

    def seen(inner: Any) -> Any:
        if type(inner) is str:
            return masked(inner, secrets)
        if isinstance(inner, tuple):
            return tuple(map(seen, inner))
        if is_dataclass(inner) and not isinstance(inner, type):
            return replace(inner, **{f.name: seen(getattr(inner, f.name)) for f in fields(inner)})
        return inner

    found: T = seen(value)
    return found


def mail(service: Service, made: Made, again: str = "", agency: str = "") -> Outgoing:
    """The report as a mail to the assistant or, with its address, to the agency.

    The same time makes the same mail, unless `again` makes it another one. Raises ValueError when it may not leave.
    """
    settings, sender, now = service.rules.settings, service.rules.sending.address, service.now()
    me, template = settings.assistant, FOR_AGENCY if agency else TEMPLATE
    to = agency or me.email
    key = key_for(template, made.figures.until.astimezone(UTC).isoformat(), again, domain=sender.rpartition("@")[2])
    envelope = Envelope(me.name, sender, to, key, language=made.page.language, auto="auto-generated")
    raw = _raw(made, envelope, here(service))
    if betrayed := betrays(raw, _secrets(service)):
        service.journal.warning("the report leaves without the words of customers", fault=betrayed)
        made = _bare(made)
        raw = _raw(made, envelope, here(service))
    if refused := inspect(raw, to, _secrets(service)):
        raise ValueError(f"the report may not leave: {refused}")
    outgoing = Outgoing(key, Sort.NOTE, to, raw, now, "", template)
    if not agency:
        commands.remember(outgoing, made.asked, service)
    return outgoing


def _raw(made: Made, envelope: Envelope, now: datetime) -> bytes:
    subject = f"{made.page.title}: {made.page.headline.rstrip('.')}"
    return report_mail.to_bytes(subject, made.text, made.html, made.attached, envelope, now)


def _bare(made: Made) -> Made:
    """Numbers and our own sentences only, where words of customers together betray something."""
    sections = tuple(
        replace(s, blocks=tuple(b for b in s.blocks if not isinstance(b, Items)))
        for s in made.page.sections
        if s != made.asked.section
    )
    page = replace(made.page, todo=(), sections=sections)
    text, html = report_text.text(page), report_html.document(page)
    return replace(made, page=page, text=text, html=html, attached={}, asked=commands.NOTHING)


def drafts(service: Service, since: datetime, until: datetime) -> Iterator[Outgoing]:
    """A draft for each client that wants one, has a person to write to, and from whom something came."""
    usual = service.rules.settings.report.to_clients
    wanted = (r for r in service.rules.rulebook.clients if (usual if r.client.report is None else r.client.report))
    for ruleset in wanted:
        to = next((p.email for p in ruleset.people if p.role is Role.CLIENT and "*" not in p.email), "")
        if to and (found := draft(service, ruleset, to, since, until)):
            yield found


def draft(service: Service, ruleset: RuleSet, to: str, since: datetime, until: datetime) -> Outgoing | None:
    """What the assistant may send this client when she has written two lines of her own; None when nothing came."""
    found = look(service, since, until, ruleset.client.id)
    if not found.arrived.count:
        return None
    sender, me, language = service.rules.sending.address, service.rules.settings.assistant, ruleset.client.language
    key = key_for(FOR_CLIENT, ruleset.client.id, until.astimezone(UTC).isoformat(), domain=sender.rpartition("@")[2])
    letter, _ = _written(service, language, lambda say: report_client.letter(found, ruleset, say))
    raw = to_bytes(letter, Envelope(me.name, sender, to, key, language=language), here(service))
    if refused := inspect(raw, to, service.rules.rulebook.secrets):
        raise ValueError(f"the report for {ruleset.client.id} may not leave: {refused}")
    raw, now = for_a_person(raw), service.now()
    outgoing = Outgoing(key, Sort.COURTESY, to, raw, now, ruleset.client.id, FOR_CLIENT, State.DRAFT)
    commands.remember(outgoing, commands.NOTHING, service, ruleset.client.id)
    return outgoing


def watch(service: Service) -> bool:
    """Queues the reports whose moment has come; True when one was queued by this call. Raises StoreError."""
    report = service.rules.settings.report
    mine = report.send is not None and _due(service, Plan(RUN, report.send, _mails))
    theirs = bool(report.agency) and _due(service, Plan(AGENCY_RUN, report.agency_send, _agency_mails))
    return mine or theirs


def _due(service: Service, plan: Plan) -> bool:
    now, week, told = here(service), service.rules.settings.week, service.store.last_run(plan.run)
    begins, until = report_times.due(now, plan.send, week)
    if told is not None and until <= told <= now + AHEAD:
        return False
    since = told if told is not None and told < until else begins
    return _leave(service, plan, since, until, told)


def _leave(service: Service, plan: Plan, since: datetime, until: datetime, told: datetime | None) -> bool:
    """Everything or nothing; what another process has sent meanwhile is not sent again."""
    store, found = service.store, look(service, since, until)
    mails = plan.mails(service, found, since, until) if told is not None or found.arrived.count else []
    with store.transaction():
        if store.last_run(plan.run) != told:
            return False
        for outgoing in mails:
            store.queue_mail(outgoing)
        store.ran(plan.run, until)
    if mails:
        service.journal.info("report", until=until.isoformat(), adds_up=found.adds_up, mails=len(mails))
    return bool(mails)


def _mails(service: Service, found: Figures, since: datetime, until: datetime) -> list[Outgoing]:
    """What cannot be written or may not leave is told in the journal; the rest goes."""
    report = service.rules.settings.report
    made: list[Outgoing] = []
    try:
        if report.to_me:
            made.append(mail(service, make(service, found)))
        made += drafts(service, since, until)
    except (TemplateError, ValueError) as error:
        service.journal.error("a report could not be written", fault=str(error))
    return made


def _agency_mails(service: Service, found: Figures, since: datetime, until: datetime) -> list[Outgoing]:
    """The one mail to the agency; what keeps it back is told in the journal."""
    try:
        return [mail(service, make_agency(service, found), agency=service.rules.settings.report.agency)]
    except (TemplateError, ValueError) as error:
        service.journal.error("the report for the agency could not be written", fault=str(error))
        return []
