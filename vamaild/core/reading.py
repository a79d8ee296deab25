"""What the sender's words say: stated urgency, a deadline, damage, signs; each with the words that show it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from .alarm import HURT, weigh
from .deadline import Named, deadline
from .letter import PREFIXES
from .looks import looks
from .ruleset import EmergencyRule, Language, Place
from .sentences import Negation, Sentences
from .words import Hit, Text, cross_out, fold, sightings, strike

NOWHERE = Place()
ALARM = "signs.alarm_"
MANY_NUMBERS, MANY_WORDS = 300, 3_000
WORST_FIRST = ("now", "doubtful", "past")


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sender's own words, the phrase that saw them, and where that phrase is written."""

    words: str
    phrase: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Deadline:
    """The latest moment the sender gives (aware, the client's time zone), and his words for it."""

    at: datetime
    words: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Damage:
    """What harm is told of: `when` is "now", "doubtful" or "past"; `name` that of the emergency rule."""

    name: str
    when: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """`stated`: urgency said in the body; `tagged`: only in the subject; `signs`: other lists seen, by name.

    `language` is that of the reply; `second` another one for it, where the first is in doubt, else "". `skipped` are
    the characters of a text too long for a letter that were not looked at.
    `looks` are the things that were seen and never decide (capitals, "!!!", a flag, the hour).
    """

    language: str
    stated: Evidence | None = None
    tagged: Evidence | None = None
    denied: Evidence | None = None
    deadline: Deadline | None = None
    damage: Damage | None = None
    signs: Mapping[str, Evidence] = field(default_factory=dict)
    looks: tuple[str, ...] = ()
    second: str = ""
    skipped: int = 0


def read(
    subject: Text,
    body: Text,
    languages: Sequence[Language],
    emergencies: Sequence[EmergencyRule],
    sent: datetime,
    code: str,
) -> Reading:
    """What the words say, by the tables of all these languages; `code` is the language of the reply.

    `sent` is when it was written, aware, in the client's time zone. A subject that was inherited ("Re: URGENT") is no
    word of the sender's.
    """
    own_subject = Text("") if inherited(subject.original) else subject
    ordered = sorted(languages, key=lambda language: language.code != code)
    tongues = [_Tongue(language, ordered, own_subject, body) for language in ordered]
    signs = {name: evidence for t in reversed(tongues) for name, evidence in t.signs().items()}
    named = _deadline(ordered, own_subject, body, sent)
    damages = [d for t in tongues for d in t.damages(emergencies, signs)] if emergencies else []
    return Reading(
        code,
        stated=_first(t.stated(t.body) for t in tongues),
        tagged=_first(t.stated(t.subject) for t in tongues),
        denied=_first(t.seen("urgency.denied", t.body) for t in tongues),
        deadline=named if named and (named.sure or damages or {"asks", "insists"} & set(signs)) else None,
        damage=_worst(damages),
        signs=signs,
        looks=looks(subject.original, body.original, sent),
    )


def inherited(subject: str) -> bool:
    """Whether the subject was taken over from an earlier mail ("Re: ...", "R: ...", "Odp: ...")."""
    return bool(PREFIXES.match(subject))


def _first(found: Iterable[Evidence | None]) -> Evidence | None:
    return next((evidence for evidence in found if evidence), None)


def _deadline(languages: Sequence[Language], subject: Text, body: Text, sent: datetime) -> Deadline | None:
    """The deadline of the body, else of the subject; one that is surely meant comes before one that may be."""
    named: list[Named] = []
    for text in (_letter(body), _letter(subject)):
        named += [found for language in languages if (found := deadline(text, language, sent))]
    best = next((n for n in named if n.sure), named[0] if named else None)
    return Deadline(best.at, best.words, best.sure) if best else None


def _letter(text: Text) -> Text:
    """The text; of a table of numbers only what may be the letter above it, since any number may begin a date."""
    numbers = (word for word in text.words if word.folded[0].isdigit())
    last = next(islice(numbers, MANY_NUMBERS, None), next(islice(text.words, MANY_WORDS, None), None))
    return Text(text.original[: last.start]) if last else text


def _worst(damages: Sequence[Damage]) -> Damage | None:
    return min(damages, key=lambda d: WORST_FIRST.index(d.when), default=None)


def _without_idioms(languages: Sequence[Language], text: Text) -> Text:
    return cross_out([h for known in languages for h in sightings(known.phrases("urgency.strike"), text)], text)


def _different(hits: Sequence[Hit]) -> int:
    """How many different words these are; of two that overlap only one counts."""
    seen: set[str] = set()
    end = -1
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if hit.start >= end:
            seen.add(fold(hit.words))
            end = hit.end
    return len(seen)


class _Tongue:
    """One message read with the table of one language.

    Idioms are crossed out before looking; what denies, supposes or solves is heard in every language of the client.
    """

    __slots__ = ("_body_sentences", "_friends", "body", "language", "negation", "sentences", "subject", "whole")

    def __init__(self, language: Language, everyone: Sequence[Language], subject: Text, body: Text) -> None:
        self.language = language
        own = everyone[0] if everyone[0] is not language else None
        self._friends = frozenset(fold(w) for w in own.phrases("urgency.false_friends")) if own else frozenset()
        self.negation = Negation(everyone)
        self.subject = _without_idioms(everyone, subject)
        self.body = _without_idioms(everyone, body)
        self.whole = Text(f"{self.subject.original}\n\n{self.body.original}")
        self.sentences = Sentences(self.whole, everyone, self.negation)
        self._body_sentences = Sentences(self.body, everyone, self.negation)

    def seen(self, name: str, text: Text) -> Evidence | None:
        """The first phrase of a list that stands in this text and is not negated."""
        hit = min(self._plain(name, text), key=lambda h: h.start, default=None)
        return self._evidence(hit, name) if hit else None

    def _plain(self, name: str, text: Text) -> list[Hit]:
        """What is not denied, and not an ordinary word of the message's own language ("marci": Slovak for March)."""
        hits = self.negation.plain(self.language.phrases(name), text)
        return [h for h in hits if fold(h.words) not in self._friends] if self._friends else hits

    def _evidence(self, hit: Hit, name: str) -> Evidence:
        return Evidence(hit.words, hit.phrase, self.language.places.get(name, Place()))

    def stated(self, text: Text) -> Evidence | None:
        """Urgency in words, in a sentence that neither denies it nor only supposes it."""
        calm = self._body_sentences.calms if text is self.body else lambda _: False
        hits = (h for h in self._plain("urgency.stated", text) if not calm(h.sentence))
        hit = min(hits, key=lambda h: h.start, default=None)
        return self._evidence(hit, "urgency.stated") if hit else None

    def signs(self) -> dict[str, Evidence]:
        """Every list of [signs] of which something was seen, by its short name."""
        names = [n for n in self.language.lists if n.startswith("signs.")]
        found = ((n, self.seen(n, self.whole)) for n in names)
        seen = {n.removeprefix("signs."): evidence for n, evidence in found if evidence}
        over = self.seen("urgency.solved", self.whole)
        return seen | {"solved": over} if over else seen

    def damages(self, rules: Iterable[EmergencyRule], signs: Collection[str]) -> list[Damage]:
        """Every damage that the emergency rules of this language see, and what no rule foresaw, weighed (alarm.py).

        What weighs too little to be sure (a single word in a polite request) is doubtful.
        """
        mine = (r for r in rules if r.language == self.language.code)
        found = [damage for rule in mine if (damage := self._damage(rule))]
        by_rule = any(damage.when == "now" for damage in found)
        alarms = self._alarms()
        when = weigh({name: _different(hits) for name, hits in alarms.items()}, by_rule, signs)
        hurt = [h.sentence for name, hits in alarms.items() if name in HURT for h in hits]
        if when == "now" and not by_rule and self.sentences.doubted.issuperset(hurt):
            when = "doubtful"
        if when != "now":
            found = [replace(d, when="doubtful") if d.when == "now" else d for d in found]
        if when and not (by_rule and when == "now"):
            seen = [self._evidence(min(hits, key=lambda h: h.start), ALARM + name) for name, hits in alarms.items()]
            found.append(Damage("several signs of alarm", when, tuple(seen)))
        return found

    def _alarms(self) -> dict[str, list[Hit]]:
        """The lists `alarm_...` of which something was seen that is neither past nor supposed nor denied."""
        live: dict[str, list[Hit]] = {}
        for name in (n for n in self.language.lists if n.startswith(ALARM)):
            meant = [h for h in self._plain(name, self.whole) if self.sentences.when(h.sentence) not in ("", "past")]
            if meant:
                live[name.removeprefix(ALARM)] = meant
        return live

    def _damage(self, rule: EmergencyRule) -> Damage | None:
        text = strike(rule.strike, self.whole) if rule.strike else self.whole
        happening = self.negation.plain(rule.happens, text)
        harmed = sightings(rule.harmed, text) if rule.harmed and happening else []
        over = {h.sentence for h in sightings(rule.unless, text)} if happening else set()
        found: list[Damage] = []
        for hit in happening:
            thing = next((h for h in harmed if abs(h.sentence - hit.sentence) <= 1), None)
            if rule.harmed and thing is None:
                continue
            when = "past" if hit.sentence in over else self.sentences.when(hit.sentence, rule.doubtful)
            if when:
                shown = sorted((h for h in (thing, hit) if h), key=lambda h: h.start)
                evidence = tuple(Evidence(h.words, h.phrase, rule.place) for h in shown)
                found.append(Damage(rule.name, when, evidence))
        return _worst(found)
