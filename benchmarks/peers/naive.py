"""The same libraries as vamaild's, used as their tutorials show them.

Whole messages one by one, a row and a connection each: imapclient, mail-parser, jinja2, sqlite-utils, smtplib.
"""

import os
import smtplib
import tempfile
from pathlib import Path

import jinja2
import mailparser
import sqlite_utils
from imapclient import IMAPClient

from benchmarks.peers import common


def work(client: IMAPClient, folder: Path) -> tuple[int, int]:
    """(messages, replies)."""
    db = sqlite_utils.Database(folder / "naive.db")
    db.conn.execute("pragma journal_mode=WAL")
    texts = jinja2.Environment(loader=jinja2.DictLoader({"reply": common.TEXT}), autoescape=False)
    uids = client.search("UNSEEN")
    replies = 0
    for uid in uids:
        mail = mailparser.parse_from_bytes(client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"])
        text = f"{mail.subject}\n" + ("\n".join(mail.text_plain) or "\n".join(mail.text_html))
        urgent = any(rule.search(text) for rule in common.RULES)
        sender = mail.from_[0][1] if mail.from_ else ""
        db["seen"].insert({"uid": uid, "mid": mail.message_id, "sender": sender, "urgent": urgent})
        client.add_flags([uid], [b"judged"])
        known = db["sent"].exists() and list(db["sent"].rows_where("who = ?", [sender]))
        if known or {name.lower() for name in mail.headers} & common.ROBOTS:
            continue
        reply = common.answer(sender, mail.subject or "", mail.message_id or "")
        reply.set_content(texts.get_template("reply").render(subject=mail.subject))
        with smtplib.SMTP("127.0.0.1", common.SMTP) as smtp:
            smtp.send_message(reply)
        db["sent"].insert({"who": sender, "uid": uid})
        replies += 1
    return len(uids), replies


def main() -> None:
    """Signs in and does it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        IMAPClient("localhost", common.IMAP, ssl_context=common.trust()) as client,
    ):
        client.login(common.USER, common.PASSWORD)
        client.select_folder("INBOX")
        limit = int(os.environ.get("BENCH_SEND_ONLY", "0"))
        if limit:
            common.timed(lambda: send_only(limit))
        elif "BENCH_FETCH_ONLY" in os.environ:
            common.timed(lambda: fetch_only(client))
        else:
            common.timed(lambda: work(client, Path(folder)))


def fetch_only(client: IMAPClient) -> tuple[int, int]:
    """Whole messages one by one."""
    uids = client.search("UNSEEN")
    for uid in uids:
        client.fetch([uid], ["BODY.PEEK[]"])
    return len(uids), 0


def send_only(count: int) -> tuple[int, int]:
    """So many replies, a connection each."""
    for number in range(count):
        with smtplib.SMTP("127.0.0.1", common.SMTP) as smtp:
            smtp.send_message(common.answer(f"a{number}@x.example", "Richiesta", ""))
    return 0, count


if __name__ == "__main__":
    main()
