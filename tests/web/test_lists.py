"""The assistant's queue, and the verdicts: whose cases they show, what may be judged, by whom."""

from datetime import timedelta

import pytest

from tests.chain.alarm import FLOOD
from tests.office import letter
from tests.web.phone import BASE, House, Phone, text
from vamaild.core.cases import NewCase
from vamaild.web.listpage import MOST

OTHER = NewCase("verdi", "emergency", "brucia", "Dora", "Fuoco in cucina", escalates=True)
DAY = timedelta(days=1)


def resolved(house: House) -> str:
    """The flood, over."""
    code = house.case.code
    house.says("petr-sea", "resolve")
    return code


def verdicts(house: House, person: str = "petr-sea") -> Phone:
    return house.phone(person, house.ruleset.client.id, scope="v")


# --- the queue ---


def test_the_queue_shows_every_case_emergencies_first_with_a_link_to_each(house: House) -> None:
    flood = house.case
    house.store.open_case(NewCase("rossi", "draft", "look", "Marco", "Preventivo <b>"), house.clock.now() - DAY)
    phone = house.phone("me", scope="q")
    page = phone.get()
    words = text(page)
    assert words.startswith("In coda: 2")
    assert words.index(flood.case.subject) < words.index("Preventivo <b>")
    assert "una bozza" in words
    place = page.html.partition('href="../')[2].partition('"')[0]
    assert Phone(house.pages, f"{BASE}/{place}").press("take").location == "?said=taken"
    assert "se ne occupa Giulia Ferri" in text(phone.get())


def test_a_link_in_the_queue_ends_with_the_queues_own(house: House) -> None:
    place = house.phone("me", scope="q", lasts=DAY).get().html.partition('href="../')[2].partition('"')[0]
    phone = Phone(house.pages, f"{BASE}/{place}")
    assert phone.get().status == 200
    house.clock.advance(DAY)
    assert phone.get().status == 410


@pytest.mark.parametrize("person", ["petr-sea", "colleague", "nobody"])
def test_the_queue_is_the_assistants_alone(house: House, person: str) -> None:
    assert house.phone(person, scope="q").get().status == 403


def test_nothing_is_pressed_in_the_queue(house: House) -> None:
    before = house.everything()
    assert house.phone("me", scope="q").press("take").status == 405
    assert house.everything() == before


def test_nobody_waits() -> None:
    assert text(House().phone("me", scope="q").get()) == "Non c'è nulla che aspetta."


def test_a_long_queue_is_cut_and_says_so(house: House) -> None:
    for _ in range(MOST + 2):
        house.store.open_case(NewCase("rossi", "draft", "look", "Marco", "Preventivo"), house.clock.now())
    words = text(house.phone("me", scope="q").get())
    assert words.startswith(f"In coda: {MOST + 3}")
    assert words.endswith("E altri 3.")


def test_no_contact_sees_another_clients_case(house: House) -> None:
    other = house.store.open_case(OTHER, house.clock.now())
    for person in ("petr-sea", "colleague"):
        assert "Fuoco" not in house.phone(person, house.cases[0].code).get().html
        assert house.phone(person, other).get().status == 403, "he is in no chain of that client"
        assert "Fuoco" not in verdicts(house, person).get().html


# --- verdicts ---


@pytest.mark.parametrize(("pressed", "could_wait"), [("yes", True), ("no", False)])
@pytest.mark.parametrize("person", ["petr-sea", "me"])
def test_one_tap_says_whether_it_could_have_waited(house: House, pressed: str, could_wait: bool, person: str) -> None:
    code = resolved(house)
    phone = verdicts(house, person)
    assert "Poteva aspettare?" in text(phone.get())
    assert (phone.press(code, pressed).status, phone.url[-1]) == (303, "?")
    (found,) = house.store.verdicts(house.ruleset.client.id, house.clock.now(), house.clock.now() + DAY)
    assert (found.code, found.who, found.could_wait) == (code, person, could_wait)
    assert text(phone.get()).count("✓") == 1
    assert f'value="{code}" class="p">✓' in phone.get().html


def test_a_verdict_can_be_changed_and_another_persons_is_not_shown(house: House) -> None:
    code = resolved(house)
    verdicts(house, "me").press(code, "yes")
    phone = verdicts(house)
    assert "✓" not in text(phone.get())
    phone.press(code, "yes")
    phone.press(code, "no")
    client = house.ruleset.client.id
    given = {v.who: v.could_wait for v in house.store.verdicts(client, house.clock.now(), house.clock.now() + DAY)}
    assert given == {"me": True, "petr-sea": False}


def test_only_what_is_over_is_judged(house: House) -> None:
    phone, code = verdicts(house), house.case.code
    assert "Non c'è nulla da giudicare." in text(phone.get())
    assert phone.press(code, "yes").status == 400
    assert house.case.could_wait is None


def test_no_verdict_on_another_clients_case(house: House) -> None:
    resolved(house)
    other = house.store.open_case(OTHER, house.clock.now())
    house.store.close_case(other, house.clock.now())
    for value in (other, "ZZZZ", "", "x" * 50):
        assert verdicts(house).press(value, "yes").status == 400
    assert house.store.verdicts("verdi", house.clock.now() - DAY, house.clock.now() + DAY) == ()


@pytest.mark.parametrize("person", ["nobody", "petr", "giulia@ferri-av.example"])
def test_who_is_not_in_the_chain_judges_nothing(house: House, person: str) -> None:
    code = resolved(house)
    assert verdicts(house, person).get().status == 403
    assert verdicts(house, person).press(code, "yes").status == 403
    assert house.store.case(code).could_wait is None  # type: ignore[union-attr]  # it is there


def test_looking_at_verdicts_changes_nothing(house: House) -> None:
    code = resolved(house)
    before, phone = house.everything(), verdicts(house)
    phone.url += f"?yes={code}"
    for method in ("GET", "HEAD"):
        assert phone.get(method).status == 200
    assert house.everything() == before


def test_practice_is_not_judged(house: House) -> None:
    house.says("petr-sea", "resolve")
    house.arrive(letter(2, FLOOD, sender="dino@other.example"))
    assert text(verdicts(house).get()).count("giusto avvisare") == 1, "the new one is not over yet"
