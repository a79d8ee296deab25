"""A notice over one of the services that apprise knows (SMS, ntfy, Signal, Telegram …), by its URL in [contacts].

The library is imported when the first notice goes this way: it is large, and most installations do not need it.
"""

import logging
import queue
import threading
from typing import Any

from vamaild.core.notify import Delivered, Delivery, Notice

SECONDS = 15.0
SHORT_SERVICE = 480
"""A service that takes fewer characters than this carries text messages: it gets the short form."""
TROUBLE = (OSError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError, ImportError)
BAD_URL = Delivered(Delivery.FAILED, "this URL is none that apprise knows")


class AppriseNotifier:
    """`way` is an apprise URL. Redirects are not followed, and everything together may take `seconds`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def notify(self, way: str, notice: Notice) -> Delivered:
        """What the service said; when it says nothing in time, the attempt goes on alone and nobody waits for it."""
        if "://" not in way:
            return BAD_URL
        answers: queue.Queue[Delivered] = queue.Queue()
        threading.Thread(target=lambda: answers.put(_attempt(way, notice)), daemon=True).start()
        try:
            return answers.get(timeout=self._seconds)
        except queue.Empty:
            return Delivered(Delivery.RETRY, f"the service did not answer within {self._seconds:g} seconds")


def _attempt(way: str, notice: Notice) -> Delivered:
    """The words of an exception may show the URL: only its kind is kept."""
    try:
        return _ask(way, notice)
    except TROUBLE as error:
        return Delivered(Delivery.RETRY, f"the service could not be asked ({type(error).__name__})")


def _ask(way: str, notice: Notice) -> Delivered:
    import apprise

    _hush()
    asset = apprise.AppriseAsset(http_redirects=False, async_mode=False, storage_mode="memory")
    service: Any = apprise.Apprise.instantiate(way, asset=asset)
    if not service:
        return BAD_URL
    service.redirects = False  # whatever its URL says: a notice goes nowhere but where it was configured,
    service.optional = False  # and what was not taken was not delivered
    target = apprise.Apprise(asset=asset)
    target.add(service)
    short = service.body_maxlen < SHORT_SERVICE
    text = "\n\n".join(filter(None, ("" if short else notice.text.rstrip(), notice.link))) or notice.short
    title = "" if text == notice.short else notice.short
    result: Any = target.notify(body=text, title=title, body_format="text", interpret_escapes=False)
    status = result.status.name
    if status == "SUCCESS":
        return Delivered(Delivery.DELIVERED)
    if status == "NOMATCH":
        return BAD_URL
    return Delivered(Delivery.RETRY, f"the service did not take it ({status.lower()})")


def _hush() -> None:
    """What the library logs names hosts and people; our own log says what is needed."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
