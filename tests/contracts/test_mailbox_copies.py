"""Several copies filed in one go, against two real servers (Dovecot has MULTIAPPEND), and one without it."""

import pytest

from tests.contracts.test_mailbox_contract import mail
from tests.servers import CAPABILITIES, ImapAccount, ScriptedImap, Talk, scripted_imap
from vamaild.core.ledger import MailboxError


@pytest.mark.parametrize(
    ("special", "folder", "flag"), [("\\Sent", "Sent", b"\\Seen"), ("\\Drafts", "Drafts", b"\\Draft")]
)
def test_copies_are_filed_together_and_each_once(imap: ImapAccount, special: str, folder: str, flag: bytes) -> None:
    box = imap.mailbox()
    box.open()
    assert box.file(mail(2), special)
    assert box.file_all([mail(1), mail(2), mail(3)], special)
    assert box.file_all([mail(3), mail(1)], special)
    found = imap.mails(folder)
    assert sorted(raw for _, raw in found.values()) == [mail(1), mail(2), mail(3)]
    assert all(flag in flags for flags, _ in found.values())
    assert box.file_all([mail(4)], special) and box.open() and list(box.arrivals(0)) == []
    box.close()


def test_one_without_a_usable_id_is_said(imap: ImapAccount) -> None:
    box = imap.mailbox()
    box.open()
    with pytest.raises(MailboxError, match="without a usable Message-ID"):
        box.file_all([mail(1), b"Subject: x\r\n\r\nx\r\n"], "\\Sent")
    assert imap.mails("Sent") == {}
    box.close()


def talking(seen: list[bytes]):  # type: ignore[no-untyped-def]
    """A server that lists a Sent folder and takes literals."""

    def answer(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool | None:
        if command == b"LIST":
            talk.send(b'* LIST (\\Sent) "/" Sent\r\n' + tag + b" OK done\r\n")
            return True
        if command == b"UID" and arguments.upper().startswith(b"SEARCH"):
            talk.send(b"* SEARCH\r\n" + tag + b" OK done\r\n")
            return True
        if command != b"APPEND":
            return None
        rest, count = arguments, 0
        while rest.endswith(b"}"):
            size = int(rest.rpartition(b"{")[2].strip(b"+}"))
            if not rest.endswith(b"+}"):
                talk.send(b"+ go on\r\n")
            talk.lines.read(size)
            rest, count = talk.lines.readline().rstrip(b"\r\n"), count + 1
        seen.append(b"APPEND %d" % count)
        talk.send(tag + b" OK done\r\n")
        return True

    return answer


@pytest.mark.parametrize(
    ("capabilities", "appended"),
    [
        (CAPABILITIES, [b"APPEND 1", b"APPEND 1", b"APPEND 1"]),
        (CAPABILITIES + b" MULTIAPPEND", [b"APPEND 3"]),
        (CAPABILITIES + b" MULTIAPPEND LITERAL+", [b"APPEND 3"]),
    ],
)
def test_in_one_command_where_the_server_can(capabilities: bytes, appended: list[bytes]) -> None:
    seen: list[bytes] = []
    with scripted_imap(talking(seen), capabilities=capabilities) as server:
        box = ScriptedImap.mailbox(server)
        box.open()
        assert box.file_all([mail(1), mail(2), mail(3)], "\\Sent")
        box.close()
    assert seen == appended
