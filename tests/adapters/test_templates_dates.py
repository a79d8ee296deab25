"""A hundred sentences of the shipped replies over a year of dates, and every reply on every day of that year.

The sentences were written by hand from the rules of each language; a test looks their weekdays up in a calendar.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.adapters.templates import Texts
from vamaild.core.grammar import say

from .texts import SHIPPED, ZONES, words_for

TEXTS = Texts(SHIPPED)
LANGUAGES = ("it", "cs", "en")


def written(language: str, name: str, tone: str, now: str, told: str, **more: object) -> str:
    """The body of a reply. `told` is the date it names, or the moment where it names one; `tone` "tu" or ""."""
    zone = ZoneInfo(ZONES[language])
    moment = datetime.fromisoformat(told).replace(tzinfo=zone)
    words: dict[str, object] = {
        "now": datetime.fromisoformat(now).replace(tzinfo=zone),
        "tu": bool(tone),
        "lead": {"ready_on": moment.date(), "days": 4, "unit": "working"},
        "away": {"words": "", "back": moment.date(), "answer_by": moment.date()},
        "promise": {"at": moment},
    }
    return TEXTS(name, language, "", words_for("", language, **(words | more))).body


# (text, "tu" or "", said on, date or moment, what people write)
ITALIAN = [
    ("ordinary", "tu", "2026-11-02", "2026-11-06", "lo trovi fatto entro venerdì 6 novembre. Da parte tua non serve"),
    ("ordinary", "", "2026-11-25", "2026-12-01", "lo trova fatto entro martedì 1º dicembre. Da parte sua non serve"),
    ("ordinary", "", "2027-01-11", "2027-01-18", "entro lunedì 18 gennaio."),
    ("ordinary", "", "2027-02-17", "2027-02-23", "entro martedì 23 febbraio."),
    ("ordinary", "", "2027-03-11", "2027-03-17", "entro mercoledì 17 marzo."),
    ("ordinary", "", "2027-04-16", "2027-04-22", "entro giovedì 22 aprile."),
    ("ordinary", "", "2027-05-24", "2027-05-28", "entro venerdì 28 maggio."),
    ("ordinary", "", "2027-06-24", "2027-06-30", "entro mercoledì 30 giugno."),
    ("ordinary", "", "2027-07-02", "2027-07-08", "entro giovedì 8 luglio."),
    ("ordinary", "", "2027-08-05", "2027-08-11", "entro mercoledì 11 agosto."),
    ("ordinary", "", "2027-09-02", "2027-09-08", "entro mercoledì 8 settembre."),
    ("ordinary", "", "2027-09-28", "2027-10-05", "entro martedì 5 ottobre."),
    ("ordinary", "", "2027-10-29", "2027-11-08", "entro lunedì 8 novembre."),
    ("ordinary", "", "2027-12-03", "2027-12-10", "entro venerdì 10 dicembre."),
    ("ordinary", "", "2026-12-28", "2027-01-01", "entro venerdì 1º gennaio 2027."),
    ("lead-time", "tu", "2026-12-28", "2027-01-08", "sarà pronto entro venerdì 8 gennaio 2027, con i 4 giorni "),
    ("lead-time", "", "2027-12-27", "2028-01-03", "sarà pronto entro lunedì 3 gennaio 2028, con i 4 giorni "),
    ("vacation-first", "", "2027-07-26", "2027-08-30", "è assente e torna lunedì 30 agosto; fino ad allora la posta"),
    ("vacation-first", "", "2027-07-26", "2027-09-01", "La sua richiesta è in agenda e avrà risposta entro mercoledì "
     "1º settembre. Se per lei è tardi, mi scriva entro quando le serve"),
    ("vacation-first", "tu", "2027-09-20", "2027-10-11", "La tua richiesta è in agenda e avrà risposta entro lunedì "
     "11 ottobre. Se per te è tardi, scrivimi entro quando ti serve"),
    ("vacation-second", "", "2027-10-21", "2027-11-02", "Per capire se può aspettare martedì 2 novembre mi basta una"),
    ("vacation-fifth", "tu", "2026-12-03", "2026-12-04T09:00", "Ti riscrivo io domani alle 9:00. Fino ad allora"),
    ("vacation-fifth", "", "2026-12-04", "2026-12-07T09:00", "Le riscrivo io lunedì 7 dicembre alle 9:00. Fino ad"),
    ("vacation-fifth", "", "2027-06-07", "2027-06-07T13:00", "Le riscrivo io oggi alle 13:00."),
    ("vacation-fifth", "", "2027-06-07", "2027-06-12T01:15", "Le riscrivo io sabato 12 giugno all'1:15."),
    ("vacation-fifth", "", "2027-02-15", "2027-03-08", "e prima di lunedì 8 marzo non la posso anticipare."),
    ("emergency-received", "", "2026-12-03T10:40", "2026-12-03T12:10", "Le scrivo entro le 12:10 di oggi per dirle a"),
    ("emergency-received", "tu", "2026-12-03T23:30", "2026-12-04T01:00", "Ti scrivo entro l'1:00 di domani per dirti"),
    ("emergency-received", "", "2026-12-05T00:10", "2026-12-05T01:40", "Le scrivo entro l'1:40 di oggi per dirle"),
    ("emergency-received", "", "2026-12-05T11:30", "2026-12-05T13:00", "Le scrivo entro le 13:00 di oggi per dirle"),
    ("emergency-received", "", "2026-12-30", "2027-01-01T08:30", "entro le 8:30 di venerdì 1º gennaio 2027 per dirle"),
    ("colleague", "tu", "2027-04-12", "2027-05-01", "la tua richiesta non deve aspettare sabato 1º maggio: c'è chi "
     "può aiutarti adesso."),
    ("colleague", "", "2027-01-04", "2027-01-11", "la sua richiesta non deve aspettare lunedì 11 gennaio: c'è chi può "
     "aiutarla adesso."),
]  # fmt: skip
CZECH = [
    ("ordinary", "tu", "2026-11-03", "2026-11-09", "hotovo bude do pondělí 9. listopadu. Nic dalšího od tebe"),
    ("ordinary", "", "2026-11-25", "2026-12-01", "hotovo bude do úterý 1. prosince. Nic dalšího od Vás nepotřebuji."),
    ("lead-time", "", "2026-12-29", "2027-01-06", "do středy 6. ledna 2027, tedy v dohodnuté lhůtě 4 pracovních dnů."),
    ("ordinary", "", "2027-02-05", "2027-02-11", "hotovo bude do čtvrtka 11. února."),
    ("ordinary", "", "2027-03-01", "2027-03-05", "hotovo bude do pátku 5. března."),
    ("ordinary", "", "2027-04-06", "2027-04-10", "hotovo bude do soboty 10. dubna."),
    ("ordinary", "", "2027-05-05", "2027-05-09", "hotovo bude do neděle 9. května."),
    ("vacation-first", "", "2027-06-01", "2027-06-14", "je mimo kancelář a vrací se v pondělí 14. června, do té doby"),
    ("vacation-first", "", "2027-07-01", "2027-07-13", "a vrací se v úterý 13. července, do té doby"),
    ("vacation-first", "", "2027-08-01", "2027-08-11", "a vrací se ve středu 11. srpna, do té doby"),
    ("vacation-first", "", "2027-09-01", "2027-09-16", "a vrací se ve čtvrtek 16. září, do té doby"),
    ("vacation-first", "", "2027-10-01", "2027-10-15", "a vrací se v pátek 15. října, do té doby"),
    ("vacation-first", "", "2027-11-01", "2027-11-20", "a vrací se v sobotu 20. listopadu, do té doby"),
    ("vacation-first", "", "2027-12-01", "2027-12-12", "a vrací se v neděli 12. prosince, do té doby"),
    ("vacation-first", "tu", "2027-08-20", "2027-09-01", "Tvůj požadavek mám a odpověď dostaneš nejpozději ve středu "
     "1. září. Pokud ji potřebuješ dřív, napiš mi, do kdy"),
    ("vacation-first", "", "2027-12-20", "2027-12-30", "Váš požadavek mám a odpověď dostanete nejpozději ve čtvrtek "
     "30. prosince. Pokud ji potřebujete dřív, napište mi prosím, do kdy"),
    ("vacation-second", "", "2026-12-03", "2026-12-09", "zda to do středy 9. prosince počká, stačí mi jediné"),
    ("vacation-second", "", "2027-01-28", "2027-02-04", "zda to do čtvrtka 4. února počká, stačí mi jediné"),
    ("vacation-second", "", "2027-06-28", "2027-07-04", "zda to do neděle 4. července počká, stačí mi jediné"),
    ("vacation-fifth", "", "2026-12-28", "2027-01-04", "a před pondělím 4. ledna 2027 to urychlit nemohu."),
    ("vacation-fifth", "", "2027-01-28", "2027-02-02", "a před úterým 2. února to urychlit nemohu."),
    ("vacation-fifth", "", "2027-03-18", "2027-03-31", "a před středou 31. března to urychlit nemohu."),
    ("vacation-fifth", "", "2027-04-15", "2027-04-22", "a před čtvrtkem 22. dubna to urychlit nemohu."),
    ("vacation-fifth", "", "2027-05-15", "2027-05-21", "a před pátkem 21. května to urychlit nemohu."),
    ("vacation-fifth", "", "2027-06-15", "2027-06-26", "a před sobotou 26. června to urychlit nemohu."),
    ("vacation-fifth", "", "2027-07-15", "2027-08-01", "a před nedělí 1. srpna to urychlit nemohu."),
    ("vacation-fifth", "tu", "2026-12-03", "2026-12-04T09:00", "Ozvu se ti zítra v 9:00. Do té doby"),
    ("vacation-fifth", "", "2026-12-04", "2026-12-07T08:30", "Ozvu se Vám v pondělí 7. prosince v 8:30. Do té doby"),
    ("vacation-fifth", "", "2027-03-09", "2027-03-09T14:00", "Ozvu se Vám dnes ve 14:00."),
    ("vacation-fifth", "", "2027-10-01", "2027-10-06T12:30", "Ozvu se Vám ve středu 6. října ve 12:30."),
    ("vacation-fifth", "", "2027-11-02", "2027-11-04T20:00", "Ozvu se Vám ve čtvrtek 4. listopadu ve 20:00."),
    ("emergency-received", "", "2026-12-03T10:40", "2026-12-03T12:10", "Nejpozději dnes do 12:10 Vám napíšu, jak to"),
    ("emergency-received", "tu", "2026-12-03T23:00", "2026-12-04T00:30", "Nejpozději zítra do 0:30 ti napíšu, jak to"),
    ("emergency-received", "", "2026-12-31", "2027-01-02T10:00", "Nejpozději v sobotu 2. ledna 2027 do 10:00 Vám"),
    ("colleague", "tu", "2027-03-01", "2027-03-10", "tvoje záležitost nemusí čekat do středy 10. března, pomoc je"),
    ("colleague", "", "2027-10-20", "2027-10-31", "Vaše záležitost nemusí čekat do neděle 31. října, pomoc je"),
]  # fmt: skip
ENGLISH = [
    ("ordinary", "", "2026-11-19", "2026-11-25", "will be done by Wednesday 25 November."),
    ("ordinary", "", "2026-12-03", "2026-12-07", "will be done by Monday 7 December."),
    ("ordinary", "", "2027-01-13", "2027-01-19", "will be done by Tuesday 19 January."),
    ("ordinary", "", "2027-02-18", "2027-02-24", "will be done by Wednesday 24 February."),
    ("ordinary", "", "2027-03-05", "2027-03-11", "will be done by Thursday 11 March."),
    ("ordinary", "", "2027-04-14", "2027-04-20", "will be done by Tuesday 20 April."),
    ("ordinary", "", "2027-04-30", "2027-05-07", "will be done by Friday 7 May."),
    ("ordinary", "", "2027-06-01", "2027-06-07", "will be done by Monday 7 June."),
    ("ordinary", "", "2027-07-07", "2027-07-13", "will be done by Tuesday 13 July."),
    ("ordinary", "", "2027-08-19", "2027-08-25", "will be done by Wednesday 25 August."),
    ("ordinary", "", "2027-08-27", "2027-09-02", "will be done by Thursday 2 September."),
    ("ordinary", "", "2027-10-25", "2027-10-29", "will be done by Friday 29 October."),
    ("ordinary", "", "2027-11-16", "2027-11-22", "will be done by Monday 22 November."),
    ("ordinary", "", "2027-12-15", "2027-12-21", "will be done by Tuesday 21 December."),
    ("lead-time", "", "2026-12-30", "2027-01-08", "by Friday 8 January 2027, within the 4 working days we agreed."),
    ("vacation-first", "", "2027-08-02", "2027-09-01", "is away and back on Wednesday 1 September; until then I look"),
    ("vacation-first", "", "2027-09-20", "2027-09-30", "you will have an answer by Thursday 30 September. If that is"),
    ("vacation-first", "", "2026-12-21", "2027-01-03", "is away and back on Sunday 3 January 2027; until then I look"),
    ("vacation-second", "", "2027-04-20", "2027-05-01", "whether it can wait until Saturday 1 May, I need just one"),
    ("vacation-fifth", "", "2027-10-15", "2027-10-22", "I cannot bring it forward before Friday 22 October. On that"),
    ("vacation-fifth", "", "2026-12-03", "2026-12-04T09:00", "I will write to you tomorrow at 9:00. There is no need"),
    ("vacation-fifth", "", "2027-03-12", "2027-03-15T08:30", "I will write to you on Monday 15 March at 8:30."),
    ("vacation-fifth", "", "2027-03-12", "2027-03-12T16:00", "I will write to you today at 16:00."),
    ("emergency-received", "", "2026-12-03T10:40", "2026-12-03T12:10", "I will write to you by 12:10 today to say"),
    ("emergency-received", "", "2026-12-03T23:30", "2026-12-04T01:00", "I will write to you by 1:00 tomorrow to say"),
    ("emergency-received", "", "2026-12-31", "2027-01-02T10:00", "by 10:00 on Saturday 2 January 2027 to say where"),
    ("colleague", "", "2027-11-15", "2027-11-28", "This does not have to wait until Sunday 28 November: help is"),
]  # fmt: skip
SENTENCES = [(language, *row) for language, rows in (("it", ITALIAN), ("cs", CZECH), ("en", ENGLISH)) for row in rows]


@pytest.mark.parametrize(("language", "name", "tone", "now", "told", "sentence"), SENTENCES)
def test_sentence(language, name, tone, now, told, sentence):
    assert sentence in written(language, name, tone, now, told)


# The nominative of every form in which a weekday may stand, Monday first.
FORMS = {
    "it": [["lunedì"], ["martedì"], ["mercoledì"], ["giovedì"], ["venerdì"], ["sabato"], ["domenica"]],
    "cs": [["pondělí", "pondělím"], ["úterý", "úterým"], ["středu", "středy", "středou"],
           ["čtvrtek", "čtvrtka", "čtvrtkem"], ["pátek", "pátku", "pátkem"], ["sobotu", "soboty", "sobotou"],
           ["neděli", "neděle", "nedělí"]],
    "en": [["Monday"], ["Tuesday"], ["Wednesday"], ["Thursday"], ["Friday"], ["Saturday"], ["Sunday"]],
}  # fmt: skip
# fmt: off
MONTHS = {
    "it": ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"],
    "cs": ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu",
           "prosince"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"],
}
# fmt: on
DAY = {"it": r"(1º|[2-9]|[12]\d|3[01])", "cs": r"([1-9]|[12]\d|3[01])\.", "en": r"([1-9]|[12]\d|3[01])"}


def dates_in(language: str, text: str, today: date) -> Iterator[tuple[int, date]]:
    """(weekday as it is named, the date beside it); a date without its year is one of this year."""
    days = {form: number for number, forms in enumerate(FORMS[language]) for form in forms}
    pattern = rf"\b({'|'.join(days)}) {DAY[language]} ({'|'.join(MONTHS[language])})\b(?: (\d{{4}}))?"
    for weekday, day, month, year in re.findall(pattern, text):
        named = date(int(year or today.year), MONTHS[language].index(month) + 1, int(day.rstrip("º")))
        assert (named.year != today.year) is bool(year), text
        yield days[weekday], named


def weekday_names(language: str, text: str) -> int:
    return len(re.findall(rf"\b({'|'.join(form for forms in FORMS[language] for form in forms)})\b", text))


@pytest.mark.parametrize(("language", "name", "tone", "now", "told", "sentence"), SENTENCES)
def test_the_hand_written_weekdays_are_those_of_the_calendar(language, name, tone, now, told, sentence):
    found = list(dates_in(language, sentence, date.fromisoformat(now[:10])))
    assert len(found) == weekday_names(language, sentence)
    assert all(day.weekday() == weekday and day.isoformat() == told[:10] for weekday, day in found)
    assert found or re.search("oggi|domani|dnes|zítra|today|tomorrow", sentence)


@pytest.mark.parametrize(
    ("language", "name", "lead", "sentence"),
    [
        ("it", "lead-time", (1, "working"), "con il giorno lavorativo di preavviso che abbiamo concordato."),
        ("it", "lead-time", (4, "working"), "con i 4 giorni lavorativi di preavviso che abbiamo concordato."),
        ("it", "lead-time", (8, "working"), "con gli 8 giorni lavorativi di preavviso che abbiamo concordato."),
        ("it", "lead-time", (11, "working"), "con gli 11 giorni lavorativi di preavviso che abbiamo concordato."),
        ("it", "lead-time", (7, "calendar"), "con i 7 giorni di preavviso che abbiamo concordato."),
        ("it", "lead-time", (80, "calendar"), "con gli 80 giorni di preavviso che abbiamo concordato."),
        ("it", "lead-time", (0, "working"), "sarà pronto entro mercoledì 9 dicembre.\n"),
        ("cs", "lead-time", (1, "working"), "tedy v dohodnuté lhůtě 1 pracovního dne."),
        ("cs", "lead-time", (2, "working"), "tedy v dohodnuté lhůtě 2 pracovních dnů."),
        ("cs", "lead-time", (5, "working"), "tedy v dohodnuté lhůtě 5 pracovních dnů."),
        ("cs", "lead-time", (1, "calendar"), "tedy v dohodnuté lhůtě 1 kalendářního dne."),
        ("cs", "lead-time", (7, "calendar"), "tedy v dohodnuté lhůtě 7 kalendářních dnů."),
        ("cs", "lead-time", (0, "working"), "hotový bude do středy 9. prosince.\n"),
        ("en", "lead-time", (1, "working"), "within the one working day we agreed."),
        ("en", "lead-time", (4, "working"), "within the 4 working days we agreed."),
        ("en", "lead-time", (1, "calendar"), "within the one day we agreed."),
        ("en", "lead-time", (7, "calendar"), "within the 7 days we agreed."),
        ("en", "lead-time", (0, "working"), "will be ready by Wednesday 9 December.\n"),
    ],
)
def test_the_agreed_notice(language, name, lead, sentence):
    days, unit = lead
    agreed = {"ready_on": date(2026, 12, 9), "days": days, "unit": unit}
    assert sentence in written(language, name, "", "2026-12-03", "2026-12-09", lead=agreed)


LONG = "Maria Immacolata Concetta D'Aquino di Caramanico-Bentivoglio dall'Orologio"


@pytest.mark.parametrize(
    ("principal", "sentence"),
    [
        ("Marco Rossi", "la decisione spetta a Marco Rossi e prima di"),
        ("Anna D'Angelo", "la decisione spetta ad Anna D'Angelo e prima di"),
        ("andrea bianchi", "la decisione spetta ad andrea bianchi e prima di"),
        ("Àlex Sala", "la decisione spetta ad Àlex Sala e prima di"),
        ("Elena Dell'Orto", "la decisione spetta a Elena Dell'Orto e prima di"),
        ("L'Ottico srl", "la decisione spetta a L'Ottico srl e prima di"),
        ("Ægir", "la decisione spetta a Ægir e prima di"),
        (LONG, f"la decisione spetta a {LONG} e prima di"),
    ],
)
def test_italian_a_or_ad(principal, sentence):
    body = written("it", "vacation-fifth", "", "2026-12-03", "2026-12-09", principal={"name": principal})
    assert sentence in body


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("name", ["Niccolò", "D'Angelo", "Jean-Luc", "O'Neill", LONG])
def test_a_name_is_written_as_it_is(language, name):
    body = written(language, "ordinary", "tu", "2026-12-03", "2026-12-09", person={"name": name})
    assert re.match(rf"(Ciao|Hi) {re.escape(name)},\n\n", body)


@pytest.mark.parametrize(
    ("gender", "start"), [("f", "Abych věděla, zda"), ("m", "Abych věděl, zda"), ("n", "Abychom věděli, zda")]
)
def test_gender_of_the_writer(gender, start):
    va = {"name": "X", "gender": gender}
    assert f"\n{start} to do středy 9." in written("cs", "vacation-second", "", "2026-12-03", "2026-12-09", va=va)


# -- every reply on every day ------------------------------------------------------------------------------------------

FIRST, DAYS = date(2026, 11, 1), 426  # to 31 December 2027
DATED = ("ordinary", "lead-time", "vacation-first", "vacation-second", "vacation-fifth", "emergency-received",
         "colleague")  # fmt: skip
# What may stand before a weekday: "" where any word may. Each form of Czech belongs to one case.
BEFORE = {
    "v": ("pondělí", "úterý", "pátek", "sobotu", "neděli"),
    "ve": ("středu", "čtvrtek"),
    "do": ("pondělí", "úterý", "středy", "čtvrtka", "pátku", "soboty", "neděle"),
    "před": ("pondělím", "úterým", "středou", "čtvrtkem", "pátkem", "sobotou", "nedělí"),
}
CASED = re.compile(rf"(\w+) ({'|'.join(form for forms in BEFORE.values() for form in forms)})\b")
NEVER = {
    "it": r"\b(di il|di lo|di le|a il|a le|da il|su il|entro il \w+ì|del (8|11|8\d)\b|il (8|11)\b|l'(?!1:)\d?\d:|le 1:)"
          r"|\b1 (genn|febb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic)|\ba A|\bad [^aAàÀ]",
    "cs": r"\b(do do|ve ve|v v|v ve|ve v)\b|\bv (2|3|4|1[234]|2\d):|\bve (0|1|[5-9]|1[015-9]):",
    "en": r"\b(by by|by on|on on|at at|until on|before on)\b|\b\d+(st|nd|rd|th)\b",
}  # fmt: skip


def replies_of(language: str, day: date) -> Iterator[tuple[str, date]]:
    """(body, said on) of every dated reply that names this day, written six days before."""
    moment = datetime(day.year, day.month, day.day, day.toordinal() % 24, 10 * (day.day % 6))
    said = day - timedelta(days=6)
    for number, name in enumerate(DATED):
        tone = "tu" if (day.toordinal() + number) % 2 else ""
        yield written(language, name, tone, said.isoformat(), moment.isoformat()), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_the_year_has_its_weekday(language):
    for offset in range(DAYS):
        day = FIRST + timedelta(days=offset)
        for body, said in replies_of(language, day):
            found = list(dates_in(language, body, said))
            assert found, body
            assert len(found) == weekday_names(language, body), body
            assert all(weekday == day.weekday() and named == day for weekday, named in found), body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_the_year_is_said_in_good_grammar(language):
    for offset in range(DAYS):
        for body, _ in replies_of(language, FIRST + timedelta(days=offset)):
            assert not re.search(r"[^\n] {2}\S| [,.;:]|\.\.", body), body
            assert not re.search(NEVER[language], body), re.search(NEVER[language], body)
            if language == "cs":
                for before, form in CASED.findall(body):
                    assert form in BEFORE[before], body


# -- numbers and hours, by how they are spoken -------------------------------------------------------------------------

GRAMMARS = {language: TEXTS._environment(language).grammar for language in LANGUAGES}
NOW = datetime(2026, 12, 3, 10, tzinfo=ZoneInfo("Europe/Prague"))
# fmt: off
V = ("nulu", "jednu", "dvě", "tři", "čtyři", "pět", "šest", "sedm", "osm", "devět", "deset", "jedenáct", "dvanáct",
     "třináct", "čtrnáct", "patnáct", "šestnáct", "sedmnáct", "osmnáct", "devatenáct", *["dvacet"] * 4)
Z = ("nuly", "jedné", "dvou", "tří", "čtyř", "pěti", "šesti", "sedmi", "osmi", "devíti", "deseti", "jedenácti",
     "dvanácti", "třinácti", "čtrnácti", "patnácti", "šestnácti", "sedmnácti", "osmnácti", "devatenácti",
     *["dvaceti"] * 4)
# fmt: on


@pytest.mark.parametrize("hour", range(24))
def test_czech_v_ve_z_ze_by_the_spoken_hour(hour):
    moment = NOW.replace(hour=hour, minute=5)
    v = "ve" if V[hour].startswith(("dv", "tř", "čt")) else "v"
    z = "ze" if Z[hour].startswith(("dv", "tř", "čt", "s", "š", "z")) else "z"
    assert say(GRAMMARS["cs"], "kdy", moment, NOW) == f"dnes {v} {hour}:05"
    assert say(GRAMMARS["cs"], "z", moment, NOW) == f"{z} {hour}:05"


@pytest.mark.parametrize("hour", range(24))
def test_italian_hours_are_plural_but_one(hour):
    moment = NOW.replace(hour=hour, minute=5)
    le, alle, delle = ("l'", "all'", "dell'") if hour == 1 else ("le ", "alle ", "delle ")
    assert say(GRAMMARS["it"], "entro", moment, NOW) == f"entro {le}{hour}:05 di oggi"
    assert say(GRAMMARS["it"], "quando", moment, NOW) == f"oggi {alle}{hour}:05"
    assert say(GRAMMARS["it"], "delle", moment, NOW) == f"{delle}{hour}:05"


@given(st.dates(date(2026, 11, 1), date(2027, 12, 31)))
def test_italian_dates_without_a_weekday_elide_before_eight_and_eleven(day):
    vowel = day.day in (8, 11)  # otto, undici; the first is "il primo"
    number = "1º" if day.day == 1 else str(day.day)
    end = f"{number} {MONTHS['it'][day.month - 1]}" + (" 2027" if day.year == 2027 else "")
    for name, joint in (("il", "l'"), ("del", "dell'"), ("al", "all'"), ("dal", "dall'")):
        assert say(GRAMMARS["it"], name, day, NOW) == (f"{joint}{end}" if vowel else f"{name} {end}")


def test_italian_per_cent_by_the_spoken_number():
    for percent in range(1, 1001):
        vowel = percent in (1, 11) or (str(percent)[0] == "8" and percent < 1000)  # uno, undici, otto-, ottanta-
        said = say(GRAMMARS["it"], "del_pct", percent, None)
        assert said == ("dell'" if vowel else "del ") + f"{percent}%"
