"""The group of all verbs. Verbs are imported when they are called, so that `vamaild status` answers at once."""

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from .. import __version__
from .screen import Exit, Stop, complain
from .verbs import SHORT, VERBS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

OVERVIEW = """Looks after a forwarded inbox: answers what can wait, passes on what cannot.

  vamaild demo                      see it work, nothing is sent
  vamaild init                      set it up, one question at a time
  vamaild check                     read your rules, run their examples
  vamaild explain message.eml       what would happen to a message, and why

Every day      status  queue  outbox  promises  rush  pause  resume  report
Rules, words   check  explain  replay  reply  learn
People         client  away  person  colleague
Running it     run  doctor  oauth  audit  purge  backup  web  completion  man

Everywhere     --config DIR  --json  --at TIME  -q  --color auto|always|never
Help           vamaild COMMAND --help, man vamaild
"""


class ClosedPipe(Exception):  # noqa: N818 (no error: whoever read has read enough)
    """The reader of our output went away. click would make exit code 1 of it, which means something else here."""


class Verbs(click.Group):
    """Loads a verb's module only when it is asked for."""

    def invoke(self, ctx: click.Context) -> object:
        """As click does."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        found = getattr(import_module(f"vamaild.cli.{VERBS[cmd_name]}"), cmd_name.replace("-", "_"))
        if "_VAMAILD_COMPLETE" in os.environ:
            from .completion import equip

            equip(found)
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As click does, without loading a verb."""
        limit = formatter.width - 6 - max(map(len, VERBS))
        with formatter.section("Commands"):
            said = ((name, click.Command(name, help=words)) for name, words in SHORT.items())
            formatter.write_dl([(name, verb.get_short_help_str(limit)) for name, verb in said])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The verbs, none of them loaded: whoever presses the tabulator waits."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in VERBS if name.startswith(incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; the suggestions know the verbs that are not loaded yet."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), 2)
            raise click.exceptions.NoSuchCommand(args[0], possibilities=near, ctx=ctx) from error


@click.group(cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vamaild", message="%(prog)s %(version)s")
@click.pass_context
def vamaild(ctx: click.Context) -> None:
    """Looks after a forwarded inbox: answers what can wait, passes on what cannot."""
    if ctx.invoked_subcommand is None:
        click.echo(OVERVIEW, nl=False)


def run() -> int:
    """Runs the command line; returns the exit code. A closed pipe or Ctrl-C is no error worth a traceback."""
    try:
        result = vamaild.main(prog_name="vamaild", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, ClosedPipe):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except click.exceptions.Abort:
        return Exit.INTERRUPTED
    except Stop as error:
        error.show()
        return error.code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except OSError as error:
        complain(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
        return Exit.ATTENTION
    return result if isinstance(result, int) else Exit.DONE
