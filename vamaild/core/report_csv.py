"""The decisions of a week as CSV (RFC 4180) and the figures as JSON-ready values: no text, no name, no address."""

from collections.abc import Iterable
from datetime import timedelta

from .invoice import safe
from .report_parts import URGENT, fate_of, sort_of, why_of
from .report_rows import Row
from .report_values import Figures, Given, Short
from .rush import Rush

HEAD = ("message", "came", "client", "sort", "kind", "outcome", "reason", "why", "urgency", "wanted by", "replied")


def decisions(figures: Figures) -> str:
    """One line for each message, in the order of the ledger; times are the reader's.

    Without the T of ISO 8601: spreadsheets read it as well, and the gate takes it for no base64.
    """
    return as_csv((HEAD, *(_cells(row, figures) for row in figures.subjects.values())))


def as_csv(rows: Iterable[tuple[str, ...]]) -> str:
    """Lines ended by CR LF; no cell is a formula to a spreadsheet."""
    return "".join(f"{','.join(map(_quoted, row))}\r\n" for row in rows)


def _cells(row: Row, figures: Figures) -> tuple[str, ...]:
    zone, sort = figures.asking.now.tzinfo, sort_of(row)
    moments = (row.received, row.deadline, row.replied_at)
    came, wanted, replied = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in moments)
    fate, why = fate_of(row) if sort == URGENT else "", why_of(row) if row.outcome == "no-reply" else ""
    client = figures.asking.name(row.client)
    return str(row.id), came, client, sort, row.kind, str(row.outcome), row.reason, why, fate, wanted, replied


def _quoted(cell: str) -> str:
    """In quotation marks where the cell holds one, or a comma, or blanks at an end (RFC 4180 section 2)."""
    text = safe(cell)
    plain = not any(c in text for c in ',"') and text == text.strip()
    return text if plain else '"' + text.replace('"', '""') + '"'


def as_values(figures: Figures) -> dict[str, object]:
    """Every number with its messages, JSON-ready; keys are stable."""
    zone, (lower, upper) = figures.asking.now.tzinfo, figures.bounds
    return {
        "since": figures.since.astimezone(zone).isoformat(),
        "until": figures.until.astimezone(zone).isoformat(),
        "client": figures.asking.only or None,
        "adds_up": figures.adds_up,
        "counted": figures.counted,
        "missing": figures.missing,
        "could_wait": {"of": figures.urgent, "at_least": lower, "at_most": upper},
        "line": [{"at_least": a, "of": b} for a, b in figures.line],
        "numbers": {n.name: {"count": n.count, "messages": list(n.messages)} for n in figures.numbers},
        "notice": [_notice(short) for short in figures.notice],
        "promises": _promises(figures.given),
        "surcharges": [_sale(rush, figures) for rush in figures.sales.agreed],
        "first_reply_minutes": {"automatic": _minutes(figures.automatic), "personal": _minutes(figures.personal)},
        "hours": [{"weekday": d, "hour": h, "messages": list(ids)} for (d, h), ids in sorted(figures.strip.items())],
    }


def _notice(short: Short) -> dict[str, object]:
    weeks = [{"requests": requests, "short": few} for requests, few in short.weeks]
    counts = {"requests": short.requests.count, "short": short.short.count}
    return {"client": short.client, "days": short.days, "unit": short.unit, **counts, "weeks": weeks}


def _promises(given: Given) -> dict[str, int]:
    ended = {"kept": len(given.kept), "late": len(given.late), "withdrawn": given.withdrawn}
    return ended | {"overdue": len(given.broken), "open": len(given.open)}


def _sale(rush: Rush, figures: Figures) -> dict[str, object]:
    told = {"number": rush.id, "client": rush.offer.client, "percent": rush.offer.percent}
    sums = figures.asking.surcharges([rush]) if rush.charged else {}
    price = next(({"surcharge": cents / 100, "currency": currency} for currency, cents in sums.items()), {})
    return told | {"hours": rush.hours, "charged": rush.charged} | price


def _minutes(time: timedelta | None) -> int | None:
    return None if time is None else round(time.total_seconds() / 60)
