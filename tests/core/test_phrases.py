"""Sentences as data: numbers choose the wording, fields are filled, every language says everything."""

import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vamaild.core.grammar import GrammarError
from vamaild.core.grammar import build as grammar
from vamaild.core.letter import TemplateError
from vamaild.core.phrases import Phrases, build
from vamaild.phrasing import load

TEMPLATES = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 11, 20, 16, tzinfo=ZoneInfo("Europe/Rome"))
FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")
HOW = {"decimal": ",", "percent": "{n} %", "minutes": "{n} min", "hours": "{n} h", "days": "{n} d"}
HOW |= {"and": "{head} a {last}"}


def phrases(**texts: object) -> Phrases:
    table = tomllib.loads((TEMPLATES / "cs" / "grammar.toml").read_text(encoding="utf-8"))
    return Phrases("cs", build({"how": HOW, "x": texts}), grammar(table), NOW)


@pytest.mark.parametrize(
    ("n", "said"), [(0, "žádný"), (1, "jeden"), (2, "2 dny"), (4, "4 dny"), (5, "5 dní"), (25, "25 dní")]
)
def test_the_number_chooses_the_wording(n: int, said: str) -> None:
    say = phrases(a={"usual": "{n} dní", "0": "žádný", "1": "jeden", "2-4": "{n} dny"})
    assert say.say("x.a", n) == said


def test_fields_are_filled_and_dates_said_by_the_grammar() -> None:
    say = phrases(a="{who}, {at:kdy}: {hours} h, {time}")
    told = say.say("x.a", who="Eva", at=NOW + timedelta(hours=1), hours=4.5, time=timedelta(minutes=140))
    assert told == "Eva, dnes v 17:00: 4,5 h, 2 h 20 min"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (6, "6 min"), (60, "1 h"), (140, "2 h 20 min"), (601, "10 h"), (47 * 60, "47 h"), (48 * 60, "2 d")],
)
def test_how_long(minutes: int, said: str) -> None:
    assert phrases().lasts(timedelta(minutes=minutes)) == said


@pytest.mark.parametrize(
    ("part", "of", "said"), [(0, 0, 0), (0, 9, 0), (1, 999, 1), (998, 999, 99), (9, 9, 100), (26, 38, 68)]
)
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, of: int, said: int) -> None:
    assert phrases().percent(part, of) == f"{said} %"


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a a b"), (["a", "b", "c"], "a, b a c")]
)
def test_a_list(parts: list[str], said: str) -> None:
    assert phrases().both(parts) == said


@pytest.mark.parametrize(
    ("texts", "key", "words", "complaint"),
    [
        ({}, "x.b", {}, "there is no text x.b"),
        ({"a": "{who}"}, "x.a", {}, "nobody said what {who} is"),
        ({"a": "{at}"}, "x.a", {"at": NOW}, "a date needs a filter"),
        ({"a": {"1": "one"}}, "x.a", {}, "x.a must be a text"),
        ({"a": {"usual": "u", "one": "1"}}, "x.a", {}, "x.a: 'one' is neither a number"),
        ({"a": 3}, "x.a", {}, "x.a must be a text"),
    ],
)
def test_what_is_wrong_is_named(texts: dict[str, object], key: str, words: dict[str, object], complaint: str) -> None:
    with pytest.raises(GrammarError, match=re.escape(complaint)):
        phrases(**texts).say(key, **words)  # type: ignore[arg-type]  # by name


def texts(language: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((TEMPLATES / language / "report.toml").read_text(encoding="utf-8"))


def fields(text: object) -> set[str]:
    several = text.values() if isinstance(text, dict) else (text,)
    return {name for one in several for name in FIELD.findall(str(one))}


@pytest.mark.parametrize("language", ["it", "cs"])
def test_every_language_says_everything_with_the_same_fields(language: str) -> None:
    english, other = texts("en"), texts(language)
    assert {t: set(keys) for t, keys in other.items()} == {t: set(keys) for t, keys in english.items()}
    for table, keys in english.items():
        for key, text in keys.items():
            assert fields(other[table][key]) <= fields(text) | {"n"}, f"{table}.{key}"


@pytest.mark.parametrize("language", ["it", "cs", "en"])
def test_no_report_uses_words_that_no_reply_should(language: str) -> None:
    avoid = tomllib.loads((TEMPLATES / language / "grammar.toml").read_text(encoding="utf-8"))["avoid"]
    said = (TEMPLATES / language / "report.toml").read_text(encoding="utf-8").casefold()
    assert [word for word in avoid if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said)] == []


def test_an_own_file_changes_some_lines_and_the_rest_is_ours(tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "report.toml").write_text('[todo]\nnothing = "Tutto fatto."\n', encoding="utf-8")
    say = load((tmp_path, TEMPLATES), "it", "report.toml", NOW)
    assert say.say("todo.nothing") == "Tutto fatto."
    assert say.say("how.decimal") == ","


def test_a_language_without_a_report_reads_english() -> None:
    assert load((TEMPLATES,), "fr", "report.toml", NOW).language == "en"


@pytest.mark.parametrize("broken", ["[todo\n", "nothing = 3\n", "[todo]\nnothing = 3\n"])
def test_a_broken_file_is_named(broken: str, tmp_path: Path) -> None:
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "report.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(TemplateError, match=r"it/report.toml: "):
        load((tmp_path, TEMPLATES), "it", "report.toml", NOW)
