"""`vamaild away` and `vamaild person`, asked as from a shell: what they print, what they change, how they end."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.system.bench import NOVAK, STRANGER, Bench

DONE, ATTENTION, USAGE, NOT_FOUND = 0, 1, 2, 5
PETR = "petr@novak-okna.example"
ASKED = "Dobrý den, pošlete mi prosím záruční list {}?"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    bench = Bench(tmp_path, monkeypatch, capsys)
    with bench.store():
        pass
    return bench


def customer_gets(bench: Bench, number: int) -> list[str]:
    """The texts that wait after this customer wrote to Novák."""
    bench.write(
        ASKED.format("abcdefgh"[number] * 3), sender=f"c{number}@shop.example", to=NOVAK, subject=f"Dotaz {number}"
    )
    with bench.store() as store:
        from vamaild.core.ledger import State

        return [i.mail.template for i in store.outbox((State.QUEUED,)) if i.mail.to == f"c{number}@shop.example"]


def test_who_is_away(bench: Bench) -> None:
    said = bench.ask("away")
    assert said.code == DONE
    assert said.out.splitlines() == [
        "CLIENT  WHO         FROM        BACK       CUSTOMERS ARE TOLD",
        "novak   Petr Novák  Mon 30 Nov  Mon 7 Dec  Wed 9 Dec",
    ]


def test_the_standing_says_who_is_away(bench: Bench) -> None:
    def said() -> tuple[str, object]:
        page = next(line for line in bench.ask("status").out.splitlines() if line.startswith("novak"))
        return "".join(page.partition("away")[1:]), json.loads(bench.ask("status", "--json").out)["away"]

    customer_gets(bench, 1)
    assert said() == ("", {})
    bench.ask("away", "start", "novak", "--until", "2026-12-02", "--confirm", "novak")
    assert said() == ("away, back Wed 2 Dec", {"novak": {"back": "2026-12-02"}})
    bench.ask("away", "end", "novak")
    assert said() == ("", {})
    bench.go(10, 0, day=30)
    customer_gets(bench, 2)
    assert said()[1] == {}, "what the file says of the days she ended is over"


def test_the_standing_knows_the_absence_of_the_file(bench: Bench) -> None:
    bench.go(10, 0, day=30)
    customer_gets(bench, 1)
    assert "away, back Mon 7 Dec" in bench.ask("status").out
    file = bench.config / "rules.d" / "client-novak.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("back      = 2026-12-07", ""), encoding="utf-8")
    assert json.loads(bench.ask("status", "--json").out)["away"] == {"novak": {"back": None}}


def test_start_at_once_and_end_change_what_customers_get(bench: Bench) -> None:
    assert customer_gets(bench, 1) == []
    said = bench.ask("away", "start", "novak", "--until", "2026-12-02", "--confirm", "novak")
    assert said.code == DONE
    assert said.out.splitlines() == [
        "From now to Wed 2 Dec 00:00, by itself.",
        "Customers: vacation-first, -second, a draft for the fifth. Answer by Fri 4 Dec.",
        "Petr Novák: only emergencies; petr-sea then colleague, after you, at most 3.",
        "On. Change your mind: vamaild away end novak",
    ]
    assert customer_gets(bench, 2) == ["vacation-first"]
    bench.send()
    assert customer_gets(bench, 3) == ["vacation-first"]
    ended = bench.ask("away", "end", "novak")
    assert ended.out.splitlines() == [
        "Off since 10:45. 1 person was promised Fri 4 Dec; that promise stays.",
        "1 waiting replies were kept back: vamaild queue",
        "The digest goes out in office hours. Look first: vamaild away digest novak",
        "So is what its file says from Mon 30 Nov on. All the same: "
        "vamaild away start novak --from 2026-11-30 --until 2026-12-07",
    ]
    assert customer_gets(bench, 4) == []
    assert bench.ask("away").out == "Nobody is away, and nobody leaves.\n"
    assert bench.ask("away", "end", "novak").code == NOT_FOUND


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("start", "nobody", "--confirm", "nobody"), NOT_FOUND, "There is no client nobody. Known here: novak, rossi"),
        (("start", "novak"), USAGE, "say --confirm novak"),
        (("start", "novak", "--confirm", "rossi"), USAGE, '"rossi" is not novak: nothing changed.'),
        (("start", "novak", "--until", "2026-11-26", "--confirm", "novak"), USAGE, "--until must be later"),
        (("start", "novak", "--from", "2026-11-25", "--confirm", "novak"), USAGE, "--from must not be past"),
        (("start", "novak", "--until", "soon"), USAGE, '"soon" is no date; write it like 2026-12-07'),
        (("end", "rossi"), NOT_FOUND, "nobody is away, now or later"),
        (("check", "rossi"), NOT_FOUND, "Nobody leaves: no [absence] in rules.d/client-rossi.toml."),
        (("seen", "novak", "holidays"), USAGE, "'holidays' is not one of"),
        (("digest", "rossi"), NOT_FOUND, "nobody was away"),
        (("interview", "novak"), NOT_FOUND, "Nothing was asked twice in 90 days"),
    ],
)
def test_what_cannot_be_done_is_said(bench: Bench, arguments: tuple[str, ...], code: int, words: str) -> None:
    said = bench.ask("away", *arguments)
    assert said.code == code
    assert words in said.err
    assert bench.ask("away").out.count("novak") == 1, "nothing changed"


def test_the_list_before_leaving(bench: Bench) -> None:
    bench.go(10, 0, day=27)
    said = bench.ask("away", "check", "novak")
    assert said.code == ATTENTION
    assert said.out.splitlines() == [
        "Petr Novák leaves in 3 days: Mon 30 Nov to Fri 4 Dec, back Mon 7 Dec",
        "",
        "ok    dates       customers are told Wed 9 Dec",
        "ok    manual      1 situation",
        "ok    colleague   Tomáš Král agreed Tue 24 Nov, as the file says",
        "open  disasters   1 kind of his own and the general ones; Petr has not seen them",
        "open  alarm       the way to petr-sea has not been tried",
        "ok    matters     1 handed over, each with a decision",
        "open  texts       in cs en; Petr has not seen them",
        "ok    own reply   no vacation reply of his own mailbox was seen",
        "open  rehearsal   the manual was not tried on past mail",
        "",
        "4 open. Next: vamaild away rehearse novak",
    ]
    assert bench.ask("away", "seen", "novak", "texts", "disasters").code == DONE
    found = json.loads(bench.ask("away", "check", "novak", "--json").out)
    assert (found["open"], found["back"]) == (2, "2026-12-07")
    ticked = {c["name"]: c["words"] for c in found["checks"] if c["ok"]}
    assert ticked["texts"] == "in cs en, seen by Petr on 27 Nov"
    bench.change("rules.d/client-novak.toml", '"teč* strop*", ', "")
    changed = json.loads(bench.ask("away", "check", "novak", "--json").out)
    assert [c["name"] for c in changed["checks"] if not c["ok"]] == ["disasters", "alarm", "rehearsal"]


def test_the_interview_goes_out_comes_back_and_changes_nothing_by_itself(bench: Bench) -> None:
    bench.go(9, 0, day=26)
    for number in range(3):
        bench.write(
            ASKED.format("abc"[number] * 3), sender=f"d{number}@shop.example", to=NOVAK, subject=f"Dotaz {number}"
        )
    assert "asked 3 times" not in bench.ask("away", "interview", "novak").out
    asked = bench.ask("away", "interview", "novak", "--send")
    assert f"Sent to {PETR}." in asked.out
    assert PETR in bench.send()
    raw = next(raw for to, raw in bench.post.sent if to == PETR)
    from email import message_from_bytes, policy

    mail = message_from_bytes(raw, policy=policy.default)
    body = str(mail.get_content())  # type: ignore[attr-defined]  # it is an EmailMessage
    quoted = "".join(
        f"> {line}\n" + ("Najdete ho v krabici.\n" if line.startswith("[Q1]") else "") for line in body.splitlines()
    )
    bench.write(quoted, sender=PETR, to="clienti@ferri-av.example", answers=str(mail["Message-ID"]))
    shown = bench.ask("away", "interview", "novak")
    assert "1 of " in shown.out.splitlines()[0]
    assert 'answer.cs = "Najdete ho v krabici."' in shown.out
    before = (bench.config / "rules.d" / "client-novak.toml").read_bytes()
    written = bench.ask("away", "interview", "novak", "--write", "--json")
    import tomllib

    page = tomllib.loads(Path(json.loads(written.out)["file"]).read_text(encoding="utf-8"))
    assert page["situation"][0]["answer"] == {"cs": "Najdete ho v krabici."}
    assert (bench.config / "rules.d" / "client-novak.toml").read_bytes() == before
    with bench.store() as store:
        assert [c.case.reason for c in store.cases() if c.case.reason == "principal-says"] == ["principal-says"]


def test_the_digest_can_be_looked_at_and_sent(bench: Bench) -> None:
    bench.go(10, 0, day=30)
    assert customer_gets(bench, 5) == ["vacation-first"]
    bench.send()
    shown = bench.ask("away", "digest", "novak")
    assert shown.out.startswith(f"To: {PETR}\nSubject: Vítejte zpátky: k rozhodnutí 0, zpráv 1\n")
    assert "SLÍBENO" in shown.out
    sent = json.loads(bench.ask("away", "digest", "novak", "--send", "--json").out)
    assert (sent["sent"], sent["arrived"]) == (True, 1)
    assert PETR in bench.send()


def test_who_asked_for_no_automatic_replies(bench: Bench) -> None:
    bench.go(10, 0, day=30)
    bench.write("Prosím, neposílejte mi automatické odpovědi. Kdy přijde nabídka?", sender=STRANGER, to=NOVAK)
    shown = bench.ask("person", "replies", STRANGER, "--client", "novak")
    assert shown.out.splitlines()[0] == "No automatic replies since today 10:00; a person is shown what comes."
    again = bench.ask("person", "replies", STRANGER, "--client", "novak", "--again", "--json")
    assert json.loads(again.out) == {"client": "novak", "automatic": True, "since": None}
    bench.clock.advance(timedelta(hours=1))
    bench.write("A kdy tedy přijede montér?", sender=STRANGER, to=NOVAK, subject="Termín")
    assert bench.send() == [STRANGER]
