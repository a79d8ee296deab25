"""Which servers belong to an e-mail address: known providers, then what the domain itself says, then usual names.

In this order: the table in providers.toml by the domain, and by its mail exchangers; SRV records (RFC 6186, RFC 8314);
the domain's own autoconfig file over HTTPS; imap.DOMAIN and mail.DOMAIN, if they show a certificate for that name.
Nothing is sent to anybody but name servers and the domain's own hosts, and never a user or a password.
"""

import re
import socket
import ssl
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from .dns import MX, SRV, Record, Server, name_servers, records

TABLE = Path(__file__).with_name("providers.toml")
SECONDS = 3.0
BIGGEST = 100_000
DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
WAYS = {"imap": {"SSL": "imaps", "STARTTLS": "imap+starttls"}, "smtp": {"SSL": "smtps", "STARTTLS": "smtp+starttls"}}
USUAL = {"imaps": 993, "imap+starttls": 143, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True)
class Servers:
    """Where mail is read and sent, as URLs; `provider` is its name in the table, or "". `note`: what to know first."""

    imap: str
    smtp: str
    provider: str = ""
    name: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Net:
    """The outside world. `fetch` gets a document or raises OSError; `greets`: host:port shows a good certificate."""

    name_servers: Sequence[Server] = field(default_factory=name_servers)
    fetch: Callable[[str], bytes] = lambda url: _fetch(url)
    greets: Callable[[str, int], bool] = lambda host, port: _greets(host, port)

    def records(self, name: str, kind: int) -> tuple[Record, ...]:
        return records(name, kind, self.name_servers, SECONDS)


def find(address: str, net: Net | None = None) -> Servers | None:
    """The servers of this address; None when nothing is known. Takes some seconds at most for each way."""
    domain = address.rpartition("@")[2].lower()
    if known := by_domain(domain):
        return known
    if not DOMAIN.fullmatch(domain):
        return None
    net = net or Net()
    return hosted(domain, net) or _by_srv(domain, net) or _by_file(domain, net) or _by_name(domain, net)


def by_domain(domain: str) -> Servers | None:
    """The provider whose own domain this is, without asking anybody."""
    return next((servers for domains, _, servers in _table() if domain.lower() in domains), None)


def hosted(domain: str, net: Net | None = None) -> Servers | None:
    """The provider that receives this domain's mail, by its mail exchangers."""
    if found := by_domain(domain):
        return found
    hosts = [record.host for record in (net or Net()).records(domain, MX)] if DOMAIN.fullmatch(domain) else []
    for _, suffixes, servers in _table():
        if any(host == suffix or host.endswith(f".{suffix}") for host in hosts for suffix in suffixes):
            imap, smtp = (url.format(domain=domain) for url in (servers.imap, servers.smtp))
            return replace(servers, imap=imap, smtp=smtp)
    return None


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[tuple[str, ...], tuple[str, ...], Servers], ...]:
    data = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(
        (tuple(p["domains"]), tuple(p["mx"]), Servers(p["imap"], p["smtp"], key, p["name"], p.get("note", "")))
        for key, p in data.items()
    )


def _by_srv(domain: str, net: Net) -> Servers | None:
    imap = _first(net, domain, ("imaps", "imaps"), ("imap", "imap+starttls"))
    smtp = _first(net, domain, ("submissions", "smtps"), ("submission", "smtp+starttls")) if imap else ""
    return Servers(imap, smtp) if imap and smtp else None


def _first(net: Net, domain: str, *services: tuple[str, str]) -> str:
    """The URL of the first of these services that the domain offers; the host "." says that it does not."""
    for service, scheme in services:
        for record in net.records(f"_{service}._tcp.{domain}", SRV):
            if HOST.fullmatch(record.host):
                return _url(scheme, record.host, record.port)
    return ""


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}" if port == USUAL[scheme] else f"{scheme}://{host}:{port}"


def _by_file(domain: str, net: Net) -> Servers | None:
    places = (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )
    for url in places:
        try:
            found = autoconfig(net.fetch(url), domain)
        except (OSError, ValueError):
            continue
        if found:
            return found
    return None


def autoconfig(raw: bytes, domain: str) -> Servers | None:
    """What an autoconfig file says, if both servers encrypt. Raises ValueError for what is none."""
    if len(raw) > BIGGEST or b"<!" in raw.replace(b"<!--", b""):  # no DOCTYPE: nothing in it may grow
        raise ValueError("no autoconfig file")
    try:
        tree = ElementTree.fromstring(raw)  # noqa: S314 - small, and without any declaration
    except (ElementTree.ParseError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise ValueError("no autoconfig file") from error
    imap = next(_servers(tree, "incomingServer", "imap", domain), "")
    smtp = next(_servers(tree, "outgoingServer", "smtp", domain), "")
    return Servers(imap, smtp) if imap and smtp else None


def _servers(tree: ElementTree.Element, element: str, kind: str, domain: str) -> Iterator[str]:
    for server in tree.iter(element):
        host = (server.findtext("hostname") or "").strip().lower().replace("%emaildomain%", domain)
        scheme = WAYS[kind].get((server.findtext("socketType") or "").strip(), "")
        port = (server.findtext("port") or "").strip()
        if server.get("type") == kind and scheme and HOST.fullmatch(host) and port.isdecimal():
            yield _url(scheme, host, int(port))


def _by_name(domain: str, net: Net) -> Servers | None:
    """The usual names, those that answer with a certificate of their own."""
    imap = next((host for host in (f"imap.{domain}", f"mail.{domain}") if net.greets(host, 993)), "")
    smtp = next((host for host in (f"smtp.{domain}", f"mail.{domain}") if imap and net.greets(host, 465)), "")
    return Servers(f"imaps://{imap}", f"smtps://{smtp}") if imap and smtp else None


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310 - https, from the table above
        if not str(answer.url).startswith("https://"):
            raise OSError("the file is handed out without encryption")
        return bytes(answer.read(BIGGEST + 1))


def _greets(host: str, port: int) -> bool:
    try:
        with (
            socket.create_connection((host, port), SECONDS) as sock,
            ssl.create_default_context().wrap_socket(sock, server_hostname=host),
        ):
            return True
    except (OSError, ValueError):
        return False
