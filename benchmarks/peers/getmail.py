"""getmail -> procmail -> formail: fetched one by one, judged by twenty recipes, answered through a `sendmail`.

Its `sendmail` is a few lines of perl (Debian's perl-base) that hand the mail to the sink; a real one takes longer.
"""

import os
import subprocess
from pathlib import Path

from benchmarks.dovecot import Account
from benchmarks.words import PHRASES

GETMAIL = """
[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = {account.tls_port}
username = {account.user}
password = {account.password}
ca_certs = {account.ca}
mailboxes = ("INBOX",)
[destination]
type = MDA_external
path = /usr/bin/procmail
arguments = ("-m", "{folder}/procmailrc")
unixfrom = true
ignore_stderr = true
{user}
[options]
delete = false
read_all = true
verbose = 0
delivered_to = false
received = false
"""
PROCMAIL = """
MAILDIR={folder}
DEFAULT={folder}/Mail/
LOGFILE={folder}/log
SHELL=/bin/sh
LOCKFILE=

:0 Whc: {folder}/vacation.lock
* !^FROM_DAEMON
* !^X-Loop: va@va\\.example
* !^Auto-Submitted: *auto
* !^(List-Id|List-Unsubscribe|Precedence):
| formail -rD 65536 {folder}/vacation.cache

  :0 ehc
  | (formail -r -A"X-Loop: va@va.example" -A"Auto-Submitted: auto-replied" -I"From: va@va.example"; \\
     cat {folder}/reply.txt) | {folder}/sendmail
"""
RECIPE = """
:0 HB
* {phrase}
{{ URGENT=yes }}
"""
SENDMAIL = r"""#!/usr/bin/perl
use IO::Socket::INET; local $/; my $m = <STDIN>; my ($to) = $m =~ /^To:.*?([^\s<>]+@[^\s<>]+)/mi; exit 0 unless $to;
$m =~ s/\r?\n/\r\n/g; $m =~ s/^\./../mg; $/ = "\n";
my $s = IO::Socket::INET->new("127.0.0.1:PORT") or exit 75; my $r = sub { 1 while <$s> =~ /^\d+-/ }; $r->();
for ("EHLO x", "MAIL FROM:<va\@va.example>", "RCPT TO:<$to>", "DATA") { print $s "$_\r\n"; $r->() }
print $s "$m\r\n.\r\n"; $r->(); print $s "QUIT\r\n";
"""


def command(account: Account, folder: Path, smtp: int) -> list[str]:
    """Writes its files into the empty folder; returns what is to be run. procmail never runs as root."""
    recipes(folder, smtp)
    user = "user = nobody\ngroup = nogroup" if os.geteuid() == 0 else ""
    (folder / "getmailrc").write_text(GETMAIL.format(account=account, folder=folder, user=user))
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody:nogroup", str(folder)], check=True)
        (folder / "procmailrc").chmod(0o644)
    return ["getmail", "-g", str(folder), "-r", "getmailrc"]


def recipes(folder: Path, smtp: int) -> None:
    """What procmail needs, in the empty folder: its recipes, the reply, a `sendmail`."""
    (folder / "Mail").mkdir()
    rules = "".join(RECIPE.format(phrase=phrase) for phrase in PHRASES)
    (folder / "procmailrc").write_text(PROCMAIL.format(folder=folder) + rules)
    (folder / "reply.txt").write_text("Buongiorno,\n\nrispondo entro quattro giorni lavorativi.\n")
    (folder / "sendmail").write_text(SENDMAIL.replace("PORT", str(smtp)))
    (folder / "sendmail").chmod(0o755)
