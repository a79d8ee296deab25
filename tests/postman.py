"""Carries what a test SMTP server took into a test mailbox, as a provider would, with what its server finds out."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.servers import ImapAccount
from vamaild.adapters.demo.smtp import SmtpSink, Taken

GENUINE = "mx.ferri-av.example; spf=pass smtp.mailfrom=x; dkim=pass header.d=x; dmarc=pass header.from=ferri-av.example"
Carried = Callable[[Taken], bytes | None]


def stamped(headers: Mapping[str, str]) -> Carried:
    """Delivers a mail with these headers on top."""
    top = "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()
    return lambda mail: b"Return-Path: <" + mail.sender.encode() + b">\r\n" + top + mail.raw


@dataclass
class Postman:
    """What is done with the mail to each recipient; None leaves it undelivered. `seen`: the recipients so far."""

    ways: dict[str, Carried]
    usual: Carried = field(default_factory=lambda: stamped({"Authentication-Results": GENUINE}))
    seen: list[str] = field(default_factory=list)

    def carry(self, mail: Taken) -> bytes | None:
        self.seen += mail.recipients
        return self.ways.get(mail.recipients[0], self.usual)(mail)


@contextmanager
def postman(sink: SmtpSink, imap: ImapAccount, ways: dict[str, Carried] | None = None) -> Iterator[Postman]:
    """Works beside the test until its end."""
    worker, over = Postman(dict(ways or {})), threading.Event()

    def work() -> None:
        done = 0
        while not over.wait(0.05):
            while done < len(sink.mails):
                raw = worker.carry(sink.mails[done])
                done += 1
                if raw is not None:
                    with suppress(ConnectionError):
                        imap.deliver(raw)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        over.set()
        thread.join(10)
