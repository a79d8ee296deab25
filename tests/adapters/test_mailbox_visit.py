"""A look around a mailbox, on pymap and on Dovecot: it sees what is there and changes nothing."""

from datetime import UTC, date, datetime

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.mailbox.visit import since, visit
from vamaild.core.ledger import MailboxError

WHEN = datetime(2024, 11, 26, 10, 40, tzinfo=UTC)


def mail(sender: str) -> bytes:
    return f"From: {sender}\r\nTo: a@b.example\r\nSubject: x\r\n\r\nCiao\r\n".encode()


def test_what_is_there(imap: ImapAccount) -> None:
    mailbox = imap.mailbox()
    empty = visit(mailbox)
    assert (empty.messages, empty.newest, empty.idle, empty.drafts, empty.sent) == (0, None, True, "Drafts", "Sent")
    assert empty.tls == ("TLS 1.3" if imap.tls == "implicit" else "")
    imap.deliver(mail("a@x.example"), mail("b@x.example"), when=WHEN)
    seen = visit(mailbox)
    assert (seen.messages, seen.newest, seen.next_uid - empty.next_uid) == (2, WHEN, 2)
    assert {uid: set(flags) - {rb"\Recent"} for uid, (flags, _) in imap.mails().items()} == {
        seen.next_uid - 2: set(), seen.next_uid - 1: set(),
    }  # fmt: skip
    mailbox.close()


def test_what_came_from_somebody(imap: ImapAccount) -> None:
    mailbox = imap.mailbox()
    imap.deliver(mail("a@x.example"), mail("b@x.example"), when=WHEN)
    last = visit(mailbox).next_uid - 1
    assert since(mailbox, "b@x.example", date(2024, 11, 20)) == (last,)
    assert since(mailbox, "b@x.example", date(2024, 11, 28)) == ()
    mailbox.close()


def test_a_wrong_password_is_a_sentence(pymap: ImapAccount) -> None:
    with pytest.raises(MailboxError, match="wrong user or password"):
        visit(pymap.mailbox(password="no"))
