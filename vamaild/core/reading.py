"""What the sender's words say: stated urgency, a deadline, damage, signs; each with the words that show it."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from .alarm import HURT, ONCE, weigh
from .deadline import deadline, soonest
from .letter import PREFIXES
from .looks import looks
from .ruleset import EmergencyRule, Language, Place
from .sentences import Negation, Sentences
from .words import Hit, Text, cross_out, find, fold, may_stand, sightings, strike

NOWHERE = Place()
FAR_OFF = ("joke", "remote", "another_day")
"""In the subject these name a topic ("Preventivo"), which makes no fire smaller."""
SIGNS, SOLVED = "signs.", "urgency.solved"
ALARM = "signs.alarm_"
RESCUED = frozenset(("grave", "called", "people"))
"""Where people are hurt and helpers have come, only the cause is guessed ("perhaps the stove")."""
SHORTEST_FOREIGN = 4
MANY_NUMBERS, MANY_WORDS = 300, 3_000
QUOTED = re.compile(r"[\"“„«»]([^\"“”„«»]{12,2000})[\"“”«»]")
SMILE = re.compile(r"[:;]-?[)D]+(?!\w)|[😀-😆😂🤣😹]")
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

    `sentences`: the numbers of the sentences in which each of the signs stands, the subject among them.
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
    sentences: Mapping[str, frozenset[int]] = field(default_factory=dict)
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
    heard = _Heard(ordered, own_subject, body)
    tongues = [_Tongue(language, heard) for language in ordered]
    hits = [(t, t.signs()) for t in reversed(tongues)]
    _drop_rhetoric([seen for _, seen in hits])
    signs = {name: t.first(name, found) for t, seen in hits for name, found in seen.items()}
    denied = _first(t.seen("urgency.denied", t.body) for t in tongues)
    told = {*_only_asking(signs, hits), *_calming(denied, subject, body)}
    damages = [d for t in tongues for d in t.damages(emergencies, told)] if emergencies else []
    damage = _worst(damages)
    named = _deadline(ordered, own_subject, body, sent, soon=damage is not None and damage.when == "now")
    return Reading(
        code,
        stated=_first(t.stated(t.body) for t in tongues),
        tagged=_first(t.stated(t.subject) for t in tongues),
        denied=denied,
        deadline=named if named and (named.sure or damages or {"asks", "insists"} & set(signs)) else None,
        damage=damage,
        signs=signs,
        sentences=_sentences(seen for _, seen in hits),
        looks=looks(subject.original, body.original, sent),
    )


def inherited(subject: str) -> bool:
    """Whether the subject was taken over from an earlier mail ("Re: ...", "R: ...", "Odp: ...")."""
    return bool(PREFIXES.match(subject))


def _calming(denied: Evidence | None, *texts: Text) -> Iterator[str]:
    """What weighs against an alarm and is no list of signs."""
    if denied:
        yield "denied"
    if _smiles(*texts):
        yield "joke"


def _smiles(*texts: Text) -> bool:
    return any(SMILE.search(text.original) for text in texts)


def _sentences(seen: Iterable[Mapping[str, Sequence[Hit]]]) -> dict[str, frozenset[int]]:
    """Where the signs stand that the tables of several languages see."""
    found: dict[str, frozenset[int]] = {}
    for signs in seen:
        for name, hits in signs.items():
            found[name] = found.get(name, frozenset()).union(h.sentence for h in hits)
    return found


def _drop_rhetoric(seen: Iterable[dict[str, list[Hit]]]) -> None:
    """ "Do you remember that film?" asks for nothing: its question mark is none."""
    everywhere = list(seen)
    told = {hit.sentence for signs in everywhere for hit in signs.get("rhetorical", ())}
    for signs in everywhere if told else ():
        asks = [h for h in signs.pop("asks", []) if h.sentence not in told or h.words[0].isalnum()]
        signs |= {"asks": asks} if asks else {}


def _only_asking(signs: Collection[str], hits: Iterable[tuple[object, Mapping[str, Sequence[Hit]]]]) -> Collection[str]:
    """The signs; a question mark alone is no request: who is in need asks what to do."""
    marks = all(hit.words.startswith(("?", "!")) for _, seen in hits for hit in seen.get("asks", ()))
    return {*signs, "questions"} - {"asks"} if marks and "asks" in signs else signs


def _first(found: Iterable[Evidence | None]) -> Evidence | None:
    return next((evidence for evidence in found if evidence), None)


def _deadline(languages: Sequence[Language], subject: Text, body: Text, sent: datetime, soon: bool) -> Deadline | None:
    """The deadline of the body, else of the subject; one that is surely meant comes before one that may be.

    `soon`: damage is going on, so that the next hour that is named is the one that counts.
    """
    letter, title = _letter(body), _letter(subject)
    named = [found for language in languages if (found := deadline(letter, language, sent))]
    named += [
        n for language in languages if (n := deadline(title, language, sent, title=True)) and (n.sure or not body.words)
    ]
    best = next((n for n in named if n.sure), None)
    if best is None and soon:
        best = next((n for language in languages if (n := soonest(letter, language, sent))), None)
    best = best or (named[0] if named and not soon else None)
    return Deadline(best.at, best.words, best.sure) if best else None


def _letter(text: Text) -> Text:
    """The text; of a table of numbers only what may be the letter above it, since any number may begin a date."""
    if text.count <= MANY_NUMBERS:
        return text
    numbers = (word for word in text.words if word.folded[0].isdigit())
    last = next(islice(numbers, MANY_NUMBERS, None), next(islice(text.words, MANY_WORDS, None), None))
    return Text(text.original[: last.start]) if last else text


def _worst(damages: Sequence[Damage]) -> Damage | None:
    return min(damages, key=lambda d: WORST_FIRST.index(d.when), default=None)


def _without_idioms(languages: Sequence[Language], text: Text) -> Text:
    return cross_out([h for known in languages for h in sightings(known.phrases("urgency.strike"), text)], text)


def _without_quotations(languages: Sequence[Language], text: Text) -> Text:
    """The text; one to be translated, proofread or played holds sentences in quotation marks that nobody says."""
    spans = [m.span() for m in QUOTED.finditer(text.original)]
    if not spans or not any(find(known.phrases("signs.text_work"), text) for known in languages):
        return text
    return cross_out([Hit("", text.original[a:b], 0, a, b) for a, b in spans], text)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _different(hits: Sequence[Hit]) -> int:
    """How many different words these are; of two that overlap only one counts."""
    seen: set[str] = set()
    end = -1
    for hit in sorted(hits, key=lambda h: (h.start, -h.end)):
        if hit.start >= end:
            seen.add(fold(hit.words))
            end = hit.end
    return len(seen)


class _Heard:
    """One message, made ready once for all the tables that it is read with.

    Idioms are crossed out before looking; what denies, supposes or solves is heard in every language of the client.
    """

    __slots__ = ("_body_sentences", "_everyone", "body", "friends", "negation", "own", "sentences", "subject", "whole")

    def __init__(self, everyone: Sequence[Language], subject: Text, body: Text) -> None:
        self._everyone = everyone
        self.own = everyone[0] if everyone else None
        self.friends = self.own.words("urgency.false_friends") if self.own else frozenset()
        self.negation = Negation(everyone)
        self.subject = _without_idioms(everyone, subject)
        self.body = _without_idioms(everyone, _without_quotations(everyone, body))
        self.whole = Text(f"{self.subject.original}\n\n{self.body.original}")
        self.sentences = Sentences(self.whole, everyone, self.negation)
        self._body_sentences: Sentences | None = None

    def calms(self, sentence: int) -> bool:
        """Whether this sentence of the body denies urgency or only supposes it."""
        if self._body_sentences is None:
            self._body_sentences = Sentences(self.body, self._everyone, self.negation)
        return self._body_sentences.calms(sentence)


class _Tongue:
    """One message read with the table of one language."""

    __slots__ = ("_foreign", "_heard", "_told", "body", "language", "negation", "sentences", "subject", "whole")

    def __init__(self, language: Language, heard: _Heard) -> None:
        self.language = language
        self._heard, self._foreign = heard, heard.own is not language
        self._told: dict[str, list[Hit]] = {}
        self.negation, self.sentences = heard.negation, heard.sentences
        self.subject, self.body, self.whole = heard.subject, heard.body, heard.whole

    def seen(self, name: str, text: Text) -> Evidence | None:
        """The first phrase of a list that stands in this text and is not negated."""
        hit = min(self._plain(name, text), key=lambda h: h.start, default=None)
        return self._evidence(hit, name) if hit else None

    def _plain(self, name: str, text: Text) -> list[Hit]:
        """What is not denied, and not an ordinary word of the message's own language ("marci": Slovak for March).

        Words as short as "ta" stand in every language: only that of the message means them.
        """
        hits = self.negation.plain(self.language.phrases(name), text)
        if not self._foreign or not hits:
            return hits
        short = (len(h.words) < SHORTEST_FOREIGN and h.words.isalpha() for h in hits)
        return [h for h, none in zip(hits, short, strict=True) if not none and fold(h.words) not in self._heard.friends]

    def _anywhere(self, name: str) -> list[Hit]:
        """The same for subject and body together; looked up once."""
        if name not in self._told:
            self._told[name] = self._plain(name, self.whole)
        return self._told[name]

    def _evidence(self, hit: Hit, name: str) -> Evidence:
        return Evidence(hit.words, hit.phrase, self.language.places.get(name, Place()))

    def stated(self, text: Text) -> Evidence | None:
        """Urgency in words, in a sentence that neither denies it nor only supposes it."""
        calm = self._heard.calms if text is self.body else lambda _: False
        hits = (h for h in self._plain("urgency.stated", text) if not calm(h.sentence))
        hit = min(hits, key=lambda h: h.start, default=None)
        return self._evidence(hit, "urgency.stated") if hit else None

    def signs(self) -> dict[str, list[Hit]]:
        """Every list of [signs] of which something was seen, by its short name."""
        names = [n for n in self.language.standing(self.whole) if n.startswith(SIGNS)]
        found = {n.removeprefix(SIGNS): self._anywhere(n) for n in names}
        found["solved"] = self._anywhere(SOLVED)
        found |= {name: [h for h in found.get(name, ()) if h.start >= len(self.subject.original)] for name in FAR_OFF}
        found["automatic"] = self._not_asked_about(found.get("automatic", []), found.get("asks", []))
        return {name: hits for name, hits in found.items() if hits}

    @staticmethod
    def _not_asked_about(automatic: list[Hit], asks: Sequence[Hit]) -> list[Hit]:
        """ "How do I change the automatic reply?" was written by no machine."""
        questions = {hit.sentence for hit in asks if "?" in hit.words}
        return [h for h in automatic if h.sentence not in questions]

    def first(self, name: str, hits: Sequence[Hit]) -> Evidence:
        """The place where a sign stands first."""
        return self._evidence(min(hits, key=lambda h: h.start), SOLVED if name == "solved" else SIGNS + name)

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
        rescued = RESCUED.issubset(alarms)
        if when == "now" and not (by_rule or rescued) and hurt and self.sentences.doubted.issuperset(hurt):
            when = "doubtful"
        if when != "now":
            found = [replace(d, when=when) if d.when == "now" else d for d in found if when or d.when != "now"]
        if when and not (by_rule and when == "now"):
            seen = [self._evidence(min(hits, key=lambda h: h.start), ALARM + name) for name, hits in alarms.items()]
            found.append(Damage("several signs of alarm", when, tuple(seen)))
        return found

    def _alarms(self) -> dict[str, list[Hit]]:
        """The lists `alarm_...` of which something was seen that is neither past nor supposed nor denied."""
        live: dict[str, list[Hit]] = {}
        for name in (n for n in self.language.standing(self.whole) if n.startswith(ALARM)):
            meant = [h for h in self._anywhere(name) if self.sentences.when(h) not in ("", "past")]
            if meant:
                live[name.removeprefix(ALARM)] = meant
        told: list[Hit] = []
        for name in (n for n in ONCE if n in live):  # the same words are told once: the heaviest sign has them
            live[name] = [h for h in live[name] if not any(_overlap(h, t) for t in told)]
            told += live[name]
        return {name: hits for name, hits in live.items() if hits}

    def _damage(self, rule: EmergencyRule) -> Damage | None:
        if not may_stand(rule.happens, self.whole):
            return None
        text = strike(rule.strike, self.whole) if rule.strike else self.whole
        happening = self.negation.plain(rule.happens, text)
        harmed = sightings(rule.harmed, text) if rule.harmed and happening else []
        over = {h.sentence for h in sightings(rule.unless, text)} if happening else set()
        found: list[Damage] = []
        for hit in happening:
            thing = next((h for h in harmed if abs(h.sentence - hit.sentence) <= 1), None)
            if rule.harmed and thing is None:
                continue
            when = "past" if hit.sentence in over else self.sentences.when(hit, rule.doubtful)
            if when:
                shown = sorted((h for h in (thing, hit) if h), key=lambda h: h.start)
                evidence = tuple(Evidence(h.words, h.phrase, rule.place) for h in shown)
                found.append(Damage(rule.name, when, evidence))
        return _worst(found)
