"""The file of one client: every key with its kind of value and the sentence that explains it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from ...core.ruleset import Kind, Role, Trust
from .rules import KindName, Phrases, RuleTable
from .values import (
    Clock,
    Closure,
    Day,
    EmailAddress,
    EmailPattern,
    Holiday,
    Hours,
    Id,
    LanguageCode,
    Moment,
    OfficeHours,
    Ready,
    Silence,
    SomeDuration,
    Table,
    TimeZone,
    WeekDays,
    Words,
)

ByLanguage = Mapping[LanguageCode, Words]
Trusted = Annotated[Trust, Field(strict=False)]
RoleName = Annotated[Role, Field(strict=False)]


class ClientTable(Table):
    """[client]"""

    id: Id = Field(description="Short name for commands and reports; never change it.")
    name: Words = Field(description="How you call this client.")
    principal: str = Field(default="", description="Whose inbox it is, as replies name him.")
    arrives: list[EmailPattern] = Field(description="Addresses that show mail to be this client's.", min_length=1)
    language: LanguageCode | None = Field(
        default=None, description="Language of replies when the sender's is not known."
    )
    languages: list[LanguageCode] = Field(default=[], description="Languages replies may be written in.")
    timezone: TimeZone | None = Field(default=None, description="Where the client lives, like Europe/Rome.")
    trust: Trusted | None = Field(default=None, description="How far the service goes: observe, draft, send.")
    resolved_after: int = Field(
        default=5, description="Working days of silence after which a matter counts as resolved.", ge=1, le=60
    )
    report: bool | None = Field(
        default=None, description="Prepare this client's weekly report as a draft, whatever [report] says."
    )


class ForwardingTable(Table):
    """[forwarding]"""

    profile: Literal["gmail", "m365", "srs", "sieve", "none"] = Field(
        default="none", description="How the mail is forwarded."
    )
    groups: list[EmailAddress] = Field(
        default=[], description="Own group addresses whose List- headers do not mean a robot."
    )
    forms: list[EmailAddress] = Field(default=[], description="Senders of own web forms: the visitor is in Reply-To.")


class PersonTable(Table):
    """[[person]]"""

    email: EmailPattern = Field(description="The address, or a pattern with *.")
    name: str = Field(default="", description="How replies greet this person.")
    role: RoleName = Field(default=Role.CUSTOMER, description="Who this is to the client.")
    tone: str = Field(default="", description="Form of address in replies: tu / lei, ty / vy, du / sie.")
    language: LanguageCode | None = Field(default=None, description="Language this person is answered in.")
    accepts_rush: bool = Field(
        default=False, description="true: this person's yes to a surcharge counts as an agreement."
    )


class WeekTable(Table):
    """[week]"""

    days: WeekDays | None = Field(default=None, description="Working days.")
    hours: OfficeHours | None = Field(default=None, description="Office hours.")
    holidays: list[Holiday] | None = Field(
        default=None, description="Closed days: a country, a region, dates of your own."
    )
    closed: list[Closure] = Field(
        default=[], description="Days you are closed besides; those of vamaild.toml hold for every client."
    )


class LeadTable(Table):
    """[lead]"""

    days: int | None = Field(default=None, description="Days of notice agreed in the contract.", ge=0, le=366)
    unit: Literal["working", "calendar"] = Field(default="working", description="Which days count.")
    cutoff: Clock | None = Field(default=None, description="After this hour the next day counts.")
    holidays: list[Holiday] | None = Field(
        default=None, description="Closed days: a country, a region, dates of your own."
    )


class TierTable(Table):
    """[[rush.tier]]"""

    ready: Ready = Field(description="When rush work of this price is ready.")
    percent: int = Field(description="Surcharge in percent.", ge=0, le=1000)
    ask_before: Clock | None = Field(default=None, description="After this hour it is too late to ask for it.")


class RushTable(Table):
    """[rush]"""

    mode: Literal["offer", "decline", "silent"] = Field(
        default="decline", description="What a rush request is answered."
    )
    confirm: Literal["me", "no"] = Field(
        default="me", description='Who says yes before the client hears yes; "no": nobody need, if all is proven.'
    )
    per_week: int = Field(default=2, description="Rush jobs you take on in a week.", ge=0, le=100)
    tier: list[TierTable] = Field(default=[], description="The prices of haste.")
    rate: float = Field(
        default=0, description="What an hour costs before the surcharge; then reports name sums.", ge=0, le=100_000
    )
    currency: str = Field(default="EUR", description='Of "rate", like EUR or CZK.', pattern=r"^[A-Z]{3}$")


class AbsenceTable(Table):
    """[absence]"""

    first: Day = Field(alias="from", description="First day away.")
    back: Day | None = Field(default=None, description="The day of work again; left out, no text names one.")
    answer_by: Day | None = Field(default=None, description="The date customers are told.")
    say: ByLanguage = Field(default={}, description='The words for it, by language, like { it = "in ferie" }.')


class LeaveTable(Table):
    """[[colleague.away]]"""

    first: Day = Field(alias="from", description="First day this person is not there.")
    back: Day = Field(description="The day this person is there again.")


class ColleagueTable(Table):
    """[colleague], or several [[colleague]] in the order in which they stand in for each other"""

    name: Words = Field(description="Who takes what cannot wait.")
    email: EmailAddress = Field(description="Where; customers may see it.")
    phone: str = Field(default="", description="A number customers may see.")
    title: ByLanguage = Field(
        default={}, description='What replies call this person, by language, like { cs = "kolega" }.'
    )
    role: ByLanguage = Field(default={}, description="What this person looks after, by language.")
    what: ByLanguage = Field(default={}, description="What is this person's to do, in a sentence, by language.")
    takes: Phrases = Field(default=[], description="Phrases that show a matter to be this person's.")
    hand_over: Literal["give-contact", "ask-then-forward", "forward"] = Field(
        default="give-contact", description="How a matter is handed over."
    )
    confirmed: Moment | None = Field(default=None, description="When this person agreed, if you asked yourself.")
    customers: list[EmailPattern] = Field(default=[], description="Whose matters this person may see; none: anybody's.")
    away: list[LeaveTable] = Field(default=[], description="When this person is not there.")
    substitute: str = Field(default="", description="The name of who stands in then; else the next in the file.")
    timezone: TimeZone | None = Field(default=None, description="Where this person is; else as the client.")
    ack_within: SomeDuration | None = Field(
        default=None, description="How long this person has to answer; else one working day."
    )
    per_day: int = Field(default=10, description="How many matters this person is sent in a day.", ge=1, le=100)


class EscalationTable(Table):
    """[escalation]"""

    chain: list[Words] = Field(default=["me"], description="Who is called, in this order.", min_length=1)
    emergencies: Literal["general-and-own", "own"] = Field(
        default="general-and-own", description="own: only the emergency rules of this file."
    )
    me_first: SomeDuration | None = Field(default=None, description="How long the assistant alone is asked first.")
    ack_within: SomeDuration | None = Field(default=None, description="How long each one has to answer.")
    quiet: Hours | None = Field(default=None, description="Hours in which only danger to people goes through.")
    timezone: TimeZone | None = Field(default=None, description="Where the contact is, for the quiet hours.")
    budget: int | None = Field(
        default=None, description="After so many calls the assistant is asked first.", ge=1, le=100
    )
    tell_customer_within: SomeDuration | None = Field(default=None, description="When the customer hears more.")


class SituationTable(Table):
    """[[situation]]"""

    title: Words = Field(description="What is asked, in a few words.")
    when: Phrases = Field(description="Phrases that show it.", min_length=1)
    unless: Phrases = Field(default=[], description="Phrases that show it is something else.")
    answer: ByLanguage = Field(description='The answer, by language: answer.it = "…".', min_length=1)
    then: Literal["nothing", "list", "tell-me", "colleague"] = Field(
        default="nothing", description="And then: list it on return, tell me at once, or the colleague takes it."
    )
    fits: Phrases = Field(default=[], description="Messages this page answers.")
    fits_not: Phrases = Field(default=[], description="Messages it must leave alone.")


class MatterTable(Table):
    """[[in_progress]]"""

    matter: Words = Field(description="What was handed over.")
    about: Phrases = Field(description="Phrases that show a message is about it.", min_length=1)
    can: Literal["wait", "colleague", "escalate"] = Field(default="wait", description="What it can do.")
    note: str = Field(default="", description="What the assistant must know; customers never see it.")
    say: ByLanguage = Field(default={}, description="What the customer may know, by language.")
    news_by: Day | None = Field(default=None, description="The date by which there is news.")


class OtherwiseTable(Table):
    """[otherwise]"""

    kind: KindName = Field(description="What a message is when no rule fits.")


class ExampleTable(Table):
    """[[example]]"""

    title: Words = Field(description="What this example shows.")
    from_: EmailAddress = Field(alias="from", description="Who writes.")
    subject: str = Field(default="", description="Subject of the message.")
    text: str = Field(description="The message.")
    received: Moment | None = Field(default=None, description="When it arrives, in the client's time zone.")
    messages_today: int = Field(
        default=1, description="How many this sender has written today, this one included.", ge=1
    )
    headers: Mapping[str, str] = Field(
        default={}, description='Mail headers, like { auto-submitted = "auto-replied" }.'
    )
    kind: KindName | None = Field(default=None, description="What it must be judged as.")
    reply: str = Field(default="", description="Name of the text that must be sent.")
    no_reply: Silence = Field(default="", description='true, or the reason: "auto-submitted".')
    deadline: Moment | None = Field(default=None, description="The deadline that must be read out of it.")
    reply_says: list[Words] = Field(default=[], description="Words the reply must hold.")


class ClientFile(Table):
    """One client, one file."""

    client: ClientTable = Field(description="Who this client is.")
    forwarding: ForwardingTable = Field(default=ForwardingTable(), description="How this client's mail reaches you.")
    person: list[PersonTable] = Field(default=[], description="People known by name.")
    week: WeekTable = Field(default=WeekTable(), description="When this client works; else as in vamaild.toml.")
    lead: LeadTable | None = Field(default=None, description="The notice agreed in the contract.")
    rush: RushTable | None = Field(default=None, description="What haste costs.")
    absence: AbsenceTable | None = Field(default=None, description="When the principal is away.")
    colleague: list[ColleagueTable] = Field(default=[], description="Who takes what cannot wait; several in order.")
    escalation: EscalationTable = Field(default=EscalationTable(), description="Who is called in an emergency.")
    situation: list[SituationTable] = Field(default=[], description="The playbook: what is asked, and the answer.")
    in_progress: list[MatterTable] = Field(default=[], description="Matters handed over.")
    rule: list[RuleTable] = Field(default=[], description="This client's own rules, read from the top.")
    otherwise: OtherwiseTable = Field(
        default=OtherwiseTable(kind=Kind.SCHEDULED_REQUEST), description="When no rule fits."
    )
    example: list[ExampleTable] = Field(default=[], description="Whole messages and what must come of them.")
