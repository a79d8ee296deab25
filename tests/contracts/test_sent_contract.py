"""The Sent folder is read once: later questions cost one STATUS, and only what is new is fetched."""

from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from tests.contracts.test_mailbox_contract import answer
from tests.servers import ImapAccount
from vamaild.adapters.mailbox import ImapMailbox

FIRST, SECOND = "<m1@example.org>", "<m2@example.org>"


@pytest.fixture
def box(imap: ImapAccount) -> Iterator[ImapMailbox]:
    box = imap.mailbox()
    box.open()
    yield box
    box.close()


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages each FETCH named."""
    counts: list[int] = []
    fetch = IMAPClient.fetch

    def counted(client: IMAPClient, messages: list[int], items: list[str]) -> object:
        counts.append(len(messages))
        return fetch(client, messages, items)

    monkeypatch.setattr(IMAPClient, "fetch", counted)
    return counts


def test_only_what_is_new_is_read(box: ImapMailbox, imap: ImapAccount, fetched: list[int]) -> None:
    imap.deliver(answer(FIRST, 50), answer("<m9@example.org>", 51), folder="Sent")
    assert box.answered([FIRST, SECOND]) == {FIRST}
    assert fetched == [2]
    assert box.answered([FIRST, SECOND]) == {FIRST}
    assert fetched == [2], "nothing new, nothing read"
    imap.deliver(answer(SECOND, 52), folder="Sent")
    assert box.answered([FIRST, SECOND]) == {FIRST, SECOND}
    assert fetched == [2, 1]
    assert box.open()
    assert box.answered([SECOND]) == {SECOND}


def test_who_was_answered_stays_answered(box: ImapMailbox, imap: ImapAccount) -> None:
    imap.deliver(answer(FIRST, 50), folder="Sent")
    assert box.answered([FIRST]) == {FIRST}
    with imap.client("Sent") as client:
        client.delete_messages(client.search())
        client.expunge()
    imap.deliver(answer(SECOND, 51), folder="Sent")
    assert box.answered([FIRST, SECOND]) == {FIRST, SECOND}


def test_an_empty_folder_and_then_not(box: ImapMailbox, imap: ImapAccount) -> None:
    assert box.answered([FIRST]) == frozenset()
    imap.deliver(answer(FIRST, 50), folder="Sent")
    assert box.answered([FIRST]) == {FIRST}
