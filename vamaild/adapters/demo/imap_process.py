"""An IMAP server in memory (pymap), as a process of its own: `python -m … USER PASSWORD KEYWORD…`.

It prints its port and ends when its standard input does. pymap keeps no keywords and has no special folders; both are
added here, so that the demo shows what a real server does: keywords by one property, ``\\Sent`` and ``\\Drafts``
(RFC 6154) by one class.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable
from typing import Any

import pymap.imap.state as protocol
from pymap.backend.dict import Config, Login
from pymap.backend.dict import DictBackend as Backend
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.config import BackendCapability, BuiltinHash  # type: ignore[attr-defined]  # a library of pymap's own
from pymap.imap import IMAPServer, ProxyProtocolReader  # type: ignore[attr-defined]  # a library of pymap's own
from pymap.parsing.response.specials import ListResponse
from pymap.parsing.specials.flag import Flag, Recent, get_system_flags

HOST = "127.0.0.1"
SPECIAL = {"Sent": b"Sent", "Drafts": b"Drafts"}


class _SpecialList(ListResponse):
    """A LIST answer that says what Sent and Drafts are for."""

    def __init__(self, mailbox: str, sep: str | None, attrs: Iterable[bytes]) -> None:
        super().__init__(mailbox, sep, [*attrs, *([SPECIAL[mailbox]] if mailbox in SPECIAL else [])])


class _Settings(Config):
    """pymap's own configuration, which also announces SPECIAL-USE and signs in quickly."""

    @property
    def backend_capability(self) -> BackendCapability:
        return BackendCapability(idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"])

    @classmethod
    def _get_hash_context(cls, passlib_cfg: str | None) -> Any:
        """One round instead of 500,000: the password guards mail that was made up; a sign-in would take 0.3 s."""
        return BuiltinHash(rounds=1)


def keep(keywords: Iterable[str]) -> None:
    """Lets every folder keep these flags (pymap asks the folder which flags are permanent) and names the folders."""
    kept = (get_system_flags() - {Recent}) | {Flag(word.encode("ascii")) for word in keywords}
    MailboxData.permanent_flags = property(lambda _: kept)  # type: ignore[method-assign, assignment]  # the property
    protocol.ListResponse = _SpecialList  # type: ignore[attr-defined]  # the class


async def serve(user: str, password: str) -> None:
    """Listens on a free port of the loopback interface, prints the port, and ends with standard input."""
    settings = argparse.Namespace(
        host=HOST, port=0, debug=False, cert=None, key=None, tls=False, proxy_protocol=None, passlib_cfg=None,
        inherited_sockets=None, demo_data=False, demo_user=user, demo_password=password,
    )  # fmt: skip
    config = _Settings.from_args(settings)
    config.apply_context()
    login = Login(config)
    await Backend._add_demo_user(config, login)
    folders = MailboxSet()
    for name in SPECIAL:
        await folders.add_mailbox(name)
    config.set_cache[user] = (folders, FilterSet())
    answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
    server = await asyncio.start_server(answer, host=HOST, port=0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    keep(sys.argv[3:])
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
