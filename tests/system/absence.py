"""Two weeks of a principal's absence, lived through on real servers while the test moves the clock.

A story is a folder under tests/data/absence: the client's file, the mail that arrives, what the people do, and the
golden files: what each customer read, what our own people were told, what the ledger says, and the digest.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from . import story
from .story import Shop
from .world import World

STORIES = Path(__file__).parents[1] / "data" / "absence"
GRACE = timedelta(minutes=5)
HOURS = range(6, 23)
WIDTH = 110


@dataclass(frozen=True)
class Tale:
    """One story: who is away, and everything that happens."""

    folder: Path
    zone: ZoneInfo
    inbox: str
    assistant: Mapping[str, str]
    contact: Mapping[str, str]
    mails: list[dict[str, Any]]
    people: list[dict[str, Any]]

    def at(self, moment: datetime) -> datetime:
        return moment.replace(tzinfo=self.zone)

    def golden(self, name: str) -> Path:
        return self.folder / f"{name}.txt"


def tale(language: str) -> Tale:
    folder = STORIES / language
    cast = read(folder / "people.toml")
    mails = sorted(read(folder / "mails.toml")["mail"], key=lambda mail: mail["at"])
    return Tale(
        folder, ZoneInfo(cast["zone"]), cast["inbox"], cast["assistant"], cast["contact"], mails, cast.get("act", [])
    )


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def furnish(world: World, told: Tale) -> World:
    """The configuration of the story."""
    client = (told.folder / "client.toml").read_text(encoding="utf-8")
    world.build({"client.toml": client}, assistant=told.assistant["email"])
    main = world.config / "vamaild.toml"
    text = main.read_text(encoding="utf-8").replace('wait     = "0s"', 'wait     = "4m"')
    for old, new in (("Giulia Ferri", told.assistant["name"]), ('language = "it"', f'language = "{told.folder.name}"')):
        text = text.replace(old, new)
    main.write_text(text, encoding="utf-8")
    secrets = world.config / "secrets.toml"
    kept = secrets.read_text(encoding="utf-8").split("[contacts.")[0]
    ways = "\n".join(f'{name} = "{value}"' for name, value in told.contact.items() if name != "name")
    secrets.write_text(f"{kept}[contacts.{told.contact['name']}]\n{ways}\n", encoding="utf-8")
    return world


def letter(told: Tale, mail: Mapping[str, Any], number: int, answers: str = "") -> bytes:
    """A mail as the last server hands it over."""
    sender, at = mail["from"], told.at(mail["at"])
    made = EmailMessage(policy=SMTP)
    made["Return-Path"] = f"<{parseaddr(sender)[1]}>"
    made["Delivered-To"] = made["To"] = told.inbox
    made["From"], made["Subject"] = sender, mail["subject"]
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{mail.get('key', number)}@story.example>"
    for name, value in {"In-Reply-To": answers, "References": answers, **mail.get("headers", {})}.items():
        if value:
            del made[name]
            made[name] = value
    made.set_content(mail["text"])
    return made.as_bytes()


class Life:
    """The two weeks, one moment after the other."""

    def __init__(self, shop: Shop, told: Tale) -> None:
        self.shop, self.told, self.world = shop, told, shop.world
        self.number = 0

    def live(self) -> None:
        """Every mail at its minute, every hour of the day, and whatever the people do."""
        for at, event in sorted(self.events(), key=lambda event: event[0]):
            self.arrive(event)
            self.shop.go(at)

    def events(self) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
        first, last = (self.told.at(self.told.mails[end]["at"]) for end in (0, -1))
        for mail in (*self.told.mails, *self.told.people):
            at = self.told.at(mail["at"])
            yield at, mail
            yield at + GRACE, {}
        day = first.replace(hour=0, minute=0)
        while day <= last + timedelta(hours=12):
            yield from ((day.replace(hour=hour), {}) for hour in HOURS if day.replace(hour=hour) > first)
            day += timedelta(days=1)

    def arrive(self, event: Mapping[str, Any]) -> None:
        if "run" in event:
            ran = story.verb(self.world, self.told.at(event["at"]), *self.filled(event["run"]).split())
            assert ran.code == 0, ran.said
        elif event:
            self.number += 1
            mail = {**event, "text": self.filled(event["text"])}
            answers = self.answered(event)
            self.world.imap.deliver(letter(self.told, mail, self.number, answers), when=self.told.at(event["at"]))

    def answered(self, event: Mapping[str, Any]) -> str:
        """The Message-ID of the last mail we sent to whom this one answers."""
        if "answers" not in event:
            return ""
        mine = [m for m in self.world.sent() if parseaddr(m["To"])[1] == parseaddr(event["from"])[1]]
        return str(next(m for m in reversed(mine) if event["answers"] in str(m["Subject"]))["Message-ID"])

    def filled(self, text: str) -> str:
        """`{case}` is the code of the newest open case."""
        if "{case}" not in text:
            return text
        return text.replace("{case}", story.cases(self.world)[-1].code)


# ---- what it looked like


def moment(mail: EmailMessage, zone: ZoneInfo) -> str:
    at = mail["Date"].datetime.astimezone(zone)
    return f"{at:%a %d %b %H:%M}"


def plain(mail: EmailMessage) -> str:
    """The text of a mail."""
    part = mail.get_body(("plain",))
    return str(part.get_content()).strip() if part else ""


def codes(world: World) -> dict[str, str]:
    """A name for the code of every case, the first opened first: the codes are drawn anew each time."""
    with world.ledger() as store:
        opened = sorted(store.cases(everything=True), key=lambda case: (case.opened, case.case.subject))
    return {case.code: f"C{number:03}" for number, case in enumerate(opened, 1)}


def written(mails: list[EmailMessage], zone: ZoneInfo, names: Mapping[str, str]) -> str:
    """Mails in the order in which they left, grouped by who received them."""
    people: dict[str, list[EmailMessage]] = {}
    for mail in mails:
        people.setdefault(parseaddr(mail["To"])[1], []).append(mail)
    page = "\n".join(
        f"==== {address}\n\n" + "\n".join(shown(mail, zone) for mail in his) for address, his in people.items()
    )
    return re.sub("|".join(names) or "$^", lambda found: names[found[0]], page)


def shown(mail: EmailMessage, zone: ZoneInfo) -> str:
    lines = "\n".join(f"    {line}".rstrip() for line in plain(mail).splitlines())
    return f"-- {moment(mail, zone)}  {mail['Subject']}\n{lines}\n"


def judged(world: World, zone: ZoneInfo) -> str:
    """The ledger, a line a message, in order of arrival."""
    rows = sorted(world.entries().values(), key=lambda entry: (entry.received, entry.message_id))
    return "\n".join(
        f"{e.received.astimezone(zone):%a %d %b %H:%M}  {e.address:34} {e.kind:18} {e.action:18} {e.outcome:10}"
        f" {e.reason}"
        for e in rows
    )
