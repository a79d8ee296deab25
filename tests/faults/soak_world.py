"""What the soak runs against: servers, proxies that cut, three mailboxes and the mail that comes into them.

Every customer writes about a thing of his own; machines, lists and our own people's answers come in between.
"""

import asyncio
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from tests.servers import Dovecot, ImapAccount
from tests.system.world import ACME, ASSISTANT, CONTACT, World
from vamaild.adapters.demo.smtp import SmtpSink

BOXES = ("acme", "beta", "gamma")
BEGIN = datetime.fromisoformat("2024-11-04T09:00:00+01:00")
REQUESTS = (
    "Ciao, mi mandi il preventivo numero {n}? Grazie",
    "Buongiorno, vorrei sapere il prezzo dell'articolo {n}.",
    "Mi serve per stasera la bolla {n}, grazie mille",
    "URGENTISSIMO!!! Rispondete!!! Avete visto la mia mail {n}???",
    "Could you send me the price list {n}, please?",
    "Dobrý den, můžete mi poslat ceník {n}? Děkuji",
)
DAMAGES = (
    "Aiuto, si sta allagando il magazzino {n} e l'acqua non si ferma!",
    "Fuoco nel reparto {n}, ci sono feriti, chiamate qualcuno!",
)
MACHINES: tuple[dict[str, str], ...] = (
    {"Auto-Submitted": "auto-replied"},
    {"List-Id": "<news.list.example>", "List-Unsubscribe": "<mailto:x@list.example>"},
    {"Return-Path": "<>", "From": "MAILER-DAEMON@mx.example", "Subject": "Undelivered Mail Returned to Sender"},
    {"Precedence": "bulk"},
)
ABSENT = """
[absence]
from = 2024-11-01
back = 2025-01-07
"""
TUNED = "per_hour = 10000\nper_day = 10000\nper_domain_per_hour = 10000\n"


class Cutting:
    """A TCP proxy that cuts each connection after a random number of bytes, with a reset; unless it is `calm`."""

    def __init__(self, port: int, chance: random.Random, most: int) -> None:
        self.calm, self.cuts, self.port = False, 0, 0
        self._to, self._chance, self._most = port, chance, most
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._meet, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _meet(self, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far, ask = await asyncio.open_connection("127.0.0.1", self._to)
            left = _Left(self._chance.randint(200, self._most))
            await asyncio.gather(self._pump(near, ask, left), self._pump(far, answer, left))
            for writer in (ask, answer):
                writer.transport.abort() if left.bytes < 0 else writer.close()
            self.cuts += left.bytes < 0

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, left: "_Left") -> None:
        with suppress(OSError):
            while not left.over.is_set() and (data := await self._next(source, left)):
                left.bytes -= 0 if self.calm else len(data)
                to.write(data[: left.bytes] if left.bytes < 0 else data)  # it breaks in the middle of a line
                await to.drain()
                if left.bytes < 0:
                    break
        left.over.set()

    async def _next(self, source: asyncio.StreamReader, left: "_Left") -> bytes:
        """What comes next, or nothing when the other direction has ended."""
        reading, ended = asyncio.ensure_future(source.read(65_536)), asyncio.ensure_future(left.over.wait())
        await asyncio.wait((reading, ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if reading.done():
            return reading.result()
        reading.cancel()
        return b""

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


@dataclass
class _Left:
    """How many bytes a connection has before it is cut; `over`: one direction has ended."""

    bytes: int
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Post:
    """What was put into the mailboxes: for each Message-ID what it is, and into which mailbox it went."""

    chance: random.Random
    kinds: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def next(self, sink: SmtpSink, at: datetime) -> tuple[str, bytes]:
        """(mailbox, message): now and then an answer of the assistant to a notice she got, else somebody's mail."""
        notices = [mail.raw for mail in sink.mails[self.seen :] if b"auto-generated" in mail.raw]
        if notices and self.chance.random() < 0.1:
            self.seen = len(sink.mails)
            if answer := self._answer(self.chance.choice(notices), at):
                return self.chance.choice(BOXES), answer
        return self._somebody(at)

    def _somebody(self, at: datetime) -> tuple[str, bytes]:
        number, dice, box = len(self.kinds), self.chance.random(), self.chance.choice(BOXES)
        person = f"p{number if dice < 0.9 else number % 7}@town{number % 40}.example"
        fields = {"From": person, "Return-Path": f"<{person}>", "Subject": f"Faccenda {number}"}
        kind, text = "request", self.chance.choice(REQUESTS)
        if dice < 0.15:
            kind, fields = "machine", fields | self.chance.choice(MACHINES)
        elif dice < 0.20:
            kind, text = "damage", self.chance.choice(DAMAGES)
        elif dice < 0.25:
            kind, fields = "odd", fields | {"Subject": "=?utf-8?q?a=0D=0ABcc:_x=40y?=", "Content-Type": 'x/"'}
        return box, self._built(kind, box, text.format(n=number), fields, at)

    def _answer(self, notice: bytes, at: datetime) -> bytes | None:
        """The assistant takes a case, or says that it is over."""
        key = re.search(rb"(?im)^Message-ID: *(<[^>]+>)", notice)
        subject = re.search(rb"(?im)^Subject: *([^\r\n]*)", notice)
        if ASSISTANT.encode() not in notice or key is None or subject is None:
            return None
        fields = {"From": ASSISTANT, "Return-Path": f"<{ASSISTANT}>", "In-Reply-To": key[1].decode()}
        fields["Subject"] = f"Re: {subject[1].decode('ascii', 'replace')}"
        return self._built("answer", "acme", self.chance.choice(("1", "fatto", "3")), fields, at)

    def _built(self, kind: str, box: str, text: str, fields: dict[str, str], at: datetime) -> bytes:
        key = f"<s{len(self.kinds)}@soak.example>"
        self.kinds[key] = kind
        head = {
            "Return-Path": "", "Delivered-To": f"office@{box}.example", "From": "", "To": f"office@{box}.example",
            "Subject": "", "Date": format_datetime(at), "Message-ID": key, "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
        } | fields  # fmt: skip
        return "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode() + f"\r\n{text}\r\n".encode()


@dataclass
class Place:
    """The world of a soak: what it configures, and how the servers are reached."""

    world: World
    accounts: dict[str, ImapAccount]
    imap: Cutting
    smtp: Cutting


@contextmanager
def place(folder: Path, dovecot: Dovecot, sink: SmtpSink, chance: random.Random) -> Iterator[Place]:
    """Three mailboxes behind a proxy that cuts, and one client with an absence among them."""
    imap, smtp = Cutting(dovecot.tls_port, chance, 150_000), Cutting(sink.port, chance, 30_000)
    accounts = {name: dovecot.account() for name in BOXES}
    world = World(folder, replace(accounts["acme"], port=imap.port), sink)
    quick = ACME.replace('"10m"', '"1h"')
    clients = {f"client-{name}.toml": quick.replace("acme", name).replace("Acme", name.title()) for name in BOXES}
    clients["client-gamma.toml"] = re.sub(r"\[lead\]\ndays = \d+\n", ABSENT, clients["client-gamma.toml"])
    world.build(clients)
    tables = [world.mailbox_table(name=n, user=accounts[n].user) for n in BOXES[1:]]
    usual = {"more_mailboxes": "".join(tables), "smtp": f"smtp://127.0.0.1:{smtp.port}", "send_more": TUNED}
    world.write_main(name=BOXES[0], user=accounts["acme"].user, **usual)
    try:
        yield Place(world, accounts, imap, smtp)
    finally:
        imap.close()
        smtp.close()


def betrayed(sink: SmtpSink) -> list[bytes]:
    """Mails for others than the contact that hold something of his."""
    words = [value.encode() for value in CONTACT.values()]
    return [m.raw for m in sink.mails if CONTACT["email"] not in m.recipients and any(w in m.raw for w in words)]


def open_files(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def resident(process: int) -> int:
    """KiB of memory of this process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(number) for number in found]


def lives(process: int) -> bool:
    """Whether it is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
