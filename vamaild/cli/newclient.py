"""The file of a new client: written once, in observe; from then on it belongs to the person who edits it."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..adapters import files
from ..config.configuration import Source
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


def from_csv(path: Path) -> list[NewClient]:
    """Clients from a table with a head line, separated by commas or semicolons. Stops when it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"{path} cannot be read: {error}. Save it as CSV in UTF-8.", Exit.USAGE) from error
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    names = [str(n).strip().lower() for n in rows.fieldnames or ()]
    if strange := [n for n in names if n not in COLUMNS] or [n for n in NEEDED if n not in names]:
        raise Stop(f'{path}:1: the column "{strange[0]}" is {_wrong(strange[0])}', Exit.USAGE)
    rows.fieldnames = names
    found = [_of_row(row, f"{path}:{rows.line_num}") for row in rows]
    if not found:
        raise Stop(f"{path} names no client", Exit.USAGE)
    return found


def _wrong(column: str) -> str:
    return "missing" if column in NEEDED else f"unknown; known are {', '.join(COLUMNS)}"


def _of_row(row: Mapping[str, str | None], where: str) -> NewClient:
    cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
    if missing := [n for n in NEEDED if not cells.get(n)]:
        raise Stop(f"{where}: {missing[0]} is empty", Exit.USAGE)
    days = cells.get("lead_days", "")
    if days and not days.isdecimal():
        raise Stop(f'{where}: lead_days cannot be "{days}"', Exit.USAGE)
    more = {key: cells.get(key) or None for key in ("language", "principal", "timezone")}
    lead = int(days) if days else None
    return NewClient(cells["id"], cells["name"], tuple(cells["address"].split()), lead_days=lead, **more)


def write(new: Sequence[NewClient], config: Path) -> list[Path]:
    """Writes all files, or none; each is read first as the service will read it. Stops when one cannot be used."""
    _look(new, config)
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
        raise Stop(f"{error.filename}: {error.strerror}. Nothing was written.", Exit.ATTENTION) from error
    return done


def _look(new: Sequence[NewClient], config: Path) -> None:
    """Stops when an id or an address is taken, or a file would not be usable."""
    for client in new:
        if not ID.fullmatch(client.id):
            raise Stop(f'"{client.id}" is no short name: small letters, digits and -', Exit.USAGE)
        if (config / client.label).exists():
            raise Stop(f"{config / client.label} is there already; edit it. Nothing was written.", Exit.ATTENTION)
    ids = [client.id for client in new]
    if twice := next((i for i in ids if ids.count(i) > 1), ""):
        raise Stop(f"{twice} stands there twice. Nothing was written.", Exit.USAGE)
    sources = sources_of(files.find(config))
    before = load(sources, reading_tools())
    if before.rulebook is None:
        raise Stop(unusable(config), Exit.CONFIGURATION)
    _free(new, before.rulebook.clients)
    labels = {client.label for client in new}
    added = (*sources.rules, *(Source(c.label, c.text().encode()) for c in new))
    in_order = tuple(sorted(added, key=lambda source: source.label))
    problems = [p for p in load(replace(sources, rules=in_order), reading_tools()).errors if p.file in labels]
    if problems:
        raise Stop("\n".join([*map(str, problems), "Nothing was written."]), Exit.CONFIGURATION)


def _free(new: Sequence[NewClient], known: Sequence[RuleSet]) -> None:
    """No two clients share an id, and no mail belongs to two of them."""
    for client in new:
        taken = next((r for r in known if r.client.id == client.id), None)
        if taken:
            raise Stop(f"There is a client {client.id} already: {taken.file}. Nothing was written.", Exit.ATTENTION)
        for address in client.addresses:
            others = [(r.client.id, r.client.arrives) for r in known]
            others += [(c.id, c.addresses) for c in new if c is not client]
            owner = next((name for name, arrives in others if matches(address.lower(), arrives)), "")
            if owner:
                raise Stop(f"{address} is an address of {owner} already. Nothing was written.", Exit.ATTENTION)
