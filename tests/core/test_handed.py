"""Which message counts when one was handed on, and that a claimed sender inside a text opens no door."""

from dataclasses import replace

import pytest

from tests.make import CUSTOMER, NOW, OWNER, case, client, mail
from vamaild.core.handed import to_judge
from vamaild.core.message import Message
from vamaild.core.ruleset import Role

INNER = Message(NOW, NOW, from_=("ing@studio.example",), subject="Crepe", text="Il pilastro cede, sgomberate.")
RULE = 'Inoltro automatico regola "ingegneri".'
REPORT = "Ciao, vista con Gatti al telefono ieri, quota confermata, tutto chiuso da parte mia."
INLINE = (
    "---------- Messaggio inoltrato ---------\nDa: Marco <marco@acme.example>\nDate: mer 5 ago 2026 alle 12:55\n"
    "Oggetto: misure\nA: <boss@client.example>\n\nMi serve per stasera il preventivo.\n"
)


@pytest.mark.parametrize(
    ("sender", "comment", "inner"),
    [
        (OWNER, "", True),
        (OWNER, RULE, True),
        ("laura@conti.example", RULE, True),
        ("laura@conti.example", REPORT, False),
        (CUSTOMER, "", True),
        (CUSTOMER, "Che ne dice?", False),
        (CUSTOMER, RULE, False),
    ],
)
def test_an_attached_message(sender: str, comment: str, inner: bool) -> None:
    judged, new = to_judge(mail(comment, sender=sender, forwarded=INNER, subject="I: Crepe"), client())
    assert judged.subject == ("Crepe" if inner else "I: Crepe")
    assert new.own == (INNER.text if inner else comment)


def test_a_message_inside_the_text_is_one_of_its_own() -> None:
    judged, new = to_judge(mail(INLINE, sender=OWNER, subject="Fwd: misure"), client())
    assert (judged.from_, judged.subject) == (("marco@acme.example",), "misure")
    assert new.own == "Mi serve per stasera il preventivo."


def test_who_a_stranger_claims_to_hand_on_is_not_believed() -> None:
    """The price of a rush is for the client himself, not for whoever pastes his name above a text."""
    known = case(mail(INLINE, sender=OWNER, subject="Fwd: misure")).person
    assert known
    assert known.role is Role.CLIENT
    assert case(replace(mail(INLINE), subject="Fwd: misure")).person is None
