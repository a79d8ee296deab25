"""A case that is given to the colleague from the command line: what is his goes as a packet, and nothing else goes."""

import json
import re
from pathlib import Path

import pytest

from tests.system.bench import MORNING, NOVAK, STRANGER, Bench
from vamaild.core.cases import NewCase
from vamaild.core.handover import Consent, Said
from vamaild.core.ledger import DATABASE, State
from vamaild.handing import PACKET

DONE, ATTENTION = 0, 1
TOMAS = "tomas@kral.example"


def in_queue(bench: Bench, text: str) -> str:
    """A customer has written this to Novák, who is away; a case about it waits."""
    bench.go(10, 0, day=30)
    bench.write(text, sender=STRANGER, to=NOVAK, subject="Dotaz")
    with bench.store() as store:
        return store.open_case(NewCase("novak", "doubt", "look", "Eva", "Dotaz"), bench.clock.now(), 1)


def packets(bench: Bench) -> list[str]:
    with bench.store() as store:
        return [i.mail.to for i in store.outbox(tuple(State)) if i.mail.template == PACKET]


def still_open(bench: Bench, code: str) -> bool:
    with bench.store() as store:
        return code in [c.code for c in store.cases()]


@pytest.mark.parametrize("verb", [("queue", "give", "--to", "colleague"), ("colleague", "give")])
@pytest.mark.parametrize("his", [True, False])
def test_what_is_his_goes_as_a_packet_whichever_verb_says_so(bench: Bench, verb: tuple[str, ...], his: bool) -> None:
    code = in_queue(bench, "Dobrý den, mám rozbité sklo." if his else "Dobrý den, kolik stojí vaše okna?")
    said = bench.ask(*verb[:2], code.lower(), *verb[2:])
    assert (said.code, packets(bench), still_open(bench, code)) == (
        (DONE, [TOMAS], False) if his else (ATTENTION, [], True)
    )
    assert (f"{code} goes to {TOMAS}" in said.out) is his
    assert ("it is not in their scope" in said.err) is not his


def test_what_is_about_no_message_is_told_to_him_by_the_chain(bench: Bench) -> None:
    with bench.store() as store:
        code = store.open_case(NewCase("novak", "principal-says", "call them", "Petr", "Vrata"), bench.clock.now())
    assert "is given to colleague" in bench.ask("queue", "give", code, "--to", "colleague").out
    assert packets(bench) == []


URGENT = "Dobrý den, mám rozbité sklo, potřebuji to ještě dnes. Je to naléhavé."


def test_explain_knows_what_he_agreed_to(bench: Bench, tmp_path: Path) -> None:
    file = bench.config / "rules.d" / "client-novak.toml"
    text = file.read_text(encoding="utf-8").replace('"give-contact"', '"forward"')
    file.write_text(re.sub(r"^confirmed.*$", "", text, flags=re.MULTILINE), encoding="utf-8")
    letter = tmp_path / "urgent.eml"
    letter.write_bytes(message(URGENT))

    def told() -> str:
        return str(json.loads(bench.ask("explain", "--json", str(letter)).out)["reply"]["template"])

    assert told() == "colleague", "there is no ledger yet"
    with bench.store() as store:
        store.ask_consent(Consent("novak", TOMAS, "Tomáš Král", "<q@va.example>", MORNING, Said.YES, MORNING))
        store.ask_consent(Consent("rossi", TOMAS, "Tomáš Král", "<r@va.example>", MORNING, Said.NO, MORNING))
    assert told() == "colleague-forwarded"
    assert "colleague-forwarded" in bench.ask("explain", str(letter)).out
    (bench.state / DATABASE).write_bytes(b"no ledger at all, but long enough to be taken for one " * 99)
    assert told() == "colleague"


def message(text: str) -> bytes:
    head = {
        "Return-Path": f"<{STRANGER}>", "Delivered-To": NOVAK, "From": STRANGER, "To": NOVAK, "Subject": "Sklo",
        "Date": "Tue, 01 Dec 2026 10:00:00 +0100", "Message-ID": "<1@mala.example>",
        "Content-Type": "text/plain; charset=utf-8",
    }  # fmt: skip
    return ("".join(f"{name}: {value}\r\n" for name, value in head.items()) + f"\r\n{text}\r\n").encode()
