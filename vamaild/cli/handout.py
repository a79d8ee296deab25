"""What is handed out of the ledger, to a person or to a client that leaves: one file a table, one file a mail.

A line that would show something of secrets.toml is left out: whoever gets the files is told how many. Everything is
written into a folder inside first and moved into its place when it is complete, README.txt last: what is interrupted
leaves nothing that could be taken for the whole.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from ..core.secrecy import leak
from .progress import Interrupt, interrupted, progress
from .screen import Exit, Stop

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNFINISHED, README_NAME = ".unfinished", "README.txt"
MANY = 1_000
"""So many rows take a moment."""
OURS = frozenset(("person", "mark", "chain", "purged", "text_mark", "fingerprint"))
TIMES = frozenset(
    (
        "at",
        "received",
        "due",
        "opened",
        "not_before",
        "since",
        "until",
        "began",
        "ended",
        "accept_by",
        "ordinary",
        "heard",
    )
)
JSON = frozenset(
    ("refs", "explanation", "tried", "value", "questions", "condition_values", "damages", "links", "messages")
)
README = """What vamaild kept, as of {at}.

Each *.jsonl is a table, one JSON object a line: message (what arrived and what was decided about it), outbox (what
was answered; the mails themselves are in mails/), queue (cases), promise, rush (offers at a price), forward (matters
handed over) and so on. Times are UTC. What the columns mean: docs/privacy.md.
{left_out}"""


@dataclass(slots=True)
class Handed:
    """What was written."""

    rows: dict[str, int] = field(default_factory=dict)
    mails: int = 0
    withheld: int = 0


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A new folder, readable by us only, to write into; what is in it is in `path` when nothing went wrong.

    Stops when that holds something already.
    """
    begun = path / UNFINISHED
    try:
        made = not path.exists()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(entry.name != UNFINISHED for entry in path.iterdir()):
            raise Stop(f"{path} is not empty; name a new folder. Nothing was written.", Exit.ATTENTION)
        path.chmod(0o700)
        shutil.rmtree(begun, ignore_errors=True)  # what a power cut left
        begun.mkdir(mode=0o700)
        try:
            yield begun
            _move_up(begun)
        finally:
            shutil.rmtree(begun, ignore_errors=True)
            if made and not any(path.iterdir()):
                path.rmdir()
    except OSError as error:
        raise Stop(f"{path}: it cannot be written: {error.strerror or error}", Exit.ATTENTION) from error


def _move_up(begun: Path) -> None:
    for entry in sorted(begun.iterdir(), key=lambda entry: entry.name == README_NAME):
        entry.rename(begun.parent / entry.name)


def unhurried(
    rows: Iterable[tuple[str, Mapping[str, object]]], count: int, path: Path, quiet: bool
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The same rows, with a bar where they are many; Ctrl-C stops between two of them."""
    done = 0
    with Interrupt().caught() as stop, progress(count, "Writing", "rows", quiet=quiet or count < MANY) as step:
        for row in rows:
            if stop():
                again = f"Nothing is left in {path}: the same command begins anew."
                raise interrupted(f"{done} of {count} rows written", again)
            yield row
            done += 1
            step(1)


def write(rows: Iterable[tuple[str, Mapping[str, object]]], to: Path, secrets: Sequence[str], now: datetime) -> Handed:
    """Writes everything into this folder. Raises OSError."""
    done, files = Handed(), dict[str, IO[str]]()
    try:
        for table, row in rows:
            if table == "outbox" and row["sort"] != "courtesy":
                continue  # to our own people: about a case, not from it
            line = json.dumps(_readable(row), ensure_ascii=False, default=str)
            if leak(line, secrets):
                done.withheld += 1
                continue
            if table not in files:
                files[table] = _open(to / f"{table}.jsonl")
            files[table].write(line + "\n")
            done.rows[table] = done.rows.get(table, 0) + 1
            done.mails += _mail(row, to / "mails", secrets)
    finally:
        for file in files.values():
            file.close()
    left_out = f"\n{done.withheld} rows are left out: they hold what is secret.\n" if done.withheld else ""
    with _open(to / README_NAME) as file:
        file.write(README.format(at=f"{now:%Y-%m-%d %H:%M %Z}", left_out=left_out))
    return done


def _open(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n")


def _mail(row: Mapping[str, object], to: Path, secrets: Sequence[str]) -> int:
    raw = row.get("raw")
    if not isinstance(raw, bytes) or not raw or leak(raw.decode("utf-8", "replace"), secrets):
        return 0
    to.mkdir(mode=0o700, exist_ok=True)
    path = to / f"m-{row['id']}.eml"
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(raw)
    return 1


def _readable(row: Mapping[str, object]) -> dict[str, object]:
    return {
        name: _value(name, value) for name, value in row.items() if name not in OURS and not isinstance(value, bytes)
    }


def _value(name: str, value: object) -> object:
    if isinstance(value, int) and (name in TIMES or name.endswith("_at")):
        return (EPOCH + timedelta(microseconds=value)).isoformat()
    return json.loads(value) if name in JSON and isinstance(value, str) else value
