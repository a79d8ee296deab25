"""Dates, moments and numbers as people of each language write them; the tables are the shipped ones."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.grammar import Grammar, GrammarError, build, needs_year, say, short

TEMPLATES = Path(__file__).parents[2] / "templates"
ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 12, 3, 10, 40, tzinfo=ROME)
LANGUAGES = ("it", "cs", "en")


def table(language: str) -> dict[str, object]:
    return tomllib.loads((TEMPLATES / language / "grammar.toml").read_text("utf-8"))


GRAMMARS: dict[str, Grammar] = {language: build(table(language)) for language in LANGUAGES}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ROME)


# Written by hand, looked up in a calendar: (language, filter, value, what people write), said on 3 December 2026.
DATES = [
    ("it", "day", "2026-12-03", "giovedì 3 dicembre"),
    ("it", "day", "2026-12-04", "venerdì 4 dicembre"),
    ("it", "day", "2026-12-08", "martedì 8 dicembre"),
    ("it", "day", "2026-12-10", "giovedì 10 dicembre"),
    ("it", "day", "2026-12-11", "venerdì 11 dicembre"),
    ("it", "day", "2027-01-01", "venerdì 1º gennaio 2027"),
    ("it", "day", "2027-02-28", "domenica 28 febbraio 2027"),
    ("it", "day", "2027-03-01", "lunedì 1º marzo 2027"),
    ("it", "day", "2027-04-06", "martedì 6 aprile 2027"),
    ("it", "day", "2027-05-12", "mercoledì 12 maggio 2027"),
    ("it", "day", "2027-06-19", "sabato 19 giugno 2027"),
    ("it", "day", "2027-07-05", "lunedì 5 luglio 2027"),
    ("it", "day", "2027-08-16", "lunedì 16 agosto 2027"),
    ("it", "day", "2027-09-29", "mercoledì 29 settembre 2027"),
    ("it", "day", "2027-09-30", "giovedì 30 settembre 2027"),
    ("it", "day", "2027-10-31", "domenica 31 ottobre 2027"),
    ("it", "day", "2027-11-01", "lunedì 1º novembre 2027"),
    ("it", "day", "2028-02-29", "martedì 29 febbraio 2028"),
    ("it", "day", "2026-11-30", "lunedì 30 novembre"),
    ("it", "day", "2026-08-15", "sabato 15 agosto"),
    ("it", "entro", "2026-12-10", "entro giovedì 10 dicembre"),
    ("it", "il", "2026-12-08", "l'8 dicembre"),
    ("it", "il", "2026-12-11", "l'11 dicembre"),
    ("it", "il", "2026-12-18", "il 18 dicembre"),
    ("it", "il", "2026-12-01", "il 1º dicembre"),
    ("it", "del", "2026-12-08", "dell'8 dicembre"),
    ("it", "del", "2026-12-07", "del 7 dicembre"),
    ("it", "dal", "2026-12-11", "dall'11 dicembre"),
    ("it", "al", "2027-01-11", "all'11 gennaio 2027"),
    ("it", "al", "2027-01-01", "al 1º gennaio 2027"),
    ("cs", "day", "2026-12-09", "středa 9. prosince"),
    ("cs", "ve", "2026-12-07", "v pondělí 7. prosince"),
    ("cs", "ve", "2026-12-08", "v úterý 8. prosince"),
    ("cs", "ve", "2026-12-09", "ve středu 9. prosince"),
    ("cs", "ve", "2026-12-10", "ve čtvrtek 10. prosince"),
    ("cs", "ve", "2026-12-11", "v pátek 11. prosince"),
    ("cs", "ve", "2026-12-12", "v sobotu 12. prosince"),
    ("cs", "ve", "2026-12-13", "v neděli 13. prosince"),
    ("cs", "do", "2026-12-07", "do pondělí 7. prosince"),
    ("cs", "do", "2026-12-08", "do úterý 8. prosince"),
    ("cs", "do", "2026-12-09", "do středy 9. prosince"),
    ("cs", "do", "2026-12-10", "do čtvrtka 10. prosince"),
    ("cs", "do", "2026-12-11", "do pátku 11. prosince"),
    ("cs", "do", "2026-12-12", "do soboty 12. prosince"),
    ("cs", "do", "2026-12-13", "do neděle 13. prosince"),
    ("cs", "od", "2026-12-09", "od středy 9. prosince"),
    ("cs", "od", "2026-12-10", "od čtvrtka 10. prosince"),
    ("cs", "pred", "2026-12-07", "pondělím 7. prosince"),
    ("cs", "pred", "2026-12-08", "úterým 8. prosince"),
    ("cs", "pred", "2026-12-09", "středou 9. prosince"),
    ("cs", "pred", "2026-12-10", "čtvrtkem 10. prosince"),
    ("cs", "pred", "2026-12-11", "pátkem 11. prosince"),
    ("cs", "pred", "2026-12-12", "sobotou 12. prosince"),
    ("cs", "pred", "2026-12-13", "nedělí 13. prosince"),
    ("cs", "ve", "2027-01-01", "v pátek 1. ledna 2027"),
    ("cs", "do", "2027-02-02", "do úterý 2. února 2027"),
    ("cs", "pred", "2027-03-03", "středou 3. března 2027"),
    ("cs", "ve", "2027-04-01", "ve čtvrtek 1. dubna 2027"),
    ("cs", "do", "2027-05-05", "do středy 5. května 2027"),
    ("cs", "pred", "2027-06-06", "nedělí 6. června 2027"),
    ("cs", "ve", "2027-07-07", "ve středu 7. července 2027"),
    ("cs", "do", "2027-08-31", "do úterý 31. srpna 2027"),
    ("cs", "ve", "2027-09-23", "ve čtvrtek 23. září 2027"),
    ("cs", "do", "2027-10-01", "do pátku 1. října 2027"),
    ("cs", "pred", "2027-11-18", "čtvrtkem 18. listopadu 2027"),
    ("en", "day", "2026-12-03", "Thursday 3 December"),
    ("en", "day", "2026-12-09", "Wednesday 9 December"),
    ("en", "day", "2027-01-04", "Monday 4 January 2027"),
    ("en", "day", "2027-02-13", "Saturday 13 February 2027"),
    ("en", "day", "2027-03-30", "Tuesday 30 March 2027"),
    ("en", "day", "2027-04-25", "Sunday 25 April 2027"),
    ("en", "day", "2027-05-31", "Monday 31 May 2027"),
    ("en", "day", "2027-06-18", "Friday 18 June 2027"),
    ("en", "day", "2027-07-22", "Thursday 22 July 2027"),
    ("en", "day", "2027-08-11", "Wednesday 11 August 2027"),
    ("en", "day", "2027-09-28", "Tuesday 28 September 2027"),
    ("en", "day", "2027-10-29", "Friday 29 October 2027"),
    ("en", "day", "2027-11-01", "Monday 1 November 2027"),
    ("en", "day", "2025-12-03", "Wednesday 3 December 2025"),
]

MOMENTS = [
    ("it", "entro", "2026-12-03T18:00", "entro le 18:00 di oggi"),
    ("it", "entro", "2026-12-04T09:05", "entro le 9:05 di domani"),
    ("it", "entro", "2026-12-05T01:00", "entro l'1:00 di sabato 5 dicembre"),
    ("it", "entro", "2026-12-04T00:00", "entro le 0:00 di domani"),
    ("it", "entro", "2027-12-01T12:00", "entro le 12:00 di mercoledì 1º dicembre 2027"),
    ("it", "quando", "2026-12-04T09:00", "domani alle 9:00"),
    ("it", "quando", "2026-12-03T13:30", "oggi alle 13:30"),
    ("it", "quando", "2026-12-07T01:15", "lunedì 7 dicembre all'1:15"),
    ("it", "per_quando", "2026-12-03T12:10", "per le 12:10 di oggi"),
    ("it", "per_quando", "2026-12-02T17:00", "per le 17:00 di ieri"),
    ("it", "per_quando", "2026-12-08T01:30", "per l'1:30 di martedì 8 dicembre"),
    ("it", "clock", "2026-12-03T11:12", "11:12"),
    ("it", "clock", "2026-12-01T11:12", "11:12 di martedì 1º dicembre"),
    ("it", "delle", "2026-12-03T11:12", "delle 11:12"),
    ("it", "delle", "2026-12-03T01:12", "dell'1:12"),
    ("it", "delle", "2026-12-02T18:40", "delle 18:40 di ieri"),
    ("it", "day", "2026-12-10T18:00", "giovedì 10 dicembre"),
    ("cs", "do", "2026-12-03T18:00", "dnes do 18:00"),
    ("cs", "do", "2026-12-04T09:00", "zítra do 9:00"),
    ("cs", "do", "2026-12-09T15:00", "ve středu 9. prosince do 15:00"),
    ("cs", "do", "2027-11-18T15:00", "ve čtvrtek 18. listopadu 2027 do 15:00"),
    ("cs", "kdy", "2026-12-04T09:00", "zítra v 9:00"),
    ("cs", "kdy", "2026-12-03T12:10", "dnes ve 12:10"),
    ("cs", "kdy", "2026-12-03T14:00", "dnes ve 14:00"),
    ("cs", "kdy", "2026-12-03T15:00", "dnes v 15:00"),
    ("cs", "kdy", "2026-12-07T13:00", "v pondělí 7. prosince ve 13:00"),
    ("cs", "clock", "2026-12-03T11:12", "11:12"),
    ("cs", "z", "2026-12-03T11:12", "z 11:12"),
    ("cs", "z", "2026-12-03T14:05", "ze 14:05"),
    ("cs", "z", "2026-12-02T17:30", "ze 17:30 dne 2. prosince"),
    ("cs", "ve", "2026-12-09T15:00", "ve středu 9. prosince"),
    ("en", "at", "2026-12-03T18:00", "18:00 today"),
    ("en", "at", "2026-12-04T09:00", "9:00 tomorrow"),
    ("en", "at", "2026-12-09T15:00", "15:00 on Wednesday 9 December"),
    ("en", "by_when", "2026-12-03T12:10", "by 12:10 today"),
    ("en", "by_when", "2026-12-02T17:00", "by 17:00 yesterday"),
    ("en", "when", "2026-12-04T09:00", "tomorrow at 9:00"),
    ("en", "when", "2026-12-07T09:00", "on Monday 7 December at 9:00"),
    ("en", "when", "2027-12-06T09:00", "on Monday 6 December 2027 at 9:00"),
    ("en", "clock", "2026-12-03T11:12", "11:12"),
    ("en", "clock", "2026-12-02T17:50", "17:50 yesterday"),
]

NUMBERS = [
    ("it", "del_pct", 50, "del 50%"),
    ("it", "del_pct", 25, "del 25%"),
    ("it", "del_pct", 80, "dell'80%"),
    ("it", "del_pct", 88, "dell'88%"),
    ("it", "del_pct", 89, "dell'89%"),
    ("it", "del_pct", 90, "del 90%"),
    ("it", "del_pct", 8, "dell'8%"),
    ("it", "del_pct", 11, "dell'11%"),
    ("it", "del_pct", 18, "del 18%"),
    ("it", "del_pct", 1, "dell'1%"),
    ("it", "del_pct", 0, "dello 0%"),
    ("it", "del_pct", 100, "del 100%"),
    ("it", "del_pct", 300, "del 300%"),
    ("it", "giorni_preavviso", 4, "i 4 giorni lavorativi di preavviso"),
    ("it", "giorni_preavviso", 1, "il giorno lavorativo di preavviso"),
    ("it", "giorni_preavviso", 8, "gli 8 giorni lavorativi di preavviso"),
    ("it", "giorni_preavviso", 11, "gli 11 giorni lavorativi di preavviso"),
    ("it", "giorni_preavviso", 0, "gli 0 giorni lavorativi di preavviso"),
    ("it", "giorni_preavviso", 18, "i 18 giorni lavorativi di preavviso"),
    ("it", "giorni_calendario", 7, "i 7 giorni di preavviso"),
    ("it", "giorni_calendario", 8, "gli 8 giorni di preavviso"),
    ("cs", "pracovnich_dnu", 1, "1 pracovního dne"),
    ("cs", "pracovnich_dnu", 2, "2 pracovních dnů"),
    ("cs", "pracovnich_dnu", 4, "4 pracovních dnů"),
    ("cs", "pracovnich_dnu", 5, "5 pracovních dnů"),
    ("cs", "kalendarnich_dnu", 7, "7 kalendářních dnů"),
    ("en", "working_days", 1, "one working day"),
    ("en", "working_days", 4, "4 working days"),
    ("en", "calendar_days", 7, "7 days"),
]


@pytest.mark.parametrize(("language", "name", "value", "said"), DATES)
def test_date(language, name, value, said):
    assert say(GRAMMARS[language], name, date.fromisoformat(value), NOW) == said


@pytest.mark.parametrize(("language", "name", "value", "said"), MOMENTS)
def test_moment(language, name, value, said):
    assert say(GRAMMARS[language], name, at(value), NOW) == said


@pytest.mark.parametrize(("language", "name", "value", "said"), NUMBERS)
def test_number(language, name, value, said):
    assert say(GRAMMARS[language], name, value, None) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 12, 3, 17, 0, tzinfo=UTC), "18:00 today"),
        (datetime(2026, 12, 3, 23, 30, tzinfo=UTC), "0:30 tomorrow"),
        (datetime(2026, 12, 3, 19, 0, tzinfo=ZoneInfo("Europe/Athens")), "18:00 today"),
    ],
)
def test_moment_is_said_in_the_readers_time_zone(moment, said):
    assert say(GRAMMARS["en"], "at", moment, NOW) == said


def test_tomorrow_over_the_end_of_summer_time_and_of_the_year():
    before = datetime(2026, 10, 24, 23, 50, tzinfo=ROME)
    assert say(GRAMMARS["it"], "quando", datetime(2026, 10, 25, 9, tzinfo=ROME), before) == "domani alle 9:00"
    eve = datetime(2026, 12, 31, 18, 0, tzinfo=ROME)
    assert say(GRAMMARS["cs"], "kdy", datetime(2027, 1, 1, 9, tzinfo=ROME), eve) == "zítra v 9:00"


@pytest.mark.parametrize(
    ("day", "today", "year"),
    [
        ("2026-12-31", "2026-01-01", False),
        ("2026-01-01", "2026-12-31", False),
        ("2027-01-01", "2026-12-31", True),
        ("2026-12-31", "2027-01-01", True),
        ("2027-12-03", "2026-12-03", True),
    ],
)
def test_the_year_is_said_when_it_is_not_this_one(day, today, year):
    assert needs_year(date.fromisoformat(day), date.fromisoformat(today)) is year


WEEKDAYS = {
    "it": ("luned", "marted", "mercoled", "gioved", "venerd", "sabat", "domenic"),
    "cs": ("ponděl", "úter", "střed", "čtvrt", "pát", "sobot", "neděl"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


BARE = {"il", "del", "al", "dal"}  # Italian filters that leave the weekday out


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_date_of_three_years_has_its_weekday_and_day(language):
    grammar, anchor = GRAMMARS[language], date(2026, 1, 1)  # a Thursday
    for offset in range(1096):
        day = anchor + timedelta(days=offset)
        for name in grammar.dates:
            said = say(grammar, name, day, NOW)
            stems = [stem for stem in WEEKDAYS[language] if stem in said.replace("pátk", "pát")]
            assert stems == ([] if name in BARE else [WEEKDAYS[language][(3 + offset) % 7]]), said
            assert str(day.day) in said
            assert (str(day.year) in said) is needs_year(day, NOW.date())


@given(st.sampled_from(LANGUAGES), st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), st.integers(-400, 400))
def test_every_moment_can_be_said(language, moment, days):
    moment = moment.replace(tzinfo=ROME)
    for name in GRAMMARS[language].moments:
        said = say(GRAMMARS[language], name, moment, moment + timedelta(days=days))
        assert f"{moment.hour}:{moment.minute:02}" in said
        assert "{" not in said
        assert "  " not in said


ARTICLES = build(
    table("en") | {"names": {"a_or_an": {"usual": "a {name}", "a e i o u": "an {name}", "eu": "a {name}"}}}
)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter", "a letter"),
        ("answer", "an answer"),
        ("Élite", "an Élite"),
        ("European plan", "a European plan"),  # the longer beginning goes before the shorter one
        ("", "a "),
        ("8 days", "a 8 days"),
        ("{name} {year}", "a {name} {year}"),
    ],
)
def test_words_by_the_beginning_of_a_name(name, said):
    assert say(ARTICLES, "a_or_an", name, NOW) == said


@pytest.mark.parametrize(
    ("hour", "said"),
    [(0, "12:05 am"), (1, "1:05 am"), (11, "11:05 am"), (12, "12:05 pm"), (13, "1:05 pm"), (15, "3:05 pm")],
)
def test_a_clock_of_twelve_hours(hour, said):
    grammar = build(table("en") | {"clock": "{hour12}:{minute} {half}"})
    assert say(grammar, "by_when", NOW.replace(hour=hour, minute=5), NOW) == f"by {said} today"


@pytest.mark.parametrize(
    ("name", "value", "now", "complaint"),
    [
        ("when", date(2026, 12, 3), NOW, "when needs a time of day, 2026-12-03 is only a date"),
        ("day", "2026-12-03", NOW, "day needs a date, this is a text"),
        ("day", None, NOW, "day needs a date, this is empty"),
        ("day", date(2026, 12, 3), None, "day needs the word now"),
        ("day", date(2026, 12, 3), datetime(2026, 12, 3), "day needs the word now"),
        ("at", datetime(2026, 12, 3), NOW, "at needs a moment with a time zone"),
        ("a_or_an", 5, NOW, "a_or_an needs a text, this is a number"),
        ("a_or_an", None, NOW, "a_or_an needs a text, this is empty"),
        ("working_days", True, NOW, "working_days needs a whole number, this is a yes or no"),
        ("working_days", "4", NOW, "working_days needs a whole number, this is a text"),
    ],
)
def test_what_cannot_be_said_is_refused(name, value, now, complaint):
    with pytest.raises(GrammarError, match=complaint):
        say(ARTICLES, name, value, now)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"moths": {}}, "unknown key moths"),
        ({"weekdays": {"weekday": ["Monday"]}}, "weekdays.weekday has 1 names instead of 7"),
        ({"months": {"month": "January"}}, "months.month must be a list"),
        ({"dates": {"day": "{weekdy} {day}"}}, "dates.day.other: unknown field {weekdy}"),
        ({"dates": {"day": "{}"}}, "unknown field {}"),
        ({"moments": {"at": {"today": "{clock}"}}}, "moments.at needs the line other"),
        ({"moments": {"at": {"other": "{clock}", "soon": "x"}}}, "moments.at needs the line other, and may have"),
        ({"moments": {"at": "{clock.__class__}"}, "avoid": "no"}, "avoid must be a list"),
        ({"numbers": {"n": {"1": "one"}}}, "numbers.n needs the line usual"),
        ({"numbers": {"n": {"usual": "{n}", "9-2": "x"}}}, "numbers.n: '9-2' is neither"),
        ({"numbers": {"n": {"usual": "{n}", "some": "x"}}}, "numbers.n: 'some' is neither"),
        ({"names": {"a": {"a": "ad {name}"}}}, "names.a needs the line usual"),
        ({"names": {"a": {"usual": "{name}", "8": "x"}}}, "names.a: '8' is neither the letters"),
        ({"names": {"a": {"usual": "{name}", " ": "x"}}}, "names.a: ' ' is neither the letters"),
        ({"names": {"a": "{clock}"}}, "names.a.usual: unknown field {clock}"),
        ({"days": {"il": "{n}"}}, "days.il.usual: unknown field {n}"),
        ({"clock": 5}, "clock must be a text"),
        ({"hours": []}, "hours must be a table"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(change, complaint):
    with pytest.raises(GrammarError, match=complaint.replace("{", r"\{").replace(".", r"\.")):
        build(table("en") | change)


def test_a_new_language_needs_no_python():
    german = table("en") | {
        "weekdays": {"weekday": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]},
        "months": {"month": ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dezember"]},
        "day": "{n}.",
        "clock": "{hour}.{minute}",
        "moments": {"bis": {"today": "heute bis {clock} Uhr", "other": "bis {weekday}, {day} {month}, {clock} Uhr"}},
    }
    grammar = build(german)
    assert say(grammar, "bis", at("2026-12-03T18:05"), NOW) == "heute bis 18.05 Uhr"
    assert say(grammar, "bis", at("2026-12-04T18:05"), NOW) == "bis Freitag, 4. Dezember, 18.05 Uhr"


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Malá", "Malá"),
        ("Voda teče do prodejny", "Voda teče do prodejny"),
        ("Voda teče do prodejny pod námi, zavřeli jsme uzávěr", "Voda teče do prodejny pod…"),
        ("x" * 28, "x" * 28),
        ("x" * 29, "x" * 27 + "…"),
    ],
)
def test_short_cuts_at_a_word(text, cut):
    assert short(text) == cut
    assert len(cut) <= 28
