"""Signed links to the page: who makes them, with which key, and how a service gets them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from ..adapters import keyfile
from ..adapters.keyfile import KeyFileError
from ..config.settings import Secrets
from ..core.chainwords import COLLEAGUE
from ..core.token import Grant, bound, sign
from ..notices import ways_of
from ..service import Service

CASE, QUEUE, VERDICTS = "c", "q", "v"
LASTS = timedelta(days=3)


@dataclass(frozen=True, slots=True, repr=False)
class Links:
    """Makes links below `base`; the key is never shown."""

    base: str
    key: bytes

    def page(self, scope: str, subject: str, person: str, expires: datetime, who: str = "") -> str:
        """The link of one page for one person until then; `who` as `whose` says."""
        return f"{self.base}/{self.path(scope, subject, person, expires, who)}"

    def path(self, scope: str, subject: str, person: str, expires: datetime, who: str = "") -> str:
        """The same without the base."""
        token = sign(bound(self.key, who), Grant(scope, subject, person, expires))
        return f"{scope}/{quote('.'.join(filter(None, (subject, token))), safe='')}"


def whose(scope: str, subject: str, person: str, service: Service) -> str:
    """Who bears this name just now, where it is a role: the link of one colleague is void for the next one."""
    if person != COLLEAGUE or scope == QUEUE:
        return ""
    case = service.store.case(subject) if scope == CASE else None
    client = case.case.client if case else subject
    return ways_of(COLLEAGUE, client, service).get("email", "").lower()


def key_of(secrets: Secrets, from_file: Callable[[], bytes]) -> bytes:
    """[links] sign_key of secrets.toml, else the key of the file. Raises KeyFileError."""
    own = secrets.sign_key.reveal().encode()
    if own and len(own) < keyfile.SHORTEST:
        raise KeyFileError(f"secrets.toml: sign_key under [links] is too short; {keyfile.SHORTEST} characters at least")
    return own or from_file()


def equip(service: Service, state: Path) -> None:
    """Gives a service its links, when there is a page; without a key the notices go without."""
    web = service.rules.settings.web
    service.case_link, service.page_link = _none, _none
    if web is None:
        return
    try:
        links = Links(web.url, key_of(service.rules.settings.secrets, lambda: keyfile.make(state)))
    except KeyFileError as error:
        service.journal.error("notices go without a link to the page", fault=str(error))
        return
    offer(service, links)


def offer(service: Service, links: Links) -> None:
    """The service's notices carry these links from now on."""

    def page(scope: str, subject: str, person: str, expires: datetime) -> str:
        return links.page(scope, subject, person, expires, whose(scope, subject, person, service))

    service.page_link = page
    service.case_link = lambda code, person, expires: page(CASE, code, person, expires)


def _none(*about: object) -> str:
    return ""
