"""The file of one client: from its tables to a RuleSet and its examples."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..core.calendar import add_working_days
from ..core.ruleset import (
    Absence,
    Assistant,
    Client,
    Colleague,
    Escalation,
    Forwarding,
    Lead,
    Leave,
    Matter,
    Person,
    RuleSet,
    Rush,
    Situation,
    Tier,
    Week,
)
from .build_rules import Desk, closed, phrases, rules, week
from .configuration import Example
from .schema.client import ClientFile, ColleagueTable, EscalationTable, ExampleTable, RushTable
from .settings import Defaults


def rule_set(desk: Desk, file: ClientFile, me: Assistant, defaults: Defaults, base: Week) -> RuleSet:
    """The client as the core knows it. `me`, `defaults` and `base` (the week) stand for what the file leaves out."""
    client = _client(file, me, defaults)
    own_week = _week(desk, file, client.language, base)
    colleagues = tuple(_colleague(desk, number, table, client) for number, table in enumerate(file.colleague))
    return RuleSet(
        file=desk.document.label,
        client=client,
        people=_people(file),
        forwarding=_forwarding(file),
        week=own_week,
        lead=_lead(file, defaults),
        rush=_rush(file.rush),
        absence=_absence(file, defaults, own_week),
        colleague=next(iter(colleagues), None),
        escalation=_escalation(file.escalation, client.timezone),
        rules=rules(desk, file.rule, {e.kind for e in file.example if e.kind}),
        situations=_situations(desk, file),
        matters=_matters(desk, file),
        otherwise=file.otherwise.kind,
        otherwise_place=desk.place(("otherwise",)) if "otherwise" in desk.document.data else desk.place(("client",)),
        colleagues=colleagues,
        resolved_after=file.client.resolved_after,
    )


def _client(file: ClientFile, me: Assistant, defaults: Defaults) -> Client:
    table = file.client
    language = table.language or me.language
    return Client(
        id=table.id,
        name=table.name,
        arrives=tuple(table.arrives),
        language=language,
        languages=tuple(dict.fromkeys((language, *table.languages))),
        timezone=table.timezone or me.timezone,
        trust=table.trust or defaults.trust,
        principal=table.principal.strip(),
        report=table.report,
    )


def _people(file: ClientFile) -> tuple[Person, ...]:
    return tuple(Person(p.email, p.name.strip(), p.role, p.tone, p.language or "", p.accepts_rush) for p in file.person)


def _forwarding(file: ClientFile) -> Forwarding:
    return Forwarding(file.forwarding.profile, tuple(file.forwarding.groups), tuple(file.forwarding.forms))


def _week(desk: Desk, file: ClientFile, language: str, base: Week) -> Week:
    """The holidays of [lead] go before those of [week], and those before the ones of vamaild.toml."""
    if file.lead and file.lead.holidays is not None:
        return week(desk, file.week, base, closed(desk, ("lead", "holidays"), file.lead.holidays, language))
    if file.week.holidays is not None:
        return week(desk, file.week, base, closed(desk, ("week", "holidays"), file.week.holidays, language))
    return week(desk, file.week, base, None)


def _lead(file: ClientFile, defaults: Defaults) -> Lead | None:
    table = file.lead
    if table is None:
        return None
    return Lead(defaults.lead_days if table.days is None else table.days, table.unit, table.cutoff)


def _rush(table: RushTable | None) -> Rush | None:
    if table is None:
        return None
    tiers = tuple(Tier(t.ready, t.percent, t.ask_before) for t in table.tier)
    return Rush(table.mode, table.confirm, table.per_week, tiers, table.rate, table.currency)


def _absence(file: ClientFile, defaults: Defaults, own_week: Week) -> Absence | None:
    table = file.absence
    if table is None:
        return None
    answer_by = table.answer_by or (table.back and _after(table.back, defaults.answer_margin_days, own_week))
    return Absence(table.first, table.back, answer_by, dict(table.say))


def _after(back: date, margin: int, own_week: Week) -> date:
    try:
        return add_working_days(back, margin, own_week)
    except (ValueError, OverflowError):  # no working day for years, or a year past 9999: the plain date will do
        return back


def _colleague(desk: Desk, number: int, table: ColleagueTable, client: Client) -> Colleague:
    return Colleague(
        name=table.name,
        email=table.email,
        takes=phrases(desk, ("colleague", number, "takes"), table.takes),
        title=dict(table.title),
        role=dict(table.role),
        what=dict(table.what),
        phone=table.phone,
        hand_over=table.hand_over,
        confirmed=_aware(table.confirmed, client.timezone),
        customers=tuple(table.customers),
        leaves=tuple(Leave(leave.first, leave.back) for leave in table.away),
        substitute=table.substitute.strip(),
        timezone=table.timezone or client.timezone,
        ack_within=table.ack_within,
        per_day=table.per_day,
    )


def _aware(moment: datetime | None, timezone: str) -> datetime | None:
    """A moment without a zone is the client's own time."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=ZoneInfo(timezone))


def _escalation(table: EscalationTable, timezone: str) -> Escalation:
    usual = Escalation()
    return Escalation(
        chain=tuple(table.chain),
        own_only=table.emergencies == "own",
        me_first=table.me_first or usual.me_first,
        ack_within=table.ack_within or usual.ack_within,
        quiet=table.quiet,
        timezone=table.timezone or timezone,
        budget=table.budget or usual.budget,
        tell_customer_within=table.tell_customer_within or usual.tell_customer_within,
    )


def _situations(desk: Desk, file: ClientFile) -> tuple[Situation, ...]:
    found = []
    for number, table in enumerate(file.situation):
        path = ("situation", number)
        found.append(
            Situation(
                title=table.title,
                when=phrases(desk, (*path, "when"), table.when),
                answer=dict(table.answer),
                unless=phrases(desk, (*path, "unless"), table.unless),
                fits=tuple(table.fits),
                fits_not=tuple(table.fits_not),
                place=desk.place(path),
                then=table.then,
            )
        )
    return tuple(found)


def _matters(desk: Desk, file: ClientFile) -> tuple[Matter, ...]:
    found = []
    for number, table in enumerate(file.in_progress):
        path = ("in_progress", number)
        about = phrases(desk, (*path, "about"), table.about)
        said, until = dict(table.say), table.news_by
        found.append(Matter(table.matter, about, table.can, table.note, desk.place(path), said, until))
    return tuple(found)


def examples(desk: Desk, file: ClientFile, timezone: str) -> tuple[Example, ...]:
    """Every [[example]] of the file, its moments in the client's time zone."""
    return tuple(_example(desk, number, table, timezone) for number, table in enumerate(file.example))


def _example(desk: Desk, number: int, table: ExampleTable, timezone: str) -> Example:
    return Example(
        title=table.title,
        from_address=table.from_,
        text=table.text,
        received=_aware(table.received, timezone),
        subject=table.subject,
        messages_today=table.messages_today,
        headers=_headers(table.headers),
        kind=table.kind,
        reply=table.reply,
        no_reply=table.no_reply,
        deadline=_aware(table.deadline, timezone),
        reply_says=tuple(table.reply_says),
        place=desk.place(("example", number)),
    )


def _headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in headers.items())
