"""Waiting in IDLE, against two real servers: Dovecot, and pymap, which forgets most of its notices.

So a notice is asked of Dovecot alone; what must hold with both is that the look afterwards finds the message.
"""

import time
from collections.abc import Iterator

import pytest

from tests.contracts.test_mailbox_contract import mail
from tests.servers import ImapAccount
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.adapters.mailbox.idle import Ears

SOON = {"dovecot": 10.0, "pymap": 0.3}


@pytest.fixture
def ears() -> Iterator[Ears]:
    found = Ears()
    yield found
    found.close()


@pytest.fixture
def box(imap: ImapAccount) -> Iterator[ImapMailbox]:
    """It has been looked into."""
    imap.deliver(mail(1))
    found = imap.mailbox()
    look(found)
    yield found
    found.close()


def look(box: ImapMailbox, after: int = 0) -> list[int]:
    box.open()
    return [a.uid for batch in box.arrivals(after) for a in batch]


def listened(box: ImapMailbox, ears: Ears) -> None:
    assert box.idle() is True
    fileno = box.fileno()
    assert fileno is not None
    ears.listen("box", fileno)


def news(box: ImapMailbox, ears: Ears) -> bool:
    """Whether something worth a look is heard soon; with pymap, whether or not."""
    ends = time.monotonic() + SOON[box.name]
    while time.monotonic() < ends:
        if ears.wait(ends - time.monotonic()) and box.heard():
            return True
    return box.name == "pymap"


def test_a_new_message_wakes_it_and_is_found(imap: ImapAccount, box: ImapMailbox, ears: Ears) -> None:
    (first,) = look(box)
    listened(box, ears)
    imap.deliver(mail(2))
    assert news(box, ears)
    ears.forget("box")
    (second,) = look(box, first)
    assert second > first
    listened(box, ears)  # and so on
    imap.deliver(mail(3))
    assert news(box, ears)


def test_silence_is_no_news(box: ImapMailbox, ears: Ears) -> None:
    listened(box, ears)
    assert ears.wait(0.3) == []
    assert box.idle() is True, "it waits already"


def test_what_came_before_it_waits_is_told_at_once(imap: ImapAccount, box: ImapMailbox) -> None:
    """Between the look and IDLE, announced or not during another question."""
    imap.deliver(mail(2))
    box.mark([1])
    assert box.idle() is False
    assert box.fileno() is None


def test_a_question_ends_the_waiting(imap: ImapAccount, box: ImapMailbox, ears: Ears) -> None:
    listened(box, ears)
    ears.forget("box")
    assert box.answered(["<nobody@example.org>"]) == frozenset()
    assert box.fileno() is None
    imap.deliver(mail(2))
    assert box.idle() is False, "what came during the question is not lost"


def test_a_connection_that_ends_is_news_and_is_replaced(imap: ImapAccount, box: ImapMailbox, ears: Ears) -> None:
    listened(box, ears)
    box.abort()
    assert news(box, ears)
    ears.forget("box")
    assert len(look(box)) == 1


def test_goodbye_while_it_waits(imap: ImapAccount, box: ImapMailbox, ears: Ears) -> None:
    listened(box, ears)
    ears.forget("box")
    begun = time.monotonic()
    box.close()
    assert time.monotonic() - begun < 3
    assert box.fileno() is None
