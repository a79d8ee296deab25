"""Which folder, which parts of a message, which words of a server: chosen without a server."""

from pathlib import Path

import pytest

from tests.servers import (
    scripted_imap,
)
from vamaild.adapters.mailbox import errors, folders, pick

from .imap_scripts import FETCHED, on_uid

# ---- folders


def folder(name: str, *flags: bytes, delimiter: bytes | None = b"/") -> tuple[tuple[bytes, ...], bytes | None, str]:
    return flags, delimiter, name


@pytest.mark.parametrize(
    ("listed", "special", "chosen"),
    [
        ([folder("INBOX"), folder("Odeslane", b"\\HasNoChildren", b"\\Sent")], "\\Sent", "Odeslane"),
        ([folder("Sent"), folder("[Gmail]/Posta inviata", b"\\sent")], "\\Sent", "[Gmail]/Posta inviata"),
        ([folder("Archiv"), folder("Posta inviata")], "\\Sent", "Posta inviata"),
        ([folder("Odeslaná pošta")], "\\Sent", "Odeslaná pošta"),
        ([folder("Odeslané")], "\\Sent", "Odeslané"),
        ([folder("Gesendete Elemente")], "\\Sent", "Gesendete Elemente"),
        ([folder("INBOX.Sent", delimiter=b".")], "\\Sent", "INBOX.Sent"),
        ([folder("INBOX.Gesendet", delimiter=b"."), folder("INBOX.Sent", delimiter=b".")], "\\Sent", "INBOX.Sent"),
        ([folder("Sent", b"\\Noselect"), folder("Inviata")], "\\Sent", "Inviata"),
        ([folder("Bozze"), folder("Sent")], "\\Drafts", "Bozze"),
        ([folder("Koncepty")], "\\Drafts", "Koncepty"),
        ([folder("Sentenze"), folder("Presented")], "\\Sent", None),
        ([folder("Sent", delimiter=None)], "\\Sent", "Sent"),
        ([], "\\Sent", None),
    ],
)
def test_which_folder(
    listed: list[tuple[tuple[bytes, ...], bytes | None, str]], special: str, chosen: str | None
) -> None:
    assert folders.choose(listed, special) == chosen


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"Message-ID: <a.b+c@va.example>\r\n\r\n", "<a.b+c@va.example>"),
        (b"Subject: x\r\nmessage-id:\r\n <abc@va.example>\r\nTo: a\r\n\r\nx", "<abc@va.example>"),
        (b"Subject: x\r\n\r\nMessage-ID: <body@x>\r\n", None),
        (b'Message-ID: <a"b@x>\r\n\r\n', None),
        (b"Message-ID: <a\\b@x>\r\n\r\n", None),
        (b"Message-ID: <a b@x>\r\n\r\n", None),
        (b"Message-ID: <a{5}@x>\r\n\r\n", None),
        (b"Message-ID: <a@x> LOGOUT\r\n\r\n", None),
        (b"Message-ID: <a@x>\r\nMessage-ID: <b@x>\r\n\r\n", None),
        (b"Message-ID: <" + b"a" * 300 + b"@x>\r\n\r\n", None),
    ],
)
def test_a_message_id_fit_for_a_command(raw: bytes, found: str | None) -> None:
    assert folders.message_id(raw) == found


# ---- picking parts


def leaf(kind: bytes, subtype: bytes, *more: object) -> tuple[object, ...]:
    return (kind, subtype, None, None, None, b"7bit", 99, *more)


ATTACHED = (None, (b"attachment", (b"filename", b"a.txt")))
ALTERNATIVE = (leaf(b"text", b"plain", 3), leaf(b"text", b"html", 3), b"alternative", (b"boundary", b"IN"), None)


@pytest.mark.parametrize(
    ("structure", "wanted"),
    [
        (leaf(b"text", b"plain", 3), ["TEXT"]),
        (leaf(b"application", b"pdf"), []),
        (leaf(b"TEXT", b"PLAIN", 3, *ATTACHED), []),
        (([leaf(b"text", b"plain", 3), leaf(b"image", b"png")], b"mixed", (b"BOUNDARY", b"X")),
         ["1", "2.MIME", "1.MIME"]),
        (([ALTERNATIVE, leaf(b"image", b"png")], b"mixed", (b"boundary", b"X")),
         ["1.1", "1.2", "1.1.MIME", "1.2.MIME", "1.MIME", "2.MIME"]),
        (([leaf(b"text", b"plain", 1), leaf(b"message", b"rfc822", (b"env",), leaf(b"text", b"plain", 1), 9)],
          b"mixed", (b"boundary", b"X")), ["1", "1.MIME", "2.MIME", "2.HEADER", "2.TEXT"]),
        (([leaf(b"text", b"plain", 1), leaf(b"message", b"rfc822", (b"env",), ALTERNATIVE, 9)],
          b"mixed", (b"boundary", b"X")), ["1", "1.MIME", "2.MIME", "2.HEADER", "2.1", "2.2", "2.1.MIME", "2.2.MIME"]),
        (leaf(b"message", b"rfc822", (b"env",), leaf(b"text", b"plain", 1), 9), ["1.HEADER", "1.TEXT"]),
        (leaf(b"text", b"calendar", 3, *ATTACHED), ["TEXT"]),
    ],
)  # fmt: skip
def test_which_parts_are_fetched(structure: object, wanted: list[str]) -> None:
    items = pick.sections(pick.read(structure))
    assert sorted(item.split("[")[1].split("]")[0] for item in items) == sorted(wanted)
    assert all(item.startswith("BODY.PEEK[") and item.endswith(">") for item in items)


def nested(levels: int) -> object:
    part: object = leaf(b"text", b"plain", 1)
    for _ in range(levels):
        part = ([part], b"mixed", (b"boundary", b"X"))
    return part


@pytest.mark.parametrize(
    "structure",
    [None, b"text", (), (b"text",), 7, nested(40), ([leaf(b"text", b"plain", 1)] * 400, b"mixed", (b"boundary", b"X")),
     ([leaf(b"text", b"plain", 1)], b"mixed", None)],
)  # fmt: skip
def test_a_structure_that_cannot_be_followed(structure: object) -> None:
    with pytest.raises(pick.StructureError):
        pick.read(structure)


def test_texts_without_number_are_limited() -> None:
    whole = pick.read(([leaf(b"text", b"plain", 1)] * 40, b"mixed", (b"boundary", b"X")))
    assert sum("MIME" not in item for item in pick.sections(whole)) == pick.TEXTS_LIMIT


# ---- sentences


def test_a_server_cannot_write_into_our_log_lines() -> None:
    assert errors.words("no\r\n\x1b[31mERROR fake line\x00" + "x" * 500).startswith("no [31mERROR fake line xxx")
    assert len(errors.words("x" * 500)) == errors.SERVER_WORDS_LIMIT


def test_a_size_is_said_with_its_unit(tmp_path: Path) -> None:
    big = FETCHED.replace(b"RFC822.SIZE 40", b"RFC822.SIZE 61200000")
    with scripted_imap(on_uid(big, b"TAG OK done\r\n")) as server:
        box = server.mailbox()
        box.open()
        ((arrival,),) = box.arrivals(0)
    assert arrival.problem == "too large to read: 61.2 MB"
    assert arrival.raw == b"From: a@b.cz\r\nA: bcd\r\n"
