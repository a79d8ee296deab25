"""vamaild over one configuration until there is nothing left to do, as the service does it; tells what it took.

`python -m benchmarks.ours CONFIG STATE MOMENT [--no-send]` prints a line of JSON.
"""

import argparse
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from vamaild import warming, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.systemd import Notifier
from vamaild.boxes import mailroom
from vamaild.core.ledger import State
from vamaild.daemon import Daemon
from vamaild.service import Service

from . import memory


class Silent:
    """A journal that keeps quiet, but for what went wrong."""

    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None:
        print(event, fields, file=sys.stderr)


def service_of(config: Path, state: Path, moment: datetime, clock: MovingClock | None = None) -> Service:
    """Everything a running service holds; its clock runs on from this moment unless there is another.

    Raises SystemExit where the configuration cannot be used.
    """
    loaded = wire.load(config, state, play=False)
    rules = wire.rules_of(loaded)
    if rules is None:
        raise SystemExit("\n".join(str(problem) for problem in loaded.errors))
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return wire.service(rules, wire.open_store(state), clock or MovingClock(moment, runs=True), Silent(), state)


def work(service: Service) -> float:
    """Seconds until every mailbox was looked into and everything that is due has left, or until SIGTERM asks to end.

    Warmed up before, as the service is when it says READY.
    """
    daemon = Daemon(service, Notifier({}), lambda: None)
    daemon.room = mailroom(service)
    daemon.wishes.catch()
    service.stopping = lambda: daemon.wishes.stop
    warming.warm_up(service)
    warming.settle()
    began = time.perf_counter()
    if not daemon.cycle():
        raise SystemExit("a round failed")
    seconds = time.perf_counter() - began
    daemon.room.close()
    return seconds


def peak_mib() -> float:
    """Of this process and of the one that reads mail for it: the most that each has had."""
    return sum(memory.resident(pid, "VmHWM:") for pid in memory.tree(os.getpid()))


def main() -> None:
    """Does it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("moment", type=datetime.fromisoformat)
    parser.add_argument("--no-send", action="store_true")
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    service = service_of(given.config, given.state, given.moment)
    service.send = not given.no_send
    if given.profile:
        import cProfile

        with cProfile.Profile() as profile:
            seconds = work(service)
        profile.dump_stats(given.profile)
    else:
        seconds = work(service)
    standing = service.store.standing(given.moment)
    sent = len(service.store.outbox((State.SENT,)))
    said = {"seconds": seconds, "messages": standing.arrived, "replies": sent, "peak_mib": peak_mib()}
    service.post.close()
    service.store.close()
    wire.apart().close()
    print(json.dumps({**said, "outcomes": {str(k): v for k, v in standing.by_outcome.items()}}))


if __name__ == "__main__":
    main()
