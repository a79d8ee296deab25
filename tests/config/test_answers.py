"""What answers mean, and the files they become: read again, they say what was answered."""

import tomllib
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vamaild.cli.newclient import NewClient
from vamaild.config import first
from vamaild.config.answers import QUESTIONS, STEPS, holidays, tagged, week

ANSWERS = {
    "name": "Giulia Ferri", "email": "giulia@ferri-av.example", "gender": "f", "language": "it",
    "timezone": "Europe/Rome", "imap": "imap.ferri-av.example", "smtp": "smtp+starttls://smtp.ferri-av.example",
    "user": "clienti", "smtp_user": "clienti@ferri-av.example", "week": "mon-fri 09:00-18:00", "holidays": "IT, cz",
    "lead_days": "4",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "days", "hours"),
    [
        ("mon-fri 09:00-18:00", (0, 1, 2, 3, 4), (time(9), time(18))),
        ("Mon, Wed,thu 8:30-13:00", (0, 2, 3), (time(8, 30), time(13))),
        ("mon-tue,sat 09:00–12:00", (0, 1, 5), (time(9), time(12))),
        ("sun 09:00-10:00", (6,), (time(9), time(10))),
    ],
)
def test_a_week(text: str, days: tuple[int, ...], hours: tuple[time, time]) -> None:
    found = week(text)
    assert (found.days, (found.opens, found.closes)) == (days, hours)


@pytest.mark.parametrize(
    "text", ["", "mon-fri", "09:00-18:00", "lun-ven 09:00-18:00", "mon 25:00-26:00", "mon- 9:00-10:00"]
)
def test_what_is_no_week(text: str) -> None:
    with pytest.raises(ValueError, match="days and hours like"):
        week(text)


@pytest.mark.parametrize(
    ("text", "found"), [("it", ("IT",)), ("IT-MI; CZ", ("IT-MI", "CZ")), ("none", ()), ("None", ())]
)
def test_holidays(text: str, found: tuple[str, ...]) -> None:
    assert holidays(text) == found


def test_every_question_has_a_step_and_its_own_option() -> None:
    assert [q.step for q in QUESTIONS] == sorted(q.step for q in QUESTIONS)
    assert {q.step for q in QUESTIONS} == set(range(1, len(STEPS)))  # the sixth only says something
    assert len({q.option for q in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
def test_what_holds_without_an_answer_is_one(question) -> None:
    default = question.given({"client": "rossi", "mailbox": "a@b.example", "holidays": "IT"})
    assert default == "" or question.read(default) is not None


def test_a_tag() -> None:
    assert tagged("clienti@ferri-av.example", "rossi") == "clienti+rossi@ferri-av.example"


def test_the_main_file_says_what_was_answered() -> None:
    text = first.main_text(ANSWERS)
    found = tomllib.loads(text)
    assert found["mailbox"] == {
        "imap": "imaps://imap.ferri-av.example", "user": "clienti", "password": "secret:mailbox", "every": "60s",
        "keyword": "vamaild",
    }  # fmt: skip
    assert (found["send"]["smtp"], found["send"]["user"]) == (ANSWERS["smtp"], "clienti@ferri-av.example")
    assert found["week"]["holidays"] == ["IT", "CZ"]
    assert all(len(line) <= 120 for line in text.splitlines())


def test_a_relay_wants_no_password() -> None:
    send = tomllib.loads(first.main_text({**ANSWERS, "smtp_user": "none"}))["send"]
    assert not {"user", "password"} & set(send)


def test_what_the_server_taught_is_written() -> None:
    found = tomllib.loads(first.main_text({**ANSWERS, "server_id": "mx.x.example", "ca": "/etc/own.pem"}))
    assert (found["mailbox"]["server_id"], found["mailbox"]["ca"], found["send"]["ca"]) == (
        "mx.x.example", "/etc/own.pem", "/etc/own.pem",
    )  # fmt: skip


PRINTABLE = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1)


@settings(max_examples=30)
@given(PRINTABLE)
def test_any_password_and_any_name_come_back_as_they_were(text: str) -> None:
    assert tomllib.loads(first.secrets_text(text)) == {"passwords": {"mailbox": text}}
    assert tomllib.loads(first.main_text({**ANSWERS, "user": "x" + text.strip()}))["mailbox"]["user"].startswith("x")


@pytest.mark.parametrize("mode", ["offer", "decline", "silent"])
@pytest.mark.parametrize("profile", ["gmail", "m365"])
def test_a_new_clients_file_with_its_rush_and_its_forwarding(mode: str, profile: str) -> None:
    """It stands on what `vamaild client add` writes: when that changes, this sees it."""
    plain = NewClient("rossi", "Rossi", ("a@b.example",), lead_days=3).text()
    found = tomllib.loads(first.with_forwarding(first.with_rush(plain, mode, 25, "17:30"), profile))
    tier = [{"ready": "today 17:30", "percent": 25, "ask_before": "11:30"}]
    assert found["rush"] == ({"mode": mode, "tier": tier} if mode == "offer" else {"mode": mode})
    assert found["forwarding"] == {"profile": profile}
    assert {k: v for k, v in found.items() if k not in ("rush", "forwarding")} == tomllib.loads(plain)
