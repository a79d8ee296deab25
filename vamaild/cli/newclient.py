"""The file of a new client: written once, in observe; from then on it belongs to the person who edits it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..adapters import files
from ..config.configuration import Source, Sources
from ..config.edit import written
from ..config.load import load
from ..core.letter import clean
from ..core.route import matches
from ..core.ruleset import RuleSet
from ..wire import reading_tools, sources_of
from .screen import Exit, Stop
from .setup import unusable

ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
NEEDED = ("id", "name", "address")
MOST_DAYS = 366
NOTHING = "Nothing was written."
COLUMNS = (*NEEDED, "language", "principal", "timezone", "lead_days")
HEAD = """# {name}. Every key is explained in docs/rule-files.md; whole examples lie in rules.d/examples.
# After an edit:  vamaild client check {id} && sudo systemctl reload vamaild

[client]
"""
TRUST = 'trust    = "observe"                   # observe -> draft -> send'
REST = """
[lead]                                 # the notice agreed in the contract
{days}

# [rush]                               # work wanted sooner; without it nothing is offered
# mode     = "offer"                   # offer, decline, silent
#
# [[rush.tier]]
# ready      = "today 18:00"
# percent    = 50
# ask_before = "11:30"

# [[person]]                           # who writes, and how replies greet them
# email    = "marco@example.com"
# name     = "Marco"
# role     = "client"                  # client, customer, colleague, principal, alarm, ignore
# tone     = "tu"                      # tu / lei, ty / vy
# accepts_rush = true                  # this person's "B" counts as an agreement

# [absence]                            # when the principal is away
# from = 2026-12-21
# back = 2027-01-07
"""


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is known of a new client; None: as in vamaild.toml."""

    id: str
    name: str
    addresses: tuple[str, ...]
    language: str | None = None
    principal: str | None = None
    timezone: str | None = None
    lead_days: int | None = None

    @property
    def label(self) -> str:
        return f"{files.RULES}/client-{self.id}.toml"

    @property
    def told(self) -> str:
        """What a complaint about it begins with."""
        return ""

    def text(self) -> str:
        """The file."""
        known: Mapping[str, str | None] = {
            "principal": self.principal, "language": self.language, "timezone": self.timezone,
        }  # fmt: skip
        lines = [f"id       = {written(self.id)}", f"name     = {written(clean(self.name))}"]
        lines.append(f"arrives  = {written([clean(a) for a in self.addresses])}")
        lines += [f"{key:<8} = {written(clean(value))}" for key, value in known.items() if value]
        lines.append(TRUST)
        days = "# days = 4                             # as in vamaild.toml"
        if self.lead_days is not None:
            days = f"days     = {self.lead_days}"
        return HEAD.format(name=clean(self.name), id=self.id) + "\n".join(lines) + "\n" + REST.format(days=days)


@dataclass(frozen=True, slots=True)
class Row(NewClient):
    """A line of a table; `place` is where it stands ("clients.csv:2")."""

    place: str = ""

    @property
    def told(self) -> str:
        return f"{self.place}: "


def from_csv(path: Path) -> list[NewClient]:
    """Clients from a table with a head line, separated by commas or semicolons. Stops with everything that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path} cannot be read: {error}. Save it as CSV in UTF-8.", Exit.USAGE) from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [str(n).strip().lower().replace(" ", "_") for n in rows.fieldnames or ()]
    if strange := [n for n in names if n not in COLUMNS] + [n for n in NEEDED if n not in names]:
        raise Stop("\n".join(f'{path}:1: the column "{n}" is {_wrong(n)}' for n in strange), Exit.USAGE)
    rows.fieldnames = names
    try:
        read = [(row, f"{path}:{rows.line_num}") for row in rows if any(row.values())]
    except csv.Error as error:
        raise Stop(f"{path}:{rows.line_num + 1}: this line cannot be read: {error}", Exit.USAGE) from error
    if not read:
        raise Stop(f"{path} names no client", Exit.USAGE)
    if faults := [fault for row, where in read for fault in _faults(row, where)]:
        raise Stop("\n".join([*faults, NOTHING]), Exit.USAGE)
    return [_of_row(row, where) for row, where in read]


def _wrong(column: str) -> str:
    return "missing" if column in NEEDED else f"unknown; known are {', '.join(COLUMNS)}"


def _cells(row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _faults(row: Mapping[str, str | None], where: str) -> Iterator[str]:
    """Everything about a line that can be seen without the other files."""
    cells = _cells(row)
    yield from (f"{where}: {name} is empty" for name in NEEDED if not cells.get(name))
    if None in row:
        yield f"{where}: it has more cells than the head line; put a text that holds the separator in quotes"
    days = cells.get("lead_days", "")
    if days and not (days.isdecimal() and int(days) <= MOST_DAYS):
        yield f'{where}: lead_days cannot be "{days}"; say whole days, 0 to {MOST_DAYS}'


def _of_row(row: Mapping[str, str | None], where: str) -> NewClient:
    cells = _cells(row)
    more = {key: cells.get(key) or None for key in ("language", "principal", "timezone")}
    lead = int(cells["lead_days"]) if cells.get("lead_days") else None
    return Row(cells["id"], cells["name"], tuple(cells["address"].split()), lead_days=lead, place=where, **more)


def write(new: Sequence[NewClient], config: Path, *, dry: bool = False) -> list[Path]:
    """Writes all files, or none; each is read first as the service will read it. Stops when one cannot be used.

    `dry`: looks at everything and writes nothing; the paths are those that it would write.
    """
    _look(new, config)
    if dry:
        return [config / client.label for client in new]
    done: list[Path] = []
    try:
        for client in new:
            path = config / client.label
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                done.append(path)
                file.write(client.text())
    except OSError as error:
        for path in done:
            with suppress(OSError):
                path.unlink()
        raise Stop(f"{error.filename}: {error.strerror}. {NOTHING}", Exit.ATTENTION) from error
    return done


def _look(new: Sequence[NewClient], config: Path) -> None:
    """Stops with everything that is wrong: an id or an address that is taken, a file that would not be usable."""
    faults = [(Exit.USAGE, client, f'"{client.id}" is no short name: small letters, digits and -')
              for client in new if not ID.fullmatch(client.id)]  # fmt: skip
    faults += [(Exit.ATTENTION, client, f"{config / client.label} is there already; edit it")
               for client in new if ID.fullmatch(client.id) and (config / client.label).exists()]  # fmt: skip
    times = Counter(client.id for client in new)
    faults += [(Exit.USAGE, client, f"{client.id} stands there twice") for client in new if times[client.id] > 1]
    sources = sources_of(files.find(config))
    before = load(sources, reading_tools())
    if before.rulebook is None:
        raise Stop(unusable(config), Exit.CONFIGURATION)
    faults += [(Exit.ATTENTION, client, why) for client, why in _taken(new, before.rulebook.clients)]
    if not any(code is Exit.USAGE for code, _, _ in faults):
        faults += [(Exit.CONFIGURATION, client, why) for client, why in _unusable(new, sources, faults)]
    if faults:
        said = [f"{client.told}{why}" for _, client, why in faults]
        raise Stop("\n".join([*dict.fromkeys(said), NOTHING]), faults[0][0])


def _unusable(
    new: Sequence[NewClient], sources: Sources, known: Sequence[tuple[Exit, NewClient, str]]
) -> Iterator[tuple[NewClient, str]]:
    """What the service would not take; of a client about which something is known already that is enough."""
    done = {client.label for _, client, _ in known}
    files_of = {client.label: client for client in new if client.label not in done}
    added = (*sources.rules, *(Source(label, client.text().encode()) for label, client in files_of.items()))
    in_order = tuple(sorted(added, key=lambda source: source.label))
    for problem in load(replace(sources, rules=in_order), reading_tools()).errors:
        if problem.file in files_of:
            yield files_of[problem.file], str(problem)


def _taken(new: Sequence[NewClient], known: Sequence[RuleSet]) -> Iterator[tuple[NewClient, str]]:
    """No two clients share an id, and no mail belongs to two of them."""
    files_of = {r.client.id: r.file for r in known}
    others = [(r.client.id, r.client.arrives) for r in known]
    for number, client in enumerate(new):
        if client.id in files_of and not any(client.label == file for file in files_of.values()):
            yield client, f"there is a client {client.id} already: {files_of[client.id]}"
        earlier = [*others, *((c.id, c.addresses) for c in new[:number] if c.id != client.id)]
        for address in client.addresses:
            owner = next((name for name, arrives in earlier if matches(address.lower(), arrives)), "")
            if owner and owner != client.id:
                yield client, f"{address} is an address of {owner} already"
