"""Rules, emergencies, phrase lists and weeks: from the tables of a file to the values of the core."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..core.calendar import next_open
from ..core.choice import LISTS as CHOICE_LISTS
from ..core.conditions import CONDITIONS
from ..core.ruleset import EmergencyRule, Kind, Language, Place, Rule, Week
from ..core.words import parse
from .complain import condition_problems
from .configuration import Tools
from .locate import Path
from .problem import Problem, Severity, did_you_mean
from .schema.client import WeekTable
from .schema.rules import EmergencyTable, RuleTable, SharedFile
from .schema.values import Span
from .toml import Document


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Closures of one's own, which files only add to, and holidays, which a client's file may replace."""

    own: frozenset[date]
    official: Container[date]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day in self.own or day in self.official)


@dataclass(slots=True)
class Desk:
    """One file on the desk: what it says, what reads it, and the problems found so far."""

    document: Document
    tools: Tools
    shipped: bool = False
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        return Place(self.document.label, self.document.lines.of(path))

    def report(self, path: Path, what: str, help: str = "", *, show: bool = False) -> None:
        self.problems.append(self.document.problem(path, what, help, show=show))

    def warn(self, path: Path, what: str, help: str = "") -> None:
        line = self.document.lines.of(path)
        self.problems.append(Problem(self.document.label, line, what, help, severity=Severity.WARNING))

    @property
    def faulty(self) -> bool:
        return any(p.is_error for p in self.problems)


def conditions(desk: Desk, path: Path, values: Mapping[str, object]) -> dict[str, object]:
    """The conditions of a rule: lists as tuples, regular expressions compiled. What is wrong is reported."""
    wrong = list(condition_problems(desk.document, path, values))
    desk.problems += wrong
    if wrong:
        return {}
    return {name: _condition(desk, (*path, name), CONDITIONS[name].takes, value) for name, value in values.items()}


def _condition(desk: Desk, path: Path, takes: str, value: object) -> object:
    if takes == "pattern" and isinstance(value, str):
        try:
            return desk.tools.compile_regex(value)
        except ValueError as error:
            desk.report(path, f"this regular expression cannot be used: {error}", show=True)
    if isinstance(value, list):
        if path[-1] in ("says", "also_says", "subject_says", "hidden_says"):
            phrases(desk, path, value)
        return tuple(value)
    return value


def phrases(desk: Desk, path: Path, values: Sequence[str]) -> tuple[str, ...]:
    """Phrases as a tuple; one without any word in it could never be seen and is reported."""
    for number, phrase in enumerate(values):
        if not parse(phrase):
            desk.report((*path, number), f'there is no word in "{phrase}"', "it could never be found")
    return tuple(values)


def rules(desk: Desk, tables: Iterable[RuleTable], shown: Container[Kind] = ()) -> tuple[Rule, ...]:
    """Every [[rule]] of a file. `shown` are the kinds that an [[example]] of the file shows."""
    return tuple(_rule(desk, ("rule", number), table, shown) for number, table in enumerate(tables))


def learned(desk: Desk, file: SharedFile) -> tuple[tuple[str, Rule], ...]:
    """(client, rule) of every [[learned]] of a file."""
    return tuple((t.client, _rule(desk, ("learned", number), t, ())) for number, t in enumerate(file.learned))


def _rule(desk: Desk, path: Path, table: RuleTable, shown: Container[Kind]) -> Rule:
    _fits_wanted(desk, path, table.name, table)
    if not table.fits and not table.fits_not and table.kind not in shown and not desk.shipped:
        desk.warn(path, f'rule "{table.name}" has no example', "nothing shows that it works")
    return Rule(
        name=table.name,
        kind=table.kind,
        when=conditions(desk, (*path, "when"), table.when),
        unless=conditions(desk, (*path, "unless"), table.unless),
        strike=phrases(desk, (*path, "strike"), table.strike),
        why=table.why,
        reply=table.reply,
        fits=tuple(table.fits),
        fits_not=tuple(table.fits_not),
        place=desk.place(path),
        people=table.people,
    )


def _fits_wanted(desk: Desk, path: Path, name: str, table: RuleTable | EmergencyTable) -> None:
    """`unless` can hide an emergency, so an example must show that the rule still sees one."""
    emergency = isinstance(table, EmergencyTable) or table.kind is Kind.EMERGENCY
    if emergency and table.unless and not table.fits:
        what = f'"unless" in the emergency rule "{name}" needs an example that it does no harm'
        desk.report((*path, "unless"), what, 'write fits = ["…"]: a message that must get through all the same')


def emergencies(desk: Desk, file: SharedFile) -> tuple[EmergencyRule, ...]:
    """Every [[emergency]] of a file; their language is their own, or the file's, or that of its name (…-it.toml)."""
    usual = file.language.code if file.language else _language_of_name(desk.document.label)
    found = []
    for number, table in enumerate(file.emergency):
        path: Path = ("emergency", number)
        code = table.language or usual
        if not code:
            desk.report(path, "nothing says whose language this is", 'write [language] with code = "it" at the top')
        found.append(_emergency(desk, path, table, code))
    return tuple(found)


def _emergency(desk: Desk, path: Path, table: EmergencyTable, code: str) -> EmergencyRule:
    _fits_wanted(desk, path, table.name, table)
    if not table.fits and not desk.shipped:
        desk.warn(path, f'emergency "{table.name}" has no example', "nothing shows that it works")
    return EmergencyRule(
        name=table.name,
        language=code,
        happens=phrases(desk, (*path, "happens"), table.happens),
        harmed=phrases(desk, (*path, "harmed"), table.harmed),
        strike=phrases(desk, (*path, "strike"), table.strike),
        unless=phrases(desk, (*path, "unless"), table.unless),
        doubtful=table.doubtful,
        fits=tuple(table.fits),
        fits_not=tuple(table.fits_not),
        place=desk.place(path),
        people=table.people,
    )


def _language_of_name(label: str) -> str:
    ending = label.removesuffix(".toml").rpartition("-")[2]
    return ending if len(ending) == 2 and ending.isalpha() else ""


def language(desk: Desk, file: SharedFile) -> Language | None:
    """The phrase lists of a file, "urgency.stated" and so on; None when it holds none."""
    known = {name: table for name, table in desk.document.data.items() if name not in SharedFile.model_fields}
    lists = dict(_lists(desk, known))
    if known and file.language is None and not desk.faulty:
        desk.report(
            next(iter((n,) for n in known)), "nothing says whose words these are", 'write [language] with code = "it"'
        )
    if file.language is None or not lists:
        return None
    places = {name: desk.place(tuple(name.split("."))) for name in lists}
    return Language(file.language.code, lists, places)


def _lists(desk: Desk, tables: Mapping[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for table, values in tables.items():
        if not isinstance(values, dict):
            help = did_you_mean(table, [*SharedFile.model_fields, "urgency", "days", "signs"])
            desk.report((table,), f"unknown part [{table}]", help)
            continue
        for name, value in values.items():
            if table == "choice" and name not in CHOICE_LISTS:
                desk.report((table, name), f'unknown list "{name}"', did_you_mean(name, CHOICE_LISTS))
            elif isinstance(value, list) and value and all(isinstance(v, str) and v.strip() for v in value):
                yield f"{table}.{name}", tuple(value)
            else:
                desk.report((table, name), f'"{name}" should be a list of texts, like ["one", "two"]', show=True)


def closed(desk: Desk, path: Path, holidays: Sequence[str | Span], language: str) -> Container[date]:
    """The closed days of a `holidays` list; a country nobody knows is reported."""
    codes = tuple(h for h in holidays if isinstance(h, str))
    own = _days(h for h in holidays if isinstance(h, Span))
    if not codes:
        return own
    try:
        return ClosedDays(own, desk.tools.closed_days(codes, language))
    except ValueError as error:
        desk.report(path, f'"holidays": {error}', show=True)
        return own


def _days(spans: Iterable[Span]) -> frozenset[date]:
    return frozenset(s.first + timedelta(days=n) for s in spans for n in range((s.last - s.first).days + 1))


def week(desk: Desk, table: WeekTable, base: Week, shut: Container[date] | None) -> Week:
    """A week: what this table says, and the rest as in `base`. `shut` are its holidays, None for those of `base`."""
    opens, closes = table.hours or (base.opens, base.closes)
    before = base.closed if isinstance(base.closed, ClosedDays) else ClosedDays(frozenset(), base.closed)
    own = before.own | _days(table.closed)
    built = Week(table.days or base.days, opens, closes, ClosedDays(own, before.official if shut is None else shut))
    _works(desk, built, own)
    return built


def _works(desk: Desk, built: Week, own: frozenset[date]) -> None:
    """Reports closures so long that no date could be promised."""
    try:
        for day in own:
            if day - timedelta(days=1) not in own:
                next_open(day, built)
    except (ValueError, OverflowError):
        desk.report(("week",), "[week] leaves no working day for years", "look at days and closed")
