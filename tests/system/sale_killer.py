"""Many short lives of the service, each a process that may kill itself: `python sale_killer.py CONFIG`.

Reads lines "STATE TIME POINT WORK" and answers each with the exit code of that life, -9 when it was killed. The rules
are read once; every life is a fork, with a store, servers and a clock of its own. WORK is `look` (one round of the
daemon) or the code of a case to which the assistant says yes.

POINT is one of those of killer.py, `after:METHOD` (the store has done this, its transaction is not committed), `done`
(all is done, the process has not ended) or `never`.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.system.killer import Killer, Wrapped, around, die
from tests.system.story import MARCO, OFFICE, RUSHED, Nobody, Quiet, on
from tests.system.world import raw
from vamaild import rushes, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.lock import only_one
from vamaild.core.decide import decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History
from vamaild.core.rush import RushState
from vamaild.daemon import Daemon
from vamaild.service import Rules, Service


class SaleKiller(Killer):
    """Also dies after any method of the store."""

    def store(self, inner: Any) -> Any:
        method = self.point.removeprefix("after:")
        wrapped = super().store(inner)
        if method == self.point:
            return wrapped

        def last(*arguments: Any, **named: Any) -> None:
            getattr(inner, method)(*arguments, **named)
            die()

        return Wrapped(inner, **{method: last})


def life(rules: Rules, state: Path, now: datetime, killer: SaleKiller, work: str) -> None:
    """One life of the service, or of the verb."""
    around("mailbox", killer.mailbox)
    around("open_store", killer.store)
    around("post", killer.post)
    service = wire.service(rules, wire.open_store(state), MovingClock(now), Quiet())
    if work == "look":
        with only_one(state):
            look(service)
    else:
        yes(service, work, now)
    killer.at("done")
    service.store.close()


def look(service: Service) -> None:
    daemon = Daemon(service, Nobody(), lambda: None)
    daemon.start()
    if not daemon.pass_once():
        raise SystemExit(4)


def yes(service: Service, code: str, now: datetime) -> None:
    known = (r for r in service.store.rushes(tuple(RushState)) if r.case == code)
    rushes.confirm(service, next(known), 1.5, True, now)


def in_a_child(run: Callable[[], None]) -> int:
    """Its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        run()
    except BaseException:  # noqa: BLE001 - the child must not go on as the parent
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def warm(rules: Rules) -> None:
    """Judges a message once, so that not every life must load the detector of languages and the texts anew."""
    mail = raw(RUSHED, sender=MARCO, to=OFFICE, at=on(10, 40))
    message = wire.reader()(Arrival(1, 1, on(10, 40), len(mail), mail))
    decide(message, rules.rulebook.clients[0], rules.rulebook, History(), rules.tools, on(10, 40))


def main(config: Path) -> None:
    rules = wire.rules_of(wire.load(config, play=False))
    assert rules is not None
    warm(rules)
    for line in sys.stdin:
        state, now, point, work = line.split()
        moment, killer = datetime.fromisoformat(now), SaleKiller(point)
        print(in_a_child(lambda: life(rules, Path(state), moment, killer, work)), flush=True)  # noqa: B023


if __name__ == "__main__":
    main(Path(sys.argv[1]))
