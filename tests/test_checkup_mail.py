"""What `vamaild doctor` says of mailboxes and clients, with findings and ledgers of our own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vamaild import checkup_mail, trying
from vamaild.checkup_mail import address_of
from vamaild.core.checkup import Finding, Mark
from vamaild.core.flow import incident
from vamaild.core.ledger import Standing
from vamaild.core.message import Message
from vamaild.core.ruleset import Client, Forwarding, RuleSet

NOW = datetime(2026, 11, 26, 10, 40, tzinfo=UTC)


def ruleset(name: str, *arrives: str, profile: str = "none") -> RuleSet:
    client = Client(name, name.title(), arrives, "it", (), "Europe/Rome")
    return RuleSet(f"rules.d/client-{name}.toml", client, forwarding=Forwarding(profile))


class Ledger:
    """Who last wrote when, and whose silence the service found unusual."""

    def __init__(self, silent: str = "", **last: int) -> None:
        self.last = {name: NOW - timedelta(hours=hours) for name, hours in last.items()}
        self.silent = silent

    def standing(self, _: datetime) -> Standing:
        return Standing(last_mail=self.last)

    def last_run(self, name: str) -> datetime | None:
        return self.last.get(self.silent) if name == incident(self.silent) else None


class Patient:
    """As much of one as the forwarding asks for."""

    settings = None
    send = False
    client = ""
    now = NOW

    def __init__(self, store: Ledger | None, *clients: RuleSet) -> None:
        self.store, self.clients = store, clients


def flow(store: Ledger | None, *clients: RuleSet) -> list[tuple[Mark, str, str]]:
    found = checkup_mail.look_at_forwarding(Patient(store, *clients))  # type: ignore[arg-type]
    return [(f.mark, f.words, f.client) for f in found]


ROSSI, HORAK = ruleset("rossi", "info@rossi.example"), ruleset("horak", "info@horak.example", profile="m365")


def test_mail_that_flows_is_one_line() -> None:
    assert flow(Ledger(rossi=3), ROSSI) == [(Mark.OK, "rossi: last mail 3 h ago", "")]
    assert flow(Ledger(rossi=3, horak=5), ROSSI, HORAK) == [(Mark.OK, "2 clients, last mail 3 h ago", "")]


def test_silence_and_what_usually_causes_it() -> None:
    silent, fine = flow(Ledger("horak", rossi=3, horak=42), ROSSI, HORAK)
    words = "horak: silent 42 h. Usual cause: 550 5.7.520, their Microsoft 365 forbids forwarding"
    assert (silent, fine) == ((Mark.LOOK, words, "horak"), (Mark.OK, "rossi: last mail 3 h ago", ""))


@pytest.mark.parametrize("store", [None, Ledger(rossi=1)])
def test_nothing_ever_came(store: Ledger | None) -> None:
    assert (Mark.LOOK, "horak: nothing has come through it yet", "horak") in flow(store, HORAK)


@pytest.mark.parametrize(
    ("arrives", "address"),
    [
        (("clienti+rossi@ferri-av.example", "info@rossi.example"), "info@rossi.example"),
        (("Clienti@ferri-av.example", "*@rossi.example"), ""),
        (("info@rossi.example", "b@rossi.example"), "info@rossi.example"),
    ],
)
def test_the_clients_own_address(arrives: tuple[str, ...], address: str) -> None:
    assert address_of(ruleset("rossi", *arrives), ["clienti@ferri-av.example"]) == address


def back(**what: Any) -> list[Finding]:
    tried = trying.Back(**{"seconds": 60.0, **what})
    return list(checkup_mail._verdict(HORAK, "info@horak.example", tried, NOW))


@pytest.fixture(autouse=True)
def nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup_mail, "hosted", lambda _: None)


def test_a_probe_that_does_not_come_back() -> None:
    (found,) = back()
    assert found.words == (
        "horak: test message sent 10:40, not back after 60 s. "
        "Usual cause: 550 5.7.520, their Microsoft 365 forbids forwarding"
    )
    assert (found.mark, found.do) == (Mark.LOOK, "vamaild doctor --letter horak")


def test_a_probe_that_is_refused_or_answered() -> None:
    (found,) = back(refused="550 5.2.2, their mailbox is full")
    assert (found.mark, found.words.endswith("550 5.2.2, their mailbox is full")) == (Mark.FAIL, True)
    fine, look = back(message=Message(NOW), seconds=11.0, away=True)
    assert (fine.mark, fine.words) == (Mark.OK, "horak: a test message came back after 11 s")
    assert (look.mark, "two answers" in look.words) == (Mark.LOOK, True)


@pytest.mark.parametrize(("count", "lines"), [(5, 5), (6, 1), (300, 1)])
def test_many_mailboxes_that_are_well_are_one_line(monkeypatch: pytest.MonkeyPatch, count: int, lines: int) -> None:
    well = Finding("mailbox", Mark.OK, "x")
    ill = replace(well, mark=Mark.FAIL, words="no answer")

    def each(_: object) -> Iterator[Finding]:
        yield from [well] * count
        yield ill

    monkeypatch.setattr(checkup_mail, "_each_mailbox", each)
    found = list(checkup_mail.look_at_mailboxes(None))  # type: ignore[arg-type]
    assert [f.mark for f in found] == [Mark.OK] * lines + [Mark.FAIL]
