"""The form of a message never changes what it is; a stated time does, and a denial beside it wins.

Over the stored messages of the labelled set, as people wrote them and changed. "Scheduled" and "perceived only" deserve
the same and differ by nothing but the form, so they count as one here.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vamaild.core.decide import Decision
from vamaild.core.message import Message
from vamaild.core.reading import Deadline

from .judging import LABELS, Change, judged, stored, verdict

CALM = ("scheduled-request", "perceived-only")
FILES = tuple(label["file"] for label in LABELS if label["kind"] != "automatic")
REQUESTS = tuple(
    label["file"]
    for label in LABELS
    if label["kind"] in CALM and label["action"] != "none" and label["deadline"] is None
)
END_OF_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})([.!?])(?=\s|$)")
INSULTS = {
    "it": "Siete degli idioti, che schifo.",
    "cs": "Jste banda idiotů, hanba.",
    "en": "You lot are useless idiots.",
    "de": "Ihr seid unfähige Idioten.",
    "fr": "Vous êtes des idiots incapables.",
    "es": "Sois unos inútiles.",
    "sk": "Ste banda idiotov.",
    "pl": "Jesteście bandą idiotów.",
}
QUOTED = {
    "it": "Il giorno lun 3 ago 2026 alle ore 10:00 Marta <m@x.example> ha scritto:\n> URGENTE! Entro stasera.",
    "cs": "Dne po 3. 8. 2026 v 10:00 Marta <m@x.example> napsal(a):\n> URGENTNÍ! Potřebuji to ihned, do zítřka.",
    "en": "On Mon, 3 Aug 2026 at 10:00, Marta <m@x.example> wrote:\n> URGENT! I need it right now, by tonight.",
    "de": "Am Mo., 3. Aug. 2026 um 10:00 Uhr schrieb Marta <m@x.example>:\n> DRINGEND! Sofort, bis heute Abend.",
}
SIGNED = {
    "it": "-- \nMarta\nPer URGENZE 24 ore su 24: 333 123456",
    "cs": "-- \nMarta\nURGENTNÍ případy ihned na 777 123456",
    "en": "-- \nMarta\nURGENT matters: call now, 24/7",
    "de": "-- \nMarta\nDRINGENDE Fälle sofort: 0170 123456",
}


def words(change: Callable[[str], str]) -> Change:
    """Changes the text, in a forwarded mail that of the mail inside."""

    def changed(message: Message) -> Message:
        inner = message.forwarded
        if inner:
            return replace(message, forwarded=replace(inner, text=change(inner.text)))
        return replace(message, text=change(message.text))

    return changed


def bare(text: str) -> str:
    """As people type who have no accents on their keyboard."""
    parts = unicodedata.normalize("NFD", text).translate(str.maketrans("łŁ", "lL"))
    return "".join(c for c in parts if not unicodedata.combining(c))


def flagged(message: Message) -> Message:
    flags = (
        ("importance", "high"),
        ("x-priority", "1 (Highest)"),
        ("x-msmail-priority", "High"),
        ("priority", "urgent"),
    )
    return replace(message, headers=flags + message.headers)


def at_night(message: Message) -> Message:
    """The same day, before everything that is said of it."""
    night = (message.sent or message.received).replace(hour=0, minute=7)
    return replace(message, sent=night, received=night)


def shouted_subject(message: Message) -> Message:
    return replace(message, subject=message.subject.upper())


def of(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language, texts["en"])


def below(texts: Mapping[str, str], gap: str = "\n\n") -> Callable[[str], Change]:
    return lambda language: words(lambda text: f"{text}{gap}{of(texts, language)}")


FORMS: Mapping[str, Callable[[str], Change]] = {
    "!!!": lambda _: words(lambda text: END_OF_SENTENCE.sub(lambda m: m[1].replace(".", "!!!"), text)),
    "capitals": lambda _: words(str.upper),
    "capitals in the subject": lambda _: shouted_subject,
    "emoji": lambda _: words(lambda text: END_OF_SENTENCE.sub(r"\1 😱🔥🚨", text)),
    "flags": lambda _: flagged,
    "insult": below(INSULTS, "\n"),
    "said twice": lambda _: words(lambda text: f"{text}\n\n{text}"),
    "at night": lambda _: at_night,
    "quoted": below(QUOTED),
    "signature": below(SIGNED),
    "no accents": lambda _: words(bare),
}
DATES_MAY_MOVE = {"at night"}


def kind(decision: Decision) -> str:
    found = str(decision.verdict.kind)
    return "calm" if found in CALM else found


def day(named: Deadline | None) -> object:
    return named.at.date() if named else None


def same(file: str, forms: Sequence[str]) -> None:
    one, before = stored(file), verdict(file)
    message = one.message
    for form in forms:
        message = FORMS[form](one.language)(message)
    after = judged(message, one.context)
    if DATES_MAY_MOVE & set(forms) and (day(after.case.reading.deadline) is None) != (
        day(before.case.reading.deadline) is None
    ):
        return  # "done at 10:40 this morning" is still to come when it is written at three
    assert (kind(after), after.plan.action) == (kind(before), before.plan.action), (after.verdict, after.case.reading)
    if not DATES_MAY_MOVE & set(forms):
        assert day(after.case.reading.deadline) == day(before.case.reading.deadline)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(FILES))
def test_the_form_changes_nothing(form: str, file: str) -> None:
    same(file, [form])


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    file=st.sampled_from(FILES),
    forms=st.lists(st.sampled_from(list(FORMS)), min_size=2, max_size=4, unique=True).filter(
        lambda forms: not {"quoted", "signature"} & set(forms[:-1])  # nothing stands below them
    ),
)
def test_several_forms_at_once_change_nothing(file: str, forms: list[str]) -> None:
    same(file, forms)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("form", FORMS)
def test_the_form_changes_nothing_in_any_message(form: str) -> None:
    for file in FILES:
        same(file, [form])


STATED = {
    "it": ("Mi serve per stasera.", "Mi serve entro domani.", "Mi serve subito."),
    "cs": ("Potřebuji to dnes večer.", "Potřebuji to do zítřka.", "Potřebuji to ihned."),
    "en": ("I need it by tonight.", "I need it by tomorrow.", "I need it right away."),
    "de": ("Ich brauche es bis heute Abend.", "Ich brauche es bis morgen.", "Ich brauche es sofort."),
    "fr": ("J'en ai besoin pour ce soir.", "J'en ai besoin pour demain.", "J'en ai besoin tout de suite."),
    "es": ("Lo necesito para esta noche.", "Lo necesito para mañana.", "Lo necesito de inmediato."),
    "sk": ("Potrebujem to dnes večer.", "Potrebujem to do zajtra.", "Potrebujem to ihneď."),
    "pl": ("Potrzebuję tego na dziś wieczór.", "Potrzebuję tego do jutra.", "Potrzebuję tego natychmiast."),
}
DENIED = {
    "it": ("Non è urgente.", "Nessuna fretta.", "Non c'è fretta."),
    "cs": ("Není to urgentní.", "Nespěchá to.", "Nespěchám."),
    "en": ("No rush.", "It's not urgent.", "There is no hurry."),
    "de": ("Es eilt nicht.", "Es ist nicht dringend.", "Keine Eile."),
    "fr": ("Ce n'est pas urgent.", "Rien ne presse.", "Pas d'urgence."),
    "es": ("No es urgente.", "No corre prisa.", "Sin prisa."),
    "sk": ("Nie je to súrne.", "Neponáhľa to.", "Nie je to urgentné."),
    "pl": ("To nie jest pilne.", "Nie spieszy się.", "Bez pośpiechu."),
}
URGENT = {
    "it": "URGENTE",
    "cs": "URGENTNÍ",
    "en": "URGENT",
    "de": "DRINGEND",
    "fr": "URGENT",
    "es": "URGENTE",
    "sk": "SÚRNE",
    "pl": "PILNE",
}


def above(sentence: str) -> Change:
    return words(lambda text: f"{sentence}\n\n{text}")


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(REQUESTS), which=st.integers(0, 1))
def test_a_stated_time_makes_an_ordinary_request_a_rush(file: str, which: int) -> None:
    """Tonight or tomorrow, even in a message that says besides that nothing is urgent."""
    one = stored(file)
    if kind(verdict(file)) == "calm":
        after = judged(above(STATED[one.language][which])(one.message), one.context)
        assert after.verdict.kind == "rush-request", (after.verdict, after.case.reading)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(REQUESTS))
def test_so_does_now(file: str) -> None:
    one, before = stored(file), verdict(file)
    if kind(before) == "calm" and before.case.reading.denied is None:
        after = judged(above(STATED[one.language][2])(one.message), one.context)
        assert after.verdict.kind == "rush-request", (after.verdict, after.case.reading)


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(file=st.sampled_from(REQUESTS), which=st.integers(0, 2))
def test_a_denial_wins_over_the_word_in_the_subject(file: str, which: int) -> None:
    one, before = stored(file), verdict(file)
    subject = f"{URGENT[one.language]}: {one.message.subject}"
    after = judged(replace(above(DENIED[one.language][which])(one.message), subject=subject), one.context)
    assert after.case.reading.denied
    assert (kind(after), after.plan.action) == (kind(before), before.plan.action)


ORDINARY = "d_006.eml"
CONTRACTS = {
    "it": (
        "Mi mandi il contratto, ma non è urgente.",
        "Sembra urgente ma non è urgente, mandami il contratto.",
        "Non mi serve subito, mi mandi il contratto?",
        "URGENTE? No, nessuna fretta, mi mandi il contratto.",
    ),
    "cs": (
        "Pošlete mi smlouvu, není to urgentní.",
        "Není to vůbec urgentní, pošlete mi smlouvu.",
        "Urgentní? Ne, nespěchá to, pošlete mi smlouvu.",
    ),
    "en": (
        "Could you send the contract, it is not urgent.",
        "I don't need it immediately, please send the contract.",
        "Urgent? No, no rush, please send the contract.",
    ),
    "de": (
        "Bitte schicken Sie den Vertrag, es ist überhaupt nicht dringend.",
        "Ich brauche es nicht sofort, bitte schicken Sie den Vertrag.",
    ),
    "fr": ("Ce n'est pas du tout urgent, envoyez-moi le contrat.",),
    "es": ("Mándeme el contrato, no es urgente.", "No es nada urgente, mándeme el contrato."),
    "sk": ("Nie je to vôbec súrne, pošlite mi zmluvu.",),
    "pl": ("To wcale nie jest pilne, proszę przysłać umowę.",),
}


@pytest.mark.parametrize("text", [text for texts in CONTRACTS.values() for text in texts])
def test_a_denial_wins_over_the_word_beside_it(text: str) -> None:
    after = judged(replace(stored(ORDINARY).message, text=text, subject="xyz"), "it-lead")
    assert kind(after) == "calm", after.case.reading
    assert after.case.reading.stated is None


@pytest.mark.parametrize(
    "text",
    [
        "Per il listino nessuna fretta. Il contratto però mi serve subito.",
        "Na ceník nespěchám. Smlouvu ale potřebuji ihned.",
        "No rush with the price list. But I need the contract immediately.",
    ],
)
def test_a_denial_of_something_else_does_not(text: str) -> None:
    after = judged(replace(stored(ORDINARY).message, text=text, subject="xyz"), "it-lead")
    assert after.verdict.kind == "rush-request"


def test_an_hour_later_nothing_else_is_thought() -> None:
    one = stored(ORDINARY)
    sent = (one.message.sent or one.message.received) + timedelta(hours=1)
    assert kind(judged(replace(one.message, sent=sent, received=sent), one.context)) == kind(verdict(ORDINARY))
