"""An SMTP server that keeps what it is given instead of sending it (aiosmtpd), for the demo and the tests.

It can also behave badly on purpose: refuse at any stage, hang up after the final dot, or say nothing at all.
"""

import asyncio
import ssl
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail as it came in: its envelope and its bytes as they were on the wire (CR LF)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...]


@dataclass(slots=True)
class Manners:
    """How the server behaves; may be changed while it runs.

    `refuse` maps a stage (MAIL, RCPT, DATA) to its reply. `drop_at` and `hang_at` name the stage where the connection
    is cut or nothing is said any more: MAIL, RCPT, or DATA = after the final dot, with the mail taken.
    """

    refuse: Mapping[str, str] = field(default_factory=dict)
    drop_at: str = ""
    hang_at: str = ""


class SmtpSink:
    """A running server. `mails` are those it took, oldest first; `sessions` counts the connections so far."""

    host = HOST

    def __init__(self) -> None:
        self.port = 0
        self.sessions = 0
        self.mails: list[Taken] = []
        self.manners = Manners()
        self._open: list[asyncio.BaseTransport] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def cut_all(self) -> None:
        """Cuts every connection, as a server does that has waited too long."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(5)

    async def _cut(self) -> None:
        for transport in self._open:
            transport.close()
        self._open.clear()
        await asyncio.sleep(0.05)

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Counts the sessions and remembers how to cut them."""
        session.host_name = hostname
        if server.transport is not None and server.transport not in self._open:
            self.sessions += 1
            self._open.append(server.transport)
        self._loop = asyncio.get_running_loop()
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        if reply := await self._behave("MAIL", server):
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        if reply := await self._behave("RCPT", server):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself, after the final dot."""
        if "DATA" in self.manners.refuse:
            return self.manners.refuse["DATA"]
        content = envelope.original_content or b""
        options = tuple(str(option) for option in envelope.mail_options)
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        self.mails.append(Taken(sender, tuple(envelope.rcpt_tos), content, options))
        return await self._behave("DATA", server) or "250 taken"

    async def _behave(self, stage: str, server: SMTP) -> str:
        if self.manners.drop_at == stage and server.transport is not None:
            server.transport.close()
            await asyncio.sleep(0.2)
        if self.manners.hang_at == stage:
            await asyncio.sleep(3600)
        return self.manners.refuse.get(stage, "")


class _FreePort(Controller):
    """A controller that listens on a port the system chooses."""

    def _trigger_server(self) -> None:
        if isinstance(self.server, asyncio.Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd leaves it untyped


@contextmanager
def smtp_sink(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> Iterator[SmtpSink]:
    """Starts a server on a free port of the loopback interface and stops it at the end.

    `tls` encrypts from the start, `starttls` offers and demands STARTTLS; `login` is the one user and password.
    """

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        return AuthResult(success=given == login, handled=False)

    # aiosmtpd warns of passwords without TLS; here everything stays on the loopback interface.
    warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
    sink = SmtpSink()
    controller = _FreePort(
        sink,
        hostname=HOST,
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=check if login else None,
        auth_required=login is not None,
        auth_require_tls=starttls is not None,
        decode_data=False,
    )
    controller.start()
    sink.port = controller.port
    try:
        yield sink
    finally:
        controller.stop()
