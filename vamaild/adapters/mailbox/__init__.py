"""A mailbox on an IMAP server, read and never changed but for one keyword (RFC 9051).

Nothing is deleted, moved or marked as read. No text of a sender ever stands in a command: commands hold numbers,
the configured folder and keyword, and Message-IDs of plain characters.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from imapclient import IMAPClient

from vamaild.core.ledger import Arrival, MailboxError
from vamaild.core.signin import Bearer

from . import answered, copies, errors, folders, idle, pick
from .connection import Account, Link, Tls
from .rows import HEAD, HEADER_LIMIT, TEXT, TEXT_LIMIT, Row, arrival_of, bytes_of, groups, has_bytes, is_cut
from .sent import SentLog

BATCH = 200
MOST_FOUND = 1_000
LAST_UID = 4_294_967_295
KEYWORD = re.compile(r"\$?[A-Za-z0-9_.-]+")

FIRST = (
    "RFC822.SIZE",
    "INTERNALDATE",
    "FLAGS",
    f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>",
    f"BODY.PEEK[TEXT]<0.{TEXT_LIMIT}>",
)
ANSWERED = (f"BODY.PEEK[HEADER]<0.{HEADER_LIMIT}>", f"BODY.PEEK[TEXT]<0.{HEADER_LIMIT}>")


class ImapMailbox:
    """One folder of one account; implements `core.ledger.Mailbox`. Every method raises MailboxError.

    `ca` is a file of certificates to believe instead of the system's. `password` may be a function that fetches it at
    each sign-in; with a `bearer` a token is used instead. Times are in seconds; `call_seconds` ends a call that a slow
    server would stretch for ever.
    """

    def __init__(
        self,
        *,
        name: str,
        host: str,
        user: str,
        password: str | Callable[[], str],
        port: int = 993,
        tls: Tls = "implicit",
        folder: str = "INBOX",
        keyword: str = "$vamaild",
        ca: str | None = None,
        connect_seconds: float = 10.0,
        read_seconds: float = 60.0,
        call_seconds: float = 300.0,
        bearer: Bearer | None = None,
        socket: str = "",
    ) -> None:
        if not KEYWORD.fullmatch(keyword):
            raise ValueError(f'"{keyword}" cannot be a keyword: letters, digits, $ _ . - only')
        self.name = name
        self._folder = folder
        self._keyword = keyword
        self._link = Link(
            Account(
                *(name, host, port, tls, user, password, ca),
                *(connect_seconds, read_seconds, call_seconds, bearer, socket),
            )
        )
        self._uidvalidity = 0
        self._keeps_keyword = False
        self.next_uid = 0  # UIDNEXT when the folder was opened, 0 where the server does not say
        self.fresh = False
        self._times = 0  # how often the link had been opened when the folder was
        self._last = 0  # the highest UID that the last look saw
        self.found = 0  # how many messages it found
        self._sent = SentLog()

    @property
    def keeps_keyword(self) -> bool:
        """Whether the server keeps the keyword in this folder; known after `open`."""
        return self._keeps_keyword

    def open(self) -> int:
        """Connects if need be, signs in, selects the folder; returns its UIDVALIDITY. A dead connection is replaced."""
        self._link.leave_if_signed_out()
        kept = self._link.up
        try:
            self._uidvalidity = self._select()
        except MailboxError:
            if not kept:
                raise
            self._link.drop()
            self._uidvalidity = self._select()
        self.fresh, self._times = self._times != self._link.times, self._link.times
        return self._uidvalidity

    def arrivals(self, after: int) -> Iterator[tuple[Arrival, ...]]:
        """What has a UID above `after`, oldest first, in batches of at most 200; nothing is marked as read."""
        if after >= LAST_UID:
            return
        with self._ready().asking("looking for new messages") as client:
            found = [int(uid) for uid in client.search(f"UID {after + 1}:*")]
        # "n:*" names the last message even when its UID is below n (RFC 9051 section 6.4.8): so filter.
        uids = sorted({uid for uid in found if uid > after})
        self._last, self.found = max([after, *uids]), len(uids)
        for start in range(0, len(uids), BATCH):
            yield from self._read(uids[start : start + BATCH])

    def uids(self, until: int) -> frozenset[int]:
        """Every message that lies in the folder now, up to this UID."""
        if until <= 0:
            return frozenset()
        with self._ready().asking("counting messages") as client:
            found = [int(uid) for uid in client.search(f"UID 1:{min(until, LAST_UID)}")]
        return frozenset(uid for uid in found if uid <= until)

    def one(self, uid: int) -> Arrival | None:
        """The message with this UID, None when it is gone."""
        return next((arrival for batch in self._read([uid]) for arrival in batch), None)

    def mark(self, uids: Sequence[int]) -> bool:
        """Sets the keyword on these messages; False when the server keeps none here, or refuses just now (quota)."""
        link = self._ready()
        if not self._keeps_keyword:
            return False
        for start in range(0, len(uids), BATCH):
            try:
                with link.asking("setting the keyword") as client:
                    client.add_flags(list(uids[start : start + BATCH]), [self._keyword], silent=True)
            except errors.RefusedError:
                return False
        return True

    def file(self, raw: bytes, special: str) -> bool:
        """Files a copy in the folder for `special` (``\\Sent``, ``\\Drafts``) unless it is there already.

        True when the copy is there now, False when the account has no such folder.
        """
        return self.file_all((raw,), special)

    def file_all(self, raws: Sequence[bytes], special: str) -> bool:
        """The same for several copies at once."""
        wanted = copies.by_id(raws)
        if wanted is None:
            raise MailboxError(f"{self._where}: a copy without a usable Message-ID cannot be filed.", retry=False)
        folder = self._folder_for(special)
        if folder is None:
            return False
        with self._link.asking(f'filing a copy in "{folder}"') as client:
            client.select_folder(folder, readonly=True)
            rows = _headers(client, answered.searches([*wanted], ("Message-ID",)))
            copies.append(client, folder, wanted, answered.bearing(rows, [*wanted]), special)
        self._same_folder()
        return True

    def answered(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of these messages that a person has answered: the answer lies in the Sent folder.

        Our own automatic copies do not count. An identifier with other than plain characters is not asked about.
        """
        plain = answered.askable(ids)
        if plain:
            self._read_sent()
        return self._sent.answers(plain)

    def drafts_left(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of these Message-IDs that still lie in the Drafts folder, not marked as deleted.

        An account without such a folder raises MailboxError: nobody knows then.
        """
        plain = answered.askable(keys)
        with self._inside(folders.DRAFTS, bool(plain)) as client:
            if plain and client is None:
                raise MailboxError(
                    f"{self._where}: it has no folder for drafts. Make one, or use trust send.", retry=False
                )
            rows = _headers(client, answered.searches(plain, ("Message-ID",)), "UNDELETED") if client else {}
        return answered.bearing(rows, plain)

    def sent_answer(self, message_id: str) -> bytes | None:
        """The newest mail in the Sent folder that answers this message; a person's before an automatic one.

        Its header and the beginning of its text; None when there is none. Without a Sent folder: MailboxError.
        """
        plain = answered.askable([message_id])
        with self._inside(folders.SENT, bool(plain)) as client:
            if plain and client is None:
                raise MailboxError(
                    f"{self._where}: it has no folder for sent mail, so nobody sees answers.", retry=False
                )
            uid = answered.newest(_headers(client, answered.searches(plain)), message_id) if client else None
            row = client.fetch([uid], list(ANSWERED)).get(uid, {}) if client and uid else {}
        return bytes_of(row, HEAD) + bytes_of(row, TEXT) or None

    def idle(self) -> bool:
        """Waits in IDLE until the next question, where the server has it; False when something is new already.

        Asks once more before: what came after the last look was perhaps announced during another question.
        """
        link = self._ready()
        if not link.takes_idle:
            return True
        with link.asking("looking before waiting") as client:
            news = idle.newer(client, min(self._last, LAST_UID - 1))
        return not news and link.wait()

    def heard(self) -> bool:
        """Whether what just came on `fileno` is a reason to look. Never waits."""
        return self._link.heard()

    def fileno(self) -> int | None:
        """The socket that tells of news while the mailbox waits in IDLE; None when it does not."""
        return self._link.fileno

    def abort(self) -> None:
        """Ends the question that another thread is asking; it raises MailboxError there."""
        self._link.abort()

    def close(self) -> None:
        """Signs out. Never raises."""
        self._link.close()

    def _read_sent(self) -> None:
        """What is new in the Sent folder."""
        folder = self._folder_for(folders.SENT)
        if folder is None or self._sent.current(self._status(folder)):
            return
        try:
            with self._link.asking(f'looking into "{folder}"') as client:
                client.select_folder(folder, readonly=True)
                uids = self._sent.unread(client.search(f"UID {min(self._sent.after + 1, LAST_UID)}:*"))
                for start in range(0, len(uids), BATCH):
                    self._sent.learn(client.fetch(uids[start : start + BATCH], [answered.FIELDS]))
        except MailboxError:
            self._sent.forget()
            raise
        self._same_folder()

    def _status(self, folder: str) -> Row:
        with self._link.asking(f'looking into "{folder}"') as client:
            answer: Row = client.folder_status(folder, ["UIDNEXT", "UIDVALIDITY"])
        return answer

    def _folder_for(self, special: str) -> str | None:
        """The account's folder for this; None where there is none."""
        with self._ready().asking("listing the folders") as client:
            return folders.choose(client.list_folders(), special)

    @contextmanager
    def _inside(self, special: str, wanted: bool) -> Iterator[IMAPClient | None]:
        """With another folder open for reading, None where there is none; then the inbox is open again."""
        if not wanted:
            yield None
            return
        folder = self._folder_for(special)
        if folder is None:
            yield None
            return
        with self._link.asking(f'looking into "{folder}"') as client:
            client.select_folder(folder, readonly=True)
            yield client
        self._same_folder()

    @property
    def _where(self) -> str:
        return self._link.account.where

    def _ready(self) -> Link:
        """The link with the folder selected. After a lost connection the folder must still be the same one."""
        if not self._link.up:
            self._same_folder()
        return self._link

    def _same_folder(self) -> None:
        validity = self._select()
        if self._uidvalidity not in (0, validity):
            self._link.drop()
            raise MailboxError(f"{self._where}: the folder was rebuilt while it was in use. It is read again.")
        self._uidvalidity = validity

    def _select(self) -> int:
        answer = self._selected()
        validity = answer.get(b"UIDVALIDITY")
        if not isinstance(validity, int) or validity <= 0:
            self._link.drop()
            raise MailboxError(
                f'{self._where}: the server gives folder "{self._folder}" no UIDVALIDITY, so messages cannot be told '
                "apart safely. It is not used; ask the provider.",
                retry=False,
            )
        return validity

    def _selected(self) -> Row:
        link = self._link
        try:
            with link.asking("opening the folder") as client:
                answer = _select_any(client, self._folder)
        except errors.RefusedError as error:
            raise MailboxError(
                f'{self._where}: folder "{self._folder}" cannot be opened ({errors.words(error.__cause__)}). '
                "Check that it exists and how it is spelled.",
                retry=False,
            ) from error
        self._keeps_keyword = _keeps(answer, self._keyword)
        following = answer.get(b"UIDNEXT")
        self.next_uid = following if isinstance(following, int) else 0
        return answer

    def _read(self, uids: Sequence[int]) -> Iterator[tuple[Arrival, ...]]:
        rows = self._fetch(uids, FIRST)
        rows = {uid: row for uid, row in rows.items() if has_bytes(row)}
        rows |= {uid: {} for uid in self._still_there([uid for uid in uids if uid not in rows])}
        for group in groups([uid for uid in uids if uid in rows], rows):
            whole = self._whole_bodies([uid for uid in group if is_cut(rows[uid])], rows)
            yield tuple(arrival_of(uid, self._uidvalidity, rows[uid], whole.get(uid), self._keyword) for uid in group)

    def _still_there(self, uids: Sequence[int]) -> frozenset[int]:
        """Of those that the server did not hand over: the ones that nobody has removed meanwhile."""
        if not uids:
            return frozenset()
        with self._ready().asking("looking what was removed") as client:
            client.noop()  # or it may go on listing what is gone (RFC 9051 section 7.5.1)
            found = client.search(f"UID {','.join(map(str, uids))}")
        return frozenset(map(int, found)).intersection(uids)

    def _whole_bodies(self, uids: Sequence[int], rows: Mapping[int, Row]) -> dict[int, bytes]:
        """The long ones once more, now only their text; messages built alike are asked for together."""
        trees: dict[int, pick.Part] = {}
        alike: dict[tuple[str, ...], list[int]] = {}
        for uid, row in self._fetch(uids, ("BODYSTRUCTURE",)).items():
            try:
                trees[uid] = pick.read(row.get(b"BODYSTRUCTURE"))
            except pick.StructureError:
                continue
            alike.setdefault(pick.sections(trees[uid]), []).append(uid)
        texts = {uid: row for items, group in alike.items() for uid, row in self._texts(group, items).items()}
        return {uid: pick.rebuild(bytes_of(rows[uid], HEAD), trees[uid], row) for uid, row in texts.items()}

    def _texts(self, uids: Sequence[int], items: tuple[str, ...]) -> dict[int, Row]:
        if not items:
            return {uid: {} for uid in uids}
        return {uid: row for uid, row in self._fetch(uids, items).items() if row}

    def _fetch(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, Row]:
        """One FETCH. Where the server cannot answer for all, one by one, so that one bad message stops no other.

        A message that is gone is left out, or has an empty row; one that cannot be fetched has an empty row.
        """
        if not uids:
            return {}
        try:
            with self._ready().asking("reading messages") as client:
                return dict(client.fetch(list(uids), list(items)))
        except errors.RefusedError as error:
            if len(uids) == 1:
                if isinstance(error, errors.FloodError):
                    raise
                return {uids[0]: {}}
        return {uid: row for single in uids for uid, row in self._fetch([single], items).items()}


def _headers(client: IMAPClient, searches: Iterable[Sequence[object]], *also: str) -> answered.Rows:
    """The fields that tell what answers what, of the newest mails that any of these searches finds."""
    found = {uid for criteria in searches for uid in client.search(answered.command([*also, *criteria]))}
    uids = sorted(found)[-MOST_FOUND:]
    rows: dict[int, Row] = {}
    for start in range(0, len(uids), BATCH):
        rows.update(client.fetch(uids[start : start + BATCH], [answered.FIELDS]))
    return rows


def _select_any(client: IMAPClient, folder: str) -> Row:
    """Read-write where the server allows it; else read-only, and then without a keyword."""
    client.normalise_times = False
    try:
        answer: Row = client.select_folder(folder)
    except client.ReadOnlyError:
        answer = {**client.select_folder(folder, readonly=True), b"READ-ONLY": True}
    return answer


def _keeps(answer: Row, keyword: str) -> bool:
    """Whether PERMANENTFLAGS lets this keyword stay; a server that sends none keeps all (RFC 3501 section 7.1)."""
    permanent = answer.get(b"PERMANENTFLAGS")
    if b"READ-ONLY" in answer:
        return False
    if not isinstance(permanent, tuple):
        return True
    return rb"\*" in permanent or keyword.lower().encode() in {flag.lower() for flag in permanent}
