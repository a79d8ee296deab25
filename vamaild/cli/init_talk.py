"""The conversation of `vamaild init`: asks, understands, keeps what was answered until the files are written."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from ..adapters.holidays import closed_days
from ..config.answers import QUESTIONS, STEPS, Question, clash
from ..config.schema.values import LANGUAGES
from .screen import Exit, Stop

PROGRESS = ".init-answers.json"
LONGEST_PASSWORD = 1_000


@dataclass(slots=True)
class Talk:
    """What was said so far. `given` came on the command line; `terminal`: somebody can be asked."""

    config: Path
    given: Mapping[str, str]
    terminal: bool
    answers: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    begun: bool = False

    @property
    def progress(self) -> Path:
        return self.config / PROGRESS

    def begin(self, anew: bool) -> None:
        """Takes up what was answered before. Raises OSError."""
        if anew:
            self.progress.unlink(missing_ok=True)
        with suppress(OSError, ValueError):
            found = json.loads(self.progress.read_text(encoding="utf-8"))
            self.kept = {str(name): str(value) for name, value in dict(found).items()}
        self.answers |= {name: value for name, value in self.kept.items() if name not in _names()}
        self.answers["spoken"] = self.answers.get("spoken") or environment_language(os.environ)
        if self.terminal and self.kept:
            click.echo("Going on with what you answered before; from the beginning: vamaild init --restart\n")

    def step(self, number: int) -> None:
        """The heading of one of the six, for who is asked."""
        if self.terminal:
            click.echo(f"{chr(10) if number > 1 else ''}{number} of {len(STEPS)}  {STEPS[number - 1]}")

    def say(self, text: str, nl: bool = True) -> None:
        """A line below a heading; without `nl` its beginning, which the next one ends."""
        click.echo(f"{' ' if self.begun else '  '}{text}", nl=nl)
        self.begun = not nl
        sys.stdout.flush()

    def keep(self, name: str, value: str) -> None:
        """An answer, on the disk too: 0600, and never the password."""
        self.answers[name] = self.kept[name] = value
        handle = os.open(self.progress, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            json.dump(self.kept, file, ensure_ascii=False)

    def forget(self, *names: str) -> None:
        """These are asked again."""
        for name in names:
            self.answers.pop(name, None)
            self.kept.pop(name, None)

    def done(self) -> None:
        """Nothing is left to go on with."""
        self.progress.unlink(missing_ok=True)

    def ask(self, name: str) -> str:
        """The answer to this question: given, kept, typed or taken for granted. Stops when there is none."""
        question = _question(name)
        for source, mark in ((self.given, ""), (self.kept, " (kept)")):
            if name in source and self._takes(question, source[name], source is self.given):
                if self.terminal and question.asked(self.answers):
                    self.say(f"{question.words(self.answers)}: {source[name]}{mark}")
                return self.answers[name]
        default = question.given(self.answers)
        if self.terminal and question.asked(self.answers):
            return self._typed(question, default)
        if not default or not self._takes(question, default, True):
            raise click.UsageError(f"say {question.option}: {question.help}")
        return self.answers[name]

    def retype(self, name: str, before: str) -> str:
        """Asks once more; Enter keeps what was there."""
        return self._typed(_question(name), before)

    def _typed(self, question: Question, default: str) -> str:
        while True:
            text = click.prompt(f"  {question.words(self.answers)}", default=default or None)
            if self._takes(question, str(text).strip(), False):
                return self.answers[question.name]

    def _takes(self, question: Question, text: str, firmly: bool) -> bool:
        """Keeps an answer that is one. Of any other says what is wrong, and stops where nobody can correct it."""
        why = wrong(question, text, self.answers)
        if not why:
            self.keep(question.name, text)
            return True
        if firmly and not self.terminal:
            raise click.UsageError(f"{question.option} {why}")
        self.say(f'"{text}" cannot be used: {question.words(self.answers)} {why}')
        return False

    def sure(self, words: str, default: bool = False) -> bool:
        """A yes or no; where nobody can be asked, the default."""
        return click.confirm(f"  {words}", default=default) if self.terminal else default

    def password(self, file: str | None) -> str:
        """From the file ("-": standard input), else typed unseen. Stops when there is none."""
        if file is not None:
            return from_file(file)
        if not self.terminal:
            raise click.UsageError("say --password-file FILE (- for standard input); a password in an option is seen")
        while True:
            text = str(click.prompt("  Password (not shown; goes to secrets.toml only)", hide_input=True))
            if text.isprintable():
                return text
            self.say("it holds signs that cannot be typed: paste it again")


def _question(name: str) -> Question:
    return next(q for q in QUESTIONS if q.name == name)


def _names() -> tuple[str, ...]:
    return tuple(q.name for q in QUESTIONS)


def wrong(question: Question, text: str, answers: Mapping[str, str]) -> str:
    """What is wrong with this answer, "" for nothing."""
    try:
        value = question.read(text)
        if question.name == "holidays" and isinstance(value, tuple):
            closed_days(value, answers.get("language", "en"))
    except ValueError as error:
        return str(error).removeprefix("holidays: ")
    return clash(question.name, {**answers, question.name: text})


def environment_language(environ: Mapping[str, str]) -> str:
    """ "it" of LANG=it_IT.UTF-8; English where nothing is said."""
    said = next((v for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environ.get(name))), "")
    code = said.partition("_")[0].partition(".")[0].lower()
    return code if code in LANGUAGES else "en"


def from_file(name: str) -> str:
    """The first line of a file or of standard input. Stops when there is none."""
    try:
        text = sys.stdin.read(LONGEST_PASSWORD) if name == "-" else Path(name).read_text("utf-8")[:LONGEST_PASSWORD]
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{name}: the password cannot be read: {error}", Exit.USAGE) from error
    line = text.split("\n")[0].removesuffix("\r")
    if not line or not line.isprintable():
        raise Stop(f"{name}: the first line should be the password, in signs that can be typed", Exit.USAGE)
    return line


def missing(talk: Talk, needless: Callable[[Question], bool]) -> list[str]:
    """The options that would have to be said where nobody can be asked."""
    known = {**talk.kept, **talk.given}
    answers = {**known, "spoken": "en"}
    return [q.option for q in QUESTIONS if q.name not in known and not q.given(answers) and not needless(q)]
