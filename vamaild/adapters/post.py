"""Hands mails to a mail server, one recipient each (RFC 5321, RFC 6409, RFC 8314; null sender: RFC 3834).

The connection is kept between mails. It is only replaced by itself as long as the server has accepted nothing of the
mail in hand: after that, a lost connection is an error, because a courtesy reply goes out at most once.

A service without a network reaches the server through a socket of this machine (`path`), where systemd-socket-proxyd
hands the bytes on; TLS and the host's name are checked all the same.
"""

import functools
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import getaddresses
from typing import Literal, NoReturn

from vamaild.core.ledger import PostError
from vamaild.core.signin import Bearer, Saying, SignInError, mechanism

Tls = Literal["implicit", "starttls", "none"]
HEADERS = frozenset(
    {"from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "sender"}
    | {"content-language", "auto-submitted", "x-auto-response-suppress", "precedence", "x-loop", "importance"}
    | {"mime-version", "content-type", "content-transfer-encoding"}
)
"""The only header fields that may leave; anything else means that something crept into a value."""

ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x20\x7f]+")
HEADER_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9-]*):.*")
LINE_LIMIT = 998
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
"""Refusals of us, not of the mail (RFC 4954): it may go out once somebody has corrected the account."""
WORDS_LIMIT = 200
TROUBLE = (smtplib.SMTPException, OSError, ValueError)


class _LostError(Exception):
    """The kept connection had died before anything of this mail was accepted."""


class _Plain(smtplib.SMTP):
    """An SMTP connection that can be ended from outside, from its first byte on; over `path` where there is one."""

    handle: socket.socket | None = None
    path = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock = _local(self.path, timeout) if self.path else super()._get_socket(host, port, timeout)  # type: ignore[misc]  # the hook of smtplib
        self.handle = sock.dup()
        self._host = host  # the name the certificate must bear; smtplib sets it only where it connects by itself
        return sock

    def end(self) -> None:
        """Ends the conversation under whoever is reading; smtplib has no time limit for a whole answer."""
        if self.handle is not None:
            with suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Closes both handles."""
        super().close()
        if self.handle is not None:
            self.handle.close()
            self.handle = None


class _Sealed(smtplib.SMTP_SSL, _Plain):
    """The same with TLS from the first byte."""


def _local(path: str, timeout: float) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    return sock


@functools.lru_cache(maxsize=16)
def trust(ca: str | None) -> ssl.SSLContext:
    """The certificates that are believed: the system's, or only those in the file `ca`. Shared: it takes 60 ms."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class SmtpPost:
    """One account at a mail server; implements `core.ledger.Post`. Not for several threads at once.

    `sender` is the envelope sender: "" is the null path, which no machine answers; an address only where the provider
    refuses that. `tls` "none" is for the loopback interface. `path` is a local socket that leads to the server, "" for
    none. Times are seconds; `call_seconds` limits one whole mail.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int = 465,
        tls: Tls = "implicit",
        user: str = "",
        password: str | Callable[[], str] = "",
        ca: str | None = None,
        path: str = "",
        sender: str = "",
        connect_seconds: float = 10.0,
        read_seconds: float = 60.0,
        call_seconds: float = 300.0,
        bearer: Bearer | None = None,
    ) -> None:
        if sender and not ADDRESS.fullmatch(sender):
            raise ValueError(f'"{sender}" is no address for the envelope')
        self._host, self._port, self._tls, self._ca, self._path = host, port, tls, ca, path
        self._user, self._password, self._sender, self._bearer = user, password, sender, bearer
        self._connect_seconds, self._read_seconds, self._call_seconds = connect_seconds, read_seconds, call_seconds
        self._smtp: _Plain | None = None
        self._token = ""

    def send(self, to: str, raw: bytes) -> None:
        """Hands over one mail. Raises PostError."""
        check(to, raw)
        try:
            self._hand_over(to, raw)
        except _LostError:
            self._drop()
            try:
                self._hand_over(to, raw)
            except _LostError as error:
                raise self._error("the server hangs up before it takes anything", error) from error

    def open(self) -> None:
        """Connects and signs in; sends nothing. Raises PostError."""
        self._connected()

    def abort(self) -> None:
        """Ends the connection under whoever is sending; for another thread."""
        smtp = self._smtp
        if smtp is not None:
            smtp.end()

    def close(self) -> None:
        """Says goodbye and hangs up. Never raises."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(*TROUBLE), _limit(smtp, 3.0):
                smtp.quit()
            smtp.close()

    @property
    def _where(self) -> str:
        through = f" through {self._path}" if self._path else ""
        return f"mail server {self._host}:{self._port}{through}"

    def _hand_over(self, to: str, raw: bytes) -> None:
        smtp = self._connected()
        with _limit(smtp, self._call_seconds):
            self._begin(smtp, to, raw)
            self._expect(250, 251, *self._ask(smtp, f"RCPT TO:<{to}>"))
            self._expect(354, 354, *self._ask(smtp, "DATA"))
            self._data(smtp, raw)

    def _begin(self, smtp: _Plain, to: str, raw: bytes) -> None:
        """MAIL FROM; as long as it is not accepted, a dead connection only means: connect again."""
        options = self._options(smtp, to, raw)
        try:
            code, said = smtp.mail(self._sender, options)
        except TROUBLE as error:
            raise _LostError(str(error)) from error
        if code == 421:
            raise _LostError(_words(said))
        if code // 100 == 5 and code not in SIGN_IN_CODES and not self._sender:
            said = said + b"; if it refuses the empty sender, name an address as envelope sender"
        self._expect(250, 250, code, said)

    def _options(self, smtp: _Plain, to: str, raw: bytes) -> tuple[str, ...]:
        header = raw.partition(b"\r\n\r\n")[0]
        if not (to.isascii() and header.isascii()):
            self._need(
                smtp, "smtputf8", f"{self._where} cannot write to {_words(to)}: letters outside ASCII (SMTPUTF8)"
            )
            return ("SMTPUTF8", "BODY=8BITMIME")
        if not raw.isascii():
            self._need(smtp, "8bitmime", f"{self._where} takes only 7-bit mail, and this one is not")
            return ("BODY=8BITMIME",)
        return ()

    def _need(self, smtp: _Plain, extension: str, otherwise: str) -> None:
        if not smtp.has_extn(extension):
            raise PostError(otherwise, permanent=True)

    def _ask(self, smtp: _Plain, command: str) -> tuple[int, bytes]:
        try:
            return smtp.docmd(command)
        except TROUBLE as error:
            self._drop()
            raise self._error("the connection broke before the mail was taken", error) from error

    def _data(self, smtp: _Plain, raw: bytes) -> None:
        """The mail and its final dot. Once the dot has left, only the answer tells whether the mail was taken."""
        dotted = re.sub(rb"(?m)^\.", b"..", raw if raw.endswith(b"\r\n") else raw + b"\r\n")
        try:
            smtp.send(dotted + b".\r\n")
        except TROUBLE as error:
            self._drop()
            raise self._error("the connection broke before the mail was complete", error) from error
        try:
            code, said = smtp.getreply()
        except TROUBLE as error:
            self._drop()
            raise self._error("no answer after the mail was complete", error, maybe_sent=True) from error
        if code == -1:
            self._drop()
            raise self._error("no sensible answer after the mail was complete", said, maybe_sent=True)
        self._expect(250, 250, code, said)

    def _expect(self, good: int, also: int, code: int, said: bytes) -> None:
        if code in (good, also):
            return
        self._reset(code)
        raise self._error(f"the server answered {code}", said, permanent=code // 100 == 5 and code not in SIGN_IN_CODES)

    def _reset(self, code: int) -> None:
        """After a refusal the connection is kept only if the server is ready for the next mail."""
        if code == 421 or self._smtp is None:
            return self._drop()
        try:
            ready = self._smtp.rset()[0] == 250
        except TROUBLE:
            ready = False
        return None if ready else self._drop()

    def _connected(self) -> _Plain:
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self, again: bool = True) -> _Plain:
        seconds = self._connect_seconds
        smtp = _Sealed(timeout=seconds, context=trust(self._ca)) if self._tls == "implicit" else _Plain(timeout=seconds)
        smtp.path = self._path
        try:
            with _limit(smtp, self._call_seconds):
                self._greet(smtp)
        except (*TROUBLE, PostError, SignInError) as error:
            smtp.close()
            if again and self._has_another(error):
                return self._connect(again=False)
            self._cannot_connect(error)
        return smtp

    def _has_another(self, error: Exception) -> bool:
        """A token that is refused may only be old."""
        refused = isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 == 5
        return refused and self._bearer is not None and self._bearer.refused(self._token)

    def _greet(self, smtp: _Plain) -> None:
        code, said = smtp.connect(self._host, self._port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        if smtp.sock is not None:
            smtp.sock.settimeout(self._read_seconds)
        smtp.ehlo_or_helo_if_needed()
        if self._tls == "starttls":
            smtp.starttls(context=trust(self._ca))
            smtp.ehlo_or_helo_if_needed()
        if self._user and self._bearer:
            self._show_token(smtp, self._bearer.token())
        elif self._user:
            smtp.login(self._user, self._password if isinstance(self._password, str) else self._password())

    def _show_token(self, smtp: _Plain, token: str) -> None:
        """XOAUTH2, or OAUTHBEARER where only that is offered (RFC 7628)."""
        how = mechanism(frozenset(smtp.esmtp_features.get("auth", "").upper().split()))
        if not how:
            raise smtplib.SMTPNotSupportedError("no sign-in with a token")
        self._token = token
        smtp.auth(how, Saying(how, self._user, token))

    def _cannot_connect(self, error: Exception) -> NoReturn:
        if isinstance(error, SignInError):
            what = str(error)
        elif isinstance(error, smtplib.SMTPAuthenticationError) and self._bearer:
            what = f"it does not take the token of {self._user}. Sign in again, and look at the user's rights"
        elif isinstance(error, smtplib.SMTPAuthenticationError):
            what = f"wrong user or password for {self._user}. Correct it in secrets.toml, then reload"
        elif isinstance(error, smtplib.SMTPNotSupportedError):
            what = "it offers no STARTTLS or no sign-in that is needed, and nothing is sent unencrypted"
        elif isinstance(error, ssl.SSLCertVerificationError):
            what = f"its certificate is not trusted: {error.verify_message}"
        elif isinstance(error, socket.gaierror):
            what = "no such host. Check the host name"
        elif isinstance(error, ConnectionRefusedError):
            what = "it refuses connections. Check the port, or wait until it is back"
        elif isinstance(error, FileNotFoundError):
            what = "there is no such socket. See: systemctl status 'vamaild-proxy@*'"
        elif isinstance(error, TimeoutError):
            what = f"no answer within {self._connect_seconds:g} seconds"
        else:
            what = f"no connection ({_words(error)})"
        hopeless = isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 == 5
        hopeless = hopeless or (isinstance(error, SignInError) and not error.retry)
        raise PostError(f"{self._where}: {what}.", everybody=True, sign_in=hopeless) from error

    def _error(self, what: str, said: object, *, permanent: bool = False, maybe_sent: bool = False) -> PostError:
        words = _words(said)
        return PostError(f"{self._where}: {what} ({words}).", permanent=permanent, maybe_sent=maybe_sent, said=words)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def check(to: str, raw: bytes) -> None:
    """The last look at the bytes: one header block of known fields, one recipient, CR LF only. Raises PostError."""
    if wrong := _wrong(to, raw):
        raise PostError(f"this mail is not sent: {wrong}.", permanent=True)


def _wrong(to: str, raw: bytes) -> str:
    if not ADDRESS.fullmatch(to):
        return "its recipient is no plain address"
    if re.search(rb"(?<!\r)\n|\r(?!\n)|\0", raw):
        return "it holds a line end that is not CR LF, or a zero byte"
    if any(len(line) > LINE_LIMIT for line in raw.split(b"\r\n")):
        return f"it holds a line of more than {LINE_LIMIT} bytes"
    fields = _fields(raw)
    if fields is None:
        return "its header is malformed"
    if unknown := {name for name, _ in fields} - HEADERS:
        return f"its header has a field that does not belong there ({_words(sorted(unknown)[0])})"
    if len(fields) != len({name for name, _ in fields}):
        return "a header field stands there twice"
    if [a.lower() for _, a in getaddresses([v for name, v in fields if name == "to"])] != [to.lower()]:
        return "its To field does not name exactly its recipient"
    return ""


def _fields(raw: bytes) -> list[tuple[str, str]] | None:
    """Header names (lower case) and unfolded values, None where a line is no header line."""
    head, gap, _ = raw.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    if not gap or not all(HEADER_LINE.fullmatch(line) for line in lines):
        return None
    pairs = (line.decode("utf-8", "replace").partition(":") for line in lines)
    return [(name.lower(), value.strip()) for name, _, value in pairs]


@contextmanager
def _limit(smtp: _Plain, seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, smtp.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _words(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said) or type(said).__name__
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= WORDS_LIMIT else line[: WORDS_LIMIT - 1] + "…"
