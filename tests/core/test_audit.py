"""The oracle says what is wrong, and nothing where all is well."""

from dataclasses import replace

import pytest

from vamaild.core.audit import Box, Finding, Kept, findings

GOOD = Kept(3, {"answered": 2, "no-reply": 1}, emergencies=1, open=1)
BOX = Box("inbox", frozenset({1, 2, 3}), frozenset({1, 2, 3, 4}))
SECRETS = ("petr.more@proton.example", "+420 603 111 222")
TEXTS = (("message 1", "Dobrý den, pošlete mi ceník."), ("mail 2", "přijdu ve středu, 603 222 111"))


def wrong(found: list[Finding]) -> dict[str, str]:
    return {f.name: f.wrong for f in found if not f.ok}


def test_all_is_well() -> None:
    found = findings(GOOD, [BOX], TEXTS, SECRETS)
    assert wrong(found) == {}
    assert [f.good for f in found] == [
        "3 messages in 1 mailbox, each in one state",
        "3 = 2 answered + 1 no-reply",
        "no reply was sent twice",
        "no mail is half sent",
        "1 emergency, 1 open, each with a next step",
        "2 texts searched",
    ]


@pytest.mark.parametrize(
    ("kept", "name", "said"),
    [
        (replace(GOOD, messages=4), "sums", "4 rows, but 2 answered + 1 no-reply make 3"),
        (replace(GOOD, outcomes={"answered": 2}), "sums", "3 rows, but 2 answered make 2"),
        (replace(GOOD, twice=("message 7 (lead-time)",)), "replies", "sent twice to message 7 (lead-time)"),
        (replace(GOOD, half_sent=("mail 9",)), "outbox", "mail 9"),
        (replace(GOOD, lost=("message 8",)), "emergencies", "no case: message 8"),
        (replace(GOOD, stuck=("K7QP",)), "emergencies", "nobody is woken any more: K7QP"),
    ],
)
def test_what_the_ledger_gives_away(kept: Kept, name: str, said: str) -> None:
    found = wrong(findings(kept, [BOX], TEXTS, SECRETS))
    assert list(found) == [name]
    assert said in found[name]


def test_a_message_nobody_knows() -> None:
    box = replace(BOX, known=frozenset({2}))
    assert wrong(findings(GOOD, [box], (), ())) == {"messages": "not in the ledger: inbox 1, inbox 3"}
    many = Box("inbox", frozenset(range(1, 20)), frozenset())
    assert wrong(findings(GOOD, [many], (), ()))["messages"].endswith("inbox 5 and 14 more")


@pytest.mark.parametrize("text", ["volejte 00420603111222", "petr.more (at) proton.example"])
def test_a_secret_is_found_and_not_repeated(text: str) -> None:
    found = wrong(findings(GOOD, [BOX], [*TEXTS, ("mail 3", text)], SECRETS))
    assert found == {"secrets": "something of secrets.toml stands in mail 3"}


def test_without_mailboxes() -> None:
    assert findings(GOOD, [], (), ())[0] == Finding("messages", "no mailbox was asked")


def test_a_mailbox_that_was_not_asked_is_no_good_news() -> None:
    found = wrong(findings(GOOD, [BOX, Box("second", fault="it does not answer.")], (), ()))
    assert found == {"messages": "second was not asked: it does not answer."}
