"""Everything that is known about one message before it is judged, as one value."""

from dataclasses import dataclass
from datetime import date, datetime

from .message import History, Message
from .reading import Reading
from .reasons import Reason
from .ruleset import Absence, Person, Role, Rulebook, RuleSet
from .words import Text


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, and the one address an answer may go to ("" when it is not sure enough).

    `confidence` is 0 to 1; `method` names how the address was found; `evidence` are the header lines that show it.
    """

    address: str
    method: str
    confidence: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Authentication:
    """What our own mail server found out about the sender (RFC 8601); the default knows nothing.

    `dmarc` is "pass", "fail" or "" (not looked at, or not trusted); `domain` is the one it was said of, lower case.
    """

    dmarc: str = ""
    domain: str = ""

    @property
    def failed(self) -> bool:
        """Whether the mail does not come from where it says."""
        return self.dmarc == "fail"


UNKNOWN = Authentication()


@dataclass(frozen=True, slots=True)
class Screened:
    """Why nobody waits for an answer. `robot` is true where a machine wrote, so that no rule need be asked."""

    code: Reason
    because: str
    robot: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule, a plan and a guard may look at.

    `arrived` and `now` are in the client's time zone: a contract counts from arrival, words such as "today" from now.
    `horizon` is the first day that is no rush, `ready_by` the date an ordinary reply promises or names.
    `body` and `subject` are the sender's own new words; `judged` is the forwarded message where that is what counts.
    """

    message: Message
    ruleset: RuleSet
    rulebook: Rulebook
    history: History
    sender: Sender
    person: Person | None
    screened: Screened | None
    subject: Text
    body: Text
    cut: str
    reading: Reading
    arrived: datetime
    now: datetime
    horizon: date
    ready_by: date
    absence: Absence | None
    judged: Message | None = None
    authentication: Authentication = UNKNOWN

    @property
    def role(self) -> Role:
        return self.person.role if self.person else Role.CUSTOMER

    @property
    def language(self) -> str:
        return self.reading.language
