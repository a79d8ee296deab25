"""The page in a real Chromium without JavaScript: a thumb, a second tap, an old link, a scanner, a bad site."""

import http.client
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.web.place import CLIENTS, World, free_port

pytestmark = pytest.mark.slow
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
NO_SCRIPT = {"profile.managed_default_content_settings.javascript": 2}


def program(name: str) -> str:
    """The program, or a skip with its reason; in CI it must be there."""
    found = shutil.which(name)
    if not found:
        reason = f"{name} is not installed (Debian: chromium, chromium-driver)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One for all tests: with an empty profile, the size of a telephone, and no JavaScript."""
    options = webdriver.ChromeOptions()
    options.binary_location = program("chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", NO_SCRIPT)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(program("chromedriver")))
    driver.set_page_load_timeout(30)
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One page for all tests; each has a case of its own."""
    found = World(tmp_path_factory.mktemp("web"), free_port()).write()
    found.flood()
    with found.running():
        yield found


@pytest.fixture
def code(world: World) -> str:
    return world.flood()


def words(browser: Any) -> str:
    return str(browser.find_element("tag name", "body").text)


def press(browser: Any, value: str, name: str = "do") -> None:
    """Until the next page is there."""
    button = browser.find_element("css selector", f'button[name="{name}"][value="{value}"]')
    button.click()
    WebDriverWait(browser, 30).until(staleness_of(button))


def complaints(browser: Any) -> list[str]:
    """What the browser wrote into its console: a blocked style, a script, a resource."""
    return [line["message"] for line in browser.get_log("browser") if "favicon" not in line["message"]]


def test_one_thumb_takes_the_case(browser: Any, world: World, code: str) -> None:
    browser.get(world.link(code))
    assert "Eva Malá: voda teče do prodejny pod námi" in words(browser)
    press(browser, "take")
    assert "Děkujeme, je to Vaše." in words(browser)
    assert world.case(code).acknowledged_by == "petr-sea"
    assert complaints(browser) == []


def test_a_second_tap_on_an_old_page_does_no_harm(browser: Any, world: World, code: str) -> None:
    browser.get(world.link(code))
    old = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.get(world.link(code))
    press(browser, "take")
    told = world.case(code).chain["round"]
    browser.close()
    browser.switch_to.window(old)
    press(browser, "take")
    assert "Pořád to máte u sebe." in words(browser)
    browser.refresh()
    assert "Pořád to máte u sebe." in words(browser), "reloading sends nothing again"
    assert (world.case(code).chain["round"], world.case(code).acknowledged_by) == (told, "petr-sea")


@pytest.mark.parametrize(
    ("value", "said", "asked"),
    [("pass_on", "Děkujeme, jde to dál bez Vás.", "colleague"), ("wait", "Děkujeme, počká to.", "me")],
)
def test_the_other_two_buttons(browser: Any, world: World, code: str, value: str, said: str, asked: str) -> None:
    browser.get(world.link(code))
    press(browser, value)
    assert said in words(browser)
    assert world.case(code).chain["asked"] == asked


def test_it_is_over(browser: Any, world: World, code: str) -> None:
    browser.get(world.link(code))
    press(browser, "take")
    assert not browser.find_element("css selector", 'button[value="urgent"]').is_displayed(), "no slip of the thumb"
    browser.find_element("xpath", "//summary[contains(., 'po všem')]").click()
    press(browser, "urgent")
    assert "Případ je uzavřený" in words(browser)
    assert (world.case(code).could_wait, bool(world.case(code).closed_at)) == (False, True)
    browser.get(world.link("novak", scope="v"))
    press(browser, code, "yes")
    assert "✓ Ano, počkat to mohlo" in words(browser)
    assert world.case(code).could_wait is True


def test_the_assistants_queue_leads_to_the_case(browser: Any, world: World, code: str) -> None:
    browser.get(world.link("", "me", scope="q"))
    browser.find_element("css selector", f'a[href*="{code}"]').click()
    press(browser, "wait")
    assert "Hotovo, počká to." in words(browser)


def test_an_old_link(browser: Any, world: World, code: str) -> None:
    browser.get(world.link(code, hours=0.01))
    assert "This link has expired" in words(browser)
    assert browser.find_elements("tag name", "button") == []


def _one_letter(link: str) -> str:
    return link[:-1] + ("A" if link[-1] != "A" else "B")


@pytest.mark.parametrize("change", [_one_letter, lambda link: link.replace("petr-sea", "me")])
def test_a_bent_link(browser: Any, world: World, code: str, change: Callable[[str], str]) -> None:
    browser.get(change(world.link(code)))
    assert "This link is not valid" in words(browser)
    assert "Eva" not in words(browser)
    assert browser.find_elements("tag name", "button") == []
    with world.service() as service:
        assert "answer-forged" in [c.case.reason for c in service.store.cases()]


def fetch(link: str, method: str, **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, parts.path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; LinkScanner)"}),
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}),
    ],
)
def test_a_scanner_changes_nothing(world: World, code: str, method: str, headers: dict[str, str]) -> None:
    before, link = world.case(code), world.link(code)
    for _ in range(5):
        status, body = fetch(link, method, **headers)
        assert (status, len(body) < 4_000) == (200, True)
    assert world.case(code) == before


class BadSite(BaseHTTPRequestHandler):
    """Loads the case ahead, frames it, and has a button that would take it."""

    target = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        form = f'<form method="post" action="{self.target}"><button name="do" value="take">prize</button></form>'
        frame = f'<iframe src="{self.target}"></iframe><link rel="prefetch" href="{self.target}">'
        self.wfile.write(f"<!doctype html>{frame}{form}".encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def bad_site(world: World, code: str) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), type("Site", (BadSite,), {"target": world.link(code)}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_bad_site_can_press_nothing_and_frame_nothing(browser: Any, world: World, code: str, bad_site: str) -> None:
    before = world.case(code)
    complaints(browser)
    browser.get(bad_site)
    browser.switch_to.frame(browser.find_element("tag name", "iframe"))
    assert "Eva" not in words(browser)
    browser.switch_to.default_content()
    assert any("frame" in line.lower() for line in complaints(browser))
    press(browser, "take")
    assert "Eva" not in words(browser)
    assert world.case(code) == before
    complaints(browser)


EVIL = '</title><script>document.title="evil"</script><img src=x onerror="document.title=1"><b>'


def test_a_hostile_subject_is_read_as_it_was_written(browser: Any, world: World) -> None:
    browser.get(world.link(world.flood(subject=EVIL, text=EVIL)))
    assert "<script>" in words(browser)
    assert browser.find_elements("css selector", "script, img, b b") == []
    assert browser.title.startswith("Naléhavé")
    assert complaints(browser) == []


@pytest.mark.parametrize("colour", ["light", "dark"])
@pytest.mark.parametrize(("client", "language"), CLIENTS.items())
def test_on_a_telephone_all_buttons_are_seen(
    browser: Any, world: World, colour: str, client: str, language: str
) -> None:
    features = [{"name": "prefers-color-scheme", "value": colour}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(world.link(world.flood(client)))
    assert browser.find_element("tag name", "html").get_attribute("lang") == language
    shown = [b.rect for b in browser.find_elements("tag name", "button") if b.is_displayed()]
    assert len(shown) == 3
    assert all(b["x"] >= 0 and b["x"] + b["width"] <= 390 and b["y"] + b["height"] <= 844 for b in shown)
    assert all(b["height"] >= 48 for b in shown), "a thumb hits it"
    assert browser.find_element("tag name", "body").value_of_css_property("font-size") == "17px", "the style is used"
    if folder := os.environ.get("VAMAILD_SHOTS"):
        browser.save_screenshot(f"{folder}/case-{language}-{colour}.png")


def test_who_left_the_chain_is_refused_after_a_reload(browser: Any, tmp_path: Path) -> None:
    world = World(tmp_path, free_port()).write()
    link = world.link(world.flood())
    with world.running() as process:
        browser.get(link)
        assert "Eva Malá" in words(browser)
        world.write('"me", "colleague"')
        process.send_signal(signal.SIGHUP)
        WebDriverWait(browser, 30).until(lambda b: b.get(link) or "This link is not valid" in words(b))
        assert "Eva" not in words(browser)
