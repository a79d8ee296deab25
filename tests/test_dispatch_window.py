"""Several mails claimed at once: each is claimed before anything of it leaves, and kept as sent once it is taken."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from tests.contracts.entries import NOW
from tests.test_dispatch import Post, service, states
from vamaild import dispatch
from vamaild.core.ledger import PostError, Sort, State
from vamaild.service import Service

UNSURE = PostError("cut", maybe_sent=True)
REFUSED = PostError("no such user", permanent=True)
DOWN = PostError("down", everybody=True)


class Window(Post):
    """Takes three at once; `look` is called whenever the outcome of one is known."""

    window = 3

    def __init__(self, *answers: PostError | None) -> None:
        super().__init__(*answers)
        self.look: Callable[[], object] = lambda: None
        self.windows: list[int] = []

    def send_all(self, mails: Sequence[tuple[str, bytes]]) -> Iterator[PostError | None]:
        self.windows.append(len(mails))
        for _ in mails:
            self.look()
            self.asked += 1
            yield self.answers.pop(0) if self.answers else None


def of(found: Service, *wanted: State) -> int:
    return sum(state in wanted for state in states(found))


def test_each_is_claimed_before_and_kept_after() -> None:
    found, _ = service(post := Window(), mails=7)
    seen: list[tuple[int, int, int]] = []
    post.look = lambda: seen.append((of(found, State.SENT), of(found, State.CLAIMED), post.asked))
    assert dispatch.send_due(found) == 7
    assert post.windows == [3, 3], "the last one goes by itself"
    assert states(found) == [State.SENT] * 7
    assert all(sent == asked and claimed > 0 for sent, claimed, asked in seen)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((None, REFUSED, None), [State.SENT, State.FAILED, State.SENT]),
        ((None, UNSURE, UNSURE), [State.SENT, State.UNCONFIRMED, State.UNCONFIRMED]),
        ((None, PostError("later"), None), [State.SENT, State.QUEUED, State.SENT]),
        ((None, DOWN, DOWN), [State.SENT, State.QUEUED, State.QUEUED]),
    ],
)
def test_each_has_its_own_end(answers: tuple[PostError | None, ...], expected: list[State]) -> None:
    found, _ = service(Window(*answers))
    assert dispatch.send_due(found) == expected.count(State.SENT)
    assert states(found) == expected
    assert len(found.store.cases()) == sum(state in (State.FAILED, State.UNCONFIRMED) for state in expected)


def test_a_server_that_is_down_counts_once() -> None:
    found, _ = service(Window(DOWN, DOWN, DOWN))
    assert dispatch.send_due(found) == 0
    assert found.rest.failures == 1 and states(found) == [State.QUEUED] * 3
    assert dispatch.next_due(found, NOW) == NOW + dispatch.FIRST_REST


def test_what_was_claimed_together_when_somebody_died_is_shown() -> None:
    for sort, state in ((Sort.COURTESY, State.UNCONFIRMED), (Sort.ESCALATION, State.QUEUED)):
        found, _ = service(post := Window(), sort=sort)

        def die() -> None:
            raise KeyboardInterrupt

        post.look = die
        with pytest.raises(KeyboardInterrupt):
            dispatch.send_due(found)
        assert states(found) == [State.CLAIMED] * 3
        assert dispatch.recover(found) == (3 if sort is Sort.COURTESY else 0)
        assert states(found) == [state] * 3


def test_a_post_that_raises_at_once_says_it_of_all() -> None:
    found, _ = service(post := Window())

    def broken() -> None:
        raise PostError("not now")

    post.look = broken
    assert dispatch.send_due(found) == 0
    assert states(found) == [State.QUEUED] * 3
