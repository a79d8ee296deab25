"""`vamaild tell-failure`: one mail that says that the service has stopped; started by systemd (OnFailure=).

It must work when the service does not: it opens no ledger, reads no rules, and of the configuration only what one mail
needs, whatever else is wrong with it. Where not even that can be had, a line of priority err goes to the journal.
A loop of crashes is one mail an hour: the time of a file in the state directory says when the last one left.
"""

import os
import socket
import time
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from .. import wire
from ..adapters import files
from ..config.load import load
from ..config.schema.values import smtp
from ..config.settings import Secret, SendSettings, ServerSettings
from ..core.ledger import PostError
from ..core.letter import Envelope, Letter, key_for, to_bytes
from .screen import Exit, complain, config_option, state_dir, state_option
from .setup import this_moment

MARK, AT_MOST = "failure-told", timedelta(hours=1)
SECONDS = 60.0
CANNOT_USE = "3"
TROUBLE = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What reading a file somebody has broken can end in; each means: say so in the journal."""


@dataclass(frozen=True, slots=True)
class Way:
    """Who is told, in which language, from which address, and the server that takes the mail."""

    to: str
    language: str
    sender: str
    send: SendSettings


def way(config: Path, environ: Mapping[str, str]) -> Way:
    """What one mail needs, and nothing else of the files. Raises one of TROUBLE."""
    main = _read(config / files.MAIN)
    me, send = main["me"], main["send"]
    tokens = "oauth" in send or "token_command" in send
    settings = _with_tokens(config, environ) if tokens else _with_password(send, config, environ)
    boxes = main.get("mailbox", ())
    users = [box.get("user", "") for box in ([boxes] if isinstance(boxes, dict) else boxes)]
    senders = [a for a in (send.get("from", ""), *users[:1], me["email"]) if "@" in a]
    return Way(me["email"], str(me.get("language", "en")), senders[0], settings)


def _with_password(send: Mapping[str, str], config: Path, environ: Mapping[str, str]) -> SendSettings:
    server = smtp(send["smtp"])
    return SendSettings(
        ServerSettings(server.host, server.port, server.security, send.get("ca", ""), send.get("socket", "")),
        send.get("user", ""),
        _password(send.get("password", ""), config, environ),
    )


def _with_tokens(config: Path, environ: Mapping[str, str]) -> SendSettings:
    """A sign-in by token may lean on other tables, so here vamaild.toml must be whole; the rules need not be."""
    sources = replace(wire.sources_of(files.find(config, environ=environ)), rules=())
    settings = load(sources, wire.reading_tools()).settings
    if settings is None:
        raise ValueError("[send] signs in by token, and vamaild.toml cannot be used as a whole")
    return settings.send


def _password(named: str, config: Path, environ: Mapping[str, str]) -> Secret:
    if not named:
        return Secret("")
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    secrets = _read(Path(folder) / files.SECRETS if folder else config / files.SECRETS)
    return Secret(secrets["passwords"][named.removeprefix("secret:")])


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def letter(language: str, environ: Mapping[str, str], at: str, *, test: bool) -> Letter:
    """The mail in this language, else in English; systemd's $MONITOR_ variables say what happened."""
    spoken = files.shipped("templates") / language / "failure.toml"
    texts = _read(spoken if spoken.is_file() else files.shipped("templates") / "en" / "failure.toml")
    facts = {"host": socket.gethostname(), "at": at, "status": environ.get("MONITOR_EXIT_STATUS", "?")}
    reason = "configuration" if facts["status"] == CANNOT_USE else environ.get("MONITOR_SERVICE_RESULT", "")
    facts["why"] = texts["why"].get(reason, texts["why"]["other"]).format(**facts)
    text = texts["test" if test else "mail"]
    return Letter(text["subject"].format(**facts), text["body"].strip().format(**facts))


def told_lately(mark: Path, now: float) -> bool:
    """Whether a mail left within the last hour; a mark from the future counts for nothing."""
    with suppress(OSError):
        return 0 <= now - mark.stat().st_mtime < AT_MOST.total_seconds()
    return False


def tell(found: Way, environ: Mapping[str, str], state: Path, *, test: bool) -> None:
    """Sends the mail; tokens are kept in `state`. Raises PostError."""
    now = this_moment()
    text = letter(found.language, environ, f"{now:%Y-%m-%d %H:%M %Z}", test=test)
    key = key_for("failure", now.isoformat(), socket.gethostname(), domain=found.sender.rpartition("@")[2])
    envelope = Envelope("vamaild", found.sender, found.to, key, language=found.language, auto="auto-generated")
    post = wire.post(found.send, SECONDS, state=state)
    try:
        post.send(found.to, to_bytes(text, envelope, now))
    finally:
        post.close()


@click.command(name="tell-failure")
@config_option
@state_option
@click.option("--test", is_flag=True, help="Say that it is only a test, and send it at once.")
def tell_failure(config: Path, state: Path | None, test: bool) -> int:
    """Mail to [me] that the service has stopped, at most once an hour (systemd calls this)."""
    place = state_dir(state, config)
    mark = place / MARK
    if not test and told_lately(mark, time.time()):
        complain("It was told less than an hour ago; no second mail.")
        return Exit.DONE
    try:
        tell(way(config, os.environ), os.environ, place, test=test)
    except PostError as error:
        _cry(f"vamaild has stopped, and nobody could be told: {error}")
        return Exit.SERVER
    except TROUBLE as error:
        what = f"{type(error).__name__}: {error}"
        _cry(f"vamaild has stopped, and nobody could be told: the configuration is unusable ({what})")
        return Exit.CONFIGURATION
    if not test:
        _keep(mark)
    return Exit.DONE


def _cry(what: str) -> None:
    """A line that the journal keeps with priority err (sd-daemon(3))."""
    complain(f"<3>{what}" if "JOURNAL_STREAM" in os.environ else what)


def _keep(mark: Path) -> None:
    """An empty file, so that it can be kept even on a full disk."""
    try:
        mark.touch(mode=0o600)
    except OSError as error:
        _cry(f"{mark} cannot be written, so the next failure is told again at once: {error.strerror}")
