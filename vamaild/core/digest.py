"""What happened while somebody was away, as values: what to decide now, what was promised, handed over, done, archived.

Facts only: the sentences stand in the texts note-return and note-return-line.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

from .absence import Order
from .calendar import in_office_hours, next_open
from .cases import PRACTICE, QueueCase
from .ledger import Entry, Outcome
from .letter import Envelope, Letter, address, bare_subject, clean
from .letter import to_bytes as plain_bytes
from .promise import Promise, PromiseState
from .ruleset import Absence, Week

SHOWN = 12  # lines of one kind; the rest is counted
OURS = ("principal-says", "answer-forged", "answer-unclear")


@dataclass(frozen=True, slots=True)
class Over:
    """An absence that is over, and from when on its digest is due. `back` is the day of the return."""

    absence: Absence
    due: datetime

    @property
    def name(self) -> str:
        """Under which the ledger keeps that its digest went: once for each absence."""
        return f"return {self.absence.first.isoformat()}"


def over(written: Absence | None, order: Order | None, now: datetime, week: Week) -> Over | None:
    """The absence that ended last, if its digest is due; `now` in the client's zone.

    Due is the first office hour of the day back; after an end in the middle of a working day, at once.
    """
    found = [_begins(written, week, now)] if written and not (order and order.governs(written)) else []
    if order and order.on:
        found.append(_begins(Absence(order.first, order.back, order.answer_by), week, now))
    elif order and order.first <= order.at.astimezone(now.tzinfo).date():
        ended = order.at.astimezone(now.tzinfo)
        due = ended if in_office_hours(ended, week) else _opening(ended, week)
        found.append(Over(Absence(order.first, ended.date(), None), due))
    due_now = [o for o in found if o and o.due <= now]
    return max(due_now, key=lambda o: o.due, default=None)


def _begins(absence: Absence, week: Week, now: datetime) -> Over | None:
    if absence.back is None:
        return None
    try:
        return Over(absence, datetime.combine(next_open(absence.back, week), week.opens, now.tzinfo))
    except ValueError:  # a week without a working day: midnight will do
        return Over(absence, datetime.combine(absence.back, time.min, now.tzinfo))


def _opening(moment: datetime, week: Week) -> datetime:
    """The next opening after this moment: of the same day before hours, else of the next working day."""
    today = moment.date() if moment.timetz().replace(tzinfo=None) < week.opens else moment.date() + timedelta(days=1)
    return datetime.combine(next_open(today, week), week.opens, moment.tzinfo)


@dataclass(frozen=True, slots=True)
class Item:
    """One line: who wrote about what, how often, until when an answer was promised (None: nothing was).

    `code` is that of its case; `minutes` is how long it took until somebody had it.
    """

    who: str
    subject: str
    times: int = 1
    promised: datetime | None = None
    code: str = ""
    at: datetime | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """All of it. Counts are of messages, `decide`, `promised` and `called` of matters and people."""

    arrived: int
    decide: tuple[Item, ...] = ()
    promised: tuple[Item, ...] = ()
    handed: tuple[Item, ...] = ()
    called: tuple[Item, ...] = ()
    to_judge: tuple[Item, ...] = ()
    manual: int = 0
    listed: tuple[Item, ...] = ()
    said: int = 0
    silent: int = 0
    archive: int = 0
    missing: tuple[tuple[str, int], ...] = ()


def digest(
    entries: Sequence[Entry],
    cases: Iterable[tuple[QueueCase, Entry | None]],
    promises: Sequence[tuple[Promise, Entry]],
    judged: frozenset[str] = frozenset(),
    resolved: tuple[int, int] = (0, 0),
    missing: tuple[tuple[str, int], ...] = (),
    pages: frozenset[str] = frozenset(),
) -> Digest:
    """`entries` came in the absence; `cases` and `promises` with the message each is about; `judged` are the codes of
    cases he has given his verdict on; `resolved` how many urgent matters (ended as the customer said, in silence);
    `pages` are the titles of those pages of the manual whose questions he wants to see one by one.
    """
    times = Counter(map(_matter, entries))
    known = [(case, entry) for case, entry in cases if case.case.reason not in (PRACTICE, *OURS)]
    due = {_matter(entry): p.promise.due for p, entry in promises if p.state is PromiseState.OPEN}
    waiting = [(c, e) for c, e in known if c.closed_at is None]
    decide = _first_of([_of_case(c, e, times, due) for c, e in waiting])
    called = [_called(c, e) for c, e in known if c.case.escalates and not _doubted(c)]
    decided = {_matter(e) for _, e in waiting if e}
    oldest = sorted(promises, key=lambda pair: pair[1].received)
    waits = [_of_promise(p, e, times) for p, e in oldest if _matter(e) not in decided]
    open_now = {*decided, *due}
    return Digest(
        arrived=len(entries),
        decide=tuple(sorted(decide, key=lambda i: (i.promised is None, -i.times))),
        promised=_first_of(waits),
        handed=_first_of([_plain(e, times) for e in entries if e.action == "delegate-to-colleague"]),
        called=tuple(called),
        to_judge=tuple(i for i in called if i.code not in judged),
        manual=sum(map(_by_manual, entries)),
        listed=_first_of([_plain(e, times) for e in entries if _by_manual(e) and _page(e) in pages]),
        said=resolved[0],
        silent=resolved[1],
        archive=sum(_matter(e) not in open_now for e in entries),
        missing=missing,
    )


def _by_manual(entry: Entry) -> bool:
    return entry.action == "answer-playbook" and entry.outcome is Outcome.ANSWERED


def _page(entry: Entry) -> str:
    """The title of the page that answered."""
    rule = entry.explanation.get("rule")
    return str(rule.get("name")) if isinstance(rule, Mapping) else ""


def _matter(entry: Entry) -> tuple[str, str]:
    return entry.address.lower(), bare_subject(entry.subject).casefold()


def _first_of(items: Iterable[Item]) -> tuple[Item, ...]:
    """One line for each person and matter."""
    return tuple({(i.who, bare_subject(i.subject).casefold()): i for i in reversed(list(items))}.values())[::-1]


def _who(entry: Entry) -> str:
    return clean(str(entry.explanation.get("who") or entry.address), 60)


def _plain(entry: Entry, times: Mapping[tuple[str, str], int]) -> Item:
    return Item(_who(entry), clean(bare_subject(entry.subject), 60), times[_matter(entry)], at=entry.received)


def _of_promise(promise: Promise, entry: Entry, times: Mapping[tuple[str, str], int]) -> Item:
    told = promise.promise
    subject = clean(told.what or bare_subject(entry.subject), 60)
    return Item(_who(entry), subject, times[_matter(entry)], told.due, at=entry.received)


def _of_case(
    case: QueueCase, entry: Entry | None, times: Mapping[tuple[str, str], int], due: Mapping[tuple[str, str], datetime]
) -> Item:
    about, mark = case.case, _matter(entry) if entry else ("", "")
    subject = clean(bare_subject(about.subject), 60)
    return Item(clean(about.who, 60), subject, times.get(mark, 1) or 1, due.get(mark), case.code, case.opened)


def _doubted(case: QueueCase) -> bool:
    """Only the assistant was asked: nobody else was disturbed."""
    return case.acknowledged_by in ("", "me") and case.step <= 1


def _called(case: QueueCase, entry: Entry | None) -> Item:
    took = case.acknowledged_at - case.opened if case.acknowledged_at else None
    minutes = int(took / timedelta(minutes=1)) if took is not None else None
    about = case.case
    subject = clean(bare_subject(about.subject), 60)
    return Item(clean(about.who, 60), subject, code=case.code, at=case.opened, minutes=minutes)


# ---- the mail


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines; `links` are (words, address) pairs that stand behind the line of the same place."""

    heading: str
    lines: tuple[str, ...]
    links: tuple[tuple[tuple[str, str], ...], ...] = ()


def as_text(sections: Iterable[Section]) -> str:
    """Plain text, readable on a telephone: no columns."""
    return "\n\n".join("\n".join([s.heading, *(f"- {line}" for line in s.lines)]) for s in sections)


def as_html(letter: Letter, before: str, sections: Iterable[Section], after: str, language: str) -> str:
    """The same with headings and links; no image, no script, nothing that is fetched."""
    body = [*_paragraphs(before), *(_section(s) for s in sections), *_paragraphs(after)]
    style = "font:16px/1.5 sans-serif;max-width:600px;margin:0 auto;padding:8px"
    head = f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(letter.subject)}'
    return f'{head}</title></head><body style="{style}">\n' + "\n".join(body) + "\n</body></html>\n"


def _paragraphs(text: str) -> list[str]:
    return [f"<p>{escape(p).replace(chr(10), '<br>')}</p>" for p in text.strip().split("\n\n") if p]


def _section(section: Section) -> str:
    links = (*section.links, *((),) * len(section.lines))
    rows = [f"<li>{escape(line)}{_links(some)}</li>" for line, some in zip(section.lines, links, strict=False)]
    return f"<h2>{escape(section.heading)}</h2>\n<ul>\n" + "\n".join(rows) + "\n</ul>"


def _links(links: Iterable[tuple[str, str]]) -> str:
    return "".join(f' <a href="{escape(to, quote=True)}">[{escape(words)}]</a>' for words, to in links)


def to_bytes(letter: Letter, html: str, envelope: Envelope, now: datetime) -> bytes:
    """The mail as text and as HTML (RFC 2046 section 5.1.4), the headers as of every other. Raises ValueError."""
    head = plain_bytes(letter, envelope, now).partition(b"\r\n\r\n")[0].decode("ascii")
    kept = [line for line in head.split("\r\n") if not line.startswith(("MIME-Version", "Content-T"))]
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail.set_content(letter.body, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"={envelope.key.strip('<>').partition('@')[0]}")
    address(envelope.to)
    return "\r\n".join(kept).encode("ascii") + b"\r\n" + mail.as_bytes()
