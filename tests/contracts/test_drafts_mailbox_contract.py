"""What every mailbox tells of drafts and answers: in memory, on pymap, and on Dovecot over TLS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.memory_mailbox import MemoryMailbox
from tests.servers import ImapAccount, Talk, scripted_imap
from vamaild.core.ledger import Mailbox, MailboxError

NAMES = {"Sent": "\\Sent", "Drafts": "\\Drafts"}
FIRST, SECOND = "<m1@example.org>", "<m2@example.org>"


@dataclass
class Desk:
    """A mailbox, and somebody's mail program beside it."""

    mailbox: Mailbox
    put: Callable[[str, bytes], None]
    throw_away: Callable[[str, str], None]


@pytest.fixture(params=["memory", "pymap", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made = _in_memory() if request.param == "memory" else _on_a_server(request.getfixturevalue(request.param))
    made.mailbox.open()
    yield made
    made.mailbox.close()


def _in_memory() -> Desk:
    box = MemoryMailbox()

    def throw_away(folder: str, key: str) -> None:
        box.folders[NAMES[folder]] = [raw for raw in box.folders[NAMES[folder]] if key.encode() not in raw]

    return Desk(box, lambda folder, raw: box.folders[NAMES[folder]].append(raw), throw_away)


def _on_a_server(account: ImapAccount) -> Desk:
    def throw_away(folder: str, key: str) -> None:
        with account.client(folder) as client:
            client.delete_messages(client.search(["HEADER", "Message-ID", key]))
            client.expunge()

    return Desk(account.mailbox(), lambda folder, raw: account.deliver(raw, folder=folder), throw_away)


def mail(number: int, text: str = "Ciao.", **fields: str) -> bytes:
    head = {"From": "Giulia <va@example.org>", "Message-ID": f"<k{number}@va.example>"} | fields
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
    return f"{lines}\r\n{text}\r\n".encode()


def test_which_drafts_are_left(desk: Desk) -> None:
    keys = [f"<k{n}@va.example>" for n in range(30)]
    for number in range(0, 30, 2):
        assert desk.mailbox.file(mail(number), "\\Drafts")
    assert desk.mailbox.drafts_left(keys) == frozenset(keys[::2])
    desk.throw_away("Drafts", keys[4])
    assert desk.mailbox.drafts_left(keys) == frozenset(keys[::2]) - {keys[4]}
    assert desk.mailbox.drafts_left(["<k@va.example>", "<4@va.example>"]) == frozenset(), "a part of one is none"
    assert desk.mailbox.drafts_left([]) == frozenset()


@pytest.mark.parametrize("hostile", ['<a"b@x>', "<a\r\nX1 LOGOUT@x>", "<è@x>", "<a{3}@x>", "", "x"])
def test_nothing_odd_is_asked(desk: Desk, hostile: str) -> None:
    assert desk.mailbox.drafts_left([hostile]) == frozenset()
    assert desk.mailbox.sent_answer(hostile) is None
    assert desk.mailbox.answered([hostile]) == frozenset()


def test_the_newest_answer_of_a_person(desk: Desk) -> None:
    assert desk.mailbox.sent_answer(FIRST) is None
    desk.put("Sent", mail(1, "Prima.", In_Reply_To=FIRST))
    desk.put("Sent", mail(2, "Seconda.", In_Reply_To=FIRST))
    desk.put("Sent", mail(3, "Automatica.", In_Reply_To=FIRST, Auto_Submitted="auto-replied"))
    desk.put("Sent", mail(4, "Altro.", In_Reply_To=SECOND))
    assert desk.mailbox.sent_answer(FIRST) == mail(2, "Seconda.", In_Reply_To=FIRST)
    assert desk.mailbox.sent_answer("<m@example.org>") is None, "a part of an identifier is none"


def test_only_an_automatic_answer(desk: Desk) -> None:
    ours = mail(3, "Automatica.", In_Reply_To=FIRST, Auto_Submitted="auto-replied")
    desk.put("Sent", ours)
    assert desk.mailbox.sent_answer(FIRST) == ours
    assert desk.mailbox.answered([FIRST]) == frozenset()


def test_who_answers_a_later_message_has_answered_the_thread(desk: Desk) -> None:
    desk.put("Sent", mail(1, In_Reply_To=SECOND, References=f"<m0@example.org>\r\n {FIRST} {SECOND}"))
    assert desk.mailbox.answered([FIRST, SECOND, "<m3@example.org>"]) == {FIRST, SECOND}
    assert desk.mailbox.sent_answer(FIRST)


def test_who_hands_a_message_on_has_answered_nobody(desk: Desk) -> None:
    desk.put("Sent", mail(1, References=FIRST, X_Forwarded_Message_Id=FIRST))
    assert desk.mailbox.answered([FIRST]) == frozenset()
    assert desk.mailbox.sent_answer(FIRST) is None


def test_a_long_answer_is_read_from_its_beginning(desk: Desk) -> None:
    desk.put("Sent", mail(1, "Eccola.\r\n" + "riga\r\n" * 60_000, In_Reply_To=FIRST))
    found = desk.mailbox.sent_answer(FIRST)
    assert found is not None
    assert b"Eccola." in found


def test_the_inbox_is_open_again(imap: ImapAccount) -> None:
    imap.deliver(mail(9))
    box = imap.mailbox()
    box.open()
    box.drafts_left([FIRST])
    box.sent_answer(FIRST)
    assert len([a for batch in box.arrivals(0) for a in batch]) == 1
    box.close()


@pytest.mark.dovecot
def test_what_is_marked_as_deleted_is_gone(dovecot: ImapAccount) -> None:
    box = dovecot.mailbox()
    box.open()
    box.file(mail(1), "\\Drafts")
    with dovecot.client("Drafts") as client:
        client.delete_messages(client.search())
    assert box.drafts_left(["<k1@va.example>"]) == frozenset()
    box.close()


@pytest.mark.parametrize(
    ("listed", "folder"),
    [
        (rb'* LIST (\HasNoChildren) "/" "Bozze"', b"Bozze"),
        (rb'* LIST (\HasNoChildren) "." "INBOX.Koncepty"', b"INBOX.Koncepty"),
        (rb'* LIST (\HasNoChildren \Drafts) "/" "[Gmail]/Entwuerfe"', b"[Gmail]/Entwuerfe"),
    ],
)
def test_the_folder_is_found_by_what_it_is_for_or_by_its_name(listed: bytes, folder: bytes) -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"LIST":
            talk.send(rb'* LIST () "/" "INBOX"' + b"\r\n" + listed + b"\r\n" + tag + b" OK done\r\n")
        elif command == b"UID":
            talk.send(b"* SEARCH\r\n" + tag + b" OK done\r\n")
        return command in (b"LIST", b"UID")

    with scripted_imap(answer) as server:
        box = server.mailbox()
        box.open()
        assert box.drafts_left(["<k1@va.example>"]) == frozenset()
        wire = b"".join(server.wire)
    assert b'EXAMINE "' + folder + b'"' in wire
    assert b"UNDELETED HEADER Message-ID" in wire


def test_without_a_folder_nobody_knows_and_none_is_made() -> None:
    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"LIST":
            talk.send(rb'* LIST () "/" "INBOX"' + b"\r\n" + tag + b" OK done\r\n")
        return command == b"LIST"

    with scripted_imap(answer) as server:
        box = server.mailbox()
        box.open()
        assert box.file(mail(1), "\\Drafts") is False
        for ask in (lambda: box.drafts_left([FIRST]), lambda: box.sent_answer(FIRST)):
            with pytest.raises(MailboxError, match="has no folder for") as caught:
                ask()
            assert caught.value.retry is False
        assert box.answered([FIRST]) == frozenset()
        assert not any(b"CREATE" in line or b"APPEND" in line for line in server.wire)


def test_the_one_in_memory_says_the_same() -> None:
    for folder in NAMES.values():
        box = MemoryMailbox(without=folder)
        assert box.file(mail(1), folder) is False
        with pytest.raises(MailboxError):
            box.drafts_left([FIRST]) if folder == "\\Drafts" else box.sent_answer(FIRST)
