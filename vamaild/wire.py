"""Puts the parts together: files -> configuration, configuration -> adapters -> service. Orders; decides nothing."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .adapters import files, keyfile, patterns
from .adapters.files import Files
from .adapters.inhand import InHand
from .config.configuration import Configuration, Sources, source_of
from .config.configuration import Tools as ReadingTools
from .config.problem import Problem, Severity
from .config.settings import MailboxSettings, SendSettings, Settings
from .config.spoken import spoken
from .core.absence import named_places
from .core.case import UNKNOWN, Authentication
from .core.decide import Tools
from .core.egress import Discreet
from .core.entries import Sending
from .core.ledger import DATABASE, Arrival, Post, Store
from .core.letter import Render
from .core.message import Message
from .core.notify import Notifier
from .core.secrecy import leak
from .service import Clock, Journal, Rules, Service, Tokens

if TYPE_CHECKING:
    from .adapters.apart import Apart
    from .adapters.mailbox import ImapMailbox
    from .adapters.post import SmtpPost
    from .adapters.templates import Texts
    from .core.prose import Fault
    from .proofs import Proofs

STATE = Path("/var/lib/vamaild")
MAIL_SECONDS, NOTICE_SECONDS, CONNECT_SECONDS = 300.0, 12.0, 10.0
TLS = {"tls": "implicit", "starttls": "starttls", "none": "none"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration with everything that is wrong with it, texts and examples included."""

    configuration: Configuration
    problems: tuple[Problem, ...]
    render: Render
    sources: Sources
    texts: int = 0
    languages: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.is_error)


def sources_of(read: Files) -> Sources:
    """What was found, as the loader takes it."""
    main = source_of(read.main) if read.main else None
    return Sources(main, source_of(read.secrets) if read.secrets else None, tuple(map(source_of, read.rules)))


def reading_tools() -> ReadingTools:
    from .adapters.holidays import closed_days

    return ReadingTools(patterns.compile_regex, closed_days)


def load(
    config: Path,
    state: Path | None = None,
    *,
    play: bool = True,
    shipped: bool = False,
    texts: bool = False,
    proofs: Path | None = None,
    tell: Callable[[int, int], object] = lambda done, of: None,
) -> Loaded:
    """Reads a configuration directory. `play` runs its examples, `shipped` those of the product too.

    `texts` looks through every text. `proofs` is a directory to remember in which examples and texts hold. `tell` hears
    how many examples are played, of how many.
    """
    from .adapters.templates import Texts
    from .config.load import load as read
    from .proofs import Proofs

    read_files = files.find(config, state)
    found = sources_of(read_files)
    if not shipped:
        found = replace(found, rules=spoken(found.rules, (found.main,) if found.main else ()))
    problems = [Problem(w.file, 0, w.what, w.advice, severity=Severity.WARNING) for w in read_files.warnings]
    render = Texts(files.shipped("templates"), config / "templates")
    if play:
        known, tools = Proofs(proofs, found, render.roots), Tools(render, detect, authenticate)
        configuration = _played(found, tools, known, own_only=not shipped, tell=tell)
    else:
        configuration = read(found, reading_tools())
    problems += configuration.problems
    if texts:
        problems += [Problem(f.file, f.line, f.what, f.help) for f in _wrong_texts(render, Proofs(proofs, found))]
        problems += [*_places(configuration, render.own), *_betraying(configuration, render.own)]
    return Loaded(configuration, tuple(sorted(problems)), render, found, *_count(render.roots))


def _played(
    found: Sources, tools: Tools, known: "Proofs", *, own_only: bool, tell: Callable[[int, int], object]
) -> Configuration:
    """What was read, its examples played but those that are known to hold; what holds is remembered, Ctrl-C or not."""
    from .config.stories import Interrupted, load_and_play

    try:
        configuration, played = load_and_play(
            found, reading_tools(), tools, own_only=own_only, proven=known.known, tell=tell
        )
    except Interrupted as error:
        known.keep(error.played)
        raise
    known.keep(played)
    return configuration


def _wrong_texts(render: "Texts", known: "Proofs") -> "tuple[Fault, ...]":
    """What is wrong in any text; those of the product are looked through once for each version of them."""
    from .adapters.templates import faults_of

    proven = known.texts_known(render.shipped)
    faults = render.check(proven)
    if not proven and not faults_of(render.shipped, render.seconds):
        known.keep_texts()
    return faults


def _places(configuration: Configuration, own: Path | None) -> list[Problem]:
    """Texts of one's own that name a place where somebody is on holiday."""
    settings = configuration.settings
    places = tuple(word.reveal() for word in settings.secrets.words) if settings else ()
    read = _own_texts(own) if places else []
    what, help = "this names a place of [secrets] in secrets.toml", "say that he is away, never where"
    found = [(label, line) for label, text in read for line, _ in named_places(text, places)]
    return [Problem(label, line, what, help, severity=Severity.WARNING) for label, line in found]


def _betraying(configuration: Configuration, own: Path | None) -> list[Problem]:
    """Texts of one's own that hold a contact, a canary or a place: no reply that says it would leave."""
    secrets = configuration.rulebook.secrets if configuration.rulebook else ()
    what, help = "this shows something of secrets.toml", "replies may never hold anything of [contacts] or [secrets]"
    return [Problem(label, _line(text, secrets), what, help) for label, text in _own_texts(own) if leak(text, secrets)]


def _line(text: str, secrets: tuple[str, ...]) -> int:
    """The first line that betrays by itself; else the first of all."""
    return next((number for number, line in enumerate(text.split("\n"), 1) if leak(line, secrets)), 1)


def _own_texts(own: Path | None) -> list[tuple[str, str]]:
    """(label, what it says) of every text of one's own."""
    paths = sorted(own.rglob("*.txt")) if own else []
    return [(f"templates/{path.relative_to(own).as_posix()}", _text(path)) for path in paths if own]


def _text(path: Path) -> str:
    """What can be read of it; `check` says what cannot."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _count(roots: Sequence[Path]) -> tuple[int, tuple[str, ...]]:
    """How many texts there are, and in which languages."""
    names = {(p.parent.name, p.name) for root in roots for p in root.glob("*/*.txt") if p.name[0] != "_"}
    return len(names), tuple(sorted({language for language, _ in names}))


def detect(text: str, among: Sequence[str], default: str) -> tuple[str, float]:
    """Guesses the language; the detector is imported when the first text is looked at."""
    from .adapters.language import detect as guess

    return guess(text, among, default)


def authenticate(values: Sequence[str], servers: Sequence[str]) -> Authentication:
    """What our own server found out about the sender; its reader is imported when a server is configured."""
    if not values or not servers:
        return UNKNOWN
    from .adapters.auth import authenticate as read

    return read(values, servers)


def sending(settings: Settings) -> Sending:
    """How replies leave."""
    send = settings.send
    last_resort = send.from_address or settings.mailboxes[0].user
    address = last_resort if "@" in last_resort else settings.assistant.email
    return Sending(address, send.wait, send.wait_emergency, always=bool(send.from_address))


def rules_of(loaded: Loaded) -> Rules | None:
    """What a service works by; None when the configuration cannot be used."""
    configuration = loaded.configuration
    if configuration.settings is None or configuration.rulebook is None:
        return None
    tools = Tools(loaded.render, detect, authenticate)
    return Rules(configuration.settings, configuration.rulebook, tools, sending(configuration.settings))


def keep_good(loaded: Loaded, state: Path) -> None:
    """The client files in use become the last good ones, so that a later fault can fall back on them."""
    used = {r.file for r in loaded.configuration.rulebook.clients} if loaded.configuration.rulebook else set()
    for source in loaded.sources.rules:
        if source.label in used and not source.shipped:
            files.keep_good(state, source.label, source.raw)


def tokens(state: Path | None) -> Tokens:
    """The tokens that are kept in this state directory; they end by the real clock, whatever moment is played."""
    from .adapters.clock import Clock as RealClock
    from .bearers import Bearers

    return Bearers(state or STATE, RealClock().now).of


def mailbox(settings: MailboxSettings, state: Path | None = None, source: Tokens | None = None) -> "ImapMailbox":
    """One mailbox, not connected yet; its tokens come from `source`, else from the state directory."""
    from .adapters.mailbox import ImapMailbox

    server = settings.server
    return ImapMailbox(
        name=settings.name,
        host=server.host,
        port=server.port,
        tls=TLS[server.security],  # type: ignore[arg-type]  # one of the three literals, from the table above
        user=settings.user,
        password=settings.password.reveal,
        folder=settings.folder,
        keyword=settings.keyword,
        ca=server.ca or None,
        socket=server.socket,
        bearer=(source or tokens(state))(settings.sign_in),
    )


def post(
    settings: SendSettings,
    seconds: float = MAIL_SECONDS,
    *,
    sender: str = "",
    state: Path | None = None,
    source: Tokens | None = None,
) -> "SmtpPost":
    """The outgoing server; one mail may take so long. `sender`: of the envelope, where it is not the null path."""
    from .adapters.post import SmtpPost

    server = settings.server
    return SmtpPost(
        host=server.host,
        port=server.port,
        tls=TLS[server.security],  # type: ignore[arg-type]  # one of the three literals, from the table above
        user=settings.user,
        password=settings.password.reveal,
        ca=server.ca or None,
        path=server.socket,
        connect_seconds=min(CONNECT_SECONDS, seconds / 4),
        sender=sender,
        call_seconds=seconds,
        bearer=(source or tokens(state))(settings.sign_in),
    )


def notifiers(settings: Settings, sender: Callable[[], Sending], post: Post, clock: Clock) -> dict[str, Notifier]:
    """The ways to our own people that [contacts] uses, by the name of the channel; `post` carries the e-mails.

    "email" and "command" are what they say; any other channel is a service that apprise knows when it has a URL.
    """
    from .adapters.notify import AppriseNotifier, CommandNotifier, EmailNotifier
    from .adapters.notify.email import From

    def from_whom() -> From:
        return From(settings.assistant.name, sender().address)

    services, ways = AppriseNotifier(), settings.secrets.contacts.values()
    urls = {channel for way in ways for channel, value in way.items() if "://" in value.reveal()}
    others: dict[str, Notifier] = dict.fromkeys(urls, services)
    return others | {"email": EmailNotifier(post, from_whom, clock.now), "command": CommandNotifier()}


@cache
def apart() -> "Apart":
    """What reads mail for all of this process, in a process of its own."""
    from .reader import apart as new

    return new()


def reader() -> Callable[[Arrival], Message]:
    """Arrival -> Message."""
    return apart().read


def open_store(state: Path) -> Store:
    """The ledger in this directory; it is made when there is none. Raises StoreError."""
    from .adapters.store import SqliteStore

    return SqliteStore(state / DATABASE)


def journal(settings: Settings, clock: Clock, state: Path) -> Journal:
    """One line an event on stdout; JSON when systemd keeps it."""
    from .adapters.journal import open_journal, to_journal

    secrets = [*settings.secrets.contact_values(), *(p.reveal() for p in settings.secrets.passwords.values())]
    systemd = to_journal(sys.stdout, os.environ)
    return open_journal(
        sys.stdout,
        now=clock.now,
        key=keyfile.of_log(state),
        machine=settings.log.format == "json" or systemd,
        systemd=systemd,
        level=settings.log.level,
        log_addresses=settings.privacy.log_addresses,
        secrets=[s for s in secrets if s],
        zone=ZoneInfo(settings.assistant.timezone),
    )


def service(rules: Rules, store: Store, clock: Clock, log: Journal, state: Path | None = None) -> Service:
    """A service that is ready to look into its mailboxes. `state` is where the tokens are."""
    source = tokens(state)
    boxes = {m.name: mailbox(m, source=source) for m in rules.settings.mailboxes}
    service = Service(rules, store, post(rules.settings.send, source=source), boxes, reader(), clock, log)
    service.tokens = source
    apart().warn, service.read_all, service.read_early = log.warning, apart().read_all, apart().read_early
    if state is not None:
        service.in_hand = InHand(state, log.warning)
    equip(service)
    return service


def equip(service: Service) -> None:
    """Gives a service the ways to our own people; again after the settings were read anew."""
    settings = service.rules.settings
    notices = post(settings.send, NOTICE_SECONDS, source=service.tokens)
    found = notifiers(settings, lambda: service.rules.sending, notices, service.clock)
    contacts = {who: tuple(w.reveal() for w in ways.values()) for who, ways in settings.secrets.contacts.items()}
    service.notifiers = {channel: Discreet(notifier, contacts) for channel, notifier in found.items()}
