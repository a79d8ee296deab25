"""An authorisation server for the tests, on the loopback interface: device codes, consent, renewal, revocation.

It does what the large providers do, and what they do wrong when a test asks for it. `tokens` are the access tokens
that are good now; a mail server asks `/tokeninfo` about one, as Dovecot does.
"""

import base64
import hashlib
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from vamaild.core.signin import Provider

CLIENT, SCOPE = "client-7", "mail.read mail.send"
USER = "petr@novak.example"


@dataclass
class Authority:
    """What it has handed out, and how it behaves.

    `says` are the answers to questions about a device code, in order; "ok" is a token. `rotates`: each renewal gives a
    new refresh token, and the old one is good until the new one is used ("late"), or not any more ("at once").
    `fails` answers renewals with this HTTP status or error code.
    """

    port: int = 0
    says: list[str] = field(default_factory=lambda: ["ok"])
    rotates: str = "late"
    fails: int | str | None = None
    lasts: int = 3600
    user: str = USER
    hints: bool = True
    tokens: dict[str, str] = field(default_factory=dict)
    refreshes: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def provider(self, **changes: str) -> Provider:
        ends = {f"{name}_url": f"{self.url}/{name}" for name in ("token", "device", "authorize", "revoke")}
        return Provider(**{"name": "fake", "scope": SCOPE, **ends, **changes})  # type: ignore[arg-type]  # fields by name

    def table(self, name: str = "fake", *, device: bool = True) -> str:
        """[oauth.NAME] for a vamaild.toml."""
        lines = [f'{n}_url = "{self.url}/{n}"' for n in ("token", "authorize", "revoke", *(["device"] * device))]
        return "\n".join([f"[oauth.{name}]", f'client_id = "{CLIENT}"', f'scope = "{SCOPE}"', *lines, ""])

    def count(self, path: str) -> int:
        """How often this was asked for."""
        return sum(1 for asked, _ in self.asked if asked == path)

    def give(self) -> dict[str, object]:
        """A fresh pair of tokens."""
        number = next(self.numbers)
        access, refresh = f"access-{number}-" + "A1b2" * 30, f"refresh-{number}-" + "C3d4" * 30
        self.tokens[access] = self.user
        self.refreshes[refresh] = access
        return {
            "access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": self.lasts,
        }  # fmt: skip

    def forget(self) -> None:
        """As when somebody revokes the consent, or changes the password: nothing is good any more."""
        self.tokens.clear()
        self.refreshes.clear()

    # ---- the endpoints: (HTTP status, answer)

    def device(self, _: dict[str, str]) -> tuple[int, object]:
        return 200, {
            "device_code": "dev-1", "user_code": "F7Q2-LWXD", "verification_uri": f"{self.url}/go",
            "interval": 1, "expires_in": 900,
        }  # fmt: skip

    def token(self, form: dict[str, str]) -> tuple[int, object]:
        kinds = {"refresh_token": self.renew, "authorization_code": self.exchange}
        return kinds.get(form.get("grant_type", ""), self.poll)(form)

    def poll(self, form: dict[str, str]) -> tuple[int, object]:
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if said == "ok" and form.get("client_id") == CLIENT and form.get("device_code") == "dev-1":
            return 200, self.give()
        quoting = f"about {self.user} and {form.get('device_code')}"
        return 400, {"error": said if said != "ok" else "invalid_client", "error_description": quoting}

    def exchange(self, form: dict[str, str]) -> tuple[int, object]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not asked or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        return 200, self.give()

    def renew(self, form: dict[str, str]) -> tuple[int, object]:
        if isinstance(self.fails, int):
            return self.fails, "<html>busy</html>"
        used = form.get("refresh_token", "")
        if self.fails or used not in self.refreshes:
            return 400, {"error": self.fails or "invalid_grant", "error_description": f"token {used}\r\n"}
        if self.rotates == "no":
            found = self.give()
            self.refreshes.pop(str(found.pop("refresh_token")))
            return 200, found
        for refresh in [r for r in self.refreshes if r != used or self.rotates == "at once"]:
            del self.refreshes[refresh]  # "late": whoever uses the new one gives up the old ones
        return 200, self.give()

    def revoke(self, form: dict[str, str]) -> tuple[int, object]:
        self.tokens.pop(self.refreshes.pop(form.get("token", ""), ""), None)
        return 200, ""

    def tokeninfo(self, form: dict[str, str]) -> tuple[int, object]:
        given = form.get("access_token", "")
        return (
            (200, {"active": True, "email": self.tokens[given]}) if given in self.tokens else (401, {"active": False})
        )

    def authorize(self, form: dict[str, str]) -> str:
        """Where a browser is sent after the consent."""
        code = f"code-{next(self.numbers)}"
        self.codes[code] = form
        back = {"error": "access_denied"} if self.says[0] == "access_denied" else {"code": code}
        return f"{form['redirect_uri']}/?{urlencode({**back, 'state': form.get('state', '')})}"


@contextmanager
def authority(**manners: object) -> Iterator[Authority]:
    """Starts one on a free port, and stops it."""
    held = Authority(**manners)  # type: ignore[arg-type]  # fields by name

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def answer(self, said: str) -> None:
            path, form = urlsplit(self.path).path, {k: v[0] for k, v in parse_qs(said).items()}
            held.asked.append((path, form))
            if path == "/authorize":
                self.reply(302, "", Location=held.authorize(form))
            else:
                status, found = getattr(held, path.strip("/"))(form)
                self.reply(status, found if isinstance(found, str) else json.dumps(found))

        def reply(self, status: int, text: str, **headers: str) -> None:
            body = text.encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
