"""Texts inside a text: what a program or a careful reader sees behind entities, percent signs, base64 and the like.

`layers` gives the text itself and everything behind it. INPLACE undo something where it stands, BESIDE find another
text within; both are tables, so that a test can take each one away and see what then gets through. RFC 2045, 2047,
2152, 3492, 3986.
"""

import base64
import html
import quopri
import re
import unicodedata
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from .words import fold

ROUNDS = 4
ESCAPE = re.compile(
    r"\\{1,4}u\{([0-9A-Fa-f]{1,6})\}|(?:\\{1,4}u|%u)([0-9A-Fa-f]{4})|\\{1,4}x([0-9A-Fa-f]{2})"
    r"|\bU\+([0-9A-Fa-f]{4,5})\b"
)
"""A quoted name, or JSON within JSON, doubles the backslash."""
NUMBERED = re.compile(r"&#0*([0-9]{1,8})[0-9]*")  # more digits name no character either
QUOTED = re.compile(r"(?<!=)=[0-9A-Fa-f]{2}|=[ \t]*\r?\n")
ENCODED_WORD = re.compile(r"=\?([\w-]{1,40})(?:\*[\w-]*)?\?([bBqQ])\?([^?\s]*)\?=")
BETWEEN_WORDS = re.compile(r"\?=\s+=\?")
UTF7 = re.compile(r"\+A[A-Za-z0-9/]{2,}-")
PUNYCODE = re.compile(r"\bxn--([a-z0-9-]{1,59})", re.IGNORECASE)
TAG = re.compile(r"<(?:[^<>@\s]*|(?:!--|[^<>@\s]+\s)[^<>]*)>")  # <a href="x">, and no <name@example.com>
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*")
MIXED = re.compile(r"[a-z0-9][A-Z]")
HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :]?){6,}")
READABLE = re.compile(rb"[\x20-\x7e\x80-\xf4]{6}")
CHARSETS = frozenset(
    ("utf-8", "us-ascii", "utf-16", "iso-8859-1", "iso-8859-2", "windows-1250", "windows-1252", "utf-7")
)
TAGGED = re.compile("[\U000e0020-\U000e007e]")
TAG_LETTERS = {0xE0000 + code: code for code in range(0x20, 0x7F)}
LETTERS_IN_FRAMES = {start + n: 97 + n for start in (0x1F1E6, 0x1F150, 0x1F170) for n in range(26)}
ALIKE = dict(
    zip(
        map(ord, "авекмнорстухѕіјԁһӏԛԝѵгαβγεικνορτυχωηօսհոᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıɑɡⅼ"),
        "abekmhopctyxsijdhlqwvrabyeikvoptuxwnouhnabcdefghijklmnoprstuvwyziagl",
        strict=True,
    )
)
FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
KEPT = 20_000


class _Plain(dict[int, str]):
    """Each character as a reader takes it: lower case, no accent, nothing invisible, look-alikes undone."""

    def __missing__(self, code: int) -> str:
        seen = _seen(chr(code))
        if len(self) < KEPT:
            self[code] = seen
        return seen


def _seen(character: str) -> str:
    if ord(character) in LETTERS_IN_FRAMES:
        return chr(LETTERS_IN_FRAMES[ord(character)])
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if character in FILLERS or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    if character in "\r\n\t":
        return character
    return "" if unicodedata.category(character) == "Cc" else fold(character).translate(ALIKE)


PLAIN = _Plain()


def plain(text: str) -> str:
    """The text character by character as a reader takes it."""
    return text.translate(PLAIN)


def entities(text: str) -> str:
    """Without `&name;` and `&#number;`. Python's own raises at a number of more than 4,300 digits."""
    return html.unescape(NUMBERED.sub(r"&#\1", text)) if "&" in text else text


def percent(text: str) -> str:
    return unquote(text) if "%" in text else text


def escapes(text: str) -> str:
    return ESCAPE.sub(_escaped, text) if "\\" in text or "U+" in text or "%u" in text else text


def _escaped(found: re.Match[str]) -> str:
    code = int(next(filter(None, found.groups())), 16)
    return chr(code) if code <= 0x10FFFF else found.group()


def quoted_printable(text: str) -> str:
    return QUOTED.sub(_unquoted, text) if "=" in text else text


def _unquoted(found: re.Match[str]) -> str:
    return quopri.decodestring(found.group().encode()).decode("latin-1")


def encoded_words(text: str) -> str:
    return ENCODED_WORD.sub(_encoded_word, BETWEEN_WORDS.sub("?==?", text)) if "=?" in text else text


def _encoded_word(found: re.Match[str]) -> str:
    charset, how, said = found.groups()
    data = said.encode("ascii", "replace")
    raw = quopri.decodestring(data, header=True) if how in "qQ" else _bytes(said)
    return raw.decode(charset if charset.lower() in CHARSETS else "latin-1", "replace")


def utf7(text: str) -> str:
    return UTF7.sub(lambda m: m.group().encode().decode("utf-7", "replace"), text) if "+A" in text else text


def tag_letters(text: str) -> str:
    return text.translate(TAG_LETTERS) if TAGGED.search(text) else text


def punycode(text: str) -> str:
    return PUNYCODE.sub(_from_punycode, text) if "xn--" in text.lower() else text


def _from_punycode(found: re.Match[str]) -> str:
    try:
        return found.group(1).encode().decode("punycode")
    except ValueError:
        return found.group()


def markup(text: str) -> str:
    """The text between the tags; what stands in tags and comments is seen in the text itself."""
    return TAG.sub("", text) if "<" in text else ""


def in_base64(text: str) -> str:
    """What is readable behind runs of base64, wherever in the run it begins."""
    runs = ("".join(run.split()) for run in BASE64.findall(text) if MIXED.search(run))
    return "\n".join(said for run in runs for offset in range(4) if (said := _readable(_bytes(run[offset:]))))


def _bytes(run: str) -> bytes:
    """What this much base64 says, of either alphabet, with or without its padding."""
    run = re.sub(r"[^A-Za-z0-9+/]", "", run.replace("-", "+").replace("_", "/"))
    run = run[: len(run) - 1] if len(run) % 4 == 1 else run
    return base64.b64decode(run + "=" * (-len(run) % 4))


def in_hex(text: str) -> str:
    """What is readable behind runs of hexadecimal, wherever in the run it begins."""
    runs = (re.sub(r"[ :]", "", run) for run in HEX.findall(text))
    return "\n".join(said for run in runs for at in (0, 1) if (said := _readable(_unhexed(run[at:]))))


def _unhexed(run: str) -> bytes:
    return bytes.fromhex(run[: len(run) // 2 * 2])


def _readable(raw: bytes) -> str:
    return raw.decode("utf-8", "replace") if READABLE.search(raw) else ""


Undo = Callable[[str], str]
INPLACE: dict[str, Undo] = {
    "entities": entities,
    "percent": percent,
    "escapes": escapes,
    "encoded words": encoded_words,
    "quoted-printable": quoted_printable,
    "utf-7": utf7,
    "tag letters": tag_letters,
    "punycode": punycode,
}
BESIDE: dict[str, Undo] = {"markup": markup, "base64": in_base64, "hexadecimal": in_hex}


class TooDeepError(ValueError):
    """The text is wrapped more often than anybody does in earnest."""


def layers(text: str) -> Iterator[str]:
    """The text and everything behind it, the text itself first. Raises TooDeepError."""
    fresh, seen = {text: None}, {text}
    for _ in range(ROUNDS):
        yield from fresh
        found = dict.fromkeys(t for one in fresh for t in _behind(one) if t and t not in seen)
        seen.update(found)
        fresh = found
        if not fresh:
            return
    raise TooDeepError


def _behind(text: str) -> Iterator[str]:
    undone = text
    for undo in INPLACE.values():
        undone = undo(undone)
    yield undone
    yield from (find(undone) for find in BESIDE.values())
