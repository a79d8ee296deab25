"""`vamaild completion bash|zsh|fish`: what a shell needs to complete verbs, options, client ids and case codes.

click does the work; `equip` tells it, while a shell asks, which words are clients and which are cases. What cannot be
read completes nothing: a shell's prompt is no place for complaints.
"""

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from .screen import ETC, Stop, state_dir
from .setup import ledger
from .written import Written

ASKED_BY = "_VAMAILD_COMPLETE"
"""Set by the shell's function while it asks."""

CODES = ("code", "reference", "files")
Names = Callable[[click.Context], Iterable[str]]


class Known(click.types.StringParamType):
    """A word of which some values are known; `files`: it may be the name of a file as well."""

    def __init__(self, names: Names, *, files: bool = False) -> None:
        self.names, self.files = names, files

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found: list[str] = []
        with suppress(Stop, OSError):
            found = [name for name in self.names(ctx) if name.startswith(incomplete)]
        return [*map(CompletionItem, found), *([CompletionItem(incomplete, type="file")] if self.files else [])]


def clients(ctx: click.Context) -> Iterable[str]:
    """The ids in the client files."""
    return sorted(Written(_config(ctx)).clients())


def codes(ctx: click.Context) -> Iterator[str]:
    """The cases that are open."""
    with ledger(state_dir(ctx.params.get("state"), _config(ctx))) as store:
        yield from (case.code for case in store.cases())


def _config(ctx: click.Context) -> Path:
    return Path(ctx.params.get("config") or os.environ.get("VAMAILD_CONFIG") or ETC)


def equip(command: click.Command) -> None:
    """Gives the words of a verb, and of the verbs below it, their known values."""
    for param in command.params:
        if isinstance(param.type, click.types.StringParamType) and (names := _names(command, param)):
            param.type = Known(names, files=param.name == "files")
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        equip(inner)


def _names(command: click.Command, param: click.Parameter) -> Names | None:
    if param.name in CODES:
        return codes
    client = param.name == "client" or (param.name == "name" and param.human_readable_name == "ID")
    return clients if client else None


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete verbs, options, clients and cases.

    \b
    vamaild completion bash | sudo tee /etc/bash_completion.d/vamaild >/dev/null
    vamaild completion zsh  | sudo tee /usr/local/share/zsh/site-functions/_vamaild >/dev/null
    vamaild completion fish > ~/.config/fish/completions/vamaild.fish
    """
    made: Any = get_completion_class(shell)
    with suppress(OSError, subprocess.SubprocessError):
        click.echo(made(ctx.find_root().command, {}, "vamaild", ASKED_BY).source())
