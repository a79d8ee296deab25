"""A service over a generated history, to report on."""

from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

from tests.make import book
from tests.memory_store import MemoryStore
from tests.office import Journal, Post
from tests.report import history
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.mime import MimeReader
from vamaild.adapters.templates import Texts
from vamaild.config.settings import ReportSettings, Secret, SendSettings, ServerSettings, Settings
from vamaild.core.decide import Tools
from vamaild.core.entries import Sending
from vamaild.core.ledger import Store
from vamaild.core.ruleset import Assistant, Week
from vamaild.service import Rules, Service

TEMPLATES = Path(__file__).parents[2] / "templates"
GOLDEN = Path(__file__).parents[1] / "data" / "report"
FRIDAY = (4, time(16))
LANGUAGES = ("it", "cs", "en")


def detect(text: str, among: object, default: str) -> tuple[str, float]:
    return default, 0.0


def service(
    store: Store | None = None,
    language: str = "it",
    now: datetime = history.NOW,
    *,
    week: Week | None = None,
    secrets: tuple[str, ...] = ("+420 603 111 222",),
    **report: object,
) -> Service:
    """The service of Giulia Ferri with the five clients; by default everything in memory."""
    me = Assistant("Giulia Ferri", "giulia@ferri-av.example", language=language)
    server = ServerSettings("localhost", 25, "none")
    told = ReportSettings(**({"send": FRIDAY} | report))  # type: ignore[arg-type]  # by name
    settings = Settings(me, (), SendSettings(server, "", Secret("")), week=week or Week(), report=told)
    rules = replace(book(*history.rulesets()), assistant=me, secrets=secrets)
    texts = Tools(Texts(TEMPLATES), detect)
    reader = MimeReader(lambda page: (page, ""))
    kept = Rules(settings, rules, texts, Sending("va@ferri-av.example"))
    return Service(kept, store or MemoryStore(), Post(), {}, reader.read, MovingClock(now), Journal())
