"""`vamaild man DIR`: the manual pages, written from the commands themselves (man(7)); the same bytes every time.

vamaild.8 tells of the whole, vamaild-VERB.8 of one verb with everything below it.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from .. import __version__
from .screen import Exit

SECTION = 8
EXITS = {
    Exit.DONE: "Done, or nothing to report.",
    Exit.ATTENTION: "Looked, and something needs you.",
    Exit.USAGE: "Wrong usage; for status --check: critical.",
    Exit.CONFIGURATION: "The configuration cannot be used.",
    Exit.SERVER: "The mail server or the network did not answer.",
    Exit.NOT_FOUND: "No such client, case, message or person.",
    Exit.SAFETY: "Stopped by a safety rule.",
    Exit.INTERRUPTED: "Interrupted.",
}
FILES = {
    "/etc/vamaild/vamaild.toml": "Who you are, the mailboxes, how replies leave.",
    "/etc/vamaild/secrets.toml": "Passwords and the secret contacts; root:vamaild 0640.",
    "/etc/vamaild/rules.d/*.toml": "One file for each client, and lists of words; they go before shipped ones.",
    "/etc/vamaild/templates": "Texts that go before the shipped ones.",
    "/var/lib/vamaild": "The ledger (vamaild.db) and the last good copies of client files.",
}
SIGNALS = {
    "SIGHUP": "Reads the rules again; those that cannot be used stay as they were.",
    "SIGTERM, SIGINT": "Finishes the message in hand and stops.",
    "SIGUSR1": "Writes the standing into the journal.",
}
SERVICE = """\
vamaild run is the service; systemd starts it as vamaild.service. vamaild-failed.service mails to [me] when it has
failed, vamaild-again.timer tries again after ten minutes, vamaild-web.service is the page behind the links in notices,
vamaild-proxy@.socket leads to a mail server where the service has no network. What is different on your machine goes
into systemctl edit vamaild."""


def pages(root: click.Group) -> dict[str, str]:
    """File name -> manual page, for everything there is."""
    context = click.Context(root, info_name="vamaild", **root.context_settings)
    verbs = [(name, verb) for name in sorted(root.list_commands(context)) if (verb := root.get_command(context, name))]
    found = {f"vamaild.{SECTION}": "\n".join(_whole(root, [name for name, _ in verbs])) + "\n"}
    for name, verb in verbs:
        inner = click.Context(verb, info_name=name, parent=context)
        found[f"vamaild-{name}.{SECTION}"] = "\n".join(_page(verb, inner)) + "\n"
    return found


def _head(name: str, short: str) -> Iterator[str]:
    yield f'.TH {name.upper().replace("-", chr(92) + "-")} {SECTION} "" "vamaild {__version__}" "vamaild"'
    yield ".nh"  # an option that is broken at a hyphen cannot be copied
    yield from (".SH NAME", f"{_text(name)} \\- {_text(short.rstrip('.'))}")


def _whole(root: click.Group, verbs: list[str]) -> Iterator[str]:
    yield from _head("vamaild", "looks after a forwarded inbox")
    yield from (".SH SYNOPSIS", ".B vamaild", "COMMAND [OPTIONS] [ARGUMENTS]")
    yield from (".SH DESCRIPTION", *_prose(root.help or ""), ".SH THE SERVICE", *_prose(SERVICE))
    yield ".SH COMMANDS"
    context = click.Context(root, info_name="vamaild", **root.context_settings)
    for name in verbs:
        verb = root.get_command(context, name)
        yield from _item(f"vamaild {name}", verb.get_short_help_str(200) if verb else "")
    for title, table in (("SIGNALS", SIGNALS), ("FILES", FILES)):
        yield f".SH {title}"
        for name, meaning in table.items():
            yield from _item(name, meaning)
    yield ".SH EXIT STATUS"
    for code, meaning in EXITS.items():
        yield from _item(str(int(code)), meaning)
    yield from _also(f"vamaild-{name}" for name in verbs)


def _page(verb: click.Command, context: click.Context) -> Iterator[str]:
    name = f"vamaild-{context.info_name}"
    yield from _head(name, verb.get_short_help_str(200))
    usage = " ".join(verb.collect_usage_pieces(context))
    yield from (".SH SYNOPSIS", f".B {_text(context.command_path)}", _text(usage))
    yield from (".SH DESCRIPTION", *_prose(verb.help or ""), ".SH OPTIONS", *_options(verb, context))
    if isinstance(verb, click.Group):
        yield ".SH COMMANDS"
        for path, inner, within in _below(verb, context):
            usage = " ".join(inner.collect_usage_pieces(within))
            yield from (f".SS {_text(path)} {_text(usage)}", *_prose(inner.help or ""), *_options(inner, within))
    yield from _also(("vamaild",))


def _below(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    """(how it is called, the command, its context) of everything below a verb."""
    for name in group.list_commands(context):
        if (inner := group.get_command(context, name)) is not None:
            within = click.Context(inner, info_name=name, parent=context)
            yield within.command_path, inner, within
            if isinstance(inner, click.Group):
                yield from _below(inner, within)


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for param in command.get_params(context):
        record = param.get_help_record(context)
        if record is not None and record[1]:  # the usage line has shown an argument that explains itself
            yield from _item(*record)


def _item(what: str, meaning: str) -> Iterator[str]:
    yield from (".TP", f".B {_text(what)}", _text(" ".join(meaning.split())))


def _also(names: Iterable[str]) -> Iterator[str]:
    yield from (".SH SEE ALSO", ",\n".join(f".BR {_text(name)} ({SECTION})" for name in names))


def _prose(help: str) -> Iterator[str]:
    """Paragraphs; one that click must not wrap (\\b) stays as it is written."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", inspect.cleandoc(help))):
        if number:
            yield ".PP"
        if paragraph.lstrip().startswith("\b"):
            yield from (".nf", *(_text(line) for line in paragraph.splitlines()[1:]), ".fi")
        else:
            yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """Words that groff takes as they are: hyphens as typed, no line that begins with a control character."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.pass_context
def man(ctx: click.Context, folder: Path) -> None:
    """Write the manual pages into a folder.

    \b
    vamaild man /usr/local/share/man/man8
    """
    root = ctx.find_root().command
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in pages(root).items() if isinstance(root, click.Group) else ():
        (folder / name).write_text(page, encoding="utf-8")
    click.echo(f"man -l {folder}/vamaild.{SECTION}")
