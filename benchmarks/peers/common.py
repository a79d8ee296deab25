"""What the peers written in Python share: the twenty rules, whom they answer, and how they say what they did."""

import json
import os
import re
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage

from benchmarks.words import PHRASES

RULES = tuple(re.compile(re.escape(phrase), re.IGNORECASE) for phrase in PHRASES)
ROBOTS = frozenset(("auto-submitted", "list-id", "list-unsubscribe", "precedence"))
IMAP, SMTP, LMTP = (int(os.environ.get(f"BENCH_{name}", "0")) for name in ("IMAP", "SMTP", "LMTP"))
USER, PASSWORD, CA = (os.environ.get(f"BENCH_{name}", "") for name in ("USER", "PASSWORD", "CA"))
TEXT = "Buongiorno,\n\nho ricevuto il messaggio e rispondo entro quattro giorni lavorativi.\n\nGiulia Ferri\n"


def trust() -> ssl.SSLContext:
    """The certificate of the servers."""
    return ssl.create_default_context(cafile=CA)


def answer(to: str, subject: str, message_id: str) -> EmailMessage:
    """The courtesy reply of every peer."""
    reply = EmailMessage()
    reply["From"], reply["To"] = "va@va.example", to
    reply["Subject"] = "Re: " + " ".join(subject.split())
    reply["Auto-Submitted"] = "auto-replied"
    if message_id:
        reply["In-Reply-To"] = message_id
    reply.set_content(TEXT)
    return reply


def timed(work: Callable[[], tuple[int, int]]) -> None:
    """Does it, and prints seconds, messages and replies."""
    began = time.perf_counter()
    messages, replies = work()
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "messages": messages, "replies": replies}))
