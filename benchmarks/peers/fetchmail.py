"""fetchmail -> procmail and formail, or maildrop and mailbot: fetched one by one, twenty recipes, answered."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.dovecot import Account
from benchmarks.peers import getmail
from benchmarks.words import PHRASES

FETCHMAIL = (
    'poll localhost service {account.tls_port} protocol IMAP username "{account.user}" password "{account.password}" '
    'ssl sslcertck sslcertfile "{account.ca}" mda "{deliver}" keep fetchall no rewrite\n'
)
MAILDROP = """
SHELL="/bin/sh"
DEFAULT="{folder}/Mail/"
if (!/^Auto-Submitted: *auto/:h && !/^(List-Id|List-Unsubscribe|Precedence):/:h)
{{
  cc "| {mailbot} -t {folder}/reply.txt -d {folder}/vacation -D 7 -A 'From: va@va.example' {folder}/sendmail"
}}
{rules}
"""
RULE = "if (/{0}/:hb)\n{{\n  URGENT=1\n}}\n"
NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


def command(account: Account, folder: Path, smtp: int, maildrop: bool) -> list[str]:
    """Writes its files into the empty folder; returns what is to be run. Nothing of it runs as root."""
    getmail.recipes(folder, smtp)
    for name in ("cur", "new", "tmp"):
        (folder / "Mail" / name).mkdir()
    rules = "".join(RULE.format(phrase) for phrase in PHRASES)
    (folder / "mailfilter").write_text(MAILDROP.format(folder=folder, rules=rules, mailbot=shutil.which("mailbot")))
    (folder / "mailfilter").chmod(0o600)
    deliver = f"maildrop {folder}/mailfilter" if maildrop else f"/usr/bin/procmail -m {folder}/procmailrc"
    (folder / "fetchmailrc").write_text(FETCHMAIL.format(account=account, deliver=deliver))
    (folder / "fetchmailrc").chmod(0o600)
    found = ["env", f"HOME={folder}", f"FETCHMAILHOME={folder}", "fetchmail", "-s", "-f", str(folder / "fetchmailrc")]
    return [*give(folder), *found]


def give(folder: Path) -> tuple[str, ...]:
    """The folder to nobody where root would run it; what is to stand before the command then."""
    if os.geteuid():
        return ()
    subprocess.run(["chown", "-R", "nobody:nogroup", str(folder)], check=True)
    return NOBODY
