"""Faults 40 to 48: mail made, or broken, so that a reader hangs, dies or reads the wrong thing.

Every message must end where a person or the rules want it, and the one behind it must be handled.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.adapters import poison
from tests.adapters.mails import BASE, BROKEN, HOSTILE, MAILS, multipart, part
from tests.faults import corpus_run
from tests.make import ITALIAN, absent, book
from tests.office import Office, letter, trusting
from vamaild.adapters.apart import Apart
from vamaild.adapters.html import visible
from vamaild.adapters.mime import MimeReader
from vamaild.core.ledger import Outcome
from vamaild.core.ruleset import Trust

FLOOD = "Si sta allagando la cantina!"
CALM = "Ciao, mi mandi il listino?"
HEAD = (
    "Return-Path: <carla@customer.example>\nFrom: carla@customer.example\nTo: boss@client.example\n"
    "Delivered-To: boss@client.example\nSubject: Faccenda\nMessage-ID: <h@customer.example>\n"
    "Date: Thu, 26 Nov 2026 10:40:00 +0100\nMIME-Version: 1.0\n"
)


def office() -> Office:
    """As the service reads; the client is away, and one emergency is known: water."""
    place = Office(trusting(Trust.SEND, absent()))
    place.service.read = MimeReader(visible).read
    return place


def came_of(raw: bytes, place: Office | None = None) -> tuple[Outcome, str]:
    """What became of this mail; one behind it is answered all the same."""
    place = place or office()
    place.arrive(raw, letter(2, CALM, sender="dana@third.example"))
    first, second = (place.store.find_entry("inbox", uid) for uid in (1, 2))
    assert first is not None
    assert second is not None
    assert second.outcome is Outcome.ANSWERED
    return first.outcome, first.reason


def mail(rest: str) -> bytes:
    return (HEAD + rest).encode("utf-8", "surrogateescape")


# ---- 40, 41


@pytest.mark.slow
def test_40_41_public_and_made_mails_through_the_real_path(tmp_path: Path) -> None:
    for number, path in enumerate(MAILS):
        (tmp_path / f"a{number}.eml").write_bytes(path.read_bytes())
    for number, rest in enumerate(HOSTILE.values()):
        (tmp_path / f"b{number}.eml").write_bytes(BASE + rest.encode("utf-8", "surrogateescape"))
    found = corpus_run.run(tmp_path)
    assert found.mails == len(MAILS) + len(HOSTILE) == sum(found.states.values())
    assert (found.crashes, found.stateless, found.broke) == ([], [], [])
    assert found.apart < corpus_run.MOST_MEMORY


# ---- 42


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(BROKEN, id="96 bytes that mail-parser dies of"),
        pytest.param(
            f"Content-Type: multipart/mixed; boundary=X\n\n{FLOOD}\n--X\nContent-Type: image/png\n\n--X--\n",
            id="only in the preamble",
        ),
        pytest.param(f"Content-Type: multipart/mixed; boundary=never\n\n{FLOOD}\n", id="no boundary at all"),
        pytest.param('Content-Type: image/png; charset="a\0b"\n\n\udce8\udce8 è qui', id="NUL in a charset"),
        pytest.param(part("image/png", "iVBORw0KGgo abc def ghi"), id="only bytes"),
        pytest.param(multipart("encrypted", part("application/octet-stream", "AAAA")), id="encrypted"),
    ],
)
def test_42_what_cannot_be_read_is_never_calm(rest: str) -> None:
    assert came_of(mail(rest))[0] in (Outcome.WAITING, Outcome.ESCALATED)


# ---- 43

SPOKEN = replace(
    ITALIAN, lists=dict(ITALIAN.lists) | {"urgency.stated": ("è già urgente", "至急", "срочно", "naléhavé")}
)


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [
        ("perché è già urgente", "cp1252", "iso-8859-1"),
        ("perché è già urgente", "cp1252", ""),
        ("perché è già urgente", "cp1252", "us-ascii"),
        ("perché è già urgente", "utf-8", "x-unknown"),
        ("perché è già urgente", "utf-16", "utf-16"),
        ("perché è già urgente", "utf-7", "utf-7"),
        ("je to naléhavé, prosím", "cp1250", "windows-1250"),
        ("je to naléhavé, prosím", "iso8859-2", "iso-8859-2"),
        ("очень срочно", "koi8-r", "koi8-r"),
        ("очень срочно", "cp1251", "windows-1251"),
        ("至急 お願いします", "iso2022_jp", "iso-2022-jp"),
        ("至急 お願いします", "iso2022_jp", ""),
        ("至急 お願いします", "shift_jis", "shift_jis"),
    ],
)
def test_43_the_words_of_a_rule_are_found_in_every_character_set(text: str, encoding: str, declared: str) -> None:
    place = office()
    rules = place.service.rules
    place.service.rules = replace(rules, rulebook=book(place.ruleset, languages={"it": SPOKEN}))
    charset = f"; charset={declared}" if declared else ""
    place.arrive(HEAD.encode() + f"Content-Type: text/plain{charset}\n\n".encode() + text.encode(encoding))
    entry = place.store.find_entry("inbox", 1)
    assert entry is not None
    assert entry.kind == "rush-request"


# ---- 44


@pytest.fixture
def poisoned() -> Iterator[Apart]:
    apart = Apart(poison.MODULE, lambda: MimeReader(visible).read)
    yield apart
    apart.close()


def test_44_poison_is_set_aside_and_the_mailbox_goes_on(poisoned: Apart) -> None:
    place = office()
    place.service.read, place.service.read_all = poisoned.read, poisoned.read_all
    place.arrive(b"one", b"die", b"two")
    found = [place.store.find_entry("inbox", uid) for uid in (1, 2, 3)]
    assert [(e.outcome, e.reason) for e in found if e][1] == (Outcome.WAITING, "unreadable")
    assert [c.case.note for c in place.store.cases() if c.case.reason == "unreadable"] == ["the reader broke on it"]
    assert all(found)


# ---- 45


@pytest.mark.parametrize(
    ("rest", "ends"),
    [
        pytest.param(part("text/html", f"<p>{CALM}</p>"), Outcome.ANSWERED, id="text only in HTML"),
        pytest.param(part("text/html", "<img src=x.png>"), Outcome.WAITING, id="text only in an image"),
        pytest.param(multipart("mixed", part("application/pdf; name=a.pdf", "JVBERi0=")), Outcome.WAITING, id="PDF"),
        pytest.param(part("application/zip; name=a.zip", "UEsDBAo="), Outcome.WAITING, id="zip"),
        pytest.param(part("application/ms-tnef; name=winmail.dat", "eJ8+IgE="), Outcome.WAITING, id="winmail.dat"),
        pytest.param(part("application/pkcs7-mime; name=smime.p7m", "MIAG"), Outcome.WAITING, id="S/MIME"),
        pytest.param(
            multipart("signed", part("text/plain", CALM), part("application/pkcs7-signature; name=s.p7s", "MIAG")),
            Outcome.ANSWERED, id="only signed",
        ),
        pytest.param(part("text/plain", CALM + "a" * 3_000_000), Outcome.WAITING, id="one line of 3 MB"),
        pytest.param(
            multipart("mixed", part("text/plain", CALM), part("application/zip; name=a.zip", "UEsD\n" * 700_000)),
            Outcome.ANSWERED, id="an attachment of 3.5 MB",
        ),
    ],
)  # fmt: skip
def test_45_long_and_wrapped_mail(rest: str, ends: Outcome) -> None:
    assert came_of(mail(rest))[0] is ends


# ---- 46

QUOTED = f"\n\nIl giorno gio 19 nov 2026 alle 09:00 X <x@customer.example> ha scritto:\n> {FLOOD}\n"


@pytest.mark.parametrize(
    ("text", "escalates"),
    [
        (CALM + QUOTED, False),
        (f"{CALM}\n-- \n{FLOOD}", False),
        (f"{FLOOD}{QUOTED}", True),
        (f"{FLOOD}\n-- \nCarla", True),
    ],
)
def test_46_only_the_senders_own_words_count(text: str, escalates: bool) -> None:
    found = came_of(mail(f"Content-Type: text/plain; charset=utf-8\n\n{text}"))
    assert (found[0] is Outcome.ESCALATED) == escalates


# ---- 47


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Si sta alla\u200bgando la cantina!", id="zero width"),
        pytest.param("Si sta alla\u00adgando la cantina!", id="soft hyphen"),
        pytest.param("\u202eSi sta allagando\u202c la cantina!", id="bidi override"),
        pytest.param("Si st\u0430 all\u0430gando la cantina!", id="Cyrillic a"),
        pytest.param("SI STA ALLAGANDO LA CANTINA", id="capitals"),
        pytest.param("Si sta allagando", id="full width"),
    ],
)
def test_47_disguised_words_are_read_or_seen_by_a_person(text: str) -> None:
    found = came_of(mail(f"Content-Type: text/plain; charset=utf-8\n\n{text}"))
    assert found[0] in (Outcome.ESCALATED, Outcome.WAITING)


@pytest.mark.parametrize("style", ["display:none", "font-size:0", "color:#fff", "visibility:hidden"])
def test_47_hidden_text_neither_alarms_nor_calms(style: str) -> None:
    alarm = part("text/html; charset=utf-8", f"<p>{CALM}</p><p style='{style}'>{FLOOD}</p>")
    calm = part("text/html; charset=utf-8", f"<p>{FLOOD}</p><p style='{style}'>non è urgente, quando puoi</p>")
    assert came_of(mail(alarm))[0] is not Outcome.ESCALATED
    assert came_of(mail(calm))[0] is Outcome.ESCALATED


# ---- 48


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x", "/tmp/x", "a\0b", "x" * 400, "C:\\\\x.exe", "=?utf-8?q?..=2F..=2Fx?=", "~/.profile", "|sh"],
)
def test_48_nothing_is_written_by_the_name_of_an_attachment(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    attached = part("application/pdf", "JVBERi0=", f'Content-Disposition: attachment; filename="{name}"')
    assert came_of(mail(multipart("mixed", part("text/plain", CALM), attached)))[0] is Outcome.ANSWERED
    assert list(tmp_path.iterdir()) == []
