"""Every key a file may hold: its kind of value, whether it must be there, and the sentence that explains it.

One source of three things: the checks, the texts of the complaints, and the generated reference.
"""

from .client import ClientFile
from .main import MainFile, SecretsFile
from .rules import SharedFile

__all__ = ["ClientFile", "MainFile", "SecretsFile", "SharedFile"]
