"""What only the SQLite store has: a file, other processes, crashes, full disks, damage, migrations, indexes."""

import os
import re
import secrets
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.entries import DAY, NOW, TODAY, asked, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore, database, random_code, schema
from vamaild.core.cases import Advance, NewNotice, NoticeState
from vamaild.core.ledger import Outcome, State, StoreError, Watermark
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Trust
from vamaild.core.rush import RushState
from vamaild.core.trust import DraftFate, Fate, Level, Pause

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "vamaild.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path, busy=0.2)
    yield opened
    opened.close()


def integrity(path: Path) -> str:
    with sqlite3.connect(path) as raw:
        return str(raw.execute("PRAGMA integrity_check").fetchone()[0])


def program(path: Path, body: str) -> subprocess.Popen[str]:
    """Another process that has `store` open."""
    start = (
        "import sys, time\nfrom pathlib import Path\nfrom vamaild.adapters.store import SqliteStore\n"
        "from vamaild.core.ledger import *\nfrom tests.contracts.entries import *\n"
        "store = SqliteStore(Path(sys.argv[1]), busy=30)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", start + body, str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- the file ---


def test_a_new_file_is_private_and_durable(store: SqliteStore, path: Path) -> None:
    store.ran("x", NOW)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for name in ("vamaild.db", "vamaild.db-wal", "vamaild.db-shm"):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600, name
    asks = {name: store._db.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert asks == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert sorted(p.name for p in path.parent.iterdir()) == ["vamaild.db", "vamaild.db-shm", "vamaild.db-wal"]


def test_what_was_kept_is_there_after_opening_again(path: Path) -> None:
    first = SqliteStore(path)
    first.record(entry(1, outgoing=(mail(),), case=case()))
    first.close()
    again = SqliteStore(path)
    assert again.standing(TODAY).arrived == 1
    assert len(again.cases()) == len(again.outbox([State.QUEUED])) == 1
    again.close()


def test_half_a_new_file_is_never_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "_migrate", dies)
    with pytest.raises(KeyboardInterrupt):
        SqliteStore(path)
    assert list(path.parent.iterdir()) == []


# --- damage: refused with a sentence, and left exactly as it was ---


def some_store(path: Path) -> None:
    store = SqliteStore(path)
    for uid in range(1, 200):
        store.record(entry(uid, explanation={"x": "y" * 500}))
    store.close()


def cut_in_half(path: Path) -> None:
    some_store(path)
    os.truncate(path, path.stat().st_size // 2)


def cut_to_nothing(path: Path) -> None:
    some_store(path)
    os.truncate(path, 0)


def first_page_overwritten(path: Path) -> None:
    some_store(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 2000)


def not_a_database(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 400)


def of_another_program(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE bookmarks (url TEXT)")


def written_by_a_newer_version(path: Path) -> None:
    some_store(path)
    with sqlite3.connect(path) as raw:
        raw.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('vamaild', '0999_later', 'x')"
        )


def only_the_log_left(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("vamaild.db-wal").write_bytes(b"committed pages")


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "x").write_text("x")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_in_half, "damaged"),
        (cut_to_nothing, "empty"),
        (first_page_overwritten, "damaged"),
        (not_a_database, "no database"),
        (of_another_program, "another program"),
        (written_by_a_newer_version, "newer vamaild .*0999_later.*before-0999_later"),
        (only_the_log_left, "vamaild.db-wal is still there"),
        (a_folder, "cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_alone(path: Path, damage: Any, words: str) -> None:
    damage(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=words) as refused:
        SqliteStore(path)
    assert str(path) in str(refused.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_damaged_page_deep_inside_is_an_error_when_it_is_met(path: Path) -> None:
    some_store(path)
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(b"\xff" * (path.stat().st_size - 8 * 4096))
    with pytest.raises(StoreError, match="damaged"):
        store = SqliteStore(path)
        for uid in range(1, 200):
            store.find_entry("clienti", uid)


@pytest.mark.parametrize("left", ["vamaild.db-shm", "vamaild.db-wal"])
def test_a_lost_helper_file_is_made_again(path: Path, left: str) -> None:
    some_store(path)
    running = SqliteStore(path)
    running.close()
    path.with_name(left).unlink(missing_ok=True)
    again = SqliteStore(path)
    again.record(entry(1_000))
    assert again.standing(TODAY).arrived == 200
    again.close()


@pytest.mark.parametrize(
    ("sql", "refused"),
    [
        ("UPDATE outbox SET state = 'gone'", "CHECK"),
        ("UPDATE outbox SET not_before = 'tomorrow'", "cannot store TEXT"),
        ("UPDATE outbox SET not_before = 9e18", "cannot store REAL|CHECK"),
        ("UPDATE message SET explanation = '{half'", "CHECK"),
        ("UPDATE message SET received = NULL", "NOT NULL"),
        ("UPDATE queue SET code = 'IO01'", "CHECK"),
        ("UPDATE promise SET state = 'kept'", "CHECK"),
        ("UPDATE promise SET ended_at = 1", "CHECK"),
        ("UPDATE promise SET due = 'Friday'", "cannot store TEXT"),
        ("UPDATE promise SET message = 99", "FOREIGN KEY"),
        ("UPDATE rush SET state = 'sold'", "CHECK"),
        ("UPDATE rush SET state = 'agreed'", "CHECK"),
        ("UPDATE rush SET percent = -50", "CHECK"),
        ("UPDATE rush SET ended_at = 1", "CHECK"),
        ("UPDATE level SET trust = 'total'", "CHECK"),
        ("UPDATE draft_fate SET fate = 'eaten'", "CHECK"),
        ("UPDATE pause SET until = 'Friday'", "cannot store TEXT"),
    ],
)
def test_a_row_mended_by_hand_into_nonsense_is_refused_by_sqlite(
    store: SqliteStore, path: Path, sql: str, refused: str
) -> None:
    draft = mail("k2", state=State.DRAFT)
    store.record(entry(1, outgoing=(mail(), draft), case=case(), promise=promise(), rush=rush()))
    store.set_level(Level("novak", "vacation-first", Trust.SEND, NOW))
    store.settle_draft(DraftFate(2, "novak", "vacation-first", Fate.EDITED, NOW))
    store.pause(Pause("novak", NOW))
    with sqlite3.connect(path) as shell, pytest.raises(sqlite3.IntegrityError, match=refused):
        shell.execute("PRAGMA foreign_keys = ON")
        shell.execute(sql)


# --- migrations ---


def test_an_older_file_is_copied_then_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some_store(path)
    with_next(monkeypatch, "CREATE TABLE next_thing (id INTEGER PRIMARY KEY) STRICT")
    SqliteStore(path).close()
    copy_path = path.parent / "backup" / "vamaild.db.before-0999_next"
    with sqlite3.connect(path) as now, sqlite3.connect(copy_path) as copy:
        assert now.execute("SELECT count(*) FROM next_thing").fetchone() == (0,)
        assert copy.execute("SELECT count(*) FROM message").fetchone() == (199,)
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'next_thing'").fetchone()
    assert stat.S_IMODE(copy_path.stat().st_mode) == 0o600


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some_store(path)
    with_next(monkeypatch, "CREATE TABLE next_thing (id INTEGER PRIMARY KEY) STRICT", "SELECT no_such_function()")
    with pytest.raises(StoreError):
        SqliteStore(path)
    with sqlite3.connect(path) as raw:
        assert not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'next_thing'").fetchone()


def with_next(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    longer = schema.Migrations("vamaild")
    with closing(schema.Database(memory=True, execute_plugins=False)) as empty:
        for known in schema.migrations.pending(empty):
            longer(name=known.name)(known.fn)

    @longer(name="0999_next")
    def following(db: Any) -> None:
        for statement in statements:
            db.execute(statement)

    monkeypatch.setattr(schema, "migrations", longer)
    monkeypatch.setattr(database, "migrations", longer)


def test_the_first_migration_is_never_edited_after_a_release() -> None:
    assert schema.names()[0] == "0001_start"


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


def finish(processes: list[subprocess.Popen[str]]) -> list[str]:
    done = [(p.communicate(timeout=60), p.returncode) for p in processes]
    assert [(code, error) for (_, error), code in done if code] == []
    return [out for (out, _), _ in done]


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


# --- codes and speed ---


def test_case_codes_are_well_formed_and_not_in_a_row() -> None:
    codes = [random_code() for _ in range(2_000)]
    assert all(re.fullmatch(r"[A-HJ-NP-Z2-9]{4}", code) for code in codes)
    assert len(set(codes)) > 1_950
    assert codes != sorted(codes)


def test_no_free_code_is_an_error_and_not_a_loop(path: Path) -> None:
    store = SqliteStore(path, new_code=lambda: "ABCD")
    store.open_case(case(), NOW)
    with pytest.raises(StoreError, match="no free case code"):
        store.open_case(case(), NOW)
    store.close()


def test_nothing_asked_for_every_message_walks_through_the_ledger(store: SqliteStore) -> None:
    """The reason why a ledger of a million messages costs what a new one costs."""
    asked_for: list[tuple[str, Any]] = []
    store.record(entry(1, outgoing=(mail(),)))
    store._db.db._tracer = lambda sql, values: asked_for.append((sql, values))
    drafts = tuple(mail(key, state=State.DRAFT) for key in ("k3", "k4"))
    store.record(entry(2, outgoing=(mail("k2"), *drafts), case=case(), promise=promise(), rush=rush()))
    store.history(
        asked(references=("<m1@shop.example>",), text_mark="aa", people=("boss@x.example",), week_begins=TODAY)
    )
    ask_the_books(store)
    store.bounced(["<k2@vamaild.example>"], NOW)
    store.answers("novak", ["<m1@shop.example>"], ["boss@x.example"])
    store.reports_since(NOW)
    store.waiting_for("novak", ["boss@x.example", "carla@x.example"])
    store.replies_to(1)
    store.withdraw(2, "answered")
    store.reopen(2, "stopped")
    store.answer_given(2)
    tuple(store.decided_between(TODAY, NOW + DAY))
    store.known("clienti", ["print-1"])
    store.marked("clienti", 7, [1])
    store.unmarked("clienti", 7)
    store.claim(NOW)
    store.confirm(1, NOW)
    store.interrupted()
    store.unfiled()
    store.filed(1, NOW)
    store.find_entry("clienti", 1)
    store.entry(1)
    store.watched()
    ask_the_chains(store)
    store._db.db._tracer = None
    walks = []
    for sql, values in asked_for:
        if sql.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            continue
        plan = [row["detail"] for row in store._db.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
        walks += [
            (sql, step)
            for step in plan
            if re.match(
                r"SCAN (message|matter|outbox|queue|promise|rush|level|draft_fate|pause|notice|case_event)\b", step
            )
        ]
        listing = sql.endswith("FROM outbox WHERE state = ? ORDER BY id")
        walks += [(sql, step) for step in plan if "outbox_state (state=?" in step and not listing]
    # A partial index that holds nothing but what is asked for is read from end to end: that is what it is for.
    assert [
        w
        for w in walks
        if not re.search(r"USING (COVERING )?INDEX (outbox_unfiled|promise_open|queue_watched|notice_ready)", w[1])
    ] == []
    assert len(asked_for) > 60


TABLES = "message|matter|outbox|queue|promise|rush|level|draft_fate|pause|notice|case_event"
READ_WHOLE = "outbox_unfiled|promise_open|queue_watched|notice_ready"


def ask_the_chains(store: SqliteStore) -> None:
    """Whatever is asked or changed while an emergency goes its way."""
    store.record(entry(20, case=case(escalates=True, damage="water"), outcome=Outcome.ESCALATED))
    store.record(entry(21, subject="Matter number 20", case=case(escalates=True), outcome=Outcome.ESCALATED))
    (open_case,) = store.watched()
    told = NewNotice("<n1@va.example>", "me", "email", 1, "ask")
    store.advance(open_case.code, open_case.version, Advance({}, NOW, notices=(told,)), NOW)
    (row,) = store.notices_ready(NOW)
    store.notice_handed(row.id, NOW)
    store.notice_settled(row.id, NoticeState.DELIVERED, NOW)
    store.notice_of([told.key])
    store.notices(open_case.code)
    store.case_events(open_case.code)
    store.disturbances("novak", NOW - DAY)
    store.cried_wolf("novak", "eva@shop.example", NOW - DAY)


def ask_the_books(store: SqliteStore) -> None:
    """Whatever is asked or changed for every message, or every round."""
    store.promises()
    store.promises_of([1, 2])
    store.reminders_due(NOW)
    store.reminded(1, NOW)
    store.end_promise(store.add_promise(promise(), 1, NOW), PromiseState.KEPT, NOW)
    store.rushes([RushState.TAKEN])
    store.rush_of_case("ABCD")
    store.offers_expired(NOW)
    store.sold_since("novak", TODAY)
    store.take(1, 1, "Eva", NOW, "ABCD")
    store.end_rush(1, RushState.AGREED, NOW)
    store.set_hours(1, 2, True)
    store.settle_draft(DraftFate(3, "novak", "vacation-first", Fate.DISCARDED, NOW))
    store.settle_draft(DraftFate(4, "novak", "vacation-first", Fate.EDITED, NOW))
    store.settle(4, State.DRAFT)
    store.approve_draft(DraftFate(4, "novak", "vacation-first", Fate.UNCHANGED, NOW), NOW + DAY)
    store.fates("novak", "vacation-first", TODAY)
    store.set_level(Level("novak", "vacation-first", Trust.SEND, NOW))
    store.levels("novak")
    store.pause(Pause("rossi", NOW))
    store.resume("rossi")
    store.settle(1, State.STOPPED)
    store.settle(1, State.QUEUED)
    store.withdraw(2, "answered")


def test_a_ledger_of_the_first_version_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = schema.Migrations("vamaild")
    old(name="0001_start")(schema.start)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", old)
        before.setattr(database, "migrations", old)
        SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        columns = "received, decided_at, size, client, address, language, kind, action, outcome, reason, fingerprint"
        raw.execute(
            f"INSERT INTO message (id, mailbox, uidvalidity, uid, {columns}, message_id, refs, subject, explanation) "
            "VALUES (1, 'clienti', 7, 1, 1, 1, 9, 'novak', 'eva@shop.example', 'cs', '', '', 'answered', '', 'p', "
            "'', '[]', 'x', '{}')"
        )
        raw.execute(
            "INSERT INTO outbox (key, sort, state, not_before, made_at, message, recipient, client, template, "
            "case_code, raw) VALUES ('<k@x>', 'courtesy', 'sent', 1, 1, 1, 'Bounce-1@Shop.example', 'novak', "
            "'vacation-first', '', x'')"
        )
    store = SqliteStore(path)
    assert [s.template for s in store.history(asked()).said] == ["vacation-first"], "by the author of what it answers"
    row = store._db.rows("SELECT domain FROM outbox")[0]
    assert row["domain"] == "shop.example"
    store.close()


def test_a_case_that_was_taken_before_the_chain_was_kept_stays_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = schema.Migrations("vamaild")
    for name, change in (
        ("0001_start", schema.start),
        ("0002_breakers", schema.breakers),
        ("0003_promises", schema.promises),
    ):
        old(name=name)(change)
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", old)
        before.setattr(database, "migrations", old)
        SqliteStore(path).close()
    with sqlite3.connect(path) as raw:
        for code, by, at in (("ABCD", "petr-sea", 5), ("ABCE", "", None)):
            raw.execute(
                "INSERT INTO queue (code, client, reason, note, who, subject, escalates, due, opened, step, "
                "acknowledged_at, acknowledged_by) VALUES (?, 'novak', 'emergency', '', 'Eva', 'x', 1, 9, 1, 2, ?, ?)",
                (code, at, by),
            )
    store = SqliteStore(path)
    taken, free = store.cases()
    assert (taken.acknowledged_by, taken.chain, taken.version, taken.step) == ("petr-sea", {}, 0, 2)
    assert free.acknowledged_at is None
    assert [c.code for c in store.watched()] == ["ABCD", "ABCE"]
    store.close()
