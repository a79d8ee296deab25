"""Reads the sentences of one language: templates/<language>/<file>.toml, with the dates of its grammar.toml.

A line missing in an own file is taken from the shipped one, then from English.
"""

import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from .core.grammar import Choice, Grammar, GrammarError
from .core.grammar import build as build_grammar
from .core.letter import TemplateError
from .core.phrases import Phrases, build

FALLBACK = "en"


def load(roots: Sequence[Path], language: str, file: str, now: datetime) -> Phrases:
    """The sentences of `file` ("report.toml"); `roots` are own texts first. In English where there are none.

    Raises TemplateError: which file, and why.
    """
    known = any((root / language / file).is_file() for root in roots)
    spoken = language if known else FALLBACK
    english = _texts(roots, FALLBACK, file)
    return Phrases(spoken, english | _texts(roots, spoken, file), _grammar(roots, spoken), now)


def _texts(roots: Sequence[Path], language: str, file: str) -> dict[str, Choice]:
    found: dict[str, Choice] = {}
    for root in reversed(roots):
        path = root / language / file
        if path.is_file():
            try:
                found |= build(_toml(path))
            except GrammarError as error:
                raise TemplateError(f"{path}: {error}") from error
    return found


def _grammar(roots: Sequence[Path], language: str) -> Grammar:
    path = next((p for root in roots if (p := root / language / "grammar.toml").is_file()), None)
    if path is None:
        raise TemplateError(f"templates/{language}/grammar.toml: this language has no table of words")
    try:
        return build_grammar(_toml(path))
    except GrammarError as error:
        raise TemplateError(f"{path}: {error}") from error


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"{path}: it cannot be read: {error}. Correct it, or remove it to use ours") from error
