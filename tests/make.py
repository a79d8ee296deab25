"""Small values for the tests of the core: a message, a client, a rulebook, each with sensible parts."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from vamaild.core.case import Case
from vamaild.core.decide import Tools, gather
from vamaild.core.letter import Letter, TemplateError
from vamaild.core.message import History, Message
from vamaild.core.ruleset import (
    Absence,
    Assistant,
    Client,
    Colleague,
    EmergencyRule,
    Kind,
    Language,
    Lead,
    Person,
    Role,
    Rule,
    Rulebook,
    RuleSet,
    Rush,
    Tier,
    Trust,
)
from vamaild.core.safety import Safety, safety

SHIPPED = Path(__file__).parent.parent / "rules.d" / "00-safety.toml"
ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 11, 26, 10, 40, tzinfo=ROME)  # a Thursday
OWNER = "boss@client.example"
CUSTOMER = "carla@customer.example"
LEAD = Lead(4)
RUSH = Rush("offer", "me", 2, (Tier("2 working days", 25), Tier("today 18:00", 50, time(11, 30)), Tier("weekend", 100)))
AWAY = Absence(date(2026, 11, 23), date(2026, 12, 7), date(2026, 12, 9), {"it": "in ferie", "en": "away"})
COLLEAGUE = Colleague("Laura Conti", "laura@conti.example", ("cantiere", "sopralluog*"), role={"it": "i cantieri"})
ITALIAN = Language(
    "it",
    {
        "urgency.stated": ("serv* subito", "urgent*", "mi serve per stasera"),
        "urgency.denied": ("non è urgente", "con calma", "quando puoi"),
        "signs.thanks": ("grazie mille", "ricevuto"),
        "signs.insists": ("terza mail", "ancora una volta"),
        "signs.scam": ("codice PIN",),
        "days.today": ("oggi",),
        "days.tonight": ("stasera",),
        "days.tomorrow": ("domani",),
    },
)
WATER = EmergencyRule("acqua", "it", ("si sta allagando", "allag*"))
KINDS = (
    Rule("damage now", Kind.EMERGENCY, {"emergency": "now"}),
    Rule("thanks", Kind.INFORMATION, {"shows": ("thanks",)}),
    Rule("again", Kind.INSISTING, {"repeats": True}, {"new_fact": True}),
    Rule("stated", Kind.RUSH_REQUEST, {"urgency": "stated"}),
    Rule("looks", Kind.PERCEIVED_ONLY, {"looks_urgent": True}),
)
SCREENS = (Rule("phishing", Kind.HOSTILE, {"shows": ("scam",)}),)


@cache
def shipped_safety() -> Safety:
    """The signs of a machine, as they are shipped."""
    return safety(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["safety"])


def client(**changes: object) -> RuleSet:
    """A lead-time client in Rome that sends; any field of RuleSet may be changed."""
    about = Client("acme", "Acme", (OWNER,), "it", ("it",), "Europe/Rome", Trust.SEND, principal="Mario Rossi")
    people = (
        Person("marco@acme.example", "Marco", Role.CLIENT, "tu", accepts_rush=True),
        Person("alarm@tower.example", "", Role.ALARM),
        Person("laura@conti.example", "Laura", Role.COLLEAGUE),
    )
    base = RuleSet("rules.d/client-acme.toml", about, people, lead=LEAD, rush=RUSH)
    return replace(base, **changes)  # type: ignore[arg-type]  # by name


def absent(**changes: object) -> RuleSet:
    """The same client on holiday."""
    return client(**({"lead": None, "rush": None, "absence": AWAY, "colleague": COLLEAGUE} | changes))


def book(*clients: RuleSet, **changes: object) -> Rulebook:
    base = Rulebook(
        clients or (client(),),
        {"it": ITALIAN},
        (WATER,),
        SCREENS,
        KINDS,
        Assistant("Giulia Ferri", "giulia@ferri-av.example"),
        own_addresses=("va@va.example", "giulia@ferri-av.example"),
        secrets=("+420 603 111 222", "petr.more@proton.example"),
        safety=shipped_safety(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # by name


def mail(text: str = "Ciao, mi mandi il preventivo?", **changes: object) -> Message:
    """A human message from a customer to the owner, with the headers that a final server adds."""
    sender = str(changes.pop("sender", CUSTOMER))
    extra = changes.pop("headers", {})
    path = changes.pop("path", sender)
    headers: list[tuple[str, str]] = [("to", OWNER), ("from", sender)]
    if path is not None:
        headers.insert(0, ("return-path", f"<{path}>"))
    assert isinstance(extra, Mapping)
    headers += [(str(k).lower(), str(v)) for k, v in extra.items()]
    base = Message(
        received=NOW,
        sent=NOW,
        headers=tuple(headers),
        from_=(sender,),
        from_name="Carla",
        to=(OWNER,),
        subject="Preventivo",
        text=text,
        parts=("text/plain",),
        message_id="<1@customer.example>",
        size=1000,
        fingerprint="f1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # by name


def render(template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
    """A text that only names what it was asked for."""
    if template == "missing":
        raise TemplateError("templates/it/missing.txt does not exist")
    return Letter(f"Re: {template}", f"{template} in {language} for {client}: {words.get('answer', '')}\n")


def detect(text: str, among: Sequence[str], default: str) -> tuple[str, float]:
    return default, 0.0


TOOLS = Tools(render, detect)


def case(message: Message | None = None, ruleset: RuleSet | None = None, **changes: object) -> Case:
    """A case, as the daemon would gather it."""
    ruleset = ruleset or client()
    history = changes.pop("history", History())
    now = changes.pop("now", NOW)
    assert isinstance(history, History)
    assert isinstance(now, datetime)
    rulebook = changes.pop("rulebook", book(ruleset))
    assert isinstance(rulebook, Rulebook)
    found = gather(message or mail(), ruleset, rulebook, history, TOOLS, now)
    return replace(found, **changes)  # type: ignore[arg-type]  # by name


__all__ = [
    "AWAY",
    "COLLEAGUE",
    "CUSTOMER",
    "NOW",
    "OWNER",
    "ROME",
    "TOOLS",
    "UTC",
    "absent",
    "book",
    "case",
    "client",
    "mail",
]
