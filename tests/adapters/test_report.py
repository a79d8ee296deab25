"""What a delivery report says, as several servers write it, and that no report is too much."""

from datetime import UTC, datetime

import pytest

from vamaild.adapters.mime import MimeReader
from vamaild.core.ledger import Arrival
from vamaild.core.message import Report

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
STATUS = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
ORIGINAL = "Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nMessage-ID: <ours@va.example>\r\n\r\nCiao\r\n"
HEADERS = "Content-Type: text/rfc822-headers\r\n\r\nFrom: a@b.example\r\nMessage-ID:\r\n <ours@va.example>\r\n"


def failed(address: str = "Carla@Customer.example", status: str = "5.1.1", action: str = "failed") -> str:
    return f"\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"


def read(*parts: str, kind: str = "report") -> Report | None:
    body = "".join(f"--B\r\n{part}\r\n" for part in ("Content-Type: text/plain\r\n\r\nSorry.\r\n", *parts))
    head = (
        f'From: MAILER-DAEMON@mx.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="B"\r\n\r\n'
    )
    raw = f"{head}{body}--B--\r\n".encode()
    return MimeReader(lambda page: (page, "")).read(Arrival(1, 1, NOW, len(raw), raw)).report


CARLA = ("carla@customer.example", "5.1.1")
OURS = ("<ours@va.example>",)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((STATUS + failed(), ORIGINAL), Report((CARLA,), OURS)),
        ((STATUS + failed(), HEADERS), Report((CARLA,), OURS)),
        ((STATUS + failed(status="5.1.1 (no such user)"), ORIGINAL), Report((CARLA,), OURS)),
        ((STATUS + failed(action="Failed"),), Report((CARLA,), ())),
        ((STATUS + failed(action="delayed", status="4.4.1"), ORIGINAL), Report((), OURS)),
        ((STATUS + failed(status="4.2.2"), ORIGINAL), Report((("carla@customer.example", "4.2.2"),), OURS)),
        ((STATUS + failed() + failed("b@c.example", "5.2.2"),), Report((CARLA, ("b@c.example", "5.2.2")), ())),
        ((STATUS + failed("no address"),), Report((("", "5.1.1"),), ())),
        ((STATUS + failed(status="nonsense"),), Report()),
        ((ORIGINAL,), None),
        ((), None),
    ],
)
def test_what_a_report_says(parts: tuple[str, ...], expected: Report | None) -> None:
    assert read(*parts) == expected


@pytest.mark.parametrize(
    ("status", "permanent"), [("5.1.1", True), ("5.7.26", True), ("4.2.2", False), ("2.0.0", False)]
)
def test_which_failures_are_for_good(status: str, permanent: bool) -> None:
    found = read(STATUS + failed(status=status))
    assert found is not None
    assert found.permanent is permanent


def test_a_report_about_very_many_is_cut() -> None:
    found = read(STATUS + "".join(failed(f"u{n}@x.example") for n in range(5_000)), *([ORIGINAL] * 30))
    assert found is not None
    assert len(found.failed) == 20
    assert found.returned == OURS
