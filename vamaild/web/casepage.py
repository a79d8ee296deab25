"""One case on a telephone: who and what, what the sender knows, what happens next, and the buttons.

Everything is cut to a size, so that the page stays under 4 kB whatever a mail says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .. import agreed
from ..casework import state_of
from ..core.agreement import next_of
from ..core.cases import QueueCase
from ..core.chainwords import ME, Phase, Said, State
from ..core.ledger import Entry
from ..core.letter import clean
from ..core.markup import Html, clip, document, lines, put, tag
from ..core.reasons import Reason
from ..core.token import Grant
from ..notices import language_of, name_of, ruleset_of, told_of
from ..service import Service
from .wording import Wording

WHO, WHAT, WORDS, TOLD, EVIDENCE, NAME, COURSE = 80, 160, 420, 260, 160, 60, 6
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: his words, his time, his name in the chain."""

    person: str
    wording: Wording
    now: datetime
    client: str

    def when(self, at: datetime) -> str:
        return self.wording.when(at, self.now)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as one person sees it. `said` is what became of the button he pressed, "" before."""

    case: QueueCase
    reader: Reader
    state: State
    service: Service
    expires: datetime
    said: str = ""

    def name(self, person: str) -> str:
        return clip(name_of(person, self.reader.client, self.service), NAME)

    def say(self, key: str, **words: str) -> str:
        return self.reader.wording.say(key, **words)

    @property
    def mine(self) -> bool:
        return self.state.phase in (Phase.HELD, Phase.SNOOZED) and self.state.holder == self.reader.person

    @property
    def others(self) -> bool:
        return self.state.phase in (Phase.HELD, Phase.SNOOZED) and self.state.holder not in ("", self.reader.person)


def reader(person: str, client: str, service: Service, wording: Wording) -> Reader:
    """The assistant's own language and time; everybody else's are the client's and those of the escalation."""
    ruleset, assistant = ruleset_of(client, service), service.rules.settings.assistant
    theirs = (ruleset.escalation.timezone or ruleset.client.timezone) if ruleset else ""
    zone = ZoneInfo(assistant.timezone if person == ME or not theirs else theirs)
    return Reader(person, wording, service.now().astimezone(zone), client)


def language(person: str, client: str, service: Service) -> str:
    return language_of(person, client, service)


def case_page(case: QueueCase, grant: Grant, service: Service, wording: Wording, said: str = "") -> str:
    """The page of this case for this person."""
    view = _view(case, grant, service, wording, said)
    entry = service.store.entry(case.message) if case.message else None
    return _document(view, put(_what(view, entry), _buttons(view), _details(view, entry)))


def bare_page(case: QueueCase, grant: Grant, service: Service, wording: Wording) -> str:
    """The same without a word of the message: the code and the buttons, where the words may not be shown."""
    view = _view(case, grant, service, wording, "")
    return _document(view, put(tag("p", view.say("case.hidden")), _state(view), _buttons(view)))


def _view(case: QueueCase, grant: Grant, service: Service, wording: Wording, said: str) -> CaseView:
    who = reader(grant.person, case.case.client, service, wording)
    return CaseView(case, who, state_of(case, service, service.now()), service, grant.expires, said)


def _document(view: CaseView, body: Html) -> str:
    code, opened = view.case.code, view.reader.when(view.case.opened)
    head = tag("p", view.say("case.head", code=code, when=opened), class_="m")
    until = view.reader.wording.until(view.expires, view.reader.now)
    foot = tag("p", view.say("case.valid", until=until), class_="m")
    return document(view.reader.wording.language, f"{view.say('case.title')} {code}", head, body, foot)


# --- what happened ---


def _what(view: CaseView, entry: Entry | None) -> Html:
    case = view.case.case
    words = clip(_own_words(entry, case.note), WORDS)
    return lines(
        (
            tag("h1", f"{clip(clean(case.who), WHO)}: {clip(clean(case.subject), WHAT)}"),
            tag("p", view.say("case.practice"), class_="s") if agreed.is_practice(view.case) else "",
            _state(view),
            tag("p", view.say("case.doubtful")) if case.reason == Reason.CONFIRM else "",
            tag("blockquote", words) if words else "",
            _knows(view, entry),
            _idle(view),
        )
    )


def _own_words(entry: Entry | None, note: str) -> str:
    """The sender's own new words, line by line; the evidence where they are not kept any more."""
    written = str(entry.explanation.get("new_text") or "") if entry else ""
    kept = (clean(line, WORDS) for line in written[: 4 * WORDS].splitlines())
    return "\n".join(line for line in kept if line) or clean(note, WORDS)


def _state(view: CaseView) -> Html:
    """Who has it, and what became of the button, read out at once by a screen reader."""
    sentences = [view.say(f"said.{view.said}") if view.said else "", _standing(view)]
    words = " ".join(s for s in sentences if s)
    return tag("p", words, class_="s", role="status") if words else put()


def _standing(view: CaseView) -> str:
    state, closed = view.state, view.case.closed_at
    since = view.reader.when(state.since or view.case.opened)
    if closed:
        return view.say("state.closed", when=view.reader.when(closed))
    if view.others:
        return view.say("state.theirs", name=view.name(state.holder), when=since)
    if state.phase is Phase.SNOOZED and state.due:
        return view.say("state.off", when=view.reader.when(state.due))
    if view.mine:
        return view.say("state.yours", when=since)
    asked = state.asked not in ("", view.reader.person)
    return view.say("state.asked", whom=view.reader.wording.whom(view.name(state.asked))) if asked else ""


def _knows(view: CaseView, entry: Entry | None) -> Html:
    """What the sender was told, and that he knows nothing of a contact."""
    if not view.case.case.escalates or agreed.is_practice(view.case):
        return put()
    words = clip(told_of(entry), TOLD)
    told = view.say("case.told", words=words) if words else view.say("case.nothing")
    secret = view.say("case.secret") if agreed.is_contact(view.reader.person) else ""
    return tag("p", tag("b", view.say("case.knows")), " ", " ".join(filter(None, (told, secret))))


def _idle(view: CaseView) -> Html:
    """What happens when nobody answers: to whom it goes, and when."""
    state = view.state
    if view.case.closed_at or state.phase is not Phase.ASKING or not state.asked or not state.ends:
        return put()
    agreement = agreed.agreement_of(view.case, view.service, view.service.now())
    person = next_of(agreement.chain, state.asked, agreement.ways.get)
    again = person == view.reader.person
    whom = view.reader.wording.whom(view.name(person))
    words = view.say("case.again" if again else "case.next", when=view.reader.when(state.ends), whom=whom)
    return tag("p", tag("b", view.say("case.idle")), " ", words)


# --- the buttons ---


def _buttons(view: CaseView) -> Html:
    if view.case.closed_at:
        return put()
    may_end = view.case.case.escalates and not agreed.is_practice(view.case)
    over = _over(view) if may_end and (view.mine or view.reader.person == ME) else put()
    if view.others:
        return _form(over) if over else put()
    return _form(lines((*_answers(view), over)))


def _form(inside: Html) -> Html:
    return tag("form", inside, method="post")


def _answers(view: CaseView) -> Iterator[Html]:
    me = view.reader.person == ME
    if not view.mine or view.state.phase is Phase.SNOOZED:
        yield _button("take", view.say("do.take"), view.say("do.take_small"), class_="p")
    if view.case.case.escalates:
        yield _button("pass_on", _pass_words(view), view.say("do.pass_small"))
    if view.state.phase is not Phase.SNOOZED and not agreed.is_practice(view.case):
        until = agreed.return_of(view.case, view.service, view.service.now())
        small = view.say("do.wait_mine" if me else "do.wait_small", va=view.name(ME))
        yield _button("wait", view.say("do.wait", until=view.reader.wording.until(until, view.reader.now)), small)


def _pass_words(view: CaseView) -> str:
    """By name where it is plain who is next."""
    agreement = agreed.agreement_of(view.case, view.service, view.service.now())
    chain, person = agreement.chain, view.reader.person
    following = next_of(chain, person, agreement.ways.get)
    if person not in chain or chain.index(following) <= chain.index(person) or following in view.state.passed:
        return view.say("do.pass_other")
    return view.say("do.pass", whom=view.reader.wording.whom(view.name(following)))


def _over(view: CaseView) -> Html:
    """Behind a word that has to be opened first: this cannot be taken back."""
    ends = (_button("urgent", view.say("do.urgent")), _button("could_wait", view.say("do.could_wait")))
    return tag("details", tag("summary", view.say("do.over")), *ends)


def _button(value: str, words: str, small: str = "", **attributes: str) -> Html:
    return tag("button", words, tag("small", small) if small else "", name="do", value=value, **attributes)


# --- why, and what happened so far ---


def _details(view: CaseView, entry: Entry | None) -> Html:
    why = lines((_evidence(view, entry), _disturbed(view)))
    course = " · ".join(_course(view))
    return lines(
        (
            tag("details", tag("summary", view.say("case.why")), tag("p", why)) if why else "",
            tag("details", tag("summary", view.say("case.course")), tag("p", course)) if course else "",
        )
    )


def _evidence(view: CaseView, entry: Entry | None) -> str:
    seen = entry.explanation.get("evidence") if entry else None
    words = ", ".join(clean(str(e), 60) for e in seen) if isinstance(seen, (list, tuple)) else ""
    return view.say("case.found", words=clip(words, EVIDENCE)) if words and view.case.case.escalates else ""


def _disturbed(view: CaseView) -> str:
    """How often a contact was told in this absence, of how many times."""
    person = view.reader.person
    if not agreed.is_contact(person):
        return ""
    agreement = agreed.agreement_of(view.case, view.service, view.service.now())
    count, most = agreement.disturbed.get(person, 0), agreement.terms.budget
    return " " + view.say("case.budget", n=str(count), most=str(most)) if count else ""


def _course(view: CaseView) -> Iterator[str]:
    """The last things that happened, each with its hour, a name and a word; no channel, no note."""
    for event in view.service.store.case_events(view.case.code)[-COURSE:]:
        person = event.detail.partition(" ")[0] if event.what in ("asked", "failed") else event.who
        words = view.say(f"course.{event.what}")
        if words:
            yield f"{event.at.astimezone(view.reader.now.tzinfo):%H:%M} {view.name(person)} {words}"


SAID = frozenset(str(said) for said in Said)
