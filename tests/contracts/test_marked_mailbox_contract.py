"""A message says whether it carries the keyword of what is decided: with it, nobody is answered a second time."""

import pytest

from tests.contracts.test_mailbox_contract import TEXT, attachment, mail, multipart
from tests.servers import ImapAccount

KEYWORD = "$vamaild"


def flagged(imap: ImapAccount, uid: int, *flags: str) -> None:
    with imap.client() as client:
        client.add_flags([uid], list(flags))


def seen(imap: ImapAccount, keyword: str = KEYWORD) -> dict[int, bool]:
    box = imap.mailbox(keyword=keyword)
    try:
        box.open()
        found = {a.uid: a.marked for batch in box.arrivals(0) for a in batch}
        assert {uid: one.marked for uid in found if (one := box.one(uid))} == found
        return found
    finally:
        box.close()


@pytest.mark.parametrize(
    ("flags", "marked"),
    [
        ((), False),
        ((KEYWORD,), True),
        (("\\Seen", "\\Flagged", KEYWORD), True),
        (("\\Seen", "\\Answered", "$Forwarded"), False),
        (("$vamaild2",), False),
        (("vamaild",), False),
    ],
)
def test_who_carries_the_keyword_is_marked(imap: ImapAccount, flags: tuple[str, ...], marked: bool) -> None:
    imap.deliver(mail(1), mail(2))
    first, second = imap.mails()
    if flags:
        flagged(imap, first, *flags)
    assert seen(imap) == {first: marked, second: False}


def test_what_one_service_has_marked_the_next_one_sees(imap: ImapAccount) -> None:
    imap.deliver(mail(1), mail(2))
    first, second = imap.mails()
    box = imap.mailbox()
    box.open()
    assert box.mark([first])
    box.close()
    assert seen(imap) == {first: True, second: False}


@pytest.mark.dovecot
def test_the_case_of_the_keyword_does_not_count(dovecot: ImapAccount) -> None:
    """Servers fold it as they like (RFC 9051 section 2.3.2)."""
    dovecot.deliver(mail(1))
    (uid,) = dovecot.mails()
    flagged(dovecot, uid, "$VaMaild")
    assert seen(dovecot) == {uid: True}


@pytest.mark.dovecot
def test_another_keyword_is_no_sign(dovecot: ImapAccount) -> None:
    """Two services for two people in one mailbox: each has a keyword of its own."""
    dovecot.deliver(mail(1))
    (uid,) = dovecot.mails()
    flagged(dovecot, uid, "$other")
    assert seen(dovecot) == {uid: False}
    assert seen(dovecot, "$other") == {uid: True}


def test_a_long_message_too(imap: ImapAccount) -> None:
    """Its text is fetched a second time, by its parts."""
    imap.deliver(multipart(TEXT + "Mi serve per stasera.", attachment("a.pdf", 200_000)), mail(2))
    long, short = imap.mails()
    flagged(imap, long, KEYWORD)
    assert seen(imap) == {long: True, short: False}
