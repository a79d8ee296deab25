"""Files are found where a person puts them; what cannot be read is found all the same, with the reason."""

import os
import stat
from pathlib import Path

import pytest

from vamaild.adapters import files
from vamaild.adapters.files import Files, Found, find, forget_others, keep_good, last_good, shipped


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    (folder / "rules.d").mkdir(parents=True)
    (folder / "vamaild.toml").write_text("[me]")
    (folder / "secrets.toml").write_text("[passwords]")
    (folder / "secrets.toml").chmod(0o640)
    (folder / "rules.d" / "client-rossi.toml").write_text("own")
    return folder


@pytest.fixture
def product(tmp_path: Path) -> Path:
    folder = tmp_path / "product"
    folder.mkdir()
    for name in ("10-language-it.toml", "30-kinds.toml"):
        (folder / name).write_text("shipped")
    return folder


def found(config: Path, product: Path, **more: object) -> Files:
    return find(config, shipped_rules=product, environ={}, **more)  # type: ignore[arg-type]


def labels(looked: Files) -> list[str]:
    return [f.label.removeprefix("rules.d/") for f in looked.rules]


def test_everything_is_found_in_the_order_of_names(config: Path, product: Path) -> None:
    (config / "rules.d" / "15-mine.toml").write_text("own")
    looked = found(config, product)
    assert looked.main == Found("vamaild.toml", b"[me]")
    assert looked.secrets == Found("secrets.toml", b"[passwords]")
    assert labels(looked) == ["10-language-it.toml", "15-mine.toml", "30-kinds.toml", "client-rossi.toml"]
    assert [f.shipped for f in looked.rules] == [True, False, True, False]
    assert looked.warnings == ()


def test_an_own_file_replaces_the_shipped_one_which_stands_by(config: Path, product: Path) -> None:
    (config / "rules.d" / "30-kinds.toml").write_text("own")
    kinds = found(config, product).rules[1]
    assert (kinds.label, kinds.raw, kinds.shipped) == ("rules.d/30-kinds.toml", b"own", False)
    assert kinds.fallback == Found("rules.d/30-kinds.toml", b"shipped", shipped=True)


def test_what_editors_leave_behind_is_no_rule_file(config: Path, product: Path) -> None:
    for name in (".client-rossi.toml", "client-rossi.toml~", "#client-rossi.toml#", ".#x.toml", "notes.txt", "#a.toml"):
        (config / "rules.d" / name).write_text("x")
    assert labels(found(config, product)) == ["10-language-it.toml", "30-kinds.toml", "client-rossi.toml"]


def test_nothing_at_all_is_found_in_an_empty_place(tmp_path: Path) -> None:
    assert find(tmp_path / "no", None, tmp_path / "neither", {}) == Files(None, None, ())


def test_secrets_handed_over_by_systemd_go_first(config: Path, product: Path, tmp_path: Path) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "secrets.toml").write_text("handed")
    environ = {"CREDENTIALS_DIRECTORY": str(handed)}
    looked = find(config, shipped_rules=product, environ=environ)
    assert looked.secrets == Found("secrets.toml", b"handed")
    (handed / "secrets.toml").unlink()
    assert find(config, shipped_rules=product, environ=environ).secrets == Found("secrets.toml", b"[passwords]")


@pytest.mark.parametrize(("mode", "warned"), [(0o640, False), (0o600, False), (0o644, True), (0o642, True)])
def test_secrets_that_others_can_read_are_warned_of(config: Path, product: Path, mode: int, warned: bool) -> None:
    (config / "secrets.toml").chmod(mode)
    warnings = found(config, product).warnings
    assert [(w.file, w.what) for w in warnings] == [("secrets.toml", "everybody on this machine can read it")] * warned
    if warned:
        assert warnings[0].advice == f"chmod 0640 {config / 'secrets.toml'}"


def test_a_link_that_leads_out_of_rules_d_is_refused(config: Path, product: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.toml"
    outside.write_text("not yours")
    (config / "rules.d" / "client-verdi.toml").symlink_to(outside)
    verdi = found(config, product).rules[-1]
    assert (verdi.raw, verdi.trouble) == (b"", "is a link that leads out of rules.d")


def test_a_link_inside_rules_d_and_a_linked_rules_d_are_fine(config: Path, product: Path, tmp_path: Path) -> None:
    (config / "rules.d" / "client-verdi.toml").symlink_to("client-rossi.toml")
    other = tmp_path / "other"
    other.mkdir()
    (other / "rules.d").symlink_to(config / "rules.d")
    assert [f.raw for f in found(other, product).rules[2:]] == [b"own", b"own"]


@pytest.mark.parametrize(
    ("make", "trouble"),
    [
        (lambda p: p.symlink_to(p.name), "is a link that leads out of rules.d"),
        (lambda p: p.symlink_to("gone.toml"), "points to a file that is not there"),
        (lambda p: p.mkdir(), "is a folder, not a file"),
        (os.mkfifo, "is no ordinary file"),
    ],
)
@pytest.mark.timeout(10)
def test_what_is_no_file_is_said_and_never_waited_for(config: Path, product: Path, make: object, trouble: str) -> None:
    make(config / "rules.d" / "client-verdi.toml")  # type: ignore[operator]
    verdi = found(config, product).rules[-1]
    assert verdi.label == "rules.d/client-verdi.toml"
    assert verdi.trouble == trouble
    assert verdi.advice


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (PermissionError(13, "Permission denied"), "cannot be read: the rights do not allow it"),
        (OSError(5, "Input/output error"), "cannot be read: Input/output error"),
    ],
)
def test_an_error_of_the_system_is_told_in_words(
    config: Path, product: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, trouble: str
) -> None:
    plain = Path.open

    def failing(path: Path, *args: object, **more: object) -> object:
        if path.name == "vamaild.toml":
            raise error
        return plain(path, *args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", failing)
    looked = found(config, product)
    assert looked.main is not None
    assert (looked.main.trouble, bool(looked.main.advice)) == (trouble, True)
    assert looked.rules[-1].raw == b"own"


def test_a_folder_that_cannot_be_looked_into_does_not_pass_for_an_empty_one(config: Path, product: Path) -> None:
    (config / "rules.d" / "client-rossi.toml").unlink()
    (config / "rules.d").rmdir()
    (config / "rules.d").write_text("a file")
    first = found(config, product).rules[0]
    assert (first.label, first.trouble) == ("rules.d", "is a file, not a folder")


def test_a_huge_file_is_not_read_to_its_end(config: Path, product: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BIGGEST", 10)
    (config / "vamaild.toml").write_text("x" * 100)
    main = found(config, product).main
    assert main is not None
    assert len(main.raw) == 10


# The last good copies


def test_the_last_good_copy_stands_by_for_its_client_only(config: Path, product: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    keep_good(state, "rules.d/client-rossi.toml", b"good")
    keep_good(state, "rules.d/client-gone.toml", b"gone")
    looked = found(config, product, state=state)
    assert labels(looked) == ["10-language-it.toml", "30-kinds.toml", "client-rossi.toml"]
    assert looked.rules[-1].fallback == Found("rules.d/client-rossi.toml (last good version)", b"good")
    forget_others(state, [f.label for f in looked.rules])
    assert [p.name for p in (state / "last-good").iterdir()] == ["client-rossi.toml"]


def test_a_copy_is_readable_by_us_only_and_replaced_as_a_whole(tmp_path: Path) -> None:
    keep_good(tmp_path, "client-rossi.toml", b"one")
    keep_good(tmp_path, "rules.d/client-rossi.toml", b"two")
    copy = tmp_path / "last-good" / "client-rossi.toml"
    assert copy.read_bytes() == b"two"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [p.name for p in copy.parent.iterdir()] == ["client-rossi.toml"]


def test_a_failed_write_leaves_the_old_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_good(tmp_path, "client-rossi.toml", b"one")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep_good(tmp_path, "client-rossi.toml", b"two")
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "last-good").iterdir()] == [("client-rossi.toml", b"one")]


def test_an_unchanged_file_is_not_written_again(tmp_path: Path) -> None:
    keep_good(tmp_path, "client-rossi.toml", b"one")
    before = (tmp_path / "last-good" / "client-rossi.toml").stat().st_ino
    keep_good(tmp_path, "client-rossi.toml", b"one")
    assert (tmp_path / "last-good" / "client-rossi.toml").stat().st_ino == before


@pytest.mark.parametrize("name", ["../evil.toml", "..", "", ".hidden.toml", "x.txt", "a\0.toml"])
def test_no_copy_leaves_its_folder(tmp_path: Path, name: str) -> None:
    if "/" not in name:
        with pytest.raises(ValueError, match="no name"):
            keep_good(tmp_path, name, b"x")
    assert last_good(tmp_path, name) is None


def test_no_state_means_no_copy() -> None:
    assert last_good(None, "client-rossi.toml") is None


def test_shipped_files_lie_in_the_package_or_in_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "package_files", lambda name: tmp_path / "vamaild")
    assert shipped("rules.d") == tmp_path / "rules.d"
    (tmp_path / "vamaild" / "shipped" / "rules.d").mkdir(parents=True)
    assert shipped("rules.d") == tmp_path / "vamaild" / "shipped" / "rules.d"


def test_no_repr_shows_what_is_in_a_file(config: Path, product: Path) -> None:
    assert "passwords" not in repr(found(config, product))
