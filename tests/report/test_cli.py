"""`vamaild report` as from a shell, over a ledger that a real service has filled; and what is due leaves as a mail."""

import json
from pathlib import Path

import pytest

from tests.office import parsed
from tests.system.bench import NOVAK, PLAIN, STRANGER, Bench
from vamaild import dispatch, reporting
from vamaild.core.ledger import State
from vamaild.core.report_parts import total

DONE, ATTENTION, USAGE, NOT_FOUND = 0, 1, 2, 5


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """Thursday 26 November: Marco asks twice, says B, and Eva writes to Novák."""
    found = Bench(tmp_path, monkeypatch, capsys)
    found.bought()
    found.write(PLAIN, subject="Listino")
    found.write("Dobrý den, kdy přijde nabídka?", sender=STRANGER, to=NOVAK, subject="Nabídka")
    return found


def test_the_report_as_it_would_be_sent_now(bench: Bench) -> None:
    said = bench.ask("report")
    assert said.code == DONE
    head, _, rest = said.out.partition("\n\n")
    assert head.startswith("To: giulia@ferri-av.example")
    assert "Che cosa è arrivato: " in rest
    assert "####" in rest
    assert "Send it now: vamaild report --send    As HTML: vamaild report --html r.html" in rest
    assert bench.ask("report", "--preview").out == said.out


def test_it_counts_what_the_mail_server_holds(bench: Bench) -> None:
    bench.go(11)
    value = json.loads(bench.ask("report", "--json").out)
    assert value["adds_up"] is True
    assert value["counted"] == value["numbers"]["arrived"]["count"] == len(bench.box.mails)
    outcomes = ("answered", "no-reply", "waiting", "escalated")
    assert sum(value["numbers"][name]["count"] for name in outcomes) == len(bench.box.mails)


def test_the_messages_behind_a_number(bench: Bench) -> None:
    bench.go(11)
    said = bench.ask("report", "--list", "urgent")
    assert said.code == DONE
    assert said.out.splitlines()[0].split() == ["MESSAGE", "CAME", "CLIENT", "WHO", "SUBJECT", "KIND", "OUTCOME", "WHY"]
    assert "Preventivo infissi" in said.out
    assert "@" not in said.out
    value = json.loads(bench.ask("report", "--list", "arrived", "--json").out)
    assert (value["name"], value["count"]) == ("arrived", len(bench.box.mails))
    assert [m["message"] for m in value["messages"]]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--list", "nonsense"), NOT_FOUND, "There is no number nonsense. Known here: arrived, ordinary, urgent"),
        (("--client", "nobody"), NOT_FOUND, "There is no client nobody. Known here: "),
        (("--return", "nobody"), NOT_FOUND, "There is no client nobody. Known here: "),
        (("--week", "47"), USAGE, '"47" is no week; write it like 2026-W47'),
        (("--week", "2026-W54"), USAGE, '"2026-W54" is no week'),
        (("--week", "2027-W53"), NOT_FOUND, "There is no week 53 in 2027."),
        (("--week", "2026-W49"), NOT_FOUND, "That week is not over yet. As far as it goes: vamaild report"),
        (("--send", "--list", "urgent"), USAGE, "choose one of --preview, --html, --send, --list and --return"),
        (("--send", "--client", "rossi"), USAGE, "--send sends the report on everybody to you"),
    ],
)
def test_what_cannot_be_done_is_said(bench: Bench, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = bench.ask("report", *arguments)
    assert said.code == code
    assert words in said.err


def test_another_week_and_one_client(bench: Bench) -> None:
    bench.go(16, 1, day=27)
    assert json.loads(bench.ask("report", "--week", "2026-W48", "--json").out)["counted"] == len(bench.box.mails)
    assert json.loads(bench.ask("report", "--week", "2026-w47", "--json").out)["counted"] == 0
    part = json.loads(bench.ask("report", "--week", "2026W48", "--client", "novak", "--json").out)
    assert (part["client"], part["counted"]) == ("novak", 1)


def test_as_html(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    said = bench.ask("report", "--html", str(path))
    assert (said.code, said.out) == (DONE, f"Written: {path}. Open it in a browser.\n")
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert bench.ask("report", "--html", str(tmp_path / "no" / "r.html")).code == ATTENTION


def test_what_the_agency_reads(bench: Bench) -> None:
    said = bench.ask("report", "--agency")
    assert said.code == DONE
    assert said.out.startswith("To: nobody yet   + clienti-")
    assert "Preventivo" not in said.out
    refused = bench.ask("report", "--agency", "--send")
    assert (refused.code, "there is no agency" in refused.err) == (USAGE, True)
    assert bench.ask("report", "--agency", "--client", "rossi").code == USAGE


def test_sent_now_and_the_next_one_begins_there(bench: Bench) -> None:
    bench.go(11)
    said = bench.ask("report", "--send")
    assert said.out == "Queued for giulia@ferri-av.example: the service sends it at its next look.\n"
    bench.send()
    to, raw = bench.post.sent[-1]
    assert to == "giulia@ferri-av.example"
    assert "La tua settimana" in str(parsed(raw)["Subject"])
    bench.go(11, 30)
    assert json.loads(bench.ask("report", "--json").out)["counted"] == 0
    bench.ask("report", "--send", "--week", "2026-W47")
    with bench.store() as store:
        assert [i.mail.template for i in store.outbox((State.QUEUED,))].count("report") == 1
        assert store.last_run(reporting.RUN) == bench.clock.now().replace(minute=0)


def test_a_gap_in_the_ledger_is_exit_code_1(bench: Bench) -> None:
    bench.go(11)
    with bench.store() as store:
        store._db.write("DELETE FROM message WHERE id = 1")
    said = bench.ask("report")
    assert said.code == ATTENTION
    assert "! I conti non tornano" in said.out


def test_on_friday_it_leaves_by_itself(bench: Bench) -> None:
    for hour, leaves in ((15, False), (16, True), (17, False)):
        bench.go(hour, day=27)
        with bench.service() as service:
            assert reporting.watch(service) is leaves
            dispatch.send_due(service)
    (mail,) = [m for m in (parsed(raw) for _, raw in bench.post.sent) if "La tua settimana" in str(m["Subject"])]
    assert [p.get_content_type() for p in mail.walk()][2:4] == ["text/plain", "text/html"]
    with bench.service() as service:
        found = reporting.look(service, *reporting.of_week(service, 2026, 48))
        assert total(found.outcomes) == found.arrived.count == len(bench.box.mails)


def test_a_client_whose_file_says_so_gets_a_draft(bench: Bench) -> None:
    bench.change("rules.d/client-rossi.toml", 'language = "it"', 'language = "it"\nreport   = true')
    bench.go(16, day=27)
    with bench.service() as service:
        assert reporting.watch(service)
        (draft,) = [i for i in service.store.outbox((State.DRAFT,)) if i.mail.template == "report-client"]
    assert (draft.mail.client, draft.mail.to) == ("rossi", "marco@studiorossi.example")
    text = str(parsed(draft.mail.raw).get_content())
    assert "Sono arrivate 2 richieste" in text
    assert "Novák" not in text


def test_what_the_principal_reads_on_his_return(bench: Bench) -> None:
    said = bench.ask("report", "--return", "novak")
    assert said.code == DONE
    assert said.out
