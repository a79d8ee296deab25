"""Several small signs that together are damage: the lists `alarm_...` under [signs], weighed.

No list of disasters is complete. Somebody who tells of what goes on, of who is in it, of what is lost for good, and
that only the reader can help, tells of an emergency, whatever it is called; a single terrible word tells little. The
weights were fitted to 1,100 messages of which a fifth were emergencies, and rounded.
"""

from collections.abc import Collection, Mapping

WEIGHTS = {"ours": 3, "helpless": 3, "lost": 3, "harm": 1, "called": 1, "going_on": 1, "people": 1, "goods": 1}
"""`ours`: what is needed lies with the reader alone."""
ONCE = tuple(WEIGHTS)
"""What the same words show is one sign, the first of these."""
MORE = {"harm": 1, "ours": 1, "helpless": 1, "people": 2, "going_on": 2}
"""Seen in two different words, or in three, these weigh one more each time, up to this."""
BY_RULE = 4
"""An [[emergency]] that sees damage going on now."""
AGAINST = {
    "no_answer": 4,
    "denied": 3,
    "joke": 4,
    "asks": 2,
    "thanks": 2,
    "selling": 2,
    "selling_more": 2,
    "informs": 2,
    "remote": 2,
    "solved": 2,
    "insists": 1,
    "another_day": 1,
}
"""`denied`: there is no hurry; `remote`: others, the news, a story, another season."""
TELLS_ONLY = frozenset(
    ("asks", "questions", "insists", "thanks", "informs", "solved", "drill", "no_answer", "automatic")
)
"""A mail that shows none of these only tells, and nobody writes without a reason: one more."""
HURT = frozenset(("harm", "grave", "lost", "ours", "helpless"))
RESCUE = frozenset(("called", "people", "going_on"))
CALM = frozenset(("remote", "joke", "denied", "solved", "thanks"))
OPEN = frozenset(("ours", "helpless", "lost", "going_on"))
"""Beside calm words one of these must show that something goes on, or that somebody is waited for."""
NOW, DOUBTFUL = 4, 2
SURE = 6
"""So many small signs need no harm in words."""
NOT_MEANT = 0
"""What a rule sees weighs less where everything else speaks against it: nothing of the kind was told."""
ORDINARY = frozenset(("ours", "goods"))
"""A thing of theirs that we keep: any request is about one."""
ASKING = frozenset(("asks", "questions"))
QUESTION = ORDINARY | {"helpless"}
"""Who does not know a thing that we arranged asks: told once and with nothing else, that is no cry for help."""
LONELY = 2
"""A heavy sign that stands alone in an ordinary mail ("Who has the key?") weighs less."""


def points(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> int:
    """The weight of an alarm. `places`: in how many different words each sign was seen; `signs`: other lists seen."""
    seen = {name: count for name, count in places.items() if count and name in WEIGHTS}
    if ORDINARY.issuperset(seen):
        seen.pop("goods", None)
    telling = TELLS_ONLY.isdisjoint(signs)
    told = telling and (len(seen) > 1 or bool(places.get("grave")))
    heavy = len(seen.keys() - {"goods"}) == 1 and max(WEIGHTS[name] for name in seen) > 1
    alone = heavy and not (telling or by_rule)
    weight = told + sum(WEIGHTS[name] + min(MORE.get(name, 0), count - 1) for name, count in seen.items())
    return weight + BY_RULE * by_rule - LONELY * alone - sum(less for name, less in AGAINST.items() if name in signs)


def weigh(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> str:
    """ "now", "doubtful" or "" (no alarm). Without harm, loss, helplessness or people being helped little is sure."""
    weight = points(places, by_rule, signs)
    seen = {name for name, count in places.items() if count}
    calm = not CALM.isdisjoint(signs) and OPEN.isdisjoint(seen)
    sure = by_rule or weight >= SURE or not HURT.isdisjoint(seen) or seen >= RESCUE
    asked = (
        not ASKING.isdisjoint(signs)
        and QUESTION.issuperset(seen & WEIGHTS.keys())
        and not by_rule
        and max(places.values(), default=0) == 1
    )
    if weight >= NOW:
        return "now" if sure and not calm and not asked else "doubtful"
    by_signs = weight >= DOUBTFUL and (sure or weight > DOUBTFUL)
    return "doubtful" if by_signs or (by_rule and weight >= NOT_MEANT) else ""
