"""For `explain`: the words that decided, marked in their sentence, and what was looked at and not used."""

from collections.abc import Iterable, Iterator

from .case import Case
from .letter import clean
from .words import Text, find

LINE_LIMIT, ROOM = 400, 90
CUT_LIMIT = 5_000
JOINED = " … "
FLAGS = ("importance", "x-priority", "x-msmail-priority", "priority")
HIGH = ("high", "urgent", "1", "2")


def _pieces(words: Iterable[str]) -> Iterator[str]:
    for said in words:
        yield from (piece for piece in said.split(JOINED) if piece.strip())


def _sentence(text: Text, at: int) -> int:
    return next((w.sentence for w in text.words if w.end > at), 0)


def _marked(text: Text, spans: list[tuple[int, int]]) -> str:
    """The sentence around these characters, with « » around each; shortened before the first and after the last."""
    inside = [w for w in text.words if w.sentence == _sentence(text, spans[0][0])] or list(text.words)
    begin, done = min(inside[0].start, spans[0][0]), spans[0][0]
    before, shown = text.original[begin:done], ""
    for start, end in spans:
        if start >= done:
            shown += f"{text.original[done:start]}«{text.original[start:end]}»"
            done = end
    after = text.original[done : max(inside[-1].end, done)]
    before = before if len(before) <= ROOM else f"…{before[-ROOM:]}"
    after = after if len(after) <= ROOM else f"{after[:ROOM]}…"
    return clean(before + shown + after, LINE_LIMIT)


def in_sentences(case: Case, words: Iterable[str]) -> tuple[str, ...]:
    """The sentences that hold these words of the sender's, each word marked with « »; () when none is found."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    texts = (case.body, case.subject)
    for piece in dict.fromkeys(_pieces(words)):
        places = ((n, text.original.find(piece)) for n, text in enumerate(texts))
        number, at = next((place for place in places if place[1] >= 0), (0, -1))
        if at >= 0:
            found.setdefault((number, _sentence(texts[number], at)), []).append((at, at + len(piece)))
    return tuple(_marked(texts[number], sorted(spans)) for (number, _), spans in sorted(found.items()))


def not_used(case: Case) -> tuple[str, ...]:
    """What a hasty reader would look at and no rule does: looks, flags, the hour, words quoted or in a signature."""
    message = case.judged or case.message
    flags = (v.strip().lower() for name in FLAGS for v in message.all(name))
    flagged = ("a priority flag",) if any(v.startswith(HIGH) for v in flags) else ()
    stated = [p for table in case.rulebook.languages.values() for p in table.phrases("urgency.stated")]
    hit = find(tuple(stated), Text(case.cut[:CUT_LIMIT])) if case.cut else None
    quoted = (f'"{clean(hit.words, 60)}" in quoted words or a signature',) if hit else ()
    return (*case.reading.looks, *flagged, *quoted, "the hour of the day")
