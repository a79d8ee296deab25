"""Deadlines as a fair reader takes them: which day, which hour, and what is no deadline at all."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.deadline import Named, deadline, soonest
from vamaild.core.ruleset import Language
from vamaild.core.words import Text, fold

from .tongues import EVERY, MORE, ROME, WEDNESDAY, language

STORED = [
    json.loads(line)
    for name in ("phrases", "phrases2")
    for line in (Path(__file__).parents[1] / "corpus/deadlines" / f"{name}.jsonl").read_text("utf-8").splitlines()
]
KNOWN = [p for p in STORED if p["language"] in (*EVERY, *MORE)]
LIST = "%Y-%m-%d %H:%M"
MEANT = [
    tuple(piece.strip() for piece in line.split("|", 2))
    for line in (Path(__file__).parent / "deadlines.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def read(text: str, code: str, sent: datetime = WEDNESDAY) -> Named | None:
    return deadline(Text(text), language(code), sent)


def right(found: Named | None, wanted: str | None) -> bool:
    if wanted is None or found is None:
        return found is None and (wanted is None or wanted.startswith("V:"))
    return any(found.at.strftime(LIST).startswith(day) for day in wanted.removeprefix("V:").split("|"))


@pytest.mark.parametrize("phrase", KNOWN, ids=[p["text"][:40] for p in KNOWN])
def test_stored_phrases(phrase: dict[str, str]) -> None:
    found = read(phrase["text"], phrase["language"])
    assert right(found, phrase["deadline"]), found


@pytest.mark.parametrize(
    ("code", "text", "at"),
    [
        ("it", "Me lo giri entro stasera?", "2026-11-18 22:00"),
        ("it", "Ti va bene per domattina?", "2026-11-19 12:00"),
        ("it", "Consegna mercoledì, per favore.", "2026-11-25 23:59"),
        ("it", "Lo vorrei oggi mercoledì alle 16", "2026-11-18 16:00"),
        ("it", "Serve prima di martedì prossimo", "2026-11-24 23:59"),
        ("it", "Per cortesia entro 72 ore", "2026-11-21 10:30"),
        ("it", "Mi servono sabato alle 3", "2026-11-21 15:00"),
        ("it", "entro il 5", "2026-12-05 23:59"),
        ("it", "Parto venerdì, ma il testo mi serve entro giovedì", "2026-11-19 23:59"),
        ("it", "Ci vediamo lunedì. Mi servono per quel giorno le copie.", "2026-11-23 23:59"),
        ("cs", "Pošlete to do příští středy", "2026-11-25 23:59"),
        ("cs", "Potřebuju to na neděli", "2026-11-22 23:59"),
        ("cs", "Prosím do 48 hodin", "2026-11-20 10:30"),
        ("cs", "Stihnete to do 16 hodin?", "2026-11-18 16:00"),
        ("cs", "nejpozději 2. 1. ráno", "2027-01-02 12:00"),
        ("cs", "zkouška je pozítří, pošlete mi to do té doby", "2026-11-20 23:59"),
        ("cs", "do konce ledna prosím", "2027-01-31 23:59"),
        ("en", "Could you finish it by Wednesday week?", "2026-11-25 23:59"),
        ("en", "I need it by half term, sorry, by 4 December 2026 at noon", "2026-12-04 12:00"),
        ("en", "please, by the 2nd", "2026-12-02 23:59"),
        ("en", "The portal closes at 5 tomorrow", "2026-11-19 17:00"),
        ("en", "within three working days please", "2026-11-23 23:59"),
        ("en", "We see the bank on Monday, so get it to me by Friday", "2026-11-20 23:59"),
    ],
)
def test_days_and_hours(code: str, text: str, at: str) -> None:
    found = read(text, code)
    assert found is not None
    assert found.at.strftime(LIST) == at
    assert found.at.tzinfo is ROME


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("it", "Lunedì sono stato dal medico. Mi mandi il listino?"),
        ("it", "Siamo aperti dalle 9 alle 18. Mi mandi il listino?"),
        ("it", "Sarò via fino al 27 novembre. Mi mandi il listino?"),
        ("it", "Buona giornata e buon weekend! Mi mandi il listino?"),
        ("it", "Era per il 3 novembre, ormai è tardi."),
        ("it", "non prima del 28 novembre"),
        ("cs", "Od pondělí do středy jsem na školení. Pošlete mi ceník?"),
        ("cs", "Otevřeno 24/7. Pošlete mi ceník?"),
        ("cs", "Vážíme 3.12 kg. Pošlete mi ceník?"),
        ("cs", "Včera jsme volali v 10 hodin."),
        ("en", "We were in Cork on Monday. Could you send the list?"),
        ("en", "Open 9:00-17:00. Could you send the list?"),
        ("en", "the version 2.1 of page 12"),
        ("en", "any time after Friday"),
    ],
)
def test_what_is_no_deadline(code: str, text: str) -> None:
    assert read(text, code) is None


def test_the_words_are_the_senders() -> None:
    found = read("Ciao, mi serve Entro DOMANI alle 15, grazie", "it")
    assert found == Named(datetime(2026, 11, 19, 15, 0, tzinfo=ROME), "Entro DOMANI alle 15", sure=True)


def test_days_are_counted_on_the_senders_calendar() -> None:
    late = datetime(2026, 11, 18, 23, 50, tzinfo=ROME)
    found = read("entro domani", "it", late)
    assert found is not None
    assert found.at.day == 19


@pytest.mark.parametrize("phrase", KNOWN, ids=[p["text"][:40] for p in KNOWN])
def test_accents_and_capitals_change_nothing(phrase: dict[str, str]) -> None:
    usual, bare = (read(t, phrase["language"]) for t in (phrase["text"], fold(phrase["text"])))
    assert (usual and usual.at) == (bare and bare.at)


@pytest.mark.parametrize(("code", "wanted", "text"), MEANT, ids=[f"{c}: {t[:40]}" for c, _, t in MEANT])
def test_what_is_meant(code: str, wanted: str, text: str) -> None:
    found = read(text, code)
    if wanted == "-":
        assert found is None
    else:
        assert found is not None
        assert any(found.at.strftime(LIST).startswith(day) for day in wanted.split(" or "))


WORDS_OF_DATES = [
    (code, [*("3", "12", "31", "99", "2026", "3.12", "14:30", "29/2", "2026-12-03", "3.", ".", ",", "(", "-"), *words])
    for code in (*EVERY, *MORE)
    for words in [
        [w for k, v in language(code).lists.items() if k.startswith("days.") for p in v for w in p.split("|")]
    ]
]


@given(st.data(), st.sampled_from(WORDS_OF_DATES))
def test_any_words_of_dates_are_read_and_never_a_day_that_is_over(
    data: st.DataObject, tongue: tuple[str, list[str]]
) -> None:
    code, words = tongue
    text = " ".join(data.draw(st.lists(st.sampled_from(words), max_size=9)))
    found = read(text, code)
    assert found is None or found.at.date() >= WEDNESDAY.date()


@given(st.integers(0, 2_000), st.sampled_from(["entro venerdì", "entro il 31", "entro fine mese", "entro il 29/2"]))
def test_a_deadline_is_never_before_it_was_written(days: int, text: str) -> None:
    sent = WEDNESDAY + timedelta(days=days)
    found = read(text, "it", sent)
    assert found is None or found.at >= sent


def test_another_language_is_a_table() -> None:
    lists = {
        "days.weekdays": ("lundo", "mardo", "merkredo", "ĵaŭdo", "vendredo", "sabato", "dimanĉo"),
        "days.months": ("januaro", "februaro", "marto", "aprilo", "majo", "junio", "julio", "aŭgusto", "septembro"),
        "days.by": ("ĝis",),
        "days.at": ("je",),
    }
    found = deadline(Text("Mi bezonas ĝin ĝis ĵaŭdo je 15"), Language("eo", lists), WEDNESDAY)
    assert found is not None
    assert found.at.strftime(LIST) == "2026-11-19 15:00"


@pytest.mark.parametrize(
    ("code", "text", "at"),
    [
        ("de", "Bitte schicken Sie es in zwei Tagen", "2026-11-20 23:59"),
        ("de", "Ich brauche es bis halb drei", "2026-11-18 14:30"),
        ("de", "Bitte bis morgen 14 Uhr 30", "2026-11-19 14:30"),
        ("de", "spätestens am kommenden Dienstag", "2026-11-24 23:59"),
        ("de", "bis zum 3. Dezember, bitte", "2026-12-03 23:59"),
        ("fr", "Merci de me l'envoyer avant vendredi 15h30", "2026-11-20 15:30"),
        ("fr", "Pouvez-vous le faire pour demain à 14 h 15 ?", "2026-11-19 14:15"),
        ("fr", "d'ici la fin de la semaine", "2026-11-20 23:59"),
        ("fr", "au plus tard le 1er décembre à midi", "2026-12-01 12:00"),
        ("es", "Lo necesito antes de las tres y media de la tarde", "2026-11-18 15:30"),
        ("es", "¿Puede ser para las 3 de la tarde de mañana?", "2026-11-19 15:00"),
        ("es", "a más tardar el viernes que viene", "2026-11-27 23:59"),
        ("es", "antes del lunes, por favor", "2026-11-23 23:59"),
        ("sk", "Pošlite to prosím do pol tretej", "2026-11-18 14:30"),
        ("sk", "potrebujem to o dva dni", "2026-11-20 23:59"),
        ("sk", "najneskôr v piatok o 15-tej", "2026-11-20 15:00"),
        ("sk", "do 3. decembra prosím", "2026-12-03 23:59"),
        ("pl", "Proszę o wycenę przed piątkiem", "2026-11-20 23:59"),
        ("pl", "Proszę przysłać do godziny 15", "2026-11-18 15:00"),
        ("pl", "proszę o odpowiedź do wpół do trzeciej", "2026-11-18 14:30"),
        ("pl", "najpóźniej 3 grudnia w południe", "2026-12-03 12:00"),
        ("pl", "za dwa dni muszę to oddać", "2026-11-20 23:59"),
    ],
)
def test_days_and_hours_of_five_more_languages(code: str, text: str, at: str) -> None:
    found = read(text, code)
    assert found is not None
    assert found.at.strftime(LIST) == at


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", "Ich bin noch bis Freitag auf Urlaub. Schicken Sie mir die Liste?"),
        ("de", "Vor drei Tagen haben wir gesprochen. Schicken Sie mir die Liste?"),
        ("de", "Guten Morgen! Schicken Sie mir die Liste?"),
        ("fr", "Il y a trois jours nous avons parlé. Pouvez-vous m'envoyer la liste ?"),
        ("fr", "Je suis absente du 20 au 24 novembre. Pouvez-vous m'envoyer la liste ?"),
        ("es", "Buenos días, ¿me manda la lista?"),
        ("es", "La tienda abre de 9 a 14 horas. ¿Me manda la lista?"),
        ("sk", "Pekný víkend! Pošlete mi zoznam?"),
        ("sk", "Od pondelka do stredy som na školení. Pošlete mi zoznam?"),
        ("pl", "Miłego dnia! Czy przyśle pan listę?"),
        ("pl", "Od poniedziałku do środy jestem na szkoleniu. Czy przyśle pan listę?"),
    ],
)
def test_no_deadline_in_five_more_languages(code: str, text: str) -> None:
    assert read(text, code) is None


@pytest.mark.parametrize(
    ("code", "text", "at"),
    [
        ("it", "Perde acqua. Alle 19 arrivano gli ospiti, alle 17 i cuochi.", "2026-11-18 17:00"),
        ("it", "Perde acqua da stamattina. Domani alle 8 apriamo.", "2026-11-19 08:00"),
        ("cs", "V půl třetí přijdou děti.", "2026-11-18 14:30"),
        ("en", "They are coming in two hours.", "2026-11-18 12:30"),
        ("en", "The tank was full on Monday.", None),
        ("en", "Open until 5, and from 6 again.", None),
        ("it", "Sabato alle 9 apriamo.", None),
    ],
)
def test_where_damage_goes_on_the_next_hour_within_a_day_counts(code: str, text: str, at: str | None) -> None:
    found = soonest(Text(text), language(code), WEDNESDAY)
    assert (found and found.at.strftime(LIST)) == at
    assert found is None or not found.sure


@pytest.mark.parametrize(
    ("code", "text", "at"),
    [
        ("cs", "Pošlete mi to do půl třetí.", "14:30"),
        ("cs", "Musím to mít do půl dvanácté.", "11:30"),
        ("cs", "Pošlete mi to do tři čtvrtě na pět.", "16:45"),
        ("cs", "Prosím do třetí.", "15:00"),
        ("sk", "Pošlite to do pol piatej.", "16:30"),
        ("de", "Ich brauche es bis halb fünf.", "16:30"),
        ("en", "I need it by half past four.", "16:30"),
        ("en", "I need it by half four, please.", "16:30"),
        ("it", "Mi serve per le quattro e mezza.", "16:30"),
    ],
)
def test_half_hours(code: str, text: str, at: str) -> None:
    found = read(text, code)
    assert found is not None
    assert found.at.strftime("%H:%M") == at


@pytest.mark.parametrize(
    ("code", "hour", "text", "day"),
    [
        ("it", 20, "Mi serviva stamattina, me lo mandi?", None),
        ("it", 7, "Stanotte è caduto un coppo, mi mandi il muratore?", None),
        ("it", 20, "Mi serve per stasera.", 18),
        ("cs", 15, "Auto vyjíždí v 6 ráno, pošlete mi to prosím do té doby.", 19),
    ],
)
def test_the_hour_of_writing_says_which_part_of_the_day_is_over(
    code: str, hour: int, text: str, day: int | None
) -> None:
    found = read(text, code, WEDNESDAY.replace(hour=hour))
    assert (found and found.at.day) == day


def test_in_a_title_a_date_says_what_the_mail_is_about() -> None:
    title, body = "Torta per sabato", "Mi serve per sabato."
    assert deadline(Text(title), language("it"), WEDNESDAY, title=True) is None
    assert deadline(Text(body), language("it"), WEDNESDAY, title=True) is not None
    assert deadline(Text("Entro sabato"), language("it"), WEDNESDAY, title=True) is not None
