"""The engine of replay over old mail in memory: its clock, its counters, its ends, and what it must never do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from tests.make import OWNER, client
from tests.office import Office
from tests.old_mail import ROME, mail
from vamaild.core.handover import Consent, Said
from vamaild.core.ledger import Arrival, Outcome
from vamaild.core.replay import Listed, OldMailError, Replayed, SentBook, SentMail, as_if_trusted
from vamaild.core.ruleset import Colleague, RuleSet, Situation, Trust
from vamaild.replay import Replay, away, days, listing, sent_book

START = datetime(2026, 10, 1, 10, 40, tzinfo=ROME)  # a Thursday
CARLA, DINO = "carla@customer.example", "dino@customer.example"
ASK = "Ciao, mi mandi il preventivo?"
NUMBERS = count(1)


def letter(
    text: str = ASK, minutes: int = 0, sender: str = CARLA, to: str = OWNER, **more: str
) -> tuple[datetime, bytes]:
    """(when it arrived, its bytes); every one is about something else unless it has a subject."""
    at, number = START + timedelta(minutes=minutes), next(NUMBERS)
    subject = more.pop("subject", f"Faccenda {number}")
    return at, mail(text, sender, to, subject, at, more.pop("message_id", f"<{number}@customer.example>"), **more)


@dataclass
class Folder:
    """`core.replay.OldMail` in memory."""

    mails: Sequence[tuple[datetime, bytes]]
    name: str = "old"
    outbox: Sequence[tuple[datetime, bytes]] = ()
    fetched: list[int] = field(default_factory=list)
    broken_at: int = 0

    def listed(self, since: datetime | None, until: datetime | None) -> list[Listed]:
        return [Listed(at, n) for n, (at, _) in enumerate(self.mails, 1)]

    def read(self, numbers: Sequence[int]) -> Iterator[Arrival]:
        self.fetched.append(len(numbers))
        for number in numbers:
            if number == self.broken_at:
                raise OldMailError("old: the connection broke", server=True)
            at, raw = self.mails[number - 1]
            yield Arrival(number, 1, at, len(raw), raw)

    def sent(self, since: datetime | None, until: datetime | None) -> Iterator[tuple[datetime, bytes]]:
        yield from self.outbox

    def close(self) -> None: ...


def player(*mails: tuple[datetime, bytes], ruleset: RuleSet | None = None, **more: object) -> Replay:
    office = Office(ruleset=ruleset or client())
    found = listing([Folder(mails)], None, None)
    return Replay(office.service.rules, office.service.read, found, **more)  # type: ignore[arg-type]  # by name


def played(*mails: tuple[datetime, bytes], ruleset: RuleSet | None = None, **more: object) -> list[tuple[str, str]]:
    return [(str(m.outcome), m.reply or m.reason) for m in player(*mails, ruleset=ruleset, **more).run()]


def test_nothing_is_nothing() -> None:
    assert player().run() == ()


def test_messages_are_taken_in_order_of_arrival_from_all_folders() -> None:
    late, early = Folder([letter(minutes=60), letter(minutes=10)], "late"), Folder([letter(minutes=30)], "early")
    assert [m.where for m in listing([late, early], None, None)] == ["late:2", "early:1", "late:1"]


def test_its_clock_is_that_of_the_messages() -> None:
    (found,) = player(letter()).run()
    assert (found.reply, found.replied) == ("ordinary", START + timedelta(minutes=4))
    assert found.received == START


def test_its_counters_are_its_own() -> None:
    """Three a day to one person, and the fourth waits; the next day it begins anew."""
    day = 24 * 60
    things = ("le porte", "le finestre", "la scala", "il tetto", "il bagno")
    moments = (0, 40, 80, 120, day)
    many = [letter(f"Ciao, mi mandi il preventivo per {t}?", m) for t, m in zip(things, moments, strict=True)]
    ordinary = ("answered", "ordinary")
    assert played(*many) == [ordinary, ordinary, ordinary, ("waiting", "per-person"), ordinary]


def test_two_mails_in_a_row_get_one_reply() -> None:
    first, second = letter(subject="Listino"), letter("Anzi, anche le foto, grazie?", 2, subject="Re: Listino")
    found = player(first, second).run()
    assert [bool(m.reply) for m in found] == [False, True]
    assert found[1].replied == START + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("after", "expected"),
    [(2, ("no-reply", "answered")), (60, ("answered", "ordinary")), (-5, ("answered", "ordinary"))],
    ids=["quicker than the reply", "after it left", "another mail before"],
)
def test_a_person_s_answer_counts_from_its_moment_on(after: int, expected: tuple[str, str]) -> None:
    names = frozenset({"<7@x>"} if after > 0 else {"<6@x>"})
    sent = SentBook([SentMail(START + timedelta(minutes=after), (CARLA,), "altro", names)])
    assert played(letter(message_id="<7@x>"), sent=sent) == [expected]


def test_the_sent_folder_is_read_with_the_mail() -> None:
    block = f"To: {CARLA}\r\nIn-Reply-To: <7@x>\r\nSubject: Re: x".encode()
    folder = Folder([letter(message_id="<7@x>")], outbox=[(START + timedelta(hours=3), block)])
    (found,) = player(letter(message_id="<7@x>"), sent=sent_book([folder], None, None)).run()
    assert (found.answered, found.beside) == (START + timedelta(hours=3), "both-answer")


# ---- whose mail


def test_only_one_client_s_mail() -> None:
    mine, other = letter(), letter(to="nobody@elsewhere.example")
    assert played(mine, other, client="acme") == [("answered", "ordinary")]
    assert played(mine, other) == [("answered", "ordinary"), ("waiting", "no-client")]
    his = player(mine, other, client="acme", all_his=True).run()
    assert [(m.client, m.reason) for m in his] == [("acme", ""), ("acme", "not-addressed")]


def test_a_message_that_cannot_be_decided_is_held_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr("vamaild.round.decide", fail)
    running = player(letter())
    (found,) = running.run()
    assert found.outcome is Outcome.WAITING
    assert [fault.rpartition(":")[0] for fault in running.faults] == ["could not decide: ValueError in round.py"]


# ---- ends


def test_stopped_between_two_messages_it_gives_what_is_done() -> None:
    mails, done = [letter(minutes=40 * n, sender=f"{n}@x.example") for n in range(9)], list[int]()
    running = player(*mails, stopping=lambda: len(done) >= 3, done=lambda: done.append(1))
    assert len(running.run()) == 3


def test_a_folder_that_breaks_is_said() -> None:
    office = Office(ruleset=client())
    broken = Folder([letter(), letter(minutes=1)], broken_at=2)
    with pytest.raises(OldMailError, match="the connection broke"):
        Replay(office.service.rules, office.service.read, listing([broken], None, None)).run()


def test_messages_are_fetched_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vamaild.replay.BATCH", 4)
    folder = Folder([letter(minutes=n, sender="list@x.example", List_Id="<x>") for n in range(9)])
    office = Office(ruleset=client())
    running = Replay(office.service.rules, office.service.read, listing([folder], None, None))
    assert len(running.run()) == 9
    assert folder.fetched == [4, 4, 1]


def test_nothing_is_left_behind(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(place))
    assert played(letter())
    assert list(place.iterdir()) == []


# ---- as if


def test_a_client_who_is_observed_is_shown_as_if_trusted() -> None:
    ruleset = client()
    observed = replace(ruleset, client=replace(ruleset.client, trust=Trust.OBSERVE))
    running = player(letter(), ruleset=observed)
    assert [m.reply for m in running.run()] == [""]
    running.rules = replace(running.rules, rulebook=as_if_trusted(running.rules.rulebook))
    assert [m.reply for m in running.run()] == ["ordinary"]


@pytest.mark.parametrize(
    ("said", "reply"),
    [(Said.YES, "colleague-forwarded"), (None, "colleague"), (Said.NO, "vacation-first")],
    ids=["he agreed", "nobody asked him", "he refused"],
)
def test_what_the_colleague_agreed_to_holds_in_old_mail_too(said: Said | None, reply: str) -> None:
    laura = Colleague("Laura Conti", "laura@conti.example", ("cantiere",), hand_over="forward")
    consents = (Consent("acme", laura.email, laura.name, "<q@va.example>", START, said, START),) if said else ()
    urgent = letter("Ciao, al cantiere serve subito qualcuno, il muro si muove.")
    running = player(urgent, ruleset=client(colleague=laura, colleagues=(laura,)), consents=consents)
    (ruleset,) = running.rules.rulebook.clients
    running.rules = away(running.rules, ruleset, *days(running.mails, ruleset))
    assert [m.reply for m in running.run()] == [reply]


def test_as_if_away_the_playbook_and_the_words_of_absence_decide() -> None:
    pages = (Situation("Fattura", ("fattura",), {"it": "Nell'area clienti."}),)
    running = player(letter(), letter("Mi manda la fattura?", 60, DINO), ruleset=client(situations=pages))
    (ruleset,) = running.rules.rulebook.clients
    assert days(running.mails, ruleset) == (date(2026, 10, 1), date(2026, 10, 1))
    running.rules = away(running.rules, ruleset, *days(running.mails, ruleset))
    found: tuple[Replayed, ...] = running.run()
    assert [(m.reply, m.action) for m in found] == [
        ("vacation-first", "reply-vacation"), ("playbook", "answer-playbook")
    ]  # fmt: skip
    assert found[1].rule == "Fattura"
