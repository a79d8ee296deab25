"""Mail from the principal himself: his address, and whether it is really he who answers a mail of ours."""

from dataclasses import dataclass

from .core.message import Message
from .core.ruleset import Role, RuleSet
from .core.sameness import domain_of
from .core.sender import disputed
from .service import Service


@dataclass(frozen=True, slots=True)
class Speaks:
    """Who wrote: the client whose principal he is. `doubt` says why it may not be he; "" when it is."""

    ruleset: RuleSet
    doubt: str


def address_of(ruleset: RuleSet) -> str:
    """Where the principal reads: a [[person]] of that role, else the first address of his inbox; "" for none."""
    people = (p.email for p in ruleset.people if p.role is Role.PRINCIPAL)
    return next((a.lower() for a in (*people, *ruleset.client.arrives) if "*" not in a), "")


def speaks(message: Message, service: Service) -> Speaks | None:
    """The principal who wrote this by hand, if one did."""
    author = message.from_[0].lower() if len(message.from_) == 1 else ""
    ruleset = next((r for r in service.rules.rulebook.clients if author and author == address_of(r)), None)
    if ruleset is None or message.forwarded is not None or _by_a_machine(message):
        return None
    return Speaks(ruleset, _doubt(message, author, service))


def _by_a_machine(message: Message) -> bool:
    said = {value.strip().lower() for value in message.all("auto-submitted")}
    marks = message.has_any(("x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id"))
    return bool(said - {"no"} or marks or message.report or message.return_path == "")


def _doubt(message: Message, author: str, service: Service) -> str:
    servers = service.rules.rulebook.own_servers
    proof = service.rules.tools.authenticate(message.all("authentication-results"), servers)
    if proof.failed:
        return "it does not come from where it says (DMARC)"
    if servers and (proof.dmarc != "pass" or proof.domain != domain_of(author)):
        return "nothing proves that it comes from where it says (no DMARC pass)"
    return disputed(message, proven=bool(servers))
