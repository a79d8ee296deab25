"""Hands mails to a mail server, one recipient each (RFC 5321, RFC 6409, RFC 8314; null sender: RFC 3834).

The connection is kept between mails. It is only replaced by itself as long as the server has accepted nothing of the
mail in hand: after that, a lost connection is an error, because a courtesy reply goes out at most once.

A service without a network reaches the server through a socket of this machine (`path`), where systemd-socket-proxyd
hands the bytes on; TLS and the host's name are checked all the same.
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Literal, NoReturn

from vamaild.core.lastlook import ADDRESS, check, words
from vamaild.core.ledger import PostError
from vamaild.core.signin import Bearer, Saying, SignInError, mechanism

from .connection import Plain, Sealed, limit, trust

Tls = Literal["implicit", "starttls", "none"]
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
"""Refusals of us, not of the mail (RFC 4954): it may go out once somebody has corrected the account."""
MOST_AT_ONCE = 8
FRESH = 1.0  # seconds
TROUBLE = (smtplib.SMTPException, OSError, ValueError)


class _LostError(Exception):
    """The kept connection had died before anything of this mail was accepted."""


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
        self._smtp: Plain | None = None
        self._token = ""
        self._heard = 0.0  # when it answered last

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

    @property
    def window(self) -> int:
        """So many mails `send_all` may be given: more than one only where they can be pipelined, as far as known."""
        smtp = self._smtp
        return MOST_AT_ONCE if smtp and smtp.has_extn("pipelining") and smtp.has_extn("chunking") else 1

    def send_all(self, mails: Sequence[tuple[str, bytes]]) -> Iterator[PostError | None]:
        """Hands over several mails in one go (RFC 2920, RFC 3030); yields what became of each as its answers come."""
        smtp = self._alive()
        written = [self._whole(smtp, to, raw) for to, raw in mails]
        open_answers, lost = len(written), None
        with limit(smtp, self._call_seconds):
            try:
                lost = self._pour(smtp, b"".join(each for each in written if isinstance(each, bytes)))
                for each in written:
                    found = each if isinstance(each, PostError) else lost or self._outcome(smtp)
                    if found is not None and (found.maybe_sent or self._smtp is None):
                        lost = found  # after an answer that never came all is as unsure; after a goodbye, refused
                        self._drop()
                    open_answers -= 1
                    yield found
            finally:
                if open_answers:  # whoever asked has gone: the next answer would be taken for another mail's
                    self._drop()

    def _pour(self, smtp: Plain, data: bytes) -> PostError | None:
        try:
            smtp.send(data)
        except TROUBLE as error:
            return self._error("the connection broke", error, maybe_sent=True)
        return None

    def _alive(self) -> Plain:
        """A connection that has answered just now: a kept one may have died long ago.

        Between one window and the next it is not asked again, that would double the round trips.
        """
        smtp = self._connected()
        if time.monotonic() - self._heard < FRESH and smtp.silent():
            return smtp
        try:
            if smtp.noop()[0] == 250:
                return smtp
        except TROUBLE:
            pass
        self._drop()
        return self._connected()

    def _whole(self, smtp: Plain, to: str, raw: bytes) -> bytes | PostError:
        """Everything about one mail. RSET first: what a refused BDAT left behind is not defined."""
        try:
            check(to, raw)
            path = " ".join((f"MAIL FROM:<{self._sender}>", *self._options(smtp, to, raw)))
        except PostError as error:
            return error
        raw = raw if raw.endswith(b"\r\n") else raw + b"\r\n"
        return f"RSET\r\n{path}\r\nRCPT TO:<{to}>\r\nBDAT {len(raw)} LAST\r\n".encode() + raw

    def _outcome(self, smtp: Plain) -> PostError | None:
        """The four answers about one mail: it was taken when all of them say so."""
        first: tuple[int, bytes] | None = None
        try:
            for _ in range(4):
                code, said = smtp.getreply()
                if not 200 <= code <= 599:  # none, or a "250" whose end was lost on the way
                    raise smtplib.SMTPServerDisconnected("no sensible answer")
                first = first or ((code, said) if code not in (250, 251) else None)
                if code == 421:
                    self._drop()
                    break
        except TROUBLE as error:
            return self._error("no answer after the mail was complete", error, maybe_sent=True)
        self._heard = time.monotonic()
        return None if first is None else self._refused(*first)

    def _refused(self, code: int, said: bytes) -> PostError:
        permanent = code // 100 == 5 and code not in SIGN_IN_CODES
        return self._error(f"the server answered {code}", said, permanent=permanent)

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
            with suppress(*TROUBLE), limit(smtp, 3.0):
                smtp.quit()
            smtp.close()

    @property
    def _where(self) -> str:
        through = f" through {self._path}" if self._path else ""
        return f"mail server {self._host}:{self._port}{through}"

    def _hand_over(self, to: str, raw: bytes) -> None:
        smtp = self._connected()
        with limit(smtp, self._call_seconds):
            self._begin(smtp, to, raw)
            self._expect(250, 251, *self._ask(smtp, f"RCPT TO:<{to}>"))
            self._expect(354, 354, *self._ask(smtp, "DATA"))
            self._data(smtp, raw)

    def _begin(self, smtp: Plain, to: str, raw: bytes) -> None:
        """MAIL FROM; as long as it is not accepted, a dead connection only means: connect again."""
        options = self._options(smtp, to, raw)
        try:
            code, said = smtp.mail(self._sender, options)
        except TROUBLE as error:
            raise _LostError(str(error)) from error
        if code == 421:
            raise _LostError(words(said))
        if code // 100 == 5 and code not in SIGN_IN_CODES and not self._sender:
            said = said + b"; if it refuses the empty sender, name an address as envelope sender"
        self._expect(250, 250, code, said)

    def _options(self, smtp: Plain, to: str, raw: bytes) -> tuple[str, ...]:
        header = raw.partition(b"\r\n\r\n")[0]
        if not (to.isascii() and header.isascii()):
            self._need(smtp, "smtputf8", f"{self._where} cannot write to {words(to)}: letters outside ASCII (SMTPUTF8)")
            return ("SMTPUTF8", "BODY=8BITMIME")
        if not raw.isascii():
            self._need(smtp, "8bitmime", f"{self._where} takes only 7-bit mail, and this one is not")
            return ("BODY=8BITMIME",)
        return ()

    def _need(self, smtp: Plain, extension: str, otherwise: str) -> None:
        if not smtp.has_extn(extension):
            raise PostError(otherwise, permanent=True)

    def _ask(self, smtp: Plain, command: str) -> tuple[int, bytes]:
        try:
            return smtp.docmd(command)
        except TROUBLE as error:
            self._drop()
            raise self._error("the connection broke before the mail was taken", error) from error

    def _data(self, smtp: Plain, raw: bytes) -> None:
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
        if not 200 <= code <= 599:  # none, or a "250" whose end was lost on the way
            self._drop()
            raise self._error("no sensible answer after the mail was complete", said, maybe_sent=True)
        self._expect(250, 250, code, said)

    def _expect(self, good: int, also: int, code: int, said: bytes) -> None:
        if code in (good, also):
            return
        self._reset(code)
        raise self._refused(code, said)

    def _reset(self, code: int) -> None:
        """After a refusal the connection is kept only if the server is ready for the next mail."""
        if code == 421 or self._smtp is None:
            return self._drop()
        try:
            ready = self._smtp.rset()[0] == 250
        except TROUBLE:
            ready = False
        return None if ready else self._drop()

    def _connected(self) -> Plain:
        if self._bearer is not None and not self._bearer.stands():
            self._drop()  # the sign-in it was opened with is gone
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self, again: bool = True) -> Plain:
        seconds = self._connect_seconds
        smtp = Sealed(timeout=seconds, context=trust(self._ca)) if self._tls == "implicit" else Plain(timeout=seconds)
        smtp.path = self._path
        try:
            with limit(smtp, self._call_seconds):
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

    def _greet(self, smtp: Plain) -> None:
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

    def _show_token(self, smtp: Plain, token: str) -> None:
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
            what = f"no connection ({words(error)})"
        hopeless = isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code // 100 == 5
        hopeless = hopeless or (isinstance(error, SignInError) and not error.retry)
        raise PostError(f"{self._where}: {what}.", everybody=True, sign_in=hopeless) from error

    def _error(self, what: str, said: object, *, permanent: bool = False, maybe_sent: bool = False) -> PostError:
        line = words(said)
        return PostError(f"{self._where}: {what} ({line}).", permanent=permanent, maybe_sent=maybe_sent, said=line)

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()
