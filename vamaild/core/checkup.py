"""What `vamaild doctor` finds: one finding for each thing it looked at, and the judgements that need no server.

`ok`: nothing to do. `look`: it works, or may work, and somebody should look. `fail`: it does not work. Every finding
but an `ok` says what to do. All moments are aware.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .message import Message

RESULT = re.compile(r"(?<![\w-])(spf|dkim|dmarc)\s*=\s*(\w+)", re.IGNORECASE)
KEYWORD = re.compile(r"[;(\s]")
METHODS = ("spf", "dkim", "dmarc")
SERVER_ID = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\s+\d+)?\s*;")
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
LARGEST_DRIFT = timedelta(seconds=60)
MICROSOFT = ("outlook.office365.com", "smtp.office365.com", "smtp-mail.outlook.com", "outlook.office.com")
GOOGLE = ("imap.gmail.com", "smtp.gmail.com", "imap.googlemail.com", "smtp.googlemail.com")
MICROSOFT_ENDS = "the end of December 2026"
CAUSES = {
    "5.7.520": "their Microsoft 365 forbids forwarding to outside",
    "5.7.1": "their server refuses to pass mail on",
    "5.4.6": "two forwardings lead into a circle",
    "5.4.14": "two forwardings lead into a circle",
    "5.1.1": "there is no such address",
    "5.1.10": "there is no such address",
    "5.2.1": "their mailbox is switched off",
    "5.2.2": "their mailbox is full",
}
USUAL = {
    "m365": "550 5.7.520, their Microsoft 365 forbids forwarding",
    "gmail": "the forwarding address was never confirmed in their Gmail",
}


class Mark(StrEnum):
    """How things stand, and the word that is shown."""

    OK = "ok"
    LOOK = "look"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `do` says what to do about it; `silent`: the mail server did not answer."""

    name: str
    mark: Mark
    words: str
    do: str = ""
    client: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """What our own server found out about a message of ours: results by method, and the name it signs them with."""

    results: tuple[tuple[str, str], ...] = ()
    server: str = ""

    @property
    def good(self) -> bool:
        """Whether all three pass."""
        return dict(self.results) == dict.fromkeys(METHODS, "pass")

    @property
    def words(self) -> str:
        """ "SPF, DKIM, DMARC pass", "SPF pass, DKIM none, DMARC fail"; "" when the server wrote nothing."""
        if self.good:
            return "SPF, DKIM, DMARC pass"
        said = dict(self.results)
        return ", ".join(f"{method.upper()} {said.get(method, 'missing')}" for method in METHODS) if said else ""


def signed(message: Message) -> Signed:
    """What the topmost Authentication-Results of a message to oneself says: it left without any, so it is our own."""
    value = next(iter(message.all("authentication-results")), "")
    found: dict[str, str] = {}
    for method, result in RESULT.findall(value):
        name, word = method.lower(), result.lower()
        found[name] = "pass" if "pass" in (word, found.get(name)) else found.get(name, word)
    server = SERVER_ID.match(value)
    if server is None and found:
        return Signed(tuple(sorted(found.items())), "microsoft")  # writes no name (adapters/auth.py)
    return Signed(tuple(sorted(found.items())), server[1].lower() if server else "")


def sending(found: Signed, seconds: float) -> Finding:
    """How a message to oneself came back."""
    if found.good:
        return Finding("sending", Mark.OK, f"{found.words} (a message to yourself, there after {seconds:.0f} s)")
    if not found.results:
        words = f"a message to yourself was there after {seconds:.0f} s; your server does not say whether it is genuine"
        return Finding("sending", Mark.OK, words)
    words = f"{found.words} (a message to yourself, there after {seconds:.0f} s): replies may land in spam"
    return Finding("sending", Mark.LOOK, words, "correct the DNS records of your domain; your provider shows them")


def drift(ours: datetime, theirs: datetime, name: str = "clock") -> Finding | None:
    """A finding when our clock and the mail server's differ by more than a minute; None when they agree."""
    apart = ours - theirs
    if abs(apart) <= LARGEST_DRIFT:
        return None
    way = "ahead of" if apart > timedelta() else "behind"
    words = f"{_long(abs(apart))} {way} the mail server's clock: promised hours would be wrong"
    return Finding(name, Mark.FAIL, words, "sudo timedatectl set-ntp true")


def _long(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 180 else f"{minutes // 60} h"


def sign_in(name: str, host: str, by_password: bool, reading: bool) -> Finding | None:
    """What its provider thinks of a sign-in by password; None where nothing is to be said."""
    if not by_password or host.lower() not in (*MICROSOFT, *GOOGLE):
        return None
    do = f"vamaild oauth login {name}"
    if host.lower() in GOOGLE:
        return Finding("google", Mark.OK, f"{name} signs in with an app password; safer is: {do}")
    if reading:
        words = f"{name} signs in for reading with a password, which Microsoft takes no more"
        return Finding("microsoft", Mark.FAIL, words, do)
    words = f"{name} signs in for sending with a password; Microsoft ends that at {MICROSOFT_ENDS}"
    return Finding("microsoft", Mark.LOOK, words, do)


def refusal(message: Message, token: str, key: str) -> str:
    """Why a message of ours came back, "" when this is no report about it. `token` stands in its text and subject."""
    report = message.report
    about = token in message.text or token in message.subject or (report is not None and key in report.returned)
    if not about or not (report or message.return_path == "" or _from_a_server(message)):
        return ""
    statuses = [status for _, status in report.failed] if report else []
    statuses += STATUS.findall(message.text[:20_000])
    failed = [status for status in statuses if status.startswith("5")]
    known = next((status for status in failed if status in CAUSES), "")
    return f"550 {known}, {CAUSES[known]}" if known else f"it was refused ({failed[0]})" if failed else ""


def _from_a_server(message: Message) -> bool:
    return any(a.partition("@")[0] in ("mailer-daemon", "postmaster") for a in message.from_)


def vacation(message: Message, client: Sequence[str], key: str) -> bool:
    """Whether this is an answer that the client's own mailbox wrote by itself to our message."""
    automatic = any(KEYWORD.split(v.strip().lower())[0] == "auto-replied" for v in message.all("auto-submitted"))
    automatic = automatic or bool(message.has_any(("x-autoreply", "x-autorespond", "x-autoresponder")))
    return automatic and (key in message.references or bool(set(message.from_) & set(client)))


def usual_cause(profile: str) -> str:
    """Why a forwarding with this profile fails as a rule."""
    return USUAL.get(profile, "the forwarding was switched off, or their mailbox is full")


def worst(findings: Iterable[Finding]) -> Mark:
    """The worst mark of all."""
    order = (Mark.OK, Mark.LOOK, Mark.FAIL)
    return max((f.mark for f in findings), key=order.index, default=Mark.OK)


def summary(findings: Sequence[Finding]) -> str:
    """The last line: how much there is to do."""
    failed = sum(f.mark is Mark.FAIL for f in findings)
    looks = sum(f.mark is Mark.LOOK for f in findings)
    said = [f"{failed} {'fault' if failed == 1 else 'faults'}"] if failed else []
    said += [f"{looks} {'thing' if looks == 1 else 'things'} to look at"] if looks else []
    return f"{', '.join(said)}." if said else "All is well."
