"""One target under atheris, in the process it has for itself."""

import sys

import atheris

LOOKED_INTO = [
    "vamaild.adapters.mime",
    "vamaild.adapters.html",
    "mailparser",
    "vamaild.core.newtext",
    "vamaild.core.reading",
]
LOOKED_INTO += ["vamaild.core.words", "vamaild.core.deadline", "vamaild.config"]

with atheris.instrument_imports(include=LOOKED_INTO):
    from .targets import TARGETS


def main() -> None:
    """`one NAME LIBFUZZER-ARGUMENTS`"""
    name, sys.argv = sys.argv[1], [sys.argv[0], *sys.argv[2:]]
    atheris.Setup(sys.argv, TARGETS[name].feed)
    atheris.Fuzz()
