"""A further language is one file of words, one of emergencies and the texts: no line of code.

The words are made up, so that no table, detector or test can know one; the code is borrowed.
"""

from datetime import datetime
from pathlib import Path
from shutil import copytree
from zoneinfo import ZoneInfo

import pytest

from vamaild.cli.setup import Ready, prepare
from vamaild.core.decide import Decision, decide
from vamaild.core.ledger import Arrival
from vamaild.core.message import History

from .configure import client_file, write_main

TEXTS = Path(__file__).parents[2] / "templates" / "en"
AT = datetime(2026, 11, 26, 10, 40, tzinfo=ZoneInfo("Europe/Rome"))  # a Thursday
CONTEXT = {
    "owner": "Zubin Kvar",
    "mailbox": "z@kvar.example",
    "timezone": "Europe/Rome",
    "language": "eu",
    "mode": "leadtime",
    "lead_time": {"value": 4, "unit": "working_days"},
    "express_rate": "+50 %",
    "clients": ["oru@mabo.example"],
}
WORDS = """\
[language]
code = "eu"

[urgency]
stated      = ["zumip*", "plok+dorja"]
denied      = ["nekk+zumip*", "hirlo"]
conditional = ["wenko"]
solved      = ["gorrat*"]
past        = ["vedrik"]
still       = ["jaso"]
doubtful    = ["merkva"]
negators    = ["nekk"]
light       = ["la", "tu"]
strike      = ["zumipa moksha"]

[signs]
asks    = ["?*", "bimolu", "sendru*"]
thanks  = ["hvalmo"]
insists = ["tretik"]
informs = ["prodlak"]

[days]
weekdays = ["lunvo", "marvo", "mervo", "jovvo", "venvo", "sabvo", "dimvo"]
months   = ["jano", "febo", "maro", "apro", "majo", "juno", "julo", "aguro", "septo", "okto", "novo", "deko"]
today    = ["dorja"]
tomorrow = ["morja"]
evening  = ["vesprul"]
by       = ["bez"]

[mail]
wrote    = ["skribelis"]
closings = ["kara flumo"]
sent_from = ["sendita perla"]
from     = ["odulo"]
date     = ["tempulo"]
subject  = ["temulo"]
original = ["praa mesago"]
"""
EMERGENCIES = """\
[[emergency]]
name    = "fajro"
happens = ["brulgat*"]
strike  = ["brulgata koro"]
fits     = ["La magazulo brulgatas dorja."]
fits_not = ["Mia brulgata koro."]
"""
GREETING, CLOSING = "Saluvo,\n", "Kara flumo,\n{{ va.name }}\n"
ORDINARY = "Subject: Re: {{ msg.subject }}\n\n{{ greeting }}\n\nFaratos bez {{ lead.ready_on|day }}.\n\n{{ closing }}\n"
OFFER = (
    "Subject: Re: {{ msg.subject }}\n\n{{ greeting }}\n\nA) bez {{ lead.ready_on|day }}; B) bez {{ rush.ready_at|at }},"
    " {{ rush.percent }}%. B? bez {{ rush.accept_by|at }}.\n\n{{ closing }}\n"
)
RECEIVED = "Subject: Re: {{ msg.subject }}\n\n{{ greeting }}\n\nSkribos bez {{ promise.at|at }}.\n\n{{ closing }}\n"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    folder = tmp_path_factory.mktemp("ninth")
    write_main(folder)
    files = {
        "client-kvar.toml": client_file("kvar", CONTEXT),
        "10-language-eu.toml": WORDS,
        "20-emergencies-eu.toml": EMERGENCIES,
    }
    for name, text in files.items():
        (folder / "rules.d" / name).write_text(text, encoding="utf-8")
    texts = folder / "templates" / "eu"
    texts.parent.mkdir()
    copytree(TEXTS, texts)
    grammar = (TEXTS / "grammar.toml").read_text(encoding="utf-8").replace('"December"', '"deko"')
    (texts / "grammar.toml").write_text(grammar, encoding="utf-8")
    own = {"_greeting": GREETING, "_closing": CLOSING, "ordinary": ORDINARY, "rush-offer": OFFER}
    for name, text in (own | {"emergency-received": RECEIVED}).items():
        (texts / f"{name}.txt").write_text(text, encoding="utf-8")
    return prepare(folder)


def judged(ready: Ready, text: str) -> Decision:
    head = "Return-Path: <oru@mabo.example>\r\nFrom: Oru <oru@mabo.example>\r\nTo: z@kvar.example\r\n"
    raw = f"{head}Subject: Dakro\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    message = ready.read(Arrival(0, 0, AT, len(raw), raw))
    return decide(message, ready.client("kvar"), ready.rulebook, History(), ready.tools, AT, limits=False)


@pytest.mark.parametrize(
    ("text", "kind", "deadline"),
    [
        ("Bimolu sendrui la dakron?", "scheduled-request", None),
        ("Bimolu sendrui la dakron, zumipe!", "rush-request", None),
        ("Bimolu sendrui la dakron bez morja?", "rush-request", "2026-11-27T23:59"),
        ("Bimolu sendrui la dakron bez dorja vesprul?", "rush-request", "2026-11-26T22:00"),
        ("Bimolu sendrui la dakron bez lunvo?", "rush-request", "2026-11-30T23:59"),
        ("Bimolu sendrui la dakron bez 15 deko?", "scheduled-request", "2026-12-15T23:59"),
        ("Bimolu sendrui la dakron, nekk zumipe.", "perceived-only", None),
        ("Bimolu sendrui la dakron, hirlo.", "perceived-only", None),
        ("Bimolu sendrui zumipa moksha?", "scheduled-request", None),
        ("Tretik: bimolu sendrui la dakron.", "insisting", None),
        ("Hvalmo, la dakro arivis.", "information", None),
        ("La magazulo brulgatas jaso!", "emergency", None),
        ("Mia brulgata koro, bimolu sendrui la dakron?", "scheduled-request", None),
        ("Vedrik la magazulo brulgatis. Gorratas. Prodlak.", "information", None),
    ],
)
def test_it_is_read(ready: Ready, text: str, kind: str, deadline: str | None) -> None:
    decision = judged(ready, text)
    named = decision.case.reading.deadline
    assert decision.verdict.kind == kind, decision.case.reading
    assert (f"{named.at:%Y-%m-%dT%H:%M}" if named else None) == deadline


@pytest.mark.parametrize(
    "below",
    [
        "Lunvo 23. 11. 2026 Zubin skribelis:\nZumipe! bez morja",
        "---- Praa mesago ----\nZumipe! bez morja",
        "Odulo: Zubin\nTempulo: 23. 11. 2026\nTemulo: Zumipe\n\nZumipe! bez morja",
        "Kara flumo\nOru Mabo\nZumipe 24",
        "Sendita perla iPhone",
    ],
)
def test_its_mail_programs_are_known(ready: Ready, below: str) -> None:
    decision = judged(ready, f"Bimolu sendrui la dakron?\n\n{below}")
    assert decision.case.body.original == "Bimolu sendrui la dakron?"
    assert decision.verdict.kind == "scheduled-request"


@pytest.mark.parametrize(
    ("text", "template", "says"),
    [
        ("Bimolu sendrui la dakron?", "ordinary", "Faratos bez Wednesday 2 deko."),
        ("Bimolu sendrui la dakron bez lunvo?", "rush-offer", "A) bez Wednesday 2 deko; B) bez"),
        ("La magazulo brulgatas jaso!", "emergency-received", "Skribos bez"),
    ],
)
def test_it_is_answered(ready: Ready, text: str, template: str, says: str) -> None:
    reply = judged(ready, text).reply
    assert reply
    assert reply.letter
    assert (reply.template, reply.language) == (template, "eu")
    assert reply.letter.body.startswith("Saluvo,")
    assert says in reply.letter.body
    assert "-----" not in reply.letter.body
