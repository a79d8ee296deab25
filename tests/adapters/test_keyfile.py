"""The key for links: made once, ours alone, never shown."""

import stat
from pathlib import Path

import pytest

from vamaild.adapters import keyfile
from vamaild.adapters.keyfile import NAME, KeyFileError, make, read

OTHER = b"k" * 32


def test_it_is_made_once_for_us_alone(tmp_path: Path) -> None:
    key = make(tmp_path)
    assert len(key) >= 32
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert make(tmp_path) == read(tmp_path, {}) == key
    assert [p.name for p in tmp_path.iterdir()] == [NAME], "nothing is left beside it"


def test_no_two_are_alike(tmp_path: Path) -> None:
    keys = set()
    for name in "abc":
        (tmp_path / name).mkdir()
        keys.add(make(tmp_path / name))
    assert len(keys) == 3


def test_removing_it_makes_every_old_link_void(tmp_path: Path) -> None:
    old = make(tmp_path)
    (tmp_path / NAME).unlink()
    assert make(tmp_path) != old


@pytest.mark.parametrize(
    ("handed", "own", "wanted"),
    [(OTHER, b"o" * 32, OTHER), (b"", OTHER, OTHER), (b"none", OTHER, OTHER), (None, OTHER, OTHER)],
)
def test_what_systemd_hands_over_goes_first_unless_it_is_empty(
    tmp_path: Path, handed: bytes | None, own: bytes, wanted: bytes
) -> None:
    (tmp_path / NAME).write_bytes(own + b"\n")
    folder = tmp_path / "credentials"
    folder.mkdir()
    if handed is not None:
        (folder / NAME).write_bytes(handed)
    assert read(tmp_path, {"CREDENTIALS_DIRECTORY": str(folder)}) == wanted


NONE, WEAK = "no key for links yet", "too short"


@pytest.mark.parametrize(
    ("content", "said"), [(None, NONE), (b"", NONE), (b"Walnut", WEAK)], ids=["none", "empty", "weak"]
)
def test_none_or_a_weak_one(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(KeyFileError, match=said) as caught:
        read(tmp_path, {})
    assert "Walnut" not in str(caught.value)


def test_where_it_cannot_be_made_or_read(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be made"):
        make(tmp_path / "nowhere")
    (tmp_path / NAME).mkdir()
    with pytest.raises(KeyFileError, match="cannot be read"):
        read(tmp_path, {})


def test_the_key_of_the_journal_stays_and_the_group_may_read_it(tmp_path: Path) -> None:
    first = keyfile.of_log(tmp_path)
    assert len(first) >= 32
    assert keyfile.of_log(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o640
    assert keyfile.of_log(tmp_path / "other") != first


def test_without_a_place_for_it_there_is_a_key_for_this_run(tmp_path: Path) -> None:
    (tmp_path / "log.key").write_bytes(b"short")
    assert keyfile.of_log(tmp_path) != keyfile.of_log(tmp_path)
    assert len(keyfile.of_log(tmp_path / "no" / "such")) >= 32
