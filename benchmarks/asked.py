"""How much a benchmark is to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """`size`: messages, rules, rows or mailboxes. `minutes`: the most that one long run may take.

    `unique`: a word of its own in every sentence of the mail, so that no two are the same. `all_peers`: those too that
    no target is about.
    """

    size: int
    rounds: int = 3
    minutes: float = 5.0
    unique: bool = False
    all_peers: bool = False
