"""Only the tables of languages that somebody named are read; nothing that is somebody's own is ever left out."""

import pytest

from vamaild.config.configuration import Source
from vamaild.config.spoken import named, spoken

SHIPPED = tuple(
    Source(f"rules.d/{name}.toml", b"", shipped=True)
    for name in ("00-safety", "05-screens", "10-language-it", "10-language-de", "20-emergencies-de", "30-kinds")
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('language = "it"', {"it"}),
        ('language  = \'cs\'\nlanguages = ["cs", "en"]', {"cs", "en"}),
        ('languages = [\n  "de",  # the shop\n  "fr",\n]\nname = "es"', {"de", "fr"}),
        ('[[person]]\n  language = "pl"', {"pl"}),
        ('# language = "sk"\nname = "no"', set()),
        ("", set()),
    ],
)
def test_what_a_file_names(text: str, codes: set[str]) -> None:
    assert named([Source("rules.d/client-x.toml", text.encode())]) == codes


def test_the_last_good_version_counts_too() -> None:
    broken = Source("rules.d/client-x.toml", b"language =", fallback=Source("last good", b'language = "de"'))
    assert named([broken]) == {"de"}


def test_only_shipped_tables_of_other_languages_are_left_out() -> None:
    own = (Source("rules.d/client-x.toml", b'language = "it"'), Source("rules.d/10-language-xx.toml", b""))
    labels = [s.label for s in spoken((*SHIPPED, *own))]
    assert [s.label for s in SHIPPED if s.label not in labels] == [
        "rules.d/10-language-de.toml",
        "rules.d/20-emergencies-de.toml",
    ]
    assert [s.label for s in own] == labels[-2:]


def test_the_assistants_own_language_is_spoken_too() -> None:
    main = Source("vamaild.toml", b'[me]\nlanguage = "de"')
    assert spoken(SHIPPED, (main,)) == tuple(s for s in SHIPPED if "-it" not in s.label)
