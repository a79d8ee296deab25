"""The form of a message: capitals, "!!!", emoji, the hour. Seen and shown, and never what decides."""

import re
from datetime import datetime

MARKS = re.compile(r"!{2,}|\?{2,}|(?:!\?)+")
STRETCHED = re.compile(r"([^\W\d_])\1{3}", re.IGNORECASE)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
SMILEY = re.compile(r"(?<!\w)[:;]-?[)D(]+")
FEW_LETTERS = 12
SHOUTED = 0.6
NIGHT_BEGINS, NIGHT_ENDS = 22, 6


def looks(subject: str, body: str, sent: datetime) -> tuple[str, ...]:
    """What a hasty reader would feel pressed by; `sent` is the local time of writing."""
    text = f"{subject}\n{body}"
    seen = {
        "capitals": _shouted(body) or _shouted(subject),
        "marks": bool(MARKS.search(text)),
        "stretched words": bool(STRETCHED.search(text)),
        "emoji": bool(EMOJI.search(text) or SMILEY.search(text)),
        "written at night": sent.hour >= NIGHT_BEGINS or sent.hour < NIGHT_ENDS,
    }
    return tuple(name for name, there in seen.items() if there)


def _shouted(text: str) -> bool:
    if sum(map(str.isupper, text)) <= SHOUTED * sum(map(str.isalpha, text)):
        return False
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= FEW_LETTERS and sum(c.isupper() for c in letters) / len(letters) > SHOUTED
