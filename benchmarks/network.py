"""A proxy that delays: a network with a round trip of so many milliseconds, in front of a server on this machine.

`python -m benchmarks.network PORT MILLISECONDS` prints its own port and hands on what comes, half a round trip later
each way, however much is under way. A connection takes one round trip to be made, as it does on a network.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def told_port(process: "subprocess.Popen[bytes]") -> int:
    """The port that a server prints when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a server of the benchmarks did not start")
    return int(line)


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """One direction: each piece leaves `seconds` after it came."""
    clock = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def let_go() -> None:
        while True:
            due, data = await waiting.get()
            if (rest := due - clock.time()) > 0:
                await asyncio.sleep(rest)
            if not data:
                break
            writer.write(data)
        writer.close()

    leaving = asyncio.create_task(let_go())
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            waiting.put_nowait((clock.time() + seconds, data))
    waiting.put_nowait((clock.time() + seconds, b""))
    with suppress(ConnectionError):
        await leaving


async def serve(target: int, seconds: float) -> None:
    """Until standard input ends."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds * 2)  # SYN and its answer
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, far_writer, seconds), carry(far_reader, writer, seconds))

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def delayed(port: int, round_trip_ms: float) -> Iterator[int]:
    """The port of a proxy in front of `port`."""
    command = [sys.executable, "-m", "benchmarks.network", str(port), str(round_trip_ms)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield told_port(process)
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) / 2000))
