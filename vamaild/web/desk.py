"""Puts the page together: configuration -> a service that sends nothing -> pages over its ledger."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .. import wire
from ..adapters import files, keyfile
from ..config.settings import Secret, Settings
from ..core.ledger import PostError, Store
from ..service import Clock, Journal, Rules, Service
from .links import Links, key_of
from .site import Pages
from .wording import Wording, load


class Nobody:
    """Nothing is sent from here: what an answer calls for is written into the ledger, and the daemon goes on."""

    def send(self, to: str, raw: bytes) -> None:
        raise PostError("the page sends nothing")

    def close(self) -> None: ...


def without_passwords(settings: Settings) -> Settings:
    """The settings as the page needs them: who is reached over which channels, no mailbox's password."""
    known = settings.secrets
    return replace(
        settings,
        mailboxes=tuple(replace(m, password=Secret("")) for m in settings.mailboxes),
        send=replace(settings.send, password=Secret("")),
        secrets=replace(known, passwords={}),
    )


def service(rules: Rules, store: Store, clock: Clock, journal: Journal) -> Service:
    """A service that answers cases, and does nothing else."""
    kept = replace(rules, settings=without_passwords(rules.settings))
    found = Service(kept, store, Nobody(), {}, wire.reader(), clock, journal, send=False)
    found.notifiers = wire.notifiers(kept.settings, lambda: kept.sending, Nobody(), clock)
    return found


def wordings(config: Path) -> Mapping[str, Wording]:
    """The words of the page in every language there is; your own lines go first. Raises WordingError."""
    return load((config / "templates", files.shipped("templates")))


def links(settings: Settings, state: Path) -> Links:
    """Raises KeyFileError; ValueError where there is no [web]."""
    if settings.web is None:
        raise ValueError("there is no [web]")
    return Links(settings.web.url, key_of(settings.secrets, lambda: keyfile.read(state)))


def pages(service: Service, config: Path, state: Path) -> Pages:
    """Raises KeyFileError, WordingError."""
    return Pages(service, links(service.rules.settings, state), wordings(config))
