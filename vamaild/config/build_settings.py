"""vamaild.toml and secrets.toml: from their tables to Settings. What is wrong with them is reported, nothing quoted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..core.ruleset import Assistant, Limits, Week
from ..core.signin import SEND
from .build_rules import Desk, closed, week
from .build_signin import Application, applications, shared, sign_in
from .locate import Path
from .schema.main import MailboxTable, MainFile, SecretsFile, SendTable
from .schema.values import Server
from .settings import (
    Defaults,
    LogSettings,
    MailboxSettings,
    MetricsSettings,
    PrivacySettings,
    ReportSettings,
    Secret,
    Secrets,
    SendSettings,
    ServerSettings,
    Settings,
    WebSettings,
)

SECOND_FOLDER = "take the line out; to have a second folder read, write a second [[mailbox]] with that folder"


def secrets(file: SecretsFile) -> Secrets:
    """The secrets, each in its wrapper."""
    contacts = {name: {way: Secret(value) for way, value in ways.items()} for name, ways in file.contacts.items()}
    passwords = {name: Secret(value) for name, value in file.passwords.items()}
    words = tuple(map(Secret, (*file.secrets.canaries, *file.secrets.places)))
    return Secrets(passwords, contacts, Secret(file.links.sign_key if file.links else ""), words)


def assistant(file: MainFile) -> Assistant:
    me = file.me
    return Assistant(me.name, me.email, me.gender, me.language, me.timezone)


def settings(desk: Desk, file: MainFile, known: Secrets) -> Settings:
    """Everything vamaild.toml says; a password that secrets.toml does not hold is reported."""
    me = assistant(file)
    apps = applications(desk, file.oauth, lambda path, name: _secret(desk, path, name, known))
    boxes = tuple(_one_token_each(_mailboxes(desk, file.mailbox, known, apps)))
    return Settings(
        assistant=me,
        mailboxes=boxes,
        send=_send(desk, file.send, known, apps, boxes),
        week=_week(desk, file, me.language),
        limits=_limits(file),
        defaults=Defaults(file.defaults.trust, file.defaults.lead_days, file.defaults.answer_margin_days),
        report=ReportSettings(
            *(file.report.send, file.report.to_me, file.report.to_clients),
            *(file.report.agency or "", file.report.agency_send),
        ),
        privacy=PrivacySettings(file.privacy.keep_text, file.privacy.keep_events, file.privacy.log_addresses),
        log=LogSettings(file.log.level, file.log.format),
        secrets=known,
        web=WebSettings(file.web.url, *file.web.listen) if file.web else None,
        metrics=MetricsSettings(*file.metrics.listen) if file.metrics else None,
        workers=file.service.workers,
    )


def _limits(file: MainFile) -> Limits:
    send = file.send
    return Limits(send.per_person_per_day, send.per_hour, send.max_age, send.per_domain_per_hour, send.per_day)


def _week(desk: Desk, file: MainFile, language: str) -> Week:
    return week(desk, file.week, Week(), closed(desk, ("week", "holidays"), file.week.holidays or (), language))


def _password(desk: Desk, path: Path, name: str, known: Secrets) -> Secret:
    if name in known.passwords:
        return known.passwords[name]
    what = f'there is no password "{name}" in secrets.toml'
    desk.report(path, what, f'write in secrets.toml, under [passwords]:  {name} = "…"', show=True)
    return Secret("")


def _secret(desk: Desk, path: Path, name: str | None, known: Secrets) -> Secret:
    return _password(desk, path, name, known) if name else Secret("")


def _server(server: Server, ca: str, socket: str) -> ServerSettings:
    return ServerSettings(server.host, server.port, server.security, ca, socket)


def _mailboxes(
    desk: Desk, tables: Iterable[MailboxTable], known: Secrets, apps: Mapping[str, Application]
) -> Iterator[MailboxSettings]:
    names: set[str] = set()
    for number, table in enumerate(tables):
        path: Path = ("mailbox", number)
        name = table.name or table.user
        if name in names:
            desk.report(path, f'two mailboxes are called "{name}"', 'give each a "name" of its own')
        names.add(name)
        if table.folders:
            desk.warn((*path, "folders"), '"folders" does nothing: no message is ever moved', SECOND_FOLDER)
        yield MailboxSettings(
            name=name,
            server=_server(table.imap, table.ca, table.socket),
            user=table.user,
            password=_secret(desk, (*path, "password"), table.password, known),
            every=table.every,
            folder=table.folder,
            keyword=table.keyword,
            server_id=table.server_id.lower(),
            sign_in=sign_in(desk, path, table, name, apps),
        )


def _one_token_each(boxes: Iterable[MailboxSettings]) -> Iterator[MailboxSettings]:
    """Two folders of one account sign in with one token."""
    before: list[MailboxSettings] = []
    for box in boxes:
        before.append(replace(box, sign_in=shared(box.sign_in, before)))
        yield before[-1]


def _send(
    desk: Desk, table: SendTable, known: Secrets, apps: Mapping[str, Application], boxes: Iterable[MailboxSettings]
) -> SendSettings:
    return SendSettings(
        server=_server(table.smtp, table.ca, table.socket),
        user=table.user or "",
        password=_secret(desk, ("send", "password"), table.password, known),
        from_address=table.from_ or "",
        wait=table.wait,
        wait_emergency=table.wait_emergency,
        sign_in=shared(sign_in(desk, ("send",), table, SEND, apps), boxes),
    )


def own_addresses(settings: Settings) -> tuple[str, ...]:
    """The assistant's own addresses, lower case: what reads, what sends, where reports go."""
    users = [box.user for box in settings.mailboxes]
    named = (*users, settings.send.user, settings.send.from_address, settings.assistant.email)
    return tuple(dict.fromkeys(name.lower() for name in named if "@" in name))
