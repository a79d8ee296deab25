"""The ledger where other programs have it open, where one is killed, where the disk is full or not ours."""

import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.entries import TODAY, entry, mail
from vamaild.adapters.store import SqliteStore
from vamaild.core.ledger import StoreError, Watermark

from .store_file import ROOT, finish, integrity, program

# --- other programs, other processes ---


def test_locked_by_another_program_is_said_and_passes(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program keeps it locked"):
        store.record(entry(1))
    assert store.standing(TODAY).arrived == 0
    other.execute("ROLLBACK")
    other.close()
    assert store.record(entry(1)) == 1


def test_four_processes_read_modify_write_without_a_lost_update(store: SqliteStore, path: Path) -> None:
    store.set_watermark("clienti", Watermark(1, 0))
    body = (
        "for _ in range(150):\n"
        "    with store.transaction():\n"
        "        mark = store.watermark('clienti')\n"
        "        store.set_watermark('clienti', Watermark(1, mark.uid + 1))\n"
    )
    finish([program(path, body) for _ in range(4)])
    assert store.watermark("clienti") == Watermark(1, 600)


def test_four_processes_claim_every_mail_exactly_once(store: SqliteStore, path: Path) -> None:
    with store.transaction():
        for number in range(400):
            store.queue_mail(mail(f"k{number}"))
    body = "while item := store.claim(NOW):\n    print(item.id)\n    store.confirm(item.id, NOW)\n"
    claimed = [int(n) for out in finish([program(path, body) for _ in range(4)]) for n in out.split()]
    assert sorted(claimed) == list(range(1, 401))
    assert integrity(path) == "ok"


@pytest.mark.parametrize("moment", ["inside", "after"])
def test_killed_in_a_transaction_leaves_all_or_nothing(store: SqliteStore, path: Path, moment: str) -> None:
    wait = "print('now', flush=True)\ntime.sleep(60)\n"
    body = (
        "with store.transaction():\n"
        "    for uid in range(1, 300):\n"
        "        store.record(entry(uid, outgoing=(mail(f'k{uid}'),), case=case()))\n"
        "    store.set_watermark('clienti', Watermark(7, 299))\n"
    )
    body += "".join(f"    {line}\n" for line in wait.splitlines()) if moment == "inside" else wait
    other = program(path, body)
    assert other.stdout is not None
    assert other.stdout.readline() == "now\n"
    other.send_signal(signal.SIGKILL)
    other.communicate(timeout=10)
    expected = 0 if moment == "inside" else 299
    found = store.standing(TODAY)
    assert (found.arrived, found.open_cases, sum(found.outbox.values())) == (expected, expected, expected)
    assert (store.watermark("clienti") is not None) == (moment == "after")
    assert integrity(path) == "ok"
    assert store.record(entry(1_000)) > 0


def test_readers_do_not_wait_for_a_writer(store: SqliteStore, path: Path) -> None:
    store.record(entry(1))
    other = SqliteStore(path, busy=0.1)
    with store.transaction():
        store.record(entry(2))
        assert other.standing(TODAY).arrived == 1
    assert other.standing(TODAY).arrived == 2
    other.close()


# --- the disk ---


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "vamaild-test", str(place)], capture_output=True)
    if done.returncode:
        reason = f"a small disk needs the right to mount: {done.stderr.decode().strip()}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_keeps_nothing_of_the_batch_and_recovers_by_itself(small_disk: Path) -> None:
    path = small_disk / "state" / "vamaild.db"
    store = SqliteStore(path)
    store.record(entry(1, outgoing=(mail("k1"),)))
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 8_192))
    kept = 1
    with pytest.raises(StoreError, match=r"the disk is full; nothing of this batch was kept\. Free some space"):
        for uid in range(2, 200):
            with store.transaction():
                store.record(entry(uid, explanation={"x": "y" * 3_000}, outgoing=(mail(f"k{uid}"),)))
            kept += 1
    found = store.standing(TODAY)
    assert found.arrived == sum(found.by_outcome.values()) == found.outbox["queued"] == kept
    filler.unlink()
    store.record(entry(900, outgoing=(mail("k900"),)))
    assert store.standing(TODAY).arrived == kept + 1
    store.close()
    assert integrity(path) == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_of_somebody_else_is_said_to_be_so(tmp_path: Path) -> None:
    body = (
        "import os, sys\nfrom pathlib import Path\nfrom vamaild.adapters.store import SqliteStore\n"
        "from vamaild.core.ledger import StoreError\nfrom tests.contracts.entries import *\n"
        "path = Path(sys.argv[1])\nSqliteStore(path).close()\npath.chmod(0o444)\npath.parent.chmod(0o777)\n"
        "os.setuid(65534)\n"
        "try:\n    SqliteStore(path).record(entry(1))\nexcept StoreError as error:\n    print(error)\n"
    )
    shared = Path("/tmp") / f"vamaild-test-{secrets.token_hex(4)}"
    try:
        done = subprocess.run(
            [sys.executable, "-c", body, str(shared / "vamaild.db")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(shared, ignore_errors=True)
    assert "cannot be written" in done.stdout
