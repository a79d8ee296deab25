"""The words a text may use, each with an example: what `check` renders with, and where "did you mean" looks.

A reply may use WORDS. A note to the assistant or a contact (note-*.txt, notice-*.txt) may also use NOTE_WORDS, which
hold the sender's own words: no text of the incoming message enters a reply except its cleaned subject. A letter to a
client about the forwarding (letter-*.txt) is such a note, too.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from difflib import get_close_matches
from itertools import product

ZONE = timezone(timedelta(hours=1))
WORD_LIMIT = 120
PIECE = re.compile(r"(?<!\S)(?:[^\w\s]|_)*+[^\W_]")  # where something begins that has a letter or a digit in it
NO_DATE_NEEDED = ("playbook", "colleague", "vacation-undated")
UNDATED = ("vacation-undated", "vacation-fifth")  # written although nobody knows the day back
NOTE = ("note-", "notice-", "letter-")


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


COLLEAGUE = {
    "name": "Tomáš Král",
    "title": "kolega",
    "role": "montáže a reklamace",
    "email": "tomas@kral.example",
    "phone": "+420 555 000 111",
    "what": "i cantieri in corso",
}
# One of whom only name and address were written down.
BARE = COLLEAGUE | dict.fromkeys(("title", "role", "phone", "what"), "")
WORDS: Mapping[str, object] = {
    "now": _at(3, 10, 40),
    "tu": False,
    "automatic": True,
    "msg": {"subject": "Preventivo infissi"},
    "va": {"name": "Giulia Ferri", "gender": "f"},
    "person": {"name": "Marco"},
    "principal": {"name": "Petr Novák"},
    "client": {"name": "Studio Rossi"},
    "away": {"words": "in ferie", "back": date(2026, 12, 7), "answer_by": date(2026, 12, 9)},
    "lead": {"ready_on": date(2026, 12, 9), "days": 4, "unit": "working"},
    "rush": {
        "ready_at": _at(3, 18),
        "percent": 50,
        "accept_by": _at(3, 11, 30),
        "accepted_at": _at(3, 11, 12),
        "cancel_by": _at(3, 12),
    },
    "promise": {"at": _at(3, 12, 10), "next": _at(3, 15)},
    "colleague": COLLEAGUE,
    "matter": {"say": "manca una maniglia, arriva il 2 dicembre.", "news_by": date(2026, 12, 3)},
    "answer": "Le copie delle fatture sono nell'area clienti, alla voce «Documenti».",
    "status_text": "il tecnico è sul posto e la chiusura provvisoria è fatta.",
}
PACKET = {
    "who": "Eva Malá",
    "address": "eva@mala.example",
    "subject": "Reklamace okna",
    "received": "03/12/2026 10:40",
    "deadline": "04/12/2026 18:00 «do zítřka»",
    "promises": "04/12/2026 18:00",
    "matters": "Zakázka 2026-118: chybí klika, přijde 2. 12.",
    "attachments": "okno.jpg",
    "thread": "03/12/2026 10:40\n  Dobrý den, okno nejde zavřít.",
    "due": _at(4, 10, 40),
}
SNIPPETS: Mapping[str, object] = {"greeting": "Buongiorno,", "closing": "Un saluto,\nGiulia Ferri"}
NOTE_WORDS: Mapping[str, object] = {
    "case": {
        "code": "4F7K",
        "who": "Malá",
        "subject": "Voda teče do prodejny",
        "client": "Novák",
        "words": "teče to stropem do prodejny",
        "told": "Messaggio arrivato; Giulia le scrive entro le 12:10.",
        "next": "Alle 11:04 tocca a Tomáš Král.",
        "how": "Rispondi «1» per prenderlo in carico.",
        "doubtful": False,
        "asked": 3,
    },
    "packet": PACKET,
    "consent": {
        "what": "i cantieri in corso",
        "way": "forward",
        "first": date(2026, 11, 30),
        "back": date(2026, 12, 7),
    },
    "reason": "nessuna regola lo riconosce.",
    "limit": {"what": "per-hour", "number": 60, "who": "info@bottega.example", "how": "vamaild queue"},
    "silent": {"hours": 42, "usual": 5, "last": _at(1, 16, 2), "how": "vamaild doctor --probe --client rossi"},
    "signin": {
        "name": "clienti",
        "what": "reading",
        "since": _at(3, 10, 40),
        "by": "provider",
        "how": "vamaild oauth login clienti",
    },
    "digest": {
        "arrived": 231,
        "decide": 4,
        "first": date(2026, 11, 30),
        "last": date(2026, 12, 6),
        "sections": "ROZHODNOUT DNES\n- [4F7K] Černý: sleva na zakázku 2026-121, zpráv: 5",
        "code": "4F7K",
    },
    "item": {
        "sort": "decide",
        "who": "Černý",
        "subject": "sleva na zakázku 2026-121",
        "times": 5,
        "code": "4F7K",
        "promised": date(2026, 12, 9),
        "at": date(2026, 12, 3),
        "minutes": 5,
    },
    "interview": {"count": 12, "days": 90, "lines": "[Q1] kopie faktury (14)\n\n[Q2] záruční list (6)"},
    "evening": {
        "people": 9,
        "since": _at(2, 18),
        "lines": "Studio Rossi: 5 (lead-time 4, rush-offer 1)\nNovák: 4 (ordinary 4)",
    },
    "letter": {"mailbox": "info@studiorossi.example", "address": "clienti+rossi@ferri-av.example"},
    "bundle": {"count": 12, "lines": "[4F7K] Malá (Novák): Voda teče do prodejny\n[9QXD] Černý (Novák): Nejde proud"},
    "trust": {
        "text": "lead-time",
        "move": "propose",
        "to": "send",
        "count": 20,
        "how": "vamaild client trust rossi lead-time send",
    },
}


def vocabulary(text: str) -> dict[str, object]:
    """Every word this text may use, with its example; greeting and closing are not offered to the snippets."""
    offered = dict(WORDS) | (dict(NOTE_WORDS) if text.startswith(NOTE) else {})
    return offered if text.startswith("_") else {**offered, **SNIPPETS}


def situations(text: str) -> Iterator[dict[str, object]]:
    """The words of every sort of reply: both tones, both genders, with and without what may be missing.

    Without greeting and closing, so that the real ones are written.
    """
    base = {name: value for name, value in vocabulary(text).items() if name not in SNIPPETS}
    choices = product((False, True), ("f", "m"), (False, True), (COLLEAGUE, BARE, None), (False, True))
    for tu, gender, automatic, colleague, doubtful in choices:
        words = base | {"tu": tu, "automatic": automatic, "colleague": colleague}
        words["va"] = {"name": "Giulia Ferri", "gender": gender}
        if isinstance(case := base.get("case"), dict):
            words["case"] = case | {"doubtful": doubtful}
        elif doubtful:
            continue
        if colleague is None and text.startswith("colleague"):
            continue
        yield words
        if text.partition(".")[0] in UNDATED:
            yield words | {"away": {"words": "", "back": None, "answer_by": None}}


def differing(text: str, used: Container[str]) -> Iterable[dict[str, object]]:
    """Of the situations that say the same to a text which uses only these words, one."""
    return {
        repr({name: value for name, value in words.items() if name in used}): words for words in situations(text)
    }.values()


def paths(words: Mapping[str, object]) -> Iterator[str]:
    """Every name that stands for something: "msg", "msg.subject" ..."""
    for name, value in words.items():
        yield name
        if isinstance(value, dict):
            yield from (f"{name}.{inner}" for inner in value)


def known(path: str, words: Mapping[str, object]) -> bool:
    """Whether "principal.name" stands for something among these words."""
    value: object = words
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def meant(name: str, among: Iterable[str]) -> str:
    """ "did you mean principal.name?", or the whole choice when nothing is near."""
    choice = sorted(set(among))
    near = get_close_matches(name, choice, 1, 0.7)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(choice)}"


def remedy(path: str, words: Mapping[str, object]) -> str:
    """What to do about a name that stands for nothing here."""
    whole = path.partition(".")[0]
    if whole not in words or isinstance(words[whole], dict):
        return meant(path, paths(words))
    return f"{whole} is empty here: put this inside {{% if {whole} %}}" if words[whole] is None else f"write {whole}"


def avoided(text: str, phrases: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(offset, phrase) of every word this text should not use: whole words, whatever their case."""
    for phrase in phrases:
        pattern = re.escape(phrase)
        if phrase[0].isalnum():
            pattern = rf"\b{pattern}\b"
        yield from ((match.start(), phrase) for match in re.finditer(pattern, text, re.IGNORECASE))


def length(body: str) -> int:
    """How many words a reader has before him; signs alone do not count."""
    return len(PIECE.findall(body))


def needs_date(text: str) -> bool:
    """Whether this text must promise a date: every reply but the manual's answer and the hand-over."""
    return text.partition(".")[0] not in NO_DATE_NEEDED and not text.startswith(("_", *NOTE))
