"""The two pages with several cases: the assistant's queue of today, and the verdicts about what is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from ..core.cases import QueueCase
from ..core.chainwords import ME
from ..core.letter import clean
from ..core.markup import BREAK, Html, clip, document, lines, put, tag
from ..core.reasons import Reason
from ..core.reasons import words as in_words
from ..core.token import Grant
from ..notices import name_of
from ..service import Service
from .casepage import NAME, WHAT, WHO, Reader, reader
from .links import CASE, Links
from .wording import Wording

MOST = 40
LOOKS_BACK = timedelta(days=30)


def queue_page(grant: Grant, service: Service, wording: Wording, links: Links) -> str:
    """Every open case, emergencies on top, each with a link of its own that ends with this one."""
    who = reader(ME, "", service, wording)
    cases = sorted(service.store.cases(), key=lambda c: (not c.case.escalates, c.opened))
    rows = [_row(case, who, service, links, grant.expires) for case in cases[:MOST]]
    more = tag("p", wording.say("queue.more", n=str(len(cases) - MOST)), class_="m") if len(cases) > MOST else ""
    head = wording.say("queue.head", n=str(len(cases))) if cases else wording.say("queue.empty")
    return document(wording.language, wording.say("queue.title"), tag("h1", head), tag("ul", *rows), more)


def _row(case: QueueCase, who: Reader, service: Service, links: Links, expires: datetime) -> Html:
    client = case.case.client
    needs = _needs(case.case.reason, who.wording)
    if case.acknowledged_at:
        needs = who.wording.say("queue.has", name=clip(name_of(case.acknowledged_by, client, service), NAME))
    about = " · ".join(filter(None, (client, who.when(case.opened), needs)))
    where = f"../{links.path(CASE, case.code, ME, expires)}"
    return tag("li", tag("a", _title(case), href=where), BREAK, tag("small", about))


def _needs(reason: str, wording: Wording) -> str:
    """Why somebody must look: a reason of ours, or one of the words that stand for themselves."""
    return in_words(Reason(reason), wording.language) if reason in tuple(Reason) else wording.say(f"reason.{reason}")


def _title(case: QueueCase) -> str:
    return f"{clip(clean(case.case.who), WHO)}: {clip(clean(case.case.subject), WHAT)}"


def verdict_page(grant: Grant, service: Service, wording: Wording) -> str:
    """The emergencies of this client that are over, each with "could it have waited?"; his own answers are marked."""
    client, now = grant.subject, service.now()
    who = reader(grant.person, client, service, wording)
    given = service.store.verdicts(client, now - LOOKS_BACK * 2, now + timedelta(seconds=1))
    mine = {v.code: v.could_wait for v in given if v.who == grant.person}
    over = service.store.judged_cases(client, now - LOOKS_BACK)[-MOST:]
    title, key = wording.say("verdicts.title"), "verdicts.intro" if over else "verdicts.empty"
    rows = [_judged(case, who, mine) for case in over]
    return document(
        wording.language, title, tag("h1", title), tag("p", wording.say(key)), tag("form", *rows, method="post")
    )


def _judged(case: QueueCase, who: Reader, mine: Mapping[str, bool]) -> Html:
    buttons = (_verdict(case, name, said, who, mine) for name, said in (("no", False), ("yes", True)))
    return lines((tag("p", tag("b", _title(case)), BREAK, tag("small", who.when(case.opened))), *buttons))


def _verdict(case: QueueCase, name: str, said: bool, who: Reader, mine: Mapping[str, bool]) -> Html:
    chosen = mine.get(case.code) is said
    words = put("✓ " if chosen else "", who.wording.say(f"verdicts.{name}"))
    return tag("button", words, name=name, value=case.code, **({"class_": "p"} if chosen else {}))
