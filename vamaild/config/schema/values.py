"""The kinds of value a person may write, each with the sentence that is said when something else stands there.

Every function takes what tomllib gives and returns a finished value, or raises ValueError with what was wanted.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, PlainValidator

from ...core.reasons import Reason
from ..problem import did_you_mean, nearest

DURATION = re.compile(r"(\d{1,6})\s?(s|m|h|d)")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
READY = re.compile(r"[1-9]\d? working days?|today (?:[01]?\d|2[0-3]):[0-5]\d|weekend")
ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]?]+@[^\s@<>\"(),:;\[\]?]*[^\s@<>\"(),:;\[\]?.]")
SPAN = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:\.\.|/|–)\s*(\d{4}-\d\d-\d\d))?")
LONGEST_SPAN = timedelta(days=366)
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
# fmt: off
LANGUAGES = frozenset((
    "ar", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "he",
    "hr", "hu", "is", "it", "ja", "ko", "lb", "lt", "lv", "mk", "mt", "nb", "nl", "nn", "no", "pl", "pt", "ro", "ru",
    "sk", "sl", "sq", "sr", "sv", "tr", "uk", "zh",
))
# fmt: on
COUNTRIES = {"cz": "cs", "at": "de", "gb": "en", "us": "en", "dk": "da", "se": "sv", "si": "sl", "gr": "el", "jp": "ja"}
ANY_REASON = "any"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143, "smtps": 465, "smtp+starttls": 587, "smtp": 25}


class Table(BaseModel):
    """A table of a file: unknown keys are refused, and a number is never taken for a text, nor 1 for true."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class NoSuchError(ValueError):
    """The right kind of value, but no such thing; the text says which one was meant."""


class Server(BaseModel):
    """A server as a URL names it; `security` is "tls", "starttls" or "none" (this machine only)."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    security: str


class Span(NamedTuple):
    """Days in a row, the last one included."""

    first: date
    last: date


def duration(value: object) -> timedelta:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a duration like "90s", "4m", "2h" or "30d"')
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def some_duration(value: object) -> timedelta:
    length = duration(value)
    if not length:
        raise ValueError("longer than nothing")
    return length


def clock(value: object) -> time:
    match = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('a time like "17:00", in quotes')
    return time(int(match[1]), int(match[2]))


def hours(value: object) -> tuple[time, time]:
    first, dash, last = value.replace("–", "-").partition("-") if isinstance(value, str) else ("", "", "")
    try:
        span = (clock(first.strip()), clock(last.strip()))
    except ValueError:
        span = (time(), time())
    if not dash or span[0] == span[1]:
        raise ValueError('hours like "09:00-18:00"')
    return span


def office(value: object) -> tuple[time, time]:
    opens, closes = hours(value)
    if closes <= opens:
        raise ValueError('hours like "09:00-18:00", the earlier one first')
    return opens, closes


def _day(value: object) -> int:
    name = value.lower() if isinstance(value, str) else ""
    if name not in DAYS:
        raise ValueError('days like ["mon", "tue", "wed", "thu", "fri"]')
    return DAYS.index(name)


def days(value: object) -> frozenset[int]:
    if not isinstance(value, list) or not value:
        raise ValueError('days like ["mon", "tue", "wed", "thu", "fri"]')
    return frozenset(_day(v) for v in value)


def weekly(value: object) -> tuple[int, time]:
    day, _, at = value.partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return _day(day), clock(at.strip())
    except ValueError:
        raise ValueError('a day and a time like "fri 16:00"') from None


def day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a date like 2026-12-07, without quotes")
    return value


def moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("a moment like 2026-11-26T10:40:00, without quotes")
    return value


def address(value: object) -> str:
    """An e-mail address, in lower case."""
    if not isinstance(value, str) or "*" in value or not ADDRESS.fullmatch(value):
        raise ValueError('an e-mail address like "marco@studiorossi.example"')
    return value.lower()


def pattern(value: object) -> str:
    """An e-mail address or a pattern with *, in lower case. A pattern for everybody is none."""
    if not isinstance(value, str) or not ADDRESS.fullmatch(value) or value.strip("*@.") == "":
        raise ValueError('an e-mail address, or a pattern like "*@studiorossi.example"')
    return value.lower()


def identifier(value: object) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError('a short name of small letters, digits and -, like "rossi"')
    return value


def words(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('text in "quotes", not empty')
    return value


def language(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('a language like "it"')
    if value.lower() in LANGUAGES:
        return value.lower()
    meant = COUNTRIES.get(value.lower(), "")
    raise NoSuchError(f'did you mean "{meant}"?' if meant else "a language has two letters, like it, cs, en")


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Every time zone there is; looked up once, since it is a walk through many folders."""
    return frozenset(available_timezones())


def timezone(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('a time zone like "Europe/Rome"')
    if value not in zones():
        raise NoSuchError(nearest(value, zones()) or "a time zone is a continent and a city, like Europe/Rome")
    return value


def ready(value: object) -> str:
    if not isinstance(value, str) or not READY.fullmatch(value):
        raise ValueError('"2 working days", "today 18:00" or "weekend"')
    return value


def closure(value: object) -> Span:
    """A day, or the days from one to another, both included."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return Span(value, value)
    match = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        first, last = (date.fromisoformat(day) for day in (match[1], match[2] or match[1])) if match else (None, None)
    except ValueError:  # 2026-02-30
        first = last = None
    if first is None or last is None:
        raise ValueError('a date 2026-12-24, or days "2026-12-24..2027-01-06"')
    if not timedelta() <= last - first <= LONGEST_SPAN:
        raise ValueError('days like "2026-12-24..2027-01-06", the earlier one first, a year at most')
    return Span(first, last)


def holiday(value: object) -> str | Span:
    """A country or a place in one, as it is written (whether there is such a one is looked up later), or days."""
    if isinstance(value, date) or (isinstance(value, str) and SPAN.fullmatch(value.strip())):
        return closure(value)
    if isinstance(value, str) and value[:1].isalpha():
        return value.strip()
    raise ValueError('a country "IT", a region "IT-MI", a date 2026-12-24 or days "2026-12-24..2027-01-06"')


def silence(value: object) -> str:
    """ "any" for true, "" for false, else the code of the reason."""
    if isinstance(value, bool):
        return ANY_REASON if value else ""
    if value not in tuple(Reason):
        raise NoSuchError(did_you_mean(str(value), tuple(Reason)))
    return str(value)


def _server(value: object, wanted: str) -> Server:
    example = f"{wanted}s://{wanted}.example.com"
    try:
        url = urlsplit(value if isinstance(value, str) else "")
        port = url.port
    except ValueError:
        raise ValueError(f'a server like "{example}"') from None
    safe = (f"{wanted}s", f"{wanted}+starttls")
    if url.scheme not in (*safe, wanted) or not url.hostname or url.path.strip("/") or url.query or url.fragment:
        raise ValueError(f'a server like "{example}" or "{wanted}+starttls://…"')
    if "@" in url.netloc:
        raise ValueError(f'a server like "{example}"; user and password have keys of their own')
    if url.scheme == wanted and url.hostname not in LOOPBACK:
        raise ValueError(f'"{example}": without the s the password travels readable; {wanted}:// is for localhost only')
    security = {safe[0]: "tls", safe[1]: "starttls"}.get(url.scheme, "none")
    return Server(host=url.hostname, port=port or PORTS[url.scheme], security=security)


def imap(value: object) -> Server:
    return _server(value, "imap")


def smtp(value: object) -> Server:
    return _server(value, "smtp")


def listen(value: object) -> tuple[str, int]:
    """A loopback address and a port: what looks out of this machine is the proxy, which has the certificate."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    bare = host.removeprefix("[").removesuffix("]")
    if bare not in LOOPBACK or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65_536:
        raise ValueError('an address of this machine, like "127.0.0.1:8025"; a proxy with TLS stands before it')
    return bare, int(port)


def page_url(value: object) -> str:
    """Without its last slash."""
    try:
        url = urlsplit(value if isinstance(value, str) else "")
        safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        known = safe and url.hostname and (url.port or 1) and "@" not in url.netloc and url.geturl().isascii()
    except ValueError:
        known = None
    if not known or url.query or url.fragment:
        raise ValueError('the address people open, like "https://help.example.com"; http:// is for localhost only')
    return url.geturl().rstrip("/")


def endpoint(value: object) -> str:
    """Where a provider is asked for tokens."""
    try:
        return page_url(value)
    except ValueError:
        raise ValueError('an address like "https://login.example.com/token"') from None


def exporter(value: object) -> tuple[str, int]:
    """An address and a port to listen on; the address is a number, so that it is plain who can reach it."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    bare = host.removeprefix("[").removesuffix("]")
    try:
        bare in LOOPBACK or ip_address(bare)
    except ValueError:
        port = ""
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65_536:
        raise ValueError('an address and a port, like "127.0.0.1:9464"')
    return bare, int(port)


def password(value: object) -> str:
    """The NAME of "secret:NAME"."""
    if not isinstance(value, str) or not re.fullmatch(r"secret:[\w.-]+", value):
        raise ValueError('"secret:NAME"; the password itself stands in secrets.toml under [passwords]')
    return value.removeprefix("secret:")


Duration = Annotated[timedelta, PlainValidator(duration)]
SomeDuration = Annotated[timedelta, PlainValidator(some_duration)]
Clock = Annotated[time, PlainValidator(clock)]
Hours = Annotated[tuple[time, time], PlainValidator(hours)]
OfficeHours = Annotated[tuple[time, time], PlainValidator(office)]
WeekDays = Annotated[frozenset[int], PlainValidator(days)]
Weekly = Annotated[tuple[int, time], PlainValidator(weekly)]
Day = Annotated[date, PlainValidator(day)]
Moment = Annotated[datetime, PlainValidator(moment)]
EmailAddress = Annotated[str, PlainValidator(address)]
EmailPattern = Annotated[str, PlainValidator(pattern)]
Id = Annotated[str, PlainValidator(identifier)]
Words = Annotated[str, PlainValidator(words)]
LanguageCode = Annotated[str, PlainValidator(language)]
TimeZone = Annotated[str, PlainValidator(timezone)]
Silence = Annotated[str, PlainValidator(silence)]
Ready = Annotated[str, PlainValidator(ready)]
Closure = Annotated[Span, PlainValidator(closure)]
Holiday = Annotated[str | Span, PlainValidator(holiday)]
ImapUrl = Annotated[Server, PlainValidator(imap)]
SmtpUrl = Annotated[Server, PlainValidator(smtp)]
Listen = Annotated[tuple[str, int], PlainValidator(listen)]
PageUrl = Annotated[str, PlainValidator(page_url)]
PasswordName = Annotated[str, PlainValidator(password)]
Endpoint = Annotated[str, PlainValidator(endpoint)]
Exporter = Annotated[tuple[str, int], PlainValidator(exporter)]
