"""Which servers belong to an address: the table, a name server of our own, the domain's file, the usual names."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from vamaild.adapters.discovery import Net, Servers, autoconfig, by_domain, find, hosted
from vamaild.adapters.discovery.dns import MX, SRV, Record, name_servers, records
from vamaild.config.schema import values

NAME = b"\x06ferri1\x07example\x00"
Reply = Callable[[bytes], bytes]


def packed(name: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in name.split(".") if p) + b"\0"


def answer(asked: bytes, *rdata: tuple[int, bytes], flags: int = 0x8180) -> bytes:
    """A reply to this question; names in it point back to the question."""
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data for kind, data in rdata)
    return asked[:2] + struct.pack("!HHHHH", flags, 1, len(rdata), 0, 0) + asked[12:] + body


def mx(preference: int, host: bytes) -> tuple[int, bytes]:
    return MX, struct.pack("!H", preference) + host


def srv(priority: int, port: int, host: str) -> tuple[int, bytes]:
    return SRV, struct.pack("!HHH", priority, 0, port) + packed(host)


@contextmanager
def name_server(reply: Reply) -> Iterator[tuple[tuple[str, int], ...]]:
    """A name server on this machine that says whatever a test wants."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            with suppress(OSError):
                while True:
                    asked, who = sock.recvfrom(4096)
                    sock.sendto(reply(asked), who)

        threading.Thread(target=serve, daemon=True).start()
        yield (sock.getsockname(),)


def test_mail_exchangers_the_preferred_one_first() -> None:
    hosts = [mx(20, packed("alt1.aspmx.l.google.com")), mx(10, b"\x05aspmx\xc0\x0c")]
    with name_server(lambda asked: answer(asked, *hosts)) as servers:
        assert records("ferri1.example", MX, servers, 2) == (
            Record(10, "aspmx.ferri1.example"),
            Record(20, "alt1.aspmx.l.google.com"),
        )


HOSTILE = [
    ("another number", lambda asked: b"xx" + answer(asked, mx(1, packed("a.example")))[2:]),
    ("another question", lambda asked: answer(asked.replace(b"ferri1", b"ferri2"), mx(1, packed("a.example")))),
    ("a refusal", lambda asked: answer(asked, mx(1, packed("a.example")), flags=0x8185)),
    ("a name that leads to itself", lambda asked: answer(asked, mx(1, b"\xc0\x2e"))),
    ("cut short", lambda asked: answer(asked, mx(1, packed("a.example")))[:-4]),
    ("nothing", lambda _: b""),
    ("more answers than there are", lambda asked: answer(asked)[:6] + b"\x00\x09" + answer(asked)[8:]),
    ("no ASCII", lambda asked: answer(asked, mx(1, b"\x02\xff\xfe\x00"))),
]


@pytest.mark.parametrize(("name", "reply"), HOSTILE, ids=[h[0] for h in HOSTILE])
def test_what_makes_no_sense_says_nothing(name: str, reply: Reply) -> None:
    with name_server(reply) as servers:
        assert records("ferri1.example", MX, servers, 0.5) == ()


def test_no_name_server_and_none_that_answers() -> None:
    assert records("ferri1.example", MX, (), 0.2) == ()
    assert records("ferri1.example", MX, [("127.0.0.1", 1)], 0.2) == ()
    assert records("x" * 70 + ".example", MX, [("127.0.0.1", 1)], 0.2) == ()


def test_the_next_name_server_is_asked() -> None:
    with name_server(lambda asked: answer(asked, mx(1, packed("a.example")))) as servers:
        assert records("ferri1.example", MX, [("127.0.0.1", 1), *servers], 0.5) == (Record(1, "a.example"),)


def test_the_systems_name_servers(tmp_path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("# x\nsearch lan\nnameserver 10.0.0.1\nnameserver ::1\nnameserver\n")
    assert name_servers(path) == (("10.0.0.1", 53), ("::1", 53))
    assert name_servers(tmp_path / "none") == ()


# ---- what they make of it


def net(
    mails: str = "", services: dict[str, Record] | None = None, files: dict[str, bytes] | None = None, hosts=()
) -> Net:
    """A world with one mail exchanger, some services, files and hosts that answer."""

    class Told(Net):
        def records(self, name: str, kind: int) -> tuple[Record, ...]:
            if kind == MX:
                return (Record(10, mails),) if mails else ()
            found = (services or {}).get(name.partition("._tcp")[0])
            return (found,) if found else ()

    def fetch(url: str) -> bytes:
        if url not in (files or {}):
            raise OSError("no such file")
        return (files or {})[url]

    return Told((), fetch, lambda host, port: (host, port) in hosts)


def server(element: str, kind: str, host: str, port: int, security: str) -> str:
    inner = f"<hostname>{host}</hostname><port>{port}</port><socketType>{security}</socketType>"
    return f'<{element} type="{kind}">{inner}</{element}>'


FILE = "".join((
    '<?xml version="1.0"?><!-- ours --><clientConfig version="1.1"><emailProvider id="x">',
    server("incomingServer", "pop3", "pop.x.example", 995, "SSL"),
    server("incomingServer", "imap", "mail.%EMAILDOMAIN%", 993, "SSL"),
    server("outgoingServer", "smtp", "mail.x.example", 587, "STARTTLS"),
    "</emailProvider></clientConfig>",
)).encode()  # fmt: skip
OWN = "https://autoconfig.x.example/mail/config-v1.1.xml"
FOUND = [
    ("the table, by the domain", "a@gmail.com", net(), "imaps://imap.gmail.com", "smtps://smtp.gmail.com"),
    ("the table, by the exchanger", "a@x.example", net("x-example.mail.protection.outlook.com"),
     "imaps://outlook.office365.com", "smtp+starttls://smtp.office365.com"),
    ("with the domain in it", "a@x.example", net("wes1-mx1.wedos.net"), "imaps://imap.x.example", "smtps://smtp.x.example"),
    ("a name that only ends alike", "a@x.example", net("mx.notgoogle.com"), None, None),
    ("services", "a@x.example", net("", {"_imaps": Record(0, "in.x.example", 993),
     "_submission": Record(0, "out.x.example", 5587)}), "imaps://in.x.example", "smtp+starttls://out.x.example:5587"),
    ("a service that is none", "a@x.example", net("", {"_imaps": Record(0, "", 0)}), None, None),
    ("the domain's own file", "a@x.example", net(files={OWN: FILE}), "imaps://mail.x.example",
     "smtp+starttls://mail.x.example"),
    ("usual names", "a@x.example", net(hosts=[("mail.x.example", 993), ("smtp.x.example", 465)]),
     "imaps://mail.x.example", "smtps://smtp.x.example"),
    ("only one half", "a@x.example", net(hosts=[("imap.x.example", 993)]), None, None),
    ("no domain", "a@localhost", net(), None, None),
    ("a domain with something else in it", "a@x.example/../y", net(hosts=[("imap.x.example/../y", 993)]), None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "address", "world", "imap", "smtp"), FOUND, ids=[f[0] for f in FOUND])
def test_the_servers_of_an_address(name: str, address: str, world: Net, imap: str | None, smtp: str | None) -> None:
    found = find(address, world)
    assert (found.imap if found else None, found.smtp if found else None) == (imap, smtp)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        FILE.replace(b"<!-- ours -->", b"<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        FILE + b" " * 100_001,
        b"<clientConfig/>" + b"<x/>",
    ],
)
def test_what_is_no_autoconfig_file(raw: bytes) -> None:
    with pytest.raises(ValueError, match="no autoconfig file"):
        autoconfig(raw, "x.example")


@pytest.mark.parametrize("bad", [(b">SSL<", b">plain<"), (b"mail.%", b"mail;rm -rf %"), (b">993<", b">x<")])
def test_a_file_without_encryption_or_with_strange_names(bad: tuple[bytes, bytes]) -> None:
    assert autoconfig(FILE.replace(*bad), "x.example") is None


def test_where_a_client_is() -> None:
    world = net("aspmx.l.google.com")
    assert [s.provider if (s := hosted(d, world)) else "" for d in ("studio.example", "seznam.cz")] == [
        "google",
        "seznam",
    ]
    assert hosted("studio.example", net()) is None


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.it", "aruba.it", "seznam.cz", "icloud.com", "libero.it"])
def test_every_server_of_the_table_can_stand_in_a_file(domain: str) -> None:
    found = by_domain(domain)
    assert isinstance(found, Servers)
    assert values.imap(found.imap).security == "tls"
    assert values.smtp(found.smtp).security in ("tls", "starttls")
