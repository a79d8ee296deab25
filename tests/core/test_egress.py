"""The gate on the final bytes: every place of a mail, documents, and what must come through with its secrets masked."""

import base64
import json
from dataclasses import replace
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.disguise import DIGITS, EMAIL, LINK, PHONE, SECRETS, disguises
from tests.make import CUSTOMER, NOW
from vamaild.core import egress, secrecy
from vamaild.core.disguises import TooDeepError
from vamaild.core.egress import BETRAYS, WITHHELD, Discreet, Gate, betrays, inspect, masked, masked_values, page
from vamaild.core.letter import Envelope, Letter, clean, to_bytes
from vamaild.core.notify import Delivered, Delivery, Notice

BODY = "Buongiorno Carla,\n\nla risposta arriva entro mercoledì 9 dicembre.\n\nGiulia Ferri\n"
ENVELOPE = Envelope("Giulia Ferri", "va@va.example", CUSTOMER, "<k1@va.example>", language="it")


def reply(subject: str = "Re: Preventivo", body: str = BODY, envelope: Envelope = ENVELOPE) -> bytes:
    return to_bytes(Letter(subject, body), envelope, NOW)


def mail(**headers: str) -> EmailMessage:
    """A mail of a form that ours do not have, but drafts and reports of others may."""
    found = EmailMessage(policy=SMTP)
    for name, value in ({"From": "va@va.example", "To": CUSTOMER, "Subject": "Re: x"} | headers).items():
        found[name] = value
    found.set_content(BODY)
    return found


MAILS = (reply(), reply("Re: x"), reply(subject=f"Re: {PHONE}"), reply(body=BODY + EMAIL), b"no mail")
KNOWN = (tuple(SECRETS), (), ("Carla",))


def test_a_clean_reply_passes() -> None:
    assert inspect(reply(), CUSTOMER, SECRETS) == ""
    assert inspect(reply("Re: Žádost o kopii faktury 2026-118"), CUSTOMER, SECRETS) == ""


# ---- where in a reply

PLACES = [
    (reply(subject=f"Re: {PHONE}"), "the header"),
    (reply(subject=f"Re: čau {EMAIL}"), "the header"),
    (reply(subject="Re: " + "ž " * 60 + EMAIL), "the header"),
    (reply(body=BODY + "603.111.222"), "the text"),
    (reply(body=BODY + "č" * 70 + EMAIL), "the text"),
    (reply(envelope=replace(ENVELOPE, from_name="Giulia 603 111 222")), "the header"),
    (reply(envelope=replace(ENVELOPE, in_reply_to=f"<{EMAIL}>")), "the header"),
    (reply(envelope=replace(ENVELOPE, key="<603111222@va.example>")), "the header"),
]


@pytest.mark.parametrize(("raw", "where"), PLACES, ids=range(len(PLACES)))
def test_where_it_stands_is_said_and_it_is_not_repeated(raw: bytes, where: str) -> None:
    refused = inspect(raw, CUSTOMER, SECRETS)
    assert refused.startswith(BETRAYS)
    assert refused.endswith(f"in {where}")
    assert not secrecy.leak(refused, SECRETS)


@pytest.mark.parametrize("name", [n for n, t in disguises().items() if len(t) < 240 and "tag letters" not in n][::3])
@pytest.mark.parametrize("place", ["subject", "body"])
def test_no_disguise_passes_in_subject_or_text(name: str, place: str) -> None:
    said = clean(disguises()[name], 10_000) if place == "subject" else disguises()[name]
    raw = reply(subject=f"Re: {said}") if place == "subject" else reply(body=BODY + said)
    assert inspect(raw, CUSTOMER, SECRETS)


# ---- mails of other forms: each is caught by the secret, not by its form


def multipart(kind: str, text: str, filename: str | None = None) -> EmailMessage:
    found = mail()
    found.add_attachment(text, subtype=kind, filename=filename)
    return found


def nested(text: str) -> EmailMessage:
    inner, outer = mail(), mail()
    inner.set_content(text)
    outer.add_attachment(inner)
    return outer


def raw_mail(head: str, body: str) -> bytes:
    fixed = f"From: va@va.example\nTo: {CUSTOMER}\n{head}\nMIME-Version: 1.0\n\n{body}\n"
    return fixed.replace("\n", "\r\n").encode()


BETWEEN = 'Content-Type: multipart/mixed; boundary="b"'
PARTS = "{}\n--b\nContent-Type: text/plain; charset={}\nContent-Transfer-Encoding: {}\n{}\n{}\n--b--\n{}"
QP = "petr.more=40proton=\n.example"
UTF16 = base64.b64encode(EMAIL.encode("utf-16")).decode()
B64 = base64.b64encode(b"tel. 603-111-222").decode()
FORMS: dict[str, EmailMessage | bytes] = {
    "html part": multipart("html", f"<p>x</p><!-- {PHONE} -->"),
    "html alternative": multipart("html", "<p>60<b>3</b>111<i>222</i></p>"),
    "calendar": multipart("calendar", "BEGIN:VEVENT\r\nDESCRIPTION:petr.more@pro\r\n ton.example\r\nEND:VEVENT\r\n"),
    "csv": multipart("csv", 'name,phone\nPetr,"603","111","222"\n', filename="a.csv"),
    "file name": multipart("plain", "x", filename="603 111 222.txt"),
    "file name, RFC 2231": multipart("plain", "x", filename=f"č {EMAIL}.txt"),
    "a mail within": nested(f"tel. {PHONE}"),
    "header of another kind": mail(**{"X-Note": LINK}),
    "folded": raw_mail("Subject: Re: petr.more@\n proton.example", "x"),
    "folded within an encoded word": raw_mail(f"Subject: {Header('ž ' * 40 + EMAIL, 'utf-8').encode()}", "x"),
    "before the first part": raw_mail(BETWEEN, PARTS.format(PHONE, "utf-8", "8bit", "", "x", "")),
    "behind the last part": raw_mail(BETWEEN, PARTS.format("", "utf-8", "8bit", "", "x", EMAIL)),
    "header of a part": raw_mail(BETWEEN, PARTS.format("", "utf-8", "8bit", f"Content-Description: {PHONE}\n", "", "")),
    "base64": raw_mail(BETWEEN, PARTS.format("", "utf-8", "base64", "", B64, "")),
    "quoted-printable": raw_mail(BETWEEN, PARTS.format("", "utf-8", "quoted-printable", "", QP, "")),
    "utf-7": raw_mail(BETWEEN, PARTS.format("", "utf-7", "7bit", "", "petr.more+AEA-proton.example", "")),
    "utf-16": raw_mail(BETWEEN, PARTS.format("", "utf-16", "base64", "", UTF16, "")),
    "name of the boundary": raw_mail(BETWEEN.replace('"b"', DIGITS), f"--{DIGITS}\n\nx\n--{DIGITS}--"),
    "a comment in the sender": raw_mail("Reply-To: va@va.example (603 111 222)", "x"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_mail_hides_it(form: str) -> None:
    made = FORMS[form]
    raw = made if isinstance(made, bytes) else made.as_bytes()
    assert betrays(raw, SECRETS).startswith(BETRAYS)
    assert inspect(raw, CUSTOMER, SECRETS)
    assert betrays(raw, ("someone@else.example",)) == "", "and none is refused for its form alone"


@pytest.mark.parametrize("kind", ["application/zip", "application/pdf", "image/png", "audio/wav"])
def test_what_nobody_can_look_into_does_not_leave(kind: str) -> None:
    found = mail()
    found.add_attachment(b"PK\x03\x04", *kind.split("/"), filename="a")
    for refused in (betrays(found.as_bytes(), SECRETS), inspect(found.as_bytes(), CUSTOMER, SECRETS)):
        assert refused == f"it carries {kind}, which nobody can look into"


@pytest.mark.parametrize("charset", ["klingon", "x-unknown"])
def test_what_cannot_be_read_back_does_not_leave(charset: str) -> None:
    raw = raw_mail(f"Content-Type: text/plain; charset={charset}", "x")
    assert betrays(raw, SECRETS) == "it cannot be read back (LookupError)"


def test_without_secrets_any_form_may_be_filed() -> None:
    assert betrays(raw_mail("Content-Type: text/plain; charset=klingon", "x"), ()) == ""


# ---- documents


@pytest.mark.parametrize(
    "form", ["<td>{}</td>", "<a href='{}'>x</a>", '{{"phone": "{}"}}', "Petr;{};x\n", "DESCRIPTION:{}"]
)
@pytest.mark.parametrize("said", [PHONE, EMAIL, LINK, "603&#32;111&#32;222", "petr.more&commat;proton.example"])
def test_no_document_shows_it(form: str, said: str) -> None:
    assert page(form.format(said).encode(), SECRETS).startswith(BETRAYS)
    assert page(form.format("555 000 111").encode(), SECRETS) == ""


def test_a_document_that_is_no_text_is_not_shown() -> None:
    assert page(b"\xff\xfe6\x000\x00", SECRETS) == "it cannot be read back (it is no UTF-8)"


# ---- what must come through


def test_only_the_line_that_betrays_is_withheld() -> None:
    assert masked(f"Water!\nCall {PHONE}\nCarla", SECRETS) == f"Water!\n{WITHHELD}\nCarla"
    assert masked("Water!\nCarla", SECRETS) == "Water!\nCarla"


def test_what_only_the_whole_betrays_is_withheld_whole() -> None:
    assert masked("603\n111\n222\n", SECRETS) == f"{WITHHELD}\n"


def test_values_are_withheld_one_by_one() -> None:
    found = masked_values({"a": [PHONE, "x", 420603111222, None, True], EMAIL: {"b": 1.5}}, SECRETS)
    assert found == {"a": [WITHHELD, "x", WITHHELD, None, True], WITHHELD: {"b": 1.5}}
    assert masked_values({"a": "603", "b": 111222}, SECRETS) == {"withheld": BETRAYS}


@pytest.mark.parametrize("name", [*disguises()][1::4])
def test_whatever_is_masked_is_clean(name: str) -> None:
    text = f"Water!\n{disguises()[name]}\nCarla\n"
    assert not secrecy.leak(masked(text, SECRETS), SECRETS)
    shown = json.dumps(masked_values({"note": text, "n": [text]}, SECRETS))
    assert not secrecy.leak(shown, SECRETS)


class Heard:
    def __init__(self) -> None:
        self.told: list[tuple[str, Notice]] = []

    def notify(self, way: str, notice: Notice) -> Delivered:
        self.told.append((way, notice))
        return Delivered(Delivery.DELIVERED)


CONTACTS = {"petr-sea": (PHONE, EMAIL), "jana": ("+420 777 123 456",)}


@pytest.mark.parametrize(
    ("way", "text"),
    [
        (PHONE, f"Carla: ring {PHONE}\n{WITHHELD}\n"),
        ("+420 777 123 456", f"{WITHHELD}\nJana: 777 123 456\n"),
        ("giulia@ferri-av.example", f"{WITHHELD}\n{WITHHELD}\n"),
    ],
)
def test_a_notice_always_comes_through_without_the_ways_of_others(way: str, text: str) -> None:
    heard = Heard()
    notice = Notice(
        "<k@va.example>", "4F7K", f"Water {EMAIL}", f"Carla: ring {PHONE}\nJana: 777 123 456\n", "https://x"
    )
    assert Discreet(heard, CONTACTS).notify(way, notice).result is Delivery.DELIVERED
    ((told, got),) = heard.told
    assert (told, got.text, got.key, got.code, got.link) == (way, text, notice.key, notice.code, notice.link)
    assert got.short == (notice.short if way == PHONE else WITHHELD)


class Parsed:
    """Counts how often a mail was read back."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self.times, real = 0, message_from_bytes

        def counted(*args: Any, **named: Any) -> Any:
            self.times += 1
            return real(*args, **named)

        patched.setattr(egress, "message_from_bytes", counted)


def test_the_very_bytes_that_passed_are_read_back_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, parsed = Gate(), Parsed(monkeypatch)
    for _ in range(3):
        assert gate.inspect(reply(), CUSTOMER, SECRETS) == gate.betrays(reply(), list(SECRETS)) == ""
    assert parsed.times == 1


@given(st.lists(st.tuples(st.sampled_from(MAILS), st.sampled_from([CUSTOMER, "x@y.example"]), st.sampled_from(KNOWN))))
@settings(deadline=None, max_examples=50)
def test_the_gate_says_what_looking_through_anew_says(looks: list[tuple[bytes, str, tuple[str, ...]]]) -> None:
    gate = Gate(most=2)
    for raw, to, secrets in looks:
        assert gate.inspect(raw, to, secrets) == inspect(raw, to, secrets)
        assert gate.betrays(raw, secrets) == betrays(raw, secrets)
        assert gate.betrays(raw, (*secrets, "Giulia Ferri")) == betrays(raw, (*secrets, "Giulia Ferri"))


def test_the_gate_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, parsed = Gate(most=2), Parsed(monkeypatch)
    for subject in ("a", "b", "c", "c", "b", "a"):
        assert gate.inspect(reply(subject), CUSTOMER, SECRETS) == ""
    assert parsed.times == 4


def test_a_fault_of_the_gate_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise TooDeepError

    monkeypatch.setattr(egress, "leaks", broken)
    assert inspect(reply(), CUSTOMER, SECRETS) == "it cannot be read back (TooDeepError)"
