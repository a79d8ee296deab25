"""Eight weeks of five clients, from a seed: messages with everything that may become of them, written as the service
writes them (core entries, then the store's own steps). Subjects and people are fixtures."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vamaild.core.cases import Advance, CaseEvent, NewCase
from vamaild.core.ledger import Entry, Outcome, Outgoing, Sort, State, Store
from vamaild.core.promise import NewPromise, PromiseState
from vamaild.core.resolve import Resolved
from vamaild.core.ruleset import Client, Lead, Person, Role, RuleSet, Rush, Trust, Week
from vamaild.core.rush import NewRush, RushState
from vamaild.core.trust import DraftFate, Fate

ROME = ZoneInfo("Europe/Rome")
ENDS = datetime(2026, 11, 20, 16, tzinfo=ROME)  # Friday of week 47
NOW = ENDS + timedelta(minutes=1)
WEEKS = 8
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = {"verdi": "Studio Verdi", "rossi": "Rossi", "bianchi": "Bianchi", "moretti": "Moretti", "greco": "Greco"}
SHARES = {"verdi": (22, 0.5), "rossi": (30, 0.4), "bianchi": (18, 0.18), "moretti": (16, 0.06), "greco": (9, 0.0)}
SUBJECTS = ("Preventivo infissi", "Contratto fornitore", "Verbale riunione", "Copia fattura 118", "Volo per Praga",
            "Ordine scrivanie", "Agenda di giovedì", "Listino 2027", "Sala per il corso", "Rimborso spese")  # fmt: skip
PEOPLE = ("Marco", "Elena", "Giorgio", "Paola", "Franco", "Livia")
SILENT = (
    ("list", 24),
    ("auto-submitted", 9),
    ("answered", 6),
    ("null-path", 3),
    ("nobody-waits", 7),
    ("robot-name", 2),
)


def rulesets() -> tuple[RuleSet, ...]:
    """The five clients: four working days of notice, rush at a price."""
    return tuple(
        RuleSet(
            f"rules.d/client-{id_}.toml",
            Client(id_, name, (f"va+{id_}@ferri-av.example",), "it", ("it",), "Europe/Rome", Trust.SEND),
            (Person(f"capo@{id_}.example", f"Dott. {name}", Role.CLIENT, "lei", accepts_rush=True),),
            week=Week(),
            lead=Lead(4),
            rush=Rush("offer", rate=35.0),
        )
        for id_, name in NAMES.items()
    )


@dataclass
class Writer:
    """Writes one message after the other; `at` is the moment of the message in hand."""

    store: Store
    dice: random.Random
    uid: int = 0
    at: datetime = ENDS

    def moment(self, week_ends: datetime) -> datetime:
        """A moment of work in this week, most often in the morning."""
        day = week_ends - timedelta(days=self.dice.choice((1, 2, 3, 4, 7)))
        return day.replace(
            hour=self.dice.choice((8, 9, 9, 10, 10, 10, 11, 12, 14, 15, 16, 17)), minute=self.dice.randrange(60)
        )

    def write(self, client: str, **changes: object) -> int:
        self.uid += 1
        who = self.dice.choice(PEOPLE)
        told = {"who": who, "stated_urgency": False, "deadline": None, "new_text": "Grazie."}
        told |= changes.pop("told", {})  # type: ignore[arg-type]  # a dictionary
        plain = Entry(
            *("clienti", 7, self.uid, f"print-{self.uid}", f"<m{self.uid}@{client}.example>", (), 2_000),
            *(self.at, self.at + timedelta(minutes=1), client, f"{who.lower()}@{client}.example"),
            *(self.dice.choice(SUBJECTS), "it", "scheduled-request", "reply-leadtime", Outcome.ANSWERED, ""),
            explanation=told,
        )
        return self.store.record(replace(plain, **changes))  # type: ignore[arg-type]  # by name

    def mail(self, template: str, state: State = State.QUEUED) -> Outgoing:
        key = f"<r{self.uid + 1}@ferri-av.example>"
        return Outgoing(key, Sort.COURTESY, "x@y.example", b"Subject: x\r\n\r\nx\r\n", self.at, "", template, state)

    def sent(self) -> None:
        item = self.store.claim(self.at + HOUR, Sort.COURTESY)
        assert item
        self.store.confirm(item.id, self.at + timedelta(minutes=self.dice.choice((5, 6, 6, 7))))

    def answered(
        self, client: str, template: str = "lead-time", *, due: timedelta | None = None, **changes: object
    ) -> int:
        """A message with a reply that left, and its promise where one was made."""
        mail = replace(self.mail(template), client=client)
        promise = (
            NewPromise(client, "x@y.example", self.at + due, template, self.dice.choice(SUBJECTS)) if due else None
        )
        row = self.write(client, outgoing=(mail,), promise=promise, **changes)
        self.sent()
        return row

    def keep(self, row: int, client: str, late: timedelta = timedelta()) -> None:
        for promise in (p for p in self.store.promises(client=client) if p.message == row):
            at = promise.promise.due + late if late else self.at + timedelta(hours=self.dice.choice((3, 5, 7)))
            self.store.end_promise(promise.id, PromiseState.LATE if late else PromiseState.KEPT, at)


def write(store: Store, seed: int = 47, weeks: int = WEEKS) -> None:
    """Fills the store."""
    writer = Writer(store, random.Random(seed))
    with store.transaction():
        for back in reversed(range(weeks)):
            _week(writer, ENDS - timedelta(weeks=back), back == 0)


def _week(writer: Writer, ends: datetime, last: bool) -> None:
    for client, (requests, share) in SHARES.items():
        for _ in range(requests + writer.dice.randint(-2, 2)):
            writer.at = writer.moment(ends)
            _request(writer, client, writer.dice.random() < share * 1.6)
    for reason, count in SILENT:
        for _ in range(count):
            writer.at = writer.moment(ends)
            kind = "scheduled-request" if reason == "answered" else "automatic"
            client = writer.dice.choice(tuple(NAMES))
            writer.write(client, kind=kind, action="none", outcome=Outcome.NO_REPLY, reason=reason)
    if last:
        _special(writer)


def _request(writer: Writer, client: str, urgent: bool) -> None:
    dice = writer.dice
    if not urgent:
        wanted = writer.at + timedelta(days=9) if dice.random() < 0.3 else None
        due = timedelta(days=1, hours=2) if dice.random() < 0.4 else None
        row = writer.answered(client, due=due, told={"deadline": wanted.isoformat() if wanted else None})
        if due:
            writer.keep(row, client)
        return
    told = {"stated_urgency": True, "deadline": (writer.at + timedelta(days=dice.choice((0, 1, 2)))).isoformat()}
    row = writer.answered(client, "rush-offer", kind="rush-request", told=told)
    if dice.random() < 0.82:
        writer.store.resolve(row, Resolved.SAID, writer.at + 5 * HOUR)


def _special(writer: Writer) -> None:
    """What happens once in the last week."""
    writer.at = ENDS - timedelta(days=2, hours=4)
    for percent, hours, client in ((50, 2.0, "verdi"), (100, 1.0, "verdi"), (50, 1.5, "rossi")):
        _sale(writer, client, percent, hours)
    _sale(writer, "bianchi", 25, None, RushState.DECLINED)
    _emergency(writer)
    silent = {"kind": "automatic", "action": "none", "outcome": Outcome.NO_REPLY}
    for reason, subject in (
        ("robot-name", "Richiesta sopralluogo"),
        ("precedence", "Re: preventivo, scrivi a eva@x.it"),
    ):
        asks = {"new_text": "Potete venire giovedì?"}
        writer.write("bianchi", reason=reason, subject=subject, told=asks, **silent)
    for how in (Resolved.SILENT,) * 4:
        writer.store.resolve(writer.answered("greco"), how, ENDS - HOUR)
    _promises(writer)
    _drafts(writer)
    writer.write("moretti", kind="", action="none", outcome=Outcome.WAITING, reason="unreadable")
    writer.write("rossi", kind="insisting", outcome=Outcome.NO_REPLY, reason="ladder", action="none")
    told = {"stated_urgency": True}
    writer.answered("rossi", "playbook", kind="rush-request", action="answer-playbook", told=told)


def _sale(writer: Writer, client: str, percent: int, hours: float | None, state: RushState = RushState.AGREED) -> None:
    mail = replace(writer.mail("rush-offer"), client=client)
    at = writer.at
    what = writer.dice.choice(SUBJECTS)
    offer = NewRush(client, "x@y.example", what, percent, at + 6 * HOUR, at + HOUR, at + 4 * DAY, mail.key, "it")
    told = {"stated_urgency": True, "deadline": (at + 6 * HOUR).isoformat()}
    row = writer.write(client, kind="rush-request", outgoing=(mail,), rush=offer, told=told)
    writer.sent()
    number = max(r.id for r in writer.store.rushes(tuple(RushState)))
    if state is RushState.AGREED:
        assert writer.store.take(number, row, f"capo@{client}.example", at + timedelta(minutes=30), "")
    assert writer.store.end_rush(number, state, at + HOUR, hours=hours)


def _emergency(writer: Writer) -> None:
    at = writer.at = ENDS.replace(day=18, hour=14, minute=4)
    alarm = NewCase("greco", "emergency", "si allaga", "Franco", "Acqua in cantiere", True, at, "acqua")
    writer.write("greco", kind="emergency", action="escalate", outcome=Outcome.ESCALATED, case=alarm)
    code = writer.store.cases()[-1].code
    taken = at + timedelta(minutes=5)
    events = (CaseEvent(at, "asked", "vamaild", "me email ask"), CaseEvent(taken, "taken", "me", "email"))
    assert writer.store.advance(code, 0, Advance({}, None, "me", taken, events=events), taken)
    over = at.replace(hour=16, minute=30)
    assert writer.store.advance(code, 1, Advance({}, None, closed_at=over, could_wait=False), over)


def _promises(writer: Writer) -> None:
    writer.at = ENDS - timedelta(days=3, hours=6)
    writer.keep(writer.answered("rossi", due=DAY), "rossi", timedelta(hours=2, minutes=20))
    writer.answered("verdi", due=timedelta(days=3, hours=7))  # Friday 17:00
    writer.answered("bianchi", due=timedelta(days=2))  # nobody has kept it


def _drafts(writer: Writer) -> None:
    for fate in (Fate.UNCHANGED, Fate.UNCHANGED, Fate.EDITED, Fate.DISCARDED):
        draft = replace(writer.mail("ordinary", State.DRAFT), client="moretti")
        writer.write("moretti", outcome=Outcome.WAITING, reason="draft", outgoing=(draft,))
        item = max(writer.store.outbox((State.DRAFT,)), key=lambda i: i.id)
        assert writer.store.settle_draft(DraftFate(item.id, "moretti", "ordinary", fate, writer.at + 3 * HOUR))
