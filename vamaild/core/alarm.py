"""Several small signs that together are damage: the lists `alarm_...` under [signs], weighed.

No list of disasters is complete. Somebody who tells of what goes on, of who is in it, of what is lost for good, and
that only the reader can help, tells of an emergency, whatever it is called; a single terrible word tells little. The
weights were fitted to 540 messages of which a quarter were emergencies, and rounded; a polite request for something
weighs most, against.
"""

from collections.abc import Collection, Mapping

WEIGHTS = {"harm": 1, "ours": 3, "helpless": 3, "lost": 3, "called": 1, "going_on": 1, "people": 1}
"""`ours`: what is needed lies with the reader alone."""
TWICE = frozenset(("harm", "ours", "helpless", "people", "going_on"))
"""Seen in two different words these weigh one more."""
BY_RULE = 5
"""An [[emergency]] that sees damage going on now."""
AGAINST = {
    "no_answer": 4,
    "asks": 2,
    "thanks": 2,
    "selling_more": 2,
    "questions": 1,
    "informs": 1,
    "insists": 1,
    "solved": 1,
    "selling": 2,
}
"""`questions`: nothing asks but a question mark."""
TELLS_ONLY = frozenset(
    ("asks", "questions", "insists", "thanks", "informs", "solved", "drill", "no_answer", "automatic")
)
"""A mail that shows none of these only tells, and nobody writes without a reason: one more."""
HURT = frozenset(("harm", "grave", "lost", "ours", "helpless"))
RESCUE = frozenset(("called", "people", "going_on"))
NOW, DOUBTFUL = 4, 2


def points(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> int:
    """The weight of an alarm. `places`: in how many different words each sign was seen; `signs`: other lists seen."""
    seen = {name: count for name, count in places.items() if count and name in WEIGHTS}
    told = TELLS_ONLY.isdisjoint(signs) and (len(seen) > 1 or bool(places.get("grave")))
    weight = told + sum(WEIGHTS[name] + (name in TWICE and count > 1) for name, count in seen.items())
    return weight + BY_RULE * by_rule - sum(less for name, less in AGAINST.items() if name in signs)


def weigh(places: Mapping[str, int], by_rule: bool, signs: Collection[str]) -> str:
    """ "now", "doubtful" or "" (no alarm). Without harm, loss, helplessness or people being helped nothing is sure."""
    weight = points(places, by_rule, signs)
    seen = {name for name, count in places.items() if count}
    sure = by_rule or not HURT.isdisjoint(seen) or seen >= RESCUE
    if weight >= NOW:
        return "now" if sure else "doubtful"
    return "doubtful" if weight >= DOUBTFUL and (sure or weight > DOUBTFUL) else ""
