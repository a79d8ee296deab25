"""Is anybody waiting for an answer? Asked before any rule (RFC 3834, RFC 5230 section 4, RFC 2369, MS-OXCMAIL).

Each check is one function in CHECKS: message in, reason out. The lists of signs stand in safety.py and in
rules.d/00-safety.toml; they can be added to and never switched off. Where a sign may be the forwarder's and not the
sender's, the answer is "perhaps a person": no reply leaves by itself, and the assistant looks.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .case import Screened, Sender
from .message import History, Message
from .reasons import Reason
from .route import addresses, find_person, is_ours, matches, untagged
from .ruleset import Role, Rulebook, RuleSet
from .safety import Safety, is_word, plain
from .sameness import domain_of
from .sender import OWN_ENVELOPE, REWRITTEN, decode_srs

LONGEST_VALUE = 1_000
STAMPS = ("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")
REPORTS = frozenset(
    {
        "multipart/report",
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
        "message/tracking-status",
    }
)
WRITTEN_BY_PEOPLE = frozenset(
    {
        *("subject", "from", "to", "cc", "bcc", "reply-to", "sender", "comments", "keywords", "thread-topic"),
        *("message-id", "in-reply-to", "references", "return-path", "received", "organization", "x-loop"),
    }
)
ANSWER_PREFIX = re.compile(r"\s*(re|r|odp|aw|sv|rif|res|antw)\s*(\[\d+\])?\s*:", re.IGNORECASE)


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
        """The From, but for one that the forwarder has rewritten: that is nobody's who waits."""
        named = self.message.from_[:1] if self.sender.method not in REWRITTEN else ()
        return next(iter(named), "")

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who could be the sender: the address an answer would go to, and the From."""
        return tuple(dict.fromkeys(a for a in (self.sender.address, self.author) if a))

    @property
    def safety(self) -> Safety:
        return self.rulebook.safety


def keyword(value: str) -> str:
    """The keyword of an Auto-Submitted value: without comments, parameters and blanks, lower case."""
    kept, depth, escaped = [], 0, False
    for c in value[:LONGEST_VALUE]:
        if escaped:
            escaped = False
        elif c == "\\":
            escaped = depth > 0
        elif c == "(" or (c == ")" and depth):
            depth += 1 if c == "(" else -1
            kept.append(" ")
        elif not depth:
            kept.append(c)
    return "".join(kept).partition(";")[0].strip().lower()


def auto_submitted(scene: Scene) -> Screened | None:
    """Any of several fields that is not "no", but for the stamp of the owner's own forwarding."""
    said = next((v for v in scene.message.all("auto-submitted") if keyword(v) != "no"), None)
    if said is None:
        return None
    shown = f"Auto-Submitted: {said.strip()[:60]}"
    if keyword(said) != "auto-generated" or not _forwarder_stamped(scene):
        return Screened(Reason.AUTO_SUBMITTED, shown)
    if _forwards_by_rule(scene):
        return None
    why = f'{shown}, perhaps of the forwarding: profile = "m365" under [forwarding] would say so'
    return Screened(Reason.PERHAPS_HUMAN, why, robot=False)


def _forwarder_stamped(scene: Scene) -> bool:
    """Microsoft 365 stamps what its forwarding rules pass on; an absence notice has the stamp of the sender's side."""
    message, owners = scene.message, scene.ruleset.client.arrives
    if not message.has_any(STAMPS):
        return False
    loops = [a for v in message.all(STAMPS[1]) for a in addresses(v)]
    if loops:
        return all(matches(a, owners) for a in loops)
    resent = any(matches(a, owners) for v in message.all("resent-from") for a in addresses(v))
    return resent or _owner_envelope(scene)


def _forwards_by_rule(scene: Scene) -> bool:
    """Whether Microsoft 365 forwards for the owner: the profile says so, or the envelope, unless nothing forwards."""
    profile, original = scene.ruleset.forwarding.profile, decode_srs(scene.message.return_path or "")
    return profile == "m365" or (profile != "none" and _owner_envelope(scene) and original == scene.author != "")


def _owner_envelope(scene: Scene) -> bool:
    path, owners = scene.message.return_path or "", scene.ruleset.client.arrives
    home = domain_of(path) in {domain_of(o) for o in owners}
    return matches(path, owners) or (home and bool(decode_srs(path)))


def list_mail(scene: Scene) -> Screened | None:
    """A list header; the owner's own group has some too, and then only what is not its own counts."""
    found = [(n, v) for n, v in scene.message.headers if scene.safety.list_header(n)]
    if not found:
        return None
    group = _own_group(scene)
    foreign = next((n for n, v in found if not (group and _of_group(group, v))), "")
    if not foreign:
        return None
    if group and foreign.startswith("list-") and foreign != "list-unsubscribe-post":
        why = f"{foreign} is present, perhaps of {group} alone"
        return Screened(Reason.PERHAPS_HUMAN, why, robot=False)
    return Screened(Reason.LIST, f"{foreign} is present")


def _own_group(scene: Scene) -> str:
    """The owner's own group address that the message came by, as its List-Id says; "" when none did."""
    listed = {i.strip().lower() for v in scene.message.all("list-id") for i in (v.rpartition("<")[2].rstrip(" >"),)}
    groups = [g.lower() for g in scene.ruleset.forwarding.groups]
    return next((g for g in groups if listed and listed <= {g, g.replace("@", ".")}), "")


def _of_group(group: str, value: str) -> bool:
    """Whether this value speaks of the group: its address, its id, or its page at Google."""
    said, (local, _, host) = value.lower(), group.partition("@")
    named = (group, group.replace("@", "."), f"/{host}/group/{local}", f"groups.google.com/group/{local}")
    return any(_stands(said, name) for name in named)


def _stands(text: str, name: str) -> bool:
    return any(is_word(text, m.start(), m.end()) for m in re.finditer(re.escape(name), text[:LONGEST_VALUE]))


def precedence(scene: Scene) -> Screened | None:
    values = (*scene.message.all("precedence"), *scene.message.all("x-precedence"))
    said = next((v for v in values if scene.safety.bulk(v)), None)
    if said is None or (_own_group(scene) and plain(said) == "list"):
        return None
    return Screened(Reason.PRECEDENCE, f"Precedence: {said.strip()[:60]}")


def null_path(scene: Scene) -> Screened | None:
    return Screened(Reason.NULL_PATH, "Return-Path: <>") if scene.message.return_path == "" else None


def response_suppress(scene: Scene) -> Screened | None:
    values = scene.message.all("x-auto-response-suppress")
    words = {w.lower() for v in values for w in re.split(r"[\s,;]+", v[:LONGEST_VALUE]) if w}
    if words & {"all", "oof", "autoreply"}:
        return Screened(Reason.AUTO_RESPONSE_SUPPRESS, f"X-Auto-Response-Suppress: {', '.join(sorted(words))[:60]}")
    return None


def vendor(scene: Scene) -> Screened | None:
    for name, value in scene.message.headers:
        said = scene.safety.robot_word(name, value) if name not in WRITTEN_BY_PEOPLE else False
        if said or scene.safety.robot_header(name, value):
            return Screened(Reason.VENDOR, f"{name}: {' '.join(value.split())[:60]}")
    return None


def loop(scene: Scene) -> Screened | None:
    """X-Loop, or our own mail: its Message-ID is in the ledger. A look-alike that we never sent is not trusted."""
    if scene.message.message_id and scene.message.message_id in scene.history.our_ids:
        return Screened(Reason.LOOP, "it is one of our own replies")
    for said in scene.message.all("x-loop"):
        word = said.strip().lower()
        own = any(is_ours(a, scene.ruleset, scene.rulebook) for a in (word, *addresses(said)))
        if word in ("yes", "true") or own:
            return Screened(Reason.LOOP, f"X-Loop: {said.strip()[:60]}")
    return None


def spam(scene: Scene) -> Screened | None:
    first = {n: scene.message.first(n).strip().lower() for n in ("x-spam-flag", "x-spam-status", "x-spam")}
    verdict = scene.message.first("x-ses-spam-verdict").strip().lower() == "fail"
    microsoft = "sfv:spm" in scene.message.first("x-forefront-antispam-report").lower()
    flagged = any(v.startswith(("yes", "true")) for v in first.values())
    return Screened(Reason.SPAM, "the mail server calls it spam") if flagged or verdict or microsoft else None


def report(scene: Scene) -> Screened | None:
    """A delivery report, a receipt; one that somebody attached to his own letter is for a person to look at."""
    parts = scene.message.parts
    seen = next((p for p in parts if p in REPORTS), "")
    if not seen:
        return None
    attached = parts[0].startswith("multipart/mixed") and "multipart/report" not in parts
    return Screened(Reason.REPORT, f"it is a report ({seen})", robot=not attached)


def calendar_mail(scene: Scene) -> Screened | None:
    """An invitation or an answer to one: the calendar answers it, not a courtesy (docs/kinds.md)."""
    method = scene.message.calendar_method.upper()
    return Screened(Reason.CALENDAR, f"calendar message (method={method})") if method else None


def robot_name(scene: Scene) -> Screened | None:
    """A name that says "program". One that only the envelope or Reply-To has may hide a person."""
    if found := _robot(scene.safety, scene.author):
        return found
    others = [scene.sender.address, *scene.message.reply_to]
    if scene.sender.method in OWN_ENVELOPE:
        others.append(scene.message.return_path or "")
    hidden = next((f for a in others if a and (f := _robot(scene.safety, a))), None)
    return Screened(Reason.PERHAPS_HUMAN, f"{hidden.because}, but From is a person's", robot=False) if hidden else None


def _robot(safety: Safety, address: str) -> Screened | None:
    local = address.partition("@")[0]
    if safety.no_reply_name(local):
        return Screened(Reason.NO_REPLY_NAME, f"nobody reads {local}@")
    return Screened(Reason.ROBOT_NAME, f"{local}@ is a program") if safety.robot_name(local) else None


def out_of_office(scene: Scene) -> Screened | None:
    """The subject alone is no proof: with a second sign it is a machine, in a machine's form the assistant looks.

    Second signs: it answers us, it has no text, or the text says that somebody is away. "Re: Out of office" is what a
    person writes who answers such a notice.
    """
    message, answer = scene.message, ANSWER_PREFIX.match(scene.message.subject)
    subject = message.subject[answer.end() :] if answer else message.subject
    words = scene.safety.out_of_office(subject)
    if not words:
        return None
    rest = plain(subject)[len(words) :].strip()
    away = not message.text.strip() or bool(scene.safety.absent(message.text))
    answers_us = bool(set(message.references) & scene.history.our_ids)
    shaped = not rest or rest[0] in ":-–—|"
    shown = f"out-of-office subject: {message.subject[:60]}"
    if not answer and shaped and (away or answers_us):
        return Screened(Reason.OUT_OF_OFFICE, shown)
    if away or (not answer and shaped):
        return Screened(Reason.OUT_OF_OFFICE, f"{shown}, but perhaps a person wrote it", robot=False)
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
    """Ourselves or our own people. Nobody of the escalation chain is named: reasons are printed."""
    colleague = tuple(c.email for c in scene.ruleset.stand_ins)
    if any(matches(untagged(a), colleague) for a in scene.names):
        return Screened(Reason.COLLEAGUE, "written by the colleague", robot=False)
    hit = next((a for a in scene.names if is_ours(a, scene.ruleset, scene.rulebook)), "")
    if not hit:
        return None
    if matches(untagged(hit), (s for s in scene.rulebook.secrets if "@" in s)):
        return Screened(Reason.COLLEAGUE, "written by one of our own people", robot=False)
    return Screened(Reason.OWN_ADDRESS, f"{hit} is one of our own addresses", robot=False)


def not_addressed(scene: Scene) -> Screened | None:
    """RFC 3834 section 2: the owner must be named in To, Cc, Bcc or their Resent- forms.

    The assistant's own address counts for the client, who may write to her.
    """
    names = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
    named = {a for n in names for v in scene.message.all(n) for a in addresses(v)}
    person = find_person(scene.ruleset, scene.author)
    hers = scene.rulebook.own_addresses if person and person.role is Role.CLIENT else ()
    ours = (*scene.ruleset.client.arrives, *hers, *scene.ruleset.forwarding.groups)
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
    calendar_mail,
    robot_name,
    spam,
    out_of_office,
    unsure,
    own_address,
    not_addressed,
)


def screen(scene: Scene) -> Screened | None:
    """Why nobody waits for an answer: an alarm, else the first sure sign of a machine, else the first doubt."""
    found = [s for check in CHECKS if (s := check(scene))]
    alarm = next((s for s in found if s.code is Reason.ALARM), None)
    return alarm or next((s for s in found if s.robot), None) or next(iter(found), None)
