"""The journal: one line an event, JSON for systemd's journal, plain words for a person at a terminal.

Nothing in a line can act on a terminal or begin a new line: control, bidi and unprintable characters are escaped.
Addresses become short codes that stay the same ("p7c1e"), subjects and names are left out, unless the owner of the
service wants them in; and a line that holds a secret is withheld whole, however the secret is spelt.
"""

import hashlib
import hmac
import json
import math
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import partialmethod
from typing import Any, TextIO, cast
from urllib.parse import unquote

import structlog
from structlog.typing import FilteringBoundLogger, Processor, WrappedLogger

from vamaild.core.secrecy import leak

LONGEST = 2_000
PERSONAL = frozenset({"subject", "name", "text", "body", "words"})
WHO = frozenset({"who", "by", "told"})
"""Fields that say who somebody is: their whole value becomes a code, however it is written."""
NOBODY = frozenset({"", "-", "me", "colleague", "clock", "customer"})
ADDRESS = re.compile(
    r"""(?:"[^"\n]{1,64}"|[^\s<>()\[\],;:"'=@]{1,64}|(?<=['=:;,(]))(?:@|%40)(?:\[[0-9A-Fa-f:.]+\]|[^\s<>()\[\],;:"'=@]{1,255})"""
)
PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""As in syslog; journald takes "<3>" at the begin of a line for it (sd-daemon(3))."""
CODE_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SHORTEST_SECRET = 4
NOT_WORDS = re.compile(r"[\W_]+")
Event = MutableMapping[str, Any]


def to_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether this stream is the one systemd connected to its journal (JOURNAL_STREAM: device and inode)."""
    wanted = environ.get("JOURNAL_STREAM", "")
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return bool(wanted) and wanted == f"{status.st_dev}:{status.st_ino}"


def open_journal(
    stream: TextIO,
    *,
    now: Callable[[], datetime],
    key: bytes,
    machine: bool = False,
    systemd: bool = False,
    level: str = "info",
    log_addresses: bool = False,
    secrets: Sequence[str] = (),
    zone: tzinfo = UTC,
) -> FilteringBoundLogger:
    """A logger: `journal.info("ready: 6 clients")`, `journal.info("", case="6HRV", who="eva@shop.example")`.

    `key` is what the codes of addresses are made with: the same key, the same codes. `secrets` are never printed.
    `machine` writes JSON with UTC times; else plain lines in `zone`. `systemd` puts the priority before each line.
    What is below `level` is left out.
    """
    processors: list[Processor] = [structlog.processors.add_log_level, _shorten]
    processors.append(_Withhold(secrets))
    if not log_addresses:
        processors.append(_Anonymous(key))
    processors += [_escape_all, _Stamp(now), _json if machine else _Plain(zone)]
    logger = structlog.wrap_logger(
        _Lines(stream, systemd), processors=processors, wrapper_class=structlog.make_filtering_bound_logger(level)
    )
    return cast(FilteringBoundLogger, logger)


def address_code(address: str, key: bytes) -> str:
    """The code of an address: p and four characters; nobody gets from it to the address without the key."""
    digest = hmac.new(key, address.lower().encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    number = int.from_bytes(digest[:4], "big")
    return "p" + "".join(CODE_ALPHABET[(number >> shift) % 32] for shift in (15, 10, 5, 0))


def escape(text: str) -> str:
    """The text with everything that is not plainly printable written out: ESC as \\x1b, a line's end as \\n."""
    return "".join(c if c.isprintable() else _written_out(c) for c in text)


def _written_out(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


class _Lines:
    """The stream. A terminal that went away, or a full disk behind it, must not stop the mail."""

    def __init__(self, stream: TextIO, systemd: bool = False) -> None:
        self._stream, self._systemd = stream, systemd

    def _msg(self, level: str, line: str) -> None:
        line = f"<{PRIORITY[level]}>{line}" if self._systemd else line
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        with suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self._stream.flush()

    debug = partialmethod(_msg, "debug")
    info = partialmethod(_msg, "info")
    warning = partialmethod(_msg, "warning")
    error = partialmethod(_msg, "error")
    critical = partialmethod(_msg, "critical")


def _each(event: Event, change: Callable[[str], str]) -> Event:
    """The event with this done to every text in it, however deep."""
    return {change(str(name)): _deep(value, change) for name, value in event.items()}


def _deep(value: object, change: Callable[[str], str]) -> object:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {change(str(name)): _deep(inner, change) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_deep(inner, change) for inner in value]
    return change(str(value))


def _shorten(_logger: WrappedLogger, _method: str, event: Event) -> Event:
    return _each(event, lambda text: text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _fold(text: str) -> str:
    """Letters and digits only, lower case: '+420 603-111' and '+420603111' are the same."""
    return NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _words(value: object) -> Iterator[str]:
    """Everything in a value that would be printed, numbers too."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _words(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _words(inner)
    else:
        yield str(value)


class _Withhold:
    """Drops what a line says when a secret is in it, and says that it did."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(s for s in secrets if len(_fold(s)) >= SHORTEST_SECRET)
        self._folded = tuple(map(_fold, self._secrets))

    def __call__(self, _logger: WrappedLogger, _method: str, event: Event) -> Event:
        if self._secrets and self._betrayed(" ".join(_words(event))):
            return {"level": "error", "event": "a line was withheld: it held a secret"}
        return event

    def _betrayed(self, line: str) -> bool:
        """Passwords may be shorter than anything the gate for mails looks for."""
        folded = _fold(unquote(line))
        return any(secret in folded for secret in self._folded) or leak(line, self._secrets)


class _Anonymous:
    """Addresses become codes, wherever they stand; fields that hold a person's words are left out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, _logger: WrappedLogger, _method: str, event: Event) -> Event:
        kept = {n: self._who(v) if n in WHO else v for n, v in event.items() if n not in PERSONAL}
        return _each(kept, lambda text: ADDRESS.sub(lambda m: address_code(m.group(), self._key), text))

    def _who(self, value: object) -> object:
        """The same code for an address by itself and for one beside a name."""
        text = str(value)
        found = ADDRESS.search(text)
        return text if text in NOBODY else address_code(found.group() if found else text, self._key)


def _escape_all(_logger: WrappedLogger, _method: str, event: Event) -> Event:
    return _each(event, escape)


class _Stamp:
    """When it happened, by the service's own clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def __call__(self, _logger: WrappedLogger, _method: str, event: Event) -> Event:
        first = {name: event[name] for name in ("level", "event") if name in event}
        return {"time": self._now().astimezone(UTC).isoformat(timespec="milliseconds"), **first, **event}


def _json(_logger: WrappedLogger, _method: str, event: Event) -> str:
    return json.dumps(dict(event), ensure_ascii=True, allow_nan=False, default=str)


class _Plain:
    """2026-12-03 10:52:02 case=6HRV client=novak"""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def __call__(self, _logger: WrappedLogger, _method: str, event: Event) -> str:
        fields = dict(event)
        moment = datetime.fromisoformat(fields.pop("time")).astimezone(self._zone)
        level, said = fields.pop("level", "info"), fields.pop("event", "")
        words = [f"{moment:%Y-%m-%d %H:%M:%S}", "" if level == "info" else f"{level}:", str(said or "")]
        return " ".join(w for w in words + [f"{name}={_value(value)}" for name, value in fields.items()] if w)


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if text and not re.search(r'[\s="]', text) else '"' + text.replace('"', '\\"') + '"'
