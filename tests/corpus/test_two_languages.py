"""Replies in two languages, with the shipped rules, the shipped texts and the real detector."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vamaild.cli.setup import Ready, prepare
from vamaild.core.decide import decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History
from vamaild.core.plan import Reply
from vamaild.core.tongues import DASHES

from .configure import client_file, write_main

HERE = Path(__file__).parent
AT = datetime(2026, 8, 12, 10, 0, tzinfo=ZoneInfo("Europe/Rome"))
CONTEXT = {
    "owner": "Mario Rossi",
    "mailbox": "mario@rossi.example",
    "timezone": "Europe/Rome",
    "language": "it",
    "clients": ["carla@fiori.example"],
}
AWAY = {
    "mode": "vacation",
    "away_from": "2026-08-01",
    "return_date": "2026-08-24",
    "colleague": {"name": "Laura Conti", "scope": "cantieri aperti"},
}
AGREED = {"mode": "leadtime", "lead_time": {"value": 4, "unit": "working_days"}, "express_rate": "+50 %"}


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("two")
    write_main(folder)
    for name, more in (("away", AWAY), ("agreed", AGREED)):
        text = client_file(name, CONTEXT | more | {"mailbox": f"{name}@rossi.example"})
        (folder / "rules.d" / f"client-{name}.toml").write_text(text, encoding="utf-8")
    return prepare(folder)


def reply(ready: Ready, client: str, text: str) -> Reply:
    head = f"Return-Path: <carla@fiori.example>\r\nFrom: Carla <carla@fiori.example>\r\nTo: {client}@rossi.example\r\n"
    raw = f"{head}Subject: xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    message = ready.read(Arrival(0, 0, AT, len(raw), raw))
    decision = decide(message, ready.client(client), ready.rulebook, History(), ready.tools, AT, limits=False)
    assert decision.reply, (decision.verdict, decision.withheld)
    assert decision.reply.letter
    return decision.reply


@pytest.mark.parametrize("client", ["away", "agreed"])
def test_a_few_words_are_answered_in_italian_and_english(ready: Ready, client: str) -> None:
    told = reply(ready, client, "Ok? Xyz 12?")
    assert told.letter
    first, _, second = told.letter.body.partition(f"\n\n{DASHES}\n\n")
    assert re.search(r"\bagosto\b", first), first
    assert re.search(r"\bAugust\b", second), second
    assert told.language == "it"
    assert "\n" not in told.letter.subject


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Buongiorno, mi mandi per favore il preventivo per la cucina?", "agosto"),
        ("Good morning, could you please send me the quote for the kitchen?", "August"),
        ("Dobrý den, poslala byste mi prosím nabídku na kuchyň?", "srpna"),
        ("dobry den, poslala byste mi prosim nabidku na kuchyn?", "srpna"),
    ],
)
def test_a_sentence_is_answered_in_its_language_alone(ready: Ready, text: str, month: str) -> None:
    told = reply(ready, "away", text)
    assert told.letter
    assert DASHES not in told.letter.body
    assert month in told.letter.body
