"""Somebody of the chain with a telephone: opens a link, reads the page, presses a button."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.chain.alarm import FLOOD, Alarm
from tests.office import NOW, letter
from vamaild.core.cases import CaseEvent, QueueCase
from vamaild.core.visit import Page, Visit
from vamaild.web.links import CASE, LASTS, Links, offer
from vamaild.web.site import Pages
from vamaild.web.wording import load

BASE = "https://help.va.example"
KEY = b"a key of thirty-two bytes, really"
WORDINGS = load((Path(__file__).parents[2] / "templates",))


@dataclass
class Phone:
    """One browser. `url` is the page it is on."""

    pages: Pages
    url: str
    sends: Mapping[str, object] = field(default_factory=dict)

    def get(self, method: str = "GET", **more: object) -> Page:
        parts = urlsplit(self.url)
        query = dict(parse_qsl(parts.query))
        visit = Visit(method, unquote(parts.path), query, languages=("en",))
        return self.pages.visit(replace(visit, **{**self.sends, **more}))  # type: ignore[arg-type]  # fields by name

    def press(self, value: str, name: str = "do", **more: object) -> Page:
        """POST of this page's form; follows to where it leads."""
        found = self.get("POST", form={name: value}, fetch_site="same-origin", origin="null", **more)
        if found.status == 303:
            self.url = self.url.partition("?")[0] + found.location
        return found


def text(page: Page) -> str:
    """What a person reads."""
    body = re.sub(r"<(style|title)>.*?</\1>", "", page.html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def buttons(page: Page) -> list[str]:
    return re.findall(r'<button name="do" value="(\w+)"', page.html)


class House(Alarm):
    """An alarm that has a page."""

    def __init__(self, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # as Alarm's
        self.links = Links(BASE, KEY)
        self.pages = Pages(self.service, self.links, WORDINGS)
        offer(self.service, self.links)

    def phone(self, person: str, code: str = "", lasts: timedelta = LASTS, scope: str = CASE) -> Phone:
        subject = code if code or scope != CASE else self.case.code
        return Phone(self.pages, self.service.page_link(scope, subject, person, self.clock.now() + lasts))

    def flooded(self) -> "House":
        """An emergency that the assistant has passed on to petr-sea."""
        self.arrive(letter(1, FLOOD))
        self.goes_on()
        self.says("me", "pass_on")
        self.goes_on()
        return self

    @property
    def cases(self) -> Sequence[QueueCase]:
        return self.store.cases(everything=True)

    def events(self) -> Sequence[CaseEvent]:
        return self.store.case_events(self.cases[0].code)

    def everything(self) -> tuple[object, ...]:
        """All that a press could change."""
        cases = self.store.cases(everything=True)
        rest = [(self.store.case_events(c.code), self.store.notices(c.code)) for c in cases]
        return cases, rest, self.store.verdicts(self.ruleset.client.id, NOW - LASTS, NOW + 9 * LASTS)


def house() -> House:
    return House().flooded()
