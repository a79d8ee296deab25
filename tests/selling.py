"""A service with one client, its mailbox as a list, real texts and real mails: for rushes and promises."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.core.tongues import language
from tests.make import NOW, OWNER, TOOLS, book, client
from vamaild import dispatch, round, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.templates import Texts
from vamaild.core.entries import Sending
from vamaild.core.ledger import Arrival, Outgoing, State, Store
from vamaild.core.ruleset import Assistant, RuleSet
from vamaild.service import Rules, Service

MARCO = "marco@acme.example"
GIULIA = "giulia@ferri-av.example"
RUSHED = "Ciao, mi serve il preventivo entro stasera."
TEMPLATES = Path(__file__).parents[1] / "templates"


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...


class Post:
    """Keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, EmailMessage]] = []

    def send(self, to: str, raw: bytes) -> None:
        self.sent.append((to, cast(EmailMessage, message_from_bytes(raw, policy=policy.default))))

    def close(self) -> None: ...


class Box:
    """A mailbox as a list; `people` are the Message-IDs a person has answered, with the answer."""

    name = "inbox"

    def __init__(self) -> None:
        self.mails: list[Arrival] = []
        self.people: dict[str, bytes] = {}
        self.filed: list[tuple[str, bytes]] = []

    def open(self) -> int:
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        found = tuple(a for a in self.mails if a.uid > after)
        if found:
            yield found

    def mark(self, uids: Sequence[int]) -> bool:
        return True

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self.people) & frozenset(ids)

    def sent_answer(self, message_id: str) -> bytes | None:
        return self.people.get(message_id)

    def file(self, raw: bytes, special: str) -> bool:
        self.filed.append((special, raw))
        return True


class Shop:
    """The service and everything around it."""

    def __init__(self, store: Store, ruleset: RuleSet | None = None, **changes: object) -> None:
        self.store, self.box, self.post, self.clock = store, Box(), Post(), MovingClock(NOW)
        self.ruleset = ruleset or client()
        tongues = {code: language(code) for code in ("it", "cs", "en")}
        rulebook = book(self.ruleset, languages=tongues, **changes)
        assistant = Assistant("Giulia Ferri", GIULIA, "f", "it", "Europe/Rome")
        settings = cast(Any, SimpleNamespace(assistant=assistant))
        tools = replace(TOOLS, render=Texts(TEMPLATES), authenticate=wire.authenticate)
        rules = Rules(settings, rulebook, tools, Sending(OWNER))
        boxes = {"inbox": cast(Any, self.box)}
        self.service = Service(rules, store, self.post, boxes, wire.reader(), self.clock, Quiet())

    def at(self, hour: int, minute: int = 0, day: int = 26) -> datetime:
        return NOW.replace(day=day, hour=hour, minute=minute)

    def go(self, moment: datetime) -> None:
        self.clock.advance(moment - self.clock.now())

    def write(
        self,
        text: str,
        *,
        sender: str = MARCO,
        answers: str = "",
        at: datetime | None = None,
        subject: str = "Re: Preventivo infissi",
        **headers: str,
    ) -> str:
        """Somebody writes to the owner; returns the Message-ID. `at` is the arrival, now when not given."""
        number, moment = len(self.box.mails) + 1, at or self.clock.now()
        mail = EmailMessage()
        mail["Return-Path"] = f"<{sender}>"
        mail["From"], mail["To"], mail["Subject"] = f"Marco <{sender}>", OWNER, subject
        mail["Date"], mail["Message-ID"] = format_datetime(moment), f"<{number}@acme.example>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        raw = mail.as_bytes(policy=policy.SMTP)
        self.box.mails.append(Arrival(number, 1, moment, len(raw), raw))
        return f"<{number}@acme.example>"

    def look(self) -> None:
        round.look_into(cast(Any, self.box), self.service)

    def send(self) -> None:
        dispatch.send_due(self.service)

    def offered(self) -> str:
        """Marco asks, the offer is sent; its Message-ID."""
        self.write(RUSHED)
        self.look()
        self.go(self.clock.now() + timedelta(minutes=5))
        self.send()
        return str(self.post.sent[-1][1]["Message-ID"])

    def bought(self, text: str = "ok B, grazie") -> str:
        """He says B; the code of the case."""
        key = self.offered()
        self.go(self.at(10, 46))
        self.write(text, answers=key)
        self.look()
        return self.store.cases()[-1].code

    def templates(self) -> list[str]:
        return [m.template for m in self.queued()]

    def queued(self) -> list[Outgoing]:
        return [item.mail for item in self.store.outbox(tuple(State))]


def text_of(mail: Outgoing) -> str:
    """The body of a mail, and its subject before it."""
    read = message_from_bytes(mail.raw, policy=policy.default)
    return f"{read['Subject']}\n{read.get_content()}"
