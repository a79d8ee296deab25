"""Bytes to text, whatever their sender says they are (RFC 2045, RFC 2047).

Only codecs from a list are ever used: among Python's own there are some that take minutes (punycode) or are no
character sets at all. A mail that does not say its character set is tried as UTF-8, then as what its language uses.
"""

import codecs
import encodings
import re
from functools import lru_cache

SAFE = frozenset(
    {"ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"}
    | {f"iso8859-{n}" for n in (*range(1, 11), 13, 14, 15, 16)}
    | {
        f"cp{n}"
        for n in (*range(1250, 1259), 437, 737, 775, 850, 852, 855, 857, 858, 862, 863, 864, 865, 866, 869, 874)
    }
    | {"tis-620", "koi8-r", "koi8-u", "koi8-t", "mac-roman", "mac-latin2", "mac-cyrillic", "mac-greek", "mac-turkish"}
    | {"gb2312", "gbk", "gb18030", "hz", "big5", "big5hkscs", "cp949", "cp950", "euc_kr", "johab", "iso2022_kr"}
    | {"shift_jis", "shift_jis_2004", "cp932", "euc_jp", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3"}
)
WIDER = {
    "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874", "gb2312": "gb18030",
    "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "iso2022_jp": "iso2022_jp_2", "ascii": "",
}  # fmt: skip
"""What senders mean who name the smaller set (WHATWG Encoding); ASCII says nothing about letters beyond it."""

NICKNAMES = {
    "x-sjis": "cp932", "x-euc-jp": "euc_jp", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030", "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac-roman", "x-mac-ce": "mac-latin2", "x-cp1250": "cp1250",
    "x-cp1252": "cp1252", "cp-850": "cp850", "iso-8859-8-i": "iso8859-8", "ansi": "", "x-user-defined": "",
    "binary": "", "8bit": "", "unknown-8bit": "", "default": "", "x-unknown": "",
}  # fmt: skip
EASTERN = frozenset({"cs", "sk", "pl", "hu", "sl", "hr", "ro"})
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff]")
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+")
LIKE_LATIN = (
    r"\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    r"\u03b1\u03b9\u03bd\u03bf\u03c1\u03c5"
)
MIXED = re.compile(
    rf"[A-Za-z\u00c0-\u024f][{LIKE_LATIN}\u0400-\u04ff]|[{LIKE_LATIN}\u0400-\u04ff][A-Za-z\u00c0-\u024f]"
)
"""Letters of two alphabets in one word: it looks like another word."""

MIDDLE = re.compile(rb"[\xe8\xec\xf8\xf9\xef\xf2\xc8\xcc\xd8](?=[a-z])")
END = re.compile(rb"[\xe0\xe8\xec\xf2\xf9](?![a-z\x80-\xff])")
CZECH = re.compile(rb"[\x8a\x8d\x8e\x9a\x9d\x9e\xfd\xdd]")
LATIN = re.compile(rb"[\xe7\xf1\xea\xee\xf4\xe5]")


@lru_cache(maxsize=256)
def codec(name: str) -> str | None:
    """The codec to use for a declared name: "" where it says nothing, None where it is unknown or not safe."""
    plain = name.strip().strip("\"'").lower().replace(" ", "")
    if plain in NICKNAMES:
        return NICKNAMES[plain]
    if not re.fullmatch(r"[a-z0-9_.:()+-]{1,40}", plain):
        return None if plain else ""
    try:
        known = codecs.lookup(plain).name
    except LookupError:
        return None
    return WIDER.get(known, known) if known in SAFE or known in WIDER else None


def only_safe() -> None:
    """From now on this process knows no other codecs, whichever library asks. For a process that only reads mail."""
    # raw-unicode-escape: the standard library itself puts headers together with it.
    known = {codecs.lookup(name).name for name in SAFE | {"raw-unicode-escape"}}

    def search(name: str) -> codecs.CodecInfo | None:
        try:
            found = encodings.search_function(name)
        except (OSError, ImportError):  # a process that may open no files cannot load another one
            return None
        return found if found and found.name in known else None

    codecs.unregister(encodings.search_function)
    codecs.register(search)


def decode(raw: bytes, declared: str = "", language: str = "") -> tuple[str, str]:
    """The text (LF line ends, no control characters) and a doubt, "" when there is none. Never raises."""
    name = codec(declared)
    doubt = "" if name is not None else f'its character set "{declared[:40]}" is unknown, some letters may be wrong'
    text = _strictly(raw, name or "")
    if text is None:
        text = guess(raw, language)
        if name and "\ufffd" in text:
            doubt = f'some letters are not in the character set "{declared[:40]}" it names and may be wrong'
    return clean(text), doubt


def guess(raw: bytes, language: str = "") -> str:
    """Text whose character set nobody said: UTF-8, Japanese by its escapes, else what the language uses."""
    if b"\x1b$" in raw and raw.isascii():
        return raw.decode("iso2022_jp_2", "replace")
    text = _strictly(raw, "utf-8")
    if text is not None:
        return text
    mostly = raw.decode("utf-8", "replace")
    if mostly.count("\ufffd") * 20 < sum(byte > 127 for byte in raw):
        return mostly
    return raw.decode("cp1250" if _eastern(raw, language) else "cp1252", "replace")


def clean(text: str) -> str:
    """One kind of line end (LF), and no control characters or half characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text.removeprefix("\ufeff")).replace("\x85", "\n")


def shown(text: str) -> str:
    """Without what nobody sees: characters of no width between letters hide a word from whoever looks for it."""
    return text if text.isascii() else UNSEEN.sub("", text)


def disguised(text: str) -> bool:
    """Whether some word is put together from letters that only look like those of its language."""
    return not text.isascii() and MIXED.search(text) is not None


def _strictly(raw: bytes, name: str) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and name in ("", "utf-8"):
        name = "utf-16"
    if not name:
        return raw.decode("ascii") if raw.isascii() and b"\x1b$" not in raw else None
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _eastern(raw: bytes, language: str) -> bool:
    """Czech, Slovak, Polish rather than Italian, French, German, by the letters that differ and where they stand."""
    if language:
        return language[:2].lower() in EASTERN
    for_it = len(MIDDLE.findall(raw)) + 2 * len(CZECH.findall(raw))
    against = len(END.findall(raw)) + 2 * len(LATIN.findall(raw))
    return for_it > against
