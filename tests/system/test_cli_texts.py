"""`vamaild reply` and `vamaild client`, asked as from a shell."""

import json
import re
import tomllib
from email import message_from_bytes, policy

import pytest

from tests.system.bench import CONTACT, MARCO, MORNING, PLAIN, Bench
from vamaild.core.ruleset import Trust
from vamaild.core.trust import Level

DONE, ATTENTION, USAGE, CONFIGURATION, NOT_FOUND, SAFETY = 0, 1, 2, 3, 5, 6
ROSSI_FILE, NOVAK_FILE = "rules.d/client-rossi.toml", "rules.d/client-novak.toml"
VERDI = ("client", "add", "verdi", "--name", 'Verdi "srl"', "--address", "info@verdi.example", "--language", "it")


def preview(bench: Bench, text: str, client: str = "rossi", at: str = "2026-11-26T10:40", *more: str) -> str:
    said = bench.ask("reply", "preview", text, "--client", client, "--at", at, *more)
    assert said.code == DONE, said.err
    return said.out


# ---- reply


def test_every_text_is_listed(bench: Bench) -> None:
    own = bench.config / "templates" / "it" / "ordinary.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Subject: Re: {{ msg.subject }}\n\nEntro {{ lead.ready_on|day }}.\n", encoding="utf-8")
    out = bench.ask("reply", "list").out
    assert re.search(r"^ordinary +cs en it\* +a request without urgency", out, re.MULTILINE)
    assert "note-" not in out
    texts = {t["text"]: t for t in json.loads(bench.ask("reply", "list", "--json").out)["texts"]}
    assert texts["ordinary"]["own"] == ["it"]
    assert all(t["used"] for t in texts.values()), "each shipped text says when it is sent"
    assert "Entro mercoledì 2 dicembre." in preview(bench, "ordinary")


def test_the_offer_as_it_would_leave(bench: Bench) -> None:
    assert preview(bench, "rush-offer").splitlines() == [
        "From: Giulia Ferri <clienti+rossi@ferri-av.example>",
        "To: marco@studiorossi.example",
        "Subject: Re: Preventivo infissi: due possibilità",
        "Auto-Submitted: auto-replied",
        "",
        "Ciao Marco,",
        "",
        "ho visto che è urgente. Ci sono due possibilità, scegli tu:",
        "",
        "A) entro mercoledì 2 dicembre, alla tariffa di sempre;",
        "B) entro le 18:00 di oggi, con la maggiorazione per le urgenze del 50% prevista dal contratto.",
        "",
        "Per la B rispondi «B» entro le 11:30 di oggi e ti confermo io se riesco a inserirla. "
        "Se non scrivi nulla vale la A, e non devi fare altro.",
        "",
        "A presto,",
        "Giulia Ferri",
        "",
        "Risposta automatica; la posta la legge Giulia Ferri.",
        "",
        "81 words, Italian, tu. No secret, no past date, nothing said to them before.",
        "It would leave by itself.",
        "Other moments: --at 2026-12-24T17:00   Other texts: vamaild reply list",
    ]


@pytest.mark.parametrize("text", ["rush-offer", "ordinary", "vacation-first", "emergency-received"])
def test_it_is_what_the_service_writes(bench: Bench, text: str) -> None:
    """The preview against the mail that the service queued for the same request at the same moment."""
    client, sender = ("novak", "someone@customer.example") if text == "vacation-first" else ("rossi", MARCO)
    words = {
        "rush-offer": "Ciao, mi serve per stasera il preventivo.",
        "ordinary": PLAIN,
        "vacation-first": "Dobrý den, pošlete mi prosím nabídku?",
        "emergency-received": "Aiuto, si sta allagando il magazzino e l'acqua non si ferma!",
    }[text]
    if client == "novak":
        bench.go(10, 0, day=30)
    to = "petr@novak-okna.example" if client == "novak" else "clienti+rossi@ferri-av.example"
    subject = {"ordinary": "Preventivo", "vacation-first": "Nabídka"}.get(text, "Preventivo infissi")
    bench.write(words, sender=sender, to=to, subject=subject)
    with bench.store() as store:
        (mail,) = [m.raw for m in (store.entry(1) or pytest.fail("no entry")).outgoing]
    with bench.store() as store:
        store.withdraw(1, "answered")
    queued = message_from_bytes(mail, policy=policy.default)
    shown = preview(bench, text, client, bench.clock.now().isoformat(), "--to-person", sender)
    head, _, rest = shown.partition("\n\n")
    assert head.splitlines() == [f"{n}: {queued[n]}" for n in ("From", "To", "Subject", "Auto-Submitted")]
    assert rest.startswith(str(queued.get_content()).replace("\r\n", "\n"))


@pytest.mark.parametrize(
    ("text", "client", "at", "more", "words"),
    [
        ("rush-offer", "rossi", "2026-11-26T10:40", ("--tone", "lei"), "Per la B risponda «B»"),
        ("ordinary", "rossi", "2026-12-24T17:01", (), "entro lunedì 4 gennaio 2027"),
        ("ordinary", "rossi", "2026-11-26T10:40", ("--lang", "en"), " words, English. No secret"),
        ("ordinary", "rossi", "2026-11-26T10:40", ("--to-person", "luca@studiorossi.example"), "Buongiorno,"),
        ("rush-confirmed", "rossi", "2026-11-26T10:40", (), "It would wait: it leaves when you say yes"),
        ("rush-refused", "rossi", "2026-11-26T10:40", (), "It would wait: it leaves when you say no"),
        ("status-update", "rossi", "2026-11-26T10:40", (), "It would wait: it is a draft"),
        ("vacation-fifth", "novak", "2026-12-01T10:00", (), "It would wait: this text always waits for your yes."),
        ("colleague", "novak", "2026-12-01T10:00", (), "Tomáš Král"),
        ("playbook", "novak", "2026-12-01T10:00", (), "v zákaznické sekci"),
    ],
)
def test_moments_tones_and_people(
    bench: Bench, text: str, client: str, at: str, more: tuple[str, ...], words: str
) -> None:
    assert words in preview(bench, text, client, at, *more)


def test_a_draft_does_not_call_itself_automatic(bench: Bench) -> None:
    assert "Auto-Submitted" not in preview(bench, "status-update")


def test_a_preview_as_json(bench: Bench) -> None:
    value = json.loads(preview(bench, "rush-offer", "rossi", "2026-11-26T10:40", "--json"))
    assert {k: value[k] for k in ("text", "client", "to", "language", "familiar", "ready_by", "refused", "waits")} == {
        "text": "rush-offer", "client": "rossi", "to": MARCO, "language": "it", "familiar": True,
        "ready_by": "2026-12-02", "refused": None, "waits": None,
    }  # fmt: skip
    assert value["said_before"] == []


def test_what_was_said_before_is_said(bench: Bench) -> None:
    bench.write(PLAIN)
    bench.send()
    assert "said to them before: ordinary today" in preview(bench, "rush-offer", "rossi", "2026-11-26T11:00")


def test_in_observe_nothing_would_leave(bench: Bench) -> None:
    bench.change(ROSSI_FILE, 'trust    = "send"', 'trust    = "observe"')
    assert "It would wait: this client is in observe: nothing is sent." in preview(bench, "ordinary")


@pytest.mark.parametrize("secret", CONTACT[:2])
def test_a_text_with_a_secret_is_not_even_shown(bench: Bench, secret: str) -> None:
    own = bench.config / "templates" / "rossi" / "it" / "ordinary.txt"
    own.parent.mkdir(parents=True)
    own.write_text(f"Subject: Re\n\nEntro {{{{ lead.ready_on|day }}}}: {secret}\n", encoding="utf-8")
    said = bench.ask("reply", "preview", "ordinary", "--client", "rossi", "--at", "2026-11-26T10:40")
    assert (said.code, said.out) == (SAFETY, "")
    assert "something from [contacts] in secrets.toml" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["vacation-firs", "--client", "novak"], NOT_FOUND, 'did you mean "vacation-first"?'),
        (["ordinary", "--client", "verdi"], NOT_FOUND, "There is no client verdi. Known here: novak, rossi"),
        (["ordinary"], USAGE, "Missing option '--client'"),
        (["ordinary", "--client", "rossi", "--at", "soon"], USAGE, '"soon" is no moment'),
        (["vacation-first", "--client", "rossi"], ATTENTION, "there is no [absence] in rules.d/client-rossi.toml"),
        (
            ["vacation-first", "--client", "novak", "--at", "2026-12-20T10:00"],
            ATTENTION,
            "nobody is away on Sun 20 Dec 2026: [absence] lasts from Mon 30 Nov until Mon 07 Dec 2026",
        ),
        (["ordinary", "--client", "novak"], ATTENTION, "there is no [lead] in rules.d/client-novak.toml"),
        (["colleague", "--client", "rossi"], ATTENTION, "there is no [colleague]"),
        (["playbook", "--client", "rossi"], ATTENTION, "has no [[situation]]"),
        (
            ["rush-offer", "--client", "rossi", "--to-person", "eva@mala.example", "--at", "2026-11-26T10:40"],
            ATTENTION,
            "eva@mala.example may not accept a rush",
        ),
    ],
)
def test_what_cannot_be_shown(bench: Bench, arguments: list[str], code: int, words: str) -> None:
    said = bench.ask("reply", "preview", *arguments)
    assert (said.code, said.out) == (code, ""), said
    assert words in said.err


# ---- client


def test_all_clients(bench: Bench) -> None:
    bench.write(PLAIN)
    out = bench.ask("client", "list").out
    assert re.search(r"^novak +Novák – okna a dveře +send +- +away from Mon 30 Nov, back Mon 7 Dec$", out, re.MULTILINE)
    assert re.search(r"^rossi +Studio Rossi +send +today 10:40 +4 working days, rush \+25 and 50 %$", out, re.MULTILINE)
    first, second = json.loads(bench.ask("client", "list", "--json").out)["clients"]
    assert (first["client"], first["absence"]) == ("novak", {"from": "2026-11-30", "back": "2026-12-07"})
    assert (second["lead"], second["last_mail"]) == ({"days": 4, "unit": "working"}, "2026-11-26T10:40:00+01:00")


def test_what_holds_for_a_client_and_where_it_stands(bench: Bench) -> None:
    said = bench.ask("client", "check", "rossi")
    assert said.code == DONE, said
    rows = [re.split(r" {2,}", line) for line in said.out.splitlines()]
    written = (bench.config / ROSSI_FILE).read_text(encoding="utf-8").splitlines()
    main = (bench.config / "vamaild.toml").read_text(encoding="utf-8").splitlines()
    places = {row[0]: row[2] for row in rows if len(row) == 3}
    assert written[int(places["client.trust"].split(":")[1]) - 1].startswith("trust")
    assert main[int(places["week.hours"].split(":")[1]) - 1].startswith("hours")
    assert places["escalation.me_first"] == "built in"
    assert "all 6 examples hold" in said.out
    values = {v["key"]: v["value"] for v in json.loads(bench.ask("client", "check", "rossi", "--json").out)["values"]}
    assert (values["lead.days"], values["rush.mode"], values["client.trust"]) == ("4", "offer", "send")


def test_a_faulty_file_is_named(bench: Bench) -> None:
    bench.change(ROSSI_FILE, "days     = 4", "dayz     = 4")
    said = bench.ask("client", "check", "rossi")
    assert (said.code, 'did you mean "days"?' in said.out) == (CONFIGURATION, True)
    assert "it is set aside: its mail waits for you" in said.out
    assert json.loads(bench.ask("client", "check", "rossi", "--json").out)["usable"] is False
    assert bench.ask("client", "check", "novak").code == DONE, "nobody else is touched"
    assert bench.ask("client", "check", "verdi").code == NOT_FOUND


@pytest.mark.slow
def test_an_example_that_fails_is_a_fault_of_its_client(bench: Bench) -> None:
    bench.change(ROSSI_FILE, 'reply    = "rush-offer"', 'reply    = "ordinary"')
    said = bench.ask("client", "check", "rossi")
    assert (said.code, "stasera is a stated urgency" in said.out) == (CONFIGURATION, True)


@pytest.mark.slow
def test_a_new_client_is_only_observed(bench: Bench) -> None:
    said = bench.ask(*VERDI, "--lead-days", "7", "--principal", "Anna Verdi", "--timezone", "Europe/Rome")
    path = bench.config / "rules.d" / "client-verdi.toml"
    assert (said.code, said.err) == (DONE, "")
    assert said.out.startswith(f"Wrote {path} and checked it; in observe: read and judged, nothing is sent.\nNext: ")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert data["client"] == {
        "id": "verdi", "name": 'Verdi "srl"', "arrives": ["info@verdi.example"], "principal": "Anna Verdi",
        "language": "it", "timezone": "Europe/Rome", "trust": "observe",
    }  # fmt: skip
    assert data["lead"] == {"days": 7}
    assert bench.ask("client", "check", "verdi").code == DONE
    before = path.read_bytes()
    again = bench.ask(*VERDI)
    assert (again.code, "is there already" in again.err) == (ATTENTION, True)
    assert path.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Řehoř & Co.", "a\nb = 1", '"""', "\\", "[client]", "\x00x", "'#"])
def test_no_name_breaks_the_file(bench: Bench, name: str) -> None:
    said = bench.ask("client", "add", "verdi", "--name", name, "--address", "info@verdi.example")
    assert said.code == DONE, said
    data = tomllib.loads((bench.config / "rules.d" / "client-verdi.toml").read_text(encoding="utf-8"))
    assert set(data) == {"client", "lead"}
    assert set(data["client"]) == {"id", "name", "arrives", "trust"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Verdi!", "--name", "V", "--address", "v@v.example"], USAGE, '"Verdi!" is no short name'),
        (["../x", "--name", "V", "--address", "v@v.example"], USAGE, "is no short name"),
        (["verdi", "--name", "V"], USAGE, "say ID, --name and --address"),
        (["verdi", "--name", "V", "--address", "nobody"], CONFIGURATION, "Nothing was written."),
        (["verdi", "--name", "V", "--address", "v@v.example", "--language", "xx"], CONFIGURATION, "two letters"),
        (
            ["verdi", "--name", "V", "--address", "INFO@studiorossi.example"],
            ATTENTION,
            "is an address of rossi already",
        ),
        (["rossi", "--name", "V", "--address", "v@v.example"], ATTENTION, "is there already; edit it"),
        (["--from", "/nowhere.csv"], USAGE, "/nowhere.csv cannot be read"),
    ],
)
def test_a_client_that_cannot_be_added(bench: Bench, arguments: list[str], code: int, words: str) -> None:
    before = sorted(bench.config.rglob("*"))
    said = bench.ask("client", "add", *arguments)
    assert (said.code, said.out) == (code, ""), said
    assert words in said.err
    assert sorted(bench.config.rglob("*")) == before


CSV = 'id;name;address;language;lead_days\nuno;Uno;a@uno.example;it;5\ndue;Due "x";a@due.example b@due.example;cs;\n'


@pytest.mark.slow
def test_many_clients_from_a_table(bench: Bench) -> None:
    table = bench.config.parent / "clients.csv"
    table.write_text("\ufeff" + CSV, encoding="utf-8")
    said = bench.ask("client", "add", "--from", str(table))
    assert said.code == DONE, said
    assert said.out.startswith(f"Wrote 2 files into {bench.config / 'rules.d'}")
    data = [tomllib.loads((bench.config / f"rules.d/client-{n}.toml").read_text("utf-8")) for n in ("uno", "due")]
    assert [d["client"]["arrives"] for d in data] == [["a@uno.example"], ["a@due.example", "b@due.example"]]
    assert [d["lead"] for d in data] == [{"days": 5}, {}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lead_days", "days", 'the column "days" is unknown'),
        ("name;", "", 'the column "name" is missing'),
        ("a@uno.example", "", "clients.csv:2: address is empty"),
        (";5", ";five", 'clients.csv:2: lead_days cannot be "five"'),
        ("due;", "uno;", "uno stands there twice"),
        ("b@due.example", "a@uno.example", "is an address of"),
        ("cs;", "xx;", '"language" cannot be "xx"'),
    ],
)
def test_a_faulty_table_writes_nothing(bench: Bench, old: str, new: str, words: str) -> None:
    table = bench.config.parent / "clients.csv"
    assert old in CSV
    table.write_text(CSV.replace(old, new), encoding="utf-8")
    before = sorted(bench.config.rglob("*"))
    said = bench.ask("client", "add", "--from", str(table))
    assert said.code != DONE
    assert words in said.err
    assert sorted(bench.config.rglob("*")) == before


# ---- client trust


def levels(bench: Bench, client: str) -> dict[str, Trust]:
    with bench.store() as store:
        return {level.template: level.trust for level in store.levels(client)}


def test_a_text_goes_less_far_at_any_time(bench: Bench) -> None:
    bench.write(PLAIN)
    assert (
        "rossi is in send (rules.d/client-rossi.toml), and so is every text of it."
        in bench.ask("client", "trust", "rossi").out
    )
    said = bench.ask("client", "trust", "rossi", "ordinary", "draft")
    assert said.out == (
        'rossi: "ordinary" goes from send to draft: it waits as a draft for your yes.\n'
        "Undo: vamaild client trust rossi ordinary send\n"
    )
    assert levels(bench, "rossi") == {"ordinary": Trust.DRAFT}
    assert re.search(r"^ordinary +draft +today +me", bench.ask("client", "trust", "rossi").out, re.MULTILINE)
    bench.write(PLAIN, sender="luca@studiorossi.example", subject="Altro")
    assert "draft to approve" in bench.ask("queue").out, "the service keeps to it"


@pytest.mark.parametrize(
    ("file_says", "wanted", "more", "code"),
    [
        ("observe", "draft", (), SAFETY),
        ("observe", "send", ("--yes",), SAFETY),
        ("draft", "send", (), SAFETY),
        ("draft", "send", ("--yes",), DONE),
        ("draft", "observe", (), DONE),
        ("send", "send", (), DONE),
    ],
)
def test_the_file_is_the_ceiling(bench: Bench, file_says: str, wanted: str, more: tuple[str, ...], code: int) -> None:
    bench.change(ROSSI_FILE, 'trust    = "send"', f'trust    = "{file_says}"')
    bench.write(PLAIN)
    said = bench.ask("client", "trust", "rossi", "ordinary", wanted, *more)
    assert said.code == code, said
    assert levels(bench, "rossi") == ({"ordinary": Trust(wanted)} if code == DONE else {})


def test_what_was_proposed_needs_no_further_question(bench: Bench) -> None:
    bench.change(ROSSI_FILE, 'trust    = "send"', 'trust    = "draft"')
    with bench.store() as store:
        store.set_level(Level("rossi", "ordinary", Trust.DRAFT, MORNING, "", MORNING))
    page = bench.ask("client", "trust", "rossi").out
    assert '"send" is proposed' in page
    assert "Next: vamaild client trust rossi ordinary send" in page
    assert bench.ask("client", "trust", "rossi", "ordinary", "send").code == DONE
    (value,) = json.loads(bench.ask("client", "trust", "rossi", "--json").out)["texts"]
    assert (value["text"], value["trust"], value["by"]) == ("ordinary", "send", "me")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["rossi", "ordinari", "draft"], NOT_FOUND, 'did you mean "ordinary"?'),
        (["verdi"], NOT_FOUND, "There is no client verdi"),
        (["rossi", "ordinary"], USAGE, "say how far: observe, draft or send"),
        (["rossi", "ordinary", "fly"], USAGE, "'fly' is not one of"),
    ],
)
def test_trust_asked_wrongly(bench: Bench, arguments: list[str], code: int, words: str) -> None:
    bench.write(PLAIN)
    said = bench.ask("client", "trust", *arguments)
    assert (said.code, said.out) == (code, ""), said
    assert words in said.err
