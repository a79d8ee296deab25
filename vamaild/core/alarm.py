"""Several small signs that together are damage: the lists `alarm_...` under [signs], weighed.

No list of disasters is complete. Somebody who tells of harm, of who is helpless, of what goes on and who was called,
and asks for nothing ordinary, tells of an emergency, whatever it is called. The weights were fitted to 410 messages of
which a third were emergencies, and rounded; a polite request for something weighs most, against.
"""

from collections.abc import Collection, Mapping

WEIGHTS = {"harm": 2, "grave": 1, "helpless": 2, "lost": 1, "called": 1, "going_on": 1, "people": 1, "goods": 1}
"""`grave` words stand in `harm`, too; `goods` are what is at stake besides people."""
TWICE = frozenset(("harm", "helpless", "people"))
"""Seen in two different words these weigh one more."""
BY_RULE = 4
"""An [[emergency]] that sees damage going on now."""
AGAINST = {
    "no_answer": 4,
    "asks": 2,
    "informs": 2,
    "solved": 2,
    "selling_more": 2,
    "insists": 1,
    "selling": 1,
    "thanks": 1,
}
TELLS_ONLY = frozenset(("asks", "insists", "thanks", "informs", "solved", "drill", "no_answer", "automatic"))
"""A mail that shows none of these only tells, and nobody writes without a reason: one more."""
HURT = frozenset(("harm", "grave", "lost", "helpless"))
NOW, DOUBTFUL = 3, 2


def points(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> int:
    """The weight of an alarm. `places`: in how many different words each sign was seen; `signs`: other lists seen."""
    seen = {name for name, count in places.items() if count and name in WEIGHTS}
    told = TELLS_ONLY.isdisjoint(signs) and (len(seen) > 1 or "grave" in seen)
    weight = told + sum(WEIGHTS.get(name, 0) + (name in TWICE and count > 1) for name, count in places.items() if count)
    return weight + BY_RULE * by_rule - sum(less for name, less in AGAINST.items() if name in signs)


def weigh(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> str:
    """ "now", "doubtful" or "" (no alarm). Without any harm, loss or helplessness nothing is sure."""
    weight = points(places, by_rule, signs)
    sure = by_rule or not HURT.isdisjoint(name for name, count in places.items() if count)
    if weight >= NOW:
        return "now" if sure else "doubtful"
    return "doubtful" if weight == DOUBTFUL else ""
