"""When are two mails the same, although somebody changed a byte? What stops two responders that lie (RFC 3834).

A responder that strips its automatic headers and writes from another address with another Message-ID each time still
says the same words, from the same domain, about the same subject.
"""

import hashlib
import re
from functools import lru_cache

from .letter import PREFIXES, bare_subject
from .message import Message
from .words import fold

LONGEST_TEXT = 20_000
WORDS = re.compile(r"[^\W\d_]+")
DIGITS = str.maketrans("", "", "0123456789")


@lru_cache(maxsize=16)  # asked when the ledger is asked, and again when the decision is written
def text_mark(text: str) -> str:
    """A digest of the letters of a text, "" when it has none; numbers (tickets, dates) and layout do not count."""
    letters = letters_of(fold(text[:LONGEST_TEXT]))
    return hashlib.blake2b(letters.encode("utf-8", "replace"), digest_size=12).hexdigest() if letters else ""


def letters_of(text: str) -> str:
    """Its letters (str.isalpha) without anything between."""
    found = "".join(WORDS.findall(text))
    return found if found.isalpha() else "".join(filter(str.isalpha, found))  # "½" is no letter, but stands in words


def domain_of(address: str) -> str:
    """What stands behind the @, in lower case; "" when there is none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


def responds(message: Message) -> bool:
    """Whether it has the shape of an answer, to whomever."""
    return bool(message.references or PREFIXES.match(message.subject))


def same_subject(one: str, other: str) -> bool:
    """The same subject but for Re: and the like; an empty one is the same as none."""
    bare, said = bare_subject(one), bare_subject(other)
    return bool(bare) and (bare == said or bare.casefold() == said.casefold())


def alike(one: str, other: str) -> bool:
    """Whether two addresses of one domain differ by a number, a +tag or a single character."""
    if domain_of(one) != domain_of(other):
        return False
    return _one_step(_stem(one), _stem(other))


def same_hand(earlier: str, now: str, responding: bool) -> bool:
    """Whether the same words came from the same writer, as far as one can tell when he lies about his address.

    Two customers of one domain may say the same; two answers from one domain in the same words are a machine's.
    """
    return alike(earlier, now) or (responding and domain_of(earlier) == domain_of(now))


def _stem(address: str) -> str:
    return address.partition("@")[0].partition("+")[0].lower().translate(DIGITS)


def _one_step(one: str, other: str) -> bool:
    """Equal, or one insertion, deletion or replacement apart."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    return one[at:] == other[at + 1 :] or one[at + 1 :] == other[at + 1 :]
