"""Faults 49 to 53: whatever a message is called and whoever it says it is from, what leaves is one mail of our form.

Each message takes the whole way: bytes, reader, decision, outbox; what would go over the wire is read again.
"""

import json
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from shutil import which

import pytest

from tests.faults.test_hostile_mail import office
from tests.make import NOW
from tests.office import CARLA, letter
from tests.servers import SmtpSink
from vamaild.adapters.post import SmtpPost, check
from vamaild.core.egress import ALLOWED, inspect
from vamaild.core.letter import Envelope, Letter, to_bytes

ROOT = Path(__file__).parents[2]
PROTECTED = ("boss@client.example", "giulia@ferri-av.example", "va@va.example", "petr.more@proton.example")
PROTECTED += ("laura@conti.example", "eve@evil.example")
HIDDEN = "eve@evil.example"


def sent(raw: bytes) -> list[EmailMessage]:
    """What leaves for this message; each mail has only fields of ours, one recipient, and CR LF alone."""
    place = office()
    place.arrive(raw)
    assert place.store.find_entry("inbox", 1) is not None
    place.let_out()
    return [_of_our_form(item.mail.to, item.mail.raw) for item in place.items()]


def _of_our_form(to: str, raw: bytes) -> EmailMessage:
    check(to, raw)
    assert inspect(raw, to, ()) == ""
    assert not raw.replace(b"\r\n", b"").count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r")
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    names = [name.lower() for name in mail]
    assert set(names) <= ALLOWED
    assert len(names) == len(set(names))
    assert [a.addr_spec for a in mail["To"].addresses] == [to]
    assert to not in PROTECTED
    assert b"evil" not in raw.partition(b"\r\n\r\n")[2]
    return mail


# ---- 49

INJECTED = {
    "decoded CR LF": "a=0D=0ABcc:_eve=40evil.example", "decoded LF": "a=0ABcc:_eve=40evil.example",
    "decoded CR": "a=0DBcc:_eve=40evil.example", "decoded two lines": "a=0D=0A=0D=0ABcc:_eve=40evil.example",
    "line separator": "a=E2=80=A8Bcc:_eve=40evil.example", "next line": "a=C2=85Bcc:_eve=40evil.example",
    "NUL": "a=00Bcc:_eve=40evil.example", "half letters": "a=ED=A0=80Bcc", "form feed": "a=0CBcc:_x=0B",
    "encoded in encoded": "=3D=3Futf-8=3Fq=3Fa=3D0D=3D0ABcc=3A=5Fx=3F=3D", "bidi": "=E2=80=AEBcc",
}  # fmt: skip
"""Quoted-printable, as it stands in an encoded word or, decoded, in the bare field."""


def bare(value: str) -> bytes:
    import quopri

    decoded = quopri.decodestring(value.replace("_", " ").encode())
    return decoded.replace(b"\r\n\r\n", b"\r\n ").replace(b"\r\n", b"\r\n ").replace(b"\n", b"\n ")


@pytest.mark.parametrize("field", ["Subject", "Message-ID", "References", "In-Reply-To", "From", "Reply-To"])
@pytest.mark.parametrize("value", INJECTED.values(), ids=INJECTED.keys())
def test_49_nothing_of_a_header_gets_out_of_its_place(field: str, value: str) -> None:
    forms = {
        "Subject": "%s", "Message-ID": "<%s@customer.example>", "References": "<1@x> <%s@x>", "In-Reply-To": "<%s@x>",
        "From": f"%s <{CARLA}>", "Reply-To": "%s <other@customer.example>",
    }  # fmt: skip
    for said in (f"=?utf-8?q?{value}?=".encode(), bare(value)):
        mark = "QQQ"
        raw = letter(1, "Ciao, mi mandi il listino?", **{field: forms[field] % mark}).replace(mark.encode(), said)
        for mail in sent(raw):
            assert mail["To"] == CARLA
            assert mail["From"].addresses[0].addr_spec == "boss@client.example"


def test_49_a_subject_is_answered_all_the_same() -> None:
    for value in INJECTED.values():
        (mail,) = sent(letter(1, subject=f"=?utf-8?q?{value}?="))
        assert str(mail["Subject"]).startswith("Re: ") or "=?" not in str(mail["Subject"])


ELSEWHERE = """
import json, sys
from datetime import datetime, timezone
from vamaild.core.letter import Envelope, Letter, clean, to_bytes
found = []
for text in json.load(sys.stdin):
    envelope = Envelope(text, "va@va.example", "a@b.example", "<k@va.example>", text, (text,), "it")
    raw = to_bytes(Letter(clean(text), text), envelope, datetime(2026, 11, 26, tzinfo=timezone.utc))
    found.append([raw.decode("ascii"), list(sys.version_info[:3])])
json.dump(found, sys.stdout)
"""
PYTHONS = [p for p in ("/usr/bin/python3", which("python3.12"), which("python3.13"), which("python3.14")) if p]


@pytest.mark.parametrize("python", PYTHONS)
def test_49_on_other_pythons_too(python: str) -> None:
    """Debian's 3.11.2 and newer ones fold and refuse other things in headers than the one that runs these tests."""
    texts = [bare(v).decode("utf-8", "replace").replace("\r\n ", "\r\n") for v in INJECTED.values()]
    texts += ["=?utf-8?q?a=0D=0ABcc:_x?=", "ě" * 300, "x" * 3_000, "a\r\n\r\nBcc: b@c.cz", "<a@b>\r\nBcc: x"]
    done = subprocess.run([python, "-c", ELSEWHERE], input=json.dumps(texts), capture_output=True, text=True, cwd=ROOT)
    if done.returncode == 127:
        pytest.skip(f"{python} only stands for one that is not chosen here")
    assert done.returncode == 0, done.stderr
    for raw, version in json.loads(done.stdout):
        assert inspect(raw.encode(), "a@b.example", ()) == "", version
        check("a@b.example", raw.encode())


# ---- 50

MANY = ", ".join(f"a{n}@shop.example" for n in range(10_000))
FROM = [
    (f"Carla <{CARLA}>", CARLA),
    (f"{CARLA}, bea@customer.example", None),
    (f"Team: {CARLA}, bea@customer.example;", None),
    (f"{CARLA}\r\nFrom: bea@customer.example", None),
    ("Undisclosed:;", None),
    (MANY, None),
    ("boss@client.example", None),
    ("boss+x@client.example", None),
    ("va@va.example", None),
    ("giulia@ferri-av.example", None),
    ("petr.more@proton.example", None),
    ("PETR.MORE+x@proton.example", None),
    ("laura@conti.example", None),
    ("a@b@c.example", None),
    ('"a b"@customer.example', None),
    ('"carla"@customer.example', None),
    ("carla@p\u0159\u00edklad.example", None),
    ("carla@xn--pklad-zra2n.example", "carla@xn--pklad-zra2n.example"),
    ("carla@[192.0.2.1]", None),
    ("carla@localhost", None),
    ("@relay.example:carla@customer.example", None),
    (f"<{CARLA}> <{HIDDEN}>", None),
    ("carla@customer.example.", None),
    ("a" * 70 + "@customer.example", None),
    ("", None),
]


@pytest.mark.parametrize(("author", "to"), FROM, ids=[f[0][:40].replace("\r\n", " | ") for f in FROM])
def test_50_one_address_that_is_nobodys_of_ours_or_none(author: str, to: str | None) -> None:
    bare_address = author if "@" in author and "," not in author and "<" not in author else CARLA
    raw = letter(1, From=author, Return_Path=f"<{bare_address.splitlines()[0]}>")
    assert [str(mail["To"]) for mail in sent(raw)] == ([to] if to else [])


REPLY_TO = [
    "boss@client.example",
    "petr.more@proton.example",
    HIDDEN,
    f"{HIDDEN}, {CARLA}",
    MANY[:8_000],
    "a@b@c",
    "x:;",
]
REPLY_TO += ["(" * 900, f"{CARLA}\r\nReply-To: {HIDDEN}"]


@pytest.mark.parametrize("named", REPLY_TO, ids=[r[:30] for r in REPLY_TO])
def test_50_reply_to_takes_an_answer_nowhere_else(named: str) -> None:
    """RFC 3834 section 4: an automatic answer goes to the Return-Path."""
    assert [str(mail["To"]) for mail in sent(letter(1, Reply_To=named))] == [CARLA]


PATHS = [
    ("<va@va.example>", None), ("<petr.more@proton.example>", None), ("<>", None), ("<a@b@c>", None),
    (f"<{CARLA}>, <{HIDDEN}>", None), ("<boss@client.example>", CARLA), (f"<{CARLA}> (x)", None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "to"), PATHS, ids=[p[0] for p in PATHS])
def test_50_the_envelope_is_no_back_door(path: str, to: str | None) -> None:
    assert [str(mail["To"]) for mail in sent(letter(1, Return_Path=path))] == ([to] if to else [])


# ---- 51

CODE = ["{{ 7*7 }}", "{% for i in range(10**9) %}x{% endfor %}", "{{ va.__class__ }}", "<b>x</b>", "${7*7}", "%(x)s",
        "{# a #}", "\\u0041", "x" * 5_000, "{{ ''.join(['a'] * 10**10) }}"]  # fmt: skip


@pytest.mark.parametrize("subject", CODE, ids=[c[:20] for c in CODE])
def test_51_a_subject_is_never_run(subject: str) -> None:
    (mail,) = sent(letter(1, subject=subject))
    shown = str(mail["Subject"]).removeprefix("Re: ")
    assert shown.rstrip("…") == subject[: len(shown.rstrip("…"))]
    assert len(shown) >= min(len(subject), 100)
    assert "49" not in str(mail["Subject"]) + str(mail.get_content())


# ---- 52

BODY = (
    "Dobrý den,\n.\n..\n.x\nPříliš žluťoučký kůň – perché è già così: “sì”\n" + "slovo žluť " * 500 + "\nFrom me\n \n"
)


@pytest.mark.parametrize("language", ["cs", "it"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_52_a_body_arrives_as_it_was_written(sink: SmtpSink, language: str, ends: str) -> None:
    envelope = Envelope("Žaneta", "va@va.example", CARLA, "<k@va.example>", language=language)
    raw = to_bytes(Letter("Re: Poptávka – è già", BODY.replace("\n", ends)), envelope, NOW)
    SmtpPost(host=sink.host, port=sink.port, tls="none").send(CARLA, raw)
    (taken,) = sink.mails
    assert taken.raw == raw
    assert max(map(len, taken.raw.split(b"\r\n"))) <= 78
    mail = _of_our_form(CARLA, taken.raw)
    assert str(mail.get_content()).replace("\r\n", "\n") == BODY
    assert (mail["Subject"], mail["From"].addresses[0].display_name) == ("Re: Poptávka – è già", "Žaneta")


# ---- 53

IDS = [
    ({}, "<m1@customer.example>", 1),
    ({"Message_ID": ""}, None, 0),
    ({"Message_ID": "<" + "a" * 1_200 + "@x>"}, None, 0),
    ({"Message_ID": "no brackets"}, None, 0),
    ({"Message_ID": "<a b@x>"}, None, 0),
    ({"References": " ".join(f"<{n}@x>" for n in range(900))}, "<m1@customer.example>", 12),
    ({"References": "<" + "a" * 8_000 + "@x>"}, "<m1@customer.example>", 1),
    ({"References": "<ok@x> <" + "a" * 1_200 + "@x> rubbish"}, "<m1@customer.example>", 2),
    ({"In_Reply_To": "<before@x>"}, "<m1@customer.example>", 2),
]


@pytest.mark.parametrize(("fields", "parent", "named"), IDS, ids=[str(i[0])[:40] for i in IDS])
def test_53_threads_are_kept_short_and_well_formed(fields: dict[str, str], parent: str | None, named: int) -> None:
    (mail,) = sent(letter(1, **fields))
    assert mail["In-Reply-To"] == parent
    references = str(mail["References"] or "").split()
    assert len(references) == named
    assert references[-1:] == ([parent] if parent else [])
