"""A note to the assistant: written in her language, queued like any mail. It goes to nobody else."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from .core.egress import masked
from .core.ledger import Outgoing, Sort
from .core.letter import Envelope, Letter, TemplateError, key_for, to_bytes
from .service import Service


def queue(template: str, about: tuple[str, ...], words: Mapping[str, object], service: Service) -> None:
    """Queues the note; `about` names what it tells, so that the same thing is told once."""
    settings, sender, now = service.rules.settings, service.rules.sending.address, service.now()
    assistant = settings.assistant
    key = key_for(template, *about, domain=sender.rpartition("@")[2])
    envelope = Envelope(
        assistant.name, sender, assistant.email, key, language=assistant.language, auto="auto-generated"
    )
    raw = to_bytes(letter(template, words, service), envelope, now)
    service.store.queue_mail(Outgoing(key, Sort.NOTE, assistant.email, raw, now, "", template))


def letter(template: str, words: Mapping[str, object], service: Service) -> Letter:
    """The note itself, for whoever sends it another way."""
    return _discreet(_letter(template, words, service), service)


def _discreet(letter: Letter, service: Service) -> Letter:
    """The note without anything of secrets.toml that a customer may have written; her own address she knows."""
    own = service.rules.settings.assistant.email.lower()
    secrets = tuple(s for s in service.rules.rulebook.secrets if s.lower() != own)
    return Letter(masked(letter.subject, secrets), masked(letter.body, secrets))


def _letter(template: str, words: Mapping[str, object], service: Service) -> Letter:
    """The note; a broken text must not hide what happened, so the bare facts stand in."""
    assistant = service.rules.settings.assistant
    common: dict[str, object] = {
        "now": service.now().astimezone(ZoneInfo(assistant.timezone)),
        "tu": False,
        "automatic": True,
        "va": {"name": assistant.name, "gender": assistant.gender},
    }
    try:
        return service.rules.tools.render(template, assistant.language, "", common | dict(words))
    except TemplateError as error:
        service.journal.error("the note is sent without its text", fault=str(error))
        return Letter(f"vamaild: {template}", "".join(f"{name}: {value}\n" for name, value in words.items()))
