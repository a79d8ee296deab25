"""The files of a new installation as text, with comments for whoever edits them: vamaild.toml and secrets.toml."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from .answers import NONE, QUESTIONS, WeekAnswer
from .edit import Value, written
from .schema.values import DAYS

PASSWORD = "mailbox"  # noqa: S105 - the name of the password, not the password
MAIN = """# vamaild.toml: who you are, which mailbox, what holds for every client.
# Every key is explained in docs/keys.md. After an edit:  vamaild check && sudo systemctl reload vamaild

[me]
name     = {name}
email    = {email}    # reports and warnings come here
gender   = {gender}    # grammar only
language = {language}
timezone = {timezone}

[mailbox]    # the inbox your clients forward to; several: [[mailbox]]
imap     = {imap}
user     = {user}
password = "secret:mailbox"    # the value is in secrets.toml
every    = "60s"    # a poll
keyword  = "vamaild"    # set on what is decided; "" sets nothing
{server_id}{ca}
[send]
smtp     = {smtp}
{sign_in}wait     = "4m"    # a reply waits this long; answer yourself and it is dropped
wait_emergency = "30s"
per_person_per_day = 3
per_hour = 60    # above this everything waits for you
{ca}
[week]
days     = {days}
hours    = {hours}
holidays = {holidays}    # countries, places (IT-MI), days of your own (2026-12-24)

[defaults]    # every client starts from here
trust    = "observe"    # observe -> draft -> send
lead_days = {lead_days}    # working days of notice
answer_margin_days = 2    # working days from a return to the date customers are told

[report]
send     = "fri 16:00"    # without this line it never leaves by itself

[privacy]
keep_text   = "30d"    # how long texts of messages are kept
keep_events = "400d"    # what was done and why
log_addresses = false    # true: addresses in the journal
"""
SECRETS = """# secrets.toml: passwords and the secret ways to the people who are called in an emergency.
# root:vamaild 0640; systemd hands it to the service. Nothing under [contacts] can leave in a reply.

[passwords]
mailbox = {password}

# [contacts.petr-sea]                  # a name of an escalation chain, [escalation] chain = ["me", "petr-sea"]
# email = "petr.more@example.com"
# ntfy  = "ntfys://ntfy.example.com/novak-7f3a9c1b2e"
"""
COMMENTS_AT = 39


def meaning(answers: Mapping[str, str], name: str) -> object:
    """What the answer to this question means. Raises ValueError for an answer that is none."""
    return next(q for q in QUESTIONS if q.name == name).read(answers[name])


def main_text(answers: Mapping[str, str]) -> str:
    """vamaild.toml. Every question of `answers` must have its answer; "server_id" and "ca" may be there besides."""
    week = cast(WeekAnswer, meaning(answers, "week"))
    plain = ("name", "email", "gender", "language", "timezone", "imap", "smtp", "user")
    known: dict[str, Value] = {name: str(meaning(answers, name)) for name in plain}
    known["days"] = [DAYS[day] for day in week.days]
    known["hours"] = f"{week.opens:%H:%M}-{week.closes:%H:%M}"
    known["holidays"] = cast(Sequence[str], meaning(answers, "holidays"))
    lines = {name: written(value) for name, value in known.items()}
    lines["lead_days"] = str(meaning(answers, "lead_days"))
    lines["server_id"] = _line("server_id", answers, "    # how your server signs what it finds out about senders")
    lines["ca"] = _line("ca", answers, "    # the certificate authority of your own server")
    user = str(meaning(answers, "smtp_user"))
    lines["sign_in"] = "" if user == NONE else f'user     = {written(user)}\npassword = "secret:mailbox"\n'
    return aligned(MAIN.format(**lines))


def _line(key: str, answers: Mapping[str, str], comment: str) -> str:
    """A line that is only there when there is something to say."""
    return f"{key:<8} = {written(answers[key])}{comment}\n" if answers.get(key) else ""


def aligned(text: str) -> str:
    """Comments behind values begin in one column, where the values leave room."""
    return "\n".join(_aligned(line) for line in text.split("\n"))


def _aligned(line: str) -> str:
    value, gap, comment = line.partition("    # ")
    return f"{value:<{COMMENTS_AT}}# {comment}" if gap else line


def secrets_text(password: str) -> str:
    """secrets.toml."""
    return SECRETS.format(password=written(password))


def with_rush(text: str, mode: str, percent: int, until: str) -> str:
    """A new client's file with its [rush], which stands there as a comment; `until` is the hour of "today 18:00".

    The comment is what `vamaild client add` writes.
    """
    before, mark, rest = text.partition("# [rush]")
    block, gap, after = (mark + rest).partition("\n\n")
    table, _, tier = block.partition("\n#\n")
    kept = f"{table}\n#\n{tier}" if mode == "offer" else table
    live = "\n".join(line.removeprefix("#").removeprefix(" ") for line in kept.split("\n"))
    live = live.replace('"offer"', written(mode), 1).replace('"today 18:00"', written(f"today {until}"))
    live = aligned(re.sub(r" {2,}# ", "    # ", live.replace("= 50", f"= {percent}")))
    return before + live + gap + after


def with_forwarding(text: str, profile: str) -> str:
    """A new client's file that says how its mail is forwarded."""
    before, mark, rest = text.partition("\n[lead]")
    lines = f"\n[forwarding]\nprofile  = {written(profile)}    # vamaild doctor --forwarding finds it out\n"
    return before + aligned(lines) + mark + rest
