"""The signs of a machine that are lists of words: what the standards name, and what rules.d/00-safety.toml adds.

A list can be added to and never weakened: the standards' own signs (RFC 2369, RFC 3834, RFC 5230) stand in FLOOR.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cached_property

FLOOR: dict[str, tuple[str, ...]] = {
    "list_headers": ("list-*",),
    "precedence": ("bulk", "junk", "list", "auto_reply"),
    "robot_names": ("mailer-daemon", "listserv", "majordomo", "owner-*", "*-request"),
    "no_reply_names": ("noreply", "donotreply"),
    "robot_headers": (),
    "robot_words": (),
    "out_of_office": (),
    "absent_words": (),
}
LISTS = tuple(FLOOR)
LONG_NAME = 7
SHORTEST_NAME = 4  # "root", "cron", "list-*"
SEPARATORS = re.compile(r"[-_.+=]+")
JOINED = str.maketrans("", "", "-_ ")
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss"})


def plain(text: str) -> str:
    """Lower case, without accents, one blank between words: how signs are compared."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKD", text.lower().translate(LETTERS))
    return " ".join("".join(c for c in folded if not unicodedata.combining(c)).split())


def is_word(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] stands by itself, with no letter before or behind it."""
    return not text[max(start - 1, 0) : start].isalnum() and not text[end : end + 1].isalnum()


@dataclass(frozen=True)
class Safety:
    """Every list by its name, in lower case and without accents. Made by `safety`, so that FLOOR is in it."""

    lists: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(FLOOR))

    @cached_property
    def _robots(self) -> re.Pattern[str]:
        return re.compile("|".join(translate(name) for name in self.lists["robot_names"]))

    @cached_property
    def _no_reply(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """The names, and those so long that they may be a part of another."""
        names = self.lists["no_reply_names"]
        return frozenset(names), tuple(name for name in names if len(name) >= LONG_NAME)

    @cached_property
    def _list_headers(self) -> re.Pattern[str]:
        return re.compile("|".join(translate(name) for name in self.lists["list_headers"]))

    @cached_property
    def _robot_headers(self) -> Mapping[str, tuple[str, ...]]:
        """By name how the value of such a header begins; "" where any value will do."""
        found: dict[str, tuple[str, ...]] = {}
        for name, _, wanted in (header.partition(":") for header in self.lists["robot_headers"]):
            found[name] = (*found.get(name, ()), wanted.strip())
        return found

    def robot_name(self, local: str) -> bool:
        """Whether a program uses this local part, with or without a +tag."""
        name = plain(local)
        return bool(self._robots.fullmatch(name) or self._robots.fullmatch(name.partition("+")[0]))

    def no_reply_name(self, local: str) -> bool:
        """Whether this local part says that nobody reads it: "no-reply", "shop_noreply", "nonrispondere2"."""
        tokens = [t.strip("0123456789") for t in SEPARATORS.split(plain(local)[:100])]
        runs = {"".join(tokens[i:j]) for i in range(len(tokens)) for j in range(i + 1, min(i + 6, len(tokens)) + 1)}
        names, long = self._no_reply
        return not runs.isdisjoint(names) or any(token.startswith(long) or token.endswith(long) for token in tokens)

    def list_header(self, name: str) -> bool:
        """Whether this header (lower case) is one of a mailing list, or of mail to many."""
        return bool(self._list_headers.fullmatch(name))

    def robot_header(self, name: str, value: str) -> bool:
        """Whether this header, with this value where the list names one, is a machine's."""
        wanted = self._robot_headers.get(name, ())
        return bool(wanted) and plain(value[:200]).startswith(wanted)

    def robot_word(self, name: str, value: str) -> bool:
        """Whether a word that only machines write stands in the name or value of this header."""
        shown = plain(f"{name}: {value[:500]}").translate(JOINED)
        return any(word in shown for word in self.lists["robot_words"])

    def bulk(self, value: str) -> bool:
        """Whether a value of Precedence says that it went to many, or by itself."""
        words = (w.strip().replace("-", "_") for w in re.split(r"[,;(]", plain(value[:200])))
        return any(w in self.lists["precedence"] for w in words)

    def out_of_office(self, subject: str) -> str:
        """The words that begin an out-of-office subject, else "" (the rest of the subject is not looked at)."""
        line = plain(subject[:300])
        if not line.startswith(self.lists["out_of_office"]):
            return ""
        begins = (w for w in self.lists["out_of_office"] if line.startswith(w) and is_word(line, 0, len(w)))
        return max(begins, key=len, default="")

    def absent(self, text: str) -> str:
        """Words in a text by which people say that they are away, else ""."""
        body = plain(text[:4000])
        return next((w for w in self.lists["absent_words"] if any(_standing(w, body))), "")


def _standing(word: str, text: str) -> Iterable[bool]:
    return (True for m in re.finditer(re.escape(word), text) if is_word(text, m.start(), m.end()))


def safety(*additions: Mapping[str, Iterable[str]]) -> Safety:
    """FLOOR and everything that is added to it, each list in order and without repetition."""
    merged = {name: dict.fromkeys(FLOOR[name]) for name in LISTS}
    for added in additions:
        for name, words in added.items():
            merged[name] |= dict.fromkeys(_form(name, w) for w in words)
    return Safety({name: tuple(words) for name, words in merged.items()})


def _form(name: str, word: str) -> str:
    """As it is compared: no-reply names lose their separators, words of a header theirs."""
    shown = plain(word)
    if name == "no_reply_names":
        return SEPARATORS.sub("", shown)
    return shown.translate(JOINED) if name == "robot_words" else shown


def too_wide(name: str, word: str) -> bool:
    """Whether this entry would silence people: next to nothing is left of it without its stars."""
    wildcards = name in ("robot_names", "list_headers", "no_reply_names", "robot_words")
    return wildcards and sum(c.isalnum() for c in word) < SHORTEST_NAME
