"""`check` plays the product's examples once: again whenever anything that has a say in them has changed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.make import CLIENT, DECIDING, MAIN, TOOLS, rule_file, sources
from vamaild import proofs
from vamaild.config.configuration import Sources
from vamaild.config.stories import load_and_play
from vamaild.proofs import NAME, Proofs

RULE = '[[rule]]\nname = "price"\nwhen = { says = ["listino"] }\nkind = "information"\nfits = ["Ecco il listino"]\n'
VERDI = CLIENT.replace('"rossi"', '"verdi"').replace("info@studiorossi", "info@verdi")


def files(own: str = CLIENT, shipped: str = RULE, shared: str = "", main: str = MAIN) -> Sources:
    rules = [rule_file("30-kinds.toml", shipped, shipped=True), rule_file("client-rossi.toml", own)]
    if shared:
        rules.append(rule_file("50-mine.toml", shared))
    return sources(*rules, main=main)


def played(found: Sources, state: Path | None) -> set[str]:
    """The files whose examples `check` plays now."""
    known = Proofs(state, found)
    _, done = load_and_play(found, TOOLS, DECIDING, proven=known.known)
    known.keep(done)
    return {p.file for p in done}


SHIPPED, OWN = "rules.d/30-kinds.toml", "rules.d/client-rossi.toml"
WITH_EXAMPLE = CLIENT + RULE.replace("[[rule]]", "\n[[rule]]")


def test_the_second_time_only_ones_own_are_played(tmp_path: Path) -> None:
    assert played(files(WITH_EXAMPLE), tmp_path) == {SHIPPED, OWN}
    assert played(files(WITH_EXAMPLE), tmp_path) == {OWN}


def test_a_client_has_no_say_in_them(tmp_path: Path) -> None:
    played(files(), tmp_path)
    more = files(WITH_EXAMPLE)
    assert played(replace(more, rules=(*more.rules, rule_file("client-verdi.toml", VERDI))), tmp_path) == {OWN}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(files(shipped=RULE + "\n# another"), id="the file itself"),
        pytest.param(files(shared=RULE.replace("price", "mine")), id="a shared file of one's own"),
        pytest.param(files(main=MAIN.replace('language = "it"', 'language = "cs"')), id="vamaild.toml"),
        pytest.param(files(main=MAIN + "\n"), id="a byte of vamaild.toml"),
    ],
)
def test_whatever_has_a_say_plays_them_again(tmp_path: Path, changed: Sources) -> None:
    played(files(), tmp_path)
    assert SHIPPED in played(changed, tmp_path)


def test_another_program_plays_them_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played(files(), tmp_path)
    monkeypatch.setattr(proofs, "_program", lambda: ["another"])
    assert played(files(), tmp_path) == {SHIPPED}


def test_what_failed_is_played_again_and_told_again(tmp_path: Path) -> None:
    bad = files(shipped=RULE.replace("Ecco il listino", "Buongiorno"))
    for _ in range(2):
        known = Proofs(tmp_path, bad)
        found, done = load_and_play(bad, TOOLS, DECIDING, proven=known.known)
        known.keep(done)
        assert [p.file for p in found.errors] == [SHIPPED]


def spoil(path: Path) -> object:
    return path.write_bytes(b"\xff{")


def forge(path: Path) -> object:
    return path.write_text('{"key": "x", "files": ["rules.d/30-kinds.toml"]}')


def overreach(path: Path) -> object:
    return path.write_text(path.read_text().replace("30-kinds", "client-rossi"))


@pytest.mark.parametrize("harm", [spoil, forge, overreach, Path.unlink])
def test_what_cannot_be_believed_is_not(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    played(files(WITH_EXAMPLE), tmp_path)
    harm(tmp_path / NAME)
    assert played(files(WITH_EXAMPLE), tmp_path) == {SHIPPED, OWN}


def test_where_nothing_can_be_kept_everything_is_played(tmp_path: Path) -> None:
    for state in (None, tmp_path / "no such folder"):
        for _ in range(2):
            assert played(files(), state) == {SHIPPED}
    assert list(tmp_path.iterdir()) == []


def texts(folder: Path, said: str = "Ciao") -> Path:
    (folder / "it").mkdir(parents=True, exist_ok=True)
    (folder / "it" / "thanks.txt").write_text(said)
    return folder


def test_texts_of_the_product_are_looked_through_once(tmp_path: Path) -> None:
    shipped = texts(tmp_path / "templates")
    first = Proofs(tmp_path, files())
    assert not first.texts_known(shipped)
    first.keep_texts()
    assert Proofs(tmp_path, files()).texts_known(shipped)
    assert not Proofs(None, files()).texts_known(shipped)
    assert not Proofs(tmp_path, files()).texts_known(texts(tmp_path / "templates", "Salve"))


def test_what_is_known_of_texts_and_of_examples_is_kept_side_by_side(tmp_path: Path) -> None:
    shipped, known = texts(tmp_path / "templates"), Proofs(tmp_path, files())
    played(files(), tmp_path)
    known.texts_known(shipped)
    known.keep_texts()
    assert SHIPPED not in played(files(WITH_EXAMPLE), tmp_path)
    played(files(shipped=RULE + "# another"), tmp_path)
    assert Proofs(tmp_path, files()).texts_known(shipped)
