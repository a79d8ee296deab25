"""The chain over real servers that are down for hours or die with the service: told at least once, each time counted.

The contact is told over HTTP (apprise to a server of this test), then by mail; the assistant by mail.
"""

import json
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from vamaild.core.cases import NoticeRow, NoticeState
from vamaild.core.ledger import State

from . import story
from .story import Shop
from .world import ACME, ASSISTANT, CONTACT, CUSTOMER, DAMAGE, NOW, World, raw

pytestmark = pytest.mark.slow
KILLER = str(Path(__file__).with_name("killer.py"))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Pager:
    """An HTTP server that takes notices; `down` refuses them all, `texts` are those it took."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.down = False
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                if not pager.down:
                    pager.texts.append(str(json.loads(body).get("title", "")))
                self.send_response(503 if pager.down else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/"


@contextmanager
def running() -> Iterator[Pager]:
    pager = Pager()
    thread = threading.Thread(target=pager.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield pager
    finally:
        pager.server.shutdown()
        pager.server.server_close()


@pytest.fixture
def pager(world: World) -> Iterator[Pager]:
    with running() as found:
        world.build({"client-acme.toml": ACME + "budget = 30\n"})
        path = world.config / "secrets.toml"
        path.write_text(path.read_text().replace("[contacts.petr]", f'[contacts.petr]\npager = "{found.url}"'))
        world.imap.deliver(raw(DAMAGE, at=NOW - MINUTE), when=NOW - MINUTE)
        yield found


def notices(world: World) -> list[NoticeRow]:
    with world.ledger() as store:
        return [row for case in store.cases() if case.case.escalates for row in store.notices(case.code)]


def told(world: World) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in world.notices() if "[" in str(mail["Subject"]))


@contextmanager
def no_mail(world: World) -> Iterator[None]:
    world.sink.manners.refuse = {"MAIL": "421 down"}
    world.sink.cut_all()
    try:
        yield
    finally:
        world.sink.manners.refuse = {}


def test_mail_is_down_for_hours(world: World, pager: Pager) -> None:
    """The next one is called meanwhile, over the other way; the assistant hears of it when mail is back."""
    with story.open_shop(world, NOW) as shop:
        with no_mail(world):
            for minutes in range(0, 181, 5):
                shop.daemon.cycle() if not minutes else passes(shop, NOW + minutes * MINUTE)
            assert pager.texts, "the contact was called over the way that works"
            assert told(world) == {}
        passes(shop, NOW + 5 * HOUR)
        passes(shop, NOW + 8 * HOUR)
    assert told(world)[ASSISTANT] >= 1
    rows = notices(world)
    assert {row.state for row in rows} <= {NoticeState.DELIVERED, NoticeState.FAILED, NoticeState.DROPPED}
    assert sum(row.state is NoticeState.FAILED for row in rows) >= 2, "every attempt is counted"
    assert all(row.attempts == 1 for row in rows if row.state is NoticeState.FAILED)


def passes(shop: Shop, at: datetime) -> None:
    """The daemon passes at this moment, whether a server answers or not."""
    shop.clock.advance(at - shop.clock.now())
    shop.service.rest.until = None
    for notifier in shop.service.notifiers.values():
        if hasattr(notifier, "_rest_until"):
            notifier._rest_until = 0.0  # half a minute of real time, which does not pass here
    shop.daemon.cycle()


def test_the_pager_is_down_for_hours(world: World, pager: Pager) -> None:
    pager.down = True
    with story.open_shop(world, NOW) as shop:
        passes(shop, NOW)
        passes(shop, NOW + 10 * MINUTE)
        assert told(world) == {ASSISTANT: 1, CONTACT["email"]: 1}, "his mail at once"
        for minutes in range(20, 300, 10):
            passes(shop, NOW + minutes * MINUTE)
        assert pager.texts == []
        assert sum("pager" in str(mail["Subject"]) for mail in world.notices()) == 1, "told, but once"
        pager.down = False
        before = len(notices(world))
        for minutes in range(300, 900, 10):
            passes(shop, NOW + minutes * MINUTE)
        assert pager.texts
    assert len(notices(world)) > before


@pytest.mark.parametrize("minutes", [0, 11], ids=["while the assistant is told", "while the contact is told"])
@pytest.mark.parametrize("point", ["after:advance", "after:notice_handed", "after:notice_settled"])
def test_killed_at_any_point_of_the_chain(world: World, pager: Pager, point: str, minutes: int) -> None:
    if minutes:
        assert world.once(NOW).code == 0
    killed = world.once(NOW + minutes * MINUTE, program=(KILLER, point))
    assert killed.code == -signal.SIGKILL, killed.said
    for later in (1, 2):
        assert world.once(NOW + (minutes + later) * MINUTE).code == 0
    (first, *others) = notices(world)
    assert first.state is NoticeState.DELIVERED
    asked = [str(m["Message-ID"]) for m in world.notices()]
    assert set(asked) == {first.notice.key}
    twice = point == "after:notice_settled"
    if minutes:
        assert [row.notice.channel for row in others] == ["pager"]
        assert len(pager.texts) == 1 + twice
        assert others[0].attempts == 1 + twice, "counted, and a second copy only where nobody knew"
    else:
        assert len(asked) == 1 + twice
        assert first.attempts == 1 + twice


def test_the_customer_hears_within_half_a_minute_and_news_are_ready_at_the_promised_hour(world: World) -> None:
    main = world.config / "vamaild.toml"
    main.write_text(main.read_text().replace('wait_emergency = "0s"', 'wait_emergency = "30s"'))
    world.imap.deliver(raw(DAMAGE, at=NOW), when=NOW)
    with story.open_shop(world, NOW) as shop:
        shop.go(NOW)
        assert world.replies() == []
        shop.go(NOW + timedelta(seconds=30))
        (receipt,) = world.replies()
        assert receipt["To"] == CUSTOMER
        (promise,) = story.promises(world)
        assert promise.promise.hour
        due = promise.promise.due
        assert due <= NOW + timedelta(minutes=90)
        assert f"{due.astimezone(NOW.tzinfo):%H:%M}" in story.body(receipt), "a promised hour"
        shop.go(due)
        drafts = [i for i in story.outbox(world, State.DRAFT) if i.mail.template == "status-update"]
        assert [i.mail.to for i in drafts] == [CUSTOMER], "ready for the assistant, not sent"
        shop.go(due + HOUR)
        assert len(world.replies()) == 1
