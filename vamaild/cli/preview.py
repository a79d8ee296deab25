"""A text as the service would write it: a sample request of the client, then the same functions as in the daemon.

The sample is an [[example]] of the client's own file where there is one, so that the subject and the person are real.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from ..config.configuration import Example
from ..config.stage import CUSTOMER, of_example, usual_moment
from ..core import colleague, wording
from ..core.case import Case
from ..core.decide import Decision, Tools, compose, gather
from ..core.drafting import for_a_person
from ..core.entries import Sending, outgoing
from ..core.guards import guard, harmless, trusted
from ..core.judge import Verdict, judge
from ..core.ladder import fifth
from ..core.ledger import State
from ..core.message import History, Message
from ..core.plan import Action, Plan, Reply
from ..core.planner import MATTER, RUSH_OFFER, emergency, in_progress, playbook, rush
from ..core.promises import Offer, cancel_by, news_at
from ..core.route import find_person
from ..core.ruleset import Person, Role, Rulebook, RuleSet
from ..core.sale import CONFIRMED
from ..core.vocabulary import length
from ..core.writing import reply

NOT_AUTOMATIC: Mapping[str, object] = {"automatic": False}
UPDATE, REFUSED, PLAYBOOK = "status-update", "rush-refused", "playbook"
RUSH = (RUSH_OFFER, CONFIRMED, REFUSED)
NEED_LEAD = ("ordinary", "lead-time", *RUSH)
BY_HAND = {REFUSED: "it leaves when you say no (vamaild queue decline)", UPDATE: "it is a draft, made with a reminder"}
SAMPLES = {
    "it": ("Preventivo", "Buongiorno, mi manda il preventivo?"),
    "cs": ("Nabídka", "Dobrý den, pošlete mi prosím nabídku?"),
    "en": ("Quotation", "Hello, could you send me the quotation?"),
}


class NotWrittenError(Exception):
    """This text is not written for this client at this moment; the sentence says why.

    `unsafe`: it was written and may be shown to nobody.
    """

    def __init__(self, message: str, *, unsafe: bool = False) -> None:
        super().__init__(message)
        self.unsafe = unsafe


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which text, for whom, when (aware, the client's zone), in which language and tone; "" and None: as it comes."""

    text: str
    ruleset: RuleSet
    at: datetime
    language: str = ""
    tone: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The mail, and what is to be said of it. `refused`: why it would not leave; `waits`: why only after a yes."""

    mail: EmailMessage
    body: str
    reply: Reply
    refused: str = ""
    waits: str = ""

    @property
    def words(self) -> int:
        return length(self.body)

    @property
    def familiar(self) -> bool:
        """Whether it says tu."""
        return bool(self.reply.words.get("tu"))


def sample(wanted: Wanted, examples: Sequence[Example]) -> Message:
    """A request of this client: the example that gets this text, else any, else an ordinary one."""
    usable = [e for e in examples if not e.headers and not e.no_reply]
    fitting = [e for e in usable if e.reply == wanted.text] or (usable if wanted.text in RUSH else [])
    found = next(iter(fitting), None) or next((e for e in usable if e.subject), None)
    language = wanted.language or wanted.ruleset.client.language
    subject, text = SAMPLES.get(language, SAMPLES["en"])
    author = wanted.person.lower() or _author(wanted, found)
    named = Example("", author, found.text if found else text, wanted.at, found.subject if found else subject)
    message = of_example(replace(named, subject=named.subject or subject), wanted.ruleset).message
    known = find_person(wanted.ruleset, author)
    return replace(message, from_name=known.name if known else "")


def _author(wanted: Wanted, example: Example | None) -> str:
    """Who writes, when nobody was named: whoever may accept a rush, for the texts about one."""
    people = [p for p in wanted.ruleset.people if "*" not in p.email]
    buyers = [p.email for p in people if p.accepts_rush and p.role is Role.CLIENT]
    if wanted.text in RUSH:
        return next(iter(buyers), example.from_address if example else CUSTOMER)
    asking = [p.email for p in people if p.role in (Role.CLIENT, Role.CUSTOMER)]
    return example.from_address if example else next(iter(asking), CUSTOMER)


def usual(wanted_text: str, ruleset: RuleSet, now: datetime) -> datetime:
    """The moment nobody named: now, or the first morning of an absence that is still to come."""
    absence = ruleset.absence
    ahead = absence is not None and absence.first > now.date()
    of_absence = wanted_text.startswith("vacation") or wanted_text in (*colleague.TEXTS.values(), MATTER)
    away = ruleset.lead is None or of_absence
    return usual_moment(replace(ruleset, lead=None)) if ahead and away else now


def case_of(wanted: Wanted, message: Message, rulebook: Rulebook, tools: Tools, history: History) -> Case:
    """The case, as the daemon gathers it; language and tone as they were asked for."""
    case = gather(message, wanted.ruleset, rulebook, history, tools, wanted.at)
    if wanted.language:
        case = replace(case, reading=replace(case.reading, language=wanted.language, second=""))
    if wanted.tone:
        person = case.person or Person(case.sender.address)
        case = replace(case, person=replace(person, tone=wanted.tone))
    return case


def written(wanted: Wanted, case: Case, tools: Tools, sending: Sending) -> Shown:
    """The mail. Raises NotWrittenError."""
    verdict = judge(case)
    if wanted.text == PLAYBOOK:
        verdict = replace(verdict, situation=next(iter(case.ruleset.situations), None))
    answers = verdict.situation.answer if verdict.situation else {}
    if lacking := lacks(wanted.text, case):
        raise NotWrittenError(lacking)
    drawn = MAKERS.get(wanted.text, _plain(wanted.text))(verdict, case)
    plan, problems = compose(Plan(Action.REPLY_LEADTIME, (drawn,)), case, tools.render, answers)
    if problems or plan.reply is None or plan.reply.letter is None:
        raise NotWrittenError("\n".join(problems))
    _, withheld = guard(plan, case, limits=False)
    refused = withheld[0].because if withheld else ""
    try:
        raw = outgoing(Decision(case, verdict, plan), plan.reply, sending, State.QUEUED).raw
    except ValueError as error:
        raise NotWrittenError(f'"{wanted.text}" would not leave: {refused or error}', unsafe=True) from error
    mail = message_from_bytes(for_a_person(raw) if wanted.text == UPDATE else raw, policy=policy.default)
    return Shown(mail, plan.reply.letter.body, plan.reply, refused, _waits(plan.reply, case))


def lacks(text: str, case: Case) -> str:
    """What the client's file or this moment has not got that the text speaks of; "" when nothing is missing."""
    ruleset = case.ruleset
    if text.startswith("vacation") and case.absence is None:
        if ruleset.absence is None:
            return f"nobody is ever away: there is no [absence] in {ruleset.file}"
        first, back = ruleset.absence.first, ruleset.absence.back
        lasts = f"lasts from {first:%a %d %b} until {back:%a %d %b %Y}" if back else f"begins on {first:%a %d %b %Y}"
        return f"nobody is away on {case.now:%a %d %b %Y}: [absence] {lasts}"
    if text in colleague.TEXTS.values() and ruleset.colleague is None:
        return f"there is no [colleague] in {ruleset.file}, or none of them is there"
    if text in NEED_LEAD and ruleset.lead is None:
        return f"no notice is agreed: there is no [lead] in {ruleset.file}"
    return ""


def _waits(reply: Reply, case: Case) -> str:
    """Why it would not leave by itself."""
    rush = case.ruleset.rush
    if reply.template == CONFIRMED and (rush is None or rush.confirm == "me"):
        return "it leaves when you say yes (vamaild queue ack)"
    if reply.template in BY_HAND:
        return BY_HAND[reply.template]
    no = trusted(reply, case) or harmless(reply, case)
    return no.because if no else ""


def _plain(text: str) -> "Callable[[Verdict, Case], Reply]":
    return lambda _verdict, case: reply(case, text)


def _offered(case: Case) -> tuple[Reply, Offer]:
    """The two possibilities, or why there is only one."""
    found, agreed = rush(case), case.ruleset.rush
    if found.offer is not None:
        return found, found.offer
    client = case.ruleset.client.id
    if agreed is None or agreed.mode != "offer":
        raise NotWrittenError(f'{client} is offered no rush: [rush] in {case.ruleset.file} has no mode = "offer"')
    if case.person is None or not case.person.accepts_rush or case.role is not Role.CLIENT:
        raise NotWrittenError(f"{case.sender.address} may not accept a rush: accepts_rush is not set for this person")
    raise NotWrittenError(f"no rush can be offered at {case.now:%a %d %b %H:%M}: too late for every price, or too many")


def _rush_offer(_verdict: Verdict, case: Case) -> Reply:
    return _offered(case)[0]


def _confirmed(_verdict: Verdict, case: Case) -> Reply:
    _, offer = _offered(case)
    words = wording.sold(offer, case.now, cancel_by(case.now, offer.ready_at, case.ruleset.week))
    return _by_hand(reply(case, CONFIRMED, **words), offer.ready_at)


def _refused(_verdict: Verdict, case: Case) -> Reply:
    return _by_hand(reply(case, REFUSED))


def _update(_verdict: Verdict, case: Case) -> Reply:
    at = news_at(case.now, timedelta(minutes=30))
    return _by_hand(reply(case, UPDATE, status_text="", **wording.promise(at)), at)


def _by_hand(made: Reply, promise: datetime | None = None) -> Reply:
    """A mail that the assistant lets go herself: it does not call itself automatic."""
    ready = promise.date() if promise else made.ready_by
    return replace(made, words={**made.words, **NOT_AUTOMATIC}, promise=promise, ready_by=ready)


def _first(plan: Callable[[Verdict, Case], Plan]) -> Callable[[Verdict, Case], Reply]:
    """The reply of a plan; whatever is planned here replies."""

    def maker(verdict: Verdict, case: Case) -> Reply:
        made = plan(verdict, case).reply
        if made is None:
            raise NotWrittenError(f"{case.ruleset.client.id} gets no such text")
        return made

    return maker


def _passed_on(_verdict: Verdict, case: Case) -> Reply:
    who = case.ruleset.colleague
    if who is None:
        raise NotWrittenError(lacks(colleague.FORWARDED, case))
    return _first(lambda _, seen: colleague.passed_on(who, seen))(_verdict, case)


def _matter(verdict: Verdict, case: Case) -> Reply:
    """The first matter of which customers may know something."""
    told = next((m for m in case.ruleset.matters if m.say.get(case.language)), None)
    plan = in_progress(replace(verdict, matter=told, reply=""), case)
    if plan is None or plan.reply is None:
        raise NotWrittenError(f"{case.ruleset.file} has no [[in_progress]] with words in {case.language} to say now")
    return plan.reply


def _from_playbook(verdict: Verdict, case: Case) -> Reply:
    if verdict.situation is None:
        raise NotWrittenError(f"{case.ruleset.file} has no [[situation]], so there is nothing to answer from")
    return _first(playbook)(verdict, case)


MAKERS: dict[str, Callable[[Verdict, Case], Reply]] = {
    RUSH_OFFER: _rush_offer,
    CONFIRMED: _confirmed,
    REFUSED: _refused,
    UPDATE: _update,
    PLAYBOOK: _from_playbook,
    colleague.FORWARDED: _passed_on,
    MATTER: _matter,
    "vacation-fifth": lambda _verdict, case: fifth(case),
    "emergency-received": _first(emergency),
}


def headers(shown: Shown) -> Iterator[str]:
    """Those a reader cares about, as they leave."""
    for name in ("From", "To", "Subject", "Auto-Submitted"):
        if shown.mail[name]:
            yield f"{name}: {shown.mail[name]}"
