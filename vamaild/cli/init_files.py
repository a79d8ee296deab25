"""Writes what `vamaild init` learned: never over a file somebody has not given up, and all of it or nothing.

root:vamaild 0640 where root writes and the group is there, so that the service can read; else the writer's own, and
the secrets for nobody else.
"""

import grp
import os
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from ..adapters import files
from ..config import first
from ..config.answers import PROFILES, WeekAnswer
from ..config.edit import with_values
from . import newclient
from .newclient import NewClient
from .screen import Exit, Stop

GROUP = "vamaild"
OLD = ".old"


@dataclass(frozen=True, slots=True)
class FirstClient(NewClient):
    """A new client with what `init` asks besides: work wanted sooner, how its mail is forwarded."""

    rush: str = "decline"
    percent: int = 0
    until: str = "18:00"
    profile: str = ""

    def text(self) -> str:
        """The file."""
        text = first.with_rush(NewClient.text(self), self.rush, self.percent, self.until)
        return first.with_forwarding(text, self.profile) if self.profile else text


def client_of(answers: Mapping[str, str]) -> FirstClient:
    """The first client, from the answers."""
    week = cast(WeekAnswer, first.meaning(answers, "week"))
    rush = str(first.meaning(answers, "rush"))
    language = str(first.meaning(answers, "client_language"))
    return FirstClient(
        answers["client"],
        str(first.meaning(answers, "client_name")),
        tuple(dict.fromkeys((answers["forward_to"], str(first.meaning(answers, "client_address"))))),
        language=language if language != first.meaning(answers, "language") else None,
        lead_days=cast(int, first.meaning(answers, "lead_days")),
        rush=rush,
        percent=cast(int, first.meaning(answers, "surcharge")) if rush == "offer" else 0,
        until=f"{week.closes:%H:%M}",
        profile=answers.get("profile") or PROFILES.get(str(first.meaning(answers, "hosted")), ""),
    )


def service_group() -> int | None:
    """The group of the service, where root writes and it is there."""
    if os.geteuid() != 0:
        return None
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return None


@dataclass(slots=True)
class Writer:
    """Writes files into a configuration directory. `over`: whether a file that is there may be replaced."""

    config: Path
    over: Callable[[str], bool]
    wrote: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def all(self, answers: Mapping[str, str], password: str) -> None:
        """Everything; on any trouble everything is as it was. Raises Stop, OSError."""
        try:
            self._put(files.MAIN, first.main_text(answers).encode())
            self._secrets(password)  # before the client's file, which is only taken by a configuration that can be used
            self._client(client_of(answers))
        except BaseException:
            for step in reversed(self.undo):
                with suppress(OSError):
                    step()
            raise

    def _put(self, label: str, raw: bytes, secret: bool = False) -> None:
        path = self.config / label
        if path.exists() and not self._aside(label):
            return
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        self.undo.append(path.unlink)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        self._wrote(label, secret)

    def _wrote(self, label: str, secret: bool = False) -> None:
        mode = give(self.config / label, secret)
        self.wrote.append(f"{label} ({mode:04o})" if secret else label)

    def _aside(self, label: str) -> bool:
        """Puts the file that is there aside, if it may be replaced."""
        if not self.over(label):
            self.kept.append(label)
            return False
        path = self.config / label
        old = path.with_name(path.name + OLD)
        path.replace(old)
        self.undo.append(lambda: old.replace(path))
        return True

    def _client(self, client: FirstClient) -> None:
        if (self.config / client.label).exists() and not self._aside(client.label):
            return
        (path,) = newclient.write([client], self.config)
        self.undo.append(path.unlink)
        give(path.parent, False)
        self._wrote(client.label)

    def _secrets(self, password: str) -> None:
        """A new file; to one that is there only the password of the mailbox is added."""
        path = self.config / files.SECRETS
        if not path.exists():
            self._put(files.SECRETS, first.secrets_text(password).encode(), secret=True)
            return
        before = path.read_bytes()
        after = with_values(before, "passwords", {first.PASSWORD: password}, "passwords")
        if after == before or (_has_password(before) and not self.over(f"the password in {files.SECRETS}")):
            self.kept.append(files.SECRETS)
            return
        if after is None:
            raise Stop(f"{path}: [passwords] is written in another form: put the password in by hand", Exit.ATTENTION)
        path.write_bytes(after)
        self.undo.append(lambda: path.write_bytes(before))
        self._wrote(files.SECRETS, secret=True)


def _has_password(raw: bytes) -> bool:
    """Whether there is another password of the mailbox already."""
    try:
        return first.PASSWORD in tomllib.loads(raw.decode("utf-8-sig")).get("passwords", {})
    except (ValueError, TypeError):
        return True  # a file that cannot be understood is not touched unasked


def give(path: Path, secret: bool) -> int:
    """The owner and the rights a file or folder should have; returns the rights."""
    group = service_group()
    if group is not None:
        os.chown(path, 0, group)
    mode = 0o750 if path.is_dir() else 0o600 if secret and group is None else 0o640
    path.chmod(mode)
    return mode


def folder(config: Path) -> None:
    """The directory itself, if it is not there yet. Stops where nothing can be written."""
    try:
        if not config.exists():
            config.mkdir(parents=True)
            give(config, False)
    except OSError as error:
        raise Stop(_how(config, error.strerror or ""), Exit.ATTENTION) from error
    if not os.access(config, os.W_OK | os.X_OK):
        raise Stop(_how(config, "you may not write there"), Exit.ATTENTION)


def _how(config: Path, why: str) -> str:
    return f"{config}: {why}. Try: sudo vamaild init, or elsewhere: --config DIR"
