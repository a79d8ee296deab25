"""Two services facing each other on real IMAP and SMTP servers, and what comes back: nothing may go round in circles.

Both run in this process, each with its own servers, ledger and configuration, and share a clock that the test moves.
Between them stands a post that may lie: it strips what marks a mail as automatic and changes a byte of every address
and identifier, as responders do whose ticket numbers are in their addresses.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from tests.servers import PASSWORD, ImapAccount
from vamaild import wire
from vamaild.adapters.demo.imap import imap_server
from vamaild.adapters.demo.smtp import SmtpSink, Taken
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import Outcome, State
from vamaild.daemon import Daemon
from vamaild.service import Rules, Service

from .world import ACME, ASSISTANT, BETA, NOW, ORDINARY, World, letter, raw, sink_with_login

pytestmark = pytest.mark.slow

ALL_OF = {"acme": "*@acme.example", "beta": "*@beta.example"}
AUTOMATIC = re.compile(
    rb"^(Auto-Submitted|X-Auto-Response-Suppress|Precedence|X-Loop):.*\r\n", re.IGNORECASE | re.MULTILINE
)
NO_MORE, ASKING = "Da parte sua non serve altro.", "Mi manda poi anche il preventivo?"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Quiet:
    """Nobody watches over the service."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


@dataclass
class Moving:
    """The clock of both sides."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Side:
    """One running service."""

    name: str
    world: World
    service: Service
    daemon: Daemon
    handed_on: int = 0

    def look(self) -> None:
        for due in self.daemon.due.values():
            due.at = self.service.now()
        assert self.daemon.cycle()

    def new_mails(self) -> list[Taken]:
        mails = self.world.sink.mails[self.handed_on :]
        self.handed_on = len(self.world.sink.mails)
        return mails

    def replies(self) -> list[EmailMessage]:
        return [m for m in map(letter, self.world.sink.mails) if m["Auto-Submitted"] == "auto-replied"]

    def notes(self) -> list[EmailMessage]:
        return [m for m in map(letter, self.world.sink.mails) if m["Auto-Submitted"] == "auto-generated"]


@contextmanager
def side(name: str, clients: dict[str, str], world: World, clock: Moving, **more: str) -> Iterator[Side]:
    world.build(clients, **more)
    rules = wire.rules_of(wire.load(world.config, world.state))
    assert rules is not None
    world.state.mkdir(parents=True)
    store = SqliteStore(world.state / "vamaild.db")
    service = wire.service(rules, store, clock, wire.journal(rules.settings, clock, world.state))  # type: ignore[arg-type]
    try:
        yield Side(name, world, service, Daemon(service, Quiet(), lambda: None))
    finally:
        service.post.close()
        for mailbox in service.mailboxes.values():
            mailbox.close()
        store.close()


@pytest.fixture
def clock() -> Moving:
    return Moving()


@pytest.fixture
def facing(pymap: ImapAccount, post_office: SmtpSink, tmp_path: Path, clock: Moving) -> Iterator[tuple[Side, Side]]:
    """Acme's service and Beta's; each takes everything that comes for its domain."""
    files = [
        {f"client-{name}.toml": text.replace(f"office@{name}.example", ALL_OF[name])}
        for name, text in (("acme", ACME), ("beta", BETA))
    ]
    with imap_server("beta", PASSWORD) as server, sink_with_login() as sink:
        other = ImapAccount("pymap", server.host, server.port, "none", server.user, server.password)
        with (
            side("acme", files[0], World(tmp_path / "acme", pymap, post_office), clock) as acme,
            side("beta", files[1], World(tmp_path / "beta", other, sink), clock) as beta,
        ):
            yield acme, beta


# ---- the post between them


@dataclass
class Honest:
    """Hands on what it gets."""

    def __call__(self, mail: Taken) -> bytes:
        return b"Return-Path: <>\r\n" + mail.raw


@dataclass
class Lying:
    """Nothing shows that a machine wrote, and it asks; address and identifiers are other ones each time."""

    new_name: Callable[[str, int], str]
    keeps_ids: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __call__(self, mail: Taken) -> bytes:
        number = next(self.numbers)
        text = AUTOMATIC.sub(b"", mail.raw).decode("ascii")
        sender = str(letter(mail)["From"].addresses[0].addr_spec)
        local, _, domain = sender.partition("@")
        other = f"{self.new_name(local, number)}@{domain}"
        text = text.replace(sender, other)
        own = "Message-ID" if self.keeps_ids else "Message-ID|In-Reply-To|References"
        fields = re.compile(rf"^(?:{own}):.*(?:\r\n[ \t].*)*", re.MULTILINE)
        text = fields.sub(lambda m: re.sub(r"<(.)", lambda i: f"<{LETTERS[number % 26]}", m[0]), text)
        head, _, body = text.partition("\r\n\r\n")
        assert "auto-" not in head.lower()
        text = f"{head}\r\n\r\n{body.replace(NO_MORE, ASKING)}"  # else it would end because nothing is asked
        return f"Return-Path: <{other}>\r\n{text}".encode("ascii")


def a_byte(local: str, number: int) -> str:
    """Another last letter each time."""
    return local[:-1] + LETTERS[number % 26]


def a_number(local: str, number: int) -> str:
    return f"{local.rstrip('0123456789')}{4000 + number}"


def a_new_name(local: str, number: int) -> str:
    return ("magnolia", "sequoia", "tiglio", "quercia", "betulla", "acero")[number % 6]


FAST, SLOW = timedelta(seconds=20), timedelta(minutes=10)
TURNS = 10
TABLE = [
    ("honest", Honest, FAST, 1),
    ("honest, slow", Honest, SLOW, 1),
    ("a byte, ids kept", lambda: Lying(a_byte, keeps_ids=True), FAST, 2),
    ("a byte, ids kept, slow", lambda: Lying(a_byte, keeps_ids=True), SLOW, 2),
    ("a byte", lambda: Lying(a_byte), FAST, 2),
    ("a byte, slow", lambda: Lying(a_byte), SLOW, 2),
    ("a number, slow", lambda: Lying(a_number), SLOW, 2),
    ("a new name", lambda: Lying(a_new_name), FAST, 2),
    ("a new name, slow", lambda: Lying(a_new_name), SLOW, 3),
]
"""How the other side behaves, how long a mail is on its way, and how many automatic mails there may be in all: one
where nobody lies; two, one from each side, where a byte changes or an answer is too quick; three, less than two rounds,
where the other side has another name each time and takes its time."""


@pytest.mark.parametrize(("behaves", "post", "step", "most"), TABLE, ids=[t[0] for t in TABLE])
def test_two_services_stop_at_once(
    facing: tuple[Side, Side], clock: Moving, behaves: str, post: Callable[[], Callable[[Taken], bytes]],
    step: timedelta, most: int,
) -> None:  # fmt: skip
    acme, beta = facing
    carry = post()
    acme.world.imap.deliver(raw(sender="anna@beta.example", to="office@acme.example", at=clock.at), when=clock.at)
    for _ in range(TURNS):
        for here, there in ((acme, beta), (beta, acme)):
            here.look()
            clock.at += step
            for mail in here.new_mails():
                if b"auto-generated" not in mail.raw:
                    there.world.imap.deliver(carry(mail), when=clock.at)
    sent = [f"{s.name}: {m['From']} -> {m['To']}: {m['Subject']}" for s in facing for m in s.replies()]
    assert len(sent) == most, "\n".join(sent)
    assert acme.replies(), "the person was answered"
    arrived = {s.name: len(s.world.imap.mails()) for s in facing}
    standing = {s.name: s.service.store.standing(NOW).arrived for s in facing}
    assert arrived == standing, "everything was looked at"
    if behaves.startswith("honest"):
        assert all(s.service.store.standing(NOW).open_cases == 0 for s in facing)
    else:
        waiting = [c.case.reason for s in facing for c in s.service.store.cases()]
        assert len(waiting) == 1, f"a person sees where it stopped: {waiting}"


# ---- somebody has answered


@pytest.fixture
def alone(pymap: ImapAccount, post_office: SmtpSink, tmp_path: Path, clock: Moving) -> Iterator[Side]:
    colleague = '\n[[person]]\nemail = "laura@acme.example"\nname  = "Laura"\nrole  = "colleague"\n'
    text = ACME.replace("[lead]", f"{colleague}\n[lead]")
    with side("acme", {"client-acme.toml": text}, World(tmp_path, pymap, post_office), clock) as found:
        yield found


def answer(sender: str, **headers: str) -> bytes:
    more = {"In-Reply-To": "<1@customer.example>", **headers}
    return raw("Ciao Carla, arriva oggi.", sender=sender, subject="Re: Preventivo", number=77, headers=more)


ANSWERS = [
    ("the owner, in Sent", "Sent", answer("office@acme.example"), True),
    ("the owner, by copy", "INBOX", answer("office@acme.example"), True),
    ("a colleague, by copy", "INBOX", answer("laura@acme.example"), True),
    ("a colleague's responder", "INBOX", answer("laura@acme.example", **{"Auto-Submitted": "auto-replied"}), False),
    ("a machine's copy in Sent", "Sent", answer("office@acme.example", **{"Auto-Submitted": "auto-replied"}), False),
    ("another thread", "Sent", answer("office@acme.example", **{"In-Reply-To": "<2@customer.example>"}), False),
]


@pytest.mark.parametrize(("who", "folder", "mail", "dropped"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_a_person_was_quicker(alone: Side, clock: Moving, who: str, folder: str, mail: bytes, dropped: bool) -> None:
    alone.service.rules = with_wait(alone, timedelta(minutes=4))
    alone.world.imap.deliver(raw(at=clock.at), when=clock.at)
    alone.look()
    assert alone.service.store.standing(NOW).outbox == {"queued": 1}
    alone.world.imap.deliver(mail, folder=folder, when=clock.at + timedelta(minutes=1))
    clock.at += timedelta(minutes=5)
    alone.look()
    assert len([m for m in alone.replies() if "carla" in str(m["To"])]) == (0 if dropped else 1)
    first = alone.service.store.entry(1)
    assert first is not None
    expected = (Outcome.NO_REPLY, "answered") if dropped else (Outcome.ANSWERED, "")
    assert (first.outcome, first.reason) == expected
    assert len(alone.service.store.outbox((State.STOPPED,))) == dropped


def with_wait(found: Side, wait: timedelta) -> Rules:
    """The same rules, but a reply waits so long."""
    rules = found.service.rules
    return replace(rules, sending=replace(rules.sending, wait=wait))


# ---- what comes back


def bounce(key: str, number: int, status: str = "5.1.1") -> bytes:
    """A delivery report as Postfix writes it, about a mail with this Message-ID."""
    return (
        f"Return-Path: <>\r\nDelivered-To: office@acme.example\r\nFrom: MAILER-DAEMON@mx{number}.example\r\n"
        f"To: office@acme.example\r\nSubject: Undelivered Mail\r\nMessage-ID: <b{number}@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="BB"\r\n\r\n'
        "--BB\r\nContent-Type: text/plain\r\n\r\nThis is the mail system. I'm sorry.\r\n"
        "--BB\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; carla@customer.example\r\nAction: failed\r\nStatus: {status}\r\n\r\n"
        f"--BB\r\nContent-Type: message/rfc822\r\n\r\nFrom: office@acme.example\r\nMessage-ID: {key}\r\n\r\nCiao\r\n"
        "--BB--\r\n"
    ).encode()


@pytest.mark.parametrize(("status", "quiet"), [("5.1.1", True), ("4.2.2", False)])
def test_an_address_that_bounces_gets_nothing_for_sixty_days(
    alone: Side, clock: Moving, status: str, quiet: bool
) -> None:
    alone.world.imap.deliver(raw(at=clock.at), when=clock.at)
    alone.look()
    (reply,) = alone.replies()
    for number in (1, 2):
        alone.world.imap.deliver(bounce(reply["Message-ID"], number, status), when=clock.at)
    alone.look()
    assert [str(n["To"]) for n in alone.notes()] == [ASSISTANT] * quiet
    assert [c.case.reason for c in alone.service.store.cases()] == ["bounced"] * quiet
    for days, number in ((59, 3), (62, 4)):
        clock.at = NOW + timedelta(days=days)
        again = raw("Avete una data per la posa?", subject=f"Posa {number}", number=number, at=clock.at)
        alone.world.imap.deliver(again, when=clock.at)
        alone.look()
    assert len(alone.replies()) == (2 if quiet else 3)
    about = [str(n["Subject"]) for n in alone.notes() if "carla" in str(n["Subject"])]
    assert all("consegnata" in subject or subject.startswith("Promessa ") for subject in about)


def test_over_a_limit_sorting_goes_on_and_one_note_is_sent(
    pymap: ImapAccount, post_office: SmtpSink, tmp_path: Path, clock: Moving
) -> None:
    world = World(tmp_path, pymap, post_office)
    with side("acme", {"client-acme.toml": ACME}, world, clock, send_more="per_domain_per_hour = 3") as acme:
        for number in range(8):
            name, text = a_new_name("", number), f"{ORDINARY} Vetri {'blu ' * number}"
            one = raw(
                text, sender=f"{name}{number}@shop.example", subject=f"Vetri {number}", number=number, at=clock.at
            )
            other = raw(sender=f"{name}@shop{number}.example", number=number + 50, at=clock.at)
            world.imap.deliver(one, other, when=clock.at)
            acme.look()
            clock.at += timedelta(seconds=90)
        assert sum("@shop.example" in str(m["To"]) for m in acme.replies()) == 3
        assert len(acme.replies()) == 11, "others are answered as ever"
        assert [c.case.reason for c in acme.service.store.cases()] == ["per-domain"] * 5
        (note,) = acme.notes()
        assert str(note["To"]) == ASSISTANT
        assert "shop.example sono andate 3 risposte" in note.get_content()


# ---- five thousand bounces

BOUNCES = 5_000
MOST_GROWTH_MB = 24
"""What the whole process may grow by between the first thousand bounces and the last; the caches of SQLite (16 MB) are
part of it."""


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1_000_000


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_five_thousand_bounces_in_an_hour(alone: Side, clock: Moving) -> None:
    senders = [f"{a_new_name('', n)}@shop{n}.example" for n in range(3)]
    alone.world.imap.deliver(*(raw(sender=s, number=n, at=clock.at) for n, s in enumerate(senders, 1)), when=clock.at)
    alone.look()
    keys = [str(m["Message-ID"]) for m in alone.replies()]
    assert len(keys) == 3
    after_a_thousand = 0.0
    for start in range(0, BOUNCES, 500):
        with alone.world.imap.client() as client:
            for number in range(start, start + 500):
                client.append("INBOX", bounce(keys[number % 3], number), msg_time=clock.at)
        alone.look()
        clock.at += timedelta(minutes=5)
        after_a_thousand = resident_mb() if start == 500 else after_a_thousand
    grown = resident_mb() - after_a_thousand
    standing = alone.service.store.standing(NOW)
    assert standing.arrived == BOUNCES + 3
    assert standing.by_reason["report"] == BOUNCES
    assert len(alone.replies()) == 3, "no bounce was answered"
    assert [str(n["To"]) for n in alone.notes()] == [ASSISTANT]
    assert standing.open_cases == 3, "one for each address"
    assert grown < MOST_GROWTH_MB, f"{grown:.1f} MB"
    print(f"{BOUNCES} bounces: the process grew by {grown:.1f} MB after the first thousand")
