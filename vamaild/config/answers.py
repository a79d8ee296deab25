"""The six questions of `vamaild init`: the words of each, its default, and what an answer means.

An answer is kept as it was typed and understood anew each time. What is wrong with one is said in the sentence that
`vamaild check` would say about the same value in a file.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time

from ..core.letter import clean
from .problem import did_you_mean
from .schema import values

Answers = Mapping[str, str]

STEPS = ("You", "The mailbox your clients forward to", "Your first client", "Promises", "Week", "Caution")
HOSTS = ("gmail", "m365", "aruba", "seznam", "other")
HOST_NAMES = {"gmail": "Gmail", "m365": "Microsoft 365", "aruba": "Aruba", "seznam": "Seznam", "other": "other"}
PROFILES = {"gmail": "gmail", "m365": "m365"}
MODES = ("offer", "decline", "silent")
SPOKEN = {"it": "«sono stata/stato»", "cs": "«slíbila/slíbil»", "sk": "«sľúbila/sľúbil»", "pl": "«byłam/byłem»"}
COUNTRIES = {"it": "IT", "cs": "CZ", "sk": "SK", "de": "DE", "fr": "FR", "es": "ES", "pl": "PL"}
ZONES = {
    "IT": "Europe/Rome", "CZ": "Europe/Prague", "SK": "Europe/Bratislava", "DE": "Europe/Berlin",
    "FR": "Europe/Paris", "ES": "Europe/Madrid", "PL": "Europe/Warsaw", "GB": "Europe/London",
}  # fmt: skip
NOWHERE = ("", "UTC", "Etc/UTC", "Universal", "Zulu", "GMT", "Etc/GMT")
NONE = "none"
WEEK = re.compile(r"(?P<days>[A-Za-z, -]+?)\s+(?P<hours>\d.*)")


@dataclass(frozen=True, slots=True)
class WeekAnswer:
    """Working days (0 = Monday, in order) and office hours."""

    days: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `read` returns what an answer means or raises ValueError with a sentence about it.

    `given`: what holds when Enter is pressed, "" where there is no such thing. `asked`: whether people are asked at
    all; who is not asked gets what is given. The option on the command line is called like the question.
    """

    name: str
    step: int
    words: Callable[[Answers], str]
    read: Callable[[str], object]
    help: str
    given: Callable[[Answers], str] = lambda _: ""
    asked: Callable[[Answers], bool] = lambda _: True

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


def _plain(words: str) -> Callable[[Answers], str]:
    return lambda _: words


def _wanted(read: Callable[[object], object]) -> Callable[[str], object]:
    """The sentence of `check` for a value that is of another kind."""

    def reading(text: str) -> object:
        try:
            return read(text)
        except values.NoSuchError as error:
            raise ValueError(f'cannot be "{text}": {error}') from error
        except ValueError as error:
            raise ValueError(f"should be {error}") from error

    return reading


def _choice(among: tuple[str, ...], numbered: bool = True) -> Callable[[str], str]:
    def reading(text: str) -> str:
        word = text.strip().lower()
        if numbered and word.isdecimal() and 0 < int(word) <= len(among):
            return among[int(word) - 1]
        if word in among:
            return word
        raise ValueError(f'cannot be "{text}": {did_you_mean(word, among)}')

    return reading


def _between(least: int, most: int) -> Callable[[str], int]:
    def reading(text: str) -> int:
        number = text.strip().removesuffix("%").strip()
        if not number.isdecimal():
            raise ValueError("should be a whole number")
        if int(number) < least or int(number) > most:
            raise ValueError(f"should be {least} or more" if int(number) < least else f"should be {most} or less")
        return int(number)

    return reading


def _line(text: object) -> str:
    return clean(values.words(text))


def _server(kind: Callable[[object], values.Server], scheme: str) -> Callable[[object], str]:
    """A URL; a bare name of a host means TLS from the first byte."""

    def reading(text: object) -> str:
        url = str(text).strip()
        url = url if "://" in url else f"{scheme}://{url}"
        kind(url)
        return url

    return reading


def week(text: object) -> WeekAnswer:
    """ "mon-fri 09:00-18:00", "mon, wed, thu 8:30-13:00"."""
    match = WEEK.fullmatch(str(text).strip())
    try:
        days = [d for part in match["days"].lower().split(",") for d in _span(part)] if match else []
        opens, closes = values.office(match["hours"].strip() if match else "")
        return WeekAnswer(tuple(sorted(values.days(days))), opens, closes)
    except ValueError:
        raise ValueError("days and hours like mon-fri 09:00-18:00, the earlier hour first") from None


def _span(part: str) -> list[str]:
    """The days of "mon-fri", or of "sat"."""
    first, dash, last = (word.strip() for word in part.partition("-"))
    if not dash:
        return [first]
    return list(values.DAYS[values.DAYS.index(first) : values.DAYS.index(last) + 1])


def holidays(text: object) -> tuple[str, ...]:
    """Countries and places in them; () for "none". Whether there are such ones is asked elsewhere."""
    parts = [part for part in re.split(r"[,;\s]+", str(text).strip()) if part]
    if [part.lower() for part in parts] == [NONE]:
        return ()
    if not parts or not all(part[:1].isalpha() for part in parts):
        raise ValueError('a country like IT, a place in it like IT-MI, several with a comma, or "none"')
    return tuple(part.upper() if len(part) == 2 else part for part in parts)


def _zone_given(answers: Answers) -> str:
    """The machine's zone; of a machine that keeps none, that of the country whose holidays are kept."""
    if answers.get("zone", "") not in NOWHERE:
        return answers["zone"]
    country = next(iter(holidays(answers["holidays"])), "")[:2] if answers.get("holidays") else ""
    return ZONES.get(country, "Europe/Rome")


def _country_given(answers: Answers) -> str:
    return COUNTRIES.get(answers.get("language", ""), "GB")


def _address_given(answers: Answers) -> str:
    return answers.get("mailbox", "")


def _offers(answers: Answers) -> bool:
    return answers.get("rush") in ("", None, "1", "offer")


def _hosts_words(_: Answers) -> str:
    return "Their mailbox is at  " + "  ".join(f"{n} {HOST_NAMES[h]}" for n, h in enumerate(HOSTS, 1))


QUESTIONS = (
    Question("name", 1, _plain("Name that signs the replies"), _wanted(_line), "Name that signs the replies."),
    Question(
        "language", 1, _plain("Language"), _wanted(values.language), "Your language: it, cs, en ...",
        lambda a: a.get("spoken", "en"),
    ),
    Question(
        "gender", 1, lambda a: f"Grammar for {SPOKEN[a['language']]} (f/m)", _choice(("f", "m", "n"), False),
        "Grammar of the replies: f, m or n.", _plain("f"), lambda a: a.get("language") in SPOKEN,
    ),
    Question(
        "email", 1, _plain("Your address for reports"), _wanted(values.address), "Where reports and warnings go."
    ),
    Question("mailbox", 2, _plain("Address"), _wanted(values.address), "The address your clients forward to."),
    Question(
        "imap", 2, _plain("Server for reading"), _wanted(_server(values.imap, "imaps")),
        "Server for reading, like imaps://imap.example.com.",
    ),
    Question(
        "smtp", 2, _plain("Server for sending"), _wanted(_server(values.smtp, "smtps")),
        "Server for sending, like smtps://smtp.example.com.",
    ),
    Question(
        "user", 2, _plain("User name there"), _wanted(_line), "User name for reading, if it is not the address.",
        _address_given, lambda _: False,
    ),
    Question(
        "smtp_user", 2, _plain("User name for sending"), _wanted(_line),
        'User name for sending, if it is another one; "none": the server wants no sign-in.',
        lambda a: a.get("user") or a.get("mailbox", ""), lambda _: False,
    ),
    Question("client", 3, _plain("Short name"), _wanted(values.identifier), "Short name of your first client."),
    Question(
        "client_name", 3, _plain("Name"), _wanted(_line), "How you call this client.",
        lambda a: a.get("client", "").replace("-", " ").title(),
    ),
    Question(
        "client_address", 3, _plain("Their address, which they forward"), _wanted(values.address),
        "The client's own address, whose mail is forwarded.",
    ),
    Question(
        "client_language", 3, _plain("Their language"), _wanted(values.language), "The client's language.",
        lambda a: a.get("language", "en"), lambda _: False,
    ),
    Question(
        "hosted", 3, _hosts_words, _choice(HOSTS), "Where the client's mailbox is: gmail, m365, aruba, seznam, other.",
        _plain("other"),
    ),
    Question(
        "lead_days", 4, _plain("Working days of notice in your contract"), _between(0, 366),
        "Working days of notice.", _plain("4"),
    ),
    Question(
        "rush", 4, _plain("Work wanted sooner:  1 offer a surcharge  2 decline  3 say nothing"), _choice(MODES),
        "Work wanted sooner: offer, decline or silent.", _plain("1"),
    ),
    Question(
        "surcharge", 4, _plain("Surcharge for the same day, in percent"), _between(0, 1000),
        "Surcharge for the same day, in percent.", _plain("50"), _offers,
    ),
    Question(
        "week", 5, _plain("Days and hours"), _wanted(week), "Days and hours of work.", _plain("mon-fri 09:00-18:00")
    ),
    Question(
        "holidays", 5, _plain("Holidays of"), _wanted(holidays), 'Holidays: IT, IT-MI, CZ ..., or "none".',
        _country_given,
    ),
    Question(
        "timezone", 5, _plain("Time zone"), _wanted(values.timezone), "Where you are, like Europe/Rome.",
        _zone_given, lambda _: False,
    ),
)  # fmt: skip


def clash(name: str, answers: Answers) -> str:
    """What is wrong with an answer beside the others, "" for nothing."""
    same = answers.get(name, "").lower() == answers.get("mailbox", "").lower()
    if name == "client_address" and same:
        return "is the mailbox itself: say the address the client forwards from"
    return ""


def tagged(address: str, tag: str) -> str:
    """clienti+rossi@ferri-av.example"""
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag}@{domain}"
