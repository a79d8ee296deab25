"""What the sender's words say: stated urgency, a deadline, damage, signs; each with the words that show it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .deadline import Named, deadline
from .letter import PREFIXES
from .looks import looks
from .ruleset import EmergencyRule, Language, Place
from .sentences import Negation, Sentences
from .words import Hit, Text, fold, sightings, strike

NOWHERE = Place()
ALARM = "signs.alarm_"
SIGNS_OF_DAMAGE = 3
SIGNS_OF_DOUBT = 2
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
    damages = [d for t in tongues for d in (*t.damages(emergencies), *(t.unforeseen(signs) if emergencies else ()))]
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
    for text in (body, subject):
        named += [found for language in languages if (found := deadline(text, language, sent))]
    best = next((n for n in named if n.sure), named[0] if named else None)
    return Deadline(best.at, best.words, best.sure) if best else None


def _worst(damages: Sequence[Damage]) -> Damage | None:
    return min(damages, key=lambda d: WORST_FIRST.index(d.when), default=None)


class _Tongue:
    """One message read with the table of one language.

    Idioms are crossed out before looking; what denies, supposes or solves is heard in every language of the client.
    """

    __slots__ = ("_body_sentences", "_friends", "body", "language", "negation", "sentences", "subject", "whole")

    def __init__(self, language: Language, everyone: Sequence[Language], subject: Text, body: Text) -> None:
        idioms = [p for known in everyone for p in known.phrases("urgency.strike")]
        self.language = language
        own = everyone[0] if everyone[0] is not language else None
        self._friends = frozenset(fold(w) for w in own.phrases("urgency.false_friends")) if own else frozenset()
        self.negation = Negation(everyone)
        self.subject = strike(idioms, subject)
        self.body = strike(idioms, body)
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

    def damages(self, rules: Iterable[EmergencyRule]) -> list[Damage]:
        """Every damage that the emergency rules of this language see."""
        mine = (r for r in rules if r.language == self.language.code)
        return [damage for rule in mine if (damage := self._damage(rule))]

    def unforeseen(self, signs: Container[str]) -> list[Damage]:
        """Damage that no rule foresaw: several different signs of alarm (signs.alarm_...) in one message.

        Three of them, one being harm or loss, are damage now; two are doubtful, unless the other is only people. A mail
        that only tells (it neither asks nor thanks, nor says that it is over) needs no harm among them: nobody writes
        without a reason, so two of them, or harm alone, are doubtful.
        """
        seen: dict[str, Evidence] = {}
        for name in (n for n in self.language.lists if n.startswith(ALARM)):
            live = (h for h in self._plain(name, self.whole) if self.sentences.when(h.sentence) not in ("", "past"))
            if hit := min(live, key=lambda h: h.start, default=None):
                seen[name.removeprefix(ALARM)] = self._evidence(hit, name)
        told = not any(name in signs for name in ("asks", "insists", "thanks", "informs", "solved"))
        harm, many = bool({"harm", "lost"} & set(seen)), len(seen) >= SIGNS_OF_DAMAGE
        pressing = len(seen) >= SIGNS_OF_DOUBT and bool({"going_on", "called", "helpless"} & set(seen))
        worse = many and (harm or told)
        if not (worse or (harm and (told or pressing)) or (told and len(seen) >= SIGNS_OF_DOUBT)):
            return []
        return [Damage("several signs of alarm", "now" if worse else "doubtful", tuple(seen.values()))]

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
