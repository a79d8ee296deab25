"""What every way to our own people does, on a real mail server, a real program and a real HTTP server on this machine.

Each is told in `behave` what happens next; a way never raises, never takes longer than it may, never shows a secret.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.make import NOW
from vamaild.adapters.demo.smtp import Manners, smtp_sink
from vamaild.adapters.notify import AppriseNotifier, CommandNotifier, EmailNotifier
from vamaild.adapters.notify.email import From
from vamaild.adapters.post import SmtpPost
from vamaild.core.notify import Delivered, Delivery, Notice, Notifier

pytestmark = pytest.mark.slow

NOTICE = Notice(
    "<k1@va.example>",
    "4F7K",
    "Carla: la cantina [4F7K]\r\nBcc: x@x.example",
    "Si allaga.\n",
    "https://va.example/c/4F7K",
)
SECRET = "petr.more"
SECONDS = 1.0
KINDS = ("email", "command", "apprise")
PROGRAM = """
import os, pathlib, sys, time
text, how = sys.stdin.read(), pathlib.Path(sys.argv[1]).read_text()
if how == "hang":
    time.sleep(60)
if how != "good":
    sys.exit(3)
with open(sys.argv[2], "a") as out:
    out.write(os.environ["VAMAILD_KEY"] + text + chr(0))
"""


@dataclass
class Way:
    """One way that works: `behave` changes that ("good", "refuse", "hang"), `got` are the texts that arrived."""

    notifier: Notifier
    way: str
    behave: Callable[[str], None]
    got: Callable[[], list[str]]

    def tell(self) -> Delivered:
        began = time.monotonic()
        done = self.notifier.notify(self.way, NOTICE)
        assert time.monotonic() - began < SECONDS + 2
        assert SECRET not in done.detail
        assert "Bramble" not in done.detail
        return done


@contextmanager
def email(folder: Path) -> Iterator[Way]:
    manners = {
        "good": Manners(),
        "refuse": Manners(refuse={"RCPT": f"451 4.7.1 {SECRET}@proton.example later"}),
        "hang": Manners(hang_at="RCPT"),
    }
    with smtp_sink() as sink:
        post = SmtpPost(host=sink.host, port=sink.port, tls="none", call_seconds=SECONDS)
        notifier = EmailNotifier(post, lambda: From("Giulia Ferri", "va@va.example"), lambda: NOW)

        def behave(how: str) -> None:
            sink.manners = manners[how]

        yield Way(notifier, f"{SECRET}@proton.example", behave, lambda: [m.raw.decode() for m in sink.mails])


@contextmanager
def command(folder: Path) -> Iterator[Way]:
    program, how, out = folder / "tell me.py", folder / "how", folder / "out"
    program.write_text(PROGRAM)
    how.write_text("good")
    line = f"'{sys.executable}' '{program}' '{how}' '{out}' {SECRET}; touch '{folder}/shell'"

    def behave(word: str) -> None:
        how.write_text(word)

    yield Way(CommandNotifier(SECONDS), line, behave, lambda: out.read_text().split("\0")[:-1] if out.exists() else [])
    assert not (folder / "shell").exists(), "no shell reads the line"


@dataclass
class Web:
    """An HTTP server on this machine; `how` says what it does."""

    port: int = 0
    how: str = "good"


@contextmanager
def web(taken: list[tuple[str, str]]) -> Iterator[Web]:
    found = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if found.how == "hang":
                time.sleep(SECONDS * 3)
            self.send_response({"good": 200, "refuse": 500, "hang": 200}.get(found.how) or int(found.how))
            if found.how.startswith("3"):
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            if found.how in ("good", "hang"):
                taken.append((self.path.split("?")[0], text))

        def log_message(self, *what: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@contextmanager
def apprise(folder: Path) -> Iterator[Way]:
    taken: list[tuple[str, str]] = []
    AppriseNotifier().notify("json://", NOTICE)  # the library is imported, which takes a second
    with web(taken) as server:

        def behave(how: str) -> None:
            server.how = how

        url = f"json://{SECRET}:Bramble@127.0.0.1:{server.port}/tell"
        yield Way(AppriseNotifier(SECONDS), url, behave, lambda: [text for _, text in taken])


@pytest.fixture(params=KINDS)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    with {"email": email, "command": command, "apprise": apprise}[request.param](tmp_path) as found:
        yield found


def test_delivered(way: Way) -> None:
    assert way.tell() == Delivered(Delivery.DELIVERED)
    (text,) = way.got()
    assert "4F7K" in text
    assert "Si allaga." in text
    assert NOTICE.link in text


def test_refused_and_then_taken(way: Way) -> None:
    way.behave("refuse")
    assert way.tell().result is Delivery.RETRY
    assert way.got() == []
    way.behave("good")
    assert way.tell().result is Delivery.DELIVERED


def test_who_hangs_keeps_nobody_waiting(way: Way) -> None:
    way.behave("hang")
    assert way.tell().result is Delivery.RETRY
    assert way.got() == []


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
def test_a_redirect_is_not_followed(status: str, tmp_path: Path) -> None:
    taken: list[tuple[str, str]] = []
    with web(taken) as server:
        server.how = status
        for more in ("", "?redirect=yes"):
            url = f"json://127.0.0.1:{server.port}/tell{more}"
            assert AppriseNotifier().notify(url, NOTICE).result is Delivery.RETRY
    assert taken == []


@pytest.mark.parametrize(
    ("notifier", "value"),
    [
        (AppriseNotifier(), "petr.more://x"),
        (AppriseNotifier(), "json://"),
        (AppriseNotifier(), "+420 603 111 222"),
        (CommandNotifier(), ""),
        (CommandNotifier(), "/nowhere/petr.more"),
        (CommandNotifier(), "'petr.more"),
    ],
)
def test_what_is_no_way_is_said_so_for_good(notifier: Notifier, value: str) -> None:
    done = notifier.notify(value, NOTICE)
    assert done.result is Delivery.FAILED
    assert done.detail
    assert not any(secret in done.detail for secret in (SECRET, "603"))


def test_an_email_is_marked_and_safe(tmp_path: Path) -> None:
    with email(tmp_path) as found:
        found.tell()
        (raw,) = found.got()
    head = raw.partition("\r\n\r\n")[0]
    assert "Message-ID: <k1@va.example>\r\n" in head
    assert "Auto-Submitted: auto-generated\r\n" in head
    assert "\r\nBcc:" not in head
    assert "[4F7K]" in head.partition("Subject: ")[2].partition("\r\n")[0]


@pytest.mark.parametrize(
    ("refusal", "address", "result"),
    [
        ("550 5.1.1 no such user petr.more", f"{SECRET}@proton.example", Delivery.FAILED),
        ("", f"{SECRET} is no address", Delivery.FAILED),
        ("421 4.3.2 closing", f"{SECRET}@proton.example", Delivery.RETRY),
    ],
)
def test_what_the_mail_server_says(tmp_path: Path, refusal: str, address: str, result: Delivery) -> None:
    with smtp_sink() as sink:
        sink.manners = Manners(refuse={"RCPT": refusal} if refusal else {})
        post = SmtpPost(host=sink.host, port=sink.port, tls="none")
        done = EmailNotifier(post, lambda: From("G", "va@va.example"), lambda: NOW).notify(address, NOTICE)
    assert done.result is result
    assert SECRET not in done.detail


def test_a_server_that_takes_nothing_is_asked_once() -> None:
    asked: list[str] = []
    with smtp_sink() as sink:
        port = sink.port
    post = SmtpPost(host="127.0.0.1", port=port, tls="none", password=lambda: asked.append("x") or "")
    notifier = EmailNotifier(post, lambda: From("G", "va@va.example"), lambda: NOW)
    first, second = (notifier.notify("a@b.example", NOTICE) for _ in range(2))
    assert (first.result, second.result) == (Delivery.RETRY, Delivery.RETRY)
    assert "a moment ago" in second.detail
