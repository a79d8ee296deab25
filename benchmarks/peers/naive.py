"""The peer: the same libraries as their tutorials show them. Whole messages one by one, a row and a connection each."""

import re
import smtplib
import sqlite3
from email.message import EmailMessage
from pathlib import Path

import mailparser
from imapclient import IMAPClient

RULES = tuple(
    re.compile(p, re.IGNORECASE) for p in (r"urgent\w*", r"stasera", r"zítra", r"tomorrow", r"grazie", r"subito")
)


def run(imap: IMAPClient, smtp_port: int, database: Path) -> int:
    """Fetches, judges by six patterns, answers everybody once; returns how many messages."""
    db = sqlite3.connect(database)
    db.execute("create table if not exists mail (uid integer primary key, sender text, hit text)")
    uids = imap.search()
    for uid in uids:
        raw = imap.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
        mail = mailparser.parse_from_bytes(raw)
        text = "\n".join(mail.text_plain or mail.text_html)
        hit = next((p.pattern for p in RULES if p.search(text)), "")
        db.execute("insert into mail values (?, ?, ?)", (uid, mail.from_[0][1], hit))
        db.commit()
        if "List-Id" not in mail.headers:
            _answer(mail.from_[0][1], smtp_port)
    return len(uids)


def _answer(to: str, port: int) -> None:
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = "info@acme.example", to, "Re: Richiesta"
    reply.set_content("Ricevuto, è in agenda.")
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        smtp.send_message(reply)
