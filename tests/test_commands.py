"""Answers to the report: who may command, what is understood, what is confirmed, and what does nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.make import NOW, book, client
from tests.office import CARLA, Office, letter, parsed, trusting
from tests.words import language
from vamaild import commands, learning, reporting
from vamaild.commands import Asked, questions
from vamaild.core.case import Authentication
from vamaild.core.cases import Advance, NewCase
from vamaild.core.learning import Proposal, Standing
from vamaild.core.ledger import Outgoing, Sort, State
from vamaild.core.report_rows import Row
from vamaild.core.ruleset import Kind, Trust

GIULIA, MARCO = "giulia@ferri-av.example", "marco@acme.example"
KEY, OURS = "<report@va.example>", "<report-acme@va.example>"
MINUTE = timedelta(minutes=1)
RULE = Proposal("acme", "from", ("news@shop.example",), Kind.INFORMATION, (1, 2, 3))


class Desk(Office):
    """An office whose report was sent: two closed emergencies to judge, and a client's report."""

    def __post_init__(self) -> None:
        super().__post_init__()
        words = {code: language(code) for code in ("it", "cs", "en")}
        rules = self.service.rules
        self.service.rules = replace(rules, rulebook=replace(book(self.ruleset), languages=words))
        self.codes = [self.closed(what) for what in ("Voda", "Kouř")]
        self.number = 0
        self.asked = questions(self.service)
        self.sent(KEY, GIULIA, self.asked)
        self.sent(OURS, MARCO, Asked(), "acme")

    def closed(self, what: str) -> str:
        now = self.clock.now()
        code = self.store.open_case(NewCase("acme", "emergency", "x", "Malá", what, escalates=True), now)
        assert self.store.advance(code, 0, Advance({}, None, closed_at=now), now)
        return code

    def sent(self, key: str, to: str, asked: Asked, about: str = "") -> None:
        mail = Outgoing(key, Sort.NOTE, to, b"x", self.clock.now(), about, "report")
        commands.remember(mail, asked, self.service, about)

    def answer(self, text: str, *, sender: str = GIULIA, to: str = KEY, **fields: str) -> str:
        """What the service did about it: the reason of its ledger row."""
        self.clock.advance(MINUTE)
        self.number += 1
        at = f"{self.clock.now():%a, %d %b %Y %H:%M:%S +0000}"
        known = {"In_Reply_To": to, "References": to, "Date": at} | fields
        self.arrive(letter(500 + self.number, text, sender=sender, subject="Re: La tua settimana", **known))
        entry = self.store.entry(self.number)
        assert entry
        return entry.reason

    @property
    def confirmed(self) -> str:
        """The text of the last note that confirms something."""
        notes = self.notes("note-command")
        return str(notes[-1].get_content()).replace("\r\n", "\n") if notes else ""

    @property
    def paused(self) -> list[tuple[str, str]]:
        return [(p.client, p.by) for p in self.store.pauses(self.clock.now())]

    def judged(self) -> list[bool | None]:
        return [self.store.case(code).could_wait for code in self.codes]  # type: ignore[union-attr]  # it is there

    def in_language(self, code: str) -> None:
        rules = self.service.rules
        me = replace(rules.settings.assistant, language=code)
        self.service.rules = replace(rules, settings=replace(rules.settings, assistant=me))


@pytest.fixture
def desk() -> Desk:
    return Desk(trusting(Trust.SEND))


def test_the_report_numbers_its_questions(desk: Desk) -> None:
    assert desk.asked.questions == tuple(f"case {code}" for code in desk.codes)
    section = desk.asked.section
    assert section
    assert section.title == "Rispondi a questa mail: 2 domande"
    lines = section.blocks[0].lines  # type: ignore[union-attr]  # a list comes first
    assert lines == ("1. Acme, «Voda»: poteva aspettare?", "2. Acme, «Kouř»: poteva aspettare?")
    assert "PAUSA" in str(section.blocks[1])


def test_the_report_that_is_mailed_can_be_answered(desk: Desk) -> None:
    made = reporting.make(desk.service, reporting.look(desk.service, *reporting.span(desk.service)))
    assert "2. Acme, «Kouř»: poteva aspettare?" in made.text
    assert "Acme, «Kouř»" in made.html
    mail = reporting.mail(desk.service, made)
    assert desk.answer("2 sì", to=str(parsed(mail.raw)["Message-ID"])) == "notice-answered"
    assert desk.judged() == [None, True]


URGENT = Row(0, "acme", NOW, "rush-request", "answered", subject="Contratto", who="Malá", stated=True)


def asking(desk: Desk, *unknown: Row) -> Asked:
    return questions(desk.service, unknown=unknown)


def test_an_urgency_of_unknown_end_is_asked_about_once_for_each_matter(desk: Desk) -> None:
    again = replace(URGENT, id=5, subject="Re: contratto")
    asked = asking(desk, replace(URGENT, id=3), again, replace(again, id=6, who="Rossi"))
    assert asked.questions[2:] == ("message 3 5", "message 6")
    lines = asked.section.blocks[0].lines  # type: ignore[union-attr]  # a list comes first
    assert lines[2] == "3. Acme, «Contratto»: ha aspettato senza danni?"
    assert len(asking(desk, *(replace(URGENT, id=n, who=str(n)) for n in range(1, 9))).questions) == 2 + 5


@pytest.mark.parametrize(
    ("text", "waited", "confirmed"),
    [
        ("3 sì", True, "3: annotato, ha aspettato senza danni.\n"),
        ("3 no", False, "3: annotato, non doveva aspettare.\n"),
    ],
)
def test_what_she_says_of_it_is_kept(desk: Desk, text: str, waited: bool, confirmed: str) -> None:
    desk.arrive(letter(400, "mi serve per stasera", sender=MARCO))
    desk.number += 1
    desk.sent(KEY, GIULIA, asking(desk, replace(URGENT, id=1)))
    assert desk.answer(text) == "notice-answered"
    assert desk.confirmed == confirmed
    row = desk.store.week("acme", NOW - timedelta(days=9), NOW + timedelta(days=9)).rows[0]
    assert (row.id, row.could_wait) == (1, waited)


def test_a_message_that_is_gone_is_said_so(desk: Desk) -> None:
    desk.sent(KEY, GIULIA, asking(desk, replace(URGENT, id=99)))
    assert desk.answer("3 sì") == "notice-answered"
    assert "non è più conservato" in desk.confirmed


def test_a_rule_is_asked_with_its_effect(desk: Desk) -> None:
    desk.store.propose(RULE, desk.clock.now())
    asked = questions(desk.service)
    assert asked.questions[-1] == "rule 1"
    lines = asked.section.blocks[0].lines  # type: ignore[union-attr]  # a list comes first
    assert lines[-1] == (
        "3. Acme: ciò che scrive news (shop.example) d'ora in poi è «informazione, nessuno aspetta risposta»? "
        "Non cambierebbe nessun messaggio degli ultimi 90 giorni."
    )


@pytest.mark.parametrize(
    ("code", "pause", "resume", "how"),
    [("it", "PAUSA", "RIPRENDI", "rispondi RIPRENDI"), ("cs", "Pauza, prosím.", "pokračuj", "odpovíte POKRAČUJ"),
     ("en", "Pause please!", "Resume", "with RESUME"), ("it", "stop", "riprendi, grazie", "rispondi RIPRENDI")],
)  # fmt: skip
def test_pause_and_its_end(desk: Desk, code: str, pause: str, resume: str, how: str) -> None:
    desk.in_language(code)
    assert desk.answer(pause) == "notice-answered"
    assert desk.paused == [("", "me")]
    assert how in desk.confirmed
    desk.arrive(letter(1, "Ciao, mi mandi il listino?"))
    desk.let_out()
    assert [to for to, _ in desk.post.mails if to == CARLA] == []
    (note,) = desk.notes("note-command")
    assert desk.answer(resume, to=str(note["Message-ID"])) == "notice-answered" or desk.paused == []
    assert desk.paused == []


def test_the_note_goes_to_who_asked_in_the_thread_and_needs_no_answer(desk: Desk) -> None:
    desk.answer("PAUSA")
    (item,) = [i for i in desk.store.outbox(tuple(State)) if i.mail.template == "note-command"]
    mail = parsed(item.mail.raw)
    assert (item.mail.sort, mail["To"], mail["Auto-Submitted"]) == (Sort.NOTE, GIULIA, "auto-generated")
    assert mail["In-Reply-To"] == "<m501@customer.example>"
    assert KEY in mail["References"]


@pytest.mark.parametrize(
    ("text", "judged"),
    [("1 sì", [True, None]), ("1, 2 poteva aspettare", [True, True]), ("1 sì\n2 no", [True, False]),
     ("2 non poteva aspettare", [None, False]), ("1 sì\n\n> 2 no\n> PAUSA", [True, None]), ("7 sì", [None, None]),
     ("1 sì, ma non ne sono sicura", [None, None]), ("sì", [None, None])],
)  # fmt: skip
def test_verdicts(desk: Desk, text: str, judged: list[bool | None]) -> None:
    desk.answer(text)
    assert desk.judged() == judged
    assert desk.paused == []


def test_each_verdict_is_confirmed_and_the_rest_is_said(desk: Desk) -> None:
    desk.answer("1 sì\n2 boh forse\n9 no")
    assert desk.confirmed.split("\n\n") == [
        "1: annotato, poteva aspettare.",
        "9: nel rapporto non c'è una domanda con questo numero.",
        "Il resto della risposta non l'ho capito.\n",
    ]


FORGED = [
    ({"sender": "giulia@ferri-av.evil.example"}, "another address"),
    ({"sender": CARLA}, "another address"),
    ({"sender": MARCO}, "another address"),
]


@pytest.mark.parametrize(("fields", "why"), FORGED)
@pytest.mark.parametrize("text", ["PAUSA", "1 sì", "RIPRENDI"])
def test_a_forged_order_does_nothing_and_is_reported(desk: Desk, text: str, fields: dict[str, str], why: str) -> None:
    assert desk.answer(text, **fields) == "answer-forged"
    assert (desk.paused, desk.judged(), desk.confirmed) == ([], [None, None], "")
    (case,) = [c for c in desk.store.cases() if c.case.reason == "answer-forged"]
    assert why in case.case.note


@pytest.mark.parametrize(
    ("proof", "reason"),
    [(Authentication(dmarc="pass", domain="ferri-av.example"), "notice-answered"),
     (Authentication(dmarc="pass", domain="evil.example"), "answer-forged"),
     (Authentication(dmarc="none"), "answer-forged"), (Authentication(dmarc="fail"), "answer-forged")],
)  # fmt: skip
def test_where_our_server_proves_senders_they_must_be_proven(desk: Desk, proof: Authentication, reason: str) -> None:
    rules = desk.service.rules
    desk.service.rules = replace(
        rules,
        rulebook=replace(rules.rulebook, own_servers=("mx.va.example",)),
        tools=replace(rules.tools, authenticate=lambda values, servers: proof),
    )
    assert desk.answer("PAUSA") == reason
    assert bool(desk.paused) is (reason == "notice-answered")


def test_what_is_known_to_be_forged_does_nothing_anywhere(desk: Desk) -> None:
    rules = desk.service.rules
    tools = replace(rules.tools, authenticate=lambda values, servers: Authentication(dmarc="fail"))
    desk.service.rules = replace(rules, tools=tools)
    assert desk.answer("PAUSA") == "answer-forged"
    assert desk.paused == []


def test_the_same_mail_again_does_nothing(desk: Desk) -> None:
    at = f"{desk.clock.now():%a, %d %b %Y %H:%M:%S +0000}"
    assert desk.answer("PAUSA", Date=at) == "notice-answered"
    desk.answer("RIPRENDI")
    assert desk.answer("PAUSA", Date=at) == "answer-forged"
    assert desk.paused == []


def test_a_machine_says_nothing(desk: Desk) -> None:
    assert desk.answer("PAUSA", Auto_Submitted="auto-replied") == "notice-echo"
    assert desk.paused == []


def test_an_order_outside_the_thread_is_a_mail_like_any_other(desk: Desk) -> None:
    assert desk.answer("PAUSA", to="<other@x.example>") not in ("notice-answered", "answer-unclear")
    assert desk.paused == []


def test_what_is_not_understood_is_asked_back_once(desk: Desk) -> None:
    assert desk.answer("Non mettere in pausa niente per ora") == "answer-unclear"
    assert "PAUSA; RIPRENDI" in desk.confirmed
    assert desk.answer("Ma che cosa intendi di preciso?") == "answer-unclear"
    assert len(desk.notes("note-command")) == 1
    assert [c.case.reason for c in desk.store.cases()] == ["answer-unclear"]


def test_thanks_ask_for_nothing(desk: Desk) -> None:
    assert desk.answer("Grazie mille!") == "notice-answered"
    assert desk.notes("note-command") == []
    assert desk.store.cases() == ()


def test_the_client_may_pause_his_own_mail_and_end_his_own_pause(desk: Desk) -> None:
    assert desk.answer("PAUSA", sender=MARCO, to=OURS) == "notice-answered"
    assert desk.paused == [("acme", "client")]
    assert "posta di Acme" in desk.confirmed
    assert [c.case.reason for c in desk.store.cases()] == ["principal-says"]
    desk.answer("RIPRENDI", sender=MARCO, to=OURS)
    assert desk.paused == []


@pytest.mark.parametrize("held", ["", "acme"])
def test_the_client_cannot_end_the_assistants_pause(desk: Desk, held: str) -> None:
    from vamaild.core.trust import Pause

    desk.store.pause(Pause(held, NOW, None, "me"))
    desk.answer("PAUSA", sender=MARCO, to=OURS)
    desk.answer("RIPRENDI", sender=MARCO, to=OURS)
    assert (held, "me") in desk.paused
    assert "solo lei può finirla" in desk.confirmed


@pytest.mark.parametrize(
    "text", ["1 sì", "Ciao, mi mandi anche il preventivo?", "Grazie!", "Stop al cantiere fino a lunedì?"]
)
def test_whatever_else_the_client_writes_is_his_mail(desk: Desk, text: str) -> None:
    assert desk.answer(text, sender=MARCO, to=OURS) not in ("notice-answered", "answer-unclear", "answer-forged")
    assert (desk.paused, desk.judged()) == ([], [None, None])


@pytest.mark.parametrize("trust", [Trust.OBSERVE, Trust.DRAFT])
def test_a_client_to_whom_nothing_leaves_by_itself_gets_no_note(trust: Trust) -> None:
    made = Desk(trusting(trust, client()))
    assert made.answer("PAUSA", sender=MARCO, to=OURS) == "notice-answered"
    assert made.paused == [("acme", "client")]
    assert made.notes("note-command") == []


# ---- a proposed rule


@pytest.fixture
def proposing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One question only: shall this rule hold?"""
    for code in desk.codes:
        desk.store.verdict(code, "me", True, desk.clock.now())
    desk.store.propose(RULE, desk.clock.now())
    monkeypatch.setattr(learning, "as_rule", lambda kept, service: "[[learned]]\n")
    desk.sent(KEY, GIULIA, questions(desk.service))
    return desk


def standing(desk: Desk) -> Standing:
    return desk.store.proposals()[0].standing


@pytest.mark.parametrize("text", ["sì", "Sì, grazie.", "1 sì", "sì: 1"])
def test_a_yes_puts_the_rule_in_force(proposing: Desk, text: str) -> None:
    written: list[str] = []
    proposing.service.learn = written.append
    proposing.answer(text)
    assert (written, standing(proposing)) == (["[[learned]]\n"], Standing.ACCEPTED)
    assert "la regola vale da adesso" in proposing.confirmed


def test_where_the_service_may_not_write_it_says_so(proposing: Desk) -> None:
    proposing.answer("sì")
    assert standing(proposing) is Standing.AGREED
    assert "vamaild learn accept 1" in proposing.confirmed


def test_what_check_does_not_take_is_said(proposing: Desk) -> None:
    def learn(rule: str) -> None:
        raise ValueError("its example fails")

    proposing.service.learn = learn
    proposing.answer("sì")
    assert standing(proposing) is Standing.OPEN
    assert "its example fails" in proposing.confirmed


def test_a_no_is_for_good(proposing: Desk) -> None:
    proposing.answer("No")
    assert standing(proposing) is Standing.REFUSED
    assert proposing.store.propose(RULE, NOW) == 0
    proposing.answer("sì")
    assert standing(proposing) is Standing.REFUSED
    assert "già stata data una risposta" in proposing.confirmed


@pytest.mark.parametrize("text", ["sì ma non so", "forse", "sì o no?", "Ci penso", "PAUSA"])
def test_nothing_else_is_a_yes(proposing: Desk, text: str) -> None:
    proposing.answer(text)
    assert standing(proposing) is Standing.OPEN
