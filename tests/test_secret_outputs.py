"""Promise 3 over what is really written: texts x situations x languages x encodings, each with and without the secret.

The secret is put, in every disguise of tests/core/disguise.py, wherever words of others come in: subject, names, the
answer of a playbook, the colleague's data, a text of one's own. A clean output must pass, the other must not.
"""

import base64
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path

import pytest

from tests.core.disguise import SECRETS, disguises
from tests.make import CUSTOMER, NOW
from vamaild.adapters.templates import Texts
from vamaild.core.drafting import for_a_person
from vamaild.core.egress import betrays, inspect, page
from vamaild.core.letter import Envelope, Letter, bare_subject, clean, to_bytes
from vamaild.core.vocabulary import NOTE, situations

SHIPPED = Path(__file__).parent.parent / "templates"
LANGUAGES = ("it", "cs", "en", "de", "fr", "es", "sk", "pl")
NAMES = sorted(p.stem for p in (SHIPPED / "en").glob("*.txt") if not p.stem.startswith(("_", *NOTE)))
PLACES = (
    *("msg.subject", "answer", "status_text", "person.name", "principal.name", "client.name", "va.name", "away.words"),
    *("colleague.name", "colleague.email", "colleague.phone", "colleague.what", "matter.say", "from", "own"),
)
ENVELOPE = Envelope("Giulia Ferri", "va@va.example", CUSTOMER, "<32f1c0d7e4b94d0c86a2ff0c7d1e5b60@va.example>")
ALWAYS = ("from", "own")
CLEANED = ("msg.subject", "from")
OWN = "Subject: Re: {{ msg.subject }}\n\n{{ greeting }}\n\nentro {{ now|day }}: @@\n\n{{ closing }}\n"


@dataclass(frozen=True)
class Output:
    """Something written: a name for the report, its letter, who it is from."""

    name: str
    letter: Letter
    sender: str = ENVELOPE.from_name


def plain(output: Output) -> str:
    return inspect(_raw(output), CUSTOMER, SECRETS)


def draft(output: Output) -> str:
    return betrays(for_a_person(_raw(output)), SECRETS)


def _again(output: Output, kind: str, body: bytes) -> str:
    """The same mail with another body, in base64."""
    head = _raw(output).partition(b"MIME-Version")[0]
    encoded = base64.encodebytes(body).replace(b"\n", b"\r\n")
    fields = f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return betrays(head + b"MIME-Version: 1.0\r\n" + fields + encoded, SECRETS)


def in_base64(output: Output) -> str:
    return _again(output, "text/plain", output.letter.body.encode())


def as_html(output: Output) -> str:
    return _again(output, "text/html", f"<p>{escape(output.letter.body)}</p>".encode())


def attached(output: Output) -> str:
    """The text as an attachment, its first part harmless."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "va@va.example", CUSTOMER, output.letter.subject or "-"
    mail.set_content("x")
    mail.add_attachment(f"{output.sender}\n{output.letter.body}", filename="Fälle.txt", subtype="csv", cte="base64")
    return betrays(mail.as_bytes(), SECRETS)


def on_a_page(output: Output) -> str:
    shown = f"<html><title>{escape(output.letter.subject)}</title>{escape(output.letter.body)} {escape(output.sender)}"
    return page(shown.encode(), SECRETS)


ENCODINGS = (plain, draft, in_base64, as_html, attached, on_a_page)


def _raw(output: Output) -> bytes:
    envelope = Envelope(output.sender, *(getattr(ENVELOPE, n) for n in ("from_address", "to", "key")))
    return to_bytes(output.letter, envelope, NOW)


def put(words: Mapping[str, object], place: str, text: str) -> dict[str, object]:
    """The words with this text in one of them; a subject comes cleaned, as every reply has it."""
    outer, _, inner = place.partition(".")
    if place == "msg.subject":
        return dict(words) | {"msg": {"subject": bare_subject(text)}}
    if not inner:
        return dict(words) | {outer: text}
    held = words.get(outer)
    return dict(words) | ({outer: {**held, inner: text}} if isinstance(held, dict) else {})


class Writer:
    """Writes outputs; a text of one's own is written into `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "en"
        self.folder.mkdir()
        self.texts = Texts(SHIPPED, folder)
        self._used: dict[str, tuple[str, ...]] = {}
        self._names: dict[str, str] = {}
        self.words = {name: list(situations(name)) for name in NAMES}

    def output(self, name: str, language: str, words: Mapping[str, object], place: str, text: str) -> Output:
        if place == "own":
            return Output(name, self._own(words, text))
        sender = text if place == "from" else ENVELOPE.from_name
        used = words if place == "from" else put(words, place, text)
        return Output(name, self.texts(name, language, "", used), sender)

    def used(self, name: str) -> tuple[str, ...]:
        """The places whose words this text says in some situation."""
        if name not in self._used:
            every = self.words[name][::11]
            self._used[name] = tuple(
                p for p in PLACES if p in ALWAYS or any(self._says(name, words, p) for words in every)
            )
        return self._used[name]

    def _says(self, name: str, words: Mapping[str, object], place: str) -> bool:
        return self.output(name, "en", words, place, "Anna") != self.output(name, "en", words, place, "Bruno")

    def _own(self, words: Mapping[str, object], text: str) -> Letter:
        """A text somebody wrote himself, the secret in it."""
        if text not in self._names:
            self._names[text] = f"own-{len(self._names)}"
            (self.folder / f"{self._names[text]}.txt").write_text(OWN.replace("@@", text), encoding="utf-8")
        return self.texts(self._names[text], "en", "", words)


def cut(text: str) -> bool:
    """Of a line of the header only so many characters are left, and no invisible letter."""
    return clean(text) != clean(text, 10_000) or not clean(text)


@dataclass
class Seen:
    """What came of many outputs."""

    faults: list[str] = field(default_factory=list)
    held: int = 0
    unused: int = 0


def looked_at(writer: Writer, count: int) -> Seen:
    """Writes so many outputs, each without and with a secret, and looks at both."""
    chance, told, seen = random.Random(7), list(disguises().items()), Seen()
    for number in range(count):
        name, language = NAMES[number % len(NAMES)], chance.choice(LANGUAGES)
        words, place = chance.choice(writer.words[name]), chance.choice(writer.used(name))
        disguise, text = told[number % len(told)]
        look = chance.choice(ENCODINGS)
        what = f"{language}/{name} {look.__name__}: {disguise} in {place}"
        harmless = writer.output(name, language, words, place, "Marco Bianchi 2026-118")
        hiding = writer.output(name, language, words, place, text)
        if refused := look(harmless):
            seen.faults.append(f"{what}: the clean one is held back: {refused}")
        if look(hiding):
            seen.held += 1
        elif hiding == harmless or (place in CLEANED and cut(text)):
            seen.unused += 1  # this situation has no such word, or it was cleaned away
        else:
            seen.faults.append(f"{what}: it gets through")
    return seen


def test_no_output_of_a_sample_betrays_anything_and_the_clean_ones_leave(tmp_path: Path) -> None:
    seen = looked_at(Writer(tmp_path), 120)
    assert seen.faults == []
    assert seen.held > 90


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_none_of_ten_thousand_outputs_betrays_anything(tmp_path: Path) -> None:
    seen = looked_at(Writer(tmp_path), 11_600)
    print(f"{seen.held} held, {seen.unused} of no use")
    assert seen.faults == []
    assert seen.held >= 10_000


def test_the_table_of_places_is_what_texts_use() -> None:
    """A new word for texts belongs into PLACES."""
    spoken = {w for name in NAMES for w in situations(name).__next__()}
    numbers = {"now", "tu", "automatic", "lead", "rush", "promise"}
    assert spoken - numbers == {p.partition(".")[0] for p in PLACES} - {"from", "own"}
