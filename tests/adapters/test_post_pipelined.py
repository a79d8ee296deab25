"""Several mails in one go: each has its own outcome, and nobody is told more than is sure."""

import pytest

from tests.pipelining import OFFERS, Window, window_server
from vamaild.adapters.post import MOST_AT_ONCE, SmtpPost
from vamaild.core.ledger import PostError

FAR = "jiří@example.org"
PEOPLE = tuple(f"p{n}@example.org" for n in range(5))


def raw(to: str) -> bytes:
    return f"From: va@va.example\r\nTo: {to}\r\nSubject: x\r\n\r\n.ciao {to}\r\n..\r\n".encode()


def connected(server: Window) -> SmtpPost:
    post = SmtpPost(host="127.0.0.1", port=server.port, tls="none", read_seconds=5.0, call_seconds=10.0)
    assert post.window == 1, "nobody knows before the first mail"
    post.send("first@example.org", raw("first@example.org"))
    return post


def outcomes(post: SmtpPost, people: tuple[str, ...] = PEOPLE) -> list[str]:
    """For each: taken, unsure, refused or later."""
    return [kind(found) for found in post.send_all([(to, raw(to)) for to in people])]


def kind(found: PostError | None) -> str:
    if found is None:
        return "taken"
    return "unsure" if found.maybe_sent else "refused" if found.permanent else "later"


def test_all_of_them_leave_as_they_are() -> None:
    with window_server() as server:
        post = connected(server)
        assert post.window == MOST_AT_ONCE
        assert outcomes(post) == ["taken"] * 5
        assert server.taken[1:] == [(to, raw(to)) for to in PEOPLE]
        assert server.verbs.count("MAIL") == 6 and server.verbs.count("DATA") == 1 and server.sessions == 1


def test_window_after_window_costs_a_round_trip_each() -> None:
    with window_server() as server:
        post = connected(server)
        assert [outcomes(post) for _ in range(4)] == [["taken"] * 5] * 4
        assert server.verbs.count("NOOP") == 1, "asked before the first only"
        assert server.verbs.count("MAIL") == 21 and server.sessions == 1


@pytest.mark.parametrize("how", ["hung up", "long ago"])
def test_a_connection_that_may_have_died_between_two_windows_is_asked_first(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with window_server() as server:
        post = connected(server)
        assert outcomes(post) == ["taken"] * 5
        assert post._smtp is not None
        if how == "hung up":
            post._smtp.end()
        else:
            monkeypatch.setattr("vamaild.adapters.post.FRESH", 0.0)
        assert outcomes(post) == ["taken"] * 5
        assert server.sessions == (2 if how == "hung up" else 1)
        assert server.verbs.count("NOOP") == (1 if how == "hung up" else 2)


@pytest.mark.parametrize("missing", ["PIPELINING", "CHUNKING"])
def test_one_by_one_where_the_server_cannot(missing: str) -> None:
    with window_server(offers=tuple(o for o in OFFERS if o != missing)) as server:
        assert connected(server).window == 1


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({("p1@example.org", "RCPT"): "550 no such user"}, ["taken", "refused", "taken", "taken", "taken"]),
        ({("p1@example.org", "RCPT"): "450 greylisted"}, ["taken", "later", "taken", "taken", "taken"]),
        ({("p2@example.org", "BDAT"): "452 full"}, ["taken", "taken", "later", "taken", "taken"]),
        ({("p2@example.org", "BDAT"): "554 spam"}, ["taken", "taken", "refused", "taken", "taken"]),
        ({("p2@example.org", "RCPT"): "421 enough"}, ["taken", "taken", "later", "later", "later"]),
        ({("p2@example.org", "BDAT"): "421 enough"}, ["taken", "taken", "later", "later", "later"]),
        ({("p2@example.org", "BDAT"): ""}, ["taken", "taken", "unsure", "unsure", "unsure"]),
        ({("p0@example.org", "RCPT"): ""}, ["unsure"] * 5),
        ({("p2@example.org", "BDAT"): "nonsense"}, ["taken", "taken", "unsure", "unsure", "unsure"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_has_its_own_outcome(said: dict[tuple[str, str], str], found: list[str]) -> None:
    with window_server(said=said) as server:
        post = connected(server)
        assert outcomes(post) == found
        surely = {to for to, each in zip(PEOPLE, found, strict=True) if each == "taken"}
        perhaps = {to for to, each in zip(PEOPLE, found, strict=True) if each == "unsure"}
        assert surely <= {to for to, _ in server.taken[1:]} <= surely | perhaps
        server.said.clear()
        assert outcomes(post, ("again@example.org",)) == ["taken"], "the next ones find a way"


def test_a_mail_that_may_not_leave_keeps_no_other_back() -> None:
    with window_server() as server:
        post = connected(server)
        mails = [
            (PEOPLE[0], raw(PEOPLE[0])),
            (PEOPLE[1], raw(PEOPLE[2])),
            ("jiří@example.org", raw("jiří@example.org")),
        ]
        found = list(post.send_all([*mails, (PEOPLE[3], raw(PEOPLE[3]))]))
        assert [kind(each) for each in found] == ["taken", "refused", "refused", "taken"]
        assert [to for to, _ in server.taken[1:]] == [PEOPLE[0], PEOPLE[3]]


def test_a_connection_that_died_meanwhile_is_replaced_first() -> None:
    with window_server(said={("first@example.org", "RCPT"): "250 fine"}) as server:
        post = connected(server)
        assert post._smtp is not None
        post._smtp.end()
        assert outcomes(post) == ["taken"] * 5 and server.sessions == 2


def test_answers_that_nobody_took_are_never_another_mails() -> None:
    with window_server(said={("p1@example.org", "RCPT"): "550 no such user"}) as server:
        post = connected(server)
        outcome = post.send_all([(to, raw(to)) for to in PEOPLE])
        assert next(outcome) is None
        outcome.close()  # type: ignore[attr-defined]  # as when the ledger cannot be written
        assert outcomes(post, ("again@example.org",)) == ["taken"] and server.sessions == 2
        assert outcomes(post, ("p1@example.org",)) == ["refused"] and server.sessions == 2
