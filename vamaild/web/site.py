"""Visit -> page: whose link this is, whether it still holds, and what a pressed button does.

The token is the only key. GET and HEAD change nothing, so that link scanners and previews do no harm; a button is a
POST of our own page. Every answer to a case goes through the one door of chain.py. Whatever leaves here was looked
through for secrets as the bytes it is (core/egress.py).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .. import agreed, chain
from ..core.cases import QueueCase
from ..core.chainwords import ME
from ..core.egress import page as betrays
from ..core.ledger import StoreError
from ..core.markup import document, tag
from ..core.token import Grant, TokenError, bound, person_of, verify
from ..core.visit import Page, Visit, same_origin
from ..notices import ruleset_of
from ..service import Service
from .casepage import SAID, bare_page, case_page, language
from .links import CASE, QUEUE, VERDICTS, Links, whose
from .listpage import queue_page, verdict_page
from .refused import Refusals, betraying, refused
from .wording import FALLBACK, Wording

PATH = re.compile(r"/([cqv])/([^/]{1,300})")
EXPIRED = "expired"
OVER = {"urgent": False, "could_wait": True}
ANSWERS = ("take", "pass_on", "wait")
VIA = "web"


class RefusedError(Exception):
    """The visit is turned away with this status; the text says why, for the journal. `key` names what is shown."""

    def __init__(self, status: int, why: str = "", key: str = "wrong") -> None:
        super().__init__(why)
        self.status, self.why, self.key = status, why, key


@dataclass(slots=True)
class Pages:
    """`core.visit.Site` over a ledger. `fresh` reads the configuration anew when that was asked for."""

    service: Service
    links: Links
    wordings: Mapping[str, Wording]
    fresh: Callable[["Pages"], None] = lambda pages: None
    refusals: Refusals = field(default_factory=Refusals)

    def visit(self, visit: Visit) -> Page:
        """Answers; a ledger that is locked or full is said, and the visitor sent to the notice."""
        self.fresh(self)
        try:
            return self._answer(visit)
        except RefusedError as turned:
            return self._refuse(visit, turned)
        except StoreError as error:
            self.service.journal.error("the page could not use the ledger", fault=str(error))
            return self._fault(visit, 503, "later")

    # --- who, and what about ---

    def _answer(self, visit: Visit) -> Page:
        if visit.trouble:
            raise RefusedError(visit.trouble)
        place = PATH.fullmatch(visit.path)
        if place is None:
            raise RefusedError(404)
        if visit.method not in ("GET", "HEAD", "POST"):
            raise RefusedError(405)
        scope, rest = place.groups()
        subject, _, token = ("", "", rest) if scope == QUEUE else rest.partition(".")
        grant = self._grant(scope, subject, token)
        if visit.method == "POST" and not same_origin(visit, _origin(self.links.base)):
            raise RefusedError(403, "a button was pressed on somebody else's page")
        return {CASE: self._case, QUEUE: self._queue, VERDICTS: self._verdicts}[scope](visit, grant)

    def _grant(self, scope: str, subject: str, token: str) -> Grant:
        try:
            who = whose(scope, subject, person_of(token), self.service)
            return verify(bound(self.links.key, who), scope, subject, token, self.service.now())
        except TokenError as error:
            if EXPIRED in str(error):
                raise RefusedError(410, key=EXPIRED) from error
            if "complete" in str(error):
                raise RefusedError(404) from error
            raise RefusedError(403, str(error)) from error

    def _wording(self, code: str) -> Wording:
        return self.wordings.get(code) or self.wordings[FALLBACK]

    # --- the pages ---

    def _case(self, visit: Visit, grant: Grant) -> Page:
        service, case = self.service, self.service.store.case(grant.subject)
        if case is None:
            raise RefusedError(404)
        if grant.person not in agreed.people_of(case, service):
            raise RefusedError(403, "its person is in the chain no more")
        if visit.method == "POST":
            return self._press(visit, case, grant)
        wording = self._wording(language(grant.person, case.case.client, service))
        said = visit.query.get("said", "")
        html = case_page(case, grant, service, wording, said if said in SAID else "")
        if not self._betrays(html, case.code):
            return Page(200, html)
        return self._guarded(visit, bare_page(case, grant, service, wording), case.code)

    def _press(self, visit: Visit, case: QueueCase, grant: Grant) -> Page:
        """What the button says, through the one door; then back to the page, so that reloading presses nothing."""
        pressed = visit.form.get("do", "")
        if pressed in OVER and case.case.escalates:
            answer = chain.Answer("resolve", could_wait=OVER[pressed])
        elif pressed in ANSWERS:
            answer = chain.Answer(pressed)
        else:
            raise RefusedError(400)
        result = chain.answer(self.service, case.code, grant.person, answer, VIA)
        self.service.journal.info("a button was pressed", case=case.code, by=grant.person, said=str(result.said))
        return Page(303, location=f"?said={result.said}")

    def _queue(self, visit: Visit, grant: Grant) -> Page:
        if grant.person != ME:
            raise RefusedError(403, "the queue is the assistant's alone")
        if visit.method == "POST":
            raise RefusedError(405)
        wording = self._wording(self.service.rules.settings.assistant.language)
        return self._guarded(visit, queue_page(grant, self.service, wording, self.links))

    def _verdicts(self, visit: Visit, grant: Grant) -> Page:
        """Whoever is in the chain of this client now may judge."""
        service, ruleset = self.service, ruleset_of(grant.subject, self.service)
        if ruleset is None or grant.person not in (ME, *ruleset.escalation.chain):
            raise RefusedError(403, "its person is in the chain no more")
        if visit.method == "POST":
            return self._judge(visit, grant)
        wording = self._wording(language(grant.person, grant.subject, service))
        return self._guarded(visit, verdict_page(grant, service, wording))

    def _judge(self, visit: Visit, grant: Grant) -> Page:
        code = visit.form.get("yes") or visit.form.get("no") or ""
        case = self.service.store.case(code)
        if case is None or case.case.client != grant.subject:
            raise RefusedError(400)
        could_wait = "yes" in visit.form
        if not self.service.store.verdict(code, grant.person, could_wait, self.service.now()):
            raise RefusedError(400)
        self.service.journal.info("a case was judged", case=code, by=grant.person, could_wait=could_wait)
        return Page(303, location="?")

    # --- the gate ---

    def _guarded(self, visit: Visit, html: str, code: str = "") -> Page:
        """The page, unless something of [contacts] can be read out of it."""
        return self._fault(visit, 500, "later") if self._betrays(html, code) else Page(200, html)

    def _betrays(self, html: str, code: str) -> str:
        """The reason is told to the assistant; what was found stands nowhere."""
        why = betrays(html.encode("utf-8", "replace"), self.service.rules.settings.secrets.contact_values())
        if why:
            betraying(self.service, code, why)
        return why

    # --- turned away ---

    def _refuse(self, visit: Visit, turned: RefusedError) -> Page:
        """A token that nobody made here is reported; the tenth letter of a torn link is nobody's attack."""
        if turned.status == 403:
            if self.refusals.too_many(self.service.now()):
                return self._fault(visit, 429, "wrong")
            found = PATH.fullmatch(visit.path)
            code = found[2].partition(".")[0] if found and found[1] == CASE else ""
            refused(self.service, code, turned.why)
        return self._fault(visit, turned.status, turned.key)

    def _fault(self, visit: Visit, status: int, key: str) -> Page:
        """In a language the browser asks for: whose link it was, nobody knows for sure."""
        assistant = self.service.rules.settings.assistant.language
        known = next((code for code in (*visit.languages, assistant) if code in self.wordings), FALLBACK)
        wording = self.wordings[known]
        words = tag("p", wording.say(f"fault.{key}"), class_="s", role="alert")
        return Page(status, document(wording.language, wording.say("fault.title"), words))


def _origin(base: str) -> str:
    """Scheme, host and port of the public address."""
    return "/".join(base.split("/")[:3])
