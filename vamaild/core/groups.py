"""What is asked again and again: texts that share a pair of words near each other, or one telling word.

Every group is explained by its phrase, in the notation of rule files, and the phrase finds every text of the group by
the same look-up that the playbook uses. Biggest first; a text stands in one group only. No model, no distance: two
stems in one sentence, within the window of a phrase, or one stem.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .ruleset import Language
from .words import WINDOW, Text, Word, find, fold

SMALL = "small.words"
LEAST = 2
LONGEST = 400  # words of a text that are looked at
STEM, SHORTEST = 5, 3
PAIR_COUNTS = 2.0  # a pair says more than one word: it may hold half as many texts
SHARED = 0.2  # one word that stands in more of all mails than this is the trade itself ("windows"), no question
ENOUGH_TO_TELL = 12  # mails; of fewer, a word that all share may be what they are about
FEW = 3  # so many are never "nearly everybody"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that ask alike. `phrases` for [[situation]] `when`; `words` as people wrote them; `members`: which texts.

    `members` are positions in what was given, in their order.
    """

    phrases: tuple[str, ...]
    words: str
    members: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.members)


def groups(
    texts: Sequence[str], language: Language | None = None, *, least: int = LEAST, among: Sequence[str] = ()
) -> list[Group]:
    """The groups of these texts, the biggest first. `language` knows the small words that are no content.

    A text that is like no other is in none. Give texts of one language, the sender's own words only. `among` are all
    mails they are taken from, if there are more: what nearly everybody writes is no name of a group.
    """
    small = frozenset(map(fold, language.phrases(SMALL))) if language else frozenset()
    read = [_Read(text, small) for text in texts]
    holders: dict[Key, set[int]] = defaultdict(set)
    for number, text in enumerate(read):
        for key in text.askable():
            holders[key].add(number)
    common = _common([_Read(text, small) for text in among] or read)
    alone = {(stem,) for stem in common}
    told = {key: found for key, found in holders.items() if len(found) >= least and key not in alone}
    return sorted(_chosen(told, read, least), key=lambda g: (-g.size, g.members))


def _common(read: Sequence["_Read"]) -> frozenset[str]:
    """The stems of words that nearly everybody uses: alone they tell nothing."""
    counts = Counter(stem for text in read for stem in text.forms)
    most = max(FEW, len(read) * SHARED)
    return frozenset(stem for stem, count in counts.items() if count > most and len(read) >= ENOUGH_TO_TELL)


def _worth(key: Key, count: int) -> float:
    return count * (PAIR_COUNTS if len(key) > 1 else 1.0)


def _chosen(holders: Mapping[Key, set[int]], read: Sequence["_Read"], least: int) -> Iterator[Group]:
    """The key that explains most of what is left, again and again. Worths only fall: an old one is an upper bound."""
    left = set(range(len(read)))
    heap = [(-_worth(key, len(found)), -sum(map(len, key)), key) for key, found in holders.items()]
    heapq.heapify(heap)
    while heap:
        worth, length, key = heapq.heappop(heap)
        found = holders[key] & left
        if len(found) < least:
            continue
        if _worth(key, len(found)) < -worth:
            heapq.heappush(heap, (-_worth(key, len(found)), length, key))
            continue
        group = _group(key, sorted(found), read)
        if group.size >= least:
            yield group
            left.difference_update(group.members)


def _group(key: Key, members: Sequence[int], read: Sequence["_Read"]) -> Group:
    """The group with its phrase; only those texts that the phrase really finds."""
    forms = [Counter(form for number in members for form in read[number].forms[stem]) for stem in key]
    order = _order(key, members, read)
    phrase = " ".join(_phrase(forms[at]) for at in order)
    words = " ".join(forms[at].most_common(1)[0][0] for at in order)
    return Group((phrase,), words, tuple(n for n in members if find((phrase,), read[n].text)))


def _order(key: Key, members: Sequence[int], read: Sequence["_Read"]) -> Sequence[int]:
    """The words of a pair in the order most people write them."""
    if len(key) < 2:
        return (0,)
    first, second = key
    ahead = sum(read[n].first_place[first] < read[n].first_place[second] for n in members)
    return (0, 1) if ahead * 2 >= len(members) else (1, 0)


def _phrase(forms: Counter[str]) -> str:
    """The word itself when everybody writes it the same, else what its forms have in common, with a *."""
    plain, usual = sorted({fold(form) for form in forms}), forms.most_common(1)[0][0]
    if len(plain) == 1:
        return usual
    low, high = plain[0], plain[-1]
    same = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return f"{usual[:same] if len(fold(usual)) == len(usual) else low[:same]}*"


class _Read:
    """One text: its telling words by stem, and the keys under which it may be grouped."""

    __slots__ = ("_stems", "first_place", "forms", "text")

    def __init__(self, original: str, small: frozenset[str]) -> None:
        self.text = Text(original)
        self.forms: dict[str, list[str]] = defaultdict(list)
        self.first_place: dict[str, int] = {}
        self._stems: list[tuple[int, int, str]] = []
        for place, word in enumerate(self.text.words[:LONGEST]):
            if stem := _stem(word, small):
                self.forms[stem].append(original[word.start : word.end].lower())
                self.first_place.setdefault(stem, place)
                self._stems.append((place, word.sentence, stem))

    def askable(self) -> set[Key]:
        """Every telling word, and every two of them that one phrase could find."""
        found: set[Key] = {(stem,) for stem in self.forms}
        for number, (place, sentence, stem) in enumerate(self._stems):
            for other, its_sentence, second in self._stems[number + 1 : number + WINDOW]:
                if other - place >= WINDOW or its_sentence != sentence:
                    break
                if stem != second:
                    found.add((min(stem, second), max(stem, second)))
        return found


def _stem(word: Word, small: frozenset[str]) -> str:
    """The beginning that the forms of a word share ("faktury", "fakturu": "faktu"); "" for words that tell nothing."""
    plain = word.folded
    if len(plain) < SHORTEST or plain in small or not plain.isalpha():
        return ""
    return plain[:STEM] if len(plain) > STEM else plain.rstrip("aeiouy") or plain
