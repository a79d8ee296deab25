"""Replay decides as `run` does: the same mail through the real service, message by message, and through replay.

Both servers; from the folder the service read, and from an mbox of the same mail. Nothing of the mailbox changes.
"""

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.old_mail import Old, old, write_mbox
from vamaild import dispatch, wire
from vamaild.adapters.clock import MovingClock
from vamaild.adapters.store import SqliteStore
from vamaild.adapters.systemd import Notifier
from vamaild.core.resolve import Resolved
from vamaild.daemon import Daemon
from vamaild.replay import Quiet

from .world import ACME, World

pytestmark = pytest.mark.slow

COUNT = 66
CLIENT = (
    ACME
    + """
[rush]
mode = "offer"

[[rush.tier]]
ready   = "today 18:00"
percent = 50

[[person]]
email = "dino@alba.example"
name  = "Dino"
role  = "client"
accepts_rush = true

[[situation]]
title  = "Copia della fattura"
when   = ["copia+della+fattura"]
answer.it = "Le fatture sono nell'area clienti, alla voce Documenti."
"""
)
Decided = tuple[str, str, str, str, str]


@pytest.fixture
def world(each_world: World) -> World:
    each_world.build({"client-acme.toml": CLIENT})
    main = each_world.config / "vamaild.toml"
    main.write_text(main.read_text(encoding="utf-8").replace('wait     = "0s"', 'wait     = "4m"'), encoding="utf-8")
    return each_world


class Live:
    """The service as `vamaild run --once` makes it, called again and again while its clock is moved."""

    def __init__(self, world: World, begins: datetime) -> None:
        rules = wire.rules_of(wire.load(world.config, play=False))
        assert rules
        self.world = world
        self.clock = MovingClock(begins)
        self.service = wire.service(rules, wire.open_store(world.state), self.clock, Quiet())
        self.daemon = Daemon(self.service, Notifier({}), lambda: None)

    def until(self, moment: datetime) -> None:
        """Each reply leaves when it is due."""
        while (due := dispatch.next_due(self.service, self.clock.now())) is not None and due <= moment:
            self.clock.advance(max(due - self.clock.now(), timedelta(seconds=1)))
            assert self.daemon.pass_once()
        self.clock.advance(max(moment - self.clock.now(), timedelta()))

    def take(self, each: Old) -> None:
        self.until(each.at)
        self.world.imap.deliver(each.raw, when=each.at)
        self.daemon.due.clear()
        assert self.daemon.pass_once()

    def close(self) -> None:
        self.service.post.close()
        for mailbox in self.service.mailboxes.values():
            mailbox.close()
        self.service.store.close()


def live(world: World, mails: list[Old]) -> dict[str, Decided]:
    """What the service really does: message by message, the answers of a person in between."""
    running = Live(world, mails[0].at)
    events = [(each.at, each, False) for each in mails]
    events += [(each.at + each.answered, each, True) for each in mails if each.answered]
    for moment, each, is_answer in sorted(events, key=lambda event: (event[0], event[1].message_id)):
        if is_answer:
            running.until(moment)
            world.imap.deliver(each.answer(), folder="Sent", when=moment)
        else:
            running.take(each)
    running.until(mails[-1].at + timedelta(days=1))
    running.close()
    with world.ledger() as store:
        return ended(store)


def ended(store: SqliteStore) -> dict[str, Decided]:
    """How every message of the ledger ended: kind, action, outcome, reason, the courtesy that left."""
    found = {}
    for row in range(1, COUNT + 2):
        if entry := store.entry(row):
            left = [i for i in store.replies_to(row) if i.mail.sort == "courtesy" and i.state in ("sent", "queued")]
            reply = left[0].mail.template if left else ""
            how = str(entry.outcome), entry.reason
            if entry.case and store.resolution(row) is Resolved.ANSWERED:  # it waited until a person answered it
                how = "waiting", entry.case.reason
            found[entry.message_id] = (entry.kind, entry.action, *how, reply)
    return found


def replayed(world: World, *arguments: str) -> dict[str, Decided]:
    ran = world.run("replay", "--config", str(world.config), "--json", *arguments)
    assert ran.code == 0, ran.said
    listed = json.loads(ran.out)["messages"]
    keys = ("kind", "action", "outcome", "reason", "reply")
    return {m["message_id"]: tuple(m[k] for k in keys) for m in listed}


def test_replay_counts_what_run_really_does(world: World) -> None:
    mails = list(old(COUNT))
    really = live(world, mails)
    before = kept(world)

    of_folder = replayed(world)
    of_mbox = replayed(
        world, str(write_mbox(world.folder / "old.mbox", iter(mails))), "--sent", str(sent(world, mails))
    )

    assert of_folder == really
    assert of_mbox == really
    assert len(really) == COUNT
    for place in range(5):
        assert len(Counter(d[place] for d in really.values())) > 1, "the corpus shows too little"
    assert {"answered", "no-reply", "waiting", "escalated"} == {d[2] for d in really.values()}
    assert "answered" in {d[3] for d in really.values()}, "a person was quicker nowhere"
    assert kept(world) == before


def kept(world: World) -> list[dict[int, tuple[set[bytes], bytes]]]:
    """Flags and bytes of inbox and Sent; \\Recent is gone as soon as anybody looks."""
    folders = (world.imap.mails(), world.imap.mails("Sent"))
    return [{uid: ({*flags} - {rb"\Recent"}, raw) for uid, (flags, raw) in mails.items()} for mails in folders]


def sent(world: World, mails: list[Old]) -> Path:
    folder = world.folder / "sent"
    folder.mkdir()
    for number, each in enumerate(mails):
        if each.answered:
            (folder / f"{number:03}.eml").write_bytes(each.answer())
    return folder


def test_a_folder_is_only_looked_at(world: World) -> None:
    """Unread mail stays unread, whether or not the server would let it be changed; and days are counted as asked."""
    mails = list(old(8))
    for each in mails:
        world.imap.deliver(each.raw, when=each.at)
    ran = world.run("replay", "--config", str(world.config), "--since", "2024-10-01", "--until", "2024-10-01")
    assert ran.code == 0, ran.said
    assert "1 Oct 2024 as it was" in ran.out
    assert "Reading 8 messages" in ran.err
    assert all(flags == set() for flags, _ in kept(world)[0].values())
    none = world.run("replay", "--config", str(world.config), "--since", "2024-11-01")
    assert (none.code, none.out) == (5, "")
    assert "There is no mail from that time in inbox/INBOX" in none.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Nowhere"], 4, 'folder "Nowhere"|said no while opening'),
        (["/nowhere/at/all.mbox"], 5, "There is no /nowhere/at/all.mbox"),
        (["--client", "nobody"], 5, "There is no client nobody. Known here: acme"),
        (["--rule", "nothing like it"], 5, 'There is no rule "nothing like it"'),
        (["--since", "soon"], 2, '"soon" is no day; write it like 2026-10-31'),
        (["--since", "2024-10-02", "--until", "2024-10-01"], 2, "--until 2024-10-01 is not after --since"),
        (["--since", "2024-10-02", "--days", "3"], 2, "say --since or --days, not both"),
        (["--against", "/nowhere"], 2, "does not exist"),
    ],
)
def test_a_wrong_question_gets_a_sentence_and_its_exit_code(
    world: World, arguments: list[str], code: int, words: str
) -> None:
    world.imap.deliver(next(old(1)).raw)
    ran = world.run("replay", "--config", str(world.config), *arguments)
    assert (ran.code, ran.out) == (code, ""), ran.said
    assert re.search(words, ran.err), ran.err
