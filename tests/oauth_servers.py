"""Mail servers that take tokens: a Dovecot which asks the authorisation server of authority.py, and an aiosmtpd."""

import base64
import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests import servers
from tests.authority import Authority
from tests.servers import running_dovecot


@contextmanager
def dovecot_with_tokens(fake: Authority) -> Iterator[servers.Dovecot]:
    """A Dovecot of its own, which asks the provider about each token."""
    program = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("Dovecot is not installed")
    base = Path(tempfile.mkdtemp(prefix="vamaild-dovecot-"))
    plain = servers._dovecot_conf
    asks = f"tokeninfo_url = {fake.url}/tokeninfo?access_token=\nusername_attribute = email\nusername_format = %u\n"
    (base / "oauth2.conf").write_text(asks + "active_attribute = active\nactive_value = true\n")
    more = f"""
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
    patch = pytest.MonkeyPatch()
    patch.setattr(servers, "_dovecot_conf", lambda server: plain(server) + more)
    try:
        with running_dovecot(program, base) as server:
            yield server
    finally:
        patch.undo()
        shutil.rmtree(base, ignore_errors=True)


class Door:
    """Takes tokens, and keeps what it gets."""

    def __init__(self, good: Collection[str], mechanism: str) -> None:
        self.good, self.lines, self.mails = good, list[str](), list[bytes]()
        setattr(self, f"auth_{mechanism}", self._sign_in)

    async def _sign_in(self, server: SMTP, args: list[str]) -> AuthResult:
        line = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        self.lines.append(line)
        if any(f"auth=Bearer {good}\x01\x01" in line for good in self.good):
            return AuthResult(success=True)
        await server.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        assert server._reader is not None
        self.lines.append((await server._reader.readline()).decode().strip())
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:  # noqa: N802
        self.mails.append(envelope.original_content)  # type: ignore[attr-defined]  # aiosmtpd has no types
        return "250 taken"


class _FreePort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def door(good: Collection[str], mechanism: str = "XOAUTH2") -> Iterator[tuple[Door, int]]:
    warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
    handler = Door(good, mechanism)
    controller = _FreePort(
        handler, hostname="127.0.0.1", port=0, auth_required=True, auth_require_tls=False, decode_data=False,
        auth_exclude_mechanism=["LOGIN", "PLAIN"],
    )  # fmt: skip
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()
