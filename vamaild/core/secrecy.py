"""Does a text betray a secret contact? Looked at in every spelling a person could read back (promise 3).

Numbers are compared as digits (spaces, dots, +39 or 0039, number words), addresses and links folded, without blanks,
with "(at)", "chiocciola", "zavináč" and their like undone, percent and HTML encoding taken off.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from .words import fold

DIGIT_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        (
            "zero nula null oh cero zéro nulla",
            "one uno jedna jeden eins un una jedno",
            "two due dva dve zwei deux dos dwa",
            "three tre tri drei trois tres trzy",
            "four quattro ctyri vier quatre cuatro styri cztery",
            "five cinque pet funf cinq cinco pat piec",
            "six sei sest sechs seis szesc",
            "seven sette sedm sieben sept siete sedem siedem",
            "eight otto osm acht huit ocho osem osiem",
            "nine nove devet neun neuf nueve devat dziewiec",
        )
    )
    for word in words.split()
}
AT = re.compile(r"\s*[(\[{<]\s*(?:at|chiocciola|zavinac|arroba|@)\s*[)\]}>]\s*|\s+(?:at|chiocciola|zavinac|arroba)\s+")
DOT = re.compile(r"\s*[(\[{<]\s*(?:dot|punto|tecka|punkt|\.)\s*[)\]}>]\s*|\s+(?:dot|punto|tecka|punkt)\s+")
TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[^\w\s]|_")
LOOKALIKE = str.maketrans("аеорсухіѕ０１２３４５６７８９", "aeopcyxis0123456789")
SHORTEST = 6


def plain(text: str) -> str:
    """Folded, with encodings, invisible characters and look-alike letters undone."""
    undone = html.unescape(unquote(text))
    seen = "".join(c for c in undone if unicodedata.category(c) != "Cf")
    return fold(unicodedata.normalize("NFKC", seen)).translate(LOOKALIKE)


def digit_runs(text: str) -> str:
    """Every run of digits and digit words as bare digits, runs separated by one blank; letters end a run."""
    out: list[str] = []
    for token in TOKEN.findall(text):
        if token.isdigit():
            out.append(token)
        elif token[0].isalpha():
            out.append(DIGIT_WORDS.get(token, " "))
    return "".join(out)


def squeezed(text: str) -> str:
    """Without blanks, with the written-out at and dot as signs."""
    return re.sub(r"\s+", "", DOT.sub(".", AT.sub("@", text)))


@lru_cache(maxsize=1_000)
def shapes(secret: str) -> tuple[tuple[str, str], ...]:
    """(how to look, what to look for): "digits" for numbers, "text" for addresses, links and tokens."""
    digits = re.sub(r"\D", "", secret)
    if len(digits) >= SHORTEST and not re.search(r"[^\W\d_]", secret):
        return (("digits", digits[-9:]),)
    word = squeezed(plain(secret))
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
    found = [("text", word), ("raw", encoded)] if len(word) >= SHORTEST else []
    tail = re.split(r"[/?=#]", word.rstrip("/"))[-1]
    if "://" in secret and len(tail) >= SHORTEST + 2:
        found.append(("text", tail))
    return tuple(found)


def leak(text: str, secrets: Iterable[str]) -> bool:
    """Whether any of these secrets can be read out of the text."""
    wanted = [shape for secret in secrets for shape in shapes(secret)]
    if not wanted:
        return False
    folded = plain(text)
    views = {"digits": digit_runs(folded), "text": squeezed(folded), "raw": re.sub(r"\s", "", text)}
    return any(what in views[how] for how, what in wanted)
