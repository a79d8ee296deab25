"""A sign-in that is refused: the assistant is told once, by mail where mail still leaves, else by any other way to her.

That it was told is kept as a run, and that it worked again as one at the beginning of time: no clock is compared, so
none that jumps makes her hear it twice.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from . import notes, notices
from .config.settings import SignIn
from .core.escalation import ME
from .core.gauges import REFUSED
from .core.ledger import MailboxError, PostError
from .core.notify import Notice
from .core.signin import SEND
from .service import Service

TEMPLATE = "note-signin"
RELOAD = "systemctl reload vamaild"
WORKED = datetime(1970, 1, 1, tzinfo=UTC)


def refused(name: str, error: MailboxError | PostError, service: Service) -> bool:
    """After a failure of this mailbox, or of SEND; True when she is told of it now. Other failures tell nothing."""
    store, now = service.store, service.now()
    if not error.sign_in or _is_refused(name, service):
        return False
    with store.transaction():
        store.ran(_run(name), now)
        if name != SEND:
            notes.queue(TEMPLATE, (name, now.isoformat()), _words(name, now, service), service)
    if name == SEND:
        _by_other_ways(now, service)
    service.metrics.count(REFUSED, mailbox=name)
    service.journal.error("the sign-in is refused", mailbox=name)
    return True


def fine(name: str, service: Service) -> None:
    """It has worked."""
    if _is_refused(name, service):
        service.store.ran(_run(name), WORKED)
        service.journal.info("the sign-in works again", mailbox=name)


def _run(name: str) -> str:
    return f"sign-in refused {name}"


def _is_refused(name: str, service: Service) -> bool:
    return service.store.last_run(_run(name)) not in (None, WORKED)


def _words(name: str, since: datetime, service: Service) -> Mapping[str, object]:
    settings = service.rules.settings
    known = {box.name: box.sign_in for box in settings.mailboxes}
    by, how = _way(settings.send.sign_in if name == SEND else known.get(name))
    here = since.astimezone(ZoneInfo(settings.assistant.timezone))
    what = "sending" if name == SEND else "reading"
    return {"signin": {"name": name, "what": what, "since": here, "by": by, "how": how}}


def _way(sign_in: SignIn | None) -> tuple[str, str]:
    """Where the right to sign in comes from, and what to do about it."""
    if sign_in is None:
        return "password", RELOAD
    if sign_in.provider is None:
        return "program", sign_in.command[0]
    return "provider", f"vamaild oauth login {sign_in.name}"


def _by_other_ways(now: datetime, service: Service) -> None:
    """The first way to her that takes it; e-mail is what does not work."""
    letter = notes.letter(TEMPLATE, _words(SEND, now, service), service)
    notice = Notice(f"sign-in-{now:%Y%m%d%H%M%S}", "", letter.subject, letter.body)
    for channel, way in notices.ways_of(ME, "", service).items():
        if channel != "email" and service.notifiers[channel].notify(way, notice).result == "delivered":
            return
