"""What `person erase` and `client remove` share: what is open, the confirmation, the file without traces, the receipt.

A receipt holds no address and no name: whoever is meant is a one-way code, that can be made again from the address.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from ..adapters.store import SqliteStore, copies
from ..core.ledger import DATABASE
from ..core.privacy import About, spellings
from .place import Place
from .screen import Exit, Stop
from .words import both

CHUNK = 1 << 20
NAMES = {
    "message": ("message", "messages"),
    "outbox": ("mail of ours", "mails of ours"),
    "named": ("further mail of ours that names them", "further mails of ours that name them"),
    "queue": ("case", "cases"),
    "promise": ("promise", "promises"),
    "rush": ("rush offer", "rush offers"),
    "forward": ("hand-over", "hand-overs"),
}
READ = (".toml", ".txt", ".csv", ".json", ".jsonl")


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done, for the receipt and the screen."""

    what: str
    counts: Mapping[str, int]
    stays: Sequence[str]
    lines: Sequence[str]


def counted(counts: Mapping[str, int], texts: int = 0) -> str:
    """ "7 messages, 5 mails of ours and 1 case"."""
    shown = [f"{n} {NAMES[t][n != 1]}" for t, n in counts.items() if t in NAMES]
    others = sum(n for t, n in counts.items() if t not in NAMES)
    parts = [*shown, *([f"{others} further row{'s' * (others != 1)}"] if others else [])]
    return (both(parts) or "nothing") + (f" ({texts} with text)" if texts else "")


def may(about: About, anyway: bool) -> None:
    """Stops when something is open, or just being sent."""
    if about.busy:
        raise Stop(
            "A mail to them is being sent at this moment. Try again in a minute. Nothing was erased.", Exit.SAFETY
        )
    if about.open and not anyway:
        shown = ", ".join(about.open[:8]) + (f" and {len(about.open) - 8} more" if len(about.open) > 8 else "")
        raise Stop(
            f"Still open: {shown}. End that first, or say --anyway: what waits does not leave, what is open is "
            "closed. Nothing was erased.",
            Exit.SAFETY,
        )


def agreed(word: str, said: str | None, what: str) -> None:
    """Asks for the word at a terminal; elsewhere --confirm says it. Stops when it is another."""
    if said is None:
        if not sys.stdin.isatty():
            raise Stop(f"Nobody can be asked here: say --confirm {word}. Nothing was erased.", Exit.SAFETY)
        said = click.prompt(f"Type {what} to confirm", err=True)
    if (said or "").strip().lower() != word.lower():
        raise Stop(f"That is not {word}. Nothing was erased.", Exit.SAFETY)


def clear(store: SqliteStore, place: Place, words: Sequence[str], backups: bool) -> Iterator[str]:
    """Writes the ledger anew and looks whether a byte is left; what becomes of the copies. Lines for people."""
    tidied = store.tidy(whole=True)
    if backups:
        old = copies.listed(place.state)
        for copy in old:
            copy.path.unlink(missing_ok=True)
        store.backup_nightly(place.now)
        store.ran("backup", place.now)
        yield f"Backups: {len(old)} removed, a new one made."
    else:
        left = copies.listed(place.state)
        yield (
            "Backups: none is older than this."
            if not left
            else "Backups made before still hold it; they go by themselves:"
        )
        yield from (f"  {copy.path.name}  until {place.here(copy.gone):%Y-%m-%d}" for copy in left)
        if left:
            yield "  At once: the same command with --backups (also later)."
    yield from _looked(place, words, tidied)


def _looked(place: Place, words: Sequence[str], tidied: bool) -> Iterator[str]:
    files = [p for p in (place.state / DATABASE, place.state / f"{DATABASE}-wal") if p.exists()]
    hits = [path.name for path in files if words and holds(path, words)]
    if hits or not tidied:
        why = f"{both(hits)} still holds it" if hits else "another program keeps the log of changes in use"
        yield f"LOOK: {why}. Close other programs (or stop the service) and run the same command again."
    elif words:
        yield "Looked through the ledger and its log, byte by byte, in every spelling: nothing is left."


def holds(path: Path, words: Sequence[str]) -> bool:
    """Whether one of these words stands in the file, in any of its spellings."""
    wanted = [s for word in words for s in spellings(word)]
    overlap, before = max(map(len, wanted), default=1), b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = before + chunk
            if any(s in text for s in wanted):
                return True
            before = text[-overlap:]
    return False


def written(place: Place, words: Sequence[str]) -> list[str]:
    """Lines in files that people wrote, where the words still stand: nobody but a person changes those."""
    roots = [place.config, place.state / "rules.d", place.state / "last-good"]
    paths = sorted({p for root in roots for p in root.rglob("*") if p.suffix in READ and p.is_file()})
    found = []
    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace") if os.access(path, os.R_OK) else ""
        lines = [n for n, line in enumerate(text.split("\n"), 1) if any(w.lower() in line.lower() for w in words)]
        found += [f"Still written: {path}:{n}. Take it out there, then reload." for n in lines[:3]]
    privacy = place.written.main.get("privacy")
    if isinstance(privacy, dict) and privacy.get("log_addresses"):
        found.append("Still written: the journal (log_addresses = true). Its lines go by journalctl --vacuum-time=1d")
    return found


def receipt(place: Place, erased: Erased) -> Path:
    """Writes the receipt; its name is the day and a number."""
    folder = place.state / "receipts"
    copies.folder(folder)
    text = "\n".join(
        [
            f"Erased on {place.now:%Y-%m-%d %H:%M %Z}: {erased.what}",
            f"Went: {counted(erased.counts)}: texts, names, addresses.",
            *(f"Stays: {line}" for line in erased.stays),
            *erased.lines,
            "Cannot be reached from here: the mailboxes themselves, and mail that was sent.",
            "",
        ]
    )
    for number in range(1, 1_000):
        path = folder / f"{place.now:%Y-%m-%d}-{number:02}.txt"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        copies.belongs(path)
        return path
    raise Stop(f"{folder}: it holds a thousand receipts of today", Exit.ATTENTION)
