"""No byte is left: of whoever was erased, in no file and no spelling; and whatever is purged, the sums stay."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.entries import DAY, NOW, TODAY, case, entry, mail, promise, rush
from vamaild.adapters.store import SqliteStore, copies
from vamaild.adapters.store.marks import person
from vamaild.cli.erasing import holds
from vamaild.core.audit import findings
from vamaild.core.handover import Consent, Forward, Stage
from vamaild.core.learning import Proposal, Sheet
from vamaild.core.ledger import Entry, Outcome, Sort, State
from vamaild.core.letter import Envelope, Letter, to_bytes
from vamaild.core.privacy import Person, code, planned, reduced, spellings
from vamaild.core.promise import PromiseState
from vamaild.core.ruleset import Kind

EVA, NAME, SUBJECT, WORDS = (
    "eva@mala.example",
    "Eva Malá-Žižková",
    "Zvonkohra 7781",
    "Kdovíkdy přijde nabídka na xerxes?",
)
NUMBERS = count(100)
TRACES = (EVA, "Malá-Žižková", "Zvonkohra", "Kdovíkdy", "xerxes")


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "vamaild.db")


def left(store: SqliteStore, words: Sequence[str] = TRACES) -> list[str]:
    folder = store._db.path.parent
    return [f"{p.name}: {w}" for p in folder.rglob("*") if p.is_file() for w in words if holds(p, [w])]


def written(text: str, to: str = "me@x.example", subject: str = "About a case", how: str = "") -> bytes:
    """A mail as it goes onto the wire, or with its text in another coding."""
    if not how:
        envelope = Envelope("Giulia", "va@x.example", to, "<n@x.example>", auto="auto-generated")
        return to_bytes(Letter(subject, text), envelope, NOW)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "va@x.example", to, subject
    message.set_content(
        text, cte="8bit" if how == "utf-16" else how, charset="utf-8" if how == "utf-16" else how and "utf-8"
    )
    return message.as_bytes(policy=SMTP)


def of_eva(store: SqliteStore, number: int = 0, address: str = EVA, **more: object) -> int:
    number = number or next(NUMBERS)
    told = {"new_text": WORDS, "who": NAME, "evidence": ["Kdovíkdy"], "sender": {"address": address}, "kind": "x"}
    out = mail(f"k{number}", to=address, raw=written(f"Dear {NAME}", address, f"Re: {SUBJECT}"))
    usual = {"subject": SUBJECT, "explanation": told, "message_id": f"<{number}@pc.mala.example>", "outgoing": (out,)}
    row = store.record(entry(number, address=address, outcome=Outcome.ANSWERED, reason="", **usual | more))
    for item in store.replies_to(row):
        store.confirm(item.id, NOW)
    return row


def told(store: SqliteStore, number: int, raw: bytes, **changes: object) -> None:
    """A mail to somebody else that has left."""
    number = number or next(NUMBERS)
    store.queue_mail(mail(f"n{number}", raw=raw, **{"sort": Sort.NOTE, "to": "me@x.example"} | changes))
    store.confirm(store.outbox((State.QUEUED,))[-1].id, NOW)


def in_a_colleagues_packet(store: SqliteStore) -> None:
    number = store.add_forward(
        Forward("novak", 0, EVA, "tom@x.example", "<r@x.example>", 0, Stage.DONE, NOW, ended_at=NOW)
    )
    store.packed("<n1@vamaild.example>", number, "tom@x.example", NOW)
    told(store, 1, written(WORDS), to="tom@x.example")  # no name, no address: found by the hand-over


PLACES = {
    "her own mail": lambda s: of_eva(s),
    "another case of the letters": lambda s: of_eva(s, address="EVA@Mala.Example"),
    "a tag": lambda s: of_eva(s, address="eva+shop@mala.example"),
    "a packet": in_a_colleagues_packet,
    "a note with her name": lambda s: told(s, 0, written(f"{NAME} writes: {WORDS}")),
    "a note with her subject": lambda s: told(s, 0, written("See the queue", subject=f"Promise due: {SUBJECT}")),
    "a note in base64": lambda s: told(s, 0, written(f"About <{EVA}>\n{WORDS}", how="base64")),
    "a note in quoted-printable": lambda s: told(s, 0, written(f"About {EVA}: {WORDS}", how="quoted-printable")),
    "a colleague's mail": lambda s: s.record(
        entry(8, address="tom@x.example", subject=f"Re: {SUBJECT}", references=("<1@pc.mala.example>", "<x@y.example>"),
              explanation={"new_text": f"I asked {NAME} ({EVA.upper()})", "evidence": ["Kdovíkdy přijde nabídka"]})),
    "a case of another": lambda s: s.record(
        entry(9, address="tom@x.example", case=case(who="Tom", subject=SUBJECT, note=f"look at {EVA}"))),
    "a case of hers": lambda s: of_eva(s, case=case(who=NAME, subject=SUBJECT, note=WORDS)),
    "a case about our mail": lambda s: s.open_case(case(who=EVA, subject=SUBJECT), NOW),
    "an interview": lambda s: s.keep_away(
        "novak", "interview", {"questions": [{"words": "Kdovíkdy přijde nabídka"}]}, NOW),
    "a proposal": lambda s: s.propose(Proposal("novak", "from", (EVA, "b@x.example"), Kind.AUTOMATIC, (1,)), NOW),
    "a colleague who is she": lambda s: (
        s.ask_consent(Consent("novak", EVA, NAME, "<q@x.example>", NOW)),
        s.packed("<p@x.example>", s.add_forward(Forward(
            "novak", 0, "jan@x.example", EVA, "<t@x.example>", 0, Stage.DONE, NOW, ended_at=NOW, tried=(EVA, "t@x"))),
            EVA, NOW)),
    "a report to her": lambda s: s.keep_sheet(Sheet("<s@x.example>", "novak", EVA, NOW, ("case AAAA",))),
    "a bounce": lambda s: (of_eva(s, 7), s.bounced(["<k7@vamaild.example>"], NOW)),
    "a promise": lambda s: of_eva(s, promise=promise(to=EVA, what=SUBJECT)),
    "an offer": lambda s: of_eva(s, rush=rush(to=EVA, what=SUBJECT)),
    "a refusal of the mail server": lambda s: s.fail(
        s.outbox((State.SENT,))[0].id, f"550 <{EVA}>: user unknown", None),
}  # fmt: skip


def test_wherever_she_stands(store: SqliteStore) -> None:
    erased(store, *PLACES)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_wherever_she_stands_alone(store: SqliteStore, place: str) -> None:
    erased(store, place)


def erased(store: SqliteStore, *places: str) -> None:
    of_eva(store, 1)
    other = store.record(entry(2, address="jan@x.example", subject="Okna", explanation={"new_text": "Kdy přijdete?"}))
    for place in places:
        PLACES[place](store)
    assert left(store)
    store.forget(Person(EVA), NOW)
    assert store.tidy(whole=True)
    store.backup_nightly(NOW)
    assert left(store) == []
    assert not store.about(Person(EVA)).anything
    marks = [person(EVA), person("eva+shop@mala.example")]
    for table in ("queue", "matter"):
        assert not store._db.rows(f"SELECT 1 FROM {table} WHERE person IN (?, ?)", *marks), table
    kept = store.entry(other)
    assert kept is not None and (kept.address, kept.subject) == ("jan@x.example", "Okna")
    assert kept.explanation == {"new_text": "Kdy přijdete?"}
    assert sound(store)


def test_what_others_wrote_keeps_its_own_words(store: SqliteStore) -> None:
    of_eva(store, 1)
    said = {
        "new_text": f"Ask {NAME} at eva@mala.example, or eva@mala.example.org, or xeva@mala.example",
        "evidence": ["Ask"],
    }
    row = store.record(
        entry(2, address="tom@x.example", references=("<1@pc.mala.example>", "<y@y.example>"), explanation=said)
    )
    store.forget(Person(EVA), NOW)
    kept = store.entry(row)
    assert kept is not None
    assert kept.explanation["new_text"] == "Ask … at …, or eva@mala.example.org, or xeva@mala.example"
    assert kept.references == ("<y@y.example>",)


def test_two_addresses_of_hers_are_not_one_reply_sent_twice(store: SqliteStore) -> None:
    both = tuple(mail(f"b{n}", to=to) for n, to in enumerate((EVA, "eva+x@mala.example")))
    row = of_eva(store, outgoing=both)
    assert len(store.replies_to(row)) == 2
    store.forget(Person(EVA), NOW)
    assert sound(store)


def test_an_alarm_about_somebody_else_is_not_stopped(store: SqliteStore) -> None:
    of_eva(store, subject="Voda")
    store.queue_mail(mail("alarm", sort=Sort.ESCALATION, to="petr@x.example", raw=written("Voda teče"), case="ZZZZ"))
    store.queue_mail(mail("note", sort=Sort.NOTE, to="me@x.example", raw=written("Voda teče")))
    assert store.about(Person(EVA)).open == ()
    store.forget(Person(EVA), NOW)
    assert [item.mail.key for item in store.outbox((State.QUEUED,))] == [
        "<alarm@vamaild.example>",
        "<note@vamaild.example>",
    ]


def sound(store: SqliteStore) -> bool:
    return store.sound() == "" and all(f.ok for f in findings(store.kept(), [], store.texts(), ()))


# --- any ledger


ADDRESSES = (EVA, "Eva+x@mala.example", "jan@x.example", "tom@y.example")
TIMES = st.integers(0, 900).map(lambda days: NOW - timedelta(days=days))


@st.composite
def entries(draw: st.DrawFn, uid: int) -> Entry:
    at, address, client = draw(TIMES), draw(st.sampled_from(ADDRESSES)), draw(st.sampled_from(("novak", "rossi")))
    outcome = draw(st.sampled_from(list(Outcome)))
    escalated = outcome is Outcome.ESCALATED
    opened = case(
        escalates=escalated,
        due=at if escalated else None,
        who=draw(st.sampled_from((NAME, "Jan", address))),
        client=client,
    )
    told = {"new_text": draw(st.sampled_from((WORDS, "Kdy?", ""))), "who": NAME, "sender": {"address": address}}
    state = draw(st.sampled_from((State.QUEUED, State.DRAFT, State.SENT, State.STOPPED, State.FAILED)))
    out = mail(f"k{uid}", to=address, raw=written("Dear"), state=state, not_before=at)
    return entry(
        uid, received=at, decided_at=at, address=address, client=client, outcome=outcome,
        reason="" if outcome is not Outcome.NO_REPLY else "observe", explanation=told,
        subject=draw(st.sampled_from((SUBJECT, "Re: Okna", "Okna"))),
        outgoing=(out,) if draw(st.booleans()) else (),
        case=opened if escalated or outcome is Outcome.WAITING else None,
        promise=promise(to=address, due=at + DAY) if draw(st.booleans()) else None,
    )  # fmt: skip


@st.composite
def ledgers(draw: st.DrawFn) -> list[Entry]:
    return [draw(entries(uid)) for uid in range(1, draw(st.integers(1, 8)) + 1)]


def fill(store: SqliteStore, found: Sequence[Entry], ends: Sequence[bool]) -> None:
    for one in sorted(found, key=lambda e: e.decided_at):
        store.record(one)
    for case_, over in zip(store.cases(), ends, strict=False):
        if over:
            store.close_case(case_.code, case_.opened + DAY)
    for told_, over in zip(store.promises(), ends, strict=False):
        if over:
            store.end_promise(told_.id, PromiseState.KEPT, told_.made_at)


def sums(store: SqliteStore) -> object:
    standing = store.standing(TODAY)
    return standing.arrived, standing.by_outcome, standing.by_reason, standing.open_cases, standing.waiting


SOME = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.slow
@SOME
@given(
    ledgers(),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(1, 90),
    st.integers(1, 800),
    st.integers(1, 5),
)
def test_whatever_is_purged_the_audit_holds_and_the_sums_are_equal(
    tmp_path_factory: pytest.TempPathFactory, found: list[Entry], ends: list[bool], text: int, events: int, most: int
) -> None:
    store = SqliteStore(tmp_path_factory.mktemp("ledger") / "vamaild.db")
    fill(store, found, ends)
    before, ok, prints = sums(store), sound(store), store.known("clienti", [f"print-{n}" for n in range(1, 9)])
    open_before = (store.cases(), store.promises(), store.outbox((State.QUEUED, State.DRAFT)))
    plan = planned(NOW, timedelta(days=text), timedelta(days=events), {})
    for _ in range(100):
        if not store.purge(plan, most):
            break
        assert sound(store) or not ok  # after every batch, not only at the end
    else:
        raise AssertionError("a purge that does not end")
    assert store.purgeable(plan) == {}
    assert sums(store) == before and sound(store) == ok
    assert store.known("clienti", [f"print-{n}" for n in range(1, 9)]) == prints
    assert (store.cases(), store.promises(), store.outbox((State.QUEUED, State.DRAFT))) == open_before
    store.close()


@pytest.mark.slow
@SOME
@given(ledgers(), st.lists(st.booleans(), min_size=8, max_size=8), st.booleans())
def test_whoever_is_erased_is_gone_and_the_sums_are_equal(
    tmp_path_factory: pytest.TempPathFactory, found: list[Entry], ends: list[bool], purged: bool
) -> None:
    store = SqliteStore(tmp_path_factory.mktemp("ledger") / "vamaild.db")
    fill(store, found, ends)
    if purged:
        store.purge(planned(NOW, timedelta(days=30), timedelta(days=400), {}), 1_000)
    arrived, ok = store.standing(TODAY).arrived, sound(store)
    others = [e for row in range(1, 9) if (e := store.entry(row)) and not Person(EVA).same(e.address)]
    store.forget(Person(EVA), NOW)
    assert store.tidy(whole=True)
    store.backup_nightly(NOW)
    assert left(store, (EVA, "eva+x@mala.example", code(EVA))) == []
    assert store.standing(TODAY).arrived == arrived == sum(store.standing(TODAY).by_outcome.values())
    after = [e for row in range(1, 9) if (e := store.entry(row)) and e.address]
    assert [e.address for e in after] == [e.address for e in others if e.address]
    assert sound(store) or not ok
    store.close()


# --- the pieces


@pytest.mark.parametrize("how", ["base64", "quoted-printable"])
@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
def test_a_word_is_found_in_every_spelling(tmp_path: Path, how: str, before: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\0" * ((1 << 20) - 7) + written(f"{before}{EVA} and more", how=how))
    assert holds(path, [EVA])


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("said", [EVA, EVA.upper(), "Eva Malá", "EVA MALÁ", "přípojka"])
def test_a_word_is_found_in_any_coding(tmp_path: Path, coding: str, said: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" + said.encode(coding))
    assert holds(path, [said.lower()]) and not holds(path, ["something else"])


def test_spellings_are_no_single_letters() -> None:
    assert min(map(len, spellings("eva@mala.example"))) >= 12


def test_a_decision_without_its_words() -> None:
    whole = {"new_text": "Kdy?", "who": NAME, "kind": "x", "rule": {"line": 3}, "future": "unknown",
             "reply": {"template": "t", "to": EVA, "body": "x"}, "suppressed": None}  # fmt: skip
    assert reduced(whole, False) == {"kind": "x", "rule": {"line": 3}, "reply": {"template": "t"}, "new_text": "?"}
    assert reduced({"new_text": "no question"}, False) == {} and reduced({}, True) == {"new_text": "?"}


def test_deleted_bytes_are_overwritten_without_a_new_file(store: SqliteStore) -> None:
    for number in range(1, 60):
        of_eva(store, number)
    store.purge(planned(NOW + 99 * DAY, DAY, 400 * DAY, {}), 1_000)
    store.tidy()
    assert left(store, TRACES[1:]) == []


# --- copies


def test_a_copy_is_whole_and_ours_alone(store: SqliteStore, tmp_path: Path) -> None:
    of_eva(store)
    made = store.backup_nightly(NOW)
    assert made == tmp_path / "backup/vamaild-2026-11-18.db" and made.stat().st_mode & 0o777 == 0o600
    again = SqliteStore(made)
    assert again.standing(TODAY).arrived == 1
    again.close()
    assert [c.path for c in copies.listed(tmp_path)] == [made]


def test_a_full_disk_leaves_the_old_copy_and_no_half_one(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    made = store.backup_nightly(NOW)
    before = made.read_bytes()
    of_eva(store)
    monkeypatch.setattr(copies, "RESERVE", 1 << 60)
    with pytest.raises(Exception, match="needs room"):
        store.backup_nightly(NOW)
    assert made.read_bytes() == before and len(list(made.parent.iterdir())) == 1
    assert of_eva(store, 2)


def test_a_copy_that_is_not_sound_is_thrown_away(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> None:
        raise sqlite3.DatabaseError("the copy is not sound: page 7")

    monkeypatch.setattr(copies, "_look", broken)
    with pytest.raises(Exception, match="not sound"):
        store.backup_nightly(NOW)
    assert not list((store._db.path.parent / "backup").iterdir())


def test_what_a_killed_copy_left_is_swept_away(store: SqliteStore) -> None:
    folder = store._db.path.parent / "backup"
    folder.mkdir()
    (folder / ".vamaild-2026-11-17.db.x7").write_bytes(b"half")
    for own in ("notes.txt", "vamaild-2026-99-99.db"):
        (folder / own).write_bytes(b"mine")
    store.backup_nightly(NOW)
    assert {p.name for p in folder.iterdir()} == {"vamaild-2026-11-18.db", "notes.txt", "vamaild-2026-99-99.db"}
