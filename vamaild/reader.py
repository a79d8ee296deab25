"""How mail is read: what the process that reads it runs, and the same reader for where there is no such process."""

from collections.abc import Callable
from datetime import UTC, datetime

from .adapters.apart import Apart
from .core.ledger import Arrival
from .core.message import Message

WARM = (
    b"From: a@b.example\r\nDate: Fri, 20 Nov 2026 18:04:00 +0100\r\nSubject: =?utf-8?q?=C3=A8?=\r\n"
    b"Content-Type: multipart/mixed; boundary=X\r\n\r\n"
    b"--X\r\nContent-Type: text/html\r\n\r\n<p>a<table><tr><td>b</table><ul><li>c</ul>\r\n"
    b"--X\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n"
    b"--X\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3D\r\n"
    b"--X\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n"
    b"begin 644 x\r\n!80``\r\n`\r\nend\r\n"
    b"--X\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\n\r\nciao\r\n--X--\r\n"
)
"""A mail that makes every library load what it loads late."""


def here() -> Callable[[Arrival], Message]:
    """The reader in this process."""
    from .adapters.html import visible
    from .adapters.mime import MimeReader

    return MimeReader(visible).read


def apart() -> Apart:
    """The reader in a process of its own, which is started with the first message."""
    return Apart(__name__, here)


def main() -> None:
    """What that process runs."""
    from .adapters.apart.serve import serve
    from .adapters.mime.charsets import only_safe

    read = here()

    def warm_up() -> None:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        for raw in (WARM, WARM.replace(b"boundary=X", b"boundary=Y"), b"From: \xe8\n\n\xe8"):
            read(Arrival(0, 0, at, len(raw), raw))
        only_safe()

    serve(read, warm_up)
