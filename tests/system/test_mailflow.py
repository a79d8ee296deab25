"""The whole path: sixty messages of the labelled corpus come in, those that deserve it are answered, once.

The moment is one at which two principals are away (it-vac, en-vac) and the agreements of the others hold. Mailboxes in
languages without word lists are left out: what is hostile there cannot be known.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest

from tests.corpus.configure import client_file
from tests.servers import Dovecot, ImapAccount
from vamaild.adapters.demo.smtp import SmtpSink
from vamaild.core.cases import NoticeState
from vamaild.core.ledger import Outcome, State

from .world import ASSISTANT, CONTACT, KEYWORD, NOW, PEOPLE, ROME, World, assert_secret_kept, raw

CORPUS = Path(__file__).parents[1] / "corpus"
CONTEXTS = ("it-lead", "cs-lead", "en-lead", "it-vac", "en-vac")
AT = datetime(2026, 8, 18, 10, 0, tzinfo=ROME)
COUNT = 60
SILENT = ("automatic", "hostile")
FLOOR = 0.85
"""Of the requests that deserve a reply by their label, so many must get one: what is missing must be a few doubtful
senders and repeated texts that wait for a person, not a part of the rules that does not work."""
MOST_A_DAY = 3


@dataclass(frozen=True)
class Sample:
    """One message of the corpus, what people say about it, and who wrote it."""

    label: dict[str, str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def sender(self) -> str:
        return parseaddr(str(self.mail["From"]))[1].lower()

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"]).strip()


def samples() -> list[Sample]:
    labels = [json.loads(line) for line in (CORPUS / "triage" / "labels.jsonl").read_text().splitlines()]
    chosen = [label for label in labels if label["context"] in CONTEXTS][:COUNT]
    return [Sample(label, _wire((CORPUS / "triage" / label["file"]).read_bytes())) for label in chosen]


def _wire(data: bytes) -> bytes:
    """Line ends as they are in a mailbox."""
    return re.sub(rb"\r?\n", b"\r\n", data)


def clients() -> dict[str, str]:
    """The client files of the corpus; the principal who is away in Italy can be reached in an emergency."""
    contexts = json.loads((CORPUS / "triage" / "contexts.json").read_text(encoding="utf-8"))
    files = {f"client-{name}.toml": client_file(name, context) for name, context in contexts.items()}
    chain = '\n[escalation]\nchain = ["me", "petr"]\nme_first = "10m"\nack_within = "10m"\n'
    files["client-it-vac.toml"] += chain
    return files


@pytest.fixture
def office(each_world: World) -> World:
    """Sixty messages of the last hour, in the order in which people wrote them."""
    each_world.build(clients())
    with each_world.imap.client() as client:
        for number, sample in enumerate(samples()):
            client.append("INBOX", sample.raw, msg_time=AT - timedelta(minutes=COUNT - number))
    return each_world


@pytest.mark.slow
def test_sixty_messages_are_answered_once_and_nothing_else_is_touched(office: World) -> None:
    people_read(office)
    before = office.flags()
    texts = {uid: text for uid, (_, text) in office.imap.mails().items()}

    ran = office.once(AT)
    assert ran.code == 0, ran.said
    answered = office.replies()
    check_replies(answered)
    check_copies(office, answered)
    check_ledger(office)
    assert_secret_kept(*(mail.raw for mail in office.sink.mails), ran.said)
    assert {mail["To"] for mail in office.notices()} == {ASSISTANT}
    assert office.flags() == {uid: flags | {KEYWORD.encode()} for uid, flags in before.items()}

    again = office.once(AT + timedelta(minutes=2))
    assert again.code == 0, again.said
    assert len(office.replies()) == len(answered)
    assert not re.search(r"decided|sent ", again.out), again.out
    assert office.flags() == {uid: flags | {KEYWORD.encode()} for uid, flags in before.items()}
    assert {uid: text for uid, (_, text) in office.imap.mails().items()} == texts


def people_read(office: World) -> None:
    """Somebody has looked into the mailbox before: one message read, one flagged."""
    with office.imap.client() as client:
        first, second, *_ = sorted(client.search())
        client.add_flags([first], [rb"\Seen"])
        client.add_flags([second], [rb"\Flagged"])


def check_replies(replies: list[EmailMessage]) -> None:
    by_id = {sample.message_id: sample for sample in samples()}
    for reply in replies:
        sample = by_id.pop(str(reply["In-Reply-To"]))
        assert sample.label["kind"] not in SILENT, sample.label
        assert reply["To"] == sample.sender
        assert sample.message_id in str(reply["References"]).split()
    waiting = [s for s in samples() if s.label["action"] != "none" and s.label["kind"] != "emergency"]
    left = [s.label["file"] for s in waiting if s.message_id in by_id]
    assert len(left) <= len(waiting) * (1 - FLOOR), f"{len(left)} of {len(waiting)} requests got no answer: {left}"
    assert max(Counter(reply["To"] for reply in replies).values()) <= MOST_A_DAY


def check_copies(office: World, replies: list[EmailMessage]) -> None:
    """Headers and envelope of an automatic reply (RFC 3834), and the same bytes in the Sent folder."""
    for taken, mail in zip(office.sink.mails, office.sent(), strict=True):
        assert taken.sender == ""
        assert taken.recipients == (mail["To"],)
        assert mail["X-Auto-Response-Suppress"] == "All"
        assert mail["X-Loop"]
        assert not mail["Cc"]
        assert not mail["Bcc"]
        assert not list(mail.iter_attachments())
    assert all(reply["Precedence"] == "bulk" for reply in replies)
    filed = {raw for _, raw in office.imap.mails("Sent").values()}
    assert filed == {taken.raw for taken in office.sink.mails if b"auto-replied" in taken.raw}
    assert office.imap.mails("Drafts") == {}


def check_ledger(office: World) -> None:
    entries = office.entries()
    with office.ledger() as store:
        standing = store.standing(AT.replace(hour=0))
        told = [n for case in store.cases(everything=True) for n in store.notices(case.code)]
    assert standing.arrived == sum(standing.by_outcome.values()) == len(entries) == COUNT
    assert told
    assert {n.state for n in told} == {NoticeState.DELIVERED}
    assert set(standing.outbox) <= {State.SENT, State.STOPPED}, "a reply is stopped when the same person writes again"
    bundles = {n.bundle for n in told}  # several cases are told in one message
    assert standing.outbox[State.SENT] == len(office.sink.mails) - len(bundles)
    assert all(e.reason for e in entries.values() if e.outcome in (Outcome.NO_REPLY, Outcome.WAITING))


def test_a_contact_is_told_and_known_to_nobody_else(world: World) -> None:
    """Ten minutes without an answer: the chain goes on to the contact, whose address only his own mail bears."""
    world.imap.deliver(raw("Aiuto, si sta allagando il magazzino!"), when=NOW)
    said = [world.once(NOW + timedelta(minutes=minutes)).said for minutes in (1, 12)]
    first, second = world.notices()
    assert first["To"] == ASSISTANT
    assert second["To"] == CONTACT["email"]
    assert second["Message-ID"] != first["Message-ID"]
    to_others = [mail.raw for mail in world.sink.mails if mail.recipients != (CONTACT["email"],)]
    copies = [text for folder in ("INBOX", "Sent") for _, text in world.imap.mails(folder).values()]
    assert len(to_others) == 2
    assert_secret_kept(*to_others, *copies, *said)


def _doveadm(server: Dovecot, account: ImapAccount) -> None:
    server.doveadm("mailbox", "update", "-u", account.user, "--uid-validity", "1234567", "INBOX")


def _restored_without_indexes(server: Dovecot, account: ImapAccount) -> None:
    assert account.home is not None
    for path in (account.home / "Maildir").glob("dovecot*"):
        path.unlink()


@pytest.mark.slow
@pytest.mark.dovecot
@pytest.mark.parametrize("renumber", [_doveadm, _restored_without_indexes])
def test_after_renumbering_nobody_is_answered_twice(
    dovecot: ImapAccount, dovecot_server: Dovecot, post_office: SmtpSink, tmp_path: Path, renumber: object
) -> None:
    assert callable(renumber)
    world = World(tmp_path, dovecot, post_office).build()
    senders = PEOPLE[::15]
    old = [raw(f"Mi mandi il preventivo {n}?", sender=sender, number=n) for n, sender in enumerate(senders)]
    world.imap.deliver(*old, raw("Aiuto, si sta allagando tutto!", sender="dora@third.example", number=4), when=NOW)
    assert world.once(NOW + timedelta(minutes=1)).code == 0
    told = sorted(mail["To"] for mail in world.sent())
    assert told == sorted([*senders, "dora@third.example", ASSISTANT])

    with world.imap.client() as client:
        before = client.select_folder("INBOX")[b"UIDVALIDITY"]
    renumber(dovecot_server, dovecot)
    world.imap.deliver(raw(sender="eva@fourth.example", number=5), when=NOW)
    with world.imap.client() as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] != before
    ran = world.once(NOW + timedelta(minutes=2))
    assert "renumbered" in ran.out
    assert sorted(mail["To"] for mail in world.sent()) == sorted([*told, "eva@fourth.example"])
    with world.ledger() as store:
        assert store.standing(NOW).arrived == 5
