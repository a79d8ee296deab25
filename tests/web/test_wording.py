"""The words of the page: every language has all of them, with the same blanks; own lines go first."""

import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.web.phone import WORDINGS
from vamaild.core.chainwords import Said
from vamaild.web.wording import WordingError, load

TEMPLATES = Path(__file__).parents[2] / "templates"
PACKAGE = Path(__file__).parents[2] / "vamaild" / "web"
NOW = datetime(2026, 12, 3, 10, 40, tzinfo=ZoneInfo("Europe/Rome"))
USED = re.compile(r"""say\(\s*["']([a-z]+\.[a-z_]+)|"([a-z]+\.[a-z_]+)" if|else "([a-z]+\.[a-z_]+)\"""")


def test_the_languages_of_the_texts() -> None:
    assert set(WORDINGS) == {"it", "cs", "en"}


@pytest.mark.parametrize("language", ["it", "cs"])
def test_every_language_says_everything_with_the_same_blanks(language: str) -> None:
    english, own = WORDINGS["en"].texts, load((TEMPLATES,))[language].texts
    assert set(own) == set(english)
    for key, text in english.items():
        if not key.startswith("how."):
            assert set(re.findall(r"{\w+}", own[key])) == set(re.findall(r"{\w+}", text)), key
            assert own[key] != text, f"{key} is not translated"
            assert "!" not in own[key]


def test_every_key_of_the_program_has_words_and_every_word_is_used() -> None:
    source = "".join(path.read_text() for path in PACKAGE.glob("*.py"))
    used = {key for found in USED.findall(source) for key in found if key}
    assert used
    assert used <= set(WORDINGS["en"].texts)
    by_name = {
        k
        for k in WORDINGS["en"].texts
        if k.partition(".")[0] in ("said", "course", "fault", "reason", "how", "verdicts")
    }
    assert set(WORDINGS["en"].texts) - by_name <= used


def test_what_became_of_an_answer_can_be_said() -> None:
    can_happen = set(Said) - {Said.GIVEN, Said.MAY_NOT, Said.UNCLEAR, Said.UNKNOWN, Said.STRANGER, Said.NO_SUCH_PERSON}
    assert {k.partition(".")[2] for k in WORDINGS["en"].texts if k.startswith("said.")} == can_happen


@pytest.mark.parametrize(
    ("language", "when", "until", "whom"),
    [
        ("it", "oggi alle 10:40", "lunedì 7 dicembre", "ad Anna"),
        ("cs", "dnes v 10:40", "do pondělí 7. prosince", "Anna"),
        ("en", "today at 10:40", "Monday 7 December", "Anna"),
    ],
)
def test_dates_and_names(language: str, when: str, until: str, whom: str) -> None:
    wording = WORDINGS[language]
    assert wording.when(NOW, NOW) == when
    assert wording.until(NOW + timedelta(days=4), NOW) == until
    assert (wording.whom("Anna"), wording.whom("")) == (whom, "")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "it").mkdir()
    return tmp_path


def test_own_lines_go_first_and_the_rest_stays(own: Path) -> None:
    (own / "it" / "page.toml").write_text('[do]\ntake = "Mio"\n')
    found = load((own, TEMPLATES))
    assert found["it"].say("do.take") == "Mio"
    assert found["it"].say("do.pass_small") == WORDINGS["it"].say("do.pass_small")
    assert found["cs"].texts == WORDINGS["cs"].texts


def test_a_language_of_ones_own_falls_back_on_english(own: Path) -> None:
    (own / "de").mkdir()
    (own / "de" / "page.toml").write_text('[do]\ntake = "Ich übernehme"\n')
    shutil.copy(TEMPLATES / "en" / "grammar.toml", own / "de")
    found = load((own, TEMPLATES))["de"]
    assert (found.say("do.take"), found.say("do.over")) == ("Ich übernehme", "Is it over?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[do\n", "page.toml: it cannot be read"),
        ("[do]\ntake = 3\n", "do.take must be a text"),
        ('take = "x"\n', "must be a text"),
        ("[do]\n[do.take]\nx = 'y'\n", "do.take must be a text"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(own: Path, text: str, said: str) -> None:
    (own / "it" / "page.toml").write_text(text)
    with pytest.raises(WordingError, match=re.escape(said)):
        load((own, TEMPLATES))


def test_a_language_without_a_table_of_words(own: Path) -> None:
    (own / "de").mkdir()
    (own / "de" / "page.toml").write_text('[do]\ntake = "Ich"\n')
    with pytest.raises(WordingError, match=r"de/grammar\.toml"):
        load((own, TEMPLATES))
