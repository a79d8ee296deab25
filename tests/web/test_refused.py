"""Links that open nothing: bent, too old, of another case, of somebody who left; reported, and soon not even that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.chain.alarm import FLOOD
from tests.make import book
from tests.office import letter
from tests.web.phone import BASE, KEY, House, Phone, text
from vamaild.core.ledger import StoreError
from vamaild.core.reasons import Reason
from vamaild.web.links import Links
from vamaild.web.refused import MOST
from vamaild.web.site import Pages

DAY = timedelta(days=1)
WRONG = "This link is not valid."


def _forged(house: House) -> list[str]:
    return [c.case.note for c in house.store.cases() if c.case.reason == Reason.ANSWER_FORGED]


def _another_key(house: House, phone: Phone) -> None:
    """The key was changed: every link that was sent before is void."""
    phone.url = Links(BASE, b"another key of thirty-two bytes!").page(
        "c", house.case.code, "petr-sea", house.clock.now() + DAY
    )


def _another_case(house: House, phone: Phone) -> None:
    """A good token, in front of it the code of somebody else's case."""
    code = house.case.code
    house.arrive(letter(2, FLOOD, sender="dino@other.example"))
    other = next(c.code for c in house.store.cases() if c.code != code)
    phone.url = phone.url.replace(f"/{code}.", f"/{other}.")


def _another_person(house: House, phone: Phone) -> None:
    phone.url = phone.url.replace(".petr-sea.", ".me.")


def _a_later_end(house: House, phone: Phone) -> None:
    head, until, signature = phone.url.rsplit(".", 2)
    phone.url = f"{head}.{int(until, 16) + 3600:x}.{signature}"


def _one_letter(house: House, phone: Phone) -> None:
    phone.url = phone.url[:-1] + ("A" if phone.url[-1] != "A" else "B")


def _as_a_queue(house: House, phone: Phone) -> None:
    phone.url = f"{BASE}/q/" + phone.url.rsplit("/", 1)[1].partition(".")[2]


def _as_verdicts(house: House, phone: Phone) -> None:
    phone.url = phone.url.replace("/c/", "/v/")


def _left(house: House, phone: Phone) -> None:
    """The agreement was changed and read again: petr-sea is asked no more."""
    terms = replace(house.ruleset.escalation, chain=("me", "colleague"))
    rules = house.service.rules
    house.service.rules = replace(rules, rulebook=book(replace(house.ruleset, escalation=terms)))


def _client_gone(house: House, phone: Phone) -> None:
    rules = house.service.rules
    house.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=()))


BENT = (
    _another_key,
    _another_case,
    _another_person,
    _a_later_end,
    _one_letter,
    _as_a_queue,
    _as_verdicts,
    _left,
    _client_gone,
)


@pytest.mark.parametrize("bend", BENT)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_is_refused_shows_nothing_does_nothing_and_is_reported(
    house: House, bend: Callable[[House, Phone], None], method: str
) -> None:
    phone, before = house.phone("petr-sea"), house.case
    bend(house, phone)
    page = phone.get(method, form={"do": "take"}, fetch_site="same-origin")
    assert page.status == 403
    assert text(page).startswith(WRONG)
    assert not page.location
    assert house.store.case(before.code) == before
    assert len(_forged(house)) == 1
    assert "link" in house.journal.lines[-1]
    assert not any(signed in str(_forged(house)) for signed in phone.url.split(".")[-1:]), "the token is kept nowhere"


def test_the_report_names_the_case_and_its_client(house: House) -> None:
    phone = house.phone("petr-sea")
    _one_letter(house, phone)
    phone.get()
    (found,) = [c.case for c in house.store.cases() if c.case.reason == Reason.ANSWER_FORGED]
    assert (found.client, found.who) == (house.ruleset.client.id, "web")
    assert found.note.startswith(f"somebody opened case {house.cases[0].code} with a link that is not valid")


def test_who_left_may_come_back(house: House) -> None:
    rules, phone = house.service.rules, house.phone("petr-sea")
    _left(house, phone)
    assert phone.get().status == 403
    house.service.rules = rules
    assert phone.get().status == 200


def test_another_colleague_does_not_inherit_the_link(house: House) -> None:
    """ "colleague" is a role: the link of one is void for the next, as his answer by mail would be."""
    phone, colleague = house.phone("colleague"), house.ruleset.colleague
    assert colleague is not None
    assert phone.get().status == 200
    other = replace(colleague, name="Dora", email="dora@conti.example")
    rules = house.service.rules
    house.service.rules = replace(rules, rulebook=book(replace(house.ruleset, colleague=other, colleagues=(other,))))
    assert phone.get().status == 403
    assert house.phone("colleague", house.cases[0].code).get().status == 200, "hers works"


@pytest.mark.parametrize(("lasts", "after", "status"), [(3, 2.9, 200), (3, 3, 410), (3, 30, 410)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_ends(house: House, lasts: float, after: float, status: int, method: str) -> None:
    phone = house.phone("petr-sea", lasts=timedelta(days=lasts))
    before = house.everything()
    house.clock.advance(timedelta(days=after))
    page = phone.get(method, form={"do": "nothing"}, fetch_site="same-origin")
    assert page.status == (status if status != 200 or method == "GET" else 400)
    assert house.everything() == before
    assert _forged(house) == [], "an old link is nobody's attack"
    if status == 410:
        assert text(page) == "This link has expired. Reply to the notice with 1, 2 or 3."


@pytest.mark.parametrize(
    "path",
    ["", "/", "/c", "/c/", "/c/4F7K", "/c/4F7K.", "/c/4F7K.petr-sea", "/c/a.b.c", "/c/a.b.zz.c", "/x/4F7K.a.b.c", "/q/",
     "/v/rossi", "/c/../q/x", "/c/" + "a" * 301, "/wp-login.php", "/favicon.ico", "/c/\x00", "//c/4F7K.a.b.c",
     "/c/4F7K.a.b.c/", "/C/4F7K.a.b.c", "/c/4F7K.petr-sea.ffffffffffffffff.AAAA"],
)  # fmt: skip
def test_what_is_no_link_of_ours_is_not_found_and_no_attack(house: House, path: str) -> None:
    phone = Phone(house.pages, "x")
    before = house.everything()
    page = phone.get(path=path)
    assert (page.status, text(page)[:23]) == (404, WRONG)
    assert house.everything() == before


def test_a_case_that_was_erased_is_not_found(house: House) -> None:
    phone = house.phone("petr-sea", "ZZZZ")
    assert phone.get().status == 404


# --- many of them ---


def test_wrong_tokens_are_reported_once_and_then_only_counted(house: House) -> None:
    phone = house.phone("petr-sea")
    _one_letter(house, phone)
    found = [phone.get().status for _ in range(MOST + 5)]
    assert found == [403] * MOST + [429] * 5
    assert len(_forged(house)) == 1
    assert house.journal.lines.count("a link to the page was refused") == MOST
    house.clock.advance(timedelta(minutes=1))
    assert phone.get().status == 403


def test_whoever_has_the_right_link_is_answered_all_the_same(house: House) -> None:
    """It may be about a flood."""
    wrong, right = house.phone("petr-sea"), house.phone("petr-sea")
    _one_letter(house, wrong)
    for _ in range(3 * MOST):
        wrong.get()
    assert right.get().status == 200
    assert right.press("take").location == "?said=taken"


def test_a_clock_that_is_set_back_locks_nobody_out(house: House) -> None:
    phone = house.phone("petr-sea")
    _one_letter(house, phone)
    for _ in range(MOST):
        phone.get()
    house.clock.advance(-DAY)
    assert phone.get().status == 403


# --- the ledger fails ---


def test_a_locked_ledger_is_said_and_the_notice_is_the_other_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(code: str) -> None:
        raise StoreError("/var/lib/vamaild/vamaild.db: another program keeps it locked")

    monkeypatch.setattr(house.store, "case", locked)
    page = house.phone("petr-sea", "AAAA").get()
    assert page.status == 503
    assert text(page).startswith("The page does not answer just now. Reply to the notice with 1, 2 or 3")
    assert "/var/lib" not in page.html


@pytest.mark.parametrize(
    ("languages", "words"),
    [(("cs", "en"), "Tento odkaz neplatí."), (("xx", "it"), "Questo link non vale."), ((), "Questo link non vale.")],
)
def test_in_a_language_the_browser_asks_for_else_the_assistants(
    house: House, languages: tuple[str, ...], words: str
) -> None:
    page = Phone(house.pages, "x").get(path="/nothing", languages=languages)
    assert text(page).startswith(words)


@pytest.mark.parametrize("trouble", [400, 408, 413, 414, 415])
def test_what_the_server_could_not_read_is_refused_before_anything_else(house: House, trouble: int) -> None:
    before = house.everything()
    page = house.phone("petr-sea").get("POST", form={"do": "take"}, fetch_site="same-origin", trouble=trouble)
    assert page.status == trouble
    assert house.everything() == before


def test_the_key_shows_itself_nowhere(house: House) -> None:
    assert isinstance(house.pages, Pages)
    assert KEY.decode() not in f"{house.links!r}{house.links}"
