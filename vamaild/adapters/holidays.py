"""Public holidays from the `holidays` library, as days on which an office is closed.

The library names days in the language of the LANG variable unless it is told another, and silently in English when it
does not know the one it is told ("it" is not "it_IT"); so the language is always passed, in the library's own spelling.
It is imported at the first use: loading it takes longer than the rest of `vamaild status`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

FALLBACK = "en_US"


class ClosedDays:
    """A container of dates: `day in closed`. Years are worked out when they are first asked for."""

    __slots__ = ("_calendars",)

    def __init__(self, calendars: Iterable[HolidayBase]) -> None:
        self._calendars = tuple(calendars)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and any(day in calendar for calendar in self._calendars)

    def name(self, day: date) -> str:
        """What the day is called, for explanations; "" when it is none of these."""
        return next((name for calendar in self._calendars if (name := calendar.get(day))), "")


def closed_days(codes: tuple[str, ...], language: str) -> ClosedDays:
    """The holidays of all these places: "IT" a country, "IT-MI" with those of a region or city (its patron saint).

    `language` is a two-letter code; names come in the country's own way of writing it, else in English.
    Raises ValueError with a sentence for a code that is none.
    """
    return ClosedDays(_calendar(code, language) for code in codes)


@lru_cache(maxsize=256)
def _calendar(code: str, language: str) -> HolidayBase:
    from holidays import country_holidays

    country, _, place = code.partition("-")
    _known(country, code)
    try:
        known = type(country_holidays(country))
        if place and place not in (*known.subdivisions, *known.subdivisions_aliases):
            raise ValueError(
                _no_such(code, f"{country} has no region or city", [f"{country}-{s}" for s in known.subdivisions])
            )
        return country_holidays(country, subdiv=place or None, language=_spelling(known, language))
    except NotImplementedError as error:
        raise ValueError(f'holidays: "{code}" is not known: {error}') from error


def _known(country: str, code: str) -> None:
    from holidays.registry import COUNTRIES

    names = {entry[1]: entry[0] for entry in COUNTRIES.values()}
    if country in names:
        return
    by_name = {name.lower(): short for short, name in names.items()}
    alike = [short for short in (country.upper()[:2],) if short in names and country.upper() in (short, _long(short))]
    alike += [by_name[n] for n in get_close_matches(country.lower(), by_name, 1)]
    raise ValueError(_no_such(code, "no country has that code", alike))


def _long(short: str) -> str:
    from holidays.registry import COUNTRIES

    return next(entry[2] for entry in COUNTRIES.values() if entry[1] == short)


def _no_such(code: str, why: str, alike: list[str]) -> str:
    same = [name for name in alike if name.lower() == code.lower()]
    near = same or get_close_matches(code, alike, 1, 0.5) or alike[:1]
    hint = f' Did you mean "{near[0]}"?' if near else ' Write a country like "IT", or a place in it like "IT-MI".'
    return f'holidays: "{code}" is not known: {why}.{hint}'


def _spelling(known: type[HolidayBase], language: str) -> str | None:
    """The library's name for this language in this country: "it" is "it_IT" in Italy, "cs" is "cs" in Czechia."""
    for supported in known.supported_languages:
        if supported == language or supported.split("_")[0] == language:
            return supported
    return FALLBACK if FALLBACK in known.supported_languages else known.default_language
