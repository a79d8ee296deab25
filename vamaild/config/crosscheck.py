"""What no single key shows: whether the parts of a client's file go together. Each check yields its own problems."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..core.absence import named_places
from ..core.route import matches
from ..core.ruleset import RuleSet
from ..core.secrecy import leak
from . import playbook
from .build_rules import Desk
from .locate import Path
from .problem import Severity, nearest
from .schema.client import ClientFile
from .settings import Secret, Secrets
from .toml import texts

BUILT_IN = ("me", "colleague")
CHANNELS = ("email", "command")
PLAIN_WAYS = (*CHANNELS, "phone")
SHOWN_TO_CUSTOMERS = {
    "situation": ("answer",),
    "absence": ("say",),
    "colleague": ("name", "email", "phone", "title", "role", "what"),
    "client": ("name", "principal"),
    "in_progress": ("say",),
    "person": ("name",),
}


def lead_or_absence(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    if file.lead is None and file.absence is None:
        desk.report(("client",), "[lead] or [absence] is needed", "[lead]: the notice agreed; [absence]: who is away")
    if file.rush and file.lead is None:
        desk.report(("rush",), "[rush] needs [lead]", "a surcharge is for work before the agreed notice is over")
    if file.rush and file.rush.mode == "offer" and not file.rush.tier:
        desk.report(("rush", "mode"), '"offer" needs a price', "write [[rush.tier]] with ready and percent")


def dates(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    away = file.absence
    if away is None:
        return
    if away.back is None:
        if away.answer_by and away.answer_by < away.first:
            what = f'"answer_by" must not be earlier than "from", {away.first}'
            desk.report(("absence", "answer_by"), what, show=True)
        return
    if away.back <= away.first:
        desk.report(("absence", "back"), f'"back" must be later than "from", {away.first}', show=True)
    if away.answer_by and away.answer_by < away.back:
        what = f'"answer_by" must not be earlier than "back", {away.back}'
        desk.report(("absence", "answer_by"), what, "nobody is there to answer before", show=True)


def chain(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """Every name of the chain stands for somebody; without secrets.toml only the built-in ones are looked at."""
    for number, name in enumerate(file.escalation.chain):
        path: Path = ("escalation", "chain", number)
        if name == "colleague" and not file.colleague:
            desk.report(path, '"colleague" is in the chain, but there is no [colleague]', show=True)
        elif name not in BUILT_IN and secrets is not None and name not in secrets.contacts:
            known = nearest(name, (*BUILT_IN, *secrets.contacts))
            desk.report(path, f'nobody is called "{name}" in [contacts] of secrets.toml', known, show=True)


def two_ways(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """One channel alone is no alarm: when it is down, nobody hears of a disaster while the principal is away.

    It fails `check`, but sets nobody aside: that would make one channel none.
    """
    if file.absence is None or secrets is None or "escalation" not in desk.document.data:
        return
    ways = (item for name in (*file.escalation.chain, "me") for item in secrets.contacts.get(name, {}).items())
    known = {channel for channel, way in ways if channel in CHANNELS or "://" in way.reveal()}
    known |= {"email"}  # the assistant's own address
    if len(known) < 2:
        what = "an emergency can be told over one channel only, email: when mail is down, nobody hears of it"
        help = (
            "give somebody of the chain a second channel in [contacts] of secrets.toml: the URL of a service for text "
            "messages (sms, ntfy …), or a command; a telephone number alone is for people, vamaild cannot call it"
        )
        found = desk.document.problem(("escalation", "chain"), what, help, show=True)
        desk.problems.append(replace(found, severity=Severity.NEEDED))


def reachable(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """A bare telephone number tells nobody anything: the chain passes such a way over."""
    for number, name in enumerate(file.escalation.chain):
        for channel, way in secrets.contacts.get(name, {}).items() if secrets else ():
            if channel not in PLAIN_WAYS and "://" not in way.reveal():
                what = f'the way "{channel}" of "{name}" cannot be used: it is no URL of a service'
                help = "write the URL of a service that sends there, or use command; until then it is passed over"
                desk.warn(("escalation", "chain", number), what, help)


def colleague(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    if file.colleague:
        return
    for number, matter in enumerate(file.in_progress):
        if matter.can == "colleague":
            path: Path = ("in_progress", number, "can")
            desk.report(path, f'"{matter.matter}" goes to the colleague, but there is no [colleague]', show=True)


def secret_shown(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """Words that customers read must hold no secret contact, and no canary and place of [secrets]."""
    for name, ways in secrets.contacts.items() if secrets else ():
        _unsaid(desk, ways.values(), f'this shows the contact "{name}"', "contacts")
    _unsaid(desk, secrets.words if secrets else (), "this says a word that must not be said", "secrets")


def _unsaid(desk: Desk, values: Iterable[Secret], what: str, table: str) -> None:
    known = tuple(value.reveal() for value in values)
    for path, text in _shown(desk):
        if leak(text, known):
            desk.report(path, what, f"replies may never contain anything from [{table}] in secrets.toml")


def place_named(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """Where somebody is on holiday is nobody's business: `[secrets] places`, in any form of the word."""
    places = tuple(word.reveal() for word in secrets.words) if secrets else ()
    for path, text in _shown(desk) if places else ():
        if named_places(text, places):
            desk.warn(path, "this names a place of [secrets] in secrets.toml", "say that he is away, never where")


def _shown(desk: Desk) -> Iterator[tuple[Path, str]]:
    """Every text of the file that a customer may read."""
    for part, keys in SHOWN_TO_CUSTOMERS.items():
        for path, text in texts(desk.document.data.get(part, {}), (part,)):
            if any(key in path[1:3] for key in keys):
                yield path, text


def people(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    seen: dict[str, int] = {}
    for number, person in enumerate(file.person):
        path: Path = ("person", number, "email")
        if person.email in seen:
            desk.warn(path, f"this address stands on line {seen[person.email]} already", "the first one counts")
        seen.setdefault(person.email, desk.document.lines.of(path))


def examples(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """An example that expects nothing would always hold."""
    for number, table in enumerate(file.example):
        if not (table.kind or table.reply or table.no_reply or table.deadline or table.reply_says):
            desk.report(("example", number), f'"{table.title}" expects nothing', 'write at least: kind = "…"')


def answers(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    language = file.client.language
    for number, situation in enumerate(file.situation):
        if language and language not in situation.answer:
            what = f'the answer to "{situation.title}" is missing in "{language}"'
            desk.warn(("situation", number, "answer"), what, "customers would get it in another language")


CHECKS: tuple[Callable[[Desk, ClientFile, Secrets | None], None], ...] = (
    lead_or_absence,
    dates,
    chain,
    two_ways,
    reachable,
    colleague,
    secret_shown,
    place_named,
    people,
    answers,
    playbook.pages,
    examples,
)


def check(desk: Desk, file: ClientFile, secrets: Secrets | None) -> None:
    """Reports everything that does not go together. `secrets` is None when secrets.toml cannot be read."""
    for look in CHECKS:
        look(desk, file, secrets)


def clashes(desk: Desk, ruleset: RuleSet, others: Iterable[RuleSet]) -> None:
    """An id or an address that an earlier client has already: mail would go to the wrong one."""
    for other in others:
        if other.client.id == ruleset.client.id:
            desk.report(("client", "id"), f'"{ruleset.client.id}" is the id of {other.file} already', show=True)
        for number, address in enumerate(ruleset.client.arrives):
            if taken := _taken(address, other.client.arrives):
                what = f'"{address}" belongs to {other.file} already'
                help = "" if taken == address else f'there it is covered by "{taken}"'
                desk.report(("client", "arrives", number), what, help, show=True)


def _taken(address: str, claimed: tuple[str, ...]) -> str:
    """The claim that covers this address, or that it covers."""
    if "*" in address:
        return next((c for c in claimed if matches(c, (address,)) or matches(address, (c,))), "")
    if address not in claimed and "*" not in "".join(claimed):  # as nearly always
        return ""
    return next((c for c in claimed if c == address or ("*" in c and matches(address, (c,)))), "")
