"""A configuration directory for vamaild over the workload's three clients, with rules of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import words
from .dovecot import Account

MAIN = """
[me]
name = "Giulia Ferri"
email = "giulia@ferri-av.example"
language = "it"
timezone = "Europe/Rome"
"""
MAILBOX = """
[[mailbox]]
name = "{name}"
imap = "imaps://localhost:{port}"
user = "{user}"
password = "secret:mailbox"
ca = "{ca}"
"""
SEND = """
[send]
smtp = "smtp://127.0.0.1:{port}"
from = "va@va.example"
wait = "0s"
wait_emergency = "0s"
per_hour = 10000
per_domain_per_hour = 10000
per_day = 100000
per_person_per_day = 100
"""
CLIENT = """
[client]
id = "{id}"
name = "Client {id}"
arrives = ["{address}"]
language = "{language}"
languages = ["it", "cs", "en"]
timezone = "Europe/Rome"
trust = "send"

[lead]
days = 4
"""
RULE = """
[[rule]]
name = "{name}"
kind = "scheduled-request"
when.says = ["{says}"]
"""
CLIENTS: Mapping[str, str] = {"a": "it", "b": "en", "c": "cs"}


@dataclass(frozen=True)
class Box:
    """A mailbox to look into: through this port."""

    name: str
    account: Account
    port: int


def write(folder: Path, boxes: Sequence[Box], smtp: int, rules: Sequence[str] = words.PHRASES, more: str = "") -> Path:
    """Such as /etc/vamaild, with `more` in its main file. Each client has the same rules: one for each phrase."""
    config = folder / "config"
    (config / "rules.d").mkdir(parents=True)
    mailboxes = (
        MAILBOX.format(name=box.name, port=box.port, user=box.account.user, ca=box.account.ca) for box in boxes
    )
    (config / "vamaild.toml").write_text(MAIN + "".join(mailboxes) + SEND.format(port=smtp) + more)
    (config / "secrets.toml").write_text(f'[passwords]\nmailbox = "{boxes[0].account.password}"\n')
    (config / "secrets.toml").chmod(0o600)
    own = "".join(RULE.format(name=f"rule {n}", says=says) for n, says in enumerate(rules))
    for name, language in CLIENTS.items():
        client = CLIENT.format(id=name, address=words.CLIENTS[language], language=language)
        (config / "rules.d" / f"client-{name}.toml").write_text(client + own)
    return config
