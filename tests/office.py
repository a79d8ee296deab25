"""A whole service without servers: one client, a mailbox and a store in memory, the shipped texts, a clock to move."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.make import AWAY, NOW, book, client, detect
from tests.memory_mailbox import DRAFTS, SENT, MemoryMailbox
from tests.memory_store import MemoryStore
from vamaild import dispatch, round
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.mime import MimeReader
from vamaild.adapters.templates import Texts
from vamaild.config.settings import Secret, SendSettings, ServerSettings, Settings
from vamaild.core.decide import Tools
from vamaild.core.entries import Sending
from vamaild.core.ledger import OutboxItem, Sort, State, Store
from vamaild.core.ruleset import Assistant, RuleSet, Trust, Week
from vamaild.service import Rules, Service

ASSISTANT = Assistant("Giulia Ferri", "giulia@ferri-av.example", language="it")
TO = "boss@client.example"
CARLA = "carla@customer.example"


class Post:
    """Takes everything."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []

    def send(self, to: str, raw: bytes) -> None:
        self.mails.append((to, parsed(raw)))

    def close(self) -> None: ...


class Journal:
    """Keeps the events, without their fields."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(event)

    warning = error = info


def parsed(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def trusting(trust: Trust, ruleset: RuleSet | None = None) -> RuleSet:
    found = ruleset or client()
    return replace(found, client=replace(found.client, trust=trust))


def letter(
    number: int = 1, text: str = "Ciao, mi mandi il listino?", *, sender: str = CARLA, subject: str = "", **fields: str
) -> bytes:
    """A message of a customer; every one is about something else unless a subject is given."""
    head = {
        "Return-Path": f"<{sender}>", "From": sender, "To": TO, "Delivered-To": TO, "MIME-Version": "1.0",
        "Subject": subject or f"Faccenda {'abcdefghijklmnopqrstuvwxyz'[number % 26]}{'x' * (number // 26)}",
        "Message-ID": f"<m{number}@customer.example>", "Content-Type": "text/plain; charset=utf-8",
        "Date": "Thu, 26 Nov 2026 10:40:00 +0100",
    } | {name.replace("_", "-"): value for name, value in fields.items()}  # fmt: skip
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + f"\r\n{text}\r\n").encode()


@dataclass
class Office:
    """`rounds` looks into the mailbox and files copies, as the daemon does; `let_out` sends what is due."""

    ruleset: RuleSet = field(default_factory=client)
    box: Any = field(default_factory=MemoryMailbox)
    store: Store = field(default_factory=MemoryStore)
    week: Week = field(default_factory=Week)
    post: Post = field(default_factory=Post)
    journal: Journal = field(default_factory=Journal)
    clock: MovingClock = field(default_factory=lambda: MovingClock(NOW))

    def __post_init__(self) -> None:
        server = ServerSettings("localhost", 25, "none")
        settings = Settings(ASSISTANT, (), SendSettings(server, "", Secret("")), week=self.week)
        texts = Texts(Path(__file__).parent.parent / "templates")
        rules = Rules(settings, book(self.ruleset), Tools(texts, detect), Sending("va@va.example"))
        reader = MimeReader(lambda page: (page, ""))
        self.service = Service(
            rules, self.store, self.post, {self.box.name: self.box}, reader.read, self.clock, self.journal
        )

    def arrive(self, *mails: bytes) -> None:
        for mail in mails:
            self.box.inbox.append(mail)
            self.box.moments[len(self.box.inbox)] = self.clock.now()
        self.look()

    def look(self) -> None:
        round.look_into(self.box, self.service)
        dispatch.file_copies(self.box, self.service)

    def let_out(self, after: timedelta = timedelta(minutes=4)) -> int:
        self.clock.advance(after)
        sent = dispatch.send_due(self.service)
        dispatch.file_copies(self.box, self.service)
        return sent

    def answers(self, number: int, text: str = "Ci penso io.", **fields: str) -> None:
        """The assistant answers message `number` from her mail program."""
        mine = letter(900 + number, text, sender=ASSISTANT.email, In_Reply_To=f"<m{number}@customer.example>", **fields)
        self.box.folders[SENT].append(mine)

    def sends_draft(self, number: int, edit: tuple[str, str] = ("", ""), *, key: str = "") -> None:
        """She sends the draft for message `number`, as it is or with a word exchanged; it leaves the Drafts folder."""
        drafts = self.box.folders[DRAFTS]
        raw = next(d for d in drafts if f"<m{number}@customer.example>".encode() in d)
        drafts.remove(raw)
        mail = parsed(raw)
        text = str(mail.get_content()).replace(*edit)
        fields = {"In-Reply-To": str(mail["In-Reply-To"]), "Message-ID": key or f"<sent{number}@ferri-av.example>"}
        self.box.folders[SENT].append(letter(number, text, sender=ASSISTANT.email, **fields))

    def items(self, *states: State) -> Sequence[OutboxItem]:
        found = self.store.outbox(states or tuple(State))
        return [item for item in found if item.mail.sort is Sort.COURTESY]

    def notes(self, template: str) -> list[EmailMessage]:
        return [parsed(i.mail.raw) for i in self.store.outbox(tuple(State)) if i.mail.template == template]


__all__ = ["AWAY", "CARLA", "DRAFTS", "NOW", "SENT", "Office", "letter", "parsed", "trusting"]
