"""Everything `vamaild doctor` asks the mail servers: signing in, a message to oneself, what comes from each client."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from . import trying, wire
from .adapters.discovery import hosted
from .adapters.mailbox import ImapMailbox
from .adapters.mailbox.visit import since, visit
from .checkup import Patient, age
from .config.settings import MailboxSettings, SendSettings, Settings
from .core import checkup
from .core.checkup import Finding, Mark
from .core.confirmation import SENDER, Confirmation, confirmation
from .core.flow import HOUR, incident
from .core.ledger import MailboxError, Post
from .core.route import untagged
from .core.ruleset import RuleSet, Trust

LOOKS_MISSED = 5
MOST_SHOWN = 5
SELF_SECONDS, PROBE_SECONDS = 60.0, 60.0
RECENT = timedelta(days=14)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def look_at_mailboxes(patient: Patient) -> Iterator[Finding]:
    """Each mailbox: encryption, sign-in, how often it is looked into, and when; many that are well are one line."""
    found = [*_each_mailbox(patient)]
    well = [f for f in found if f.mark is Mark.OK]
    if len(well) > MOST_SHOWN:
        yield Finding("mailbox", Mark.OK, f"{len(well)} mailboxes: signed in, looked into as they should be")
    yield from (f for f in found if f not in well or len(well) <= MOST_SHOWN)


def _each_mailbox(patient: Patient) -> Iterator[Finding]:
    for box in patient.settings.mailboxes if patient.settings else ():
        mailbox = wire.mailbox(box, patient.state)
        try:
            yield from _mailbox(patient, box, mailbox)
        except MailboxError as error:
            yield Finding("mailbox", Mark.FAIL, str(error), silent=not error.sign_in)
        finally:
            mailbox.close()
    if not patient.settings:
        yield Finding("mailbox", Mark.LOOK, "not looked at: vamaild.toml cannot be used", "vamaild check")


def _mailbox(patient: Patient, box: MailboxSettings, mailbox: ImapMailbox) -> Iterator[Finding]:
    seen = visit(mailbox)
    looked = patient.store and (patient.store.last_run(f"looked {box.name}") or patient.store.last_run("daemon"))
    words = f"{box.server.host}, {seen.tls or 'this machine, not encrypted'}, poll {age(box.every)}"
    late = looked and patient.now - looked > max(box.every * LOOKS_MISSED, timedelta(minutes=10))
    words += f", last look {age(patient.now - looked)} ago" if looked else ""
    drafts = [r.client.id for r in patient.clients if r.client.trust is Trust.DRAFT]
    if late:
        yield Finding("mailbox", Mark.LOOK, words, "see whether the service runs: systemctl status vamaild")
    elif drafts and not seen.drafts:
        words += f"; it has no folder for drafts, which {', '.join(drafts[:3])} would need"
        yield Finding("mailbox", Mark.LOOK, words, "make a folder called Drafts")
    else:
        yield Finding("mailbox", Mark.OK, words)
    if seen.newest and seen.newest > patient.clock() and (wrong := checkup.drift(patient.clock(), seen.newest)):
        yield wrong


def look_at_sending(patient: Patient) -> Iterator[Finding]:
    """The way out: it lets us in; with a message to oneself, also what other servers think of it."""
    if not patient.settings:
        yield Finding("sending", Mark.LOOK, "not looked at: vamaild.toml cannot be used", "vamaild check")
        return
    send = patient.settings.send
    post = wire.post(send, state=patient.state)
    try:
        post.open()
        if not patient.send:
            words = f"{send.server.host}, signed in" if send.user else f"{send.server.host}, without a sign-in"
            yield Finding("sending", Mark.OK, f"{words}; a message to yourself is sent with --send")
            return
        yield from _to_oneself(patient, patient.settings, post)
    finally:
        post.close()


def _to_oneself(patient: Patient, settings: Settings, post: Post) -> Iterator[Finding]:
    box, address = settings.mailboxes[0], wire.sending(settings).address
    to = box.user if "@" in box.user else address
    mailbox = wire.mailbox(box, patient.state)
    try:
        watch = trying.Watch(mailbox, wire.reader(), visit(mailbox).next_uid - 1)
        back = trying.to_oneself(post, address, to, watch, SELF_SECONDS, patient.now)
    finally:
        mailbox.close()
    if back.message is None:
        words = back.refused or f"a message to {to} was not there after {SELF_SECONDS:.0f} s: look into the spam folder"
        yield Finding("sending", Mark.LOOK if not back.refused else Mark.FAIL, words, "ask your provider")
        return
    yield checkup.sending(checkup.signed(back.message), back.seconds)
    if wrong := checkup.drift(patient.clock(), back.message.received):
        yield wrong


def look_at_sign_in(patient: Patient) -> Iterator[Finding]:
    """What providers think of passwords."""
    if not patient.settings:
        return
    send = patient.settings.send
    found = [_note(box.name, box, True) for box in patient.settings.mailboxes]
    name = next((box.name for box in patient.settings.mailboxes if box.user == send.user), "send")
    yield from (note for note in (*found, _note(name, send, False)) if note)


def _note(name: str, account: MailboxSettings | SendSettings, reading: bool) -> Finding | None:
    by_password = bool(account.password) and account.sign_in is None
    return checkup.sign_in(name, account.server.host, by_password, reading)


def look_at_forwarding(patient: Patient) -> Iterator[Finding]:
    """Does each client's mail still come? What is said of one that it does is said in one line for all."""
    waiting = _questions(patient)
    for found in waiting:
        words = f"Google asks whether {found.asking or 'a client'} may forward to you" + (
            f": code {found.code}" if found.code else ""
        )
        yield Finding("forwarding", Mark.LOOK, words, "send the code to them, or press the link in the message")
    if patient.settings and patient.send and patient.client and patient.clients:
        yield from _probed(patient, patient.settings, patient.clients[0])
        return
    yield from _flow(patient)


def _flow(patient: Patient) -> Iterator[Finding]:
    """From the ledger: who has gone silent, from whom nothing ever came."""
    standing = patient.store.standing(patient.now) if patient.store else None
    fine = []
    for ruleset in patient.clients:
        client = ruleset.client.id
        last = standing.last_mail.get(client) if standing else None
        if last is None:
            do = f"vamaild doctor --send --client {client}"
            yield Finding("forwarding", Mark.LOOK, f"{client}: nothing has come through it yet", do, client)
        elif patient.store and patient.store.last_run(incident(client)) == last:  # the service found it unusual
            cause = checkup.usual_cause(ruleset.forwarding.profile)
            words = f"{client}: silent {(patient.now - last) // HOUR} h. Usual cause: {cause}"
            yield Finding("forwarding", Mark.LOOK, words, f"vamaild doctor --send --client {client}", client)
        else:
            fine.append((client, last))
    if fine:
        yield Finding("forwarding", Mark.OK, _fine(fine, patient.now))


def _fine(fine: Sequence[tuple[str, datetime]], now: datetime) -> str:
    if len(fine) == 1:
        return f"{fine[0][0]}: last mail {age(now - fine[0][1])} ago"
    return f"{len(fine)} clients, last mail {age(now - max(last for _, last in fine))} ago"


def _probed(patient: Patient, settings: Settings, ruleset: RuleSet) -> Iterator[Finding]:
    """A message through the client's own address."""
    client, box = ruleset.client.id, settings.mailboxes[0]
    to = address_of(ruleset, [b.user for b in settings.mailboxes])
    if not to:
        words = f"{client}: `arrives` names no address of theirs that a message could go to"
        yield Finding("forwarding", Mark.LOOK, words, f"add it to {ruleset.file}", client)
        return
    sender = wire.sending(settings).address
    post, mailbox = (
        wire.post(settings.send, sender=sender, state=patient.state),
        wire.mailbox(box, patient.state),
    )
    try:
        watch = trying.Watch(mailbox, wire.reader(), visit(mailbox).next_uid - 1)
        back = trying.probe(post, sender, to, watch, PROBE_SECONDS, patient.now, ruleset.client.arrives)
    finally:
        mailbox.close()
        post.close()
    yield from _verdict(ruleset, to, back, patient.now)


def address_of(ruleset: RuleSet, ours: Sequence[str]) -> str:
    """The client's own address: a whole one that is no tag of one of our mailboxes."""
    own = {user.lower() for user in ours}
    whole = [a for a in ruleset.client.arrives if "*" not in a]
    return next((a for a in whole if a.lower() not in own and untagged(a.lower()) not in own), "")


def _verdict(ruleset: RuleSet, to: str, back: trying.Back, now: datetime) -> Iterator[Finding]:
    client = ruleset.client.id
    if back.message is None:
        there = hosted(to.rpartition("@")[2])
        profile = {"microsoft": "m365", "google": "gmail"}.get(there.provider if there else "", "")
        cause = back.refused or f"Usual cause: {checkup.usual_cause(profile or ruleset.forwarding.profile)}"
        words = f"{client}: test message sent {now:%H:%M}, not back after {back.seconds:.0f} s. {cause}"
        do = f"vamaild doctor --letter {client}"
        yield Finding("forwarding", Mark.FAIL if back.refused else Mark.LOOK, words, do, client)
        return
    yield Finding("forwarding", Mark.OK, f"{client}: a test message came back after {back.seconds:.0f} s", "", client)
    if back.away:
        words = f"{client}: their mailbox answers by itself, so people get two answers"
        yield Finding("forwarding", Mark.LOOK, words, "ask them to switch their automatic reply off", client)


def _questions(patient: Patient) -> list[Confirmation]:
    """Google's questions of the last two weeks that nobody's mail has answered since."""
    flowing = set(patient.store.standing(patient.now).last_mail) if patient.store else set()
    waiting = {a.lower(): r.client.id for r in patient.clients for a in r.client.arrives}
    found: dict[str, Confirmation] = {}
    for box in patient.settings.mailboxes if patient.settings else ():
        mailbox = wire.mailbox(box, patient.state)
        try:
            arrivals = [mailbox.one(uid) for uid in since(mailbox, SENDER, (patient.now - RECENT).date())]
        except MailboxError:
            continue  # told by look_at_mailboxes
        finally:
            mailbox.close()
        read = wire.reader()
        for asked in (confirmation(read(arrival)) for arrival in arrivals if arrival):
            if asked and waiting.get(asked.asking) not in flowing:
                found[asked.asking] = asked
    return list(found.values())
