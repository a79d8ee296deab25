"""Why no reply leaves: codes that are counted in the report, each with its words."""

from enum import StrEnum


class Reason(StrEnum):
    """Why no reply leaves. Counted in the report; REASONS below has the words."""

    AUTO_SUBMITTED = "auto-submitted"
    LIST = "list"
    PRECEDENCE = "precedence"
    NULL_PATH = "null-path"
    NOT_ADDRESSED = "not-addressed"
    OWN_ADDRESS = "own-address"
    COLLEAGUE = "colleague"
    IGNORED = "ignored"
    ALARM = "alarm"
    AUTO_RESPONSE_SUPPRESS = "auto-response-suppress"
    VENDOR = "vendor"
    NO_REPLY_NAME = "no-reply-name"
    ROBOT_NAME = "robot-name"
    REPORT = "report"
    CALENDAR = "calendar"
    SPAM = "spam"
    OUT_OF_OFFICE = "out-of-office"
    LOOP = "loop"
    TWO_SENDERS = "two-senders"
    HAND_FORWARDED = "hand-forwarded"
    UNSURE_SENDER = "unsure-sender"
    ANSWERED = "answered"
    SEEN_BEFORE = "seen-before"
    TOO_OLD = "too-old"
    HOSTILE = "hostile"
    NOBODY_WAITS = "nobody-waits"
    LADDER = "ladder"
    PER_PERSON = "per-person"
    PER_HOUR = "per-hour"
    OBSERVE = "observe"
    DRAFT = "draft"
    SECRET = "secret"  # noqa: S105 (a reason, no password)
    PAST_DATE = "past-date"
    DOUBT = "doubt"
    UNREADABLE = "unreadable"
    UNWRITABLE = "unwritable"
    NOT_AWAY = "not-away"
    NO_CLIENT = "no-client"
    BROKEN_RULE = "broken-rule"
    CONFIRM = "confirm"


REASONS: dict[Reason, str] = {
    Reason.AUTO_SUBMITTED: "automatic mail",
    Reason.LIST: "a mailing list or newsletter",
    Reason.PRECEDENCE: "bulk mail",
    Reason.NULL_PATH: "a bounce or a report",
    Reason.NOT_ADDRESSED: "not addressed to the mailbox",
    Reason.OWN_ADDRESS: "one of our own addresses",
    Reason.COLLEAGUE: "one of our own people",
    Reason.IGNORED: "on the client's ignore list",
    Reason.ALARM: "an alarm system",
    Reason.AUTO_RESPONSE_SUPPRESS: "asks for no automatic reply",
    Reason.VENDOR: "a robot's header",
    Reason.NO_REPLY_NAME: "a no-reply address",
    Reason.ROBOT_NAME: "a robot's address",
    Reason.REPORT: "a delivery report or receipt",
    Reason.CALENDAR: "a calendar message",
    Reason.SPAM: "spam",
    Reason.OUT_OF_OFFICE: "an out-of-office reply",
    Reason.LOOP: "one of our own replies, come back",
    Reason.TWO_SENDERS: "it names two senders",
    Reason.HAND_FORWARDED: "forwarded by hand",
    Reason.UNSURE_SENDER: "nobody can be sure who wrote it",
    Reason.ANSWERED: "a person has answered already",
    Reason.SEEN_BEFORE: "it was here before",
    Reason.TOO_OLD: "too old to be answered by itself",
    Reason.HOSTILE: "hostile",
    Reason.NOBODY_WAITS: "nobody waits for an answer",
    Reason.LADDER: "said to this person already",
    Reason.PER_PERSON: "enough replies for this person today",
    Reason.PER_HOUR: "too many replies in one hour",
    Reason.OBSERVE: "the client is in observe",
    Reason.DRAFT: "a draft, waiting for a yes",
    Reason.SECRET: "the reply would betray a secret",
    Reason.PAST_DATE: "the reply would promise a past date",
    Reason.DOUBT: "parts of it could not be read",
    Reason.UNREADABLE: "it could not be read",
    Reason.UNWRITABLE: "the reply could not be written",
    Reason.NOT_AWAY: "nobody is away, and no lead time is agreed",
    Reason.NO_CLIENT: "no client claims it",
    Reason.BROKEN_RULE: "a rule could not answer in time",
    Reason.CONFIRM: "perhaps an emergency: the assistant is asked first",
}
