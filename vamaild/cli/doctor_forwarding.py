"""`vamaild doctor --forwarding`: learns from one message what a client's forwarding does, and writes it down."""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click

from .. import wire
from ..config.edit import lines_of, with_values
from ..core.decide import gather
from ..core.forwarding import Findings, Reach, applied, learn, reach
from ..core.ledger import Arrival, MailboxError
from ..core.message import History, Message
from ..core.reasons import Reason
from ..core.route import find_client
from ..core.ruleset import RuleSet
from ..core.sender import SURE_ENOUGH
from ..trying import probe_mail, token
from .explain import NotJudgedError, raw_of
from .place import Place
from .screen import Exit, Stop, complain, print_json
from .setup import Ready, prepare, this_moment

BY_FORWARDING = (
    Reason.AUTO_SUBMITTED,
    Reason.PERHAPS_HUMAN,
    Reason.LIST,
    Reason.PRECEDENCE,
    Reason.NULL_PATH,
    Reason.AUTO_RESPONSE_SUPPRESS,
    Reason.VENDOR,
    Reason.LOOP,
    Reason.SPAM,
    Reason.NOT_ADDRESSED,
)


@dataclass(frozen=True, slots=True)
class Learned:
    """What one message taught about one client. `held`: why no answer would leave even with what was learned."""

    ruleset: RuleSet
    findings: Findings
    reach: Reach
    held: str = ""

    @property
    def differs(self) -> bool:
        """Whether the client's file says something else."""
        return applied(self.ruleset.forwarding, self.findings) != self.ruleset.forwarding

    @property
    def values(self) -> dict[str, str | tuple[str, ...]]:
        """What belongs into [forwarding]."""
        return {"profile": self.findings.profile, "groups": self.findings.groups}


def from_file(file: str, ready: Ready) -> Message:
    """The message in a file, or on standard input. Stops with exit 5 when there is none."""
    try:
        raw = raw_of(file)
    except NotJudgedError as error:
        raise Stop(str(error), Exit.NOT_FOUND) from error
    return ready.read(Arrival(0, 0, this_moment(), len(raw), raw))


def from_mailbox(uid: int, ready: Ready, ruleset: RuleSet) -> Message:
    """The message with this UID in a live mailbox; of several mailboxes the one where it is this client's."""
    found = [m for settings in ready.settings.mailboxes if (m := _fetch(uid, settings.name, ready)) is not None]
    mine = [m for m in found if find_client(m, ready.rulebook.clients).ruleset == ruleset]
    if not found:
        raise Stop(f"There is no message {uid} in the mailbox", Exit.NOT_FOUND)
    return (mine or found)[0]


def _fetch(uid: int, name: str, ready: Ready) -> Message | None:
    """Stops with exit 4 when the server does not answer."""
    mailbox = wire.mailbox(next(m for m in ready.settings.mailboxes if m.name == name), ready.state)
    try:
        mailbox.open()
        arrival = mailbox.one(uid)
    except MailboxError as error:
        raise Stop(str(error), Exit.SERVER) from error
    finally:
        mailbox.close()
    return ready.read(arrival) if arrival is not None else None


def held(message: Message, ruleset: RuleSet, findings: Findings, ready: Ready) -> str:
    """What would still silence every message that comes this way; asked of the same screen as in the daemon."""
    then = replace(ruleset, forwarding=applied(ruleset.forwarding, findings))
    case = gather(message, then, ready.rulebook, History(), ready.tools, message.received)
    return case.screened.because if case.screened and case.screened.code in BY_FORWARDING else ""


def page(learned: Learned) -> list[str]:
    """What was learned, for people."""
    findings = learned.findings
    what = f"probe {findings.probe.token}" if findings.probe.token else "no probe: nobody knows how it was sent"
    shown = [f"What the forwarding of {learned.ruleset.client.id} does ({what})", ""]
    for effect in findings.effects:
        shown.append(f"{effect.change:<8} {effect.header:<24} {effect.words}")
        shown += [f"{'':<10}{line}" for line in effect.lines]
    shown += ["", f"Profile  {findings.profile}{_because(findings)}"]
    shown += [f"{'':<10}{line}" for line in findings.evidence]
    shown += [f"Answers  {_answers(learned.reach)}", ""]
    looks = [*findings.warnings, *([f"no answer would leave: {learned.held}"] if learned.held else [])]
    shown += [f"look     {warning}" for warning in looks]
    return [*shown, *([""] if looks else []), *lines_of("forwarding", learned.values)]


def _because(findings: Findings) -> str:
    if findings.profile != "none":
        return ", because of"
    return ": nothing shows a forwarding that needs one"


def _answers(found: Reach) -> str:
    """Where an answer would go, before and after, in one sentence."""
    before = found.before.address or "nobody"
    after = found.after.address or "nobody"
    sure = f"{after} ({found.after.method}, {found.after.confidence:.1f})"
    if not found.arrives:
        wanted = f", not to {found.expected}" if found.expected and found.expected != after else ""
        held = ": a person is asked" if found.after.confidence < SURE_ENOUGH else ""
        return f"do not reach the sender: they would go to {sure}{wanted}{held}"
    same = (found.before.address, found.before.confidence) == (found.after.address, found.after.confidence)
    return f"reach the sender: {sure}" + ("" if same else f"; until now {before} ({found.before.confidence:.1f})")


def as_value(learned: Learned, written: bool) -> dict[str, object]:
    """The same, JSON-ready; keys are stable."""
    findings, found = learned.findings, learned.reach

    def side(sender: object) -> dict[str, object]:
        return {name: getattr(sender, name) for name in ("address", "method", "confidence")}

    return {
        "client": learned.ruleset.client.id,
        "probe": findings.probe.token or None,
        "profile": findings.profile,
        "groups": list(findings.groups),
        "evidence": list(findings.evidence),
        "effects": [
            {"header": e.header, "change": str(e.change), "words": e.words, "lines": list(e.lines)}
            for e in findings.effects
        ],
        "warnings": list(findings.warnings),
        "held": learned.held or None,
        "answers": {"reach_sender": found.arrives, "before": side(found.before), "after": side(found.after)},
        "toml": "\n".join(lines_of("forwarding", learned.values)),
        "differs": learned.differs,
        "written": written,
    }


def write(learned: Learned, config: Path) -> Path:
    """Puts the values into the client's file, checks it, and takes them back should it have become faulty."""
    path = (config / learned.ruleset.file).resolve()
    if not path.is_file():
        raise Stop(f"{learned.ruleset.file} is not in {config}: mend it first (vamaild check)", Exit.CONFIGURATION)
    old = path.read_bytes()
    new = with_values(old, "forwarding", learned.values, "client")
    if new is None:
        raise Stop(f"[forwarding] in {path} is written in another form: put the lines in by hand", Exit.ATTENTION)
    if new != old:
        replace_file(path, new)
        faults = _faults(config, learned.ruleset.file)
        if faults:
            replace_file(path, old)
            raise Stop("\n".join([*faults, f"{path} is as it was."]), Exit.CONFIGURATION)
    return path


def _faults(config: Path, label: str) -> list[str]:
    """What the loader, with the file's own examples, has against this file."""
    loaded = wire.load(config)
    return [str(problem) for problem in loaded.errors if problem.file == label]


def replace_file(path: Path, raw: bytes) -> None:
    """The file with other content: all of it or nothing, with the owner and the rights it had. Raises OSError."""
    kept = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            if (kept.st_uid, kept.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), kept.st_uid, kept.st_gid)
            os.fchmod(file.fileno(), kept.st_mode & 0o7777)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def probe(ready: Ready, ruleset: RuleSet, sender: str) -> None:
    """Prints a probe as a message file; on stderr how to send it."""
    to = reachable(ruleset)
    if not to:
        raise Stop(f"{ruleset.file} names no whole address in `arrives`; add one to try", Exit.ATTENTION)
    sender = sender or ready.settings.assistant.email
    click.echo(probe_mail(token(), sender, to, this_moment()).as_string(), nl=False)
    complain(
        f"Send this to {to} from {sender}, an address outside the client's own mail system (another one: --from).\n"
        "In a mail program: paste the subject and the text. When it has come through the forwarding, save it as a\n"
        f"file:  vamaild doctor --forwarding --client {ruleset.client.id} probe.eml"
    )


def reachable(ruleset: RuleSet) -> str:
    """A whole address of the client's, "" when there is none."""
    return next((a for a in ruleset.client.arrives if "*" not in a), "")


def forwarded(file: str | None, uid: int | None, client: str, place: Place, writing: bool) -> int:
    """What the message taught about this client's forwarding; exit 1 when somebody has to do something."""
    ready = prepare(place.config, place.state)
    ruleset = ready.client(client)
    message = from_mailbox(uid, ready, ruleset) if uid is not None else from_file(str(file), ready)
    if message.unreadable:
        raise Stop(f"It cannot be read: {message.unreadable}", Exit.ATTENTION)
    if writing and find_client(message, ready.rulebook.clients).ruleset != ruleset:
        raise Stop(f"This message was not for {client}: nothing is written from it", Exit.SAFETY)
    findings = learn(message, ruleset)
    still = held(message, ruleset, findings, ready)
    return _tell(Learned(ruleset, findings, reach(message, ruleset, findings), still), place, writing)


def _tell(learned: Learned, place: Place, writing: bool) -> int:
    """Writes what is to be written, prints what was learned; exit 1 when somebody has to do something."""
    path = write(learned, place.config) if writing else None
    if place.as_json:
        print_json(as_value(learned, path is not None))
    else:
        click.echo("\n".join([*page(learned), "", _next(learned, path)]))
    undone = learned.differs and path is None
    wrong = learned.findings.warnings or learned.held or not learned.reach.arrives
    return Exit.ATTENTION if wrong or undone else Exit.DONE


def _next(learned: Learned, path: Path | None) -> str:
    if path is not None:
        return f"Written into {path} and checked. Next: sudo systemctl reload vamaild"
    if learned.differs:
        return f"{learned.ruleset.file} says something else. Next: the same with --write"
    return f"{learned.ruleset.file} says so already."
