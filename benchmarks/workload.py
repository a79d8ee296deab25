"""A seeded pile of mail: three languages, a quarter HTML, a tenth with attachments, a tenth automatic."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

START = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
TEXTS = (
    "Ciao, mi mandi il preventivo per gli infissi, quando puoi? Grazie.",
    "Buongiorno, mi serve per stasera la relazione del cantiere.",
    "Dobrý den, prosím o cenovou nabídku na deset oken.",
    "Dobrý den, potřebuji to nejpozději zítra do 12:00.",
    "Hello, could you send me the slides for the workshop? No rush.",
    "Hi, I need the contract by tomorrow noon, please.",
    "Grazie mille, ricevuto.",
)
FILLER = "Nel frattempo restiamo a disposizione per ogni chiarimento. " * 12


def mails(count: int, attachment: int = 400_000, seed: int = 7) -> Iterator[bytes]:
    """`count` messages, the same for the same seed."""
    dice = random.Random(seed)
    for number in range(count):
        yield _mail(number, dice, attachment)


def _mail(number: int, dice: random.Random, attachment: int) -> bytes:
    mail = EmailMessage()
    sender = f"person{dice.randrange(400)}@customer{dice.randrange(40)}.example"
    mail["Return-Path"] = f"<{sender}>"
    mail["From"], mail["To"] = sender, "info@acme.example"
    mail["Subject"] = f"Richiesta {number}"
    mail["Date"] = format_datetime(START + timedelta(seconds=number))
    mail["Message-ID"] = f"<{number}@customer.example>"
    if dice.random() < 0.1:
        mail["List-Id"] = "<news.customer.example>"
    text = f"{dice.choice(TEXTS)}\n\n{FILLER}"
    mail.set_content(text)
    if dice.random() < 0.25:
        mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    if dice.random() < 0.1:
        mail.add_attachment(dice.randbytes(attachment), "application", "octet-stream", filename="plan.bin")
    return mail.as_bytes()
