"""Does a text betray a secret contact? Looked at in every spelling a person could read back (promise 3).

A secret is taken apart once (`parts`): telephone numbers, addresses, tokens, words. CHECKS is the table of ways to see
one of them: each looks at the text in one form (VIEWS). What is behind encodings is undone before (disguises.py).
Telephone numbers are compared by their last nine digits, so that +39, 0039 and the national form are one.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from . import numberwords
from .disguises import TooDeepError, layers, plain

WHOLE_NUMBER, SHORT_NUMBER = 9, 6
SHORTEST, SHORTEST_PART, SHORTEST_WORD = 6, 8, 3
SURE_LOCAL = 5
CHUNK, STRIDE = 10, 5
"""Of a long token, any piece of CHUNK + STRIDE - 1 characters is seen."""
ATS = "at|chiocciola|chiocciolina|zavinac|arroba|arobase|klammeraffe|malpa"
DOTS = "dot|punto|tecka|punkt|point|bodka|kropka"
AT = re.compile(rf"\b(?:{ATS})\b")
DOT = re.compile(rf"\b(?:{DOTS})\b|[(\[{{<] ?\. ?[)\]}}>]")
AROUND_AT = re.compile(r"[ (\[{<|*-]{0,6}@[ )\]}>|*-]{0,6}")
AROUND_DOT = re.compile("[ (\\[{<|*-]{0,6}\0[ )\\]}>|*-]{0,6}")
ADDRESS = re.compile(r"([^\s@<>()\[\],;:\"/?&=]+)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}|localhost")
NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{7,}[0-9]")
WORDS = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+)*\*?")
LEET = re.compile(r"(?<![^\W_])[0-9oilsbzgq|!]+(?![^\W_])")
FROM_LETTERS = str.maketrans("oil|!sbzgq", "0111158299")
TO_LETTERS = str.maketrans("013457l", "oieasti")


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is to see of one secret, folded. `numbers` are digits, `addresses` (local, domain) without a tag."""

    numbers: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    tokens: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for: `text`, and where that alone is not enough a pattern around it."""

    text: str
    pattern: re.Pattern[str] | None = None

    def seen(self, view: str) -> bool:
        return self.text in view and (self.pattern is None or self.pattern.search(view) is not None)


@dataclass(frozen=True, slots=True)
class Check:
    """One way to see a secret: the form of the text, and what is looked for in it."""

    view: str
    wanted: Callable[[Parts], Iterable[Needle]]


@dataclass(frozen=True, slots=True)
class Leak:
    """Which check hit, and in which part of a document; never the secret itself."""

    check: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.check}, in {self.where}" if self.where else self.check


# ---- the secret


def squeezed(text: str) -> str:
    return "".join(text.split())


def bare(text: str) -> str:
    """Letters and digits only."""
    return "".join(re.findall(r"[^\W_]+", text))


@lru_cache(maxsize=1_000)
def parts(secret: str) -> Parts:
    """A secret taken apart."""
    said = plain(secret).strip()
    if WORDS.fullmatch(said):
        return Parts(words=(said,)) if len(said) >= SHORTEST_WORD else Parts()
    digits = re.sub(r"[^0-9]", "", said)
    if not re.search(r"[^\W\d_]", said):
        return Parts(numbers=(digits,)) if len(digits) >= SHORT_NUMBER else Parts()
    found = Parts(addresses=tuple(_addresses(said)), numbers=tuple(_numbers(said)))
    whole = squeezed(said)
    if ADDRESS.fullmatch(whole) or len(whole) < SHORTEST:
        return found
    return replace(found, tokens=(whole, *_tokens(said)), pieces=tuple(_pieces(said)))


def _addresses(said: str) -> Iterator[tuple[str, str]]:
    for local, domain in ADDRESS.findall(said):
        yield local.partition("+")[0] or local, domain


def _numbers(said: str) -> Iterator[str]:
    for found in NUMBER.findall(said):
        digits = re.sub(r"[^0-9]", "", found)
        if len(digits) >= WHOLE_NUMBER:
            yield digits


def _tokens(said: str) -> Iterator[str]:
    """The parts of a URL or a command that tell something by themselves: a topic, a key; no host, no plain word."""
    for part in re.split(r"[/?#&=:@\s]+", said):
        telling = re.search(r"[0-9]", part) and re.search(r"[^\W\d_]", part)
        if len(part) >= SHORTEST_PART and telling and not HOST.fullmatch(part):
            yield part


def _pieces(said: str) -> Iterator[str]:
    for token in _tokens(said):
        chunks = (token[at : at + CHUNK] for at in range(0, len(token) - CHUNK + 1, STRIDE))
        yield from (c for c in chunks if re.search(r"[0-9]", c) and re.search(r"[^\W\d_]", c))


# ---- the forms of a text


def only_digits(folded: str) -> str:
    return re.sub(r"[^0-9]+", "", folded)


def digits_for_letters(folded: str) -> str:
    """The digits, with "6O3 lll" read as 603 111."""
    found = (m for m in LEET.findall(folded) if re.search(r"[0-9]", m) or not m.strip("oil|!"))
    return only_digits("".join(found).translate(FROM_LETTERS))


@lru_cache(maxsize=4)
def signed(folded: str) -> str:
    """With the written-out at and dot as signs, and no blanks around them."""
    marked = DOT.sub("\0", AT.sub("@", " ".join(folded.split())))
    return AROUND_DOT.sub(".", AROUND_AT.sub("@", marked))


def letters_for_digits(folded: str) -> str:
    """With look-alike digits and pairs as the letters they mimic: "pr0t0n" is "proton", "rn" is "m"."""
    return squeezed(signed(folded)).translate(TO_LETTERS).replace("rn", "m").replace("vv", "w")


def word_by_word(folded: str) -> str:
    return " ".join(["", *re.findall(r"[^\W_]+", folded), ""])


VIEWS: dict[str, Callable[[str], str]] = {
    "plain": lambda folded: folded,
    "digits": only_digits,
    "spoken": numberwords.digits,
    "leet": digits_for_letters,
    "squeezed": squeezed,
    "signed": signed,
    "letters": letters_for_digits,
    "bare": bare,
    "lettered": lambda folded: bare(folded.replace("@", " at ")),
    "words": word_by_word,
}


# ---- what is looked for


def _whole(found: Parts) -> Iterator[Needle]:
    yield from (Needle(number[-WHOLE_NUMBER:]) for number in found.numbers if len(number) >= WHOLE_NUMBER)


def _short(found: Parts) -> Iterator[Needle]:
    """A short number stands by itself, or behind the code of a country: it may well be part of another one."""
    for number in (n for n in found.numbers if len(n) < WHOLE_NUMBER):
        spaced = r"[\s().\-/]*".join(number)
        yield Needle("", re.compile(rf"(?<![0-9])(?:(?:\+|00)[0-9]{{1,3}}[\s().\-/]*)?{spaced}(?![0-9])"))


def _backwards(found: Parts) -> Iterator[Needle]:
    yield from (Needle(needle.text[::-1]) for needle in _whole(found))


def _address(found: Parts) -> Iterator[Needle]:
    for local, domain in found.addresses:
        pattern = rf"(?<![a-z0-9.]){re.escape(local)}(?:\+[^@\s]*)?\s*@\s*{re.escape(domain)}"
        yield Needle(domain, re.compile(pattern))


def _in_pieces(found: Parts) -> Iterator[Needle]:
    """Both halves of it, one behind the other; a half that may be a mere name needs its @."""
    for local, domain in (a for a in found.addresses if len(a[0]) >= SURE_LOCAL):
        between = r"(?:\+[^@]{0,60})?[^a-z0-9@]{0,8}@" + (r"|[^a-z0-9@]{1,8}" if re.search(r"[^a-z]", local) else "")
        yield Needle(domain, re.compile(rf"{re.escape(local)}(?:{between})[^a-z0-9@]{{0,8}}{re.escape(domain)}"))


def _mimicked(found: Parts) -> Iterator[Needle]:
    for local, domain in (a for a in found.addresses if len(a[0]) >= SURE_LOCAL):
        yield Needle(letters_for_digits(f"{local}@{domain}"))


def _spelled(found: Parts) -> Iterator[Needle]:
    """ "p-e-t-r dot m-o-r-e at proton dot example": the "at", or its sign, must be there."""
    for local, domain in (a for a in found.addresses if len(bare(a[0])) >= SURE_LOCAL):
        halves = [rf"(?:{DOTS})?".join(map(re.escape, re.findall(r"[^\W_]+", half))) for half in (local, domain)]
        yield Needle(bare(domain.partition(".")[0]), re.compile(rf"(?:{ATS})".join(halves)))


def _written_backwards(found: Parts) -> Iterator[Needle]:
    yield from (Needle(f"{local}@{domain}"[::-1]) for local, domain in found.addresses)
    yield from (Needle(token[::-1]) for token in found.tokens)


def _token(found: Parts) -> Iterator[Needle]:
    yield from map(Needle, found.tokens)


def _without_signs(found: Parts) -> Iterator[Needle]:
    yield from (Needle(bare(token)) for token in found.tokens if len(bare(token)) >= CHUNK)


def _piece(found: Parts) -> Iterator[Needle]:
    yield from map(Needle, found.pieces)


def _words(found: Parts) -> Iterator[Needle]:
    for said in found.words:
        words = word_by_word(said)
        yield Needle(words.rstrip() if said.endswith("*") else words)


CHECKS: dict[str, Check] = {
    "a telephone number": Check("digits", _whole),
    "a short number": Check("plain", _short),
    "a number in words": Check("spoken", _whole),
    "a number with letters for digits": Check("leet", _whole),
    "a number backwards": Check("digits", _backwards),
    "an address": Check("plain", _address),
    "an address with its signs in words": Check("signed", _address),
    "an address in pieces": Check("squeezed", _in_pieces),
    "an address with digits for letters": Check("letters", _mimicked),
    "an address letter by letter": Check("lettered", _spelled),
    "an address or a key backwards": Check("squeezed", _written_backwards),
    "a link, a name or a key": Check("squeezed", _token),
    "a link or a key without its signs": Check("bare", _without_signs),
    "a piece of a key": Check("squeezed", _piece),
    "a word that must not be said": Check("words", _words),
}
TOO_DEEP = "it is wrapped too often to be looked through"


@lru_cache(maxsize=2_000)
def _needles(wanted: Callable[[Parts], Iterable[Needle]], secrets: tuple[str, ...]) -> tuple[Needle, ...]:
    """Made once for a rulebook."""
    return tuple(dict.fromkeys(needle for secret in secrets for needle in wanted(parts(secret))))


def leaks(text: str, secrets: Iterable[str], where: str = "") -> tuple[Leak, ...]:
    """What betrays any of these secrets; () when nothing does. What cannot be looked through counts as a leak."""
    known = tuple(secrets)
    checks = [
        (name, check.view, needles) for name, check in CHECKS.items() if (needles := _needles(check.wanted, known))
    ]
    if not checks:
        return ()
    try:
        hits = next(filter(None, (_hits(layer, checks) for layer in layers(text))), ())
    except TooDeepError:
        hits = (TOO_DEEP,)
    return tuple(Leak(name, where) for name in hits)


def _hits(text: str, checks: Iterable[tuple[str, str, tuple[Needle, ...]]]) -> tuple[str, ...]:
    folded = plain(text)
    views: dict[str, str] = {}
    found = []
    for name, view, needles in checks:
        if view not in views:
            views[view] = VIEWS[view](folded)
        if any(needle.seen(views[view]) for needle in needles):
            found.append(name)
    return tuple(found)


def leak(text: str, secrets: Iterable[str]) -> bool:
    """Whether any of these secrets can be read out of the text."""
    return bool(leaks(text, secrets))
