"""What a message that came through a forwarding teaches about it: every profile, and what no profile can mend."""

from dataclasses import replace

import pytest

from tests.make import CUSTOMER, OWNER, client, mail
from vamaild.core.forwarding import Change, Findings, applied, learn, probe_in, probe_text, reach
from vamaild.core.message import Message
from vamaild.core.ruleset import Forwarding

GROUP = "info@client.example"
PROBE = probe_text("7K4F2MWT", CUSTOMER, OWNER)
M365 = {
    "Auto-Submitted": "auto-generated",
    "X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent",
    "X-MS-Exchange-Inbox-Rules-Loop": OWNER,
}
LIST = {"List-Id": "<info.client.example>", "List-Post": f"<mailto:{GROUP}>", "Precedence": "list"}

CASES = [
    ("plain", mail(), "none", ""),
    ("gmail, by its path", mail(path="boss+caf_=va=va.example@client.example"), "gmail", "Return-Path: <boss+caf_="),
    (
        "gmail, by its headers",
        mail(headers={"X-Forwarded-For": f"{OWNER} va@va.example", "X-Forwarded-To": "va@va.example"}),
        "gmail",
        "X-Forwarded-For: ",
    ),
    ("srs0", mail(path="SRS0=HHH=TT=customer.example=carla@client.example"), "srs", "Return-Path: <SRS0="),
    (
        "srs1",
        mail(path="SRS1=HHH=first.example==HHH=TT=customer.example=carla@client.example"),
        "srs",
        "Return-Path: <SRS1=",
    ),
    ("m365, by its path", mail(path="boss+SRS=ab=XY=customer.example=carla@client.example"), "m365", "Return-Path: "),
    ("m365, by its stamp", mail(headers=M365), "m365", "X-Ms-Exchange-Generated-Message-Source: Mailbox Rules Agent"),
    ("m365 of before 2023", mail(path=OWNER, headers={"Resent-From": OWNER}), "m365", "Return-Path: <boss@"),
    ("sieve", mail(headers={"X-Sieve-Redirected-From": OWNER}), "sieve", f"X-Sieve-Redirected-From: {OWNER}"),
    ("the owner's path alone", mail(path=OWNER), "none", ""),
    ("no path kept", mail(path=None), "none", ""),
]


@pytest.mark.parametrize(("name", "message", "profile", "evidence"), CASES, ids=[c[0] for c in CASES])
def test_the_profile_that_fits(name: str, message: Message, profile: str, evidence: str) -> None:
    found = learn(message, client())
    assert found.profile == profile
    assert any(line.startswith(evidence) for line in found.evidence) if evidence else found.evidence == ()
    assert found.warnings == (), name
    assert reach(message, client(), found).arrives


def change(found: Findings, header: str) -> Change:
    return next(e.change for e in found.effects if e.header == header)


EFFECTS = [
    ("Return-Path", {"path": CUSTOMER}, Change.KEPT, "the sender's own"),
    ("Return-Path", {"path": None}, Change.LOST, "keeps none"),
    ("Return-Path", {"path": ""}, Change.LOST, "bounce"),
    ("Return-Path", {"path": OWNER}, Change.CHANGED, "client's own address"),
    ("Return-Path", {"path": "boss+caf_=va=va.example@gmail.com"}, Change.CHANGED, "Gmail"),
    ("Return-Path", {"path": "SRS0=H=T=customer.example=carla@f.example"}, Change.CHANGED, CUSTOMER),
    ("Return-Path", {"path": "SRS0=H@f.example"}, Change.CHANGED, "cannot be won back"),
    ("Return-Path", {"path": "b-17@mailer.example"}, Change.CHANGED, "not the sender's"),
    ("From", {}, Change.KEPT, "the sender's own"),
    ("From", {"sender": GROUP, "path": GROUP}, Change.CHANGED, f"in the place of {CUSTOMER}"),
    ("From", {"from_": ()}, Change.CHANGED, "exactly one"),
    ("To", {}, Change.KEPT, "names the client"),
    ("Reply-To", {}, Change.ABSENT, "none"),
    ("Reply-To", {"reply_to": (CUSTOMER,), "headers": {"Reply-To": CUSTOMER}}, Change.ADDED, "names the sender"),
    ("Reply-To", {"reply_to": (OWNER,), "headers": {"Reply-To": OWNER}}, Change.ADDED, "back to the client"),
    ("Reply-To", {"reply_to": ("x@y.example",), "headers": {"Reply-To": "x@y.example"}}, Change.ADDED, "else"),
    ("Auto-Submitted", {}, Change.ABSENT, "no stamp"),
    ("Auto-Submitted", {"headers": {"Auto-Submitted": "no; x=y"}}, Change.KEPT, "no stamp"),
    ("Auto-Submitted", {"headers": M365}, Change.ADDED, "profile m365 disregards"),
    ("Auto-Submitted", {"headers": {"Auto-Submitted": "auto-generated"}}, Change.ADDED, "a machine"),
    ("List-*", {}, Change.ABSENT, "no headers"),
    ("List-*", {"headers": LIST}, Change.ADDED, f"own group {GROUP}"),
    ("List-*", {"headers": {"List-Id": "<l.other.example>"}}, Change.ADDED, "looks like a mailing list"),
    ("Authentication-Results", {}, Change.ABSENT, "no server"),
    (
        "Authentication-Results",
        {"headers": {"Authentication-Results": "mx.va.example; spf=pass x; dkim=pass; dmarc=pass"}},
        Change.KEPT,
        "spf pass, dkim pass, dmarc pass",
    ),
    (
        "Authentication-Results",
        {"headers": {"Authentication-Results": "mx.va.example; dkim=fail; dmarc=fail (p=reject)"}},
        Change.CHANGED,
        "dmarc fail",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("header", "given", "expected", "words"), EFFECTS)
def test_what_becomes_of_each_header(header: str, given: dict[str, object], expected: Change, words: str) -> None:
    found = learn(mail(PROBE, **given), client())
    effect = next(e for e in found.effects if e.header == header)
    assert (effect.change, words in effect.words) == (expected, True), effect


WARNINGS = [
    ({"path": ""}, "empty Return-Path"),
    ({"headers": {"Auto-Submitted": "auto-generated"}}, "no profile undoes that"),
    ({"headers": {"X-Auto-Response-Suppress": "All"}}, "asks for no automatic answers"),
    ({"headers": {"List-Id": "<l.other.example>"}}, "newsletter"),
    ({"headers": {"Precedence": "bulk"}}, "newsletter"),
    ({"headers": {"Authentication-Results": "mx; dmarc=fail"}}, "DMARC fails"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "words"), WARNINGS)
def test_what_no_profile_can_mend_is_said(given: dict[str, object], words: str) -> None:
    assert [words in w for w in learn(mail(PROBE, **given), client()).warnings] == [True]


def test_a_recipient_that_is_not_the_clients_is_said() -> None:
    message = replace(mail(PROBE), headers=(("return-path", f"<{CUSTOMER}>"), ("to", "va@va.example")))
    found = learn(message, client())
    assert change(found, "To") is Change.LOST or change(found, "To") is Change.CHANGED
    assert "`arrives`" in found.warnings[0]
    strange = learn(mail(probe_text("AAAA", CUSTOMER, "nobody@else.example")), client())
    assert "sent to nobody@else.example" in strange.warnings[0]


@pytest.mark.parametrize(
    ("headers", "groups"),
    [
        (LIST, (GROUP,)),
        ({"List-Id": "<info.client.example>", "To": GROUP}, (GROUP,)),
        ({"Mailing-List": f"list {GROUP}; contact info+owners@client.example", "Cc": GROUP}, (GROUP,)),
        ({"List-Id": "<l.other.example>", "List-Post": "<mailto:l@other.example>"}, ()),
        ({"List-Post": f"<mailto:{GROUP.upper()}>"}, (GROUP,)),
        ({}, ()),
    ],
)
def test_own_groups_are_told_from_lists(headers: dict[str, str], groups: tuple[str, ...]) -> None:
    assert learn(mail(headers=headers), client()).groups == groups


def test_groups_that_are_known_are_kept_and_not_doubled() -> None:
    known = client(forwarding=Forwarding("none", ("sales@client.example", "Info@client.example"), ("www@x.example",)))
    found = learn(mail(headers=LIST), known)
    assert found.groups == ("sales@client.example", "Info@client.example")
    assert applied(known.forwarding, found) == known.forwarding


def test_where_answers_go_before_and_after() -> None:
    message = mail(PROBE, path="boss+caf_=va=va.example@gmail.com")
    found = reach(message, client(), learn(message, client()))
    assert (found.after.address, found.expected, found.arrives) == (CUSTOMER, CUSTOMER, True)


def test_an_answer_to_somebody_else_does_not_count_as_arrived() -> None:
    message = mail(probe_text("AAAA", "giulia@private.example", OWNER))
    found = reach(message, client(), learn(message, client()))
    assert (found.after.address, found.arrives) == (CUSTOMER, False)


def test_a_message_whose_sender_is_lost_is_not_answered() -> None:
    message = mail(PROBE, from_=())
    assert not reach(message, client(), learn(message, client())).arrives


@pytest.mark.parametrize("wrapped", [PROBE, "Hi\n\n" + PROBE.replace("\n", "\r\n"), PROBE.replace(": ", ":  ")])
def test_a_probe_is_known_again(wrapped: str) -> None:
    found = probe_in(mail(wrapped))
    assert (found.token, found.sender, found.to) == ("7K4F2MWT", CUSTOMER, OWNER)


def test_a_message_that_is_no_probe_says_nothing_of_itself() -> None:
    assert probe_in(mail("vamaild-from: x@y.example\n")).token == ""
    assert probe_in(mail("ciao")).token == ""


def test_evidence_is_one_clean_line() -> None:
    found = learn(mail(headers={"X-Sieve-Redirected-From": "a\x1b[31m\r\n b" + "x" * 500}), client())
    assert found.evidence[0].startswith("X-Sieve-Redirected-From: a[31m bxxx")
    assert len(found.evidence[0]) <= 160
