"""The scenery of an example: the message, its sender, the moment, and what was remembered before.

What a person leaves out is filled in: an ordinary customer writes on an ordinary Monday to the client's first address,
and what a rule asks for besides words (a sender, a role, a third message) is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from ..core.message import History, Message
from ..core.ruleset import Client, Lead, Rulebook, RuleSet
from .configuration import Example

CUSTOMER = "someone@customer.example"
MONDAY = date(2026, 11, 23)  # an ordinary working day, so that the short examples of a rule need no date
TEN = time(10)


@dataclass(frozen=True, slots=True)
class Scene:
    """What an example is judged on."""

    message: Message
    ruleset: RuleSet
    history: History

    @property
    def now(self) -> datetime:
        return self.message.received


def usual_moment(ruleset: RuleSet) -> datetime:
    """A Monday at ten, or the first day of the absence where there is no lead time; the client's zone."""
    zone = ZoneInfo(ruleset.client.timezone)
    if ruleset.absence and ruleset.lead is None:
        return datetime.combine(ruleset.absence.first, TEN, zone)
    return datetime.combine(MONDAY, TEN, zone)


def _plain(pattern: str) -> str:
    """An address that fits this pattern: *@comune.*.example -> someone@comune.someone.example."""
    return pattern.replace("*", "someone")


def _message(
    ruleset: RuleSet, author: str, text: str, subject: str, at: datetime, headers: Mapping[str, str]
) -> Message:
    to = _plain(ruleset.client.arrives[0])
    usual = {"return-path": f"<{author}>", "delivered-to": to, "from": author, "to": to, "subject": subject}
    return Message(
        received=at,
        sent=at,
        headers=tuple((usual | dict(headers)).items()),
        from_=(author,),
        to=(to,),
        subject=subject,
        text=text,
        message_id="<example@customer.example>",
        size=len(text),
    )


def of_example(example: Example, ruleset: RuleSet) -> Scene:
    """The whole message of an [[example]]; one that is not the first today is about the same matter."""
    at = example.received or usual_moment(ruleset)
    headers = dict(example.headers)
    message = _message(ruleset, example.from_address, example.text, example.subject, at, headers)
    count = example.messages_today
    return Scene(message, ruleset, History(messages_today=count, same_matter=count))


def of_rule(text: str, when: Mapping[str, object], ruleset: RuleSet, should_fit: bool = True) -> Scene:
    """A short example of a rule: `text`, and whatever else its conditions ask for.

    Earlier messages are made up only where the rule should fit; what it should leave alone is a first message.
    """
    subject = text.split("\n")[0] if "subject_says" in when else ""
    message = _message(ruleset, _author(when, ruleset), text, subject, _moment(when, ruleset), {})
    if when.get("attachment") is True:
        message = replace(message, attachments=("file.pdf",))
    if when.get("hidden_text") is True or "hidden_shows" in when:
        message = replace(message, hidden=text)
    return Scene(message, ruleset, _history(when) if should_fit else History())


def _history(when: Mapping[str, object]) -> History:
    wanted = when.get("messages_today_at_least")
    count = wanted if isinstance(wanted, int) else 1
    return History(messages_today=count, same_matter=max(count, 3) if when.get("repeats") is True else 1)


def _moment(when: Mapping[str, object], ruleset: RuleSet) -> datetime:
    usual = usual_moment(ruleset)
    if when.get("away") is True and ruleset.absence:
        return datetime.combine(ruleset.absence.first, TEN, usual.tzinfo)
    return usual


def _author(when: Mapping[str, object], ruleset: RuleSet) -> str:
    """Who writes: somebody `from` allows, or somebody of the role asked for, or anybody."""
    allowed = when.get("from")
    if isinstance(allowed, tuple) and allowed:
        return _plain(str(allowed[0])).lower()
    roles = when.get("role")
    known = [p for p in ruleset.people if not isinstance(roles, tuple) or p.role in roles]
    if (roles or when.get("known_sender") is True) and known:
        return _plain(known[0].email)
    return CUSTOMER


def neutral(rulebook: Rulebook, language: str) -> RuleSet:
    """A client like any other, of this language, for the rules that belong to none."""
    zone = rulebook.assistant.timezone
    client = Client("example", "Example", ("office@client.example",), language, (language,), zone)
    return RuleSet("", client, lead=Lead(4))
