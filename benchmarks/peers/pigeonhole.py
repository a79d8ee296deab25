"""Pigeonhole: each message delivered by LMTP, twenty rules and a vacation reply in Sieve.

`python -m benchmarks.peers.pigeonhole FOLDER` delivers the files of FOLDER; the script lies in the account already.
"""

import smtplib
import sys
from pathlib import Path

from benchmarks.dovecot import Account
from benchmarks.peers import common
from benchmarks.words import CLIENTS, PHRASES

RULE = 'if anyof (header :contains "subject" "{0}", body :text :contains "{0}") {{ addflag "\\\\Flagged"; }}\n'
SCRIPT = """require ["imap4flags", "body", "vacation"];
{rules}
vacation :days 7 :addresses [{addresses}] :subject "Fuori ufficio" "Rispondo entro quattro giorni lavorativi.";
"""


def install(account: Account) -> None:
    """Puts the script into the account."""
    rules = "".join(RULE.format(phrase) for phrase in PHRASES)
    addresses = ", ".join(f'"{address}"' for address in CLIENTS.values())
    path = account.home / ".dovecot.sieve"
    path.write_text(SCRIPT.format(rules=rules, addresses=addresses))
    path.chmod(0o644)


def rules() -> str:
    """The twenty rules alone, as a script."""
    return 'require ["imap4flags", "body"];\n' + "".join(RULE.format(phrase) for phrase in PHRASES)


def deliver(folder: Path) -> tuple[int, int]:
    """(messages, 0): what was answered is seen at the sink."""
    files = sorted((folder / "new").iterdir())
    with smtplib.LMTP("127.0.0.1", common.LMTP) as server:
        for path in files:
            raw = path.read_bytes()
            sender = raw.partition(b"\n")[0].split(b"<")[1].rstrip(b">").decode()
            server.sendmail(sender, [f"{common.USER}@va.example"], raw)
    return len(files), 0


if __name__ == "__main__":
    common.timed(lambda: deliver(Path(sys.argv[1])))
