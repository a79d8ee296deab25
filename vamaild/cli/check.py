"""`vamaild check`: reads every file, runs every example, looks through every text; says everything that is wrong."""

import os
from pathlib import Path

import click

from ..config.problem import Problem, Severity
from ..config.stories import Interrupted
from ..wire import Loaded, load
from .progress import counting, interrupted
from .screen import Exit, config_option, json_option, print_json, state_dir, state_option

MANY = 1_000
"""So many examples take a moment."""


def plural(count: int, word: str) -> str:
    """ "1 rule", "2 rules"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def summary(files: int, clients: int, rules: int, texts: str, examples: int) -> str:
    """One line for a configuration without a fault."""
    counted = [plural(files, "file"), plural(clients, "client"), plural(rules, "rule"), texts]
    return f"{', '.join(counted)}, {plural(examples, 'example')}: all good."


@click.command()
@config_option
@state_option
@json_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
def check(config: Path, state: Path | None, as_json: bool, quiet: bool) -> int:
    """Read every file, run every example; exit 3 when something cannot be used, 1 when something is needed."""
    loaded = _loaded(config, state, as_json or quiet)
    configuration, counts = loaded.configuration, loaded.configuration.counts
    needed = [p for p in loaded.problems if p.severity is Severity.NEEDED]
    code = Exit.CONFIGURATION if loaded.errors else Exit.ATTENTION if needed else Exit.DONE
    if as_json:
        print_json({"problems": [_as_value(p) for p in loaded.problems], "usable": configuration.rulebook is not None})
        return code
    for problem in loaded.problems:
        if problem.severity is not Severity.WARNING or not quiet:
            click.echo(str(problem))
    if loaded.errors:
        _conclude(loaded)
    elif needed:
        click.echo(f"\n{plural(len(needed), 'thing')} needed. The service works, but do not leave it like this.")
    elif not quiet:
        texts = f"{plural(loaded.texts, 'text')} in {' '.join(loaded.languages)}"
        click.echo(summary(counts.files, counts.clients, counts.rules, texts, counts.examples))
    return code


def _loaded(config: Path, state: Path | None, quiet: bool) -> Loaded:
    kept = state_dir(state, config)
    try:
        with counting("Playing", "examples", quiet=quiet, least=MANY) as tell:
            return load(config, state, shipped=True, texts=True, proofs=kept, tell=tell)
    except Interrupted as error:
        remembered = os.access(kept, os.W_OK)
        again = "What held is remembered: the same command goes on there." if remembered else "Nothing was changed."
        raise interrupted(f"{error.done} of {error.of} examples played", again) from error
    except KeyboardInterrupt as error:
        raise interrupted("the files were being read", "Nothing was changed.") from error


def _as_value(problem: Problem) -> dict[str, object]:
    names = ("file", "line", "what", "help", "severity")
    return {name: getattr(problem, name) for name in names}


def _conclude(loaded: Loaded) -> None:
    """How many faults, and what they mean for whom."""
    errors = loaded.errors
    aside = loaded.configuration.set_aside
    click.echo(f"\n{plural(len(errors), 'fault')} in {plural(len({e.file for e in errors}), 'file')}.", nl=False)
    names = [s.client or s.file for s in aside]
    if loaded.configuration.rulebook is None:
        click.echo(" Nothing can start with this; a running service keeps what it has.")
    elif names:
        click.echo(f" Set aside: {', '.join(names)}; a running service keeps their last good version.")
        click.echo("Nobody else is touched.")
    else:
        click.echo("")
