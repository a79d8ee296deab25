"""The week of sample mail: vamaild/demo/week.toml as raw messages with the moment each arrives."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from importlib.resources import files
from zoneinfo import ZoneInfo

ZONES = {"clienti+rossi@ferri-av.example": "Europe/Rome", "petr@novak-okna.example": "Europe/Prague"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One message: when it arrives (aware), who writes, what, and what it must be judged as."""

    at: datetime
    who: str
    text: str
    raw: bytes
    kind: str
    action: str = ""


def samples() -> list[Sample]:
    """The whole week, in the order of arrival."""
    data = tomllib.loads(files("vamaild.demo").joinpath("week.toml").read_text(encoding="utf-8"))
    return sorted((_sample(n, m) for n, m in enumerate(data["message"])), key=lambda s: s.at)


def _sample(number: int, given: Mapping[str, object]) -> Sample:
    at = given["at"]
    if not isinstance(at, datetime):
        raise TypeError("week.toml: `at` must be a moment")
    at = at.replace(tzinfo=ZoneInfo(ZONES.get(str(given["to"]), "Europe/London")))
    who = parseaddr(str(given["from"]))[0]
    return Sample(
        at, who, str(given["text"]), _raw(number, given, at), str(given["kind"]), str(given.get("action", ""))
    )


def _raw(number: int, given: Mapping[str, object], at: datetime) -> bytes:
    """The message as a mail server would have stored it."""
    mail = EmailMessage()
    address = parseaddr(str(given["from"]))[1]
    extra = given.get("headers")
    headers = {str(k): str(v) for k, v in extra.items()} if isinstance(extra, Mapping) else {}
    mail["Return-Path"] = headers.pop("Return-Path", f"<{address}>")
    mail["Delivered-To"] = str(given["to"])
    for name in ("from", "to", "subject"):
        mail[name.capitalize()] = str(given[name])
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(f"week{number}", address.rpartition("@")[2])
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(str(given["text"]))
    if "calendar" in given:
        invitation = f"BEGIN:VCALENDAR\r\nMETHOD:{given['calendar']}\r\nEND:VCALENDAR\r\n"
        mail.add_attachment(invitation, subtype="calendar", params={"method": str(given["calendar"])})
    return mail.as_bytes()
