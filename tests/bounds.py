"""Upper bounds on hostile input: a guard against work that grows without end, no benchmark.

CPU seconds of this process, without the garbage collector (its pauses grow with what other tests left in memory), and
the quickest of three runs (what the machine does beside is not what is asked).
"""

import gc
from collections.abc import Callable
from time import process_time

TRIES = 3


def seconds(work: Callable[[], object]) -> float:
    """How long one run of the work takes."""
    gc.collect()
    gc.disable()
    try:
        begun = process_time()
        work()
        return process_time() - begun
    finally:
        gc.enable()


def within(bound: float, work: Callable[[], object]) -> bool:
    """Whether one of three runs stays below the bound; a quick one is run once."""
    return any(seconds(work) < bound for _ in range(TRIES))
