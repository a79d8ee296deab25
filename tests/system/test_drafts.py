"""The life of drafts on real mail servers: filed, edited and sent by hand, thrown away, and what is learned from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.make import ROME
from tests.office import ASSISTANT, Office, letter, parsed, trusting
from tests.servers import ImapAccount
from vamaild import drafts
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, State
from vamaild.core.ruleset import Trust
from vamaild.core.trust import Fate

NOW = datetime(2024, 11, 28, 10, 40, tzinfo=ROME)  # past, because Dovecot keeps no future INTERNALDATE
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Desk:
    """The service, and the assistant's mail program beside it."""

    office: Office
    account: ImapAccount

    def arrive(self, *mails: bytes) -> None:
        self.account.deliver(*mails, when=self.office.clock.now())
        self.office.look()

    def drafts(self) -> dict[int, tuple[tuple[bytes, ...], bytes]]:
        return self.account.mails("Drafts")

    def send_by_hand(self, edit: tuple[str, str] = ("", ""), *, leave: bool = False) -> None:
        """Sends every draft, as a mail program does it: text and HTML, with her signature."""
        found = self.drafts()
        sent = [by_hand(parsed(raw), edit) for _, raw in found.values()]
        self.account.deliver(*sent, folder="Sent")
        if not leave:
            self.throw_away(*found)

    def throw_away(self, *uids: int) -> None:
        with self.account.client("Drafts") as client:
            client.delete_messages(list(uids) or client.search())
            client.expunge()

    def watch(self, after: timedelta = timedelta(minutes=5)) -> int:
        self.office.clock.advance(after)
        return drafts.watch(self.office.box, self.office.service)

    def fates(self) -> list[Fate]:
        return [f.fate for f in self.office.store.fates("acme", "ordinary", NOW - DAY)]


def by_hand(draft: EmailMessage, edit: tuple[str, str]) -> bytes:
    text = str(draft.get_content()).replace(*edit)
    mail = EmailMessage()
    for name in ("To", "Subject", "In-Reply-To", "References"):
        mail[name] = str(draft[name])
    mail["From"] = f"{ASSISTANT.name} <{ASSISTANT.email}>"
    mail["Message-ID"] = str(draft["Message-ID"]).replace("@", ".sent@")
    quotation = "\n\nIl giorno gio 28 nov 2024 alle 10:40 Carla <carla@customer.example> ha scritto:\n> Ciao\n"
    mail.set_content(f"{text}\n-- \nGiulia Ferri, tel. 051 123456{quotation}")
    mail.add_alternative(f"<p>{text}</p>", subtype="html")
    return mail.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def desk(imap: ImapAccount, tmp_path: Path) -> Iterator[Desk]:
    store = SqliteStore(tmp_path / "vamaild.db")
    box = imap.mailbox(name="inbox")
    yield Desk(Office(trusting(Trust.DRAFT), box, store, clock=MovingClock(NOW)), imap)
    box.close()
    store.close()


def people(count: int) -> list[bytes]:
    return [
        letter(n, f"Mi mandi il listino {'i' * n}?", sender=f"p{'x' * n}@c{n}.example") for n in range(1, count + 1)
    ]


@pytest.mark.slow
def test_filed_edited_sent_by_hand_and_recognised(desk: Desk) -> None:
    desk.arrive(letter())
    ((flags, raw),) = desk.drafts().values()
    assert rb"\Draft" in flags
    assert b"Auto-Submitted" not in raw
    assert desk.watch() == 0
    desk.send_by_hand(("in agenda", "in lista"))
    assert desk.watch() == 1
    assert desk.fates() == [Fate.EDITED]
    entry = desk.office.store.entry(1)
    assert entry
    assert (entry.outcome, desk.office.store.cases()) == (Outcome.ANSWERED, ())
    desk.office.clock.advance(HOUR)
    desk.arrive(letter(2, "Serve subito anche il catalogo!", subject="Re: x", References="<m1@customer.example>"))
    assert desk.drafts() == {}, "the thread is hers"
    assert [case.case.reason for case in desk.office.store.cases()] == ["answered"]
    assert len(desk.account.mails("Sent")) == 1


@pytest.mark.slow
def test_thrown_away(desk: Desk) -> None:
    desk.arrive(letter())
    desk.throw_away()
    assert [desk.watch(), desk.watch(23 * HOUR), desk.watch(HOUR)] == [0, 0, 1]
    assert desk.fates() == [Fate.DISCARDED]
    assert [item.state for item in desk.office.items()] == [State.STOPPED]
    assert desk.account.mails("Sent") == {}


@pytest.mark.slow
def test_twenty_sent_as_they_were_and_send_is_proposed(desk: Desk) -> None:
    desk.arrive(*people(20))
    assert len(desk.drafts()) == 20
    desk.send_by_hand()
    assert desk.watch() == 20
    assert set(desk.fates()) == {Fate.UNCHANGED}
    (note,) = desk.office.notes("note-trust")
    assert "vamaild client trust acme ordinary send" in str(note.get_content())
    assert len(desk.account.mails()) == 20, "the inbox is as it was"


@pytest.mark.slow
def test_a_mail_program_that_leaves_the_draft(desk: Desk) -> None:
    desk.arrive(*people(3))
    desk.send_by_hand(leave=True)
    assert desk.watch() == 3
    assert desk.fates() == [Fate.UNCHANGED] * 3
    assert len(desk.drafts()) == 3, "mail is never deleted"
    assert desk.watch() == 0


@pytest.mark.slow
def test_her_answer_in_the_grace_time(imap: ImapAccount, tmp_path: Path) -> None:
    store, box = SqliteStore(tmp_path / "vamaild.db"), imap.mailbox(name="inbox")
    office = Office(trusting(Trust.SEND), box, store, clock=MovingClock(NOW))
    imap.deliver(letter(1), letter(2, sender="dora@third.example"), when=NOW)
    office.look()
    imap.deliver(letter(9, sender=ASSISTANT.email, In_Reply_To="<m1@customer.example>"), folder="Sent")
    assert office.let_out() == 1
    assert [to for to, _ in office.post.mails] == ["dora@third.example"]
    box.close()
    store.close()
