"""Which mailboxes a running service looks after: made of its settings, made anew where these have changed, locked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import wire
from .adapters.lock import MailboxLocks
from .adapters.mailbox.idle import Ears, allow_many
from .config.settings import MailboxSettings
from .core.ledger import Mailbox
from .mailroom import Mailroom
from .service import Rules, Service
from .workers import Workers


def mailroom(service: Service) -> Mailroom:
    """Looks into all mailboxes of this service at once, and keeps other services on this machine out of them."""
    allow_many()
    ears = Ears()
    workers = Workers(service.rules.settings.workers, ears.ring)
    service.boxes = boxes = Boxes(service, workers)
    service.holds = MailboxLocks(boxes.account)
    return Mailroom(service, workers, ears)


@dataclass(slots=True)
class Boxes:
    """The mailboxes that vamaild.toml names now; one whose settings are what they were stays connected."""

    service: Service
    workers: Workers
    made: dict[str, MailboxSettings] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made = self._settings()

    def __call__(self, known: Mapping[str, Mailbox]) -> Mapping[str, Mailbox]:
        self.workers.places = self.service.rules.settings.workers
        before, self.made = self.made, self._settings()
        return {
            name: known[name] if before.get(name) == settings and name in known else self._make(settings)
            for name, settings in self.made.items()
        }

    def _settings(self) -> dict[str, MailboxSettings]:
        return {m.name: m for m in self.service.rules.settings.mailboxes}

    def _make(self, settings: MailboxSettings) -> Mailbox:
        return wire.mailbox(settings, source=self.service.tokens)

    def account(self, name: str) -> tuple[str, ...]:
        """Whose it is: server, user, folder; for the lock."""
        box = self.made[name]
        return (box.server.host.lower(), str(box.server.port), box.user, box.folder)


def renew(service: Service, before: Rules) -> None:
    """After the rules were replaced: the way out and the ways to our own people, by the new settings."""
    send = service.rules.settings.send
    if send != before.settings.send:
        service.post.close()
        service.post = wire.post(send, source=service.tokens)
        service.rest.until = None
    wire.equip(service)
