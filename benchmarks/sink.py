"""An SMTP server that takes everything and keeps nothing: it must not be what is measured.

`python -m benchmarks.sink` prints its port and serves until its input ends. It offers PIPELINING (RFC 2920), 8BITMIME,
SMTPUTF8 and CHUNKING (RFC 3030); `VRFY count` tells how many mails it took.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .network import told_port

OFFERS = ("sink.example", "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "SIZE 50000000")
taken = 0


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    global taken
    writer.write(b"220 sink.example\r\n")
    try:
        while line := await reader.readline():
            verb, _, rest = line.strip().decode("latin-1").partition(" ")
            match verb.upper():
                case "EHLO" | "LHLO":
                    writer.write("".join(f"250{' ' if o == OFFERS[-1] else '-'}{o}\r\n" for o in OFFERS).encode())
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    await writer.drain()
                    while await reader.readline() not in (b".\r\n", b""):
                        pass
                    taken += 1
                    writer.write(b"250 taken\r\n")
                case "BDAT":
                    size, _, last = rest.partition(" ")
                    await reader.readexactly(int(size))
                    taken += bool(last)
                    writer.write(b"250 taken\r\n")
                case "VRFY":
                    writer.write(f"250 {taken}\r\n".encode())
                case "QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 fine\r\n")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    writer.close()


async def serve() -> None:
    """Until standard input ends."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@dataclass(frozen=True)
class Sink:
    port: int

    def count(self) -> int:
        """How many mails it has taken so far."""
        import smtplib

        with smtplib.SMTP("127.0.0.1", self.port) as smtp:
            return int(smtp.verify("count")[1])


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield Sink(told_port(process))
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve())
