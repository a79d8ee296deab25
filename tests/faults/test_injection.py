"""Fault 17: nothing a sender, or a folder, is called becomes a command. What goes over the wire is recorded.

Against real servers; the recording is of the bytes that imapclient hands to the socket.
"""

import imaplib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.faults.behind import behind
from tests.make import mail
from tests.servers import Dovecot, ImapAccount
from tests.system.world import NOW, PEOPLE, raw
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.egress import inspect
from vamaild.core.ledger import MailboxError
from vamaild.core.letter import Envelope, Letter, clean, to_bytes

pytestmark = pytest.mark.slow

NASTY = [
    '<a"\r\nX1 LOGOUT@x.example>',
    "<a\r\nX1 DELETE INBOX@x>", "<a\nX1 LOGOUT\n@x>", '<">', "<{5}@x>", "<{5}\r\nhello@x>",
    "<a b@x>", "<%@x>", "<\\@x>", "<(ALL)@x>", "<a\0b@x>", "<ě@x>", "<" + "a" * 5_000 + "@x>", "<a] OR ALL@x>",
]  # fmt: skip
OURS = re.compile(
    rb"[A-Z0-9]+ (?:CAPABILITY|STARTTLS|LOGIN|AUTHENTICATE|ID|NOOP|LOGOUT|DONE|IDLE|NAMESPACE|ENABLE"
    rb"|LIST|STATUS|SELECT|EXAMINE|APPEND|UID (?:SEARCH|FETCH|STORE))\b"
)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[bytearray]:
    """Everything that is sent from now on."""
    sent, plain = bytearray(), imaplib.IMAP4.send

    def record(self: imaplib.IMAP4, data: bytes) -> None:
        sent.extend(data)
        plain(self, data)

    monkeypatch.setattr(imaplib.IMAP4, "send", record)
    for kind in vars(imaplib).values():
        if isinstance(kind, type) and issubclass(kind, imaplib.IMAP4) and "send" in vars(kind):
            monkeypatch.setattr(kind, "send", record)
    yield sent


def commands(sent: bytearray) -> list[bytes]:
    """The lines, without what literals hold."""
    found, rest, begun = [], bytes(sent), b""
    while rest:
        line, _, rest = rest.partition(b"\r\n")
        if literal := re.search(rb"\{(\d+)\+?\}$", line):
            rest = rest[int(literal[1]) :]
            begun += line
        else:
            found.append(begun + line)
            begun = b""
    return [line for line in found if line]


@pytest.mark.parametrize("nasty", NASTY, ids=lambda text: repr(text)[:30])
def test_17_a_message_id_is_no_command(dovecot: ImapAccount, wire: bytearray, nasty: str) -> None:
    box = dovecot.mailbox()
    dovecot.deliver(b"From: a@b.cz\r\nMessage-ID: <good@x.example>\r\n\r\nciao\r\n")
    box.open()
    del wire[:]
    for ask in (box.answered, box.drafts_left):
        try:
            assert ask([nasty]) == frozenset()
        except MailboxError as error:
            assert "folder for drafts" in str(error)
    with pytest.raises(MailboxError):
        box.file(f"Message-ID: {nasty}\r\n\r\nx\r\n".encode(), r"\Sent")
    try:
        assert box.sent_answer(nasty) is None
    except MailboxError as error:
        assert "folder for sent mail" in str(error)
    assert [line for line in commands(wire) if not OURS.match(line)] == []
    assert nasty.encode()[:20] not in bytes(wire)
    box.open()
    assert len(box.uids(1_000)) == 1
    box.close()


@pytest.mark.dovecot
@pytest.mark.timeout(300)
def test_17_the_whole_program_says_its_own_commands_and_nothing_else(
    dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path
) -> None:
    """Mail that is all commands is read, answered and filed; the proxy writes down what goes to the server."""
    evil = "X9 DELETE INBOX"
    with behind(dovecot_server, post_office, tmp_path) as box:
        for number, nasty in enumerate(NASTY):
            fields = {
                "Message-ID": nasty,
                "References": nasty,
                "Subject": f'a"\r\n {evil} {{5}}',
                "X-Y": f"{{5}}\r\n {evil}",
            }
            mail = raw(f"{evil}\r\n{{5}}\r\nMi mandi il listino {number}?", sender=PEOPLE[number], headers=fields)
            box.world.imap.deliver(mail.replace(b"\0", b"\1"), when=NOW)  # APPEND takes no NUL
        assert box.world.once().code == 0
        spoken = commands(box.proxy.heard)
        assert len(box.answered()) > len(NASTY) / 2
        assert len(box.world.imap.mails("Sent")) == len(box.answered())
    credentials = [line for line in spoken if re.fullmatch(rb"[A-Za-z0-9+/]+=*", line)]
    assert [line for line in spoken if not OURS.match(line)] == credentials
    assert len(credentials) == 1
    assert not [line for line in spoken if evil.encode() in line or b"{5}" in line]


@pytest.mark.parametrize("name", ['Sent "Items"', "Inviata & altro", "Sent\\x", "Odeslaná {5}", "Sent %*", "(a)"])
def test_17_a_folder_is_called_what_it_is_called(dovecot: ImapAccount, wire: bytearray, name: str) -> None:
    with dovecot.client() as client:
        try:
            client.create_folder(name)
        except client.Error:
            pytest.skip(f"the server takes no folder of this name: {name}")
    dovecot.deliver(b"From: a@b.cz\r\n\r\nciao\r\n", folder=name)
    box = dovecot.mailbox(folder=name)
    box.open()
    del wire[:]  # what came before holds the password
    box.open()
    (batch,) = box.arrivals(0)
    assert batch[0].raw.endswith(b"ciao\r\n")
    assert [line for line in commands(wire) if not OURS.match(line)] == []
    box.close()


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: b@c.cz", "a\nX: y", "=?utf-8?q?a=0D=0ABcc:_v=40x?=", "a\0b", "a\u2028b", "\udce8"]
)
@pytest.mark.parametrize("message_id", ["", "<m@x>", NASTY[0], NASTY[1], "<ok@x>\r\nBcc: b@c.cz"])
def test_49_a_reply_has_only_headers_of_ours(subject: str, message_id: str) -> None:
    """Whatever the incoming message is called: built, read back, and looked at as bytes."""
    incoming = mail(subject=subject, message_id=message_id)
    to = "carla@customer.example"
    addressed = Envelope(
        "Giulia", "va@va.example", to, "<k@va.example>", incoming.message_id, (incoming.message_id,), "it"
    )
    try:
        raw = to_bytes(Letter(f"Re: {clean(incoming.subject, 120)}", "Ciao.\n.\n"), addressed, incoming.received)
    except ValueError:
        return  # refused is safe
    found = message_from_bytes(raw, policy=policy.SMTP)
    assert "bcc" not in {name.lower() for name in found}
    assert "x" not in {name.lower() for name in found}
    assert inspect(raw, to, ()) == ""
    assert b"\n" not in raw.replace(b"\r\n", b"")
