"""The outgoing mail server of the booted container: encrypted, with a sign-in; keeps every mail as a file.

Mail to the office is delivered into its mailbox.
"""

import asyncio
import ssl
import subprocess
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

SPOOL = Path("/var/lib/sink")
LOGIN = (b"office@ferri-av.example", b"Walnut-55-Kite")


class Keep:
    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (the library's name)
        name = f"{len(list(SPOOL.glob('*.eml'))):04}"
        new = SPOOL / f"{name}.new"
        new.write_bytes(envelope.content)
        if any(to.startswith("office") for to in envelope.rcpt_tos):
            subprocess.run(["doveadm", "save", "-u", "office"], input=envelope.content, check=True)
        new.rename(SPOOL / f"{name}.eml")
        return "250 kept"


def signed_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == LOGIN, handled=False)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/ssl/office.pem", "/etc/ssl/private/office.key")
Controller(
    Keep(), hostname="127.0.0.1", port=465, ssl_context=context,
    authenticator=signed_in, auth_required=True, auth_require_tls=False,
).start()  # fmt: skip
asyncio.new_event_loop().run_forever()
