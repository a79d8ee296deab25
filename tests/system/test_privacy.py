"""Privacy as it is asked for from the shell, over ledgers that the real service has filled."""

import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.bench import MARCO, NOVAK, PLAIN, ROSSI, RUSHED, STRANGER, Bench
from vamaild import chain, dispatch, purging
from vamaild.cli.erasing import holds
from vamaild.core.privacy import code
from vamaild.core.promise import PromiseState
from vamaild.core.rush import RushState

DONE, ATTENTION, USAGE, NOT_FOUND, SAFETY = 0, 1, 2, 5, 6
EVA = ("eva@mala.example", "Kdovíkdy", "nabídku-Xerxes", "Zvonkohra-7781")
"""Her address, and words of hers that stand nowhere else."""


def busy(bench: Bench) -> None:
    """Marco asks twice; Eva asks, then her cellar is flooded, in another spelling; everybody is told."""
    bench.write(RUSHED)
    bench.send()
    bench.write(PLAIN, subject="Altro lavoro")
    bench.send()
    bench.go(9, 0, day=30)
    words = "Dobrý den, Kdovíkdy prosím o nabídku-Xerxes. Děkuji"
    bench.write(words, sender=STRANGER, to=NOVAK, subject="Zvonkohra-7781")
    bench.send()
    flood = "Praskla přípojka a teče to stropem do prodejny! Kdovíkdy"
    bench.write(flood, sender="EVA+shop@Mala.example", to=NOVAK, subject="Zvonkohra-7781")
    with bench.service() as service:
        chain.watch(service)
        dispatch.send_due(service)


def files(bench: Bench) -> Iterator[Path]:
    yield from (p for p in bench.state.rglob("*") if p.is_file() and p.suffix != ".key")


def left(bench: Bench, *words: str) -> list[str]:
    return [path.name for path in files(bench) if holds(path, words)]


def whole(bench: Bench) -> None:
    """The audit finds nothing wrong."""
    with pytest.raises(SystemExit) as ended:
        bench.ask("audit", "--offline")
    assert ended.value.code == DONE


def test_what_is_kept_is_shown_and_handed_out(bench: Bench, tmp_path: Path) -> None:
    busy(bench)
    said = bench.ask("person", "show", "Eva@Mala.Example")
    assert said.code == DONE
    assert "client novak" in said.out and "2 messages" in said.out and "(2 with text)" in said.out
    assert re.search(r"still open: case \w{4}, .*promise \d", said.out)
    assert bench.ask("person", "export", STRANGER, str(tmp_path / "eva")).code == DONE
    messages = [json.loads(line) for line in (tmp_path / "eva/message.jsonl").read_text().splitlines()]
    assert [m["subject"] for m in messages] == ["Zvonkohra-7781"] * 2
    assert list((tmp_path / "eva/mails").glob("*.eml"))
    assert stat.S_IMODE((tmp_path / "eva").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in (tmp_path / "eva").rglob("*")} == {0}
    everything = b"".join(p.read_bytes() for p in (tmp_path / "eva").rglob("*") if p.is_file())
    assert MARCO.encode() not in everything
    assert b"petr.more" not in everything
    assert bench.ask("person", "export", STRANGER, str(tmp_path / "eva")).code == ATTENTION


def test_somebody_is_erased_without_a_trace(bench: Bench) -> None:
    busy(bench)
    before = json.loads(bench.ask("status", "--json").out)
    assert left(bench, *EVA)
    assert bench.ask("person", "erase", STRANGER, "--confirm", STRANGER).code == SAFETY  # open: a case, promises
    assert bench.ask("person", "erase", STRANGER, "--anyway").code == SAFETY  # nobody to ask
    assert bench.ask("person", "erase", STRANGER, "--anyway", "--confirm", MARCO).code == SAFETY
    said = bench.ask("person", "erase", STRANGER, "--anyway", "--confirm", STRANGER)
    assert said.code == DONE, said.out
    assert "nothing is left" in said.out
    bench.ask("backup")
    assert left(bench, *EVA) == []
    receipt = Path(said.out.strip().splitlines()[-1].partition("Receipt: ")[2])
    assert code(STRANGER) in receipt.read_text() and receipt.parent == bench.state / "receipts"
    assert stat.S_IMODE(receipt.stat().st_mode) == 0o600
    assert left(bench, MARCO)
    whole(bench)
    assert bench.ask("person", "show", STRANGER).code == NOT_FOUND
    after = json.loads(bench.ask("status", "--json").out)
    assert [c.get("today") for c in after.get("clients", [])] == [c.get("today") for c in before.get("clients", [])]


@pytest.mark.slow
def test_older_backups_are_named_or_go(bench: Bench) -> None:
    busy(bench)
    bench.ask("backup")
    said = bench.ask("person", "erase", STRANGER, "--anyway", "--confirm", STRANGER)
    assert "vamaild-2026-11-30.db  until 2026-12-07" in said.out
    assert left(bench, *EVA) == ["vamaild-2026-11-30.db"]
    assert bench.ask("person", "erase", STRANGER, "--confirm", STRANGER, "--backups").code == DONE
    assert left(bench, *EVA) == []
    assert len(list((bench.state / "backup").iterdir())) == 1


@pytest.mark.slow
def test_erased_for_one_client_she_stays_with_the_other(bench: Bench) -> None:
    bench.write(PLAIN, sender=STRANGER, to=ROSSI, subject="Zvonkohra-7781")
    bench.go(9, 0, day=30)
    bench.write("Dobrý den, prosím o nabídku-Xerxes", sender=STRANGER, to=NOVAK, subject="Okna")
    said = bench.ask("person", "erase", STRANGER, "--client", "novak", "--anyway", "--confirm", STRANGER)
    assert "for client novak only" in said.out
    assert left(bench, "nabídku-Xerxes") == []
    with sqlite3.connect(bench.state / "vamaild.db") as db:
        assert db.execute("SELECT address FROM message ORDER BY id").fetchall() == [(STRANGER,), ("",)]


@pytest.mark.slow
def test_what_people_wrote_is_named(bench: Bench) -> None:
    bench.write(PLAIN)
    said = bench.ask("person", "erase", MARCO, "--anyway", "--confirm", MARCO)
    assert said.code == ATTENTION
    assert re.search(r"Still written: .*rules\.d/client-rossi\.toml:\d+\. Take it out there, then reload", said.out)
    bench.change("vamaild.toml", "log_addresses = false", "log_addresses = true")
    assert "the journal (log_addresses = true)" in bench.ask("person", "erase", MARCO, "--confirm", MARCO).out


@pytest.mark.slow
def test_who_asked_for_silence_keeps_it(bench: Bench) -> None:
    bench.write(PLAIN, sender=STRANGER, to=ROSSI)
    bench.ask("person", "replies", STRANGER, "--client", "rossi", "--never")
    said = bench.ask("person", "erase", STRANGER, "--anyway", "--confirm", STRANGER)
    assert "a one-way mark: she asked for no automatic replies" in said.out
    assert "No automatic replies since" in bench.ask("person", "replies", STRANGER, "--client", "rossi").out


@pytest.mark.parametrize(
    ("arguments", "exit", "words"),
    [
        (["person", "show", "eva"], USAGE, "is no address"),
        (["person", "show", "nobody@nowhere.example"], NOT_FOUND, "Nothing is kept about nobody@nowhere.example"),
        (["person", "show", STRANGER, "--client", "nova"], NOT_FOUND, 'did you mean "novak"'),
        (["person", "export", "nobody@nowhere.example", "x"], NOT_FOUND, "Nothing is kept"),
        (["client", "remove", "rossi", "--erase"], USAGE, "--erase needs --export DIR"),
        (["client", "remove", "nobody", "--confirm", "nobody"], NOT_FOUND, "There is no client nobody"),
        (["client", "remove", "rossi"], SAFETY, "say --confirm rossi"),
        (["client", "record", "nobody"], NOT_FOUND, "There is no client nobody"),
        (["backup", "/proc/x/y.db"], ATTENTION, "no copy was made"),
    ],
)
def test_asked_wrongly(bench: Bench, arguments: list[str], exit: int, words: str) -> None:
    bench.write(PLAIN)
    said = bench.ask(*arguments)
    assert said.code == exit
    assert words in said.out + said.err


def test_a_client_gets_everything_back_and_is_gone(bench: Bench, tmp_path: Path) -> None:
    busy(bench)
    to = tmp_path / "out" / "novak"
    order = ("client", "remove", "novak", "--export", str(to), "--erase", "--confirm", "novak")
    assert bench.ask(*order).code == SAFETY
    assert not to.exists() and (bench.config / "rules.d/client-novak.toml").exists()
    said = bench.ask(*order, "--anyway")
    assert said.code == DONE, said.out
    assert (to / "settings/client-novak.toml").exists() and not (bench.config / "rules.d/client-novak.toml").exists()
    assert len((to / "message.jsonl").read_text().splitlines()) == 2
    assert b"petr.more" not in b"".join(p.read_bytes() for p in to.rglob("*.jsonl"))
    assert left(bench, *EVA) == []
    whole(bench)
    with sqlite3.connect(bench.state / "vamaild.db") as db:
        assert db.execute("SELECT count(*), sum(client = 'novak') FROM message").fetchone() == (4, 0)
        assert db.execute("SELECT sum(messages) FROM arrival").fetchone() == (4,)
    assert bench.ask("client", "remove", "novak", "--confirm", "novak").code == NOT_FOUND


@pytest.mark.slow
def test_a_client_is_set_aside_without_a_word_lost(bench: Bench) -> None:
    bench.write(PLAIN)
    assert bench.ask("client", "remove", "rossi", "--confirm", "rossi").code == DONE
    assert (bench.config / "rules.d/client-rossi.toml.removed").exists()
    assert left(bench, MARCO)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("it", ["Registro dei trattamenti", "30 giorni, e finché", "400 giorni", "7 notti"]),
        ("cs", ["Záznam o činnostech zpracování", "30 dní, a dokud", "400 dní", "7 nocí"]),
        ("en", ["Record of processing", "30 days, and as long", "400 days", "7 nights"]),
        ("de", ["Record of processing"]),
    ],
)
def test_the_page_for_an_audit(bench: Bench, language: str, words: list[str]) -> None:
    busy(bench)
    said = bench.ask("client", "record", "novak", "--language", language)
    assert said.code == DONE
    assert [w for w in words if w not in said.out] == []
    assert "{" not in said.out


def numbers(report: str) -> str:
    """A report without subjects, however its lines are broken."""
    return re.sub(r"\W+", " ", re.sub(r"«[^»]*»", "", report))


def test_texts_go_by_themselves_and_sums_stay(bench: Bench) -> None:
    busy(bench)
    said = bench.ask("purge", "--dry-run")
    assert "Would go: nothing" in said.out
    bench.send()
    with bench.store() as store:
        for promise in store.promises():
            store.end_promise(promise.id, PromiseState.KEPT, bench.clock.now())
        for offer in store.rushes((RushState.OFFERED,)):
            store.end_rush(offer.id, RushState.EXPIRED, bench.clock.now())
        for case in store.cases():
            store.close_case(case.code, bench.clock.now())
    week = (bench.clock.now() + timedelta(days=3)).isoformat()
    report = bench.ask("report", "--at", week).out
    bench.clock.advance(timedelta(days=45))
    dry = json.loads(bench.ask("purge", "--dry-run", "--json").out)
    assert dry["would"]["message"] == 4
    assert left(bench, *EVA)
    assert "4 messages" in bench.ask("purge").out
    assert left(bench, *EVA[1:]) == []
    whole(bench)
    assert numbers(bench.ask("report", "--at", week).out) == numbers(report)
    assert "Gone: nothing" in bench.ask("purge").out
    bench.clock.advance(timedelta(days=400))
    bench.ask("purge")
    whole(bench)
    with sqlite3.connect(bench.state / "vamaild.db") as db:
        assert db.execute("SELECT count(*) FROM queue").fetchone() == (0,)
        assert db.execute("SELECT count(DISTINCT fingerprint), min(purged), max(kind) FROM message").fetchone() == (
            4,
            2,
            "",
        )
        assert db.execute("SELECT count(*) FROM matter").fetchone() == (0,)


def test_what_is_open_is_kept_whole(bench: Bench) -> None:
    busy(bench)
    bench.clock.advance(timedelta(days=45))
    said = bench.ask("purge")
    assert "Kept longer: 4 older messages" in said.out
    assert left(bench, *EVA)


@pytest.mark.slow
def test_a_copy_elsewhere(bench: Bench, tmp_path: Path) -> None:
    bench.write(PLAIN)
    target = tmp_path / "usb.db"
    said = bench.ask("backup", str(target), "--json")
    assert said.code == DONE and json.loads(said.out) == {"file": str(target), "bytes": target.stat().st_size}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    assert bench.ask("backup", str(target)).code == ATTENTION
    assert target.read_bytes() == before


@pytest.mark.slow
def test_the_night_is_kept_in_the_ledger(bench: Bench) -> None:
    busy(bench)
    copies = bench.state / "backup"

    def night(after: timedelta = timedelta()) -> bool:
        bench.clock.advance(after)
        with bench.service() as service:
            return purging.watch(service)

    assert not night()  # the first look begins the count
    bench.go(3, 9, day=30)
    assert not night()
    bench.clock.advance(timedelta(days=1, minutes=1))  # 3:10 of the next day
    assert night() and [p.name for p in copies.iterdir()] == ["vamaild-2026-12-01.db"]
    assert not night() and not night(timedelta(hours=23))
    assert night(timedelta(days=2))  # slept through: once, and at once
    assert not night()
    for _ in range(10):
        assert night(timedelta(days=1))
    assert len(list(copies.iterdir())) == 7
