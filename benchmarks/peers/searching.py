"""Those that only mark what a rule fits and answer nobody: imapfilter (the server searches), and sieve-filter."""

from pathlib import Path

from benchmarks.dovecot import Account
from benchmarks.peers import fetchmail, pigeonhole
from benchmarks.words import PHRASES

IMAPFILTER = """
options.timeout = 300
options.info = false
options.charset = 'UTF-8'
options.starttls = false
a = IMAP {{ server = 'localhost', port = {account.port}, username = '{account.user}', password = '{account.password}' }}
b = a.INBOX
for _, phrase in ipairs {{ {phrases} }} do
  local found = b:contain_subject(phrase) + b:contain_body(phrase)
  if #found > 0 then found:mark_flagged() end
end
"""


def imapfilter(account: Account, folder: Path) -> list[str]:
    """What is to be run. It speaks in the clear: it takes no certificate but those of the system."""
    phrases = ", ".join(f"'{phrase}'" for phrase in PHRASES)
    (folder / "config.lua").write_text(IMAPFILTER.format(account=account, phrases=phrases))
    known = (f"HOME={folder}", f"IMAPFILTER_HOME={folder}")
    return [*fetchmail.give(folder), "env", *known, "imapfilter", "-c", str(folder / "config.lua")]


def sieve_filter(account: Account, folder: Path, configuration: Path) -> list[str]:
    """What is to be run: over the mail that lies in the inbox."""
    script = folder / "rules.sieve"
    script.write_text(pigeonhole.rules())
    folder.chmod(0o777)
    script.chmod(0o644)
    return ["sieve-filter", "-c", str(configuration), "-u", account.user, "-e", "-W", str(script), "INBOX"]
