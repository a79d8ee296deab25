"""A secret in the spellings people and programs know: each is a function of the text around nothing but itself."""

import base64
import html
from collections.abc import Callable, Iterator
from email.header import Header
from functools import cache
from urllib.parse import quote

PHONE, EMAIL, LINK = "+420 603 111 222", "petr.more@proton.example", "https://ntfy.example/novak-7f3a9c1b2e"
TELEGRAM = "tgram://123456789:AAFkxQz7hPq9Lm2Vt5Yw8Zr1Bn4Cd6Ee/987654321"
CANARY, PLACE = "zlatá liška 7f3a", "Naxos*"
SECRETS = (PHONE, EMAIL, LINK, TELEGRAM, CANARY, PLACE)
GROUPS, DIGITS = ("603", "111", "222"), "603111222"
LOCAL, DOMAIN = EMAIL.split("@")
CYRILLIC = str.maketrans("aceopxy", "асеорху")
GREEK = str.maketrans("eotpv", "εοτρν")
SMALL_CAPS = str.maketrans("petrmoonxal", "ᴘᴇᴛʀᴍᴏᴏɴxᴀʟ")
SPOKEN = {
    "it": "sei zero tre uno uno uno due due due",
    "it pairs": "sessanta trentuno undici ventidue due",
    "it hundreds": "seicentotre, centoundici, duecentoventidue",
    "it mixed": "sei zero tre, centoundici, duecento e ventidue",
    "cs": "šest nula tři jedna jedna jedna dva dva dva",
    "cs hundreds": "šest set tři, sto jedenáct, dvě stě dvacet dva",
    "en": "six zero three one one one two two two",
    "en triple": "six oh three, triple one, triple two",
    "en hundreds": "six hundred and three, one hundred eleven, two hundred twenty-two",
    "de": "sechs null drei eins eins eins zwei zwei zwei",
    "de hundreds": "sechshundertdrei, hundertelf, zweihundertzweiundzwanzig",
    "fr": "six cent trois, cent onze, deux cent vingt-deux",
    "es": "seis cero tres uno uno uno dos dos dos",
    "sk": "šesťsto tri, sto jedenásť, dvesto dvadsať dva",
    "pl": "sześćset trzy, sto jedenaście, dwieście dwadzieścia dwa",
}
BETWEEN = {
    "blanks": " ", "dots": ".", "dashes": "-", "slashes": "/", "underscores": "_", "no-break": "\u00a0",
    "thin": "\u2009",
    "lines": "\n", "tabs": "\t", "cells": '","', "semicolons": ";", "table cells": "</td><td>", "ics fold": "\r\n ",
    "words": " pak ", "brackets": ") (", "en dash": " – ", "zero width": "\u200b", "word joiner": "\u2060",
    "comment": "<!-- -->", "entity blank": "&nbsp;", "filler": "\u3164", "json": '", "', "bullets": "\n* ",
}  # fmt: skip
ALPHABETS = {
    "full width": 0xFF10, "arabic": 0x660, "devanagari": 0x966, "bold": 0x1D7CE, "monospace": 0x1D7F6, "thai": 0xE50,
}  # fmt: skip


def _mapped(text: str, change: Callable[[str], str]) -> str:
    return "".join(map(change, text))


def wrapped(text: str) -> Iterator[tuple[str, str]]:
    """Any text behind what programs put around it."""
    data = text.encode()
    yield "entities", _mapped(text, lambda c: f"&#{ord(c)};")
    yield "hex entities", _mapped(text, lambda c: f"&#x{ord(c):x};")
    yield "entities twice", html.escape(_mapped(text, lambda c: f"&#{ord(c)};"))
    yield "percent", _mapped(data.decode("latin-1"), lambda c: f"%{ord(c):02x}")
    yield "percent twice", quote(_mapped(data.decode("latin-1"), lambda c: f"%{ord(c):02X}"))
    yield "base64", base64.b64encode(data).decode()
    yield "base64 within", base64.urlsafe_b64encode(b"tel. " + data + b" :)").decode().rstrip("=")
    yield "base64 behind", f"abc{base64.b64encode(data).decode()}"
    yield "hexadecimal", data.hex()
    yield "hexadecimal, spaced", data.hex(" ").upper()
    yield "escapes", _mapped(text, lambda c: f"\\u{ord(c):04x}")
    yield "escapes in a quoted name", _mapped(text, lambda c: f"\\\\u{ord(c):04x}")
    yield "short escapes", _mapped(data.decode("latin-1"), lambda c: f"\\x{ord(c):02x}")
    yield "quoted-printable", _mapped(data.decode("latin-1"), lambda c: f"={ord(c):02X}")
    yield "an encoded word", f"=?utf-8?b?{base64.b64encode(data).decode()}?="
    yield "encoded words", Header(f"{text} {'ž' * 60} {text}", "utf-8").encode()
    yield "tag letters", _mapped(text, lambda c: chr(0xE0000 + ord(c)) if c.isascii() else c)
    yield "a comment", f"<!-- {text} -->"
    yield "an attribute", f'<a href="#" title="{text}">x</a>'
    yield "soft hyphens", "\u00ad".join(text)
    yield "tags", "".join(f"<b>{c}</b>" for c in text)
    yield "variation selectors", "\ufe0f".join(text)
    yield "struck out", _mapped(text, lambda c: c + "\u0336")


def numbers() -> Iterator[tuple[str, str]]:
    yield from ((name, between.join(GROUPS)) for name, between in BETWEEN.items())
    yield from ((f"prefix {p}", f"{p}{DIGITS}") for p in ("+420", "00420", "(+420) ", "tel:+420", "+ 4 2 0 "))
    yield from SPOKEN.items()
    for name, zero in ALPHABETS.items():
        yield name, _mapped(DIGITS, lambda c, zero=zero: chr(zero + int(c)))  # type: ignore[misc]  # one more argument
    yield "circled", _mapped(DIGITS, lambda c: chr(0x2460 + int(c) - 1) if c != "0" else "⓪")
    yield "superscript", DIGITS.translate(str.maketrans("01236", "⁰¹²³⁶"))
    yield "keycaps", _mapped(DIGITS, lambda c: f"{c}\ufe0f\u20e3")
    yield "letters", "6O3 lll 222"
    yield "letters in a word", "6o3iii2zz"
    yield "backwards", DIGITS[::-1]
    yield "one by one", " ".join(DIGITS)
    yield "half in words", "603 uno uno uno 222"
    yield "numbers between", "603 e due: 111, poi l'uno: 222"
    yield "encoded words, short", "=?utf-8?b?NjAz?= =?utf-8?b?MTEx?= =?utf-8?b?MjIy?="
    yield "link", f"sms:{DIGITS}?body=x"
    yield "json", '{"a": "603", "b": 111, "c": [222]}'


def addresses() -> Iterator[tuple[str, str]]:
    for at in (
        "(at)",
        "[at]",
        "{at}",
        " at ",
        " AT ",
        "<at>",
        " chiocciola ",
        " zavináč ",
        " arroba ",
        "(@)",
        " - at - ",
    ):
        yield f"at {at}", f"{LOCAL}{at}{DOMAIN}"
    for at, dot in (("at", "dot"), ("chiocciola", "punto"), ("zavináč", "tečka"), ("at", "punkt"), ("malpa", "kropka")):
        yield f"{at} {dot}", f" {at} ".join((LOCAL, DOMAIN)).replace(".", f" {dot} ")
        yield f"({at}) ({dot})", f" ({at}) ".join((LOCAL, DOMAIN)).replace(".", f" [{dot}] ")
    yield from ((n, EMAIL.translate(t)) for n, t in (("cyrillic", CYRILLIC), ("greek", GREEK), ("caps", SMALL_CAPS)))
    yield "full width", _mapped(EMAIL, lambda c: chr(ord(c) + 0xFEE0))
    yield "framed", _mapped(EMAIL, lambda c: chr(0x1F150 + ord(c) - 97) if c.isalpha() else c)
    yield "upper case", EMAIL.upper()
    yield "tagged", f"{LOCAL}+dovolena@{DOMAIN}"
    yield "mailto", f"mailto:{quote(EMAIL)}?subject=x"
    yield "utf-7", f"{LOCAL}+AEA-{DOMAIN}"
    yield "digits", "petr.m0re@pr0t0n.examp1e"
    yield "pairs", EMAIL.replace("m", "rn")
    yield "letter by letter", "p-e-t-r dot m-o-r-e at p-r-o-t-o-n dot e-x-a-m-p-l-e"
    yield "spaced", " ".join(EMAIL)
    yield "dashed", "-".join(EMAIL)
    yield "two cells", f'"{LOCAL}","{DOMAIN}"'
    yield "two lines", f"{LOCAL}@\n{DOMAIN}"
    yield "backwards", EMAIL[::-1]
    yield "punycode", f"{LOCAL}@{'рroton'.encode('idna').decode()}.example"


def links() -> Iterator[tuple[str, str]]:
    yield "link", LINK
    yield "link in capitals", LINK.upper()
    yield "topic", "novak-7f3a9c1b2e"
    yield "without signs", "ntfy example novak 7f3a9c1b2e"
    yield "link, defanged", LINK.replace("https", "hxxps").replace(".", "[.]")
    yield "bot", TELEGRAM
    yield "token", "AAFkxQz7hPq9Lm2Vt5Yw8Zr1Bn4Cd6Ee"
    yield "half of the token", "AAFkxQz7hPq9Lm2V"
    yield "the other half", "t5Yw8Zr1Bn4Cd6Ee"
    yield "token backwards", "AAFkxQz7hPq9Lm2Vt5Yw8Zr1Bn4Cd6Ee"[::-1]
    yield "chat", "id 987654321"
    yield "canary", "Zlata LISKA-7f3a"
    yield "place", "je na Naxosu"


@cache
def disguises() -> dict[str, str]:
    """Every spelling by its name."""
    found = {f"number, {n}": t for n, t in (*numbers(), *wrapped(PHONE))}
    found |= {f"address, {n}": t for n, t in (*addresses(), *wrapped(EMAIL))}
    found |= {f"other, {n}": t for n, t in (*links(), *wrapped(LINK))}
    return found | {f"word, {n}": t for n, t in wrapped("je na Naxosu")}
