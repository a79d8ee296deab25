"""Notices carry a link that opens; where there is no [web] or no key they go without, and nothing else changes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chain.alarm import FLOOD, Alarm
from tests.office import letter
from tests.web.phone import BASE, WORDINGS, House, Phone
from vamaild.adapters import keyfile
from vamaild.config.settings import Secret, Secrets, WebSettings
from vamaild.web import desk, links
from vamaild.web.links import Links, key_of
from vamaild.web.site import Pages

OWN = "a sign_key of one's own, long enough"


def told(house: Alarm, state: Path) -> str:
    """The link in the first notice of a flood."""
    links.equip(house.service, state)
    house.arrive(letter(1, FLOOD))
    house.goes_on()
    return house.told[-1][2].link


def with_web(house: Alarm, sign_key: str = "") -> Alarm:
    rules = house.service.rules
    secrets = replace(rules.settings.secrets, sign_key=Secret(sign_key))
    settings = replace(rules.settings, web=WebSettings(BASE), secrets=secrets)
    house.service.rules = replace(rules, settings=settings)
    return house


@pytest.mark.parametrize("sign_key", ["", OWN])
def test_a_notice_carries_a_link_that_opens_for_three_days(tmp_path: Path, sign_key: str) -> None:
    house = with_web(Alarm(), sign_key)
    link = told(house, tmp_path)
    assert link.startswith(f"{BASE}/c/{house.case.code}.me.")
    pages = Pages(house.service, desk.links(house.service.rules.settings, tmp_path), WORDINGS)
    assert Phone(pages, link).press("take").location == "?said=taken"
    assert (tmp_path / keyfile.NAME).exists() is (not sign_key)
    house.clock.advance(timedelta(days=3))
    assert Phone(pages, link).get().status == 410


def test_without_web_there_is_no_link_and_no_key(tmp_path: Path) -> None:
    assert told(Alarm(), tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_the_notice_goes_all_the_same(tmp_path: Path) -> None:
    house = with_web(Alarm())
    assert told(house, tmp_path / "nowhere") == ""
    assert "notices go without a link to the page" in house.journal.lines


def test_web_taken_out_of_the_file_takes_the_links_out_of_the_notices(tmp_path: Path) -> None:
    house = with_web(Alarm())
    links.equip(house.service, tmp_path)
    assert house.service.case_link("4F7K", "me", house.clock.now())
    rules = house.service.rules
    house.service.rules = replace(rules, settings=replace(rules.settings, web=None))
    links.equip(house.service, tmp_path)
    assert house.service.case_link("4F7K", "me", house.clock.now()) == ""
    assert house.service.page_link("q", "", "me", house.clock.now()) == ""


def test_a_key_of_ones_own_must_be_long_enough() -> None:
    with pytest.raises(keyfile.KeyFileError, match=r"sign_key under .* is too short"):
        key_of(Secrets(sign_key=Secret("Walnut")), lambda: b"")


def test_names_that_are_no_plain_words_make_a_link_that_opens() -> None:
    house = House()
    for person in ("Šéf na moři", "a.b.c", "x/y?z#", "%2F"):
        link = Links(BASE, b"k" * 32).page("c", "4F7K", person, house.clock.now())
        assert link.isascii()
        assert link.count("/") == 4
        assert "?" not in link


def test_the_page_knows_no_password_and_sends_nothing(tmp_path: Path) -> None:
    house = with_web(Alarm())
    settings = house.service.rules.settings
    known = replace(settings.secrets, passwords={"mailbox": Secret("Walnut-55-Kite")})
    settings = replace(settings, send=replace(settings.send, password=Secret("x")), secrets=known)
    kept = desk.without_passwords(settings)
    assert not kept.secrets.passwords
    assert not kept.send.password
    assert kept.secrets.contacts == settings.secrets.contacts
    with pytest.raises(Exception, match="sends nothing"):
        desk.Nobody().send("a@b.example", b"")
