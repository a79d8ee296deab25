"""The files a person wrote: finds and reads them, and keeps the last good copy of each client's file.

A file in CONFIG/rules.d replaces the shipped one of the same name. What cannot be read is found all the same, with the
reason, so that it can be told with everything else. Nothing here understands what is in a file.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files as package_files
from pathlib import Path

CONFIG = Path("/etc/vamaild")
MAIN = "vamaild.toml"
SECRETS = "secrets.toml"
RULES = "rules.d"
LAST_GOOD = "last-good"
LEARNED = "81-learned.toml"
"""The one rule file the service writes itself, in STATE/rules.d: where it may not write into CONFIG."""
BIGGEST = 16_000_000
NAME = re.compile(r"[\w][\w.-]{0,200}\.toml")
READERS = {
    PermissionError: ("cannot be read: the rights do not allow it", "give group vamaild the right to read it"),
    IsADirectoryError: ("is a folder, not a file", "rename it, or put the files themselves here"),
    NotADirectoryError: ("is a file, not a folder", "make it a folder and put the rule files into it"),
    FileNotFoundError: ("points to a file that is not there", "remove the link, or mend it"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One file. `label` names it ("rules.d/client-rossi.toml"); `fallback` stands in when it is faulty.

    `trouble` says why it could not be read, `advice` what to do.
    """

    label: str
    raw: bytes = field(default=b"", repr=False)
    shipped: bool = False
    fallback: "Found | None" = None
    trouble: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something about a file that somebody should know: which, what, what to do."""

    file: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class Files:
    """Everything that was found; None where there is no such file. `rules` is in the order of names."""

    main: Found | None
    secrets: Found | None
    rules: tuple[Found, ...]
    warnings: tuple[Warned, ...] = ()


def shipped(name: str) -> Path:
    """Where shipped "rules.d", "templates" or "systemd" lie: in the installed package, else in the checkout."""
    package = Path(str(package_files("vamaild")))
    installed = package / "shipped" / name
    return installed if installed.is_dir() else package.parent / name


def find(
    config: Path = CONFIG,
    state: Path | None = None,
    shipped_rules: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Files:
    """Everything in `config` and everything shipped. `state` holds the last good copies of client files."""
    secrets = _secrets_path(config, environ)
    return Files(
        main=_optional(config / MAIN, MAIN),
        secrets=_optional(secrets, SECRETS),
        rules=tuple(_rules(config / RULES, shipped_rules or shipped(RULES), state)),
        warnings=(*_open_to_all(secrets), *_changed_by_all(config)),
    )


def _secrets_path(config: Path, environ: Mapping[str, str]) -> Path:
    """What systemd hands over (LoadCredential) goes before the file itself."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    handed = Path(folder) / SECRETS
    return handed if folder and handed.exists() else config / SECRETS


def _optional(path: Path, label: str) -> Found | None:
    return _read(path, label) if os.path.lexists(path) else None


def _read(path: Path, label: str, *, is_shipped: bool = False) -> Found:
    """A pipe or a device would keep us waiting, so it is not even opened."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            return Found(label, trouble="is no ordinary file", advice="put the file itself here")
        with path.open("rb") as file:
            return Found(label, file.read(BIGGEST), is_shipped)
    except OSError as error:
        return _unread(label, error)


def _unread(label: str, error: OSError) -> Found:
    """An error of the system, in words."""
    for kind, (trouble, advice) in READERS.items():
        if isinstance(error, kind):
            return Found(label, trouble=trouble, advice=advice)
    return Found(label, trouble=f"cannot be read: {error.strerror or error}", advice="look at the disk and the file")


def _rules(own: Path, product: Path, state: Path | None) -> Iterable[Found]:
    """Every rule file, own or shipped, in the order of names; an own one replaces the shipped one of its name."""
    shipped_ones, own_ones = _names(product), _names(own)
    yield from _unlisted(own)
    taught = _optional(state / RULES / LEARNED, f"{RULES}/{LEARNED}") if state else None
    for name in sorted({*shipped_ones, *own_ones, *((LEARNED,) if taught else ())}):
        spare = _read(product / name, f"{RULES}/{name}", is_shipped=True) if name in shipped_ones else None
        spare = spare or (taught if name == LEARNED else None)
        if name not in own_ones and spare:
            yield spare
        else:
            yield _own(own, name, spare or last_good(state, name))


def _names(folder: Path) -> tuple[str, ...]:
    """The *.toml of a folder; hidden files and those an editor leaves behind do not count."""
    try:
        return tuple(entry.name for entry in folder.iterdir() if entry.suffix == ".toml" and entry.name[0] not in ".#")
    except OSError:
        return ()


def _unlisted(folder: Path) -> Iterable[Found]:
    """A folder that is there and cannot be looked into must not pass for an empty one."""
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        return
    except OSError as error:
        yield _unread(RULES, error)


def _own(folder: Path, name: str, spare: Found | None) -> Found:
    label, path = f"{RULES}/{name}", folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        inside = False
    if not inside:
        advice = "put the file itself here"
        return Found(label, trouble="is a link that leads out of rules.d", advice=advice, fallback=spare)
    found = _read(path, label)
    return Found(label, found.raw, fallback=spare, trouble=found.trouble, advice=found.advice)


def _open_to_all(secrets: Path) -> Iterable[Warned]:
    try:
        mode = secrets.stat().st_mode
    except OSError:
        return
    if mode & stat.S_IRWXO:
        yield Warned(SECRETS, "everybody on this machine can read it", f"chmod 0640 {secrets}")


def _changed_by_all(config: Path) -> Iterable[Warned]:
    """Whoever may write a rule file writes to customers. Folders count too: a file in them can be replaced."""
    rules = config / RULES
    for path in (config, config / MAIN, rules, *(rules / name for name in sorted(_names(rules)))):
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if mode & stat.S_IWOTH:
            label = path.relative_to(config).as_posix() if path != config else str(config)
            yield Warned(label, "everybody on this machine can change it", f"chmod o-w {path}")


def last_good(state: Path | None, name: str) -> Found | None:
    """The copy of a client's file as it last was in use; None when there is none."""
    if state is None or not NAME.fullmatch(name):
        return None
    found = _optional(state / LAST_GOOD / name, f"{RULES}/{name} (last good version)")
    return found if found and not found.trouble else None


def keep_good(state: Path, label: str, raw: bytes) -> None:
    """Keeps a client's file as the last good one: all of it or nothing, readable by us only. Raises OSError."""
    name = label.rpartition("/")[2]
    if not NAME.fullmatch(name):
        raise ValueError(f"no name for a rule file: {name!r}")
    folder = state / LAST_GOOD
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    if target.exists() and target.read_bytes() == raw:
        return
    _write(folder, target, raw)


def _write(folder: Path, target: Path, raw: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
        _sync(folder)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def forget_others(state: Path, labels: Iterable[str]) -> None:
    """Removes the copies of client files that are not there any more. Raises OSError."""
    kept = {label.rpartition("/")[2] for label in labels}
    for name in _names(state / LAST_GOOD):
        if name not in kept:
            (state / LAST_GOOD / name).unlink(missing_ok=True)
