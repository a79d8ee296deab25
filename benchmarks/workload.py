"""A seeded pile of mail as an assistant's inbox gets it: the same for the same seed, whoever reads it.

Half Italian, a third Czech, the rest English; 25 % with HTML (a third of them nothing else); 10 % with one or two
attachments of 100 kB to 5 MB; 10 % automatic (lists, absences, bulk, bounces); 44 % in threads with the text before
quoted below; 4 % stated urgency, 6 % that only looks urgent, 1 % disasters; five charsets and three encodings.
"""

import base64
import quopri
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from . import words

START = datetime(2024, 11, 28, 6, 0, tzinfo=UTC)  # a Thursday; past, because Dovecot keeps no future date
MOST_THREADS = 200
LINE = "\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message (LF), when it came, its envelope sender ("" for a bounce) and what it is."""

    raw: bytes
    when: datetime
    sender: str
    automatic: str


@dataclass(slots=True)
class Thread:
    ids: list[str]
    subject: str
    text: str


Part = tuple[str, bytes]
"""Its header lines, and its body."""


@dataclass(slots=True)
class Workload:
    """`count` messages within so many hours. `attachments`: the share of mails that carry some; `largest`: their bytes.

    `unique`: a made-up word in every sentence, so that none comes twice; all else is as without it.
    """

    count: int
    seed: int = 1
    attachments: float = 0.1
    smallest: int = 100_000
    largest: int = 5_000_000
    hours: float = 6.0
    unique: bool = False
    dice: random.Random = field(init=False)
    _made_up: random.Random = field(init=False)
    _threads: dict[str, list[Thread]] = field(init=False)
    _blob: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.dice, self._made_up = random.Random(self.seed), random.Random(self.seed)
        self._threads = {language: [] for language in words.NAMES}
        self._blob = self.dice.randbytes(6_000_000) if self.attachments else b""

    def __iter__(self) -> Iterator[Mail]:
        languages = self._deck(it=0.5, cs=0.35, en=0.15)
        html = self._deck(no=0.75, both=0.17, only=0.08)
        automatic = self._deck(no=0.9, list=0.035, away=0.02, generated=0.02, bulk=0.015, bounce=0.01)
        urgent = self._deck(no=0.89, stated=0.04, perceived=0.06, disaster=0.01)
        attached = self._deck(no=1 - self.attachments, some=self.attachments)
        step = timedelta(hours=self.hours) / max(self.count, 1)
        for number in range(self.count):
            kind = automatic[number]
            what = urgent[number] if kind == "no" else "no"
            when = START + step * number
            yield self._mail(number, when, languages[number], kind, what, html[number], attached[number] == "some")

    def _deck(self, **shares: float) -> list[str]:
        """Exact proportions, shuffled; the first name fills up."""
        cards = [name for name, share in shares.items() for _ in range(round(share * self.count))]
        cards = (cards + [next(iter(shares))] * self.count)[: self.count]
        self.dice.shuffle(cards)
        return cards

    def _mail(self, number: int, when: datetime, lang: str, kind: str, what: str, html: str, attached: bool) -> Mail:
        name = self.dice.choice(words.NAMES[lang])
        sender = f"{plain(name)}{self.dice.randrange(12) or ''}@{self.dice.choice(words.DOMAINS)}"
        own_id = f"<{number}.{self.dice.getrandbits(48):x}@{sender.partition('@')[2]}>"
        text = self._text(lang, name, what)
        subject, text, earlier = (
            self._in_thread(lang, own_id, text) if kind == "no" else (self._subject(lang), text, [])
        )
        head = [*self._envelope(name, sender, own_id, when, lang, kind), *_references(earlier)]
        head += [_field("Subject", _subject_of(subject, kind, lang)), *_automatic(kind), "MIME-Version: 1.0"]
        lines, body = self._body(text, lang, html, kind, attached)
        raw = (LINE.join(head) + LINE + lines + LINE).encode() + body
        return Mail(raw, when, "" if kind == "bounce" else sender, "" if kind == "no" else kind)

    def _text(self, lang: str, name: str, what: str) -> str:
        choose = self.dice.choice
        paragraphs = [
            " ".join(self._own(choose(words.SENTENCES[lang])) for _ in range(self.dice.randint(2, 5)))
            for _ in range(self.dice.randint(1, 4))
        ]
        if what != "no":
            paragraphs.append(self._own(choose(words.MARKED[what][lang]), at_its_end=True))
        return "\n\n".join([words.OPENING[lang], *paragraphs, f"{words.CLOSING[lang]}\n{name}\n"])

    def _own(self, sentence: str, at_its_end: bool = False) -> str:
        """With a word that nothing else has, where that is asked for."""
        if not self.unique:
            return sentence
        pieces, word = sentence.split(" "), self._word()
        if at_its_end:
            return f"{sentence[:-1]} {word}{sentence[-1]}"
        pieces.insert(self._made_up.randint(1, len(pieces) - 1), word)
        return " ".join(pieces)

    def _word(self) -> str:
        return "".join(self._made_up.choice("bdfglmnprstvz") + self._made_up.choice("aeiou") for _ in range(4))

    def _subject(self, lang: str) -> str:
        return str(self.dice.choice(words.SUBJECTS[lang])).format(n=self.dice.randint(100, 9999))

    def _in_thread(self, lang: str, own_id: str, text: str) -> tuple[str, str, list[str]]:
        """(subject, text, the Message-IDs before it): an answer with what came before quoted, or a new matter."""
        threads = self._threads[lang]
        if not threads or self.dice.random() > 0.44:
            subject = self._subject(lang)
            threads.append(Thread([own_id], subject, text))
            del threads[:-MOST_THREADS]
            return subject, text, []
        thread = self.dice.choice(threads)
        before = list(thread.ids)
        quoted = LINE.join(f"> {line}" for line in thread.text.split(LINE))
        text = f"{text}\n{words.QUOTES[lang]}\n{quoted}\n"
        thread.ids.append(own_id)
        thread.text = text[:3000]
        return f"Re: {thread.subject}", text, before

    def _envelope(self, name: str, sender: str, own_id: str, when: datetime, lang: str, kind: str) -> list[str]:
        domain, date = sender.partition("@")[2], format_datetime(when)
        seal = base64.b64encode(self.dice.randbytes(48)).decode()
        return [
            f"Return-Path: <{'' if kind == 'bounce' else sender}>",
            f"Received: from mx.{domain} (mx.{domain} [192.0.2.{self.dice.randint(1, 254)}])\n\tby mx.va.example "
            f"(Postfix) with ESMTPS id {self.dice.getrandbits(40):X}\n\tfor <va@va.example>; {date}",
            f"Received: from localhost by out.{domain} with ESMTP id {self.dice.getrandbits(32):x}; {date}",
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};\n\ts=s1; h=from:to;\n\tb={seal}",
            f"Authentication-Results: mx.va.example; dkim=pass header.d={domain}; spf=pass",
            "From: MAILER-DAEMON@mx.example" if kind == "bounce" else f"From: {_phrase(name)} <{sender}>",
            f"To: {_phrase('Ufficio Příchozí')} <{words.CLIENTS[lang]}>",
            *("Delivered-To: va@va.example", "X-Forwarded-To: va@va.example", f"Date: {date}"),
            f"Message-ID: {own_id}",
        ]

    def _body(self, text: str, lang: str, html: str, kind: str, attached: bool) -> Part:
        if kind == "bounce":
            return self._multipart("report; report-type=delivery-status", [self._leaf(text, "plain", lang), *REPORT])
        node = self._leaf(text, "plain", lang)
        if html != "no" or kind in ("list", "bulk"):
            page = self._leaf(_html(text, self.dice.randint(5, 60)), "html", lang)
            node = page if html == "only" else self._multipart("alternative", [node, page])
        return self._multipart("mixed", [node, *self._attached()]) if attached else node

    def _leaf(self, text: str, subtype: str, lang: str) -> Part:
        chance, charset, coding = self.dice.random(), "utf-8", "quoted-printable"
        if chance < 0.15:
            charset = {"it": "windows-1252", "cs": "windows-1250", "en": "iso-8859-1"}[lang]
        elif chance < 0.3:
            coding = "base64"
        elif chance < 0.4:
            coding = "8bit"
        data = text.encode(charset, "replace")
        coded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(coding, bytes)(data)
        return (f"Content-Type: text/{subtype}; charset={charset}\nContent-Transfer-Encoding: {coding}\n", coded)

    def _multipart(self, kind: str, parts: list[Part]) -> Part:
        border = f"=_{self.dice.getrandbits(64):016x}"
        inside = b"".join(f"--{border}\n{head}\n".encode() + body.rstrip(b"\n") + b"\n" for head, body in parts)
        subtype, _, more = kind.partition(";")
        head = f'Content-Type: multipart/{subtype}; boundary="{border}"{";" + more if more else ""}\n'
        return (head, inside + f"--{border}--\n".encode())

    def _attached(self) -> list[Part]:
        ratio = self.largest / self.smallest
        sizes = [int(self.smallest * ratio ** self.dice.random()) for _ in range(self.dice.randint(1, 2))]
        files = [self._file(size, "application/pdf", "fattura.pdf", "attachment") for size in sizes]
        if self.dice.random() < 0.5:
            files.append(self._file(self.dice.randint(20_000, 60_000), "image/png", "logo.png", "inline"))
        return files

    def _file(self, size: int, kind: str, name: str, disposition: str) -> Part:
        start = self.dice.randrange(max(len(self._blob) - size, 1))
        head = (
            f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: {disposition}; filename="{name}"\n'
        )
        return (head, base64.encodebytes(self._blob[start : start + size]))


REPORT: tuple[Part, ...] = (
    (
        "Content-Type: message/delivery-status\n",
        b"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; x@nowhere.example\nAction: failed\nStatus: 5.1\n",
    ),
    (
        "Content-Type: message/rfc822\n",
        b"From: va@va.example\nTo: x@nowhere.example\nSubject: Re: x\nMessage-ID: <o@va.example>\n\nx\n",
    ),
)
HEADERS = {
    "list": ("List-Id: <novita.lista.example>", "List-Unsubscribe: <mailto:off@lista.example>", "Precedence: list"),
    "away": ("Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"),
    "generated": ("Auto-Submitted: auto-generated",),
    "bulk": ("Precedence: bulk", "List-Unsubscribe: <https://bulk.example/u>"),
    "bounce": ("Auto-Submitted: auto-replied",),
}


def plain(name: str) -> str:
    """A name as the left side of an address."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join("".join(c if c.isalpha() else " " for c in bare).split())


def _automatic(kind: str) -> tuple[str, ...]:
    return HEADERS.get(kind, ())


def _subject_of(subject: str, kind: str, lang: str) -> str:
    if kind == "bounce":
        return "Undelivered Mail Returned to Sender"
    return {"list": "[novita] ", "away": words.AWAY[lang]}.get(kind, "") + subject


def _references(ids: list[str]) -> list[str]:
    return [f"In-Reply-To: {ids[-1]}", "References: " + "\n ".join(ids[-8:])] if ids else []


def _field(name: str, value: str) -> str:
    if value.isascii():
        return f"{name}: {value}"
    return f"{name}: {Header(value, 'utf-8', header_name=name, maxlinelen=76).encode(linesep=LINE)}"


def _phrase(name: str) -> str:
    return f'"{name}"' if name.isascii() else Header(name, "utf-8").encode()


def _html(text: str, styles: int) -> str:
    css = ".c{color:#333;font-family:Arial;padding:4px}" * styles
    paragraphs = (p.replace("&", "&amp;").replace("<", "&lt;") for p in text.split(LINE) if p)
    body = "".join(f'<p class="c">{p}</p>' for p in paragraphs)
    return f'<html><head><style>{css}</style></head><body>{body}<img src="cid:x"></body></html>\n'
