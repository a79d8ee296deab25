"""The night's work: what is kept long enough goes, then the ledger is copied. Both are done once a night.

That they were done is kept in the ledger, so that a restart neither doubles nor skips them; what was begun goes on
where it stopped. A night that was slept through is made up for at once; but when the clock says that days have passed,
or goes back, it may be wrong, and what is deleted is gone: then the purge waits for the next night. Nothing here may
stop the mail: a fault is told, and tried again an hour later.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from . import leaving, returning
from .core.ledger import StoreError
from .core.privacy import Plan, night, planned, total
from .service import Service

PURGE, BACKUP = "purge", "backup"
BATCH, BATCHES = 500, 10
AGAIN, DAY, DOUBTFUL = timedelta(hours=1), timedelta(days=1), timedelta(days=3)


def watch(service: Service) -> bool:
    """Whether anything was done. The copy is made when the purge is over, or could not be done."""
    begun = _once(PURGE, _purge, service)
    return begun if begun and not _done(PURGE, service) else _once(BACKUP, _backup, service) or begun


def _done(name: str, service: Service) -> bool:
    done = service.store.last_run(name)
    return done is not None and night(_here(service)) <= done <= service.now() + DAY


def _once(name: str, work: Callable[[Service], bool], service: Service) -> bool:
    """Does the work when a quiet hour came since it was done last; `work` says whether it is finished."""
    store, now = service.store, service.now()
    try:
        done = store.last_run(name)
        if done is None or (name == PURGE and abs(now - done) > DOUBTFUL):
            store.ran(name, now)
        failed = store.last_run(f"{name} failed")
        if _done(name, service) or (failed and timedelta() <= now - failed < AGAIN):
            return False
        if work(service):
            store.ran(name, now)
        return True
    except StoreError as error:
        service.journal.error(f"{name}: not done, tried again in an hour", fault=str(error))
        _failed(name, service)
        return False


def _failed(name: str, service: Service) -> None:
    try:
        service.store.ran(f"{name} failed", service.now())
    except StoreError as error:
        service.journal.error(f"{name}: not even that can be kept", fault=str(error))


def _here(service: Service) -> datetime:
    return service.now().astimezone(ZoneInfo(service.rules.settings.assistant.timezone))


def _purge(service: Service) -> bool:
    done, finished = purge(service, BATCHES)
    if done:
        service.journal.info("purged", **done)
    return finished


def _backup(service: Service) -> bool:
    service.store.backup_nightly(_here(service), service.alive)
    return True


def plan(service: Service) -> Plan:
    """What is to go now, by the settings and the absences."""
    privacy = service.rules.settings.privacy
    return planned(service.now(), privacy.keep_text, privacy.keep_events, away(service))


def away(service: Service) -> dict[str, datetime]:
    """Since when each client's mail is needed whole: who is away, or will be, or whose digest may still be due."""
    found: dict[str, datetime] = {}
    for ruleset in service.rules.rulebook.clients:
        zone, now = ZoneInfo(ruleset.client.timezone), service.now()
        standing = leaving.standing(ruleset, service).absence
        over = returning.due_now(ruleset, service)
        firsts = [over.absence.first] if over and now - over.due <= returning.TOO_LATE else []
        if standing and (standing.back is None or standing.back > now.astimezone(zone).date()):
            firsts.append(standing.first)
        if firsts:
            found[ruleset.client.id] = datetime.combine(min(firsts), time.min, zone)
    return found


def purge(
    service: Service, batches: int | None = None, tell: Callable[[Mapping[str, int]], object] = lambda done: None
) -> tuple[dict[str, int], bool]:
    """(what was done, whether nothing is left). Ends after so many batches, or when the service is to stop."""
    wanted, done = plan(service), dict[str, int]()
    while batches is None or batches > 0:
        if service.stopping():
            return done, False
        service.alive()
        batch = service.store.purge(wanted, BATCH)
        if not batch:
            if done:
                service.store.tidy()
            return done, True
        done = total((done, batch))
        tell(done)
        batches = None if batches is None else batches - 1
    return done, False
