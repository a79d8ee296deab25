"""What a person must always see before it is answered: complaints, law, money, new customers.

Such a message is judged and planned like any other; only its reply is a draft, whatever the trust level. The words are
language data: the lists under [always_draft] in rules.d/15-careful-xx.toml, each list a topic of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .case import Case
from .reading import inherited
from .ruleset import Language
from .words import Hit, find

LISTS = "always_draft."
LEAD = "lead"
NAMES = {
    "complaint": "a complaint",
    "insult": "an insult",
    "legal": "a legal matter",
    "money": "money",
    LEAD: "a new customer",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """What it is about, and the sender's own words for it."""

    name: str
    words: str


def touchy(case: Case) -> Topic | None:
    """The first such topic the message is about. Somebody who is known is no new customer."""
    topics = ((name, hit) for language in _languages(case) for name, hit in _seen(language, case))
    return next((Topic(NAMES.get(name, name.replace("_", " ")), _short(hit)) for name, hit in topics), None)


def _languages(case: Case) -> Iterator[Language]:
    """The message's own language first, then the client's others."""
    client = case.ruleset.client
    for code in dict.fromkeys((case.language, client.language, *client.languages)):
        if code in case.rulebook.languages:
            yield case.rulebook.languages[code]


def _seen(language: Language, case: Case) -> Iterator[tuple[str, Hit]]:
    known = case.person is not None or case.history.messages_today > 1 or bool(case.history.said)
    for name, phrases in language.once("careful", lambda: _lists(language)).items():
        hit = None if name == LEAD and known else _find(phrases, case)
        if hit:
            yield name, hit


def _lists(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Those of the lists of a language that say what a person must see, by their short names."""
    return {n.removeprefix(LISTS): phrases for n, phrases in language.lists.items() if n.startswith(LISTS)}


def _find(phrases: tuple[str, ...], case: Case) -> Hit | None:
    """In the sender's new words; a subject taken over from an earlier mail is none of them."""
    found = find(phrases, case.body)
    return found or (None if inherited(case.subject.original) else find(phrases, case.subject))


def _short(hit: Hit) -> str:
    return " ".join(hit.words.split())[:80]
