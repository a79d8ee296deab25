"""Where an answer may go, with and without forwarding; and which client a message is for."""

from dataclasses import replace

import pytest

from tests.bounds import within
from tests.make import CUSTOMER, NOW, OWNER, client, mail
from vamaild.core.case import Authentication
from vamaild.core.message import Message
from vamaild.core.route import addresses, find_client, find_person
from vamaild.core.ruleset import Client, Forwarding, Person, Role
from vamaild.core.sender import SURE_ENOUGH, decode_srs, resolve

CASES = [
    ("plain", mail(), CUSTOMER, "return-path"),
    ("path only, RFC 3834", mail(path="other@customer.example"), "other@customer.example", "return-path"),
    ("gmail", mail(path="boss+caf_=va=va.example@gmail.com"), CUSTOMER, "gmail-forward"),
    ("srs0", mail(path="SRS0=HHH=TT=customer.example=carla@client.example"), CUSTOMER, "srs"),
    ("srs1", mail(path="SRS1=HHH=first.example==HHH=TT=customer.example=carla@client.example"), CUSTOMER, "srs"),
    ("m365", mail(path="boss+SRS=abcde=XY=customer.example=carla@client.example"), CUSTOMER, "srs"),
    ("path is the owner", mail(path=OWNER), CUSTOMER, "owner-path"),
    ("no path kept", mail(path=None), CUSTOMER, "from"),
    ("form", mail(sender="www@client.example", reply_to=(CUSTOMER,)), CUSTOMER, "form"),
    (
        "from rewritten",
        mail(
            sender="info@client.example", path="bounce@gw.example", headers={"X-Original-From": f"Carla <{CUSTOMER}>"}
        ),
        CUSTOMER,
        "original-from",
    ),
    ("by hand", mail(sender=OWNER, subject="Fwd: preventivo"), "", "hand-forwarded"),
    ("nobody", mail(from_=()), "", "no-sender"),
    ("two", mail(from_=(CUSTOMER, "eve@evil.example")), "", "two-senders"),
    ("null path", mail(path=""), CUSTOMER, "null-path"),
]


@pytest.mark.parametrize(("name", "message", "address", "method"), CASES, ids=[c[0] for c in CASES])
def test_resolve(name: str, message: Message, address: str, method: str) -> None:
    found = resolve(message, client(forwarding=Forwarding("none", forms=("www@client.example",))))
    assert (found.address, found.method) == (address, method)
    assert (found.confidence >= SURE_ENOUGH) == (
        method not in ("hand-forwarded", "no-sender", "two-senders", "null-path")
    )


@pytest.mark.parametrize(
    ("path", "original"),
    [
        ("SRS0=x=y=a.example=u@f.example", "u@a.example"),
        ("srs0+x=y=a.example=u@f.example", "u@a.example"),
        ("u+b=c@f.example", ""),
        ("", ""),
    ],
)
def test_decode_srs(path: str, original: str) -> None:
    assert decode_srs(path) == original


SURE = [
    ("return-path", mail()),
    ("return-path", mail(path="other@customer.example")),
    ("gmail-forward", mail(path="boss+caf_=va=va.example@gmail.com")),
]


@pytest.mark.parametrize(("method", "message"), SURE)
def test_a_proven_domain_raises_what_suffices(method: str, message: Message) -> None:
    plain, proven = resolve(message, client()), resolve(message, client(), Authentication("pass", "customer.example"))
    assert plain.method == proven.method == method
    assert plain.confidence < proven.confidence <= 1
    assert resolve(message, client(), Authentication("pass", "evil.example")) == plain


def test_proof_never_makes_a_doubt_suffice() -> None:
    doubtful = mail(path="SRS0=H=T=other.example=eve@client.example")
    for proof in (Authentication("pass", "other.example"), Authentication("pass", "customer.example")):
        assert resolve(doubtful, client(), proof).confidence < SURE_ENOUGH


def test_strangers_who_share_a_public_domain_with_the_owner_are_no_forwarders() -> None:
    ruleset = client(client=replace(client().client, arrives=("boss@gmail.com",)))
    message = mail(sender="carla@gmail.com", reply_to=("carla@work.example",))
    assert resolve(message, ruleset).address == "carla@gmail.com"
    assert resolve(mail(path="eve@gmail.com"), ruleset).method == "return-path"


def test_every_sender_says_what_shows_it() -> None:
    for _, message, _, method in CASES:
        found = resolve(message, client(forwarding=Forwarding("none", forms=("www@client.example",))))
        assert found.evidence or method == "no-sender"


@pytest.mark.parametrize(
    "path", ["SRS0" + "=" * 5_000 + "@x", "+SRS=" * 2_000 + "@", "a+caf_=" * 2_000, "prvs=" * 3_000]
)
def test_hostile_envelopes_cost_no_time(path: str) -> None:
    assert within(0.5, lambda: resolve(mail(path=path), client()))


def to(**headers: str) -> Message:
    named = tuple((k.replace("_", "-"), v) for k, v in headers.items())
    return Message(NOW, headers=named, from_=(CUSTOMER,))


def test_the_client_is_found_by_forwarding_headers_before_to() -> None:
    one = client()
    two = client(client=Client("two", "Two", ("*@two.example",), "it", ("it",), "Europe/Rome"))
    assert find_client(to(to=OWNER, delivered_to="x@two.example"), (one, two)).ruleset == two
    assert find_client(to(to=OWNER, x_forwarded_for="x@two.example va@va.example"), (one, two)).ruleset == two
    assert find_client(to(to=f"Boss <{OWNER.upper()}>"), (one, two)).ruleset == one
    assert find_client(to(to="nobody@else.example"), (one, two)).ruleset is None


def test_a_client_who_writes_to_the_assistant_herself_is_known_by_his_address() -> None:
    ruleset = client()
    message = Message(NOW, headers=(("to", "va@va.example"),), from_=("marco@acme.example",))
    assert find_client(message, (ruleset,)).ruleset == ruleset
    assert find_client(Message(NOW, headers=(("to", "va@va.example"),), from_=(CUSTOMER,)), (ruleset,)).ruleset is None


def test_an_exact_person_comes_before_a_pattern() -> None:
    people = (Person("*@acme.example", role=Role.CUSTOMER), Person("marco@acme.example", "Marco", Role.CLIENT))
    ruleset = client(people=people)
    assert find_person(ruleset, "marco@acme.example") == people[1]
    assert find_person(ruleset, "anna@acme.example") == people[0]
    assert find_person(ruleset, "anna@acme.example.evil.example") is None


def test_addresses_of_hostile_headers_are_capped() -> None:
    assert addresses("a@b.example, " * 50_000)[:1] == ("a@b.example",)
    assert addresses('"x, y" <a@b.example>') == ("a@b.example",)
    assert addresses("one@a.example two@b.example") == ("one@a.example", "two@b.example")
