"""Long work: a bar while it goes on, one line where nobody looks, Ctrl-C between two steps and what is said then."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

import click

from .screen import Exit, Stop, complain

BAR = "%(label)s  [%(bar)s]  %(info)s"


@dataclass(slots=True)
class Interrupt:
    """Ctrl-C asks for an end between two steps; a second one ends at once."""

    asked: bool = False

    @contextmanager
    def caught(self) -> Iterator["Interrupt"]:
        """Until the end of the block; only the main thread may."""
        before = signal.signal(signal.SIGINT, self._heard)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)

    def _heard(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True

    def __call__(self) -> bool:
        return self.asked


def interrupted(how_far: str, again: str) -> Stop:
    """What is said after Ctrl-C: how far it came, and what the same command does next time."""
    return Stop(f"Interrupted: {how_far}. {again}", Exit.INTERRUPTED)


@contextmanager
def progress(count: int, label: str, unit: str = "messages", *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, one line elsewhere; on stderr, so that results can be piped. Steps say how far they go."""
    if quiet or not sys.stderr.isatty():
        if not quiet:
            complain(f"{label} {count} {unit}")
        yield lambda steps: None
        return
    with click.progressbar(
        length=count,
        label=label,
        file=sys.stderr,
        show_pos=True,
        bar_template=BAR,
        width=36,
        update_min_steps=max(1, count // 500),
    ) as shown:  # type: click._termui_impl.ProgressBar[int]
        yield shown.update


@contextmanager
def counting(label: str, unit: str, *, quiet: bool, least: int = 0) -> Iterator[Callable[[int, int], None]]:
    """The same for what hears with each step how many are done, of how many; nothing is said of fewer than `least`."""
    steps: list[Callable[[int], None]] = []
    with ExitStack() as stack:

        def tell(_done: int, of: int) -> None:
            if not steps:
                steps.append(stack.enter_context(progress(of, label, unit, quiet=quiet or of < least)))
            steps[0](1)

        yield tell
