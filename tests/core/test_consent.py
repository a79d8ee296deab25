"""A plain yes or no, in three languages: as people write it, and as they only seem to."""

import pytest

from tests.deputies import tongue
from vamaild.core.consent import Spoken, spoken
from vamaild.core.words import Text

YES, NO, UNCLEAR, OTHER = Spoken.YES, Spoken.NO, Spoken.UNCLEAR, Spoken.OTHER


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("it", "Sì", YES),
        ("it", "si", YES),
        ("it", "Sì, grazie, lo inoltri pure.", YES),
        ("it", "Buongiorno,\nsì, va bene.\n\nGrazie\nCarla", YES),
        ("it", "Certo, con piacere!", YES),
        ("it", "nessun problema", YES),
        ("it", "No, grazie, aspetto.", NO),
        ("it", "Purtroppo non posso.", NO),
        ("it", "Non sono d'accordo", NO),
        ("it", "Non va bene", NO),
        ("it", "Sì, ma solo da mercoledì", UNCLEAR),
        ("it", "Va bene, ma chi è?", UNCLEAR),
        ("it", "Sì, anzi no, grazie", UNCLEAR),
        ("it", "Si può avere uno sconto?", OTHER),
        ("it", "Si vede ancora acqua sul pavimento", OTHER),
        ("it", "Quando arriva la finestra", OTHER),
        ("cs", "Ano", YES),
        ("cs", "ano prosím", YES),
        ("cs", "Dobrý den, ano, prosím přepošlete.", YES),
        ("cs", "Ano, jasně, rád pomůžu.", YES),
        ("cs", "Není problém, ano", YES),
        ("cs", "Souhlasím.", YES),
        ("cs", "Ne, díky", NO),
        ("cs", "Bohužel nemůžu", NO),
        ("cs", "Nesouhlasím.", NO),
        ("cs", "To není v pořádku", NO),
        ("cs", "Ano, ale až od středy", UNCLEAR),
        ("cs", "Ano?", UNCLEAR),
        ("cs", "Kdy přijde technik", OTHER),
        ("en", "Yes please", YES),
        ("en", "sure!", YES),
        ("en", "No problem, happy to", YES),
        ("en", "yes, forward it", YES),
        ("en", "No, I'd rather not", NO),
        ("en", "Sorry, I can't", NO),
        ("en", "Yes, unless it rains", UNCLEAR),
        ("en", "I am not sure", OTHER),
        ("en", "", OTHER),
    ],
)
def test_what_people_say(code: str, text: str, said: Spoken) -> None:
    assert spoken(Text(text), (tongue(code),)) is said


def test_a_long_letter_is_read_by_a_person() -> None:
    assert spoken(Text("Sì. " + "parola " * 80), (tongue("it"),)) is UNCLEAR


def test_every_language_is_heard_together() -> None:
    everybody = tuple(tongue(code) for code in ("cs", "it", "en"))
    for text in ("Ano", "Sì", "Yes"):
        assert spoken(Text(text), everybody) is YES
