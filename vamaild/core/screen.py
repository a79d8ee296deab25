"""Is anybody waiting for an answer? Asked before any rule (RFC 3834, RFC 5230 section 4, RFC 2369, MS-OXCMAIL).

Each check is one function in CHECKS: message in, reason out. The shipped safety set cannot be switched off.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .case import Screened, Sender
from .message import History, Message
from .reasons import Reason
from .route import addresses, find_person, matches
from .ruleset import Role, Rulebook, RuleSet

LIST_HEADERS = (
    "list-id",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-post",
    "list-owner",
    "list-archive",
    "list-unsubscribe-post",
    "mailing-list",
    "x-mailing-list",
    "x-beenthere",
    "x-mailman-version",
    "feedback-id",
)
VENDOR_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-auto-generated",
    "x-failed-recipients",
)
BULK = {"bulk", "junk", "list", "auto_reply"}
ROBOT = re.compile(
    r"mailer-daemon|listserv|majordomo|owner-.*|.*-request|bounces?[-+=].*|bounces?|notifications?|notify"
    r"|root|daemon|server|cron",
)
NO_REPLY = re.compile(
    r"(.*[-_.+])?(no[-_.]?reply|do[-_.]?not[-_.]?reply|non[-_.]?risp(ondere|ondete)|no[-_.]?risposta"
    r"|ne[-_.]?(reagovat|odpov[ei]dat|odpovidejte)|ne[-_.]?pas[-_.]?repondre|keine?[-_.]?antwort|no[-_.]?responder"
    r"|nie[-_.]?odpowiadaj|ne[-_.]?odpovedat)([-_.+].*)?",
)
OUT_OF_OFFICE = re.compile(
    r"\s*(re:\s*)?(risposta automatica|fuori (sede|ufficio)|assente|automatick[aá] odpov[eě][dď]|mimo kancel[aá][rř]"
    r"|nep[rř][ií]tomnost|automatic reply|auto-?reply|out of (the )?office|abwesenheit\w*|automatische antwort"
    r"|r[eé]ponse automatique|absence du bureau|respuesta autom[aá]tica|fuera de la oficina|odpowied[zź] automatyczna"
    r"|poza biurem|neprítomnos[tť])\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a check may look at."""

    message: Message
    sender: Sender
    ruleset: RuleSet
    rulebook: Rulebook
    history: History
    now: datetime

    @property
    def author(self) -> str:
        return self.message.from_[0] if self.message.from_ else ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who could be the sender: the address an answer would go to, and the From."""
        return tuple(dict.fromkeys(a for a in (self.sender.address, self.author) if a))


def keyword(value: str) -> str:
    """The keyword of an Auto-Submitted value: without comments, parameters and blanks, lower case."""
    while COMMENT.search(value):
        value = COMMENT.sub(" ", value)
    return value.partition(";")[0].strip().lower()


def auto_submitted(scene: Scene) -> Screened | None:
    said = next((v for v in scene.message.all("auto-submitted") if keyword(v) != "no"), None)
    if said is None or forwarder_stamped(scene):
        return None
    return Screened(Reason.AUTO_SUBMITTED, f"Auto-Submitted: {said.strip()[:60]}")


def forwarder_stamped(scene: Scene) -> bool:
    """Microsoft 365 stamps what its forwarding rules pass on; with the profile and its own sign it is no robot."""
    marks = ("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")
    return scene.ruleset.forwarding.profile.startswith("m365") and bool(scene.message.has_any(marks))


def list_mail(scene: Scene) -> Screened | None:
    header = scene.message.has_any(LIST_HEADERS)
    if not header or _own_group(scene):
        return None
    return Screened(Reason.LIST, f"{header} is present")


def _own_group(scene: Scene) -> bool:
    """info@ run as a group: its own List-Id does not make a robot of a customer."""
    listed = scene.message.first("list-id").lower()
    return any(g.lower().replace("@", ".") in listed or g.lower() in listed for g in scene.ruleset.forwarding.groups)


def precedence(scene: Scene) -> Screened | None:
    values = (*scene.message.all("precedence"), *scene.message.all("x-precedence"))
    said = next((v for v in values if v.strip().lower() in BULK), None)
    if said is None or _own_group(scene):
        return None
    return Screened(Reason.PRECEDENCE, f"Precedence: {said.strip()}")


def null_path(scene: Scene) -> Screened | None:
    return Screened(Reason.NULL_PATH, "Return-Path: <>") if scene.message.return_path == "" else None


def response_suppress(scene: Scene) -> Screened | None:
    words = {w.strip().lower() for v in scene.message.all("x-auto-response-suppress") for w in v.split(",")}
    if words & {"all", "oof", "autoreply"}:
        return Screened(Reason.AUTO_RESPONSE_SUPPRESS, f"X-Auto-Response-Suppress: {', '.join(sorted(words))}")
    return None


def vendor(scene: Scene) -> Screened | None:
    message = scene.message
    if header := message.has_any(VENDOR_HEADERS):
        return Screened(Reason.VENDOR, f"{header} is present")
    if message.first("x-autogenerated").strip().lower() == "reply":
        return Screened(Reason.VENDOR, "X-Autogenerated: Reply")
    if message.first("x-amazon-mail-relay-type").strip().lower() == "notification":
        return Screened(Reason.VENDOR, "X-AMAZON-MAIL-RELAY-TYPE: notification")
    return None


def loop(scene: Scene) -> Screened | None:
    marks = {"yes", "true", *(a.lower() for a in scene.rulebook.own_addresses), *scene.ruleset.client.arrives}
    said = next((v for v in scene.message.all("x-loop") if v.strip().lower() in marks), None)
    if said:
        return Screened(Reason.LOOP, f"X-Loop: {said.strip()}")
    if scene.message.message_id and scene.message.message_id in scene.history.our_ids:
        return Screened(Reason.LOOP, "it is one of our own replies")
    return None


def spam(scene: Scene) -> Screened | None:
    message = scene.message
    flagged = message.first("x-spam-flag").strip().lower() == "yes"
    status = message.first("x-spam-status").strip().lower().startswith("yes")
    verdict = message.first("x-ses-spam-verdict").strip().lower() == "fail"
    return Screened(Reason.SPAM, "the mail server calls it spam") if flagged or status or verdict else None


def report(scene: Scene) -> Screened | None:
    kinds = {"multipart/report", "message/delivery-status", "message/disposition-notification"}
    seen = next((p for p in scene.message.parts if p in kinds), "")
    return Screened(Reason.REPORT, f"it is a report ({seen})") if seen else None


def calendar_answer(scene: Scene) -> Screened | None:
    method = scene.message.calendar_method.upper()
    return Screened(Reason.CALENDAR, f"calendar message (method={method})") if method else None


def robot_name(scene: Scene) -> Screened | None:
    for address in (*scene.names, scene.message.return_path or ""):
        local = address.partition("@")[0]
        if NO_REPLY.fullmatch(local):
            return Screened(Reason.NO_REPLY_NAME, f"nobody reads {local}@")
        if ROBOT.fullmatch(local):
            return Screened(Reason.ROBOT_NAME, f"{local}@ is a program")
    return None


def out_of_office(scene: Scene) -> Screened | None:
    """The subject alone is no proof: it needs a second sign (it answers us, or carries no question)."""
    if not OUT_OF_OFFICE.match(scene.message.subject):
        return None
    answers_us = bool(set(scene.message.references) & scene.history.our_ids)
    if answers_us or "?" not in scene.message.text:
        return Screened(Reason.OUT_OF_OFFICE, f"out-of-office subject: {scene.message.subject[:60]}")
    return None


def known_role(scene: Scene) -> Screened | None:
    person = find_person(scene.ruleset, scene.author)
    if person is None:
        return None
    if person.role is Role.ALARM:
        return Screened(Reason.ALARM, "an alarm is never answered")
    if person.role is Role.IGNORE:
        return Screened(Reason.IGNORED, f"{person.email} is to be ignored")
    if person.role in (Role.COLLEAGUE, Role.PRINCIPAL, Role.ASSISTANT):
        return Screened(Reason.COLLEAGUE, f"written by a {person.role}", robot=False)
    return None


def own_address(scene: Scene) -> Screened | None:
    colleague = scene.ruleset.colleague
    protected = (*scene.rulebook.own_addresses, *scene.ruleset.client.arrives)
    hit = next((a for a in scene.names if matches(a, protected)), "")
    if hit:
        return Screened(Reason.OWN_ADDRESS, f"{hit} is one of our own addresses", robot=False)
    if colleague and colleague.email.lower() in scene.names:
        return Screened(Reason.COLLEAGUE, "written by the colleague", robot=False)
    return None


def not_addressed(scene: Scene) -> Screened | None:
    """RFC 3834 section 2: the owner must be named in To, Cc, Bcc or their Resent- forms."""
    names = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
    named = [a for n in names for v in scene.message.all(n) for a in addresses(v)]
    ours = (*scene.ruleset.client.arrives, *scene.rulebook.own_addresses, *scene.ruleset.forwarding.groups)
    if any(matches(a, ours) for a in named):
        return None
    return Screened(Reason.NOT_ADDRESSED, "none of our addresses is in To or Cc", robot=False)


def unsure(scene: Scene) -> Screened | None:
    if scene.sender.method == "hand-forwarded":
        return Screened(Reason.HAND_FORWARDED, "the owner forwarded it by hand", robot=False)
    if scene.sender.method == "two-senders":
        return Screened(Reason.TWO_SENDERS, "it names two senders", robot=False)
    return None


CHECKS: tuple[Callable[[Scene], Screened | None], ...] = (
    loop,
    report,
    auto_submitted,
    null_path,
    list_mail,
    precedence,
    response_suppress,
    vendor,
    known_role,
    calendar_answer,
    robot_name,
    spam,
    out_of_office,
    unsure,
    own_address,
    not_addressed,
)


def screen(scene: Scene) -> Screened | None:
    """The first reason why nobody waits for an answer, or None when somebody may."""
    found = [s for check in CHECKS if (s := check(scene))]
    alarm = next((s for s in found if s.code is Reason.ALARM), None)
    return alarm or next(iter(found), None)
