"""Was the draft sent as it was? Every shipped text, as mail programs send it on, and edited in one word."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.make import NOW
from vamaild.core.drafting import fate_of, for_a_person, says_the_same
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.trust import Fate

GOLDEN = tomllib.loads((Path(__file__).parents[1] / "adapters" / "golden_texts.toml").read_text("utf-8"))
NAME = "Giulia Ferri"
CLOSED = {
    "it": f"Cordiali saluti,\n{NAME}\n\nRisposta automatica; la posta la legge {NAME}.\n",
    "tu": f"A presto,\n{NAME}\n\nRisposta automatica; la posta la legge {NAME}.\n",
    "cs": f"S pozdravem\n{NAME}\n\nAutomatická odpověď; poštu čte {NAME}.\n",
    "en": f"Kind regards,\n{NAME}\n\nAutomatic reply; the mail is read by {NAME}.\n",
}
GREETED = {"it": "Buongiorno,", "tu": "Ciao Marco,", "cs": "Dobrý den,", "en": "Hello,"}
TEXTS = {
    f"{name} {manner}": f"{GREETED[manner]}\n\n{GOLDEN[name][language]['text'].strip()}\n\n{CLOSED[manner]}"
    for name in GOLDEN
    for language in ("it", "cs", "en")
    for manner in ({"it": ("it", "tu")}.get(language, (language,)))
}


def quoted(text: str) -> str:
    return (
        f"{text}\nIl 26 novembre 2026 alle 10:40 Carla <carla@customer.example> ha scritto:\n\n> Ciao,\n> mi mandi?\n"
    )


def outlook(text: str) -> str:
    header = "Da: Carla <carla@customer.example>\nInviato: giovedì 26 novembre 2026 10:40\nA: Giulia\nOggetto: Listino"
    return f"{text}\n-----Messaggio originale-----\n{header}\n\nCiao, mi mandi il listino?\n"


def narrow(text: str) -> str:
    """Lines broken anew, with no-break spaces."""
    return re.sub(r"(.{20,50}?) ", "\\1\n", text).replace(" B", "\u00a0B")


def signed(text: str) -> str:
    return f"{text}\n-- \nGiulia Ferri\nAssistente virtuale\nTel. +39 051 123 456\nwww.ferri-av.example\n"


def bare_signature(text: str) -> str:
    return f"{text}\nFerri Assistenza Srl\nVia Roma 1, Bologna\nTel. +39 051 123 456\n"


def by_hand(text: str) -> str:
    """The line that says it is automatic is taken out, as is right: now a person sends it."""
    return "\n".join(line for line in text.split("\n") if NAME not in line or line == NAME)


def typographic(text: str) -> str:
    return text.replace('"', "\u201d").replace("'", "\u2019").replace(" - ", " – ").replace("\n", "\r\n")


@pytest.mark.parametrize("way", [str, quoted, outlook, narrow, signed, bare_signature, by_hand, typographic])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_a_mail_program_does_is_no_edit(text: str, way: object) -> None:
    assert callable(way)
    assert says_the_same(text, way(text), (NAME,))


def other_number(text: str) -> str:
    return re.sub(
        r"(.*)\b(10|9|18|12|4)\b", lambda m: f"{m[1]}17", text.partition(NAME)[0], count=1, flags=re.DOTALL
    ) + (NAME + text.partition(NAME)[2])


def one_word_more(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:2], f"{lines[2]} Davvero.", *lines[3:]])


def a_sentence_less(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([lines[0], "", *lines[3:]])


def postscript(text: str) -> str:
    return f"{text}\nPS: porti anche le chiavi?\n"


def a_sentence_before_the_end(text: str) -> str:
    head, closing = text.rsplit("\n\n", 2)[0], "\n\n".join(text.rsplit("\n\n", 2)[1:])
    return f"{head}\n\nLe chiavi sono dal portiere.\n\n{closing}"


def another_greeting(text: str) -> str:
    return "Cara Carla," + text[text.index("\n") :]


def nothing(text: str) -> str:
    return ""


EDITS = [one_word_more, a_sentence_less, postscript, a_sentence_before_the_end, another_greeting, nothing]


@pytest.mark.parametrize("way", EDITS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_edit_is_seen(text: str, way: object) -> None:
    assert callable(way)
    assert not says_the_same(text, way(text), (NAME,))
    assert not says_the_same(text, quoted(way(text)), (NAME,))


@pytest.mark.parametrize("text", [t for t in TEXTS.values() if other_number(t) != t])
def test_another_date_or_price_is_an_edit(text: str) -> None:
    assert not says_the_same(text, other_number(text), (NAME,))


def test_a_text_of_ones_own_without_the_name() -> None:
    assert says_the_same("Ciao,\nentro lunedì.\n", "Ciao,\n\nentro lunedì.\n\n-- \nGiulia\n")
    assert not says_the_same("Ciao,\nentro lunedì.\n", "Ciao,\n\nentro martedì.\n")


# ---- as bytes


def raw(body: str = TEXTS["ordinary it"]) -> bytes:
    envelope = Envelope(
        NAME, "office@acme.example", "carla@customer.example", "<k@acme.example>", "<1@customer.example>"
    )
    return to_bytes(Letter("Re: Preventivo à la carte", body), envelope, NOW)


def test_the_fate() -> None:
    assert fate_of(raw(), TEXTS["ordinary it"]) is Fate.UNCHANGED
    assert fate_of(raw(), TEXTS["ordinary it"].replace("agenda", "lista")) is Fate.EDITED
    assert fate_of(b"\xff\xfe", "x") is Fate.EDITED


def test_a_draft_is_a_person_s_mail() -> None:
    kept = for_a_person(raw())
    head, _, body = kept.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert not {b"auto-submitted", b"precedence", b"x-loop", b"x-auto-response-suppress"} & set(names)
    assert {b"from", b"to", b"subject", b"message-id", b"in-reply-to", b"references", b"content-type"} <= set(names)
    assert body == raw().partition(b"\r\n\r\n")[2]
    assert for_a_person(kept) == kept


def test_a_folded_header_goes_whole_and_nothing_of_the_text() -> None:
    folded = b"From: a@b\r\nPrecedence: bulk\r\n\tfolded\r\nSubject: x\r\n y\r\n\r\nPrecedence: bulk\r\n"
    assert for_a_person(folded) == b"From: a@b\r\nSubject: x\r\n y\r\n\r\nPrecedence: bulk\r\n"
