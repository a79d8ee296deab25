"""The page of one case: what it shows to whom, what its buttons do, and that looking changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.chain.alarm import CHAIN, FLOOD, HERS, HIS_MAIL, MINE, PETR, TELEPHONE
from tests.make import absent, client
from tests.office import CARLA, letter
from tests.web.phone import House, buttons, text
from tests.web.phone import house as flooded
from vamaild import hearing
from vamaild.core.cases import NewCase
from vamaild.core.chainwords import Said
from vamaild.core.ledger import State

MINUTE = timedelta(minutes=1)
CALM = NewCase("rossi", "draft", "look", "Marco", "Preventivo")


# --- pressing ---


@pytest.mark.parametrize(
    ("pressed", "said", "then"),
    [("take", "taken", [MINE]), ("pass_on", "passed", [HERS]), ("wait", "waits", [MINE])],
)
def test_a_button_does_what_it_says(house: House, pressed: str, said: str, then: list[tuple[str, str]]) -> None:
    phone = house.phone("petr-sea")
    assert buttons(phone.get()) == ["take", "pass_on", "wait"]
    done = phone.press(pressed)
    assert (done.status, done.html, done.location) == (303, "", f"?said={said}")
    assert house.goes_on() == then, "the daemon goes on from there"
    assert any(e.what == said and e.who == "petr-sea" and e.detail.startswith("web") for e in house.events())


def test_taken_by_thumb_is_quiet_at_once_and_says_so(house: House) -> None:
    phone = house.phone("petr-sea")
    phone.press("take")
    assert house.case.acknowledged_by == "petr-sea"
    page = phone.get()
    assert "Grazie, ci pensa lei. È in mano sua: oggi alle 11:40." in text(page), "11:40 where he is"
    assert "take" not in buttons(page)
    house.goes_on()
    assert house.goes_on(59 * MINUTE) == []


def test_pressed_twice_is_pressed_once(house: House) -> None:
    phone = house.phone("petr-sea")
    phone.press("take")
    before = house.case
    again = phone.press("take")
    assert again.location == "?said=still"
    assert (house.case.acknowledged_by, house.case.acknowledged_at) == (before.acknowledged_by, before.acknowledged_at)
    assert "È sempre in mano sua." in text(phone.get())


def test_somebody_else_was_quicker(house: House) -> None:
    house.says("colleague", "take")
    phone = house.phone("petr-sea")
    assert "Se ne occupa Laura Conti" in text(phone.get())
    assert buttons(phone.get()) == []
    assert phone.press("take").location == "?said=already"
    assert house.case.acknowledged_by == "colleague"


def test_put_off_by_mistake_is_taken_back(house: House) -> None:
    phone = house.phone("petr-sea")
    phone.press("wait")
    assert "take" in buttons(phone.get())
    phone.press("take")
    assert house.case.acknowledged_by == "petr-sea"


@pytest.mark.parametrize(("pressed", "could_wait"), [("urgent", False), ("could_wait", True)])
def test_it_is_over_behind_a_word_that_must_be_opened(house: House, pressed: str, could_wait: bool) -> None:
    code, phone = house.case.code, house.phone("petr-sea")
    phone.press("take")
    page = phone.get()
    assert page.html.index("<details><summary>È già finito?") < page.html.index('value="urgent"')
    assert phone.press(pressed).location == "?said=resolved"
    case = house.store.case(code)
    assert case is not None
    assert (bool(case.closed_at), case.could_wait) == (True, could_wait)
    assert [i.mail.template for i in house.items(State.DRAFT)] == ["status-update"]
    assert buttons(phone.get()) == []
    assert "Il caso è chiuso" in text(phone.get())
    assert phone.press("take").location == "?said=closed"


def test_only_who_has_it_or_the_assistant_may_end_it(house: House) -> None:
    assert "urgent" not in buttons(house.phone("petr-sea").get())
    assert "urgent" in buttons(house.phone("me").get())


@pytest.mark.parametrize("form", [{}, {"do": "give"}, {"do": "snooze"}, {"do": "resolve"}, {"what": "take"}])
def test_no_other_word_does_anything(house: House, form: dict[str, str]) -> None:
    before = house.everything()
    assert house.phone("petr-sea").get("POST", form=form, fetch_site="same-origin").status == 400
    assert house.everything() == before


def test_a_case_that_is_no_emergency_is_never_ended_here(house: House) -> None:
    code = house.store.open_case(CALM, house.clock.now())
    phone = house.phone("me", code)
    assert buttons(phone.get()) == ["take", "wait"]
    assert phone.press("urgent").status == 400
    assert phone.press("take").location == "?said=taken"
    assert house.store.case(code).acknowledged_by == "me"  # type: ignore[union-attr]  # it is there


# --- looking ---


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("query", ["", "?said=taken", "?do=take", "?said=resolved&do=urgent"])
def test_looking_changes_nothing(house: House, method: str, query: str) -> None:
    """Link scanners open every link, some with the form's fields as a query."""
    before = house.everything()
    phone = house.phone("petr-sea")
    phone.url += query
    for _ in range(3):
        assert phone.get(method).status == 200
    assert house.everything() == before
    assert house.goes_on(MINUTE) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"])
def test_no_other_method(house: House, method: str) -> None:
    before = house.everything()
    assert house.phone("petr-sea").get(method, form={"do": "take"}).status == 405
    assert house.everything() == before


@pytest.mark.parametrize(
    ("origin", "site", "taken"),
    [
        ("https://help.va.example", "", True),
        ("null", "same-origin", True),
        ("null", "", True),
        ("", "", True),
        ("https://evil.example", "", False),
        ("https://help.va.example.evil.example", "", False),
        ("http://help.va.example", "", False),
        ("null", "cross-site", False),
        ("https://help.va.example", "same-site", False),
        ("", "none", False),
    ],
)
def test_a_button_on_somebody_elses_page(house: House, origin: str, site: str, taken: bool) -> None:
    found = house.phone("petr-sea").get("POST", form={"do": "take"}, origin=origin, fetch_site=site)
    assert found.status == (303 if taken else 403)
    assert bool(house.store.case(house.cases[0].code).acknowledged_by) is taken  # type: ignore[union-attr]  # there


def test_it_shows_who_what_and_what_happens_next(house: House) -> None:
    words = text(house.phone("petr-sea").get())
    assert CARLA in words
    assert FLOOD in words
    assert "Chi ha scritto sa: «il suo messaggio è arrivato ed è segnato come urgente" in words
    assert "Di lei non sa nulla." in words
    assert "Se non fa nulla: oggi alle 12:00 tocca a Laura Conti." in words
    assert "Non posso: passa a Laura Conti" in words
    assert "Può aspettare fino a lunedì 7 dicembre" in words
    assert "Le parole che hanno fatto scattare l'avviso" in words
    assert "Giulia Ferri riceve l'avviso" in words
    assert "Il link vale fino a domenica 29 novembre" in words


def test_the_assistant_reads_her_own_time(house: House) -> None:
    assert f"Caso {house.case.code}, oggi alle 10:40" in text(house.phone("me").get())
    assert f"Caso {house.case.code}, oggi alle 11:40" in text(house.phone("petr-sea").get())


@pytest.mark.parametrize(
    ("language", "words"), [("it", "Ci penso io"), ("cs", "Beru to"), ("en", "I have it"), ("fr", "I have it")]
)
def test_in_the_persons_language(language: str, words: str) -> None:
    away = absent(escalation=CHAIN)
    house = House(ruleset=replace(away, client=replace(away.client, language=language))).flooded()
    page = house.phone("petr-sea").get()
    assert words in text(page)
    assert f'<html lang="{language if language != "fr" else "en"}">' in page.html
    assert "Ci penso io" in text(house.phone("me").get()), "the assistant reads Italian"


def test_no_channel_stands_on_any_page(house: House) -> None:
    for person in ("me", "petr-sea", "colleague"):
        page = house.phone(person).get().html
        assert not any(secret in page for secret in (TELEPHONE, PETR, "sms", "email"))


def test_where_the_mail_betrays_the_contact_its_words_are_left_out() -> None:
    """The case can still be answered, and the assistant hears of it, once."""
    house = House()
    house.arrive(letter(1, f"{FLOOD} Chiamate Petr allo 00420 603.111.222!", subject="Allagamento"))
    house.goes_on()
    phone = house.phone("me")
    page = phone.get()
    assert "603" not in page.html
    assert "Allagamento" not in page.html
    assert "non si può mostrare" in text(page)
    assert "take" in buttons(page)
    phone.get()
    assert [(c.case.reason, c.case.who) for c in house.store.cases()].count(("secret", "web")) == 1


# --- hostile mail ---

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)> \u202egnp.exe {{7*7}} &amp; <!-- </title>'


def test_a_hostile_subject_is_only_text() -> None:
    house = House()
    house.arrive(letter(1, f"{FLOOD} {EVIL}", subject=EVIL))
    house.goes_on()
    for person in ("me", "petr-sea"):
        page = house.phone(person).get()
        assert "<script" not in page.html
        assert "<img" not in page.html
        assert "\u202e" not in page.html
        assert "alert(1)" in text(page)
        assert page.html.count("<title>") == page.html.count("</title>") == 1


@pytest.mark.parametrize("letters", ["<", '"', "&", "'", "🌊", "ř", "a"])
@pytest.mark.parametrize("language", ["it", "cs", "en"])
def test_whatever_a_mail_says_the_page_stays_under_4_kb(letters: str, language: str) -> None:
    away = absent(escalation=CHAIN)
    house = House(ruleset=replace(away, client=replace(away.client, language=language, name=letters * 80)))
    house.arrive(letter(1, f"{FLOOD} {letters * 3000}", subject=letters * 300))
    house.goes_on()
    phone = house.phone("petr-sea")
    for pressed in ("", "pass_on", "wait", "take", "take", "urgent"):
        if pressed:
            phone.press(pressed)
        page = phone.get()
        assert page.status == 200
        assert len(page.html.encode()) <= 4_000, (pressed, len(page.html.encode()))


# --- the same as by mail ---

BY_MAIL = {"take": "1", "pass_on": "2", "wait": "3"}


@pytest.mark.parametrize("pressed", BY_MAIL)
@pytest.mark.parametrize("person", ["petr-sea", "me"])
def test_the_page_does_what_the_same_answer_by_mail_does(pressed: str, person: str) -> None:
    by_page, by_mail = flooded(), flooded()
    address = {"petr-sea": PETR, "me": "giulia@ferri-av.example"}[person]
    for house in (by_page, by_mail):
        if person == "petr-sea":
            assert house.goes_on(10 * MINUTE) == [HIS_MAIL]
        else:
            house.says("petr-sea", "wait")
            assert house.goes_on() == [MINE]
    heard = by_mail.replies(BY_MAIL[pressed], address)
    assert isinstance(heard, hearing.Heard)
    by_page.phone(person).press(pressed)
    one, other = by_page.case, by_mail.case
    assert one == replace(other, code=one.code)
    assert _events(by_page) == _events(by_mail)
    assert _notices(by_page) == _notices(by_mail)


def _events(house: House) -> list[tuple[str, str, str]]:
    return [(e.what, e.who, e.detail.removeprefix("web").removeprefix("email").strip()) for e in house.events()]


def _notices(house: House) -> list[tuple[str, str, str, str]]:
    """All but the confirmation, which goes back the way the answer came."""
    rows = house.store.notices(house.case.code)
    return [(n.notice.person, n.notice.channel, n.notice.why, str(n.state)) for n in rows if n.notice.why != "confirm"]


def test_an_answer_through_the_page_is_confirmed_there_and_nowhere_else(house: House) -> None:
    house.phone("petr-sea").press("take")
    assert not [n for n in house.store.notices(house.case.code) if n.notice.why == "confirm"]


def test_clients_without_absence_wait_until_the_next_morning() -> None:
    house = House(ruleset=replace(client(), escalation=CHAIN))
    house.arrive(letter(1, FLOOD))
    house.goes_on()
    assert "Può aspettare fino a venerdì 27 novembre" in text(house.phone("me").get())
    assert house.phone("me").press("wait").location == f"?said={Said.SNOOZED}"
