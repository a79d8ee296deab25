"""What is odd only when all files are seen together. Warnings: nothing is set aside for them."""

from collections.abc import Iterator, Sequence

from ..core.absence import oddities
from ..core.ruleset import Rule
from . import playbook
from .configuration import SetAside
from .parts import Part
from .problem import Problem, Severity, nearest


def remarks(parts: Sequence[Part], set_aside: Sequence[SetAside]) -> Iterator[Problem]:
    """Every warning about the files in use."""
    if not set_aside and not any(part.ruleset for part in parts):
        yield _warning("rules.d", 0, "there is no client yet", "each client has one file: rules.d/client-NAME.toml")
    yield from _speechless(parts)
    yield from _unheard_lists(parts)
    yield from _odd_absences(parts)
    yield from _unreached(parts)
    yield from playbook.dateless([p.ruleset for p in parts if p.ruleset], [p.language for p in parts if p.language])


def _warning(file: str, line: int, what: str, help: str) -> Problem:
    return Problem(file, line, what, help, severity=Severity.WARNING)


def _speechless(parts: Sequence[Part]) -> Iterator[Problem]:
    """A client's language without word lists: urgency said in it would not be understood."""
    known = {part.language.code for part in parts if part.language}
    for part in parts:
        for code in part.ruleset.client.languages if part.ruleset and known else ():
            if code not in known:
                help = f"urgency said in it is not understood; word lists are there for {', '.join(sorted(known))}"
                yield _warning(part.label, 0, f'there are no word lists for the language "{code}"', help)


def _unheard_lists(parts: Sequence[Part]) -> Iterator[Problem]:
    """A list of one's own that nobody asks for, because its name is mistyped."""
    known = {name for part in parts if part.language and part.shipped for name in part.language.lists}
    for part in parts:
        for name, place in part.language.places.items() if part.language and known and not part.shipped else ():
            if name not in known:
                help = nearest(name, known) or "no shipped file has a list of this name"
                yield _warning(part.label, place.line, f'nobody asks for the list "{name}"', help)


def _odd_absences(parts: Sequence[Part]) -> Iterator[Problem]:
    """A day back that is a closed day, a return that nobody knows. What is past is said by `vamaild away check`."""
    for part in parts:
        absence = part.ruleset.absence if part.ruleset else None
        for _, what, help in oddities(absence, part.ruleset.week) if absence and part.ruleset else ():
            yield _warning(part.label, 0, what, help)


def _unreached(parts: Sequence[Part]) -> Iterator[Problem]:
    """A client's rule that never decides: one above it asks for less and fits wherever it does."""
    for part in parts:
        rules = part.ruleset.rules if part.ruleset else ()
        for number, rule in enumerate(rules):
            if taker := next((r for r in rules[:number] if _takes_all_of(r, rule)), None):
                help = f'"{taker.name}" on line {taker.place.line} fits wherever it does; move it up, or delete it'
                yield _warning(part.label, rule.place.line, f'rule "{rule.name}" is never reached', help)


def _takes_all_of(first: Rule, later: Rule) -> bool:
    if first.unless or first.strike:
        return False
    return all(name in later.when and _is_within(later.when[name], wide) for name, wide in first.when.items())


def _is_within(narrow: object, wide: object) -> bool:
    """Of a list, any is enough."""
    if isinstance(narrow, tuple) and isinstance(wide, tuple):
        return all(each in wide for each in narrow)
    return narrow == wide
