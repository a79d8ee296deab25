"""The page of `vamaild client record`: what is kept for one client, why, how long, and who receives it (Art. 30 GDPR).

Made from the settings that are in force, so that it cannot say anything else than what is done.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import phrasing
from ..adapters import files
from ..adapters.store.copies import KEEP
from ..core.grammar import GrammarError
from ..core.letter import TemplateError
from ..core.phrases import Phrases
from .screen import Exit, Stop

if TYPE_CHECKING:
    from ..config.settings import Settings
    from ..core.privacy import About
    from ..core.ruleset import RuleSet

FILE = "record.toml"


def page(ruleset: "RuleSet", settings: "Settings", about: "About", language: str, config: Path, now: datetime) -> str:
    """The page in this language, else in English. Stops when its words cannot be used."""
    try:
        say = phrasing.load((config / "templates", files.shipped("templates")), language, FILE, now)
        parts = [
            ("", [say.say("record.as_of", day=f"{now:%Y-%m-%d}")]),
            ("roles", _roles(ruleset, settings, say)),
            ("purposes", _purposes(ruleset, say)),
            ("people", [say.say("record.whom"), say.say("record.what")]),
            ("kept", _kept(settings, about, say)),
            ("receivers", _receivers(ruleset, settings, say)),
            ("security", [_security(settings, say)]),
            ("rights", [say.say("record.person"), say.say("record.leaving", id=ruleset.client.id)]),
        ]
        title = say.say("record.title", client=ruleset.client.name)
        return "\n".join(
            [title, "=" * len(title), *(line for name, lines in parts for line in _part(name, lines, say))]
        )
    except (TemplateError, GrammarError) as error:
        raise Stop(f"templates/{language}/{FILE}: {error}", Exit.CONFIGURATION) from error


def _part(name: str, lines: list[str], say: Phrases) -> list[str]:
    return ["", *([say.say(f"record.{name}")] if name else []), *(f"- {line}" if name else line for line in lines)]


def _roles(ruleset: "RuleSet", settings: "Settings", say: Phrases) -> list[str]:
    me, client = settings.assistant, ruleset.client
    principal = say.say("record.behalf", name=client.principal) if client.principal else ""
    arrives = ", ".join(client.arrives)
    return [
        say.say("record.processor", name=me.name, email=me.email),
        say.say("record.controller", client=client.name, principal=principal, addresses=arrives),
    ]


def _purposes(ruleset: "RuleSet", say: Phrases) -> list[str]:
    lines = [say.say("record.purpose"), say.say("record.decides", trust=str(ruleset.client.trust))]
    return [*lines, *([say.say("record.away")] if ruleset.absence else [])]


def _kept(settings: "Settings", about: "About", say: Phrases) -> list[str]:
    privacy = settings.privacy
    texts = min(privacy.keep_text, privacy.keep_events)
    return [
        say.say("record.texts", time=texts),
        say.say("record.events", time=privacy.keep_events),
        *(say.say(f"record.{key}") for key in ("open", "always", "silence", "bounced")),
        say.say("record.backups", n=KEEP),
        say.say("record.now", about.rows.get("message", 0), texts=about.texts),
    ]


def _receivers(ruleset: "RuleSet", settings: "Settings", say: Phrases) -> list[str]:
    hosts = dict.fromkeys([*(m.server.host for m in settings.mailboxes), settings.send.server.host])
    colleagues = [colleague.name for colleague in ruleset.stand_ins]
    called = len({person for person in ruleset.escalation.chain if person != "me"})
    return [
        say.say("record.servers", servers=", ".join(hosts)),
        *([say.say("record.colleagues", names=say.both(colleagues))] if colleagues else []),
        say.say("record.contacts", called),
        say.say("record.nobody"),
    ]


def _security(settings: "Settings", say: Phrases) -> str:
    return say.say("record.measures", log=say.say("record.log") if settings.privacy.log_addresses else "")
