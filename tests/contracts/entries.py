"""Values for the tests of the stores."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vamaild.core.ledger import Asked, Entry, NewCase, Outcome, Outgoing, Sort
from vamaild.core.promise import NewPromise
from vamaild.core.rush import NewRush

NOW = datetime(2026, 11, 18, 10, 30, 0, 123_456, tzinfo=UTC)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def entry(uid: int = 1, **changes: Any) -> Entry:
    """A message from Eva to Novák's inbox that got no reply; change what the test is about."""
    plain = Entry(
        mailbox="clienti",
        uidvalidity=7,
        uid=uid,
        fingerprint=f"print-{uid}",
        message_id=f"<m{uid}@shop.example>",
        references=(),
        size=2_000,
        received=NOW,
        decided_at=NOW,
        client="novak",
        address="eva@shop.example",
        subject=f"Matter number {uid}",
        language="cs",
        kind="scheduled-request",
        action="none",
        outcome=Outcome.NO_REPLY,
        reason="observe",
    )
    return replace(plain, **changes)


def mail(key: str = "k1", **changes: Any) -> Outgoing:
    plain = Outgoing(
        key=f"<{key}@vamaild.example>",
        sort=Sort.COURTESY,
        to="eva@shop.example",
        raw=b"Subject: x\r\n\r\nbody\r\n",
        not_before=NOW,
        client="novak",
        template="vacation-first",
    )
    return replace(plain, **changes)


def case(**changes: Any) -> NewCase:
    plain = NewCase(client="novak", reason="doubt", note="look", who="eva@shop.example", subject="Voda")
    return replace(plain, **changes)


def promise(**changes: Any) -> NewPromise:
    """What the mail `mail()` tells Eva."""
    plain = NewPromise("novak", "eva@shop.example", NOW + DAY, "vacation-first", "Voda")
    return replace(plain, **changes)


def rush(**changes: Any) -> NewRush:
    """What the mail `mail()` offers Eva."""
    plain = NewRush(
        client="novak",
        to="eva@shop.example",
        what="Voda",
        percent=50,
        ready_at=NOW + DAY,
        accept_by=NOW + HOUR,
        ordinary=NOW + 5 * DAY,
        offer_key="<k1@vamaild.example>",
        language="cs",
    )
    return replace(plain, **changes)


def asked(**changes: Any) -> Asked:
    """Eva writes again, about something else."""
    plain = Asked(
        client="novak",
        address="eva@shop.example",
        message_id="<new@shop.example>",
        references=(),
        subject="Something else",
        fingerprint="print-new",
        now=NOW + MINUTE,
        day_begins=TODAY,
    )
    return replace(plain, **changes)
