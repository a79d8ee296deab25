"""Mails for the tests of reading: put together from parts, stored ones, and those made to hang or fool a reader."""

from datetime import UTC, datetime
from pathlib import Path

from vamaild.adapters.html import visible
from vamaild.adapters.mime import MimeReader
from vamaild.core.ledger import Arrival
from vamaild.core.message import Message

RECEIVED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MAILS = sorted((Path(__file__).parents[1] / "data" / "mail").glob("*.eml"))
BASE = b"From: Anna <anna@example.org>\nTo: va@va.example\nSubject: x\nMessage-ID: <1@x>\n"


def read(raw: bytes, size: int = 0, problem: str = "") -> Message:
    arrival = Arrival(1, 7, RECEIVED, size or len(raw), raw, problem)
    return MimeReader(visible).read(arrival)


def part(kind: str, body: str, *more: str) -> str:
    return "\n".join((f"Content-Type: {kind}", *more, "", body))


def multipart(subtype: str, *parts: str, boundary: str = "XX") -> str:
    inner = "".join(f"--{boundary}\n{p}\n" for p in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'


def mail(rest: str, base: bytes = BASE) -> Message:
    return read(base + b"MIME-Version: 1.0\n" + rest.encode())


PLAIN = part("text/plain; charset=utf-8", "Mi serve per stasera, è urgente.")
HTML = part("text/html; charset=utf-8", "<p>Mi serve <b>per stasera</b></p>")
ATTACHED_TEXT = part("text/plain", "URGENTE", "Content-Disposition: attachment")
LOGO = part("image/png; name=l.png", "AAAA", "Content-ID: <l>")
CIAO = part("text/plain", "Ciao")
BLANK = part("text/plain", " \n ")
BROKEN = "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\nx\n--o\n"
PDF = part("application/pdf; name=a.pdf", "JVBERi0=", "Content-Transfer-Encoding: base64")


def nest(levels: int, kind: str = "mixed") -> str:
    heads = "".join(f"Content-Type: multipart/{kind}; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return heads + "Content-Type: text/plain\n\nin fondo\n"


HOSTILE = {
    "96 bytes": BROKEN,
    "the same in a forwarded mail": part("message/rfc822", BROKEN),
    "punycode body": part("text/plain; charset=punycode", "a-" + "b" * 512_000),
    "punycode subject": "Subject: =?punycode?q?" + "b" * 100_000 + "?=\n\nx",
    "NUL in charset": part("text/plain; charset=\"u\0tf-8\"", "ciao"),
    "NUL in the charset of what is no text": part('image/png; charset="a\0b"', "\udce8\udce8"),
    "NUL in the charset of a report": multipart(
        "report", PLAIN, part('message/delivery-status; charset="a\0b"', "\udce8"),
        part('text/rfc822-headers; charset="a\0b"', "\udce8"),
    ),
    "NUL in boundary charset": "Content-Type: multipart/mixed; boundary*=us\0x''abc\n\n--abc\n\nciao\n--abc--",
    "nested 400": nest(400),
    "nested 5,000": nest(5_000),
    "nested 300, many lines": nest(300) + "riga\n" * 200_000,
    "forwarded 2,000": "Content-Type: message/rfc822\n\n" * 2_000 + "x",
    "digests nested": nest(500, "digest"),
    "100,000 headers": "".join(f"X-{n}: y\n" for n in range(100_000)) + "\nciao",
    "one header 100,000 times": "Received: x\n" * 100_000 + "\nciao",
    "subject of 1 MB": "Subject: " + "a" * 1_000_000 + "\n\nciao",
    "folded subject of 3 MB": "Subject: x" + "\n a" * 1_000_000 + "\n\nciao",
    "20,000 encoded words": "Subject: " + "=?utf-8?q?a?= " * 20_000 + "\n\nciao",
    "encoded words folded": "Subject: x" + "\n =?utf-8?b?xZk=?=" * 20_000 + "\n\nciao",
    "100,000 recipients": "To: " + "a@b.cz, " * 100_000 + "\n\nciao",
    "To of dots": "To: " + "." * 50_000 + "\n\nciao",
    "nested comments": "Cc: " + "(" * 5_000 + "a@b.cz" + ")" * 5_000 + "\n\nciao",
    "From of quotes": "From: " + '"' * 50_000 + "\n\nciao",
    "groups in groups": "To: " + "a:" * 4_000 + ";" * 4_000 + "\n\nciao",
    "50,000 parts": multipart("mixed", *[part("text/html", "a")] * 50_000),
    "rfc2231 name*": "Content-Type: application/pdf; " + "; ".join(f"name*{n}=a" for n in range(50_000)) + "\n\nx",
    "50,000 parameters": "Content-Type: text/plain; " + "; ".join(f"p{n}=a" for n in range(50_000)) + "\n\nciao",
    "boundary of 1 MB": "Content-Type: multipart/mixed; boundary=" + "b" * 1_000_000 + "\n\nciao",
    "Content-Type of 490 kB in a part": multipart("mixed", part("text/plain; " + "a=b;" * 120_000, "ciao")),
    "100,000 headers in a part": multipart("mixed", "".join(f"X-{n}: y\n" for n in range(100_000)) + "\nciao"),
    "one line of 10 MB": part("text/plain", "a" * 10_000_000),
    "a million lines": part("text/plain", "\n" * 1_000_000),
    "base64 that is none": part("text/plain", "!" * 300_000, "Content-Transfer-Encoding: base64"),
    "uuencode that is none": part("text/plain", "begin 644 x\n" + "M" * 60, "Content-Transfer-Encoding: x-uuencode"),
    "odd transfer encoding": part("text/plain", "ciao", "Content-Transfer-Encoding: base64\0"),
    "utf-7 of 500 kB": part("text/plain; charset=utf-7", "+AOk-" * 100_000),
    "iso-2022-jp of escapes": part("text/plain; charset=iso-2022-jp", "\x1b$B" * 100_000),
    "HTML of 100,000 div": part("text/html", "<div>" * 100_000 + "ciao"),
    "pages without number": multipart("mixed", *[part("text/html", "<b>" * 1_000 + "x")] * 250),
    "4 MB of pages": multipart("mixed", *[part("text/html", "<p>ciao</p>" * 24_000)] * 16),
    "date of digits": "Date: " + "9" * 50_000 + "\n\nciao",
    "date far away": "Date: Fri, 20 Nov 99999999 18:04:00 +99999999\n\nciao",
    "ids without number": "References: " + "<a@b> " * 50_000 + "\n\nciao",
    "a calendar of 1 MB": part("text/calendar", "METHOD:" * 150_000),
    "delivery status": multipart("report", PLAIN, part("message/delivery-status", "Status: 5.1.1\n\n\n\n" * 5_000)),
    "partial": part("message/partial; id=1; number=1", "From: a@b.cz\n\nciao"),
    "external body": part("message/external-body; access-type=ftp", "ciao"),
    "charset of surrogates": "Content-Type: text/plain; charset==?utf-8?q?=ED=A0=80?=\n\nciao",
}  # fmt: skip
"""Each is known to make some parser hang, crash or fill the memory."""


def sound(message: Message) -> None:
    """What holds of every message, whatever it was read from."""
    message.text.encode("utf-8")
    message.subject.encode("utf-8")
    assert not set("\r\n\0") & set(message.subject + message.from_name + "".join(message.attachments))
    assert all(name == name.lower() and "\n" not in value for name, value in message.headers)
    assert all(address == address.lower() and address.count("@") == 1 for address in message.from_ + message.to)
    assert message.sent is None or message.sent.tzinfo is not None
    assert message.forwarded is None or message.forwarded.forwarded is not message
