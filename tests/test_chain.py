"""The chain at work, on a whole service without servers: who is told, what is answered, what survives a crash."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.make import AWAY, COLLEAGUE, ITALIAN, NOW, absent, book
from tests.memory_store import MemoryStore
from tests.office import CARLA, Office, letter, parsed, trusting
from vamaild import chain, hearing
from vamaild.adapters.store import SqliteStore
from vamaild.chain import Answer
from vamaild.config.settings import Secret, Secrets
from vamaild.core.cases import Advance, NewCase, NoticeState, QueueCase
from vamaild.core.chainwords import Said
from vamaild.core.ledger import Arrival, Outgoing, State, Store
from vamaild.core.notify import Delivered, Delivery, Notice
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import EmergencyRule, Escalation, Rulebook, RuleSet, Trust

FLOOD = "Buongiorno, si sta allagando la cantina, venite!"
PETR, TELEPHONE, LAURA = "petr.more@proton.example", "+420 603 111 222", "laura@conti.example"
ME = "giulia@ferri-av.example"
CHAIN = Escalation(("me", "petr-sea", "colleague"), timezone="Europe/Athens")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INJURED = EmergencyRule("feriti", "it", ("è ferit*",), people=True)


class Way:
    """A channel: keeps what it was given; `says` is asked each time, so that it can break, be mended, or kill."""

    def __init__(self, name: str, log: list[tuple[str, str, Notice]]) -> None:
        self.name, self.log = name, log
        self.broken: Delivery | None = None
        self.dies = ""

    def notify(self, way: str, notice: Notice) -> Delivered:
        if self.dies == "before":
            raise KeyboardInterrupt
        if self.broken:
            return Delivered(self.broken, "no")
        self.log.append((self.name, way, notice))
        if self.dies == "after":
            raise KeyboardInterrupt
        return Delivered(Delivery.DELIVERED)


class Alarm(Office):
    """An office whose principal is at sea, with a contact, a colleague and two channels."""

    def __init__(self, ruleset: RuleSet | None = None, store: Store | None = None) -> None:
        super().__init__(ruleset or absent(escalation=CHAIN), store=store or MemoryStore())
        contacts = {"petr-sea": {"sms": Secret(TELEPHONE), "email": Secret(PETR)}}
        rules = self.service.rules
        found = book(self.ruleset, emergencies=(*rules.rulebook.emergencies, INJURED))
        settings = replace(rules.settings, secrets=Secrets(contacts=contacts))
        self.service.rules = replace(rules, settings=settings, rulebook=found)
        self.told: list[tuple[str, str, Notice]] = []
        self.sms, self.email = Way("sms", self.told), Way("email", self.told)
        self.service.notifiers = {"sms": self.sms, "email": self.email}

    def goes_on(self, after: timedelta = timedelta()) -> list[tuple[str, str]]:
        """Time passes, the service looks; (channel, way) of what was told now."""
        self.clock.advance(after)
        before = len(self.told)
        chain.watch(self.service)
        return [(name, way) for name, way, _ in self.told[before:]]

    @property
    def case(self) -> QueueCase:
        (found,) = self.store.cases()
        return found

    def says(self, person: str, verb: str, **more: object) -> Said:
        return chain.answer(self.service, self.case.code, person, Answer(verb, **more), "cli").said  # type: ignore[arg-type]

    def replies(self, text: str, sender: str, **fields: str) -> hearing.Heard | None:
        """Somebody answers the last notice by mail."""
        head = {"In_Reply_To": self.told[-1][2].key, "subject": f"Re: {self.told[-1][2].short}"} | fields
        raw = letter(77, text, sender=sender, **head)
        return hearing.hear(self.service.read(Arrival(1, 1, self.clock.now(), len(raw), raw)), self.service)


@pytest.fixture
def office() -> Alarm:
    found = Alarm()
    found.arrive(letter(1, FLOOD))
    return found


MINE, HIS_SMS, HIS_MAIL, HERS = ("email", ME), ("sms", TELEPHONE), ("email", PETR), ("email", LAURA)


# --- who is told, and when ---


def test_the_assistant_first_then_the_contact_by_two_ways_then_the_colleague_and_again(office: Alarm) -> None:
    assert office.goes_on() == [MINE]
    assert office.goes_on(9 * MINUTE) == []
    assert office.goes_on(MINUTE) == [HIS_SMS]
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert office.goes_on(10 * MINUTE) == [HERS]
    assert office.goes_on(20 * MINUTE) == [MINE]
    assert office.goes_on(20 * MINUTE) == []
    assert office.goes_on(20 * MINUTE) == [HIS_SMS], "the second time everybody has longer"


def test_a_notice_says_who_and_what_first_and_no_secret(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    (_, _, first), (_, _, second) = office.told
    assert first.short.startswith(f"{CARLA[:23]}")
    assert f"[{office.case.code}]" in first.short
    assert "si sta allagando" in second.text
    assert "Laura Conti" in second.text, "what happens if he does nothing"
    for notice in (first, second):
        assert not any(secret in notice.short + notice.text for secret in (TELEPHONE, PETR))
    assert first.key != second.key


def test_who_takes_it_has_peace_and_so_has_everybody(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    assert office.says("petr-sea", "take") is Said.TAKEN
    assert office.goes_on() == [MINE], "the assistant hears that she need not do anything"
    assert "petr-sea" in office.told[-1][2].text
    assert office.goes_on(59 * MINUTE) == []
    assert office.case.acknowledged_by == "petr-sea"
    assert office.says("me", "take") is Said.ALREADY


def test_taken_and_then_forgotten(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "take")
    assert office.goes_on(60 * MINUTE) == [MINE]
    assert office.case.acknowledged_by == ""
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL], "with the time he had the first time"


def test_passed_on_to_the_next_at_once_and_not_asked_again(office: Alarm) -> None:
    office.goes_on()
    assert office.says("me", "pass_on") is Said.PASSED
    assert office.goes_on() == [HIS_SMS]
    office.says("petr-sea", "pass_on")
    assert office.goes_on() == [HERS]
    assert office.goes_on(20 * MINUTE) == [MINE]
    assert office.goes_on(40 * MINUTE) == [HERS]


def test_it_can_wait_comes_back_to_the_assistant_with_the_note(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "pass_on")
    office.goes_on()
    assert office.says("petr-sea", "wait", note="il rubinetto è chiuso") is Said.WAITS
    assert office.goes_on() == [MINE]
    assert "Può aspettare" in office.told[-1][2].text
    assert any("rubinetto" in e.detail for e in office.store.case_events(office.case.code))
    assert office.says("me", "wait") is Said.SNOOZED
    assert office.case.case.due == datetime(2026, 12, 7, 9, tzinfo=NOW.tzinfo), "the morning of the return"
    assert office.goes_on(2 * DAY) == []


def test_given_by_name_and_resolved_with_the_news_that_were_promised(office: Alarm) -> None:
    office.goes_on()
    assert office.says("me", "give", to="colleague") is Said.GIVEN
    assert office.goes_on() == [HERS]
    assert office.says("colleague", "take") is Said.TAKEN
    code = office.case.code
    done = chain.answer(
        office.service, code, "colleague", Answer("resolve", could_wait=False, note="il tecnico è sul posto"), "web"
    )
    assert done.accepted
    assert office.store.cases() == ()
    ended = office.store.case(code)
    assert ended is not None
    assert (ended.could_wait, ended.resolution) == (False, "il tecnico è sul posto")
    (draft,) = [i for i in office.items(State.DRAFT) if i.mail.template == "status-update"]
    assert (draft.mail.to, "il tecnico è sul posto" in str(parsed(draft.mail.raw).get_content())) == (CARLA, True)
    assert office.goes_on(DAY) == []
    assert chain.answer(office.service, code, "me", Answer("take"), "cli").said is Said.CLOSED


def test_no_note_brings_a_secret_to_the_customer(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "resolve", note=f"chiami Petr, {TELEPHONE}")
    (draft,) = [i for i in office.items(State.DRAFT) if i.mail.template == "status-update"]
    assert TELEPHONE.encode() not in draft.mail.raw
    assert b"603" not in draft.mail.raw


def test_put_off_until_then(office: Alarm) -> None:
    office.goes_on()
    until = office.clock.now() + 3 * HOUR
    assert office.says("me", "snooze", until=until) is Said.SNOOZED
    assert office.goes_on(3 * HOUR - MINUTE) == []
    assert office.goes_on(MINUTE) == [MINE]


# --- quiet hours, budget, wolves ---


def quiet(**changes: object) -> Alarm:
    night = replace(CHAIN, quiet=(time(22), time(7)))
    found = Alarm(absent(escalation=replace(night, **changes)))  # type: ignore[arg-type]  # by name
    found.clock.advance(datetime(2026, 11, 26, 22, 0, tzinfo=UTC) - found.clock.now())
    return found


def test_at_night_the_contact_sleeps_and_is_told_in_the_morning_of_his_own_zone() -> None:
    office = quiet()
    office.arrive(letter(1, FLOOD))
    assert office.goes_on() == [MINE]
    assert office.goes_on(10 * MINUTE) == [HERS]
    told = [(office.clock.now(), t) for _ in range(200) for t in office.goes_on(5 * MINUTE)]
    first = next(at for at, t in told if t == HIS_SMS)
    assert datetime(2026, 11, 27, 5, 0, tzinfo=UTC) <= first <= datetime(2026, 11, 27, 5, 5, tzinfo=UTC)


def test_danger_to_people_wakes_him() -> None:
    office = quiet()
    office.arrive(letter(1, "Buongiorno, l'operaio è ferito, chiamate qualcuno!"))
    assert office.case.case.people
    assert office.goes_on() == [MINE]
    assert office.goes_on(10 * MINUTE) == [HIS_SMS]


def test_the_assistant_may_wake_him_by_hand() -> None:
    office = quiet()
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    office.says("me", "give", to="petr-sea")
    assert office.goes_on() == [HIS_SMS]


def test_beyond_the_budget_only_danger_to_people_reaches_the_contact() -> None:
    office = Alarm(absent(escalation=replace(CHAIN, budget=1)))
    for number, text in ((1, FLOOD), (2, FLOOD), (3, "Aiuto, un cliente è ferito, venite!")):
        office.arrive(letter(number, text))
        assert office.goes_on()
        told = office.goes_on(10 * MINUTE)
        assert (HIS_SMS in told) == (number != 2)
        for case in office.store.cases():
            chain.answer(office.service, case.code, "me", Answer("resolve"), "cli")
        office.goes_on()


def test_who_cried_wolf_twice_goes_to_the_assistant_alone() -> None:
    office = Alarm()
    for number in (1, 2, 3):
        office.arrive(letter(number, FLOOD))
        assert office.goes_on() == [MINE]
        assert (HIS_SMS in office.goes_on(10 * MINUTE)) == (number < 3)
        office.says("me", "resolve", could_wait=True)
        office.goes_on()
        office.clock.advance(DAY)


# --- one incident ---


def test_insisting_joins_and_a_new_damage_is_told_to_whoever_has_it(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "take")
    subject = parsed(letter(1, FLOOD))["Subject"]
    office.arrive(letter(2, FLOOD + " Rispondete!", subject=f"Re: {subject}"))
    assert (office.case.joined, office.goes_on()) == (1, [])
    office.arrive(letter(3, "E adesso un operaio è ferito!", subject=f"Re: {subject}"))
    assert office.goes_on() == [MINE]
    assert "notizia nuova" in office.told[-1][2].text
    assert office.case.damage == ("acqua", "feriti")


def test_a_new_damage_is_not_lost_when_somebody_answers_at_the_same_moment(office: Alarm) -> None:
    office.goes_on()
    subject = parsed(letter(1, FLOOD))["Subject"]
    office.arrive(letter(3, "E adesso un operaio è ferito!", subject=f"Re: {subject}"))
    assert office.says("me", "take") is Said.TAKEN
    assert office.goes_on() == [MINE]


def test_every_mail_of_an_alarm_system_is_an_alarm_of_its_own() -> None:
    office = Alarm()
    for number in (1, 2):
        office.arrive(letter(number, FLOOD, sender="alarm@tower.example", subject="ALLARME"))
    assert len(office.store.cases()) == 2
    assert office.goes_on() == [MINE, MINE]


# --- failures and crashes ---


def test_a_way_that_fails_makes_room_for_the_next_at_once(office: Alarm) -> None:
    office.sms.broken = Delivery.FAILED
    office.goes_on()
    assert office.goes_on(10 * MINUTE) == [HIS_MAIL]
    assert len(office.notes("note-way")) == 1
    assert TELEPHONE not in str(office.notes("note-way")[0])


@pytest.mark.parametrize("how", [Delivery.RETRY, Delivery.FAILED])
def test_when_nothing_works_for_hours_it_is_told_when_it_works_again(office: Alarm, how: Delivery) -> None:
    office.sms.broken = office.email.broken = how
    for _ in range(60):
        assert office.goes_on(5 * MINUTE) == []
        assert office.case.case.due
        assert office.case.case.due > office.clock.now()
    rows = office.store.notices(office.case.code)
    assert {row.state for row in rows} == {NoticeState.FAILED}
    assert len(rows) < 60 * 4
    office.sms.broken = office.email.broken = None
    assert office.goes_on(15 * MINUTE) == [MINE]


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_a_notice_is_handed_over(tmp_path: Path, when: str) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.email.dies = when
    with pytest.raises(KeyboardInterrupt):
        office.goes_on()
    office.store.close()
    again = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    again.clock.advance(MINUTE)
    assert again.goes_on() == [MINE]
    (row,) = again.store.notices(again.case.code)
    assert (row.state, row.attempts) == (NoticeState.DELIVERED, 2)
    assert {n.key for _, _, n in office.told + again.told} == {row.notice.key}, "a second copy is recognised"
    assert again.goes_on() == []
    again.store.close()


def test_a_way_that_kills_the_service_each_time_is_given_up(office: Alarm) -> None:
    office.goes_on()
    office.sms.dies = "before"
    office.clock.advance(10 * MINUTE)
    for _ in range(chain.MOST_DEATHS):
        with pytest.raises(KeyboardInterrupt):
            office.goes_on()
    assert office.goes_on() == [HIS_MAIL]


@pytest.mark.parametrize("person", ["petr-sea", "me"])
def test_what_was_taken_before_a_crash_is_not_told_after_it(tmp_path: Path, person: str) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.email.dies = "before"
    with pytest.raises(KeyboardInterrupt):
        office.goes_on()
    office.says(person, "take")
    office.email.dies = ""
    assert office.goes_on() == []
    assert NoticeState.DROPPED in {n.state for n in office.store.notices(office.case.code)}
    office.store.close()


class Killed(BaseException):
    """The process is gone."""


class DyingStore(SqliteStore):
    """Dies in the middle of the n-th thing it is asked to write."""

    left = 10_000

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed

    def advance(self, *args: Any) -> bool:
        done = super().advance(*args)
        self._count()
        return done

    def notice_handed(self, number: int, now: datetime) -> None:
        super().notice_handed(number, now)
        self._count()

    def notice_settled(self, *args: Any) -> None:
        super().notice_settled(*args)
        self._count()

    def queue_mail(self, mail: Outgoing) -> None:
        super().queue_mail(mail)
        self._count()


@pytest.mark.parametrize("n", range(16))
def test_killed_at_every_write_of_a_whole_night_nobody_is_forgotten(tmp_path: Path, n: int) -> None:
    """The contact's first way fails, so that there are notes and second ways; then he takes it."""
    log: list[tuple[str, str, Notice]] = []
    at, taken, deaths = NOW, False, 0
    store = SqliteStore(tmp_path / "vamaild.db")
    Alarm(store=store).arrive(letter(1, FLOOD))
    store.close()
    for life in range(30):
        store = DyingStore(tmp_path / "vamaild.db")
        store.left = n if life in (1, 2) else 10_000
        office = Alarm(store=store)
        office.told = office.sms.log = office.email.log = log
        office.clock.advance(at - office.clock.now())
        office.sms.broken = Delivery.FAILED
        try:
            office.goes_on()
            if life == 12:
                taken = office.says("petr-sea", "take") is Said.TAKEN
            office.goes_on()
        except Killed:
            deaths += 1
        finally:
            store.close()
        at += (1 if life < 5 else 5) * MINUTE
    assert deaths <= 2
    assert taken
    rows = [(name, way) for name, way, _ in log]
    assert MINE in rows
    assert HIS_MAIL in rows
    assert len({notice.key for _, _, notice in log}) >= len(rows) - deaths, "a second copy only where it died"


def test_a_case_taken_by_an_older_version_stays_taken_and_is_asked_about_later(office: Alarm) -> None:
    office.store.acknowledge(office.case.code, "petr-sea", office.clock.now())
    assert office.goes_on() == []
    assert office.goes_on(59 * MINUTE) == []
    assert office.goes_on(MINUTE) == [HIS_SMS]


@pytest.mark.parametrize("begun", [True, False])
def test_taken_under_a_name_of_nobody_in_the_chain_it_is_the_assistants(office: Alarm, begun: bool) -> None:
    if begun:
        office.goes_on()
    office.store.acknowledge(office.case.code, "jana", office.clock.now())
    assert office.goes_on(59 * MINUTE) == []
    assert office.goes_on(60 * MINUTE) == [MINE]


def test_a_case_taken_by_a_program_that_knows_no_chain_stops_all_the_same(office: Alarm) -> None:
    office.goes_on()
    office.store.acknowledge(office.case.code, "me", office.clock.now())
    assert office.goes_on(50 * MINUTE) == []
    assert office.case.acknowledged_by == "me"


def test_a_chain_that_was_damaged_by_hand_begins_anew(office: Alarm) -> None:
    office.goes_on()
    office.store.advance(office.case.code, office.case.version, Advance({"phase": "asleep"}, office.clock.now()), NOW)
    assert office.goes_on() == [MINE] or office.goes_on(10 * MINUTE) == [HIS_SMS]


def test_nothing_changes_when_nothing_is_due(tmp_path: Path) -> None:
    office = Alarm(store=SqliteStore(tmp_path / "vamaild.db"))
    office.arrive(letter(1, FLOOD))
    office.goes_on()
    version = office.case.version
    for _ in range(3):
        office.goes_on(MINUTE)
    assert office.case.version == version
    office.store.close()


def test_somebody_leaves_the_chain_while_he_is_asked(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    rules = office.service.rules
    shorter = absent(escalation=replace(CHAIN, chain=("me", "colleague")))
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(shorter,)))
    assert office.goes_on() == [MINE], "it begins again without him"
    assert office.goes_on(10 * MINUTE) == [HERS]
    assert office.says("petr-sea", "take") is Said.STRANGER


def test_a_client_whose_file_is_gone_leaves_the_assistant(office: Alarm) -> None:
    office.goes_on()
    office.goes_on(10 * MINUTE)
    rules = office.service.rules
    office.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=()))
    assert office.goes_on() == [MINE]
    assert office.goes_on(HOUR) == [MINE]


def test_a_dry_run_tells_nobody(office: Alarm) -> None:
    office.service.send = False
    assert office.goes_on(DAY) == []


def test_in_observe_the_assistant_alone_is_told_every_hour() -> None:
    office = Alarm(trusting(Trust.OBSERVE, absent(escalation=CHAIN)))
    office.arrive(letter(1, FLOOD))
    told = [t for _ in range(30) for t in office.goes_on(10 * MINUTE)]
    assert set(told) == {MINE}
    assert 4 <= len(told) <= 6


def test_a_practice_alarm_goes_along_the_whole_chain_even_at_night_and_ends() -> None:
    office = quiet(budget=1)
    new = NewCase("acme", "practice", "cvičení", "Giulia", "prova", escalates=True)
    code = office.store.open_case(new, office.clock.now())
    assert office.goes_on() == [MINE]
    assert "solo una prova" in office.told[-1][2].text
    assert office.told[-1][2].practice
    assert office.says("me", "take") is Said.TAKEN
    assert office.goes_on() == [HIS_SMS]
    assert office.says("petr-sea", "take") is Said.TAKEN
    assert office.goes_on() == [HERS]
    assert office.goes_on(20 * MINUTE) == [], "nobody is asked twice in practice"
    ended = office.store.case(code)
    assert ended is not None
    assert ended.closed_at
    assert office.store.disturbances("acme", NOW - DAY) == {}


def test_a_case_that_is_no_emergency_waits_is_put_off_and_given(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "resolve")
    code = office.store.open_case(NewCase("acme", "draft", "look", "Carla", "Preventivo"), office.clock.now())
    assert office.goes_on(DAY) == []
    assert office.says("me", "snooze", until=office.clock.now() + DAY) is Said.SNOOZED
    assert office.goes_on(2 * DAY) == []
    assert office.case.case.due is None, "it is back in the queue"
    assert office.says("me", "give", to="colleague") is Said.GIVEN
    assert office.goes_on() == [HERS]
    assert (office.case.acknowledged_by, office.goes_on(30 * DAY)) == ("colleague", [])
    assert chain.answer(office.service, code, "colleague", Answer("resolve"), "web").accepted
    assert office.store.cases() == ()


def test_who_may_not_answer(office: Alarm) -> None:
    office.goes_on()
    assert office.says("anna", "take") is Said.STRANGER
    assert office.says("me", "give", to="anna") is Said.NO_SUCH_PERSON
    assert chain.answer(office.service, "ZZZZ", "me", Answer("take"), "web").said is Said.UNKNOWN
    with pytest.raises(ValueError, match="nobody knows"):
        office.says("me", "explode")


# --- answers by mail ---


def test_an_answer_by_mail_takes_it_and_is_confirmed(office: Alarm) -> None:
    office.goes_on()
    assert office.replies("1\n\nInviato da iPhone", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.case.acknowledged_by == "me"
    assert office.goes_on() == [MINE]
    assert "il caso è suo" in office.told[-1][2].text
    assert [e.who for e in office.store.case_events(office.case.code) if e.what == "taken"] == ["me"]


def test_two_goes_on_and_three_comes_back(office: Alarm) -> None:
    office.goes_on()
    office.replies("2", ME)
    office.goes_on()
    assert office.case.case.escalates
    office.sms.broken = Delivery.FAILED
    office.goes_on(10 * MINUTE)
    assert office.told[-1][:2] == HIS_MAIL
    office.replies("3", PETR)
    assert MINE in office.goes_on()


@pytest.mark.parametrize(
    ("sender", "fields"),
    [
        ("eve@evil.example", {}),
        (LAURA, {}),
        (ME, {"In_Reply_To": "<somewhere@else.example>"}),
    ],
    ids=["a stranger", "somebody else of the chain", "no thread, only the code"],
)
def test_a_foreign_answer_does_nothing_and_is_shown(office: Alarm, sender: str, fields: dict[str, str]) -> None:
    office.goes_on()
    code = office.case.code
    heard = office.replies("1", sender, **fields)
    assert heard == hearing.Heard("acme", "answer-forged")
    case = office.store.case(code)
    assert case is not None
    assert not case.acknowledged_at
    assert [c.case.reason for c in office.store.cases()][1:] == ["answer-forged"]


@pytest.mark.parametrize(("result", "taken"), [("dmarc=pass", True), ("dmarc=fail", False), ("spf=pass", False)])
def test_where_our_server_checks_senders_an_answer_must_pass(office: Alarm, result: str, taken: bool) -> None:
    from vamaild.adapters.auth import authenticate

    rules = office.service.rules
    checked: Rulebook = replace(rules.rulebook, own_servers=("mx.va.example",))
    office.service.rules = replace(rules, rulebook=checked, tools=replace(rules.tools, authenticate=authenticate))
    office.goes_on()
    code = office.case.code
    office.replies("1", ME, Authentication_Results=f"mx.va.example; {result} header.from=ferri-av.example")
    case = office.store.case(code)
    assert case is not None
    assert bool(case.acknowledged_at) == taken


def test_an_absence_notice_of_the_contact_takes_nothing(office: Alarm) -> None:
    office.goes_on()
    assert office.replies("1", ME, Auto_Submitted="auto-replied") == hearing.Heard("acme", Reason.NOTICE_ECHO)
    assert not office.case.acknowledged_at


def test_a_replayed_answer_of_an_old_notice_changes_nothing(office: Alarm) -> None:
    office.goes_on()
    office.replies("1", ME)
    office.says("me", "resolve")
    assert office.replies("1", ME) == hearing.Heard("acme", Reason.NOTICE_ANSWERED)
    assert office.store.cases() == ()


def test_what_is_not_understood_is_asked_about(office: Alarm) -> None:
    office.goes_on()
    office.says("me", "pass_on")
    office.sms.broken = Delivery.FAILED
    office.goes_on()
    code = office.store.cases()[0].code
    assert office.replies("chi è questa?", PETR) == hearing.Heard("acme", "answer-unclear")
    office.goes_on()
    assert "non si è capita" in office.told[-1][2].text
    assert [c.case.reason for c in office.store.cases() if c.code != code] == ["answer-unclear"]


def test_ordinary_mail_is_no_answer(office: Alarm) -> None:
    raw = letter(5, "1")
    message = office.service.read(Arrival(1, 1, NOW, len(raw), raw))
    assert not hearing.read_answer(message, office.service)


# --- what nobody may see ---


def test_replies_do_not_tell_whether_anybody_was_called() -> None:
    """Non-interference: the same mail, once with the contact called and once with nobody: equal replies."""

    def replies(calls: bool) -> list[bytes]:
        office = Alarm() if calls else Alarm(absent(escalation=Escalation()))
        office.arrive(letter(1, FLOOD))
        for _ in range(3):
            office.goes_on(10 * MINUTE)
        if calls:
            office.says("petr-sea", "take")
        office.says("petr-sea" if calls else "me", "resolve", note="il tecnico è sul posto")
        office.let_out(timedelta(seconds=30))
        return [_without_dates_and_ids(i.mail.raw) for i in office.items()]

    called, alone = replies(True), replies(False)
    assert called == alone
    assert len(called) == 2


def _without_dates_and_ids(raw: bytes) -> bytes:
    drop = (b"date:", b"message-id:", b"in-reply-to:", b"references:")
    return b"\n".join(line for line in raw.splitlines() if not line.lower().startswith(drop))


def test_the_customer_has_her_receipt_within_half_a_minute(office: Alarm) -> None:
    assert office.let_out(timedelta(seconds=30)) == 1
    assert office.post.mails[0][0] == CARLA


def test_the_words_of_these_tests_are_those_of_the_rules() -> None:
    assert "acqua" in {e.name for e in book().emergencies}
    assert (ITALIAN.code, COLLEAGUE.email, AWAY.back) == ("it", LAURA, date(2026, 12, 7))


def test_an_answer_that_arrives_is_no_customers_mail_and_its_address_is_not_kept(office: Alarm) -> None:
    office.goes_on()
    key = office.told[-1][2].key
    office.arrive(letter(5, "1", sender=ME, In_Reply_To=key, subject="Re: Allarme"))
    entry = office.store.find_entry("inbox", 2)
    assert entry is not None
    assert (entry.outcome, entry.reason, entry.client, entry.address) == ("no-reply", "notice-answered", "acme", "")
    assert office.case.acknowledged_by == "me"
