"""A principal on holiday with two colleagues, for the tests of handing over: real texts and mails, a clock to move."""

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache

from tests.core.tongues import RULES
from tests.make import AWAY, CUSTOMER, NOW, absent
from tests.memory_store import MemoryStore
from tests.selling import Shop
from vamaild import consenting, dispatch, handing, resolving
from vamaild.core.handover import Said, Stage
from vamaild.core.ledger import Arrival, Store
from vamaild.core.ruleset import Colleague, Language, Leave, Role, RuleSet

LAURA = Colleague("Laura Conti", "laura@conti.example", ("cantiere", "sopralluog*"), hand_over="forward")
ENZO = Colleague("Enzo Neri", "enzo@neri.example", ())
URGENT = "Ciao, al cantiere serve subito qualcuno, il muro si muove."
CALM = "Ciao, mi mandi il listino?"
WEEK_OFF = Leave(AWAY.first, AWAY.back or AWAY.first)


@cache
def tongue(code: str) -> Language:
    """A shipped language with how people answer in it."""
    lists: dict[str, tuple[str, ...]] = {}
    for name in ("10-language", "12-answers", "14-yes"):
        tables = tomllib.loads((RULES / f"{name}-{code}.toml").read_text(encoding="utf-8"))
        lists |= {f"{t}.{n}": tuple(v) for t, found in tables.items() for n, v in found.items() if isinstance(v, list)}
    return Language(code, lists)


def away(*colleagues: Colleague, **changes: object) -> RuleSet:
    """The holiday of tests/make.py with these colleagues, and nobody known by name but them."""
    found = absent(colleague=next(iter(colleagues), None), colleagues=tuple(colleagues), **changes)
    return replace(found, people=tuple(p for p in found.people if p.role is not Role.COLLEAGUE))


class Deputies(Shop):
    """`day` of November is where the clock stands; it begins on Thursday the 26th at 10:40."""

    def __init__(self, *colleagues: Colleague, store: Store | None = None, **changes: object) -> None:
        super().__init__(store or MemoryStore(), away(*(colleagues or (LAURA, ENZO)), **changes))
        rules = self.service.rules
        book = replace(rules.rulebook, languages={code: tongue(code) for code in ("it", "cs", "en")})
        self.service.rules = replace(rules, rulebook=book)

    def agreed(self, *colleagues: Colleague) -> "Deputies":
        """They were asked, and said yes."""
        for each in colleagues or self.ruleset.stand_ins:
            asked = consenting.ask(each, self.ruleset, self.service, self.clock.now())
            self.store.answer_consent(asked.key, Said.YES, self.clock.now())
        dispatch.send_due(self.service)
        return self

    def comes(
        self, text: str, *, sender: str = CUSTOMER, subject: str = "Preventivo", answers: str = "", **headers: str
    ) -> str:
        key = self.write(text, sender=sender, subject=subject, answers=answers, at=None, **headers)
        self.look()
        return key

    def passes(self, after: timedelta = timedelta(minutes=5)) -> None:
        """Time goes by, and everything that is due happens, as in one pass of the daemon."""
        self.go(self.clock.now() + after)
        resolving.watch(self.service)
        handing.watch(self.service)
        dispatch.send_due(self.service)
        handing.watch(self.service)
        dispatch.send_due(self.service)

    def until(self, moment: datetime) -> None:
        self.passes(moment - self.clock.now())

    def told(self, to: str) -> list[EmailMessage]:
        """The mails that left to this address, oldest first."""
        return [mail for address, mail in self.post.sent if address == to]

    def last(self, to: str) -> EmailMessage:
        return self.told(to)[-1]

    def answers(self, who: str, text: str, **more: str) -> str:
        """He answers the last mail he got."""
        return self.comes(text, sender=who, answers=str(self.last(who)["Message-ID"]), **more)

    def stages(self) -> Sequence[Stage]:
        return [f.stage for f in self.store.forwards(tuple(Stage))]

    def reasons(self) -> list[str]:
        return [c.case.reason for c in self.store.cases()]


def body(mail: EmailMessage) -> str:
    """Subject and text in one line each."""
    return f"{mail['Subject']} | " + " ".join(str(mail.get_content()).split())


def report(key: str) -> Arrival:
    """The mail with this Message-ID comes back for good."""
    text = f"""Return-Path: <>
From: mailer-daemon@conti.example
To: boss@client.example
Subject: Undelivered
Message-ID: <dsn@conti.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.conti.example

Final-Recipient: rfc822; laura@conti.example
Action: failed
Status: 5.1.1

--x
Content-Type: text/rfc822-headers

Message-ID: {key}

--x--
""".replace("\n", "\r\n")
    return Arrival(90, 1, NOW, len(text), text.encode())
