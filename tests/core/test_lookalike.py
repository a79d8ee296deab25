"""Who only looks like somebody known, and what comes of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import book, case, client, mail
from vamaild.core.judge import judge
from vamaild.core.lookalike import label, pretends
from vamaild.core.message import Message
from vamaild.core.ruleset import Kind, Person, Role, Rule, RuleSet

PEOPLE = (
    Person("ann@mossbuilders.example", "Ann Moss", Role.CLIENT),
    Person("*@studiorossi.example", "", Role.CLIENT),
    Person("old@gmail.example", "Old Friend", Role.CUSTOMER),
)


def known() -> RuleSet:
    return client(people=PEOPLE)


def from_(address: str, name: str = "") -> Message:
    return replace(mail(sender=address), from_name=name)


@pytest.mark.parametrize(
    ("address", "name", "whom"),
    [
        ("accounts@moss-builders.example", "", "ann@mossbuilders.example"),
        ("accounts@mossbuiders.example", "", "ann@mossbuilders.example"),
        ("accounts@m0ssbuilders.example", "", "ann@mossbuilders.example"),
        ("accounts@mossbuilders.test", "", "ann@mossbuilders.example"),
        ("accounts@mossbuilders-billing.example", "", "ann@mossbuilders.example"),
        ("marco@studio-rossi.co.example", "", "*@studiorossi.example"),
        ("x@freemail.example", "Mario ROSSI", "Mario Rossi"),
        ("x@freemail.example", "Rossi Mario (privato)", "Mario Rossi"),
        ("ann@mossbuilders.example", "Ann Moss", ""),
        ("new.colleague@mossbuilders.example", "Bob", ""),
        ("anybody@studiorossi.example", "", ""),
        ("x@gmai1.example", "", ""),
        ("x@mosseri.example", "", ""),
        ("carla@customer.example", "Carla Bo", ""),
        ("x@freemail.example", "Mario", ""),
    ],
)
def test_who_is_imitated(address: str, name: str, whom: str) -> None:
    assert pretends(from_(address, name), known(), book()) == whom


def test_alone_it_is_no_crime_but_with_a_new_account_it_is_hostile() -> None:
    screens = (Rule("lookalike", Kind.HOSTILE, {"pretends": True, "shows": ("scam",)}),)
    shop = book(screens=screens)
    asked = replace(from_("accounts@moss-builders.example"), text="Mi mandi il listino?")
    wants = replace(asked, text="Mi dica il codice PIN.")
    honest = replace(wants, from_=("ann@mossbuilders.example",))
    found = [judge(case(m, known(), rulebook=shop)).kind for m in (asked, wants, honest)]
    assert [kind is Kind.HOSTILE for kind in found] == [False, True, False]


@given(st.text(max_size=60))
def test_any_address_has_a_label(text: str) -> None:
    assert "-" not in label(f"x@{text}")
