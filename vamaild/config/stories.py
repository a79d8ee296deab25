"""Runs the examples people wrote through the very functions the daemon runs, and says what came out otherwise.

`fits` and `fits_not` ask one rule, page of the playbook or emergency; an [[example]] is decided as a whole, by itself:
what the client's trust level would hold back still counts as a reply.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeAlias

from ..core.decide import Decision, Tools, decide, gather
from ..core.explain import quoted
from ..core.judge import Tried, judge, try_rule, try_situation
from ..core.plan import Reply
from ..core.ruleset import EmergencyRule, Rule, Rulebook, RuleSet, Situation
from . import stage
from .configuration import Configuration, Example, Sentences, Sources
from .configuration import Tools as ReadingTools
from .load import load
from .problem import Problem
from .schema.values import ANY_REASON


@dataclass(frozen=True, slots=True)
class Played:
    """The examples of one file: how many hold, and those that do not."""

    file: str
    passed: int
    failed: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example: where it stands, and the problem, if it does not hold."""

    file: str
    problem: Problem | None


Story: TypeAlias = tuple[str, Callable[[], Outcome]]
"""The file an example stands in, and what plays it."""

Tell: TypeAlias = Callable[[int, int], object]
"""Hears after each example how many are played, of how many."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C while examples were played. `played` are the files that were finished by then."""

    def __init__(self, played: tuple[Played, ...], done: int, of: int) -> None:
        super().__init__(f"{done} of {of} examples")
        self.played, self.done, self.of = played, done, of


def play(
    configuration: Configuration, tools: Tools, skip: Container[str] = frozenset(), tell: Tell = lambda done, of: None
) -> tuple[Played, ...]:
    """Plays every example of every file in use but those in `skip`; one entry for each file that has any, by name.

    Raises Interrupted.
    """
    book, by_file = configuration.rulebook, dict[str, list[Outcome]]()
    stories = list(_all(configuration, book, tools, skip)) if book else []
    try:
        for number, (file, story) in enumerate(stories, 1):
            by_file.setdefault(file, []).append(story())
            tell(number, len(stories))
    except KeyboardInterrupt as error:
        whole = Counter(file for file, _ in stories)
        finished = tuple(_played(f, found) for f, found in by_file.items() if len(found) == whole[f])
        raise Interrupted(finished, sum(map(len, by_file.values())), len(stories)) from error
    return tuple(_played(file, by_file[file]) for file in sorted(by_file))


def _played(file: str, outcomes: Iterable[Outcome]) -> Played:
    problems = [o.problem for o in outcomes]
    failed = tuple(p for p in problems if p)
    return Played(file, len(problems) - len(failed), failed)


def load_and_play(
    sources: Sources,
    reading: ReadingTools,
    tools: Tools,
    *,
    own_only: bool = False,
    proven: Callable[[Configuration], frozenset[str]] = lambda configuration: frozenset(),
    tell: Tell = lambda done, of: None,
) -> tuple[Configuration, tuple[Played, ...]]:
    """As `load`, and a file whose own examples fail is set aside too, unless it is shipped: nothing stands in for that.

    The examples that failed are among the problems; what was played is that of the first reading. With `own_only` the
    shipped files are not played: a reload need not wait for them. `proven` names files that need not be played again:
    no client's file has a say in what becomes of the examples of shared ones. Raises Interrupted.
    """
    shipped = frozenset(s.label for s in sources.rules if s.shipped)
    first = load(sources, reading)
    played = play(first, tools, proven(first) | (shipped if own_only else frozenset()), tell)
    failed = tuple(problem for p in played for problem in p.failed)
    aside = {p.file for p in played if p.failed} - shipped
    final = load(sources, reading, aside) if aside else first
    return replace(final, problems=tuple(sorted((*final.problems, *failed)))), played


def _all(configuration: Configuration, book: Rulebook, tools: Tools, skip: Container[str]) -> Iterator[Story]:
    shared = replace(book, clients=(), secrets=())
    for rule in (r for r in (*book.screens, *book.kinds) if r.place.file not in skip):
        yield from _rule(rule, None, shared, tools)
    for damage in (e for e in book.emergencies if e.place.file not in skip):
        yield from _emergency(damage, stage.neutral(shared, damage.language), shared, tools)
    for whole in (s for s in configuration.sentences if s.place.file not in skip):
        yield from _sentences(whole, shared, tools)
    for client in book.clients:
        yield from (story for story in _of_client(client, configuration, book, tools) if story[0] not in skip)


def _of_client(client: RuleSet, configuration: Configuration, book: Rulebook, tools: Tools) -> Iterator[Story]:
    for rule in (*client.rules, *client.learned):
        yield from _rule(rule, client, book, tools)
    for situation in client.situations:
        yield from _situation(situation, client, book, tools)
    for example in configuration.examples.get(client.client.id, ()):
        yield example.place.file, partial(_example, example, client, book, tools)


def wanted(shown: Rule | Situation | EmergencyRule | Sentences) -> Iterator[tuple[str, bool]]:
    """Every short example with whether it should fit."""
    yield from ((text, True) for text in shown.fits)
    yield from ((text, False) for text in shown.fits_not)


def _rule(rule: Rule, client: RuleSet | None, book: Rulebook, tools: Tools) -> Iterator[Story]:
    for text, should in wanted(rule):
        yield rule.place.file, partial(_shown, rule, text, should, client, book, tools)


def _shown(rule: Rule, text: str, should: bool, client: RuleSet | None, book: Rulebook, tools: Tools) -> Outcome:
    """Without a client the example is tried with one of the language it is written in, as far as that can be told."""
    asked = (client,) if client else _anybody(text, book, tools)
    tried = _try(rule, text, should, asked[0], book, tools)
    others = (_try(rule, text, should, ruleset, book, tools) for ruleset in asked[1:])
    if should and not tried.fits:
        tried = next((t for t in others if t.fits), tried)
    return _short("rule", rule, text, should, tried)


def _try(rule: Rule, text: str, should: bool, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Tried:
    scene = stage.of_rule(text, rule.when, ruleset, should)
    return try_rule(rule, gather(scene.message, ruleset, book, scene.history, tools, scene.now))


def _anybody(text: str, book: Rulebook, tools: Tools) -> tuple[RuleSet, ...]:
    """A client of the language this text seems to be in, then one of each other language: a guess can be wrong."""
    first = tools.detect(text, tuple(book.languages), book.assistant.language)[0]
    return tuple(stage.neutral(book, code) for code in dict.fromkeys((first, *book.languages)))


def _situation(situation: Situation, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Iterator[Story]:
    for text, should in wanted(situation):
        yield situation.place.file, partial(_page, situation, text, should, ruleset, book, tools)


def _page(situation: Situation, text: str, should: bool, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Outcome:
    scene = stage.of_rule(text, {}, ruleset)
    case = gather(scene.message, ruleset, book, scene.history, tools, scene.now)
    return _short("situation", situation, text, should, try_situation(situation, case))


def _emergency(rule: EmergencyRule, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Iterator[Story]:
    """Each emergency is looked at alone, so that another one cannot speak for it."""
    alone = replace(book, emergencies=(rule,))
    for text, should in wanted(rule):
        yield rule.place.file, partial(_damage, rule, text, should, ruleset, alone, tools)


def _damage(rule: EmergencyRule, text: str, should: bool, ruleset: RuleSet, alone: Rulebook, tools: Tools) -> Outcome:
    scene = stage.of_rule(text, {}, ruleset)
    damage = gather(scene.message, ruleset, alone, scene.history, tools, scene.now).reading.damage
    fits = damage is not None and damage.when != "past"
    seen = "it sees " + quoted(damage.evidence) if damage else "none of its phrases is seen"
    return _told("emergency", rule, text, should, fits, f"{seen}, told as past" if damage and not fits else seen)


def _sentences(whole: Sentences, book: Rulebook, tools: Tools) -> Iterator[Story]:
    """Each is judged as the first mail of an ordinary customer to a client of this language."""
    ruleset = stage.neutral(book, whole.language)
    for text, should in wanted(whole):
        yield whole.place.file, partial(_sentence, whole, text, should, ruleset, book, tools)


def _sentence(whole: Sentences, text: str, should: bool, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Outcome:
    scene, place = stage.of_rule(text, {}, ruleset), whole.place
    verdict = judge(gather(scene.message, ruleset, book, scene.history, tools, scene.now))
    if (verdict.kind is whole.kind) == should:
        return Outcome(place.file, None)
    said = f"this should {'' if should else 'not '}be {whole.kind}: {' '.join(text.split())}"
    because = f"it is {verdict.kind}: {verdict.name}, {quoted(verdict.evidence) or 'no words'}"
    return Outcome(place.file, Problem(place.file, place.line, said, because))


def _short(what: str, shown: Rule | Situation, text: str, should: bool, tried: Tried) -> Outcome:
    because = tried.stopped_by or f"it fits because of {quoted(tried.evidence)}"
    return _told(what, shown, text, should, tried.fits, because)


def _told(
    what: str, shown: Rule | Situation | EmergencyRule, text: str, should: bool, fits: bool, because: str
) -> Outcome:
    place = shown.place
    if fits == should:
        return Outcome(place.file, None)
    name = shown.title if isinstance(shown, Situation) else shown.name
    said = f'{what} "{name}" should {"" if should else "not "}fit: {" ".join(text.split())}'
    return Outcome(place.file, Problem(place.file, place.line, said, because))


def _example(example: Example, ruleset: RuleSet, book: Rulebook, tools: Tools) -> Outcome:
    """A whole message: judged, planned, written and guarded, as the daemon would."""
    scene = stage.of_example(example, ruleset)
    decision = decide(scene.message, ruleset, book, scene.history, tools, scene.now, limits=False)
    place = example.place
    wrong = tuple(differences(example, decision))
    if not wrong:
        return Outcome(place.file, None)
    lines = [f"expected  {_expected(example)}", f"got       {_got(example, decision)}"]
    lines += [f"because   {because}" for because in wrong]
    return Outcome(place.file, Problem(place.file, place.line, example.title, "\n".join(lines)))


def differences(example: Example, decision: Decision) -> Iterator[str]:
    """What came out otherwise than the example says, each with its reason."""
    verdict = decision.verdict
    if example.kind and verdict.kind is not example.kind:
        shown = f" ({verdict.place})" if verdict.place.file else ""
        yield f"{verdict.name}: {quoted(verdict.evidence) or 'no rule fits'}{shown}"
    reply = decision.reply
    if example.reply and (reply is None or reply.template != example.reply):
        yield f'the reply is "{reply.template}"' if reply else f"no reply leaves: {'; '.join(reasons(decision))}"
    if example.no_reply and reply:
        yield f'a reply would be sent: "{reply.template}"'
    elif example.no_reply not in ("", ANY_REASON, *codes(decision)):
        yield f"no reply leaves, for another reason: {'; '.join(reasons(decision))}"
    yield from _other_deadline(example, decision)
    yield from (f'the reply does not say "{words}"' for words in unsaid(example, reply))


def _other_deadline(example: Example, decision: Decision) -> Iterator[str]:
    named = decision.case.reading.deadline
    if example.deadline and (named is None or named.at != example.deadline):
        yield f'"{named.words}" was read as {_by(named.at)}' if named else "no deadline was seen"


def unsaid(example: Example, reply: Reply | None) -> tuple[str, ...]:
    """The words the reply should hold and does not; line breaks do not count."""
    letter = reply.letter if reply else None
    text = _flat(f"{letter.subject}\n{letter.body}") if letter else ""
    return tuple(words for words in example.reply_says if _flat(words) not in text)


def _flat(text: str) -> str:
    return " ".join(text.split())


def codes(decision: Decision) -> tuple[str, ...]:
    """Every reason for which no reply leaves."""
    screened = decision.case.screened
    found = [screened.code] if screened else []
    found += [w.reason for w in decision.withheld] + [h.reason for h in decision.plan.holds]
    return tuple(dict.fromkeys(str(code) for code in found))


def reasons(decision: Decision) -> tuple[str, ...]:
    """The same in words, and what could not be written."""
    screened = decision.case.screened
    found = [screened.because] if screened else []
    found += [w.because for w in decision.withheld] + [h.note for h in decision.plan.holds]
    return tuple(dict.fromkeys((*found, *decision.problems))) or (f"{decision.verdict.kind} is not answered",)


def _by(moment: datetime) -> str:
    day: date = moment.date()
    return f"by {day:%a} {day.day} {day:%b} {moment:%H:%M}"


def _expected(example: Example) -> str:
    silence = "no reply" + (f" ({example.no_reply})" if example.no_reply != ANY_REASON else "")
    parts = [example.kind or "", example.reply, silence if example.no_reply else ""]
    parts.append(_by(example.deadline) if example.deadline else "")
    return ", ".join(str(p) for p in parts if p) or "the words below"


def _got(example: Example, decision: Decision) -> str:
    reply, named = decision.reply, decision.case.reading.deadline
    why = ", ".join(codes(decision))
    parts = [str(decision.verdict.kind), reply.template if reply else f"no reply ({why})" if why else "no reply"]
    if example.deadline:
        parts.append(_by(named.at) if named else "no deadline")
    return ", ".join(parts)
