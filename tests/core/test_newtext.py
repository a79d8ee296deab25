"""The sender's own words: nothing of them is cut, nothing of the rest is kept, and nothing is lost."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import within
from vamaild.core import newtext
from vamaild.core.mailwords import mail_words
from vamaild.core.newtext import split
from vamaild.core.words import fold

MAILS = Path(__file__).parents[1] / "corpus" / "quotes" / "mails.jsonl"
STORED = [json.loads(line) for line in MAILS.read_text(encoding="utf-8").splitlines()]
WRITTEN = {
    "sk outlook": (
        "Súhlasím.\n\nOd: A <a@b.example>\nOdoslané: pondelok 16. novembra 2026\nKomu: B\nPredmet: X\n\nt",
        "Súhlasím.",
    ),
    "pl tb": ("Tak.\n\nW dniu 16.11.2026 o 09:12, Marta pisze:\n> tekst", "Tak."),
    "fr outlook": ("Oui.\n\nDe : A <a@b.example>\nEnvoyé : lundi 16 novembre 2026\nÀ : B\nObjet : X\n\ntexte", "Oui."),
    "es original": ("Sí.\n\n-----Mensaje original-----\nDe: A\nEnviado: lunes\n\ntexto", "Sí."),
    "answer below": ("On Mon, Nov 16, 2026 at 9:12 AM Marta wrote:\n> When?\n\nBy Friday.", "By Friday."),
    "web form": (
        "Nome: Anna\nEmail: a@b.example\nMessaggio: mi serve subito",
        "Nome: Anna\nEmail: a@b.example\nMessaggio: mi serve subito",
    ),
    "form like a header": (
        "Da: Anna\nData: 16/11/2026\nOggetto: aiuto\nMessaggio: il sito è giù",
        "Da: Anna\nData: 16/11/2026\nOggetto: aiuto\nMessaggio: il sito è giù",
    ),
    "postscript": ("Ok.\n\nCordiali saluti\nAnna\n\nP.S. mi serve per stasera", "Ok.\n\nP.S. mi serve per stasera"),
    "thanks is no closing": ("Grazie\nMarta", "Grazie\nMarta"),
    "colon in a sentence": (
        "Martedì alle 9:15 ha scritto:\nil cliente, ed è furioso.",
        "Martedì alle 9:15 ha scritto:\nil cliente, ed è furioso.",
    ),
    "disclaimer it": (
        "Va bene.\n\nIl contenuto è riservato ai destinatari; se ricevuto per errore, avvisare subito il mittente.",
        "Va bene.",
    ),
    "disclaimer en": (
        "Fine.\n\nThis e-mail and any attachments are confidential. If urgent, call the office.",
        "Fine.",
    ),
    "sent from": ("Subito!\nInviato dal mio Galaxy", "Subito!"),
}
HOSTILE = {
    "newlines": "\n" * 20_000,
    "deep quotes": "\n".join(">" * n for n in range(700)),
    "one deep quote": "> " * 100_000,
    "half headers": "From: a\nDate: b\n" * 3_000,
    "closings": "Saluti\n" * 5_000,
    "half attributions": "On 1.1. a\n" * 5_000,
    "colons": "a:" * 100_000,
}


@pytest.mark.parametrize("mail", STORED, ids=[m["name"] for m in STORED])
def test_stored_mails(mail: dict[str, str]) -> None:
    found = split(mail["text"])
    if mail["new_text"] == "FORWARD":
        assert found.own == "Guarda qui."
        assert found.forwarded is not None
        assert found.forwarded.text == "Il sito è giù, mi serve subito."
    else:
        assert found.own == mail["new_text"].strip()


GREETED = "Zdravím Petře,\n\nmůžete mi prosím do konce měsíce poslat ceník všech vašich oken?\n\n"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (GREETED + "Zdravím\nEva", GREETED.strip()),
        ("Díky moc!\n\nZdravím\nEva", "Díky moc!"),
        ("Zdravím\nEva Malá", ""),
    ],
    ids=["a greeting above", "a closing below", "nothing but a closing"],
)
def test_a_formula_above_all_text_greets(text: str, own: str) -> None:
    assert split(text).own.strip() == own


@pytest.mark.parametrize(("text", "own"), WRITTEN.values(), ids=WRITTEN)
def test_mail_programs_and_traps(text: str, own: str) -> None:
    assert split(text).own == own


def test_a_forwarded_mail_is_read_with_its_claimed_sender() -> None:
    text = (
        "---------- Přeposlaná zpráva ----------\nOd: Karel Vlk <vlk@sklad.example>\nDatum: pá 17. 7. 2026 v 16:28\n"
        "Předmět: voda\nKomu: <petr@firma.example>\n\nTeče nám sem voda.\nVlk"
    )
    found = split(text)
    assert found.own == ""
    assert found.forwarded is not None
    assert found.forwarded.sender == "Karel Vlk <vlk@sklad.example>"
    assert found.forwarded.date == "pá 17. 7. 2026 v 16:28"
    assert found.forwarded.subject == "voda"
    assert found.forwarded.text == "Teče nám sem voda.\nVlk"


def test_a_header_block_is_a_quotation_under_text_and_a_forwarded_mail_without() -> None:
    block = "From: A <a@b.example>\nSent: Monday, November 16, 2026\nTo: B\nSubject: pump\n\nIt leaks."
    assert split(f"See below.\n\n{block}").forwarded is None
    alone = split(block).forwarded
    assert alone is not None
    assert alone.text == "It leaks."
    handed_on = split(f"See below.\n\n{block}", forwarding=True)
    assert handed_on.own == "See below."
    assert handed_on.forwarded is not None


def test_apple_mail_quotes_what_it_forwards() -> None:
    header = "> From: A <a@b.example>\n> Subject: pump\n> Date: 16 November 2026\n> To: B"
    text = f"Begin forwarded message:\n\n{header}\n> \n> It leaks."
    found = split(text).forwarded
    assert found is not None
    assert (found.subject, found.text) == ("pump", "It leaks.")


@given(st.lists(st.sampled_from(["> a", "Ciao", "-- ", "", "On 1.1.2026 9:00 x wrote:", "Saluti", "Da: x", "P.S. y"])))
def test_no_line_is_lost(lines: list[str]) -> None:
    found = split("\n".join(lines))
    kept = sorted(line.strip() for line in (found.own + "\n" + found.cut).split("\n") if line.strip())
    assert kept == sorted(line.strip() for line in lines if line.strip())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    assert within(0.3, lambda: split(text))


WORDY = st.sampled_from(["intended recipient", "in error", "the sender", "Privacy", "ok", "", "důvěrné", "riservàto"])


@given(st.lists(WORDY, max_size=12))
def test_a_look_at_all_lines_finds_every_disclaimer(lines: list[str]) -> None:
    """That one look saves one for each paragraph; it must never say that there is none where there is one."""
    page = newtext._page(lines, mail_words())
    found = [newtext._disclaimer(page.words, lines, at) for at in range(len(lines))]
    assert page.disclaims() or not any(found)


@given(st.text(st.sampled_from("-=_–*: .a¨：ﾞ\u0301é"), min_size=1).filter(str.strip))
def test_a_line_that_announces_nothing_is_known_by_its_ends(line: str) -> None:
    line = line.strip()
    for words in ("forwarded message", "original message"):
        said = f"{line}{words}{line}"
        bare = fold(said)
        framed = bare.startswith(("--", "==", "__", "––"))
        shown = bare.strip("-–—_=* :")
        forward = shown.startswith("forwarded") and (framed or bare.endswith(":"))
        expected = "forward" if forward else "block" if framed and shown.startswith("original") else ""
        assert newtext._separator(mail_words(), said) == expected


def test_a_text_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked about a message before it is decided, and the decision, have one split between them."""
    sort = Mock(wraps=newtext._sort)
    monkeypatch.setattr(newtext, "_sort", sort)
    text = "Nur einmal.\n\nAnna"
    assert split(text) is split(text, words=mail_words(()))
    assert split(text, forwarding=True) == split(text)
    assert sort.call_count == 2
