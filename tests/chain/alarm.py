"""An office whose principal is at sea: channels that may break, a clock to move, answers by mail."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from tests.make import ITALIAN, absent, book
from tests.memory_store import MemoryStore
from tests.office import Office, letter
from vamaild import chain, hearing
from vamaild.chain import Answer
from vamaild.config.settings import Secret, Secrets
from vamaild.core.cases import QueueCase
from vamaild.core.chainwords import Said
from vamaild.core.ledger import Arrival, Store
from vamaild.core.notify import Delivered, Delivery, Notice
from vamaild.core.ruleset import EmergencyRule, Escalation, Language, RuleSet

FLOOD = "Buongiorno, si sta allagando la cantina, venite!"
PETR, TELEPHONE, LAURA = "petr.more@proton.example", "+420 603 111 222", "laura@conti.example"
ME = "giulia@ferri-av.example"
CHAIN = Escalation(("me", "petr-sea", "colleague"), timezone="Europe/Athens")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALARMED = Language(
    "it", {**ITALIAN.lists, "signs.alarm_harm": ("si sta allagando", "è ferit*"), "answers.done": ("fatto", "risolto")}
)
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
        found = book(self.ruleset, emergencies=(*rules.rulebook.emergencies, INJURED), languages={"it": ALARMED})
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


def quiet(**changes: object) -> Alarm:
    night = replace(CHAIN, quiet=(time(22), time(7)))
    found = Alarm(absent(escalation=replace(night, **changes)))  # type: ignore[arg-type]  # by name
    found.clock.advance(datetime(2026, 11, 26, 22, 0, tzinfo=UTC) - found.clock.now())
    return found


MINE, HIS_SMS, HIS_MAIL, HERS = ("email", ME), ("sms", TELEPHONE), ("email", PETR), ("email", LAURA)
