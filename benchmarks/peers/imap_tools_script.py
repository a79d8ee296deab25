"""The script most people write: imap_tools, one message at a time, a loop over patterns, a connection a reply."""

import smtplib

from imap_tools import MailBox

from benchmarks.peers import common


def main() -> None:
    """Signs in and does it."""
    with MailBox("localhost", common.IMAP, ssl_context=common.trust()).login(common.USER, common.PASSWORD) as box:
        common.timed(lambda: work(box))


def work(box: MailBox) -> tuple[int, int]:
    """(messages, replies)."""
    answered: set[str] = set()
    messages = 0
    for mail in box.fetch(mark_seen=False):
        messages += 1
        text = f"{mail.subject}\n{mail.text or mail.html}"
        if any(rule.search(text) for rule in common.RULES):
            box.flag(mail.uid, "urgent", True)
        if mail.from_ in answered or any(name in mail.headers for name in common.ROBOTS):
            continue
        answered.add(mail.from_)
        with smtplib.SMTP("127.0.0.1", common.SMTP) as smtp:
            smtp.send_message(common.answer(mail.from_, mail.subject, mail.headers.get("message-id", ("",))[0]))
    return messages, len(answered)


if __name__ == "__main__":
    main()
