"""Is this the message that was here before? Both stores must say the same (promise 1)."""

from typing import Any

import pytest

from tests.contracts.entries import DAY, NOW, asked, entry
from vamaild.core.ledger import Store

HERE = {"fingerprint": "print-1", "message_id": "<m1@shop.example>", "text_mark": "w1"}
FIRST = {"text_mark": "w1"}


@pytest.mark.parametrize(
    ("earlier", "now", "seen", "reused"),
    [
        pytest.param(FIRST, HERE, True, False, id="the very same"),
        pytest.param(FIRST | {"mailbox": "other", "uidvalidity": 9}, HERE, True, False, id="in a second mailbox"),
        pytest.param(FIRST, HERE | {"fingerprint": "2"}, True, False, id="a copy over a list: another size"),
        pytest.param(FIRST, HERE | {"text_mark": "w2"}, True, True, id="the same outside, other words"),
        pytest.param(FIRST, HERE | {"fingerprint": "2", "text_mark": "w2"}, True, True, id="a Message-ID used again"),
        pytest.param(FIRST, HERE | {"message_id": ""}, True, False, id="no Message-ID, the same fingerprint"),
        pytest.param(
            FIRST, HERE | {"message_id": "", "fingerprint": "2"}, False, False, id="no Message-ID, another one"
        ),
        pytest.param(FIRST, HERE | {"message_id": "<2@x>", "fingerprint": ""}, False, False, id="never seen"),
        pytest.param(FIRST | {"received": NOW - 400 * DAY}, HERE, True, False, id="moved back after a year"),
        pytest.param(FIRST | {"client": "rossi"}, HERE, True, True, id="another client's copy"),
        pytest.param(FIRST | {"client": ""}, HERE, True, False, id="nobody's, before the client was there"),
        pytest.param(
            FIRST | {"address": "jan@x.example"}, HERE | {"fingerprint": "2"}, False, False, id="somebody else's"
        ),
    ],
)
def test_what_was_here_before(
    store: Store, earlier: dict[str, Any], now: dict[str, Any], seen: bool, reused: bool
) -> None:
    store.record(entry(1, **earlier))
    found = store.history(asked(**now))
    assert (found.seen_before, found.reused) == (seen, reused)
