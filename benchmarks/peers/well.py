"""The same libraries as vamaild's, used well, for rules and courtesy replies only: nothing else is judged or promised.

Header and first 32 kB of 200 messages at a time, a transaction a batch, one kept connection, marks by sets of UIDs.
"""

import email
import email.policy
import os
import smtplib
import tempfile
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import jinja2
import sqlite_utils
from imapclient import IMAPClient

from benchmarks.peers import common

BATCH, PART = 200, "BODY.PEEK[]<0.32768>"


def work(client: IMAPClient, folder: Path) -> tuple[int, int]:
    """(messages, replies)."""
    db = sqlite_utils.Database(folder / "well.db")
    db.conn.execute("pragma journal_mode=WAL")
    template = jinja2.Environment(autoescape=True).from_string(common.TEXT)
    uids, answered = client.search("UNSEEN"), set[str]()
    with smtplib.SMTP("127.0.0.1", common.SMTP) as smtp:
        for start in range(0, len(uids), BATCH):
            found, replies = list(_read(client, uids[start : start + BATCH])), []
            for _, mail, sender, subject, _ in found:
                if sender not in answered and not {name.lower() for name in mail} & common.ROBOTS:
                    answered.add(sender)
                    replies.append((sender, common.answer(sender, subject, mail["Message-ID"] or "")))
                    replies[-1][1].set_content(template.render(subject=subject))
            rows = [{"uid": uid, "mid": m["Message-ID"], "sender": s, "urgent": u} for uid, m, s, _, u in found]
            with db.conn:
                db["seen"].insert_all(rows)
                db["sent"].insert_all([{"who": who, "raw": reply.as_bytes()} for who, reply in replies])
            for _, reply in replies:
                smtp.send_message(reply)
            client.add_flags([row["uid"] for row in rows], [b"judged"], silent=True)
    return len(uids), len(answered)


def _read(client: IMAPClient, uids: list[int]) -> Iterator[tuple[int, Message, str, str, bool]]:
    """(uid, message, sender, subject, whether a rule fits)."""
    for uid, data in client.fetch(uids, [PART]).items():
        mail = email.message_from_bytes(data[b"BODY[]<0>"], policy=email.policy.compat32)
        subject = str(make_header(decode_header(mail["Subject"] or "")))
        text = f"{subject}\n{_text(mail)}"
        yield uid, mail, parseaddr(mail["From"])[1], subject, any(rule.search(text) for rule in common.RULES)


def _text(mail: Message) -> str:
    for wanted in ("text/plain", "text/html"):
        for part in mail.walk():
            if part.get_content_type() == wanted and part.get_content_disposition() != "attachment":
                data = part.get_payload(decode=True)
                return data.decode(part.get_content_charset() or "utf-8", "replace") if isinstance(data, bytes) else ""
    return ""


def main() -> None:
    """Signs in and does it. imaplib's `debug` at 0, else imapclient formats every message for a log nobody reads."""
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder,
        IMAPClient("localhost", common.IMAP, ssl_context=common.trust()) as client,
    ):
        client._imap.debug = 0
        client.login(common.USER, common.PASSWORD)
        client.select_folder("INBOX")
        common.timed(lambda: work(client, Path(folder)))


if __name__ == "__main__":
    main()
