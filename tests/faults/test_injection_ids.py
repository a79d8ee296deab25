"""Fault 17 again: every Message-ID that is asked about stands in quotes, and one with odd letters is found as well.

imapclient quotes only what has a blank, a quote or a backslash; but * may stand in no bare word (RFC 9051 section 9).
"""

import re

import pytest

from tests.faults.test_injection import commands, wire
from tests.servers import ImapAccount, Talk, scripted_imap
from vamaild.adapters.mailbox import answered

__all__ = ["wire"]  # a fixture

pytestmark = pytest.mark.slow

ODD = [
    "<a*b@x.example>", "<*@x.example>", "<a%b@x.example>", "<a'b@x.example>", '<a"b@x.example>', "<a&b#!$@x.example>",
    "<a+b=c?d@x.example>", "<a{3}@x.example>", "<a|b~c`d^e@x.example>", "<a\\b@x.example>", "<a/b@x.example>",
]  # fmt: skip
ASKED = [i for i in ODD if answered.askable([i])]
BARE = re.compile(rb"<[^>]*[*%][^>]*>")
QUOTED = re.compile(rb'"[^"\r\n]*"')


@pytest.mark.parametrize("odd", ODD)
def test_17_an_odd_message_id_is_quoted_or_not_asked_about(dovecot: ImapAccount, wire: bytearray, odd: str) -> None:
    answer = f"From: va@va.example\r\nMessage-ID: <us@va.example>\r\nIn-Reply-To: {odd}\r\n\r\nciao\r\n".encode()
    dovecot.deliver(answer, folder="Sent")
    box = dovecot.mailbox()
    box.open()
    del wire[:]
    plain = odd in ASKED
    assert (box.sent_answer(odd) is not None) == plain
    assert box.drafts_left([odd, "<good@x.example>"]) == frozenset()
    draft = f"From: va@va.example\r\nMessage-ID: {odd}\r\n\r\nciao\r\n".encode()
    if plain:
        assert box.file(draft, r"\Drafts")
        assert box.file(draft, r"\Drafts")  # found by its Message-ID: filed once
        assert box.drafts_left([odd]) == {odd}
        assert len(dovecot.mails("Drafts")) == 1
    searches = [line for line in commands(wire) if b" SEARCH " in line]
    assert any(odd.encode() in line for line in searches) == plain
    assert [line for line in searches if b"<" in QUOTED.sub(b"", line)] == []
    box.close()


def test_17_a_strict_server_finds_no_fault_with_it() -> None:
    """It refuses a bare * or %, as RFC 9051 lets it; then no answer of hers would be seen any more."""

    def strict(talk: Talk, tag: bytes, command: bytes, arguments: bytes) -> bool:
        if command == b"LIST":
            talk.send(b'* LIST (\\Sent) "/" "Sent"\r\n' + tag + b" OK done\r\n")
        elif b"SEARCH" in command + arguments:
            bare = BARE.search(QUOTED.sub(b"", arguments))
            talk.send(tag + b" BAD unexpected *\r\n" if bare else b"* SEARCH\r\n" + tag + b" OK done\r\n")
        else:
            return False
        return True

    with scripted_imap(strict) as server:
        box = server.mailbox(read_seconds=20.0, call_seconds=20.0)
        box.open()
        assert box.sent_answer("<a*b@x.example>") is None
        box.close()
