"""A mailbox in memory: inbox, Sent and Drafts as lists, for tests of what uses one. The contract suites prove it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message

from vamaild.core.ledger import Arrival, MailboxError

WHEN = datetime(2026, 11, 26, 9, 40, tzinfo=UTC)
SENT, DRAFTS = "\\Sent", "\\Drafts"


class MemoryMailbox:
    """`core.ledger.Mailbox`. `folders` may lack Sent or Drafts; `down` makes every question fail."""

    def __init__(self, name: str = "inbox", *inbox: bytes, without: str = "") -> None:
        self.name = name
        self.inbox = list(inbox)
        self.moments: dict[int, datetime] = {}
        self.folders: dict[str, list[bytes]] = {f: [] for f in (SENT, DRAFTS) if f != without}
        self.marked: set[int] = set()
        self.down = False
        self.asked = 0

    def _folder(self, special: str) -> list[bytes]:
        self.asked += 1
        if self.down:
            raise MailboxError("the server does not answer")
        if special not in self.folders:
            raise MailboxError("there is no such folder", retry=False)
        return self.folders[special]

    def open(self) -> int:
        return 1

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        found = [a for uid in range(after + 1, len(self.inbox) + 1) if (a := self.one(uid))]
        yield from ([tuple(found)] if found else [])

    def one(self, uid: int) -> Arrival | None:
        if not 0 < uid <= len(self.inbox):
            return None
        raw = self.inbox[uid - 1]
        return Arrival(uid, 1, self.moments.get(uid, WHEN), len(raw), raw)

    def mark(self, uids: Sequence[int]) -> bool:
        self.marked.update(uids)
        return True

    def file(self, raw: bytes, special: str) -> bool:
        if special not in self.folders:
            return False
        folder = self._folder(special)
        if _id(raw) not in [_id(kept) for kept in folder]:
            folder.append(raw)
        return True

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        if SENT not in self.folders:
            return frozenset()
        mails = [message_from_bytes(raw) for raw in self._folder(SENT)]
        return frozenset(i for mail in mails if not _automatic(mail) for i in _answers(mail)).intersection(ids)

    def drafts_left(self, keys: Sequence[str]) -> frozenset[str]:
        return frozenset(_id(raw) for raw in self._folder(DRAFTS)).intersection(keys) if keys else frozenset()

    def sent_answer(self, message_id: str) -> bytes | None:
        if not message_id:
            return None
        found = [raw for raw in self._folder(SENT) if message_id in _answers(message_from_bytes(raw))]
        found = [raw for raw in found if not _automatic(message_from_bytes(raw))] or found
        return found[-1] if found else None

    def close(self) -> None: ...


def _id(raw: bytes) -> str:
    return str(message_from_bytes(raw).get("Message-ID", "")).strip()


def _answers(mail: Message) -> set[str]:
    named = f"{mail.get('In-Reply-To', '')} {mail.get('References', '')}".split()
    return set(named) - set(str(mail.get("X-Forwarded-Message-Id", "")).split())


def _automatic(mail: Message) -> bool:
    return str(mail.get("Auto-Submitted", "no")).lower() != "no"
