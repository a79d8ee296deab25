"""kill -9 in the middle of a purge, an erasure or a copy: the ledger is sound, and the work is finished next time.

And a copy that is put back: it runs; what came after it is judged again, and nobody is answered twice who is paused.
"""

import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.test_store_erasure import EVA, fill, left, of_eva, sound, sums
from tests.contracts.entries import NOW, entry, mail
from tests.system.bench import MARCO, PLAIN, RUSHED, Bench
from vamaild import round
from vamaild.adapters.store import SqliteStore, copies
from vamaild.core.ledger import Outcome, State
from vamaild.core.privacy import Person, planned

ROOT = Path(__file__).parents[2]
LATER = NOW + timedelta(days=60)
KILLED = """
import os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from vamaild.adapters.store import SqliteStore
from vamaild.core.privacy import Person, planned

path, work, after = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store, now = SqliteStore(path), datetime.fromisoformat(sys.argv[4])
left = [after]

def die(*_):
    left[0] -= 1
    if left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0

if work == "purge":
    store._db.db.conn.set_trace_callback(die)
    plan = planned(now, timedelta(days=30), timedelta(days=50), {})
    while store.purge(plan, 3):
        pass
elif work == "erase":
    store._db.db.conn.set_trace_callback(die)
    store.forget(Person("eva@mala.example"), now)
    store.tidy(whole=True)
elif work == "rewrite":
    store._db.db.conn.set_progress_handler(die, 500)
    store.tidy(whole=True)
else:
    store._lively = lambda alive: store._db.db.conn.set_progress_handler(die, 500)
    store.backup_nightly(now)
"""


def killed(path: Path, work: str, after: int) -> bool:
    """Runs the work in a process of its own, which dies at this step; False when it was over before."""
    command = [sys.executable, "-c", KILLED, str(path), work, str(after), LATER.isoformat()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, env=os.environ)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode != 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "vamaild.db")
    for number in range(1, 12):
        of_eva(store, number)
    fill(store, [entry(n, address="jan@x.example", outgoing=(mail(f"k{n}"),)) for n in range(20, 30)], [])
    store.close()
    return tmp_path / "vamaild.db"


@pytest.mark.slow
@pytest.mark.parametrize("after", [3, 8, 20, 33, 60, 90, 130])
def test_a_purge_goes_on_where_it_was_killed(path: Path, after: int) -> None:
    killed(path, "purge", after)
    store = SqliteStore(path)
    assert sound(store) or after  # half done is whole: every batch is one transaction
    plan = planned(LATER, timedelta(days=30), timedelta(days=50), {})
    while store.purge(plan, 100):
        pass
    assert store.purgeable(plan) == {} and sound(store)
    assert sums(store)[0] == 21  # type: ignore[index]  # how many arrived
    assert len(store.known("clienti", [f"print-{n}" for n in range(1, 40)])) == 21
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("after", [2, 9, 14, 18, 22, 26, 30])
def test_an_erasure_is_done_whole_or_not_at_all(path: Path, after: int) -> None:
    killed(path, "erase", after)
    store = SqliteStore(path)
    found = store.about(Person(EVA))
    assert found.rows.get("message", 0) in (0, 11) and sound(store)
    store.forget(Person(EVA), LATER)
    assert store.tidy(whole=True) and left(store) == []
    assert store.standing(NOW).arrived == 21
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("work", ["rewrite", "backup"])
@pytest.mark.parametrize("after", [1, 2, 4])
def test_a_copy_and_a_rewritten_file_are_whole_or_the_old_ones(path: Path, work: str, after: int) -> None:
    assert killed(path, work, after)
    store = SqliteStore(path)
    assert sound(store) and store.standing(NOW).arrived == 21
    assert not [c for c in copies.listed(path.parent) if work == "backup"]
    made = store.backup_nightly(LATER)
    assert [p.name for p in made.parent.iterdir()] == [made.name]
    store.close()


# --- put back


def put_back(bench: Bench, copy: Path) -> None:
    """As docs/privacy.md says."""
    for name in ("vamaild.db", "vamaild.db-wal", "vamaild.db-shm"):
        (bench.state / name).unlink(missing_ok=True)
    shutil.copyfile(copy, bench.state / "vamaild.db")


def look(bench: Bench) -> None:
    with bench.service() as service:
        for mailbox in service.mailboxes.values():
            round.look_into(mailbox, service)


@pytest.mark.parametrize("paused", [True, False])
def test_a_copy_that_is_put_back_runs(bench: Bench, paused: bool) -> None:
    bench.write(RUSHED)
    assert bench.send() == [MARCO]
    assert bench.ask("backup").code == 0
    bench.write(PLAIN, subject="Altro lavoro")
    assert bench.send() == [MARCO]
    put_back(bench, bench.state / "backup/vamaild-2026-11-26.db")
    if paused:
        assert bench.ask("pause").code == 0
    look(bench)
    with bench.store() as store:
        assert store.standing(NOW).by_outcome == {Outcome.ANSWERED: 2}  # what was before the copy is not judged again
        waiting = store.outbox((State.QUEUED,))
    assert [item.mail.template for item in waiting] == ["ordinary"]
    left_again = bench.send()
    assert left_again == ([] if paused else [MARCO]), "docs/privacy.md says: pause first"
    if paused:
        code = bench.ask("outbox").out
        assert MARCO in code or "Marco" in code
        assert bench.ask("outbox", "stop", f"m-{waiting[0].id}").code == 0
        assert bench.ask("resume").code == 0
        assert bench.send() == []
