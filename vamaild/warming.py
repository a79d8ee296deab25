"""Makes the first message as quick as those after it: whatever is loaded late is loaded before a mail comes.

A made-up message for each language of the clients is read and judged in memory. Nothing of it is kept, counted or sent.
"""

import gc
from datetime import datetime
from email.utils import format_datetime

from .blame import blame
from .core.decide import FAULTS, decide
from .core.ledger import Arrival
from .core.message import History
from .core.ruleset import RuleSet
from .service import Service

WORDS = "Buongiorno, mi manda il preventivo per gli infissi entro domani? Could you send me the quotation? Grazie"


def warm_up(service: Service) -> None:
    """Starts the process that reads, loads the guesser of languages, looks phrases and texts up. A second at most."""
    one_each = {r.client.languages: r for r in service.rules.rulebook.clients}
    for ruleset in one_each.values():
        if service.stopping():
            break
        service.alive()
        try:
            _judge(ruleset, service)
        except FAULTS as error:  # what is wrong shows with real mail, which a person gets then
            service.journal.warning("could not warm up", client=ruleset.client.id, fault=blame(error))


def settle() -> None:
    """Sets apart what is loaded: it stays, and the collector need not walk through all of it with every batch of mail.

    What was set apart before and is not needed any more (rules read again hold themselves in circles) is collected.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _judge(ruleset: RuleSet, service: Service) -> None:
    now, rules = service.now(), service.rules
    message = service.read(_made_up(now))
    decide(message, ruleset, rules.rulebook, History(), rules.tools, now)


def _made_up(now: datetime) -> Arrival:
    raw = (
        f"From: Anna <anna@customer.invalid>\r\nTo: office@client.invalid\r\nSubject: Preventivo\r\n"
        f"Date: {format_datetime(now)}\r\nMessage-ID: <warm-up@customer.invalid>\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{WORDS}</p>\r\n"
    ).encode()
    return Arrival(0, 0, now, len(raw), raw)
