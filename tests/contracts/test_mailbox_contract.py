"""What every `Mailbox` does, against two real servers: pymap (in memory, no TLS) and Dovecot (Maildir, TLS)."""

from datetime import UTC, datetime

import pytest

from tests.servers import ImapAccount
from vamaild.adapters.mime import MimeReader
from vamaild.core.ledger import MailboxError

KEYWORD = b"$vamaild"


def mail(number: int = 1, body: str = "Mi serve per stasera.") -> bytes:
    head = f"From: Anna <anna@example.org>\r\nSubject: prova {number}\r\nMessage-ID: <m{number}@example.org>\r\n"
    return f"{head}\r\n{body}\r\n".encode()


def multipart(*parts: str) -> bytes:
    inner = "".join(f"--XX\r\n{part}\r\n" for part in parts)
    head = "From: anna@example.org\r\nSubject: allegati\r\nMessage-ID: <big@example.org>\r\nMIME-Version: 1.0\r\n"
    return f'{head}Content-Type: multipart/mixed; boundary="XX"\r\n\r\n{inner}--XX--\r\n'.encode()


def attachment(name: str, size: int) -> str:
    head = f'Content-Type: application/pdf; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return (
        f"{head}Content-Transfer-Encoding: base64\r\n\r\n"
        + "QUFB" * 19
        + "\r\n"
        + ("QUJD" * 19 + "\r\n") * (size // 78)
    )


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n"


def test_what_arrived_is_read_in_order_and_stays_unread(imap: ImapAccount) -> None:
    imap.deliver(*(mail(n) for n in range(1, 4)))
    box = imap.mailbox()
    validity = box.open()
    batches = list(box.arrivals(0))
    arrivals = [arrival for batch in batches for arrival in batch]
    assert [a.raw for a in arrivals] == [mail(n) for n in range(1, 4)]
    assert [a.uid for a in arrivals] == sorted(a.uid for a in arrivals)
    assert all(a.uidvalidity == validity and a.size == len(mail(1)) and not a.problem for a in arrivals)
    assert all(b"\\Seen" not in flags for flags, _ in imap.mails().values())
    box.close()


def test_only_what_is_newer_is_read(imap: ImapAccount) -> None:
    imap.deliver(mail(1), mail(2))
    box = imap.mailbox()
    box.open()
    first, second = (a.uid for batch in box.arrivals(0) for a in batch)
    assert [a.uid for batch in box.arrivals(first) for a in batch] == [second]
    assert list(box.arrivals(second)) == []  # "n:*" names the last message all the same
    assert list(box.arrivals(4_294_967_295)) == []
    box.close()


def test_a_backlog_comes_in_batches(imap: ImapAccount) -> None:
    imap.deliver(*(mail(n) for n in range(230)))
    box = imap.mailbox()
    assert [len(batch) for batch in box.arrivals(0)] == [200, 30]
    box.close()


def test_the_moment_of_arrival_is_aware(imap: ImapAccount) -> None:
    when = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    imap.deliver(mail(), when=when)
    box = imap.mailbox()
    (arrival,) = next(box.arrivals(0))
    assert arrival.received == when
    assert arrival.received.tzinfo is not None
    box.close()


def test_the_keyword_is_set_and_nothing_else(imap: ImapAccount) -> None:
    imap.deliver(mail(1), mail(2))
    box = imap.mailbox()
    box.open()
    uids = [a.uid for a in next(box.arrivals(0))]
    assert box.mark([uids[0]]) is True
    flags = {uid: set(flags) - {b"\\Recent"} for uid, (flags, _) in imap.mails().items()}
    assert flags == {uids[0]: {KEYWORD}, uids[1]: set()}
    assert box.mark([]) is True
    box.close()


def test_one_message(imap: ImapAccount) -> None:
    imap.deliver(mail(7))
    box = imap.mailbox()
    (arrival,) = next(box.arrivals(0))
    assert box.one(arrival.uid) == arrival
    assert box.one(arrival.uid + 5) is None
    box.close()


@pytest.mark.parametrize(
    ("special", "folder", "flag"), [("\\Sent", "Sent", b"\\Seen"), ("\\Drafts", "Drafts", b"\\Draft")]
)
def test_a_copy_is_filed_once(imap: ImapAccount, special: str, folder: str, flag: bytes) -> None:
    imap.deliver(mail(1))
    box = imap.mailbox()
    box.open()
    copy = mail(99, "Ciao, entro venerdì.")
    assert box.file(copy, special) is True
    assert box.file(copy, special) is True
    ((flags, raw),) = imap.mails(folder).values()
    assert raw == copy
    assert flag in flags
    assert [a.raw for a in next(box.arrivals(0))] == [mail(1)]  # and the inbox is selected again
    box.close()


def answer(to: str, number: int = 50, **more: str) -> bytes:
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    return f"In-Reply-To: {to}\r\n{fields}".encode() + mail(number)


def test_a_person_s_answer_in_sent_is_found(imap: ImapAccount) -> None:
    imap.deliver(*(mail(n) for n in range(1, 30)))
    ids = [f"<m{n}@example.org>" for n in range(1, 30)]
    long = f"<{'x' * 200}@example.org>"
    mails = [answer(ids[0]), answer(ids[24]), answer(ids[2], Auto_Submitted="auto-replied"), answer(f"\r\n {long}")]
    imap.deliver(*mails, answer(ids[3], Auto_Submitted="no"), answer("<xm5@example.org>"), folder="Sent")
    imap.deliver(answer(ids[5]))
    box = imap.mailbox()
    box.open()
    assert box.answered([*ids, long]) == {ids[0], ids[24], ids[3], long}
    assert box.answered([ids[1]]) == box.answered([]) == frozenset()
    assert len([a for batch in box.arrivals(0) for a in batch]) == 30, "the inbox is selected again"
    box.close()


@pytest.mark.parametrize(
    "hostile",
    ['<a"b@x>', "<a\\b@x>", "<a\r\nb@x>", "<è@x>", "<a{3}@x>", "<a%b@x>", "<>", "", "x", "<a b@x>", "<a(b)@x>"],
)
def test_a_message_id_with_odd_characters_is_not_asked_about(imap: ImapAccount, hostile: str) -> None:
    box = imap.mailbox()
    box.open()
    assert box.answered([hostile]) == frozenset()
    box.close()


def test_a_copy_without_a_safe_message_id_is_refused(imap: ImapAccount) -> None:
    box = imap.mailbox()
    with pytest.raises(MailboxError, match="Message-ID") as caught:
        box.file(mail().replace(b"<m1@", b'<m"1@'), "\\Sent")
    assert caught.value.retry is False
    box.close()


def test_a_long_text_comes_whole_and_attachments_empty(imap: ImapAccount) -> None:
    words = "Parola dopo parola, riga dopo riga.\r\n" * 2500
    raw = multipart(TEXT + words, attachment("preventivo.pdf", 300_000), TEXT + "mi serve subito\r\n")
    imap.deliver(raw)
    box = imap.mailbox()
    (arrival,) = next(box.arrivals(0))
    assert arrival.size == len(raw)
    assert len(arrival.raw) < len(words) + 3000
    assert b"QUJD" not in arrival.raw
    assert arrival.raw.startswith(raw[: raw.index(b"\r\n\r\n")])
    message = MimeReader(lambda page: (page, "")).read(arrival)
    assert message.text.count("Parola dopo parola") == 2500
    assert message.text.endswith("mi serve subito")
    assert message.attachments == ("preventivo.pdf",)
    assert message.doubts == ()
    box.close()


def test_a_forwarded_mail_behind_an_attachment_is_read(imap: ImapAccount) -> None:
    inner = "From: cliente@example.net\r\nSubject: guasto\r\nMessage-ID: <in@x>\r\n\r\nIl sito non funziona.\r\n"
    forward = "Content-Type: message/rfc822\r\n\r\n" + inner
    imap.deliver(multipart(TEXT + "Te lo inoltro", attachment("foto.pdf", 60_000), forward))
    box = imap.mailbox()
    (arrival,) = next(box.arrivals(0))
    message = MimeReader(lambda page: (page, "")).read(arrival)
    assert message.text.strip() == "Te lo inoltro"
    assert message.forwarded is not None
    assert message.forwarded.from_ == ("cliente@example.net",)
    assert message.forwarded.text.strip() == "Il sito non funziona."
    box.close()


def test_a_single_long_text_is_cut_at_256_kb(imap: ImapAccount) -> None:
    raw = mail(1, "riga\r\n" * 100_000)
    imap.deliver(raw)
    box = imap.mailbox()
    (arrival,) = next(box.arrivals(0))
    assert arrival.size == len(raw)
    assert 262_144 <= len(arrival.raw) < 264_000
    assert raw.startswith(arrival.raw)
    box.close()


def test_a_huge_header_is_a_problem_and_stops_nobody(imap: ImapAccount) -> None:
    huge = b"X-Fill: " + b"a" * 70 + b"\r\n"
    imap.deliver(b"From: a@b.cz\r\n" + huge * 5_000 + mail(1), mail(2))
    box = imap.mailbox()
    first, second = next(box.arrivals(0))
    assert "header is too large" in first.problem
    assert len(first.raw) <= 262_144
    assert second.raw == mail(2)
    box.close()


def test_a_message_that_vanishes_is_left_out(imap: ImapAccount) -> None:
    imap.deliver(mail(1), mail(2))
    box = imap.mailbox()
    box.open()
    uids = [a.uid for a in next(box.arrivals(0))]
    with imap.client() as other:
        other.delete_messages([uids[0]])
        other.expunge()
    box.open()
    assert [a.uid for a in next(box.arrivals(0))] == [uids[1]]
    assert box.mark(uids) is True  # marking what is gone is no error
    box.close()


def test_a_closed_mailbox_opens_again(imap: ImapAccount) -> None:
    imap.deliver(mail(1))
    box = imap.mailbox()
    validity = box.open()
    box.close()
    box.close()
    assert box.open() == validity
    assert len(next(box.arrivals(0))) == 1
    box.close()


def test_a_wrong_password_is_said_plainly(imap: ImapAccount) -> None:
    box = imap.mailbox(password="falsch")
    with pytest.raises(MailboxError, match="wrong user or password for") as caught:
        box.open()
    assert caught.value.retry is False
    assert "falsch" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said_plainly(imap: ImapAccount) -> None:
    box = imap.mailbox(folder="Nirgends")
    with pytest.raises(MailboxError, match='folder "Nirgends" cannot be opened') as caught:
        box.open()
    assert caught.value.retry is False
    box.close()
