"""Numbers 65 to 69: what may happen between an emergency and the person who is to hear of it."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chain.alarm import (
    CHAIN,
    FLOOD,
    HERS,
    HIS_MAIL,
    HIS_SMS,
    HOUR,
    LAURA,
    ME,
    MINE,
    MINUTE,
    PETR,
    TELEPHONE,
    Alarm,
)
from tests.chain.test_standin import GONE
from tests.faults.test_acknowledgement import hear, report
from tests.make import NOW, absent
from tests.office import letter
from tests.servers import server_tls
from vamaild import hearing, incidents
from vamaild.adapters.notify import AppriseNotifier
from vamaild.adapters.store import SqliteStore
from vamaild.core.cases import NewCase, NoticeState
from vamaild.core.notify import Delivered, Delivery, Notice
from vamaild.core.reasons import Reason

NOTICE = Notice("<k1@va.example>", "4F7K", "Carla: la cantina [4F7K]", "Si allaga.\n", "https://va.example/c/4F7K")
SECRET = "Bramble-Otter"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


@pytest.fixture
def office() -> Alarm:
    found = Alarm()
    found.arrive(letter(1, FLOOD))
    return found


# ---- 65: an HTTP channel

Answer = Callable[[socket.socket], None]


def says(*parts: bytes, pause: float = 0.0) -> Answer:
    """Reads the request, then sends these parts with a pause before each."""

    def answer(sock: socket.socket) -> None:
        sock.recv(65_536)
        for part in parts:
            time.sleep(pause)
            sock.sendall(part)

    return answer


def status(number: int, more: bytes = b"") -> Answer:
    return says(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n" % (number, more))


@contextmanager
def channel(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[int]]]:
    """A server that answers like this; its port, and one entry for each connection."""
    met: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                met.append(1)
                threading.Thread(target=one, args=(sock,), daemon=True).start()

        def one(sock: socket.socket) -> None:
            with suppress(OSError), sock:
                answer(tls.wrap_socket(sock, server_side=True) if tls else sock)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1], met
        finally:
            listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def notifier() -> AppriseNotifier:
    AppriseNotifier(30).notify("json://", NOTICE)  # the library is imported, which takes a second
    return AppriseNotifier(2.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (says(GOOD), Delivery.DELIVERED),
        (status(429, b"Retry-After: 1\r\n"), Delivery.RETRY),
        (status(500), Delivery.RETRY),
        (status(401), Delivery.RETRY),
        (status(307, b"Location: http://127.0.0.1:1/elsewhere\r\n"), Delivery.RETRY),
        (says(), Delivery.RETRY),
        (says(b"garbage\r\n\r\n"), Delivery.RETRY),
        (says(*[b"%c" % c for c in GOOD], pause=0.2), Delivery.RETRY),
        (lambda sock: time.sleep(5), Delivery.RETRY),
    ],
    ids=["good", "429", "500", "401", "307", "hangs up", "garbage", "one byte at a time", "silence"],
)
def test_65_a_channel_that_does_not_work_is_tried_again(
    notifier: AppriseNotifier, answer: Answer, result: Delivery
) -> None:
    with channel(answer) as (port, _):
        done = notifier.notify(f"json://user:{SECRET}@127.0.0.1:{port}/", NOTICE)
    assert done.result is result
    assert SECRET not in done.detail


@pytest.mark.slow
def test_65_a_certificate_nobody_signed(notifier: AppriseNotifier) -> None:
    with channel(says(GOOD), server_tls()) as (port, met):
        assert notifier.notify(f"jsons://127.0.0.1:{port}/", NOTICE).result is Delivery.RETRY
    assert met


@pytest.mark.slow
@pytest.mark.parametrize("more", ["?optional=yes", "?redirect=yes", "?verify=no", "?retry=3&wait=1"])
def test_65_no_word_in_its_url_makes_a_failure_a_success(notifier: AppriseNotifier, more: str) -> None:
    with channel(status(307, b"Location: http://127.0.0.1:1/elsewhere\r\n")) as (port, met):
        assert notifier.notify(f"json://127.0.0.1:{port}/{more}", NOTICE).result is Delivery.RETRY
        assert met
    assert notifier.notify(f"json://127.0.0.1:{port}/{more}", NOTICE).result is Delivery.RETRY, "nobody listens"


@pytest.mark.parametrize("how", [Delivery.RETRY, Delivery.FAILED])
def test_65_the_next_channel_the_colleague_the_assistant_and_every_attempt_is_shown(
    office: Alarm, how: Delivery
) -> None:
    """Nothing of the contact works: within his time the colleague is asked, and the assistant hears why."""
    office.goes_on()
    office.sms.broken = how
    office.email.notify = refusing(office, PETR, how)  # type: ignore[method-assign]  # that address alone
    first = [t for _ in range(25) for t in office.goes_on(MINUTE)]
    told = first + [t for _ in range(100) for t in office.goes_on(MINUTE)]
    assert HERS in first
    assert not {HIS_SMS, HIS_MAIL} & set(told)
    rows = [row for row in office.store.notices(office.case.code) if row.notice.person == "petr-sea"]
    assert {row.notice.channel for row in rows} == {"sms", "email"}
    assert {row.state for row in rows} == {NoticeState.FAILED}
    assert all(row.attempts and row.detail == "no" for row in rows)
    assert len(office.notes("note-way")) == 2, "for good, or again: she hears of each way"
    assert not any(secret in str(note) for note in office.notes("note-way") for secret in (PETR, TELEPHONE))


def refusing(office: Alarm, address: str, how: Delivery) -> Callable[[str, Notice], Delivered]:
    usual = office.email.notify
    return lambda way, notice: Delivered(how, "no") if way == address else usual(way, notice)


# ---- 66


def minutes(office: Alarm, count: int, step: timedelta = MINUTE) -> list[tuple[int, tuple[str, str]]]:
    """Who is told in which minute from now on; the clock goes one step at a time."""
    return [(n, told) for n in range(count) for told in office.goes_on(step if n else timedelta())]


def test_66_nobody_answers_and_everybody_is_asked_at_his_minute(office: Alarm) -> None:
    """First 10 minutes for her and 20 for each other one, then 40, 80 ...; a second way after half of the time."""
    wanted, at = [], 0
    for hers, others in ((10, 20), (40, 40), (80, 80)):
        wanted += [(at, MINE), (at + hers, HIS_SMS), (at + hers + others // 2, HIS_MAIL), (at + hers + others, HERS)]
        at += hers + 2 * others
    assert minutes(office, at) == wanted


def test_66_who_takes_it_stops_it_and_without_an_outcome_it_is_asked_again() -> None:
    office = Alarm(absent(escalation=replace(CHAIN, budget=30)))
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    office.goes_on(10 * MINUTE)
    office.says("petr-sea", "take")
    assert [t for t in minutes(office, 120) if t[1] != MINE] == [], "she is told that she need do nothing"
    asked = [told for n, told in minutes(office, 3) if told != MINE]
    assert asked == [HIS_SMS], "two hours later: is it over?"
    assert office.case.acknowledged_by == "petr-sea"
    again = {told for _, told in minutes(office, 48, HOUR)}
    assert again <= {HIS_SMS, HIS_MAIL}, "he alone, until he says how it ended"
    assert again
    office.says("petr-sea", "resolve")
    office.goes_on()
    assert minutes(office, 48, HOUR) == []


def test_66_a_late_answer_after_it_went_to_the_next_one(office: Alarm) -> None:
    """The contact answers when the colleague has been asked already: both hear who has it, so does who comes later."""
    office.goes_on()
    office.goes_on(10 * MINUTE)
    office.goes_on(10 * MINUTE)
    his = office.told[-1][2]
    assert office.goes_on(10 * MINUTE) == [HERS]
    hers = office.told[-1][2]
    late = {"In_Reply_To": his.key, "subject": f"Re: {his.short}"}
    assert office.replies("1", PETR, **late) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.acknowledged_by == "petr-sea"
    told = office.goes_on()
    assert HERS in told, "she need do nothing"
    assert HIS_MAIL in told, "he has it"
    later = {"In_Reply_To": hers.key, "subject": f"Re: {hers.short}"}
    assert office.replies("1", LAURA, **later) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.acknowledged_by == "petr-sea"
    assert HERS in office.goes_on()
    assert "petr-sea" in office.told[-1][2].text


# ---- 67


@pytest.mark.slow
def test_67_two_hundred_in_a_minute_are_a_few_messages_and_every_case_is_kept(tmp_path: Path) -> None:
    """A rule calls everything an emergency: she is told at once, then he in one message for each of his ways.

    The limit of replies trips, and she hears of that, too.
    """
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    for first in range(0, 200, 50):
        office.arrive(*(letter(n, FLOOD, sender=f"carla{n}@c{n}.example") for n in range(first, first + 50)))
        office.goes_on(timedelta(seconds=15))
    for after in (5, 6, 10, 10):
        office.goes_on(after * MINUTE)
    cases = office.store.cases()
    assert len(cases) == 200
    assert all(case.case.due and office.store.notices(case.code) for case in cases)
    everybody = Counter(way for _, way, _ in office.told)
    assert everybody.pop(ME) <= 5
    assert everybody == {TELEPHONE: 1, PETR: 1, LAURA: 1}
    assert office.told[-1][2].short.startswith("200 emergenze")
    assert len(office.items()) == office.service.rules.rulebook.limits.per_hour, "the receipts that leave"
    (note,) = office.notes(incidents.LIMIT)
    assert note["To"] == ME
    office.store.close()


# ---- 69


def test_69_the_contacts_alarm_comes_back_and_the_next_is_asked_at_once(office: Alarm) -> None:
    office.goes_on()
    office.sms.broken = Delivery.FAILED
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert hear(office, report(office)) == hearing.Heard("acme", Reason.NOTICE_BOUNCED)
    assert HERS in office.goes_on(), "nobody waits for him who was never told"
    assert len(office.notes("note-way")) == 2, "both of his ways"


def test_69_his_mailbox_answers_by_itself_and_the_colleague_is_on_holiday() -> None:
    """Then the assistant is asked again, and again: it never ends by itself."""
    office = Alarm(absent(escalation=replace(CHAIN, me_first=10 * MINUTE), colleague=GONE, colleagues=(GONE,)))
    office.arrive(letter(1, FLOOD))
    told = []
    for _ in range(24 * 60 // 5):
        told += office.goes_on(5 * MINUTE)
        if told and told[-1] == HIS_MAIL:
            away = office.replies("Sono in mare fino al 5 dicembre.", PETR, Auto_Submitted="auto-replied")
            assert away == hearing.Heard("acme", Reason.NOTICE_ECHO)
    assert HERS not in told
    assert told.count(MINE) >= 4
    assert HIS_SMS in told
    assert not office.case.acknowledged_at
    assert office.case.case.due
    assert office.case.case.due > NOW


# ---- one contact, two clients


def test_a_contact_of_two_clients_reads_of_each_by_itself() -> None:
    """Nothing of one client stands in anything for the other, not even in a message to somebody who serves both."""
    first = absent(escalation=CHAIN)
    second = replace(first, client=replace(first.client, id="beta", name="Beta", arrives=("office@beta.example",)))
    office = Alarm(first)
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(first, second)))
    for client, who in (("acme", "Carla"), ("beta", "Zoe")):
        office.store.open_case(NewCase(client, "emergency", "x", who, f"Fuoco da {who}", escalates=True), NOW)
    office.goes_on()
    assert office.goes_on(10 * MINUTE) == [HIS_SMS, HIS_SMS]
    texts = [notice.short + notice.text for _, way, notice in office.told if way == TELEPHONE]
    assert sorted(("Carla" in text, "Zoe" in text) for text in texts) == [(False, True), (True, False)]
