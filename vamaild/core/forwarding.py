"""What a client's forwarding does to a message, learned from one that came through it (RFC 3834, RFC 5322, SRS).

A probe (see `probe_text`) says in its body who sent it and to whom, so that what arrived can be compared with what was
sent. Any other message will do too; then the comparison is with itself, and says less.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from .case import Sender
from .letter import clean
from .message import Message
from .route import addresses, matches
from .ruleset import Forwarding, RuleSet
from .sender import SURE_ENOUGH, decode_srs, resolve

SHOWN = 160
CAF = re.compile(r"[^@]+\+caf_=[^@]+@", re.IGNORECASE)
SRS_365 = re.compile(r"[^@]*\+SRS=[^@]+@", re.IGNORECASE)
SRS_ANY = re.compile(r"SRS[01][=+-]", re.IGNORECASE)
M365_MARKS = ("x-ms-exchange-generated-message-source", "x-ms-exchange-inbox-rules-loop")
ORIGINALS = ("x-original-from", "x-original-sender")
LISTS = ("list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner", "list-archive")
MAILING_LISTS = ("mailing-list", "x-mailing-list", "x-beenthere")
SAID = re.compile(r"^vamaild-(probe|from|to): *([^\s<>]+)\s*$", re.MULTILINE)
RESULT = re.compile(r"\b(spf|dkim|dmarc)=(\w+)", re.IGNORECASE)


class Change(StrEnum):
    """What became of a header."""

    KEPT = "kept"
    CHANGED = "changed"
    ADDED = "added"
    LOST = "lost"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Effect:
    """What the forwarding does to one header (`header` as people write it), with the lines that show it."""

    header: str
    change: Change
    words: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe says of itself: its token, who sent it, to whom."""

    token: str = ""
    sender: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was learned: the profile that fits and why, own groups, what happens to each header, what is wrong."""

    profile: str
    groups: tuple[str, ...]
    effects: tuple[Effect, ...]
    evidence: tuple[str, ...]
    warnings: tuple[str, ...]
    probe: Probe = Probe()


@dataclass(frozen=True, slots=True)
class Reach:
    """Where an answer would go, with the profile of now and with the one that was learned."""

    before: Sender
    after: Sender
    expected: str

    @property
    def arrives(self) -> bool:
        """Whether an answer reaches who wrote."""
        sure = self.after.confidence >= SURE_ENOUGH and bool(self.after.address)
        return sure and self.expected in ("", self.after.address)


@dataclass(frozen=True, slots=True)
class Seen:
    """What each question looks at."""

    message: Message
    ruleset: RuleSet
    probe: Probe

    @property
    def author(self) -> str:
        return self.message.from_[0] if len(self.message.from_) == 1 else ""

    @property
    def path(self) -> str | None:
        return self.message.return_path

    @property
    def sender(self) -> str:
        """Who wrote it, as far as that is known without trusting the forwarder."""
        originals = (a for name in ORIGINALS for v in self.message.all(name) for a in addresses(v))
        return self.probe.sender or next(originals, self.author)

    def owned(self, address: str) -> bool:
        return bool(address) and matches(address, self.ruleset.client.arrives)

    def at_home(self, address: str) -> bool:
        """Whether an address is in a domain of the client's."""
        homes = {a.lower().rpartition("@")[2] for a in self.ruleset.client.arrives}
        return address.rpartition("@")[2] in homes

    def lines(self, *names: str) -> tuple[str, ...]:
        """The header lines of these names, shortened, as evidence."""
        return tuple(shown(name, value) for name in names for value in self.message.all(name))


def shown(name: str, value: str) -> str:
    """One header line for people."""
    return clean(f"{name.title()}: {value}", SHOWN)


def probe_text(token: str, sender: str, to: str) -> str:
    """The body of a probe. The three lines at its head must stay as they are."""
    return (
        f"vamaild-probe: {token}\nvamaild-from: {sender}\nvamaild-to: {to}\n\n"
        "This message tries the forwarding of this mailbox. Nobody needs to answer it.\n"
    )


def probe_in(message: Message) -> Probe:
    """What the message says of itself as a probe; empty when it is none."""
    said = {name: value.lower() for name, value in reversed(SAID.findall(message.text[:4_000]))}
    return Probe(said["probe"].upper(), said.get("from", ""), said.get("to", "")) if "probe" in said else Probe()


def learn(message: Message, ruleset: RuleSet) -> Findings:
    """What the forwarding of this client does, as this message shows it."""
    seen = Seen(message, ruleset, probe_in(message))
    profile, evidence = profile_of(seen)
    groups = groups_of(seen)
    known = {g.lower() for g in ruleset.forwarding.groups}
    kept = (*ruleset.forwarding.groups, *(g for g in groups if g not in known))
    effects = tuple(describe(seen) for describe in DESCRIBE)
    warnings = tuple(w for warn in WARN if (w := warn(seen)))
    return Findings(profile, kept, effects, evidence, warnings, seen.probe)


def reach(message: Message, ruleset: RuleSet, findings: Findings) -> Reach:
    """Where an answer to this message would go, before and after."""
    learned = replace(ruleset, forwarding=applied(ruleset.forwarding, findings))
    return Reach(resolve(message, ruleset), resolve(message, learned), findings.probe.sender)


def applied(forwarding: Forwarding, findings: Findings) -> Forwarding:
    """The client's forwarding with what was learned."""
    return replace(forwarding, profile=findings.profile, groups=findings.groups)


def profile_of(seen: Seen) -> tuple[str, tuple[str, ...]]:
    """(the profile that fits, the header lines that show it)."""
    path, message = seen.path or "", seen.message
    if message.has_any(M365_MARKS) or SRS_365.match(path):
        return "m365", seen.lines(*M365_MARKS) + (seen.lines("return-path")[:1] if SRS_365.match(path) else ())
    if CAF.match(path) or (message.has_any(("x-forwarded-for",)) and message.has_any(("x-forwarded-to",))):
        return "gmail", (seen.lines("return-path")[:1] if CAF.match(path) else ()) + seen.lines(
            "x-forwarded-for", "x-forwarded-to"
        )
    if SRS_ANY.match(path):
        return "srs", seen.lines("return-path")[:1]
    if message.has_any(("x-sieve-redirected-from",)):
        return "sieve", seen.lines("x-sieve-redirected-from")
    if seen.owned(path) and message.has_any(("resent-from",)):
        return "m365", seen.lines("return-path")[:1] + seen.lines("resent-from")
    return "none", ()


def groups_of(seen: Seen) -> tuple[str, ...]:
    """Group addresses of the client's own whose list headers stand in the message."""
    listed = " ".join(v.lower() for name in (*LISTS, *MAILING_LISTS) for v in seen.message.all(name))
    if not listed:
        return ()
    named = (*(a for n in ("to", "cc", "delivered-to") for v in seen.message.all(n) for a in addresses(v)),)
    posts = tuple(a for v in seen.message.all("list-post") for a in addresses(v.replace("mailto:", "")))
    own = (a for a in (*posts, *named) if seen.owned(a) or seen.at_home(a))
    return tuple(dict.fromkeys(a for a in own if a in listed or a.replace("@", ".") in listed))


def _return_path(seen: Seen) -> Effect:
    change, words = _path_words(seen)
    return Effect("Return-Path", change, words, seen.lines("return-path")[:1])


def _path_words(seen: Seen) -> tuple[Change, str]:
    path = seen.path
    if path is None:
        return Change.LOST, "the last server keeps none, so where bounces go is not known"
    if path == "":
        return Change.LOST, "it is empty: the message looks like a bounce"
    if original := decode_srs(path):
        return Change.CHANGED, f"the forwarder puts itself in; the sender is packed into it: {original}"
    if CAF.match(path):
        return Change.CHANGED, "Gmail puts itself in; the sender's own path is lost, his From has to serve"
    if SRS_ANY.match(path) or SRS_365.match(path):
        return Change.CHANGED, "the forwarder puts itself in; the sender cannot be won back from it"
    if seen.owned(path):
        return Change.CHANGED, "the forwarder puts the client's own address in"
    if path == seen.sender:
        return Change.KEPT, "the sender's own"
    return Change.CHANGED, "it is not the sender's: a forwarder's, or that of the service he sends with"


def _from(seen: Seen) -> Effect:
    lines = seen.lines("from", *ORIGINALS)
    if not seen.author:
        return Effect("From", Change.CHANGED, "it does not name exactly one sender", lines)
    if _rewritten(seen):
        return Effect("From", Change.CHANGED, f"the forwarder puts itself in the place of {seen.sender}", lines)
    return Effect("From", Change.KEPT, "the sender's own" if seen.probe.sender else "nothing shows a change", lines)


def _rewritten(seen: Seen) -> bool:
    """Whether the forwarder put itself into From."""
    return bool(seen.author) and seen.author != seen.sender


def _to(seen: Seen) -> Effect:
    if _addressed(seen):
        return Effect("To", Change.KEPT, "it names the client", seen.lines("to", "cc")[:2])
    words = "it does not name the client any more" if seen.message.to else "there is none"
    return Effect("To", Change.CHANGED if seen.message.to else Change.LOST, words, seen.lines("to", "cc")[:2])


def _addressed(seen: Seen) -> bool:
    names = ("to", "cc", "resent-to", "resent-cc")
    ours = (*seen.ruleset.client.arrives, *seen.ruleset.forwarding.groups, *groups_of(seen))
    return any(matches(a, ours) for n in names for v in seen.message.all(n) for a in addresses(v))


def _reply_to(seen: Seen) -> Effect:
    named, lines = seen.message.reply_to, seen.lines("reply-to")
    if not named:
        return Effect("Reply-To", Change.ABSENT, "there is none")
    if set(named) <= {seen.sender}:
        words = "it names the sender" if not _rewritten(seen) else "the forwarder names the sender in it"
        return Effect("Reply-To", Change.ADDED if seen.probe.token else Change.KEPT, words, lines)
    if any(seen.owned(a) or a in groups_of(seen) for a in named):
        return Effect("Reply-To", Change.ADDED, "it leads back to the client; no answer goes there", lines)
    change = Change.ADDED if seen.probe.token else Change.KEPT
    return Effect("Reply-To", change, "it names somebody else; no answer goes there", lines)


def _stamped(seen: Seen) -> bool:
    """Whether it is marked as automatic."""
    return any(v.partition(";")[0].strip().lower() != "no" for v in seen.message.all("auto-submitted"))


def _auto_submitted(seen: Seen) -> Effect:
    lines = seen.lines("auto-submitted")
    if not _stamped(seen):
        return Effect("Auto-Submitted", Change.KEPT if lines else Change.ABSENT, "no stamp of a machine", lines)
    if seen.message.has_any(M365_MARKS):
        words = "Microsoft 365 stamps what its rules pass on; profile m365 disregards that"
        return Effect("Auto-Submitted", Change.ADDED, words, lines)
    words = "every message would look as if a machine had written it"
    return Effect("Auto-Submitted", Change.ADDED if seen.probe.token else Change.KEPT, words, lines)


def _list(seen: Seen) -> Effect:
    lines = seen.lines(*LISTS, *MAILING_LISTS, "precedence")
    if not lines:
        return Effect("List-*", Change.ABSENT, "no headers of a list")
    groups = groups_of(seen)
    words = f"the client's own group {', '.join(groups)} adds them" if groups else "it looks like a mailing list"
    return Effect("List-*", Change.ADDED if groups or seen.probe.token else Change.KEPT, words, lines)


def _authentication(seen: Seen) -> Effect:
    lines = seen.lines("authentication-results")[:1]
    if not lines:
        return Effect("Authentication-Results", Change.ABSENT, "no server says whether the sender is genuine")
    found = _results(seen)
    said = ", ".join(f"{method} {result}" for method, result in found.items()) or "no result"
    change = Change.CHANGED if found.get("dmarc", found.get("dkim")) == "fail" else Change.KEPT
    return Effect("Authentication-Results", change, f"after the forwarding: {said}", lines)


def _results(seen: Seen) -> dict[str, str]:
    """The results of the topmost field, which the last server wrote."""
    values = seen.message.all("authentication-results")[:1]
    said = [(method.lower(), result.lower()) for v in values for method, result in RESULT.findall(v)]
    found = {m: [r for method, r in said if method == m] for m in ("spf", "dkim", "dmarc")}
    return {m: "pass" if "pass" in results else results[0] for m, results in found.items() if results}


def _warn_auto(seen: Seen) -> str:
    if not _stamped(seen) or seen.message.has_any(M365_MARKS):
        return ""
    return "Auto-Submitted marks the message as automatic and no profile undoes that: nobody would be answered"


def _warn_list(seen: Seen) -> str:
    if groups_of(seen) or not seen.lines(*LISTS, *MAILING_LISTS, "precedence"):
        return ""
    return "list headers that belong to no group of the client's: every message would count as a newsletter"


def _warn_to(seen: Seen) -> str:
    if _addressed(seen):
        return ""
    return "no address of `arrives` is left in To or Cc: add the one that stands there, or nobody is answered"


def _warn_suppress(seen: Seen) -> str:
    lines = seen.lines("x-auto-response-suppress")
    return f"{lines[0]} asks for no automatic answers: nobody would be answered" if lines else ""


def _warn_path(seen: Seen) -> str:
    return "an empty Return-Path makes every message look like a bounce: nobody would be answered" * (seen.path == "")


def _warn_dmarc(seen: Seen) -> str:
    failed = _results(seen).get("dmarc") == "fail"
    return (
        "the forwarding breaks the sender's signature: DMARC fails, and servers may refuse his mail" if failed else ""
    )


def _warn_probe(seen: Seen) -> str:
    to = seen.probe.to
    if to and not seen.owned(to) and to not in groups_of(seen):
        return f"the probe was sent to {to}, which is no address of this client's (`arrives`)"
    return ""


DESCRIBE: tuple[Callable[[Seen], Effect], ...] = (
    _return_path,
    _from,
    _to,
    _reply_to,
    _auto_submitted,
    _list,
    _authentication,
)
WARN: tuple[Callable[[Seen], str], ...] = (
    _warn_path,
    _warn_auto,
    _warn_suppress,
    _warn_list,
    _warn_to,
    _warn_dmarc,
    _warn_probe,
)
