"""The conditions a rule may use. To add one: write a function, decorate it, done.

A condition answers with its evidence, the words that decided; None when it does not fit. Its docstring is the sentence
that the reference and the complaints show.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from . import lookalike
from .case import Case
from .reading import Evidence
from .route import matches
from .ruleset import Pattern
from .words import Hit, Text, find, strike

Test = Callable[[Case, object], Evidence | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """`takes`: texts, text, pattern, number, flag or word (one of `choices`)."""

    name: str
    takes: str
    test: Test
    choices: tuple[str, ...] = ()

    @property
    def meaning(self) -> str:
        return (self.test.__doc__ or "").strip()


CONDITIONS: dict[str, Condition] = {}


def condition(takes: str, *choices: str) -> Callable[[Test], Test]:
    """Registers a condition under the name of its function; `from_` is written `from`."""

    def register(test: Test) -> Test:
        name = test.__name__.rstrip("_")
        CONDITIONS[name] = Condition(name, takes, test, choices)
        return test

    return register


def texts(value: object) -> tuple[str, ...]:
    """A condition's value as texts."""
    if isinstance(value, tuple):
        return value
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)


def _seen(hit: Hit | None) -> Evidence | None:
    return Evidence(hit.words, hit.phrase) if hit else None


def _yes(fits: bool, wanted: object, words: str) -> Evidence | None:
    return Evidence(words if fits else f"not: {words}") if fits == bool(wanted) else None


def _says(case: Case, phrases: object) -> Evidence | None:
    return _seen(find(texts(phrases), case.body)) or _seen(find(texts(phrases), case.subject))


@condition("texts")
def says(case: Case, phrases: object) -> Evidence | None:
    """One of these phrases stands in the subject or in the sender's new text."""
    return _says(case, phrases)


@condition("texts")
def also_says(case: Case, phrases: object) -> Evidence | None:
    """One of these phrases stands there too."""
    return _says(case, phrases)


@condition("texts")
def subject_says(case: Case, phrases: object) -> Evidence | None:
    """One of these phrases stands in the subject."""
    return _seen(find(texts(phrases), case.subject))


@condition("pattern")
def regex(case: Case, pattern: object) -> Evidence | None:
    """This regular expression matches the subject or the new text (it may take 0.2 seconds, no more)."""
    if not hasattr(pattern, "search"):
        return None
    compiled: Pattern = pattern
    found = compiled.search(case.body.original) or compiled.search(case.subject.original)
    return Evidence(found) if found else None


@condition("texts")
def from_(case: Case, patterns: object) -> Evidence | None:
    """The sender's address is one of these; * stands for anything."""
    author = (case.judged or case.message).from_[:1]
    return Evidence(f"from {author[0]}") if author and matches(author[0], texts(patterns)) else None


@condition("texts")
def role(case: Case, roles: object) -> Evidence | None:
    """The sender is one of these to the client: client, customer, colleague, principal, alarm."""
    return Evidence(f"written by a {case.role}") if case.role in texts(roles) else None


@condition("flag")
def known_sender(case: Case, wanted: object) -> Evidence | None:
    """The sender stands in a [[person]] of the client's file."""
    return _yes(case.person is not None, wanted, "a known sender")


@condition("flag")
def familiar(case: Case, wanted: object) -> Evidence | None:
    """We have written to the sender before, or a person has answered in this thread."""
    history = case.history
    known = bool(history.said) or history.answered_by_person or history.answers_after is not None
    return _yes(known, wanted, "somebody we have written to")


@condition("flag")
def pretends(case: Case, wanted: object) -> Evidence | None:
    """The sender imitates somebody known: a domain or a name almost like one of the client's file."""
    author = case.judged or case.message
    whom = lookalike.pretends(author, case.ruleset, case.rulebook)
    return _yes(bool(whom), wanted, f"{author.from_[0]} looks like {whom}" if whom else "the sender imitates somebody")


@condition("word", "now", "doubtful", "past")
def emergency(case: Case, when: object) -> Evidence | None:
    """Damage is told of: happening now, perhaps (doubtful), or over (past)."""
    damage = case.reading.damage
    if damage is None or damage.when != when:
        return None
    first = damage.evidence[0] if damage.evidence else Evidence(damage.name)
    return replace(first, words=" … ".join(e.words for e in damage.evidence))


@condition("word", "stated", "tagged", "denied")
def urgency(case: Case, which: object) -> Evidence | None:
    """Urgency is stated in the text (in words, or by a date before the horizon), only tagged in the subject, denied."""
    reading = case.reading
    if which == "tagged":
        return reading.tagged
    if which == "denied":
        return reading.denied
    return reading.stated or deadline(case, "before-horizon")


@condition("word", "before-horizon", "in-time")
def deadline(case: Case, which: object) -> Evidence | None:
    """The date the sender names lies before the horizon, or on it or after it (in-time)."""
    named = case.reading.deadline
    if named is None or (named.at.date() < case.horizon) != (which == "before-horizon"):
        return None
    return Evidence(named.words, f"{named.at:%a %d %b %H:%M}, horizon {case.horizon:%a %d %b}")


@condition("texts")
def shows(case: Case, names: object) -> Evidence | None:
    """One of these lists of the language tables ([signs]) was seen."""
    signs = case.reading.signs
    return next((signs[name] for name in texts(names) if name in signs), None) if signs else None


@condition("texts")
def also_shows(case: Case, names: object) -> Evidence | None:
    """One of these lists of the language tables was seen, too."""
    return shows(case, names)


@condition("texts")
def shows_two(case: Case, names: object) -> Evidence | None:
    """Two different ones of these lists of the language tables were seen."""
    seen = [case.reading.signs[n] for n in texts(names) if n in case.reading.signs]
    different = {e.words: e for e in seen}
    return replace(seen[0], words=" … ".join(different)) if len(different) > 1 else None


@condition("texts")
def shows_near(case: Case, names: object) -> Evidence | None:
    """All of these lists of the language tables were seen, within two sentences that follow one another."""
    wanted = texts(names)
    places = [case.reading.sentences.get(n, frozenset()) for n in wanted]
    near = any(all(n in p or n + 1 in p for p in places) for n in set().union(*places))
    seen = (case.reading.signs[n].words for n in wanted) if near else ()
    return Evidence(" … ".join(seen)) if near else None


@condition("texts")
def hidden_shows(case: Case, names: object) -> Evidence | None:
    """One of these lists of the language tables was seen in text that a reader cannot see."""
    hidden = (case.judged or case.message).hidden
    if not hidden.strip():
        return None
    text, tables = Text(hidden), case.rulebook.languages.values()
    lists = (table.phrases(f"signs.{name}") for name in texts(names) for table in tables)
    return next((_seen(hit) for phrases in lists if (hit := find(phrases, text))), None)


@condition("texts")
def hidden_says(case: Case, phrases: object) -> Evidence | None:
    """One of these phrases stands in text that a reader cannot see."""
    hidden = (case.judged or case.message).hidden
    return _seen(find(texts(phrases), Text(hidden))) if hidden.strip() else None


@condition("number")
def deadline_within_hours(case: Case, hours: object) -> Evidence | None:
    """The date the sender names lies within this many hours of the moment the message came."""
    named = case.reading.deadline
    if named is None or not isinstance(hours, int) or named.at - case.arrived > timedelta(hours=hours):
        return None
    return Evidence(named.words, f"{named.at:%a %d %b %H:%M}")


@condition("flag")
def asks(case: Case, wanted: object) -> Evidence | None:
    """Something in the message asks for an answer; false: it has words, and nothing in them does."""
    table = case.rulebook.languages.get(case.language)
    if not case.body.words or table is None or not table.phrases("signs.asks"):
        return None
    sign = case.reading.signs.get("asks")
    return sign if sign and wanted else _yes(sign is not None, wanted, "something is asked")


@condition("flag")
def repeats(case: Case, wanted: object) -> Evidence | None:
    """The same person writes again about the same matter: the text says so, or it is the third mail about it."""
    sign = case.reading.signs.get("insists")
    if sign is not None and wanted:
        return sign
    return _yes(sign is not None or case.history.same_matter > 2, wanted, "the same matter again")


@condition("flag")
def new_fact(case: Case, wanted: object) -> Evidence | None:
    """There is a new concrete fact: damage, or a date."""
    fact = case.reading.damage is not None or case.reading.deadline is not None
    return _yes(fact, wanted, "a new concrete fact")


@condition("flag")
def looks_urgent(case: Case, wanted: object) -> Evidence | None:
    """The form looks urgent (capitals, !!!, a tag in the subject), whatever the words say."""
    looks = case.reading.looks + ((case.reading.tagged.words,) if case.reading.tagged else ())
    return _yes(bool(looks), wanted, ", ".join(looks) or "nothing looks urgent")


@condition("flag")
def hidden_text(case: Case, wanted: object) -> Evidence | None:
    """The mail holds text that a reader cannot see."""
    hidden = (case.judged or case.message).hidden.strip()
    return _yes(bool(hidden), wanted, hidden[:80] or "no hidden text")


@condition("number")
def messages_today_at_least(case: Case, number: object) -> Evidence | None:
    """The same sender has written this many times today, this message included."""
    count = case.history.messages_today
    return Evidence(f"message {count} today") if isinstance(number, int) and count >= number else None


@condition("flag")
def away(case: Case, wanted: object) -> Evidence | None:
    """The principal is away on the day of the message."""
    return _yes(case.absence is not None, wanted, "the principal is away")


@condition("flag")
def attachment(case: Case, wanted: object) -> Evidence | None:
    """The mail carries a file."""
    return _yes(bool(case.message.attachments), wanted, ", ".join(case.message.attachments) or "no file")


def without(phrases: Iterable[str], case: Case) -> Case:
    """The case with these phrases crossed out of its words."""
    crossed = tuple(phrases)
    if not crossed:
        return case
    return replace(case, body=strike(crossed, case.body), subject=strike(crossed, case.subject))


def mentions(phrases: Iterable[str], case: Case) -> Evidence | None:
    """One of these phrases stands in the subject or the new text, as evidence."""
    return _says(case, tuple(phrases))
