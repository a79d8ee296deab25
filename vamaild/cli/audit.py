"""`vamaild audit`: does the ledger add up, was nothing lost, sent twice or given away? Asks the mailboxes, too."""

from typing import TYPE_CHECKING

import click

from ..core.audit import Box, Finding, findings
from ..core.ledger import DATABASE, MailboxError
from .place import Place, Value, place_options
from .screen import Exit
from .setup import Ready, open_store, prepare

if TYPE_CHECKING:
    from ..adapters.store import SqliteStore


@click.command(short_help="Whether every message is accounted for.")
@click.option("--offline", is_flag=True, help="Ask no mail server; look at the ledger only.")
@place_options
def audit(place: Place, offline: bool) -> None:
    """Whether every message is accounted for: in one state, answered at most once, no emergency without a next step.

    \b
      vamaild audit              with the mailboxes: nothing lies there unseen
      vamaild audit --offline    the ledger alone
      vamaild audit --json

    Nothing is changed and nothing is sent. Exit code 1 when something does not add up.
    """
    open_store(place.state).close()  # says so where there is no ledger yet
    ready = prepare(place.config, place.state)
    found = examine(place, ready, offline)
    place.tell(as_value(found), [line(f) for f in found])
    raise SystemExit(Exit.DONE if all(f.ok for f in found) else Exit.ATTENTION)


def examine(place: Place, ready: Ready, offline: bool = False) -> list[Finding]:
    """Every check."""
    from ..adapters.store import SqliteStore

    store = SqliteStore(place.state / DATABASE)
    try:
        boxes = [] if offline else _boxes(store, ready)
        return findings(store.kept(), boxes, store.texts(), tuple(ready.rulebook.secrets))
    finally:
        store.close()


def _boxes(store: "SqliteStore", ready: Ready) -> list[Box]:
    from .. import wire

    found = []
    for settings in ready.settings.mailboxes:
        mailbox = wire.mailbox(settings, ready.state)
        try:
            validity = mailbox.open()
            mark = store.watermark(settings.name)
            read = mark.uid if mark and mark.uidvalidity == validity else 0
            found.append(Box(settings.name, mailbox.uids(read), store.uids(settings.name, validity)))
        except MailboxError as error:
            found.append(Box(settings.name, fault=str(error)))
        finally:
            mailbox.close()
    return found


def line(found: Finding) -> str:
    return f"{'ok' if found.ok else 'WRONG':<6}{found.name:<12}{found.good if found.ok else found.wrong}"


def as_value(found: list[Finding]) -> Value:
    """JSON-ready; keys are stable."""
    checks = [{"check": f.name, "ok": f.ok, "found": f.good if f.ok else f.wrong} for f in found]
    return {"ok": all(f.ok for f in found), "checks": checks}
