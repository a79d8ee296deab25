"""Sources and tools for the tests of the configuration: the good one of good/, and small ones written in a test."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vamaild.config.configuration import Configuration, Source, Sources, Tools
from vamaild.config.load import load
from vamaild.config.problem import Problem
from vamaild.core.decide import Tools as DecidingTools
from vamaild.core.letter import Letter

GOOD = Path(__file__).parent / "good"
HOLIDAYS = {"IT": {date(2026, 12, 8)}, "IT-MI": {date(2026, 12, 7)}, "CZ": {date(2026, 11, 17)}}

MAIN = """\
[me]
name = "Giulia Ferri"
email = "giulia@ferri-av.example"
language = "it"

[mailbox]
imap = "imaps://imap.ferri-av.example"
user = "clienti@ferri-av.example"
password = "secret:mailbox"

[send]
smtp = "smtps://smtp.ferri-av.example"
user = "clienti@ferri-av.example"
password = "secret:mailbox"
"""
SECRETS = """\
[passwords]
mailbox = "correct-horse-battery"
[contacts.petr-sea]
phone = "+420 603 111 222"
email = "petr.more@proton.example"
[links]
sign_key = "base64:bm90LXRoZS1rZXk"
"""
CLIENT = """\
[client]
id = "rossi"
name = "Studio Rossi"
arrives = ["info@studiorossi.example"]
language = "it"

[lead]
days = 4
"""


@dataclass(frozen=True)
class PlainPattern:
    """A regular expression without a time limit: good enough for tests."""

    compiled: re.Pattern[str]

    def search(self, text: str) -> str:
        match = self.compiled.search(text)
        return match.group() if match else ""


def compile_regex(text: str) -> PlainPattern:
    try:
        return PlainPattern(re.compile(text))
    except re.error as error:
        raise ValueError(str(error)) from None


def closed_days(codes: tuple[str, ...], language: str) -> Container[date]:
    unknown = [c for c in codes if c not in HOLIDAYS]
    if unknown:
        raise ValueError(f'no holidays are known for "{unknown[0]}"')
    return frozenset(day for code in codes for day in HOLIDAYS[code])


TOOLS = Tools(compile_regex, closed_days)


def render(template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
    return Letter(f"Re: {template}", f"{template} in {language} for {client}: {words.get('answer', '')}\nline two")


DECIDING = DecidingTools(render, lambda text, among, default: (default, 1.0))


def good() -> Sources:
    """The configuration of good/."""
    rules = sorted((GOOD / "rules.d").glob("*.toml"))
    return Sources(
        Source("vamaild.toml", (GOOD / "vamaild.toml").read_bytes()),
        Source("secrets.toml", (GOOD / "secrets.toml").read_bytes()),
        tuple(Source(f"rules.d/{path.name}", path.read_bytes()) for path in rules),
    )


def sources(*rules: Source, main: str | None = MAIN, secrets: str | None = SECRETS) -> Sources:
    """A configuration written in a test."""
    return Sources(
        None if main is None else Source("vamaild.toml", main.encode()),
        None if secrets is None else Source("secrets.toml", secrets.encode()),
        rules,
    )


def rule_file(name: str, text: str, **more: object) -> Source:
    return Source(f"rules.d/{name}", text.encode(), **more)  # type: ignore[arg-type]  # by name


def client_problems(text: str, **more: str | None) -> list[Problem]:
    """What is said about this client file, in a configuration that is right otherwise."""
    return list(load(sources(rule_file("client-rossi.toml", text), **more), TOOLS).problems)


def said(problems: list[Problem] | tuple[Problem, ...]) -> list[str]:
    """The problems as they are printed."""
    return [str(p) for p in problems]


FILE = "rules.d/client-rossi.toml"
AWAY = CLIENT.replace("[lead]\ndays = 4", "[absence]\nfrom = 2026-11-30\nback = 2026-12-07")
COLLEAGUE = '[colleague]\nname = "Tomáš"\nemail = "tomas@kral.example"\n'


def configuration(*rules: Source, **more: str | None) -> Configuration:
    """What is read of the usual files with these rule files; `more` replaces others."""
    return load(sources(*rules, **more), TOOLS)
