"""Old mail for the tests of replay: as many messages as wanted, of every kind, always the same, some answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
START = datetime(2024, 10, 1, 8, 0, tzinfo=ROME)  # a Tuesday; past, because Dovecot keeps no future INTERNALDATE
OFFICE, BOSS = "office@acme.example", "boss@beta.example"
STEP = timedelta(minutes=37)
HANDS = ("carla@customer.example", "dino@alba.example", "elsa@brno.example", "fabio@cork.example", "ines@dorf.example")


@dataclass(frozen=True)
class Old:
    """One old message; `answered` is how long it took a person, None when nobody answered."""

    at: datetime
    raw: bytes
    message_id: str
    sender: str
    subject: str
    answered: timedelta | None = None

    def answer(self) -> bytes:
        """What the person sent."""
        return mail(
            "Ecco, fatto.", "boss@acme.example", self.sender, f"Re: {self.subject}", self.at + (self.answered or STEP),
            f"<re-{self.message_id.strip('<>')}>", In_Reply_To=self.message_id,
        )  # fmt: skip


def mail(text: str, sender: str, to: str, subject: str, at: datetime, message_id: str, **fields: str) -> bytes:
    """A message as a server keeps it."""
    made = EmailMessage()
    made["Return-Path"], made["Received"] = f"<{sender}>", f"from mx.example by mail.example; {format_datetime(at)}"
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"], made["Message-ID"] = format_datetime(at), message_id
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


KINDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("Preventivo", "Ciao, mi mandi il preventivo per gli infissi?", {}),
    ("Offerte della settimana", "Solo oggi sconti su tutto.", {"List_Id": "<shop.example>", "Precedence": "bulk"}),
    ("Fattura", "Buongiorno, mi può mandare copia della fattura di ottobre?", {}),
    ("Listino", "Mi serve il listino per stasera, è urgente.", {}),
    ("Grazie", "Ricevuto, grazie mille.", {}),
    ("Fuori ufficio", "Sono in ferie.", {"Auto_Submitted": "auto-replied"}),
    ("Orari", "Quali sono gli orari di apertura a Natale?", {}),
    ("PREVENTIVO!!!", "ANCORA NIENTE?! È la terza mail, rispondete!", {}),
    ("Consegna", "Quando arriva la consegna? Mi basta giovedì prossimo.", {}),
    ("Garanzia", "Vorrei una copia del certificato di garanzia.", {}),
    ("Infissi", "Ho risolto, non serve più. Grazie.", {}),
)


def old(count: int, *, to: str = OFFICE) -> Iterator[Old]:
    """So many messages, in order of arrival: every kind, by few hands, with a flood in the middle."""
    for number in range(count):
        subject, text, fields = KINDS[number % len(KINDS)]
        hand = HANDS[(number // len(KINDS)) % len(HANDS)] if number < 200 else f"{number % 997}.{HANDS[number % 5]}"
        if number % 151 == 63:
            subject, text = "Acqua", "Aiuto, si sta allagando il magazzino e l'acqua non si ferma!"
        at, message_id = START + STEP * number, f"<old{number}@customer.example>"
        topic = subject if number % 7 else f"{subject} {number}"
        answered = timedelta(minutes=2 if number % 12 == 2 else 190) if number % 4 == 2 else None
        yield Old(at, mail(text, hand, to, topic, at, message_id, **fields), message_id, hand, topic, answered)


def write_mbox(path: Path, mails: Iterator[Old]) -> Path:
    """An mbox, lines that begin with From escaped."""
    with path.open("wb") as file:
        for each in mails:
            stamp = each.at.astimezone(ZoneInfo("UTC")).strftime("%a %b %d %H:%M:%S %Y")
            file.write(f"From {each.sender} {stamp}\n".encode() + each.raw.replace(b"\nFrom ", b"\n>From ") + b"\n")
    return path
