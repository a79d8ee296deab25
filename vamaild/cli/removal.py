"""`vamaild client remove`: hands a client everything back, takes its file away, erases it."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ..adapters import files
from ..adapters.store import SqliteStore
from ..core.privacy import About
from . import erasing, handout
from .place import Place, Value
from .screen import Exit, Stop

ASIDE = ".removed"
STAYS = ("counts without a person; of each message its place in the mailbox and a one-way fingerprint, under no name",)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    name: str
    export: Path | None
    erase: bool
    confirm: str | None
    anyway: bool
    backups: bool


def rule_files(place: Place, name: str) -> list[Path]:
    """The file of this client, and texts that are its own."""
    usual = [p for p in (place.config / files.RULES).glob("*.toml") if place.written.owner(p) == name]
    return [*usual, *(p for p in (place.config / "templates" / name,) if p.is_dir())]


def remove(place: Place, wish: Wish, secrets: Sequence[str]) -> tuple[Value, list[str], bool]:
    """Does it, in this order: hand back, take the file away, erase. (values, lines, whether something is left)."""
    own = rule_files(place, wish.name)
    with place.ledger() as opened:
        store = cast(SqliteStore, opened)
        about = store.about_client(wish.name)
        if not (own or about.anything):
            raise Stop(f"There is no client {wish.name}, and nothing is kept of it.", Exit.NOT_FOUND)
        if wish.erase:
            erasing.may(about, wish.anyway)
        erasing.agreed(wish.name, wish.confirm, "the client's name")
        value: Value = {"client": wish.name, "rows": dict(about.rows)}
        lines = _hand_back(place, wish, store, about, own, secrets) if wish.export else []
        lines += _take_away(place, own, wish.erase)
        if wish.erase:
            more, path = _erase(place, wish, store)
            lines += [*more, f"Erased here. Receipt: {path}"]
            value["receipt"] = str(path)
    lines.append("Now: sudo systemctl reload vamaild" + _again(wish))
    return value | {"notes": lines}, lines, any(line.startswith("LOOK") for line in lines)


def _again(wish: Wish) -> str:
    return "; what arrived until then is erased by the same command again." if wish.erase else ""


def _hand_back(
    place: Place, wish: Wish, store: SqliteStore, about: About, own: Sequence[Path], secrets: Sequence[str]
) -> list[str]:
    target = cast(Path, wish.export)
    with handout.folder(target) as to:
        rows = handout.unhurried(store.client_rows(wish.name), sum(about.rows.values()), target, place.as_json)
        done = handout.write(rows, to, secrets, place.now)
        settings = to / "settings"
        settings.mkdir(mode=0o700)
        for path in own:
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, settings / path.name)
    what = (
        f"{done.rows.get('message', 0)} messages, {done.mails} replies, {sum(done.rows.values())} rows in all, settings"
    )
    left = [f"{done.withheld} rows were left out: they hold what is secret."] if done.withheld else []
    return [f"Handed back: {what} ({wish.export}, 0700).", *left]


def _take_away(place: Place, own: Sequence[Path], erase: bool) -> list[str]:
    """The files go, or are moved aside; nobody reads what does not end in .toml."""
    lines = []
    for path in own:
        try:
            if erase:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            else:
                path.rename(path.with_name(path.name + ASIDE))
            lines.append(f"{'Removed' if erase else 'Moved aside'}: {path}")
        except OSError as error:
            raise Stop(
                f"{path}: {error.strerror}. Nothing was erased; try: sudo vamaild client remove", Exit.ATTENTION
            ) from error
        with suppress(OSError):
            (place.state / files.LAST_GOOD / path.name).unlink()
    return lines


def _erase(place: Place, wish: Wish, store: SqliteStore) -> tuple[list[str], Path]:
    counts = store.forget_client(wish.name, place.now)
    lines = list(erasing.clear(store, place, [], wish.backups))
    done = erasing.Erased(f"client {wish.name}, everything", counts, STAYS, lines)
    return lines, erasing.receipt(place, done)
