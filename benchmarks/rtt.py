"""Over a network with a round trip of 40 ms (a delaying proxy): what it costs to fetch and to send.

Fetching is measured without judging, and sending with the outbox: claimed before, confirmed after.
"""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from vamaild import dispatch
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.mailbox import ImapMailbox
from vamaild.core.ledger import Outgoing, Sort
from vamaild.service import Service

from . import endtoend, ours, setting
from .asked import Asked
from .dovecot import Account
from .endtoend import Stage
from .network import delayed
from .peers import common
from .results import Report
from .running import Run, alternate, python, run, seconds
from .workload import Workload

SIZE, QUICK = 300, 60
MILLISECONDS = 40.0
ENOUGH, FEW = 100, 30  # replies: fewer would measure the signing in, which a connection a mail does every time
FETCH, FETCH_NAIVE = "fetch: vamaild's batches", "fetch: whole messages one by one"
SEND, SEND_NAIVE = "send: vamaild's outbox", "send: a connection a mail"


def fetch(account: Account, port: int) -> Run:
    """Everything that vamaild reads of the inbox."""
    box = ImapMailbox(
        name="x", host="localhost", port=port, user=account.user, password=account.password, ca=account.ca
    )
    box.open()
    began = time.perf_counter()
    count = sum(len(batch) for batch in box.arrivals(0))
    spent = time.perf_counter() - began
    box.close()
    return Run(spent, 0.0, 0.0, {"messages": count})


def queued(config: Path, state: Path, count: int) -> Service:
    """A service with so many replies to send."""
    service = ours.service_of(config, state, endtoend.MOMENT)
    service.clock = MovingClock(endtoend.MOMENT)
    for number in range(count):
        to = f"a{number}@x.example"
        reply = common.answer(to, "Richiesta", "")
        reply["Message-ID"] = f"<{number}.bench@va.example>"
        raw = reply.as_bytes().replace(b"\n", b"\r\n")
        due = endtoend.MOMENT - timedelta(seconds=1)
        service.store.queue_mail(Outgoing(f"k{number}", Sort.COURTESY, to, raw, due, "a", "ordinary"))
    return service


def send(at: Stage, port: int, count: int) -> Run:
    """Everything in the outbox."""
    account, place = at.fresh()
    config = setting.write(place, [setting.Box("inbox", account, account.tls_port)], port)
    service = queued(config, place / "state", count)
    began = time.perf_counter()
    sent = dispatch.send_due(service)
    spent = time.perf_counter() - began
    service.post.close()
    service.store.close()
    if sent != count:
        raise SystemExit(f"{sent} of {count} replies left")
    return Run(spent, 0.0, 0.0)


def naive(at: Stage, imap: int, smtp: int, **more: str) -> Run:
    account, _ = at.fresh()
    environment = {**replace(account, tls_port=imap).environment, "BENCH_SMTP": str(smtp), **more}
    return run(python("peers.naive"), environment)


def measure(asked: Asked) -> Report:
    """The table."""
    size, replies = asked.size, max(asked.size // 3, ENOUGH)
    told = f"{size} messages, {replies} replies, {asked.rounds} rounds"
    report = Report("rtt", f"{size} messages and {replies} replies over {MILLISECONDS:.0f} ms", told)
    with endtoend.stage(Workload(size, attachments=0.0, unique=asked.unique)) as at:
        account = at.server.account(at.pile)
        with delayed(account.tls_port, MILLISECONDS) as imap, delayed(at.sink.port, MILLISECONDS) as smtp:
            found = alternate(
                {
                    FETCH: lambda: fetch(at.server.account(at.pile), imap),
                    FETCH_NAIVE: lambda: naive(at, imap, smtp, BENCH_FETCH_ONLY="1"),
                    SEND: lambda: send(at, smtp, replies),
                    SEND_NAIVE: lambda: naive(at, imap, smtp, BENCH_SEND_ONLY=str(FEW)),
                    "the whole service": lambda: endtoend.vamaild(at, port=imap, smtp=smtp),
                },
                asked.rounds,
            )
    for name, runs in found.items():
        count = {SEND: replies, SEND_NAIVE: FEW}.get(name, size)
        report.add(name, [count / r.seconds for r in runs], "a second")
    what = f"over RTT {MILLISECONDS:.0f} ms, against the naive use:"
    each = {SEND: replies, SEND_NAIVE: FEW}
    taken = {name: [s / each.get(name, size) for s in seconds(runs)] for name, runs in found.items()}
    report.ratio(f"{what} fetch", ">= 15x", 15.0, taken[FETCH_NAIVE], taken[FETCH])
    report.ratio(f"{what} send, server with PIPELINING and CHUNKING", ">= 20x", 20.0, taken[SEND_NAIVE], taken[SEND])
    return report
