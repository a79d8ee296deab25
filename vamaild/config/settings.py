"""What vamaild.toml and secrets.toml say, as frozen values. A secret never shows itself in a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from ..core.ruleset import Assistant, Limits, Trust, Week
from ..core.signin import Provider


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value nobody may read by accident: only `reveal` shows it."""

    _value: str

    def reveal(self) -> str:
        """The value itself, for the one adapter that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A server; `security`: "tls", "starttls" or "none" (this machine only). `ca`: path of an own authority, or "".

    `socket`: path of a local socket that leads to it, or "".
    """

    host: str
    port: int
    security: str
    ca: str = ""
    socket: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a token is had instead of a password: from a `command` (it `lasts` so long), else from a provider.

    `name` is the token's own, as in `vamaild oauth login NAME`; `user` is who signs in.
    """

    name: str
    user: str
    command: tuple[str, ...] = ()
    lasts: timedelta | None = None
    provider: Provider | None = None
    client_id: str = ""
    client_secret: Secret = Secret("")


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """An inbox that is read; `every` is the wait between two looks, `keyword` "" marks nothing.

    `server_id`: how the server that receives the mail signs Authentication-Results; "" trusts none.
    """

    name: str
    server: ServerSettings
    user: str
    password: Secret
    every: timedelta
    folder: str = "INBOX"
    keyword: str = "vamaild"
    server_id: str = ""
    sign_in: SignIn | None = None


@dataclass(frozen=True, slots=True)
class SendSettings:
    """How replies leave; `from_address` "" means the address the customer wrote to."""

    server: ServerSettings
    user: str
    password: Secret
    from_address: str = ""
    wait: timedelta = timedelta(minutes=4)
    wait_emergency: timedelta = timedelta(seconds=30)
    sign_in: SignIn | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every client starts from."""

    trust: Trust = Trust.OBSERVE
    lead_days: int = 4
    answer_margin_days: int = 2


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """When the weekly report leaves: weekday (0 = Monday) and time in the assistant's zone; None: never.

    `agency` is an address, "" for none; hers leaves at its own hour.
    """

    send: tuple[int, time] | None = None
    to_me: bool = True
    to_clients: bool = False
    agency: str = ""
    agency_send: tuple[int, time] = (0, time(7))


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """How long what is kept."""

    keep_text: timedelta = timedelta(days=30)
    keep_events: timedelta = timedelta(days=400)
    log_addresses: bool = False


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: str = "info"
    format: str = "text"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The page behind the links in notices: where people reach it, and where the proxy does (this machine)."""

    url: str
    host: str = "127.0.0.1"
    port: int = 8025


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where Prometheus asks."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """What secrets.toml holds: passwords by name, the ways to each contact by name, the key that signs links.

    `words` are the canaries and places of [secrets].
    """

    passwords: Mapping[str, Secret] = field(default_factory=dict)
    contacts: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    sign_key: Secret = Secret("")
    words: tuple[Secret, ...] = ()

    def contact_values(self) -> tuple[str, ...]:
        """Every value under [contacts] and [secrets]: what may leave in no reply."""
        ways = tuple(way.reveal() for ways in self.contacts.values() for way in ways.values())
        return (*ways, *(word.reveal() for word in self.words))

    def all_values(self) -> tuple[str, ...]:
        """Every value of the file: what may stand in no complaint."""
        return (*self.contact_values(), *(p.reveal() for p in self.passwords.values()), self.sign_key.reveal())


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything vamaild.toml says. `workers`: how many mail servers are asked at the same time."""

    assistant: Assistant
    mailboxes: tuple[MailboxSettings, ...]
    send: SendSettings
    week: Week = field(default_factory=Week)
    limits: Limits = field(default_factory=Limits)
    defaults: Defaults = Defaults()
    report: ReportSettings = ReportSettings()
    privacy: PrivacySettings = PrivacySettings()
    log: LogSettings = LogSettings()
    secrets: Secrets = Secrets()
    web: WebSettings | None = None
    metrics: MetricsSettings | None = None
    workers: int = 8
