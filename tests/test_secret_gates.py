"""Nothing that betrays the secret passes any door of the service, and somebody hears of it (promise 3)."""

import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.chain.alarm import FLOOD, ME
from tests.config.make import CLIENT, MAIN, TOOLS, rule_file, sources
from tests.config.make import SECRETS as IN_THE_FILE
from tests.core.disguise import EMAIL, PHONE, disguises
from tests.make import CUSTOMER, NOW, absent
from tests.office import ASSISTANT, Office, letter, trusting
from tests.web.phone import House
from vamaild import dispatch, notes, wire
from vamaild.adapters.journal import open_journal
from vamaild.cli import discreet
from vamaild.cli.main import vamaild
from vamaild.cli.screen import config_option, print_json
from vamaild.config.load import load
from vamaild.config.settings import Secret, Secrets
from vamaild.core.egress import WITHHELD, Discreet
from vamaild.core.ledger import Outgoing, Sort, State
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Situation, Trust
from vamaild.core.secrecy import leak
from vamaild.web import desk

ABOUT = CLIENT.partition("[lead]")[0]
SECRETS = (PHONE, EMAIL)
HOUR = timedelta(hours=1)


def queued(office: Office, sort: Sort, state: State, to: str, body: str) -> int:
    """A mail that came into the outbox before the secret was one."""
    raw = to_bytes(
        Letter("Re: x", f"Buongiorno,\n\n{body}\n\nGiulia\n"), Envelope("Giulia", "va@va.example", to, "<k@x>"), NOW
    )
    office.service.store.queue_mail(Outgoing("<k@x>", sort, to, raw, NOW, "acme", "ordinary", state))
    return office.service.store.outbox(tuple(State))[-1].id


def state_of(office: Office, item: int) -> State:
    return next(i.state for i in office.service.store.outbox(tuple(State)) if i.id == item)


def shown(office: Office) -> str:
    """Everything that anybody gets to see of it."""
    cases = [f"{c.case.reason} {c.case.note} {c.case.who} {c.case.subject}" for c in office.store.cases()]
    folders = [raw.decode() for raws in office.box.folders.values() for raw in raws]
    return "\n".join([*cases, *folders, *office.journal.lines, *(str(m) for _, m in office.post.mails)])


@pytest.mark.parametrize("name", [*disguises()][:130:13])
def test_a_courtesy_that_betrays_it_is_not_sent_and_waits_for_a_person(name: str) -> None:
    office = Office()
    item = queued(office, Sort.COURTESY, State.QUEUED, CUSTOMER, disguises()[name])
    office.let_out()
    assert (office.post.mails, state_of(office, item)) == ([], State.STOPPED)
    (case,) = office.store.cases()
    assert case.case.reason == Reason.SECRET
    assert "it holds something of secrets.toml" in case.case.note
    assert ", in the text" in case.case.note
    assert not leak(shown(office), SECRETS)


def test_a_note_that_betrays_it_is_not_sent_and_a_case_says_so() -> None:
    office = Office()
    item = queued(office, Sort.NOTE, State.QUEUED, ASSISTANT.email, PHONE)
    office.let_out()
    assert (office.post.mails, state_of(office, item)) == ([], State.STOPPED)
    assert [c.case.reason for c in office.store.cases()] == [Reason.SECRET]


def test_a_draft_that_betrays_it_is_not_filed_and_waits_for_a_person() -> None:
    office = Office()
    item = queued(office, Sort.COURTESY, State.DRAFT, CUSTOMER, EMAIL)
    office.look()
    assert state_of(office, item) is State.STOPPED
    assert [c.case.reason for c in office.store.cases()] == [Reason.SECRET]
    assert not leak(shown(office), SECRETS)
    assert dispatch.file_copies(office.box, office.service) == 0


def test_a_copy_of_what_left_before_it_was_a_secret_is_not_filed() -> None:
    office = Office()
    item = queued(office, Sort.COURTESY, State.QUEUED, CUSTOMER, "Chiami Tomáš: +420 555 000 111")
    office.clock.advance(HOUR)
    assert dispatch.send_due(office.service) == 1
    found = replace(office.service.rules.rulebook, secrets=("+420 555 000 111",))
    office.service.rules = replace(office.service.rules, rulebook=found)
    dispatch.file_copies(office.box, office.service)
    assert state_of(office, item) is State.SENT
    assert not leak("\n".join(raw.decode() for raws in office.box.folders.values() for raw in raws), found.secrets)
    assert office.service.store.unfiled() == ()


@pytest.mark.parametrize("trust", [Trust.SEND, Trust.DRAFT])
@pytest.mark.parametrize(
    "said", ["603 111 222", "sei zero tre, centoundici, duecentoventidue", f"petr.more chiocciola {EMAIL[10:]}"]
)
def test_an_answer_that_betrays_it_reaches_nobody(trust: Trust, said: str) -> None:
    page = Situation("fattura", ("fattura",), {"it": f"Chiami il {said}."})
    office = Office(trusting(trust, absent(situations=(page,))))
    office.arrive(letter(1, "Mi può mandare una copia della fattura?"))
    office.let_out()
    entry = office.store.find_entry("inbox", 1)
    assert entry is not None
    assert (entry.outcome, entry.reason, entry.outgoing) == ("waiting", Reason.SECRET, ())
    assert not leak(shown(office), SECRETS)


def test_a_note_about_a_message_that_holds_it_comes_without_that_line() -> None:
    office = Office()
    words = {
        "case": {
            "code": "4F7K",
            "who": f"Carla {PHONE}",
            "subject": "sms",
            "client": "Acme",
            "next": "",
            "doubtful": False,
        }
    }
    notes.queue("note-way", ("x",), words, office.service)
    office.let_out()
    ((to, mail),) = office.post.mails
    assert to == ASSISTANT.email
    assert WITHHELD in str(mail.get_content())
    assert not leak(str(mail), SECRETS)


def test_every_way_to_our_people_is_discreet() -> None:
    office = Office()
    contacts = {"petr-sea": {"sms": Secret("https://sms.example/t0ken-9"), "email": Secret(EMAIL)}}
    settings = replace(office.service.rules.settings, secrets=Secrets(contacts=contacts))
    office.service.rules = replace(office.service.rules, settings=settings)
    wire.equip(office.service)
    assert set(office.service.notifiers) == {"sms", "email", "command"}
    for notifier in office.service.notifiers.values():
        assert isinstance(notifier, Discreet)
        assert notifier.contacts == {"petr-sea": ("https://sms.example/t0ken-9", EMAIL)}


@pytest.mark.parametrize("name", [*disguises()][1::3])
def test_the_journal_withholds_it(name: str) -> None:
    stream = io.StringIO()
    open_journal(stream, now=lambda: NOW, key=b"k", secrets=SECRETS, log_addresses=True).info(
        "x", fault=disguises()[name]
    )
    withheld = "a line was withheld" in stream.getvalue()
    assert withheld or not leak(disguises()[name], SECRETS), "what is no secret here may be printed"


# ---- secrets.toml

MORE = """\
[contacts.me]
email = "Giulia@ferri-av.example"
[secrets]
canaries = ["zlatá liška 7f3a"]
places = ["Naxos*"]
"""


def test_canaries_and_places_are_secrets_and_ones_own_address_is_none() -> None:
    found = load(sources(main=MAIN, secrets=IN_THE_FILE + MORE), TOOLS)
    assert found.errors == ()
    assert found.rulebook is not None
    assert found.rulebook.secrets == (PHONE, EMAIL, "zlatá liška 7f3a", "Naxos*")


# ---- what check sees beforehand

SHOWN = """\
[absence]
from = 2026-11-30
back = 2026-12-07
say.it = "in ferie"
{}
"""


@pytest.mark.parametrize(
    "told",
    [
        'say.en = "at sea near {}"',
        '[[situation]]\ntitle = "x"\nwhen = ["y"]\nanswer.it = "Ecco: {}."',
        '[colleague]\nname = "Tomáš {}"\nemail = "tomas@kral.example"',
        '[colleague]\nname = "Tomáš"\nemail = "tomas@kral.example"\nwhat.it = "le offerte ({})"',
        '[[in_progress]]\nmatter = "118"\nabout = ["118"]\nsay.it = "torna da {}"',
    ],
)
@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("603 111 222", 'this shows the contact "petr-sea"'),
        ("Zlata liska-7f3a", "this says a word that must not be said"),
        ("Naxosu", "this says a word that must not be said"),
    ],
)
def test_check_sees_a_secret_in_what_customers_will_read(told: str, said: str, what: str) -> None:
    about = ABOUT + SHOWN.format(told.format(said))
    found = load(sources(rule_file("client-rossi.toml", about), secrets=IN_THE_FILE + MORE), TOOLS)
    assert [p.what for p in found.errors] == [what]
    assert not leak("\n".join(map(str, found.problems)), (*SECRETS, "zlatá liška 7f3a", "Naxos*"))
    harmless = ABOUT + SHOWN.format(told.format("Anna"))
    assert load(sources(rule_file("client-rossi.toml", harmless), secrets=IN_THE_FILE + MORE), TOOLS).errors == ()


@pytest.mark.slow
def test_check_sees_a_secret_in_a_text_of_ones_own(tmp_path: Path) -> None:
    for name, text in (("vamaild.toml", MAIN), ("secrets.toml", IN_THE_FILE + MORE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    texts = {"ordinary": f"tel. {PHONE}", "lead-time": "od Naxosu", "two": "603 111\n222", "none": ME}
    (tmp_path / "templates" / "it").mkdir(parents=True)
    for name, said in texts.items():
        (tmp_path / "templates" / "it" / f"{name}.txt").write_text(f"Subject: x\n\n{said}\n", encoding="utf-8")
    found = [p for p in wire.load(tmp_path, texts=True, play=False).errors if "secrets.toml" in p.what]
    lines = {p.file.rpartition("/")[2]: p.line for p in found}
    assert lines == {"ordinary.txt": 3, "lead-time.txt": 3, "two.txt": 1}


# ---- pages


def test_a_page_shows_no_canary_and_no_place() -> None:
    house = House()
    rules = house.service.rules
    known = replace(rules.settings.secrets, words=(Secret("Naxos*"), Secret("zlatá liška 7f3a")))
    settings = desk.without_passwords(replace(rules.settings, secrets=known))
    house.service.rules = replace(rules, settings=settings)
    house.arrive(letter(1, f"{FLOOD} Petr je na Naxosu!", subject="Allagamento"))
    house.goes_on()
    page = house.phone("me").get()
    assert page.status == 200
    assert "Naxos" not in page.html
    assert "Allagamento" not in page.html


# ---- the terminal


@click.command()
@config_option
@click.argument("said", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
def say(config: object, said: tuple[str, ...], as_json: bool) -> None:
    for one in said:
        if as_json:
            print_json({"said": one, "n": 1})
        else:
            click.echo(click.style(one, fg="red"))
            click.echo(one, err=True)


@pytest.fixture
def config(tmp_path):  # type: ignore[no-untyped-def]  # a Path
    text = f'[contacts.petr]\nsms = "{PHONE}"\n[contacts.me]\nemail = "me@va.example"\n[secrets]\nplaces = ["Naxos*"]\n'
    (tmp_path / "secrets.toml").write_text(text, encoding="utf-8")
    (tmp_path / "vamaild.toml").write_text('[me]\nemail = "Me@va.example"\n[[mailbox]]\nuser = "x"\n', encoding="utf-8")
    return tmp_path


def run(config: object, *words: str) -> str:
    ran = CliRunner().invoke(say, ["--config", str(config), *words], color=True)
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.parametrize("said", ["tel. 603 111 222", "je na Naxosu", "šest set tři sto jedenáct dvě stě dvacet dva"])
def test_a_terminal_shows_no_secret(config: object, said: str) -> None:
    assert run(config, f"před\n{said}\npo").count(f"před\n{WITHHELD}\npo") == 2
    assert json.loads(run(config, "--json", said)) == {"said": WITHHELD, "n": 1}


def test_what_comes_in_two_pieces_is_seen_with_the_second(config: object) -> None:
    assert "111 222" not in run(config, "tel. 603", "111 222").replace("603", "")


def test_what_is_no_secret_is_shown_with_its_colours(config: object) -> None:
    assert run(config, "from me@va.example") == "\x1b[31mfrom me@va.example\x1b[0m\nfrom me@va.example\n"


def test_without_secrets_nothing_stands_before_the_terminal(tmp_path: object) -> None:
    assert run(tmp_path, PHONE).count(PHONE) == 2


def test_nobody_writes_past_the_gate() -> None:
    gate = discreet.Gate(io.TextIOWrapper(io.BytesIO()), SECRETS)
    assert not hasattr(gate, "buffer")
    assert gate.encoding


def test_every_verb_with_a_configuration_is_behind_the_gate() -> None:
    context = click.Context(vamaild)
    verbs = [vamaild.get_command(context, name) for name in vamaild.list_commands(context)]
    options = [p for v in verbs if v for p in v.params if "--config" in p.opts]
    assert len(options) > 8
    assert {p.callback.__name__ for p in options if p.callback} == {"_discreetly"}
    assert all(p.callback for p in options)
