"""Texts of an absence: none invents a date, none holds one of its own, none is said twice."""

import shutil
import tomllib
from pathlib import Path

import pytest

from vamaild import wire
from vamaild.adapters.templates import Texts
from vamaild.core.grammar import build
from vamaild.core.letter import TemplateError
from vamaild.core.prose import style

from .texts import SHIPPED, put, words_for

LANGUAGES = ("it", "cs", "en")
NOBODY_KNOWS = {"words": "", "back": None, "answer_by": None}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tu", [False, True])
def test_without_a_day_back_these_can_be_written_and_name_none(language: str, tu: bool) -> None:
    for name in ("vacation-undated", "vacation-fifth"):
        words = words_for(name, language) | {"away": NOBODY_KNOWS, "tu": tu, "colleague": None}
        body = Texts(SHIPPED)(name, language, "", words).body
        assert not any(c.isdigit() for c in body.replace("9:00", "").replace("12:10", "")), body
        assert "None" not in body


@pytest.mark.parametrize("name", ["vacation-first", "vacation-second", "vacation-another"])
def test_without_a_day_back_no_other_can(name: str) -> None:
    with pytest.raises(TemplateError):
        Texts(SHIPPED)(name, "it", "", words_for(name, "it") | {"away": NOBODY_KNOWS})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_rung_repeats_a_sentence(language: str) -> None:
    rungs = ("vacation-first", "vacation-second", "vacation-another", "vacation-undated", "vacation-fifth")
    seen: set[str] = set()
    for name in rungs:
        words = words_for(name, language) | {"greeting": "", "closing": "", "colleague": None}
        body = Texts(SHIPPED)(name, language, "", words).body
        sentences = {
            s.strip().casefold() for s in body.replace(":", ".").replace("?", ".").split(".") if len(s.split()) > 3
        }
        assert not seen & sentences
        seen |= sentences


DATED = [
    ("it", "entro lunedì 7 dicembre", "lunedì 7"),
    ("it", "il 7 dicembre", "7 dicembre"),
    ("it", "da lunedì 7", "lunedì 7"),
    ("cs", "do 9. prosince", "9. prosince"),
    ("cs", "vrací se 7. 12. ráno", "7. 12."),
    ("cs", "7.12. jsem zpět", "7.12."),
    ("en", "back on December 7", "December 7"),
    ("en", "on Monday 7 December", "Monday 7"),
]


def faults(language: str, text: str, name: str = "vacation-first") -> list[tuple[int, str]]:
    """What `check` says of the form of this text."""
    table = tomllib.loads((SHIPPED / language / "grammar.toml").read_text(encoding="utf-8"))
    return [(f.line, f.what) for f in style("x.txt", name, text, {"day"}, build(table))]


@pytest.mark.parametrize(("language", "text", "found"), DATED)
def test_a_text_that_holds_a_date_of_its_own_fails_check(language: str, text: str, found: str) -> None:
    assert faults(language, f"Subject: x\n\n{{{{ away.back|day }}}}\n{text}\n")[0] == (
        4,
        f"names the date {found!r} itself",
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "le 18:00 di oggi, 4 giorni, il 50% e 3,5 ore"),
        ("cs", "do 18:00, 50 %, 4 dny"),
        ("en", "May I call at 9:00?"),
        ("en", "{{ away.back|day }} {# 7 December #}"),
    ],
)
def test_hours_and_numbers_are_no_dates(language: str, text: str) -> None:
    assert faults(language, text) == []


def test_a_text_without_any_date_fails_check() -> None:
    table = build(tomllib.loads((SHIPPED / "it" / "grammar.toml").read_text(encoding="utf-8")))

    def said(name: str) -> list[str]:
        return [f.what for f in style("x.txt", name, "torna presto", (), table)]

    assert (said("vacation-first"), said("vacation-undated")) == (["promises no date"], [])


@pytest.mark.slow
def test_own_texts_name_no_place(tmp_path: Path) -> None:
    from tests.system.bench import SAMPLES

    config = tmp_path / "config"
    shutil.copytree(SAMPLES, config)
    (config / "secrets.toml").chmod(0o600)
    with (config / "secrets.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[secrets]\nplaces = ["Kréta"]\n')
    put(config / "templates", "cs/vacation-first.txt", "Subject: x\n\n{{ away.back|ve }}\nŠéf je na Krétě.\n")
    found = [p for p in wire.load(config, texts=True, play=False).problems if "names a place" in p.what]
    assert [(p.file, p.line, p.is_error) for p in found] == [("templates/cs/vacation-first.txt", 4, False)]
