"""Old mail on an IMAP server: a folder opened with EXAMINE and read with BODY.PEEK, so that nothing changes (RFC 9051).

The order is that of INTERNALDATE. The server looks for days in its own zone, so one day more is asked for on each side
and the rest is left out here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from vamaild.core.ledger import Arrival, MailboxError
from vamaild.core.replay import HEADER_FIELDS, Listed, OldMailError

from . import BATCH, ImapMailbox, folders
from .rows import DATE, Row

DATES = 500
FIELDS = f"BODY.PEEK[HEADER.FIELDS ({' '.join(name.upper() for name in HEADER_FIELDS)})]"
HEADER = b"BODY[HEADER.FIELDS"
DAY = timedelta(days=1)


class _ReadOnly(ImapMailbox):
    """As the service reads it, but for the way it is opened."""

    def _selected(self) -> Row:
        with self._link.asking("opening the folder") as client:
            client.normalise_times = False
            answer: Row = client.select_folder(self._folder, readonly=True)
        return {**answer, b"READ-ONLY": True}

    def dates(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[int, datetime]]:
        """(UID, INTERNALDATE) of what may have arrived in that time."""
        with self._ready().asking("looking for old messages") as client:
            uids = sorted(int(uid) for uid in client.search(_days(since, until)))
        for start in range(0, len(uids), DATES):
            rows = self._fetch(uids[start : start + DATES], ("INTERNALDATE",))
            yield from ((uid, at) for uid, row in rows.items() if isinstance(at := row.get(DATE), datetime))

    def headers_sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        """(INTERNALDATE, the header lines that tell what answers what) of the Sent folder."""
        with self._inside(folders.SENT, True) as client:
            uids = sorted(client.search(_days(since, until))) if client else []
            for start in range(0, len(uids), BATCH):
                rows = client.fetch(uids[start : start + BATCH], ["INTERNALDATE", FIELDS]) if client else {}
                for row in rows.values():
                    block = next((v for k, v in row.items() if k.startswith(HEADER)), b"")
                    if isinstance(at := row.get(DATE), datetime):
                        yield at.astimezone(UTC), block

    def in_order(self, uids: Sequence[int]) -> Iterator[Arrival]:
        """These messages, fetched 200 at a time."""
        for start in range(0, len(uids), BATCH):
            wanted = uids[start : start + BATCH]
            found = {a.uid: a for group in self._read(wanted) for a in group}
            yield from (found[uid] for uid in wanted if uid in found)


class OldFolder:
    """A folder of a configured mailbox; implements `core.replay.OldMail`. Takes what ImapMailbox takes."""

    def __init__(self, **account: object) -> None:
        self._box = _ReadOnly(**account)  # type: ignore[arg-type]  # handed through by name
        self.name = f"{account['name']}/{account.get('folder', 'INBOX')}"

    def listed(self, since: datetime | None, until: datetime | None) -> Sequence[Listed]:
        with _told():
            self._box.open()
            dated = [Listed(at.astimezone(UTC), uid) for uid, at in self._box.dates(since, until)]
        inside = (m for m in dated if (since is None or m.at >= since) and (until is None or m.at < until))
        return sorted(inside, key=lambda m: (m.at, m.number))

    def read(self, numbers: Sequence[int]) -> Iterator[Arrival]:
        with _told():
            yield from self._box.in_order(numbers)

    def sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        with _told():
            self._box.open()
            yield from self._box.headers_sent(since, until)

    def close(self) -> None:
        self._box.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except MailboxError as error:
        raise OldMailError(str(error), server=True) from error


def _days(since: datetime | None, until: datetime | None) -> list[object]:
    """SEARCH criteria; dates in RFC 9051 have no time and no zone."""
    criteria: list[object] = ["ALL"]
    if since is not None:
        criteria += ["SINCE", (since.astimezone(UTC) - DAY).date()]
    if until is not None:
        criteria += ["BEFORE", (until.astimezone(UTC) + 2 * DAY).date()]
    return criteria
