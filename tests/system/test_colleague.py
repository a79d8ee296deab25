"""A colleague on real servers: asked by mail, agreed by mail, handed a matter, followed up; the customer hears once."""

import json
from email.message import EmailMessage

import pytest

from vamaild.core.handover import Stage
from vamaild.core.resolve import Resolved

from .story import CARLA, SUBJECT, arrive, body, cases, furnish, on, open_shop, verb
from .world import ASSISTANT, World, letter

pytestmark = pytest.mark.slow
LAURA, ENZO = "laura@conti.example", "enzo@neri.example"
URGENT = "Buongiorno, al cantiere serve subito la chiave del cancello."
CLIENT = """
[client]
id        = "rossi"
name      = "Studio Rossi"
principal = "Mario Rossi"
arrives   = ["office@rossi.example"]
language  = "it"
timezone  = "Europe/Rome"
trust     = "send"

[absence]
from      = 2024-11-25
back      = 2024-12-09
answer_by = 2024-12-11

[[colleague]]
name      = "Laura Conti"
email     = "laura@conti.example"
takes     = ["cantiere", "cancello"]
hand_over = "forward"
{leave}
[[colleague]]
name      = "Enzo Neri"
email     = "enzo@neri.example"
hand_over = "forward"

[[in_progress]]
matter = "Pratica 118"
about  = ["cantiere"]
can    = "colleague"
note   = "NOTA-INTERNA: il perito passa lunedì"
"""


@pytest.fixture
def holiday(each_world: World) -> World:
    return furnish(each_world, CLIENT.format(leave=""))


def mails(world: World, to: str) -> list[EmailMessage]:
    """What this person got, oldest first."""
    return [m for m in map(letter, world.sink.mails) if m["To"] == to]


def replies(world: World, who: str, text: str, hour: int, minute: int, day: int = 28) -> None:
    """He answers the last mail he got."""
    key = str(mails(world, who)[-1]["Message-ID"])
    number = f"<{who}-{day}-{hour}-{minute}@his.example>"
    arrive(world, text, at=on(hour, minute, day), key=number, sender=who, answers=key)


def agree(world: World) -> None:
    """Both are asked at nine and say yes at ten past."""
    with open_shop(world, on(8, 59)) as shop:
        shop.go(on(8, 59))
        asked = verb(world, on(9), "colleague", "ask", "rossi")
        assert asked.out.count("is asked") == 2
        shop.go(on(9, 1))
        replies(world, LAURA, "Sì, volentieri!", 9, 10)
        replies(world, ENZO, "ok", 9, 11)
        shop.go(on(9, 12))


def stages(world: World) -> list[tuple[str, str]]:
    with world.ledger() as store:
        return [(str(f.stage), f.email) for f in store.forwards(tuple(Stage))]


def test_consent_hand_over_silence_and_the_assistant(holiday: World) -> None:
    agree(holiday)
    shown = json.loads(verb(holiday, on(9, 20), "colleague", "--json").out)
    assert [(c["name"], c["agreed"]) for c in shown["colleagues"]] == [("Laura Conti", True), ("Enzo Neri", True)]
    assert "said yes Thu 28 Nov" in verb(holiday, on(9, 20), "colleague").out
    with open_shop(holiday, on(10, 39)) as shop:
        arrive(holiday, URGENT, at=on(10, 40), sender=CARLA, key="<wall@customer.example>")
        shop.go(on(10, 40))
        shop.go(on(10, 45))
        shop.go(on(10, 46))
        packet = mails(holiday, LAURA)[-1]
        assert "la chiave del cancello" in body(packet)
        assert "NOTA-INTERNA" in body(packet)
        assert packet["Auto-Submitted"] == "auto-generated"
        shop.go(on(10, 44, 29))
        assert len(mails(holiday, ENZO)) == 1
        shop.go(on(10, 50, 29))
        shop.go(on(10, 51, 29))
        assert "la chiave del cancello" in body(mails(holiday, ENZO)[-1])
        assert stages(holiday) == [("handed", ENZO)]
        shop.go(on(10, 55, 2, 12))
        shop.go(on(10, 56, 2, 12))
        assert stages(holiday) == [("missed", ENZO)]

    (case,) = cases(holiday)
    assert case.case.reason == "handed-back"
    subjects = [str(m["Subject"]) for m in mails(holiday, ASSISTANT)]
    assert [s.split(":")[0] for s in subjects if "collega" in s or "Passata" in s] == [
        "Passata a Enzo Neri",
        "Nessun collega se ne occupa",
    ]
    (reply,) = mails(holiday, CARLA)
    assert "passa adesso a Laura Conti" in body(reply)
    assert "entro le 18:00 di domani" in body(reply)
    for secret in ("NOTA", LAURA, "Enzo"):
        assert secret not in body(reply)


def test_the_substitute_takes_it_and_she_says_that_it_is_solved(world: World) -> None:
    leave = "[[colleague.away]]\nfrom = 2024-11-28\nback = 2024-11-29\n"
    furnish(world, CLIENT.format(leave=leave))
    agree(world)
    with open_shop(world, on(10, 39)) as shop:
        arrive(world, URGENT, at=on(10, 40), sender=CARLA, key="<wall@customer.example>")
        shop.go(on(10, 40))
        shop.go(on(10, 45))
        shop.go(on(10, 46))
        assert len(mails(world, LAURA)) == 1, "only the question"
        replies(world, ENZO, "1\n\nEnzo", 11, 0)
        shop.go(on(11, 1))
        assert stages(world) == [("taken", ENZO)]
        arrive(world, "Abbiamo risolto, grazie mille.", at=on(15), sender=CARLA, key="<over@customer.example>",
               answers="<wall@customer.example>", subject=f"Re: {SUBJECT}")  # fmt: skip
        shop.go(on(15, 1))
        shop.go(on(15, 2))
        assert stages(world) == [("done", ENZO)]
    with world.ledger() as store:
        (urgent,) = store.urgent("rossi", on(0), on(0, day=30))
        assert urgent.resolved is Resolved.SAID
    assert cases(world) == []
    (reply,) = mails(world, CARLA)
    assert "passa adesso a Enzo Neri" in body(reply)


def test_the_verb_says_who_stands_in_and_asks_only_those_it_should(world: World) -> None:
    leave = "[[colleague.away]]\nfrom = 2024-12-02\nback = 2024-12-04\n"
    furnish(world, CLIENT.format(leave=leave))
    with open_shop(world, on(8)) as shop:
        shop.go(on(8))
        shown = verb(world, on(8, 1), "colleague").out
        assert "Laura Conti  has not been asked  Mon 2 Dec, back 4 Dec" in shown
        assert "Next: vamaild colleague ask rossi" in shown
        for arguments, code, said in (
            (("ask", "nobody"), 5, "There is no client nobody."),
            (("ask", "rossi", "--name", "Luca"), 5, 'No colleague of rossi is called "Luca".'),
            (("ask", "rossi", "--name", "enzo neri"), 0, "Enzo Neri (enzo@neri.example) is asked"),
        ):
            ran = verb(world, on(8, 2), "colleague", *arguments)
            assert (ran.code, said in ran.said) == (code, True), ran.said
        shop.go(on(8, 3))
        replies(world, ENZO, "ok", 8, 10)
        shop.go(on(8, 11))
        asked = json.loads(verb(world, on(8, 12), "colleague", "ask", "rossi", "--json").out)
        assert asked == {"asked": [{"name": "Laura Conti", "email": LAURA}]}
        shop.go(on(8, 13))
        arrive(world, URGENT, at=on(10, 40), sender=CARLA, key="<wall@customer.example>")
        shop.go(on(10, 40))
        shown = verb(world, on(10, 41), "colleague").out
        assert "was asked Thu 28 Nov, no answer yet" in shown
        assert "goes when our reply has left" in shown
        shop.go(on(10, 45))
        shop.go(on(10, 46))
        assert "asked, answer due" in verb(world, on(10, 47), "colleague").out
    assert [len(mails(world, who)) for who in (LAURA, ENZO)] == [1, 2], "only Enzo has agreed"


def test_a_case_is_given_by_hand(world: World) -> None:
    furnish(world, CLIENT.format(leave="").replace('trust     = "send"', 'trust     = "draft"'))
    agree(world)
    with open_shop(world, on(10, 39)) as shop:
        arrive(world, URGENT, at=on(10, 40), sender=CARLA, key="<wall@customer.example>")
        shop.go(on(10, 40))
        (case,) = cases(world)
        assert verb(world, on(10, 41), "colleague", "give", "ZZZZ").code == 5
        ran = verb(world, on(10, 41), "colleague", "give", case.code)
        assert f"{case.code} goes to {LAURA}: asked, answer due" in ran.out
        shop.go(on(10, 42))
        assert "la chiave del cancello" in body(mails(world, LAURA)[-1])
        again = verb(world, on(10, 43), "colleague", "give", case.code)
        assert (again.code, "there is no such open case" in again.said) == (5, True)
        shop.go(on(12, 0, 29))
    assert [len(mails(world, who)) for who in (LAURA, ENZO, CARLA)] == [2, 2, 0]
