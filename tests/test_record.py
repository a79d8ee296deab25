"""The words of the page for an audit: the same lines in every language, with the same blanks."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = (ROOT / "vamaild" / "cli" / "record.py").read_text(encoding="utf-8")


def texts(language: str) -> dict[str, str]:
    table = tomllib.loads((ROOT / "templates" / language / "record.toml").read_text(encoding="utf-8"))["record"]
    return {key: value if isinstance(value, str) else value["usual"] for key, value in table.items()}


@pytest.mark.parametrize("language", ["it", "cs"])
def test_every_language_says_everything(language: str) -> None:
    english, own = texts("en"), texts(language)
    assert list(own) == list(english)
    for key, text in english.items():
        assert sorted(re.findall(r"{\w+}", own[key])) == sorted(re.findall(r"{\w+}", text)), key
        assert key in ("behalf",) or own[key] != text, f"{key} is not translated"


def test_every_line_is_used() -> None:
    unused = [key for key in texts("en") if not re.search(rf'record\.{key}"|"{key}"', SOURCE)]
    assert unused == []
