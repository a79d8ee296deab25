"""A clock that was set back: what waits in the ledger waits no longer for that. Both stores must say the same."""

from datetime import timedelta

import pytest

from tests.contracts.entries import DAY, NOW, mail
from vamaild.core.ledger import State, Store

MINUTE = timedelta(minutes=1)
YEARS = 3650 * DAY


@pytest.mark.parametrize(
    ("leaves", "back", "then"),
    [
        pytest.param(YEARS + 4 * MINUTE, YEARS, 4 * MINUTE, id="queued while the clock was ahead"),
        pytest.param(4 * MINUTE, YEARS, timedelta(), id="queued before it was: it is due"),
        pytest.param(-MINUTE, YEARS, -MINUTE, id="due already"),
        pytest.param(65 * MINUTE, 60 * MINUTE, 5 * MINUTE, id="an hour"),
    ],
)
def test_a_queued_mail_leaves_as_soon_as_before(
    store: Store, leaves: timedelta, back: timedelta, then: timedelta
) -> None:
    store.queue_mail(mail("k1", not_before=NOW + leaves))
    store.set_back(NOW, back)
    (item,) = store.outbox((State.QUEUED,))
    assert item.mail.not_before == NOW + then


def test_what_left_stays_as_it_was(store: Store) -> None:
    store.queue_mail(mail("k1", not_before=NOW + YEARS))
    item = store.claim(NOW + YEARS)
    assert item is not None
    store.set_back(NOW, YEARS)
    assert store.outbox((State.CLAIMED,))[0].mail.not_before == NOW + YEARS
