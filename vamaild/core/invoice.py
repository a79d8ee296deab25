"""The surcharges of a period as CSV (RFC 4180) for the invoice: every line with the client's own agreement.

A cell that a spreadsheet would take for a formula (OWASP, "CSV Injection") is written with an apostrophe before it.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .rush import Rush

HEAD = (
    "date",
    "client",
    "job",
    "percent",
    "hours",
    "agreed by",
    "agreed at",
    "their message id",
    "ready at",
    "charged",
    "rate",
    "surcharge",
    "currency",
)
FORMULA = ("=", "+", "-", "@", "|", "%")


@dataclass(frozen=True, slots=True)
class Line:
    """One agreed rush, with the client's name and the Message-ID of his "B"; times are in the client's time zone.

    `rate` is the price of an hour as the client's file says it now; 0 where it says none.
    """

    rush: Rush
    client: str
    message_id: str
    agreed_at: datetime
    ready_at: datetime
    rate: float = 0.0
    currency: str = ""


def as_csv(lines: Iterable[Line]) -> str:
    """The table with its head, lines ended by CR LF. Hours are empty where the assistant has entered none."""
    rows = [HEAD, *(_cells(line) for line in lines)]
    return "".join(f"{','.join(_quoted(cell) for cell in row)}\r\n" for row in rows)


def _cells(line: Line) -> tuple[str, ...]:
    rush = line.rush
    return (
        line.agreed_at.date().isoformat(),
        safe(line.client),
        safe(rush.offer.what),
        str(rush.offer.percent),
        "" if rush.hours is None else f"{rush.hours:g}",
        safe(rush.taken_by),
        line.agreed_at.isoformat(timespec="minutes"),
        safe(line.message_id),
        line.ready_at.isoformat(timespec="minutes"),
        "yes" if rush.charged else "no",
        *_price(line),
    )


def _price(line: Line) -> tuple[str, str, str]:
    """What the surcharge comes to; empty as long as rate or hours are not known."""
    rush = line.rush
    if not line.rate or rush.hours is None or not rush.charged:
        return "", "", ""
    cents = surcharge(rush.hours, rush.offer.percent, line.rate)
    return f"{line.rate:.2f}", f"{cents // 100}.{cents % 100:02}", line.currency


def surcharge(hours: float, percent: int, rate: float) -> int:
    """In hundredths of the currency, halves up: the price of these hours times percent, without the price itself."""
    return int(round(hours * rate * percent, 6) + 0.5)


def _quoted(cell: str) -> str:
    """In quotation marks where the cell holds one, or a comma, or blanks at an end (RFC 4180 section 2)."""
    plain = not any(c in cell for c in ',"\r\n') and cell == cell.strip()
    return cell if plain else '"' + cell.replace('"', '""') + '"'


def safe(text: str) -> str:
    """One line of plain text that no spreadsheet takes for a formula."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    shown = "".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))
    start = unicodedata.normalize("NFKC", shown).lstrip(" \"';,")
    return f"'{shown}" if start.startswith(FORMULA) else shown
