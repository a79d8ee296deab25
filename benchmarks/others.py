"""More peers, against which there is no target: in `end-to-end` by itself, where they are installed."""

import shutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .peers import fetchmail, searching
from .running import Run, python, run

if TYPE_CHECKING:
    from .endtoend import Stage

WELL = "the same libraries, used well"
PROCMAIL, MAILDROP = "fetchmail -> procmail + formail", "fetchmail -> maildrop + mailbot"
IMAPFILTER, SIEVE = "imapfilter, server search, no reply", "sieve-filter, no reply"
NEEDS: Mapping[str, tuple[str, ...]] = {
    WELL: (),
    PROCMAIL: ("fetchmail", "procmail", "formail"),
    MAILDROP: ("fetchmail", "maildrop", "mailbot"),
    IMAPFILTER: ("imapfilter",),
    SIEVE: ("sieve-filter",),
}
MISSING = {
    PROCMAIL: "sudo apt install fetchmail procmail",
    MAILDROP: "sudo apt install fetchmail maildrop",
    IMAPFILTER: "sudo apt install imapfilter",
    SIEVE: "sudo apt install dovecot-sieve",
}


def variants(at: "Stage") -> dict[str, Callable[[], Run]]:
    """Those that are installed."""
    return {name: lambda name=name: one(at, name) for name, needs in NEEDS.items() if all(map(shutil.which, needs))}


def one(at: "Stage", name: str) -> Run:
    """A run of it."""
    account, place = at.fresh()
    if name == WELL:
        return run(python("peers.well"), {**account.environment, "BENCH_SMTP": str(at.sink.port)})
    if name == IMAPFILTER:
        return run(searching.imapfilter(account, place))
    if name == SIEVE:
        return run(searching.sieve_filter(account, place, at.server.base / "dovecot.conf"))
    return run(fetchmail.command(account, place, at.sink.port, maildrop=name == MAILDROP))
