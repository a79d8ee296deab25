"""Asks the name service for MX and SRV records (RFC 1035, RFC 2782), which Python's own library cannot.

One question in one datagram to each of the system's name servers, until one answers. An answer decides nothing of
weight: it proposes servers that a person confirms and whose certificates are checked. What is malformed says nothing.
"""

import secrets
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MX, SRV = 15, 33
IN = 1
LONGEST_ANSWER = 4_096
MOST_JUMPS = 20
HEAD = struct.Struct("!HHHHHH")
RESOLV = Path("/etc/resolv.conf")
NO_ANSWER = (OSError, struct.error, IndexError, UnicodeError, ValueError)

Server = tuple[str, int]


class Record(NamedTuple):
    """One MX (port 0) or SRV record; the lowest preference goes first."""

    preference: int
    host: str
    port: int = 0


def name_servers(path: Path = RESOLV) -> tuple[Server, ...]:
    """The system's name servers, at most three."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return ()
    named = (line.split() for line in lines)
    return tuple((words[1], 53) for words in named if len(words) > 1 and words[0] == "nameserver")[:3]


def records(name: str, kind: int, servers: Sequence[Server], seconds: float) -> tuple[Record, ...]:
    """The records of this kind, the preferred one first; () when nobody knows. Waits `seconds` for each server."""
    for server in servers:
        try:
            return tuple(sorted(_answers(_ask(name, kind, server, seconds), kind)))
        except NO_ANSWER:
            continue
    return ()


def _ask(name: str, kind: int, server: Server, seconds: float) -> bytes:
    """The server's answer to one question, its number and its question checked."""
    number = secrets.randbelow(1 << 16)
    labels = [label.encode("idna") for label in name.rstrip(".").split(".")]
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!HH", kind, IN)
    family = socket.AF_INET6 if ":" in server[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.connect(server)
        sock.send(HEAD.pack(number, 0x0100, 1, 0, 0, 0) + question)
        raw = sock.recv(LONGEST_ANSWER)
    if HEAD.unpack_from(raw)[0] != number or raw[HEAD.size : HEAD.size + len(question)] != question:
        raise ValueError("an answer to another question")
    return raw


def _answers(raw: bytes, kind: int) -> Iterator[Record]:
    _, flags, questions, answers, _, _ = HEAD.unpack_from(raw)
    if not flags & 0x8000 or flags & 0x000F not in (0, 3):  # 3: there is no such name, which is an answer
        raise ValueError("no answer, or a refusal")
    at = HEAD.size
    for _ in range(questions):
        at = _name(raw, at)[1] + 4
    for _ in range(answers):
        at = _name(raw, at)[1]
        found, _, _, length = struct.unpack_from("!HHIH", raw, at)
        at += 10
        if found == kind:
            yield _record(raw, at, kind)
        at += length


def _record(raw: bytes, at: int, kind: int) -> Record:
    if kind == MX:
        return Record(struct.unpack_from("!H", raw, at)[0], _name(raw, at + 2)[0])
    priority, _, port = struct.unpack_from("!HHH", raw, at)
    return Record(priority, _name(raw, at + 6)[0], port)


def _name(raw: bytes, at: int) -> tuple[str, int]:
    """(the name that begins here, where what follows it begins); names may jump back into the message."""
    labels, end, jumps = [], 0, 0
    while length := raw[at]:
        if length & 0xC0 == 0xC0:
            end = end or at + 2
            at = struct.unpack_from("!H", raw, at)[0] & 0x3FFF
            jumps += 1
            if jumps > MOST_JUMPS:
                raise ValueError("a name that never ends")
            continue
        labels.append(raw[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels).lower(), end or at + 1
