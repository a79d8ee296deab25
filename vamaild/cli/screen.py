"""What every verb shares: exit codes, options, colour, complaints on stderr."""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from .discreet import stand_before

F = TypeVar("F", bound=Callable[..., Any])
ETC = Path("/etc/vamaild")


class Exit(IntEnum):
    """Exit codes; other programs rely on them."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    CONFIGURATION = 3
    SERVER = 4
    NOT_FOUND = 5
    SAFETY = 6
    INTERRUPTED = 130


class Stop(click.ClickException):
    """Ends the program with a sentence for a person and an exit code; never a traceback."""

    def __init__(self, message: str, code: Exit) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: Any = None) -> None:
        complain(self.message)


def complain(message: str) -> None:
    """A sentence on stderr."""
    click.echo(message, err=True)


def coloured(choice: str) -> bool:
    """Whether to use colour: what was asked for, else a terminal without NO_COLOR and TERM=dumb."""
    if choice != "auto":
        return choice == "always"
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _choose(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Tells click too, which would take every colour out of a pipe."""
    ctx.color = {"always": True, "never": False}.get(value)
    return value


def paint(text: str, colour: bool, **style: Any) -> str:
    """The text, styled when colour is on."""
    return click.style(text, **style) if colour else text


def print_json(value: object) -> None:
    """One JSON document on one line, in UTF-8."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, default=str))


def moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """An ISO moment; without a zone it is in this machine's."""
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone()
    except ValueError as error:
        raise click.BadParameter(f'"{value}" is no moment; write it like 2026-12-03T10:40') from error


def _discreetly(ctx: click.Context, _param: click.Parameter, config: Path) -> Path:
    """From here on nothing that is said holds a secret of this configuration."""
    stand_before(ctx, config)
    return config


def config_option(function: F) -> F:
    """--config DIR"""
    return click.option(
        "--config",
        "config",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="VAMAILD_CONFIG",
        default=ETC,
        show_default=True,
        callback=_discreetly,
        help="Where vamaild.toml, secrets.toml, rules.d and templates are.",
    )(function)


def state_option(function: F) -> F:
    """--state DIR"""
    return click.option(
        "--state",
        "state",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="STATE_DIRECTORY",
        default=None,
        help="Where the ledger is kept [default: /var/lib/vamaild; CONFIG/state with --config].",
    )(function)


def json_option(function: F) -> F:
    """--json"""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")(function)


def at_option(function: F) -> F:
    """--at TIME"""
    return click.option("--at", "at", callback=moment, metavar="TIME", help="As if it were then (2026-12-03T10:40).")(
        function
    )


def color_option(function: F) -> F:
    """--color"""
    choices = click.Choice(["auto", "always", "never"])
    return click.option("--color", type=choices, default="auto", callback=_choose, help="Colours.")(function)


def state_dir(state: Path | None, config: Path) -> Path:
    """Where the ledger is: what was said, else the system's place, else beside the configuration."""
    if state is not None:
        return state
    return Path("/var/lib/vamaild") if config == ETC else config / "state"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in one unit."""
    minutes = int((now - since) / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
