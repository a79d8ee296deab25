"""Learning at work: corrections gathered from the ledger, proposals kept, their effect, and the file they go into.

Nothing is in force by itself: a proposal waits until a person says yes, and the file is put back when `check` does not
take it.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from .adapters import files
from .core.learning import (
    FILE,
    HEAD,
    LABEL,
    LEAST,
    Correction,
    Judged,
    Kept,
    Proposal,
    Standing,
    as_toml,
    example,
    propose,
)
from .core.ledger import NOT_BY_A_PERSON, Arrival, Entry
from .core.letter import bare_subject, clean
from .core.replay import Changed, Listed, Replayed, changes
from .core.ruleset import Kind, Rule, RuleSet
from .core.secrecy import leak
from .core.words import Text
from .core.words import find as seen
from .notices import ruleset_of
from .service import Rules, Service

RUN, EVERY, DAYS = "learning", timedelta(days=1), 90
EXAMPLES, MOST_MESSAGES = 3, 2_000


# ---- what is proposed


def watch(service: Service) -> int:
    """Looks once a day for something to propose; returns how many proposals are new. Raises StoreError."""
    last, now = service.store.last_run(RUN), service.now()
    if last is not None and timedelta() <= now - last < EVERY:
        return 0
    service.store.ran(RUN, now)
    return look(service)


def look(service: Service) -> int:
    """Keeps what the corrections of the last 90 days teach; returns how many proposals are new. Raises StoreError."""
    since, new = service.now() - timedelta(days=DAYS), 0
    said = {c.message: c for c in service.store.corrections(since)}
    for ruleset in service.rules.rulebook.clients:
        client = ruleset.client.id
        if sum(c.client == client and c.kind is not None for c in said.values()) >= LEAST:
            rows = [_judged(row, e, said.get(row)) for row, e in _entries(client, since, service) if _usable(e)]
            found = propose(client, rows, service.rules.rulebook.languages)
            known = {rule.name for rule in ruleset.learned}
            new += sum(bool(service.store.propose(p, service.now())) for p in found if p.name not in known)
    if new:
        service.journal.info("rules are proposed", count=new)
    return new


def _entries(client: str, since: datetime, service: Service) -> Iterator[tuple[int, Entry]]:
    for row in service.store.rows(client, since)[-MOST_MESSAGES:]:
        if entry := service.store.entry(row):
            yield row, entry


def _usable(entry: Entry) -> bool:
    """A message of a person that was judged, and whose words are still kept."""
    return bool(entry.kind and entry.address and _text(entry)) and entry.reason not in NOT_BY_A_PERSON


def _text(entry: Entry) -> str:
    return str(entry.explanation.get("new_text") or "")


def _judged(row: int, entry: Entry, said: Correction | None) -> Judged:
    """A doubtful emergency counts as one: it is never made calm."""
    was = str(Kind.EMERGENCY) if entry.explanation.get("doubtful") else entry.kind
    text = f"{entry.subject}\n{_text(entry)}"
    wanted, right = (said.kind, said.kind is None) if said else (None, False)
    return Judged(row, entry.address, entry.language, text, was, wanted, right)


# ---- how it would stand, and what it would do


def as_rule(kept: Kept, service: Service) -> str:
    """The proposal as TOML with its examples; "" when nothing of its messages is kept any more to show it with."""
    secrets, examples = service.rules.rulebook.secrets, []
    for row in kept.proposal.messages:
        entry = service.store.entry(row)
        shown = example(_text(entry), kept.proposal) if entry else ""
        if shown and shown not in examples and not leak(shown, secrets):
            examples.append(shown)
    if not examples:
        return ""
    ruleset = ruleset_of(kept.proposal.client, service)
    zone = ZoneInfo(ruleset.client.timezone if ruleset else service.rules.settings.assistant.timezone)
    return as_toml(kept.proposal, examples[:EXAMPLES], service.now().astimezone(zone).date())


@dataclass(frozen=True, slots=True)
class Effect:
    """What the rule changes of the last 90 days; `calmed` are emergencies that would be none: there must be none."""

    compared: int
    changed: tuple[Changed, ...]

    @property
    def calmed(self) -> tuple[Changed, ...]:
        return tuple(c for c in self.changed if _is_grave(c) and c.after.decision != c.before.decision)


def _is_grave(change: Changed) -> bool:
    before, after = change.before, change.after
    return (before.outcome == "escalated" or before.kind == Kind.EMERGENCY) and after.kind != Kind.EMERGENCY


def effect(proposal: Proposal, service: Service) -> Effect:
    """Replays this client's messages of the ledger without the rule and with it. Raises StoreError."""
    from .replay import Mail, Replay, trusted

    ruleset = ruleset_of(proposal.client, service)
    if ruleset is None:
        return Effect(0, ())
    since = service.now() - timedelta(days=DAYS)
    every = [e for _, e in _entries(proposal.client, since, service) if _usable(e)]
    touched = {e.address.lower() for e in every if _finds(proposal, e)}
    folder = FromLedger([e for e in every if e.address.lower() in touched], ruleset)  # whoever else writes sees no rule
    mails = [Mail(m.at, folder, m.number) for m in folder.listed(None, None)]
    rules = trusted(service.rules)
    rule = Rule(proposal.name, proposal.kind, {proposal.condition: proposal.values})
    clients = (_with(rule, r) if r.client.id == proposal.client else r for r in rules.rulebook.clients)
    taught = replace(rules, rulebook=replace(rules.rulebook, clients=tuple(clients)))

    def alive() -> None:
        service.alive()

    def run(rules: Rules) -> tuple[Replayed, ...]:
        return Replay(rules, service.read, mails, client=proposal.client, done=alive).run()

    return Effect(len(every), changes(run(rules), run(taught)))


def _finds(proposal: Proposal, entry: Entry) -> bool:
    """Whether the rule looks at this message at all; a person's other messages may be judged by what came before."""
    if proposal.condition == "from":
        return entry.address.lower() in proposal.values
    return seen(proposal.values, Text(f"{entry.subject}\n{_text(entry)}")) is not None


def _with(rule: Rule, ruleset: RuleSet) -> RuleSet:
    return replace(ruleset, learned=(*ruleset.learned, rule))


class FromLedger:
    """Messages of the ledger as old mail (`core.replay.OldMail`): who wrote, when, about what, in which words."""

    name = "ledger"

    def __init__(self, entries: Sequence[Entry], ruleset: RuleSet) -> None:
        self._entries = entries
        self._to = next((a for a in ruleset.client.arrives if "*" not in a), ruleset.client.arrives[0])

    def listed(self, since: datetime | None, until: datetime | None) -> Sequence[Listed]:
        found = (Listed(e.received, number) for number, e in enumerate(self._entries, 1))
        return sorted(found, key=lambda m: (m.at, m.number))

    def read(self, numbers: Sequence[int]) -> Iterator[Arrival]:
        for number in numbers:
            entry = self._entries[number - 1]
            raw = self._raw(entry)
            yield Arrival(number, 1, entry.received, len(raw), raw)

    def _raw(self, entry: Entry) -> bytes:
        fields = {
            "Return-Path": f"<{clean(entry.address)}>",
            "Delivered-To": self._to,
            "Date": f"{entry.received:%a, %d %b %Y %H:%M:%S %z}",
            "From": clean(entry.address),
            "To": self._to,
            "Subject": clean(entry.subject),
            "Message-ID": clean(entry.message_id),
            "References": clean(" ".join(entry.references), 2_000),
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return (head + "\r\n" + _text(entry).replace("\r\n", "\n").replace("\n", "\r\n") + "\r\n").encode()

    def sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        return iter(())

    def close(self) -> None: ...


def subjects(found: Effect, limit: int = 5) -> list[str]:
    """The subjects of what changes, each once."""
    return list(dict.fromkeys(clean(bare_subject(c.before.subject), 60) for c in found.changed))[:limit]


# ---- yes or no


class NotTakenError(ValueError):
    """The proposal cannot be accepted; the sentence says why. Nothing is changed."""


def find(number: int, service: Service) -> Kept | None:
    return next((k for k in service.store.proposals() if k.number == number), None)


def waiting(service: Service) -> tuple[Kept, ...]:
    """Those that a person may say yes or no to: of clients that are still there."""
    kept = (k for k in service.store.proposals() if k.standing in (Standing.OPEN, Standing.AGREED))
    return tuple(k for k in kept if ruleset_of(k.proposal.client, service) is not None)


def accept(kept: Kept, by: str, service: Service) -> bool:
    """Writes the rule where it holds. False when nobody may write there: it is kept as agreed.

    Raises NotTakenError and StoreError.
    """
    rule = as_rule(kept, service)
    if not rule:
        raise NotTakenError("its messages are not kept any more, so there is no example that shows it")
    if effect(kept.proposal, service).calmed:
        raise NotTakenError("with it an emergency of the last 90 days would have been none")
    standing = Standing.ACCEPTED
    try:
        service.learn(rule)
    except OSError:
        standing = Standing.AGREED
    except ValueError as error:
        raise NotTakenError(str(error)) from error
    service.store.answer_proposal(kept.number, standing, by, service.now())
    service.journal.info("a proposed rule", number=kept.number, standing=str(standing))
    return standing is Standing.ACCEPTED


def refuse(kept: Kept, by: str, service: Service) -> bool:
    """It is not proposed again. False when it was answered before."""
    return service.store.answer_proposal(kept.number, Standing.REFUSED, by, service.now())


def write(config: Path, state: Path | None, rule: str) -> Path:
    """Adds the rule to rules.d/80-learned.toml; a rule that stands there already is not doubled. Returns the file.

    A service that may not write its configuration keeps it in STATE/rules.d/81-learned.toml instead.
    Raises ValueError, with why, when `check` or its examples do not take it: the file is as it was then. And OSError.
    """
    own, spare = config / LABEL, state / files.RULES / files.LEARNED if state else None
    for path in filter(None, (own, spare)):
        if _named(rule).encode() in _kept(path):
            return path
    try:
        return _add(own, rule, config, state)
    except OSError:
        if spare is None:
            raise
        return _add(spare, rule, config, state)


def _kept(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _add(path: Path, rule: str, config: Path, state: Path | None) -> Path:
    """The file with one rule more, taken by `check`, or as it was."""
    from . import wire

    label = f"{files.RULES}/{path.name}"
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(mode=0o750, exist_ok=True)
    _replace(path, (HEAD.encode() if before is None else before).rstrip() + b"\n\n" + rule.encode())
    faults = [p for p in wire.load(config, state).errors if p.file == label]
    if faults:
        _put_back(path, before)
        raise ValueError(f"{label}:{faults[0].line} would not be taken: {faults[0].what}. The file is as it was")
    return path


def _named(rule: str) -> str:
    """The lines that make it this rule: whose it is and what it is called."""
    return "\n".join(rule.split("\n")[1:3])


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        _replace(path, before)


def _replace(path: Path, raw: bytes) -> None:
    """All of it or nothing; whoever could read the file still can, a new one whoever may look into its folder."""
    handle, name = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o640)
        with contextlib.suppress(PermissionError):
            os.chown(temporary, -1, (path if path.exists() else path.parent).stat().st_gid)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
