"""Public holidays from the `holidays` library, as days on which an office is closed.

The library names days in the language of the LANG variable unless it is told another, and silently in English when it
does not know the one it is told ("it" is not "it_IT"); so the language is always passed, in the library's own spelling.
It is imported at the first use: loading it takes longer than the rest of `vamaild status`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

FALLBACK = "en_US"
ALIKE = 0.66
# Patron saints that the library does not give their city: (month, day) -> name. For the province of Perugia it has the
# two saints of Assisi alone; whoever works in a town that is no capital of a province writes the day down as closed.
PATRONS: Mapping[str, Mapping[tuple[int, int], str]] = {"IT-PG": {(1, 29): "San Costanzo"}}
# What people write for a code, folded; the library knows the English names of countries and the local ones of cities.
MEANT = {
    "italia": "IT", "italien": "IT", "cesko": "CZ", "ceska republika": "CZ", "czech republic": "CZ", "cechia": "CZ",
    "repubblica ceca": "CZ", "cs": "CZ", "praha": "CZ", "prague": "CZ", "praga": "CZ", "brno": "CZ", "slovensko": "SK",
    "slovacchia": "SK", "bratislava": "SK", "deutschland": "DE", "germania": "DE", "nemecko": "DE", "osterreich": "AT",
    "austria": "AT", "rakousko": "AT", "svizzera": "CH", "schweiz": "CH", "suisse": "CH", "francia": "FR", "uk": "GB",
    "spagna": "ES", "espana": "ES", "polska": "PL", "polsko": "PL", "polonia": "PL", "regno unito": "GB", "en": "GB",
    "england": "GB-ENG", "london": "GB-ENG", "scotland": "GB-SCT", "wales": "GB-WLS", "el": "GR", "grecia": "GR",
    "usa": "US", "stati uniti": "US", "milan": "IT-MI", "rome": "IT-RM", "turin": "IT-TO", "florence": "IT-FI",
    "naples": "IT-NA", "venice": "IT-VE", "genoa": "IT-GE", "padua": "IT-PD", "mantua": "IT-MN", "bozen": "IT-BZ",
    "rim": "IT-RM", "benatky": "IT-VE",
}  # fmt: skip


class ClosedDays:
    """A container of dates: `day in closed`. Years are worked out when they are first asked for."""

    __slots__ = ("_calendars", "_patrons")

    def __init__(self, calendars: Iterable[HolidayBase], patrons: Iterable[Mapping[tuple[int, int], str]] = ()) -> None:
        self._calendars = tuple(calendars)
        self._patrons = {day: name for saints in patrons for day, name in saints.items()}

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        return (day.month, day.day) in self._patrons or any(day in calendar for calendar in self._calendars)

    def name(self, day: date) -> str:
        """What the day is called, for explanations; "" when it is none of these."""
        official = next((name for calendar in self._calendars if (name := calendar.get(day))), "")
        return official or self._patrons.get((day.month, day.day), "")


def closed_days(codes: tuple[str, ...], language: str) -> ClosedDays:
    """The holidays of all these places: "IT" a country, "IT-MI" with those of a region or city (its patron saint).

    A place may be written out, "IT-Milano". `language` is a two-letter code; names come in the country's own way of
    writing it, else in English. Raises ValueError with a sentence for a code that is none.
    """
    calendars = [_calendar(code, language) for code in codes]
    return ClosedDays(calendars, (PATRONS.get(f"{c.country}-{c.subdiv}", {}) for c in calendars))


@lru_cache(maxsize=256)
def _calendar(code: str, language: str) -> HolidayBase:
    from holidays import country_holidays

    country, _, place = code.partition("-")
    _country_known(country, code)
    try:
        known = type(country_holidays(country))
        if place and place not in (*known.subdivisions, *known.subdivisions_aliases):
            raise ValueError(_no_place(code, country, place, known))
        short = known.subdivisions_aliases.get(place, place)
        return country_holidays(country, subdiv=short or None, language=_spelling(known, language))
    except NotImplementedError as error:
        raise ValueError(f'holidays: "{code}" is not known: {error}') from error


def _country_known(country: str, code: str) -> None:
    from holidays.registry import COUNTRIES

    if any(country == entry[1] for entry in COUNTRIES.values()):
        return
    names = {_folded(word): short for name, short, *longer in COUNTRIES.values() for word in (name, short, *longer)}
    known = _cities() | names | MEANT
    meant = _nearest(code, known) or _nearest(country, known)
    hint = f'Did you mean "{meant}"?' if meant else 'Write a country like "IT", or a place in it like "IT-MI".'
    raise ValueError(f'holidays: "{code}" is not known: no country has that code. {hint}')


def _no_place(code: str, country: str, place: str, known: type[HolidayBase]) -> str:
    """Why this place is none, and which one was meant."""
    if not known.subdivisions:
        return f'holidays: "{code}" is not known: all of {country} keeps the same holidays. Did you mean "{country}"?'
    spoken = {word: meant for word, meant in MEANT.items() if meant.startswith(f"{country}-")}
    meant = _nearest(place, spoken | _places(country, known))
    example = f'Write "{country}" alone, or with a place like "{country}-{known.subdivisions[0]}".'
    hint = f'Did you mean "{meant}"?' if meant else example
    return f'holidays: "{code}" is not known: {country} has no such region or city. {hint}'


def _cities() -> dict[str, str]:
    """Italian cities by name: people write "Bologna" and mean its patron saint. No codes, which are countries too."""
    from holidays import country_holidays

    return {name: code for name, code in _places("IT", type(country_holidays("IT"))).items() if len(name) > 2}


def _places(country: str, known: type[HolidayBase]) -> dict[str, str]:
    """Every code and name of a place, folded, with the code to write."""
    codes = {_folded(short): f"{country}-{short}" for short in known.subdivisions}
    return {_folded(name): f"{country}-{short}" for name, short in known.subdivisions_aliases.items()} | codes


def _nearest(word: str, names: Mapping[str, str]) -> str:
    """The code whose name is most like this word; "" when none is."""
    near = get_close_matches(_folded(word), names, 1, ALIKE)
    return names[near[0]] if near else ""


def _folded(word: str) -> str:
    """Without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(c))


def _spelling(known: type[HolidayBase], language: str) -> str | None:
    """The library's name for this language in this country: "it" is "it_IT" in Italy, "cs" is "cs" in Czechia."""
    for supported in known.supported_languages:
        if supported == language or supported.split("_")[0] == language:
            return supported
    return FALLBACK if FALLBACK in known.supported_languages else known.default_language
