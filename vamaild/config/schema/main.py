"""vamaild.toml and secrets.toml: every key with its kind of value and the sentence that explains it."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field

from ...core.ruleset import Trust
from .client import Trusted, WeekTable
from .values import (
    Duration,
    EmailAddress,
    Endpoint,
    Exporter,
    ImapUrl,
    LanguageCode,
    Listen,
    PageUrl,
    PasswordName,
    SmtpUrl,
    SomeDuration,
    Table,
    TimeZone,
    Weekly,
    Words,
)

BY_PROGRAM = "Instead of a password: a program that prints an access token (XOAUTH2)."
LASTS = "How long its tokens are used; else until the server refuses one."
BY_PROVIDER = 'Instead of a password: "microsoft", "google" or an own [oauth.NAME]; then: vamaild oauth login.'


class MeTable(Table):
    """[me]"""

    name: Words = Field(description="Your name, as replies are signed.")
    email: EmailAddress = Field(description="Where reports and warnings go.")
    gender: Literal["f", "m", "n"] = Field(default="f", description="For the grammar of replies only.")
    language: LanguageCode = Field(default="en", description="Language of reports and warnings.")
    timezone: TimeZone = Field(default="Europe/Rome", description="Where you are, like Europe/Rome.")


class MailboxTable(Table):
    """[mailbox]"""

    imap: ImapUrl = Field(description="The server, like imaps://imap.example.com.")
    user: Words = Field(description="The user name there, most often the address.")
    password: PasswordName | None = Field(
        default=None, description='"secret:NAME"; the password itself stands in secrets.toml.'
    )
    token_command: list[Words] = Field(default=[], description=BY_PROGRAM)
    token_expires: SomeDuration | None = Field(default=None, description=LASTS)
    oauth: str = Field(default="", description=BY_PROVIDER)
    name: str = Field(default="", description="How this mailbox is called in logs; else its user.")
    every: SomeDuration = Field(default=timedelta(seconds=60), description="How often to look.")
    folders: str = Field(default="", description="Does nothing, and check says so: no message is moved.")
    folder: Words = Field(default="INBOX", description="The folder that is read; for two, write two [[mailbox]].")
    keyword: str = Field(
        default="vamaild",
        description='The IMAP keyword a message gets when it is done; "" for none.',
        pattern=r"^[A-Za-z0-9_$-]*$",
    )
    server_id: str = Field(
        default="",
        description='How your server signs Authentication-Results, like "mx.example"; "microsoft" for Microsoft 365.',
        pattern=r"^[A-Za-z0-9._-]*$",
    )
    ca: str = Field(default="", description="Path of a file with the server's own certificate authority.")
    socket: str = Field(
        default="",
        description="Path of a local socket that leads to the server; for a service without network.",
        pattern=r"^(/[^\x00-\x1f]{1,100})?$",
    )


class SendTable(Table):
    """[send]"""

    smtp: SmtpUrl = Field(description="The server, like smtps://smtp.example.com.")
    user: Words | None = Field(default=None, description="The user name there; left out for a relay without sign-in.")
    password: PasswordName | None = Field(
        default=None, description='"secret:NAME"; the password itself stands in secrets.toml.'
    )
    token_command: list[Words] = Field(default=[], description=BY_PROGRAM)
    token_expires: SomeDuration | None = Field(default=None, description=LASTS)
    oauth: str = Field(default="", description=BY_PROVIDER)
    from_: EmailAddress | None = Field(default=None, alias="from", description="Sender of replies; else as written to.")
    wait: Duration = Field(
        default=timedelta(minutes=4), description="A reply waits; answer yourself and it is dropped."
    )
    wait_emergency: Duration = Field(default=timedelta(seconds=30), description="The same for a reply to an emergency.")
    per_person_per_day: int = Field(
        default=3, description="More replies than these go to nobody in a day.", ge=1, le=100
    )
    per_hour: int = Field(default=60, description="Above this, sending stops and you are told.", ge=1, le=10_000)
    per_domain_per_hour: int = Field(
        default=20, description="More replies than these go to nobody's domain in an hour.", ge=1, le=10_000
    )
    per_day: int = Field(default=500, description="More replies than these leave in no 24 hours.", ge=1, le=100_000)
    max_age: SomeDuration = Field(
        default=timedelta(hours=72), description="Older messages are not answered by themselves."
    )
    ca: str = Field(default="", description="Path of a file with the server's own certificate authority.")
    socket: str = Field(
        default="",
        description="Path of a local socket that leads to the server; for a service without network.",
        pattern=r"^(/[^\x00-\x1f]{1,100})?$",
    )


class DefaultsTable(Table):
    """[defaults]"""

    trust: Trusted = Field(default=Trust.OBSERVE, description="How far the service goes: observe, draft, send.")
    lead_days: int = Field(default=4, description="Working days of notice.", ge=0, le=366)
    answer_margin_days: int = Field(default=2, description="Working days from a return to the answer.", ge=0, le=60)


class ReportTable(Table):
    """[report]"""

    send: Weekly | None = Field(default=None, description='When the weekly report leaves, like "fri 16:00".')
    to_me: bool = Field(default=True, description="Send it to [me].")
    to_clients: bool = Field(default=False, description="Send each client its part.")
    agency: EmailAddress | None = Field(default=None, description="Where a report on all clients goes: numbers only.")
    agency_send: Weekly = Field(default=(0, time(7)), description='When that leaves, like "mon 07:00".')


class PrivacyTable(Table):
    """[privacy]"""

    keep_text: SomeDuration = Field(default=timedelta(days=30), description="How long message texts are kept.")
    keep_events: SomeDuration = Field(
        default=timedelta(days=400), description="How long it is kept what was done and why."
    )
    log_addresses: bool = Field(default=False, description="true: addresses are written to the journal.")


class LogTable(Table):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="How much is written.")
    format: Literal["text", "json"] = Field(default="text", description="For people or for programs.")


class ServiceTable(Table):
    """[service]"""

    workers: int = Field(default=8, description="So many mail servers are asked at the same time.", ge=1, le=200)


class WebTable(Table):
    """[web]"""

    url: PageUrl = Field(description='Where people reach the page, like "https://help.example.com".')
    listen: Listen = Field(default=("127.0.0.1", 8025), description="Where the proxy reaches it, on this machine.")


class MetricsTable(Table):
    """[metrics]"""

    listen: Exporter = Field(default=("127.0.0.1", 9464), description="Where Prometheus asks; it has no password.")


class OAuthTable(Table):
    """[oauth.NAME]"""

    client_id: Words = Field(description="Which application signs in; you register it with the provider.")
    client_secret: PasswordName | None = Field(
        default=None, description='"secret:NAME" where the provider gave one (Google does, Microsoft does not).'
    )
    tenant: str = Field(
        default="", description='Microsoft: your organisation, else "common".', pattern=r"^[A-Za-z0-9.-]*$"
    )
    token_url: Endpoint | None = Field(default=None, description="A provider of your own: where tokens are had.")
    device_url: Endpoint | None = Field(default=None, description="Where codes are had that are typed in elsewhere.")
    authorize_url: Endpoint | None = Field(default=None, description="Where consent is given in a browser.")
    revoke_url: Endpoint | None = Field(default=None, description="Where a token is given back.")
    scope: str = Field(default="", description="What is asked for, words with spaces between.")


class MainFile(Table):
    """vamaild.toml."""

    me: MeTable = Field(description="Who you are.")
    mailbox: list[MailboxTable] = Field(description="The inbox your clients forward to.", min_length=1)
    send: SendTable = Field(description="How replies leave.")
    week: WeekTable = Field(default=WeekTable(), description="When you work.")
    defaults: DefaultsTable = Field(default=DefaultsTable(), description="What every client starts from.")
    report: ReportTable = Field(default=ReportTable(), description="The weekly report.")
    privacy: PrivacyTable = Field(default=PrivacyTable(), description="What is kept, and how long.")
    log: LogTable = Field(default=LogTable(), description="What the journal says.")
    service: ServiceTable = Field(default=ServiceTable(), description="How the service works.")
    web: WebTable | None = Field(default=None, description="The page behind the links in notices; off when left out.")
    metrics: MetricsTable | None = Field(default=None, description="Figures for Prometheus; off when left out.")
    oauth: Mapping[str, OAuthTable] = Field(default={}, description="[oauth.NAME]: an application that signs in.")


SecretText = Annotated[str, Field(min_length=1)]


class LinksTable(Table):
    """[links]"""

    sign_key: SecretText = Field(description="The key that signs links in notices.")


class SecretsTable(Table):
    """[secrets]"""

    canaries: list[SecretText] = Field(
        default=[], description='Words that may leave in nothing, like "zlatá liška 7f3a": they show a hole.'
    )
    places: list[SecretText] = Field(
        default=[], description='Where he is, in words nobody may read: "Naxos*", "hotel Ariadne".'
    )


class SecretsFile(Table):
    """secrets.toml. Nothing in it may be shown, so no complaint quotes a value."""

    passwords: Mapping[str, SecretText] = Field(default={}, description="Passwords, each with its name.")
    contacts: Mapping[str, Mapping[str, SecretText]] = Field(
        default={}, description="One [contacts.NAME] for each contact."
    )
    links: LinksTable | None = Field(default=None, description="For links in notices.")
    secrets: SecretsTable = Field(default=SecretsTable(), description="Words that may leave in nothing.")
