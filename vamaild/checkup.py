"""Everything `vamaild doctor` looks at on this machine: files, clock, texts, ledger, service. One look, one finding.

Every check is made, whatever the others say; what cannot be looked at is a finding, too.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from . import wire
from .adapters import files, machine
from .adapters.tokens import FOLDER as TOKENS
from .config.problem import Problem
from .config.settings import Settings
from .core.checkup import Finding, Mark
from .core.drill import Drill
from .core.ledger import DATABASE, MailboxError, PostError, Store, StoreError
from .core.ruleset import RuleSet

TEMPLATES = "templates/"
OLD_BACKUP = timedelta(days=2)
OLD_DRILL = timedelta(days=90)
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. `store` is None where there is no ledger that could be read; `client` "" means all.

    `now` is the moment that is looked at; `clock` tells the real time, which a mail server's is held against.
    """

    config: Path
    state: Path
    now: datetime
    loaded: wire.Loaded
    store: Store | None = None
    client: str = ""
    send: bool = False
    unit: Callable[[], Mapping[str, str] | None] = machine.unit
    synchronised: Callable[[], bool | None] = machine.synchronised
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def settings(self) -> Settings | None:
        return self.loaded.configuration.settings

    @property
    def clients(self) -> Sequence[RuleSet]:
        """Those that are looked at."""
        book = self.loaded.configuration.rulebook
        return [r for r in book.clients if self.client in ("", r.client.id)] if book else []


Check = Callable[[Patient], Iterable[Finding]]


def examined(patient: Patient, checks: Mapping[str, Check]) -> Iterator[Finding]:
    """What each check finds, one after the other; one that fails is a finding of its own."""
    for name, check in checks.items():
        try:
            yield from check(patient)
        except (MailboxError, PostError, StoreError, OSError, ValueError) as error:
            yield Finding(name, Mark.FAIL, str(error), silent=_did_not_answer(error))


def _did_not_answer(error: Exception) -> bool:
    """Whether it was the mail server that kept silent, and not a password that is wrong."""
    return isinstance(error, MailboxError | PostError) and not error.sign_in


# ---- files


def look_at_files(patient: Patient) -> Iterator[Finding]:
    """Are they all good, and does nobody read or write them who should not?"""
    wrong = [p for p in patient.loaded.errors if not p.file.startswith(TEMPLATES)]
    yield from _faults("files", wrong)
    rights = list(_rights(patient))
    yield from rights
    counts = patient.loaded.configuration.counts
    if not wrong and not rights:
        yield Finding("files", Mark.OK, f"{counts.files}, all good, rights as they should be")


def _faults(name: str, problems: Sequence[Problem]) -> Iterator[Finding]:
    if problems:
        places = ", ".join(f"{p.file}:{p.line} {p.what}" if p.line else f"{p.file} {p.what}" for p in problems[:SHOWN])
        more = f" and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        yield Finding(name, Mark.FAIL, f"{places}{more}", "vamaild check")


def _rights(patient: Patient) -> Iterator[Finding]:
    """Secrets are for root and the service, rules are written by nobody else, the ledger is the service's own."""
    secrets = patient.config / files.SECRETS
    yield from _closed(secrets, stat.S_IRWXO, "everybody on this machine can read it", "chmod 0640")
    own = (patient.config, patient.config / files.MAIN, *sorted((patient.config / files.RULES).glob("*.toml")))
    for path in (secrets, *own):
        yield from _closed(path, stat.S_IWOTH, "everybody on this machine can change it", "chmod o-w")
    owner = _owner(secrets)
    if owner not in (None, 0, os.geteuid(), _owner(patient.state)):
        words = f"{secrets} belongs to user {owner}, neither to root nor to the service"
        yield Finding("files", Mark.LOOK, words, f"sudo chown root {secrets}")
    yield from _closed(patient.state, stat.S_IRWXO & ~stat.S_ISVTX, "everybody can look into it", "chmod 0700")
    for path in (patient.state / DATABASE, *sorted((patient.state / TOKENS).glob("*"))):
        yield from _closed(path, stat.S_IRWXO, "everybody on this machine can read it", "chmod 0600")


def _closed(path: Path, bits: int, words: str, remedy: str) -> Iterator[Finding]:
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if mode & bits:
        yield Finding("files", Mark.FAIL, f"{path}: {words}", f"sudo {remedy} {path}")


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


# ---- clock


def look_at_clock(patient: Patient) -> Iterator[Finding]:
    """Is it set by the network? Whether it is right is seen when the mail server is asked."""
    zone = patient.settings.assistant.timezone if patient.settings else ""
    where = f", {zone}" if zone else ""
    said = patient.synchronised()
    if said is None:
        words = f"this machine does not say whether it is synchronised{where}"
        yield Finding("clock", Mark.OK, words)
    elif said:
        yield Finding("clock", Mark.OK, f"synchronised{where}")
    else:
        words = "nobody sets it: promised hours go wrong with it"
        yield Finding("clock", Mark.LOOK, words, "sudo timedatectl set-ntp true")


# ---- texts


def look_at_texts(patient: Patient) -> Iterator[Finding]:
    """Every text was written once, in every sort of situation, when the configuration was read."""
    wrong = [p for p in patient.loaded.errors if p.file.startswith(TEMPLATES)]
    yield from _faults("texts", wrong)
    if not wrong:
        languages = " ".join(patient.loaded.languages)
        yield Finding("texts", Mark.OK, f"{patient.loaded.texts} render in {languages}, no secret in any")


# ---- alarm


def look_at_alarm(patient: Patient) -> Iterator[Finding]:
    """When was each chain last tried?"""
    with_chain = [r.client.id for r in patient.clients if set(r.escalation.chain) - {"me"}]
    if not with_chain:
        yield Finding("alarm", Mark.OK, "no client has a chain beyond you")
    for client in with_chain:
        yield _alarm(client, patient.store.last_drill(client) if patient.store else None, patient.now)


def _alarm(client: str, drill: Drill | None, now: datetime) -> Finding:
    do = f"vamaild away drill {client}"
    if drill is None:
        return Finding("alarm", Mark.LOOK, f"{client}: the way to the people of its chain was never tried", do, client)
    when = f"{client}: drill {age(now - drill.began)} ago"
    if not drill.works:
        why = "is still going on" if not drill.ended and now - drill.began < timedelta(days=1) else "did not work"
        return Finding("alarm", Mark.LOOK, f"{when} {why}", do, client)
    answered = max((link.answered_at for link in drill.links if link.answered_at), default=drill.began)
    mark = Mark.LOOK if now - drill.began > OLD_DRILL else Mark.OK
    words = f"{when}, everybody answered within {age(answered - drill.began)}"
    return Finding("alarm", mark, words, do if mark is Mark.LOOK else "", client)


def age(span: timedelta) -> str:
    """ "12 s", "4 min", "9 days"."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 48 * 3600 else f"{seconds // 86400} days"


# ---- store


def look_at_store(patient: Patient) -> Iterator[Finding]:
    """Is the ledger sound, how much does it hold, when was it last copied?"""
    path = patient.state / DATABASE
    if not path.exists():
        yield Finding("store", Mark.LOOK, f"there is no ledger in {patient.state} yet", "vamaild run")
        return
    from .adapters.store.health import health

    found = health(path)
    if found.faults:
        do = "stop the service and put the last copy in its place: docs/privacy.md"
        yield Finding("store", Mark.FAIL, f"{path} is damaged: {'; '.join(found.faults)}", do)
        return
    kept = patient.store.oldest_text() if patient.store else None
    oldest = f", oldest text {age(patient.now - kept)}" if kept else ""
    words = f"intact, {_size(found.size)}{oldest}"
    if found.backup is None or patient.now - found.backup > OLD_BACKUP:
        last = f"last backup {age(patient.now - found.backup)} ago" if found.backup else "no backup yet"
        do = f"the service makes one each night in {patient.state / 'backup'}: see its journal"
        yield Finding("store", Mark.LOOK, f"{words}, {last}", do)
        return
    yield Finding("store", Mark.OK, f"{words}, backup {age(patient.now - found.backup)} ago")


def _size(size: int) -> str:
    return f"{size / 1_000_000:.0f} MB" if size >= 10_000_000 else f"{max(size // 1000, 1)} kB"


# ---- service


def look_at_service(patient: Patient) -> Iterator[Finding]:
    """Does systemd run it, and would it again after a restart of the machine?"""
    seen = patient.store.last_run("daemon") if patient.store else None
    looked = f"last look {age(patient.now - seen)} ago" if seen else "it has never looked"
    unit = patient.unit()
    if unit is None:
        fresh = seen is not None and patient.now - seen < timedelta(minutes=10)
        words = f"systemd does not run here; {looked}"
        yield Finding("service", Mark.OK if fresh else Mark.LOOK, words, "" if fresh else "vamaild run")
    elif unit.get("LoadState") != "loaded":
        yield Finding("service", Mark.FAIL, "systemd does not know vamaild.service", "README.md, Set it up")
    elif unit.get("ActiveState") != "active":
        yield _down(unit)
    else:
        yield from _up(unit, patient.now, looked)


def _down(unit: Mapping[str, str]) -> Finding:
    code = unit.get("ExecMainStatus", "0")
    why = f", it ended with {code}" if code != "0" else ""
    why += ": the configuration cannot be used" if code == "3" else ""
    do = "vamaild check" if code == "3" else "sudo systemctl enable --now vamaild; journalctl -u vamaild"
    return Finding("service", Mark.FAIL, f"{unit.get('ActiveState') or 'not running'}{why}", do)


def _up(unit: Mapping[str, str], now: datetime, looked: str) -> Iterator[Finding]:
    since, petted = _unix(unit.get("ActiveEnterTimestamp", "")), _unix(unit.get("WatchdogTimestamp", ""))
    words = f"up {age(now - since)}" if since else "running"
    words += f", watchdog {age(now - petted)} ago" if petted else ""
    restarts = int(unit["NRestarts"]) if unit.get("NRestarts", "").isdecimal() else 0
    again = f", restarted {restarts} times by systemd" if restarts else ""
    if unit.get("UnitFileState") not in ("enabled", "enabled-runtime", "static", "alias", "indirect", "linked"):
        words += "; it will not start with this machine"
        yield Finding("service", Mark.LOOK, f"{words}{again}", "sudo systemctl enable vamaild")
    elif restarts:
        yield Finding("service", Mark.LOOK, f"{words}{again}", "journalctl -u vamaild")
    else:
        yield Finding("service", Mark.OK, f"{words}, {looked}")


def _unix(text: str) -> datetime | None:
    """systemd's "@1764500000"."""
    number = text.removeprefix("@")
    return datetime.fromtimestamp(int(number), UTC) if number.isdecimal() and int(number) else None
