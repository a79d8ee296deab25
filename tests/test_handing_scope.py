"""Whatever is written, by whom and in whatever order: nothing outside his scope reaches a colleague."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.deputies import ENZO, LAURA, Deputies, body
from vamaild.core.ruleset import Matter

MINE = replace(LAURA, customers=("*@mala.example",), per_day=100)
OTHER = replace(ENZO, takes=("tetto",), hand_over="ask-then-forward", per_day=100)
SCOPES = {MINE.email: (("cantiere", "sopralluogo"), "@mala.example"), OTHER.email: (("tetto",), "@")}
SENDERS = ("eva@mala.example", "jan@other.example", "eva@mala.example.evil.example")
WORDS = ("cantiere", "tetto", "fattura", "sopralluogo", "listino")
NOTE = Matter("118", ("fattura",), note="NOTA-INTERNA")
WRITTEN = st.tuples(st.sampled_from(SENDERS), st.sampled_from(WORDS), st.booleans(), st.sampled_from(["", "2", "1"]))


def his(colleague: str, sender: str, word: str) -> bool:
    words, ending = SCOPES[colleague]
    return word in words and (ending == "@" or sender.endswith(ending))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(WRITTEN, min_size=1, max_size=5))
def test_nothing_outside_his_scope_reaches_him(mails: list[tuple[str, str, bool, str]]) -> None:
    shop = Deputies(MINE, OTHER, matters=(NOTE,)).agreed()
    for number, (sender, word, yes, answer) in enumerate(mails):
        urgent = "serve subito" if yes else "ciao"
        shop.comes(f"Buongiorno, {urgent}: {word}, parola{number}.", sender=sender, subject=f"Cosa {number}")
        shop.passes(timedelta(minutes=6))
        if yes and shop.told(sender):
            offer = str(shop.last(sender)["Message-ID"])
            shop.passes(timedelta(minutes=6))
            shop.comes("Sì, grazie", sender=sender, answers=offer, subject=f"Re: Cosa {number}")
            shop.passes(timedelta(minutes=6))
        for who in (MINE.email, OTHER.email) if answer else ():
            shop.answers(who, answer)
            shop.passes(timedelta(minutes=1))
    shop.passes(timedelta(days=2))
    for colleague in SCOPES:
        told = " ".join(body(mail) for mail in shop.told(colleague))
        for number, (sender, word, _, _) in enumerate(mails):
            assert f"parola{number}." not in told or his(colleague, sender, word)
        assert "NOTA-INTERNA" not in told
        assert "fattura" not in told
    for sender in SENDERS:
        assert "NOTA" not in " ".join(body(mail) for mail in shop.told(sender))
