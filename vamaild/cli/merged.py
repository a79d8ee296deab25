"""What holds for one client when its file, vamaild.toml and what is built in are put together; where each stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from .. import wire
from ..config.configuration import Configuration, Source
from ..config.locate import Lines, locate
from ..config.problem import Problem
from ..core.ruleset import RuleSet, Rush
from .place import Place, Value
from .screen import Exit, Stop
from .setup import unusable
from .words import table

HEAD = ("KEY", "VALUE", "FROM")
WIDEST = (0, 72, 0)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BUILT_IN = "built in"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One value: as it holds, and the file and line it comes from."""

    key: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Everything about one client. `rows` are empty when its file cannot be used at all."""

    client: str
    file: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    examples: int
    kept: bool = False

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.is_error)

    def page(self) -> list[str]:
        """For people: what holds, what is wrong, what to do next."""
        lines = table(HEAD, [(r.key, r.value, r.place) for r in self.rows], WIDEST) if self.rows else []
        lines += [""] if lines else []
        lines += [line for p in self.problems for line in str(p).splitlines()]
        if not self.errors:
            held = f"all {self.examples} examples hold" if self.examples else "it has no examples yet"
            return [
                *lines,
                f"{self.file}: no fault, {held}.",
                f"Next: vamaild reply list    vamaild client trust {self.client}",
            ]
        used = "its last good version, shown here, is used" if self.kept else "it is set aside: its mail waits for you"
        return [*lines, f"Until that is mended {used}."]

    def value(self) -> Value:
        """The same, JSON-ready; keys are stable."""
        return {
            "client": self.client,
            "file": self.file,
            "usable": not self.errors,
            "values": [{"key": r.key, "value": r.value, "from": r.place} for r in self.rows],
            "problems": [
                {"line": p.line, "what": p.what, "help": p.help, "severity": str(p.severity)} for p in self.problems
            ],
            "examples": self.examples,
        }


def look(place: Place, client: str) -> Merged:
    """Reads the configuration with this client's examples. Stops when there is no such client."""
    loaded = wire.load(place.config, place.state)
    configuration = loaded.configuration
    ruleset = _ruleset(configuration, client)
    aside = next((s for s in configuration.set_aside if client in (s.client, _named(s.file))), None)
    if ruleset is None and aside is None:
        if configuration.rulebook is None:
            raise Stop(unusable(place.config), Exit.CONFIGURATION)
        known = ", ".join(r.client.id for r in configuration.rulebook.clients) or "none"
        raise Stop(f"There is no client {client}. Known here: {known}", Exit.NOT_FOUND)
    file = aside.file if aside else (ruleset.file if ruleset else "")
    rows = tuple(_rows(ruleset, _Places(loaded, ruleset.file))) if ruleset else ()
    problems = tuple(p for p in loaded.problems if p.file == file)
    return Merged(client, file, rows, problems, _examples(ruleset, configuration), bool(aside and aside.kept))


def _named(file: str) -> str:
    """The client a file is named after."""
    return file.rpartition("/")[2].removeprefix("client-").removesuffix(".toml")


def _ruleset(configuration: Configuration, client: str) -> RuleSet | None:
    book = configuration.rulebook
    return next((r for r in book.clients if r.client.id == client), None) if book else None


def _examples(ruleset: RuleSet | None, configuration: Configuration) -> int:
    if ruleset is None:
        return 0
    short = [len(r.fits) + len(r.fits_not) for r in ruleset.rules]
    short += [len(s.fits) + len(s.fits_not) for s in ruleset.situations]
    return sum(short) + len(configuration.examples.get(ruleset.client.id, ()))


class _Places:
    """Where the keys of a client's file and of vamaild.toml stand."""

    def __init__(self, loaded: wire.Loaded, file: str) -> None:
        sources = [s for rule in loaded.sources.rules for s in (rule, rule.fallback) if s]
        self.file, self.own = file, _lines(next((s for s in sources if s.label == file), None))
        self.main = _lines(loaded.sources.main)

    def of(self, *paths: Path, main: Iterable[Path] = ()) -> str:
        """The first of these that is written in the client's file, else in vamaild.toml, else nowhere."""
        if line := next((n for path in paths if (n := self.own.numbers.get(path))), 0):
            return f"{self.file}:{line}"
        line = next((n for path in main if (n := self.main.numbers.get(path))), 0)
        return f"vamaild.toml:{line}" if line else BUILT_IN


def _lines(source: Source | None) -> Lines:
    return locate(source.raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")) if source else Lines()


def _rows(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    """In the order of a client's file."""
    about = ruleset.client
    yield Row("client.name", about.name, places.of(("client", "name")))
    if about.principal:
        yield Row("client.principal", about.principal, places.of(("client", "principal")))
    yield Row("client.arrives", ", ".join(about.arrives), places.of(("client", "arrives")))
    yield Row("client.language", about.language, places.of(("client", "language"), main=[("me", "language")]))
    if len(about.languages) > 1:
        yield Row("client.languages", ", ".join(about.languages), places.of(("client", "languages")))
    yield Row("client.timezone", about.timezone, places.of(("client", "timezone"), main=[("me", "timezone")]))
    yield Row("client.trust", str(about.trust), places.of(("client", "trust"), main=[("defaults", "trust")]))
    yield Row("forwarding.profile", ruleset.forwarding.profile, places.of(("forwarding", "profile")))
    yield from _week(ruleset, places)
    yield from _terms(ruleset, places)
    yield from _absence(ruleset, places)
    yield from _chain(ruleset, places)
    yield from _counts(ruleset, places)


def _week(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    week = ruleset.week
    days = " ".join(DAYS[d] for d in sorted(week.days))
    yield Row("week.days", days, places.of(("week", "days"), main=[("week", "days")]))
    yield Row("week.hours", _hours(week.opens, week.closes), places.of(("week", "hours"), main=[("week", "hours")]))
    where = places.of(("lead", "holidays"), ("week", "holidays"), main=[("week", "holidays")])
    if where != BUILT_IN:
        yield Row("week.holidays", "as written there", where)


def _terms(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    lead, rush = ruleset.lead, ruleset.rush
    if lead:
        yield Row("lead.days", f"{lead.days}", places.of(("lead", "days"), main=[("defaults", "lead_days")]))
        yield Row("lead.unit", lead.unit, places.of(("lead", "unit")))
        if lead.cutoff:
            yield Row("lead.cutoff", f"{lead.cutoff:%H:%M}", places.of(("lead", "cutoff")))
    if rush:
        yield from _rush(rush, places)


def _rush(rush: Rush, places: _Places) -> Iterator[Row]:
    for key in ("mode", "confirm", "per_week"):
        yield Row(f"rush.{key}", str(getattr(rush, key)), places.of(("rush", key)))
    for number, tier in enumerate(rush.tiers):
        until = f", asked for before {tier.ask_before:%H:%M}" if tier.ask_before else ""
        where = places.of(("rush", "tier", number, "ready"))
        yield Row("rush.tier", f"{tier.ready}: +{tier.percent} %{until}", where)


def _absence(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    absence, colleague = ruleset.absence, ruleset.colleague
    if absence:
        yield Row("absence.from", _day(absence.first), places.of(("absence", "from")))
        if absence.back:
            yield Row("absence.back", _day(absence.back), places.of(("absence", "back")))
        margin = [("defaults", "answer_margin_days")]
        if absence.answer_by:
            yield Row("absence.answer_by", _day(absence.answer_by), places.of(("absence", "answer_by"), main=margin))
    if colleague:
        yield Row("colleague.name", colleague.name, places.of(("colleague", "name"), ("colleague", 0, "name")))
        where = places.of(("colleague", "hand_over"), ("colleague", 0, "hand_over"))
        yield Row("colleague.hand_over", colleague.hand_over, where)


def _chain(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    """Names only: who is behind them is secret."""
    chain = ruleset.escalation
    values: Mapping[str, str] = {
        "chain": ", ".join(chain.chain),
        "me_first": _minutes(chain.me_first),
        "ack_within": _minutes(chain.ack_within),
        "tell_customer_within": _minutes(chain.tell_customer_within),
    }
    for key, value in values.items():
        yield Row(f"escalation.{key}", value, places.of(("escalation", key)))
    if chain.quiet:
        yield Row("escalation.quiet", f"{_hours(*chain.quiet)} {chain.timezone}", places.of(("escalation", "quiet")))


def _counts(ruleset: RuleSet, places: _Places) -> Iterator[Row]:
    lists: Sequence[tuple[str, Sequence[object]]] = (
        ("person", ruleset.people),
        ("rule", ruleset.rules),
        ("situation", ruleset.situations),
        ("in_progress", ruleset.matters),
    )
    for key, things in lists:
        if things:
            yield Row(key, f"{len(things)}", places.of((key, 0), (key,)))
    yield Row("otherwise.kind", str(ruleset.otherwise), places.of(("otherwise", "kind")))


def _day(at: date) -> str:
    return f"{at:%a} {at.day} {at:%b} {at.year}"


def _hours(first: time, last: time) -> str:
    return f"{first:%H:%M}-{last:%H:%M}"


def _minutes(length: timedelta) -> str:
    return f"{length // timedelta(minutes=1)}m"
