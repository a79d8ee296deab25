"""Google's question whether mail may be forwarded: real subjects, other languages, forgeries."""

from datetime import UTC, datetime

import pytest

from vamaild.core.confirmation import SENDER, Confirmation, confirmation
from vamaild.core.message import Message

NOW = datetime(2026, 11, 26, tzinfo=UTC)
BODY = (
    "joe@sparc.example has requested to automatically forward mail to your address clienti@ferri-av.example.\n"
    "Confirmation code: 239314020\n\nTo allow it, click: https://mail.google.com/mail/vf-%5BANGjdJ8-112233445566\n"
    "you can send the confirmation code 239314020 to joe@sparc.example\n"
)
RECEIVE = "Forwarding Confirmation - Receive Mail from"
REAL = [
    (
        "(#304298959) Gmail Forwarding Confirmation - Receive Emails from joe@g.example",
        BODY,
        "304298959",
        "joe@g.example",
    ),
    (f"(#239314020) SPARC {RECEIVE} joe@sparc.example", BODY, "239314020", "joe@sparc.example"),
    (f"(#43643746) Emarf.net {RECEIVE} dave@emarf.example", "", "43643746", "dave@emarf.example"),
    (
        "Confirmación de reenvío de 317635984 (n.º Gmail) - Recibir correo de aje@g.example",
        "",
        "317635984",
        "aje@g.example",
    ),
    ("(Gmail) 转发确认", BODY, "239314020", "joe@sparc.example"),
    ("(Gmail) 转发确认", "Press https://mail.google.com/mail/vf-123456789 in this message", "", ""),
    ("(Gmail) 转发确认", "Press https://mail.google.com/mail/?a&987654321 in this message", "", ""),
    ("Conferma", "clienti@ferri-av.example riceve la posta di aje@g.example", "", "aje@g.example"),
    ("Conferma", "Il 2026 è l'anno, il numero 12345 è breve", "", ""),
]


def message(subject: str, text: str, *sender: str) -> Message:
    return Message(NOW, from_=sender or (SENDER,), to=("clienti@ferri-av.example",), subject=subject, text=text)


@pytest.mark.parametrize(("subject", "text", "code", "asking"), REAL)
def test_the_code_and_who_asks(subject: str, text: str, code: str, asking: str) -> None:
    assert confirmation(message(subject, text)) == Confirmation(code, asking)


@pytest.mark.parametrize(
    "sender", [("forwarding-noreply@google.com.example",), ("x@google.com",), (SENDER, "x@y.example"), ("",)]
)
def test_only_google_asks(sender: tuple[str, ...]) -> None:
    assert confirmation(message(REAL[0][0], BODY, *sender)) is None
