"""The ways to our own people: an e-mail, a program of the administrator, or a service that apprise knows.

Each implements core/notify.py's Notifier: it ends within 15 seconds, never raises, and shows no way in its answer.
"""

from .apprise import AppriseNotifier
from .command import CommandNotifier
from .email import EmailNotifier

__all__ = ["AppriseNotifier", "CommandNotifier", "EmailNotifier"]
