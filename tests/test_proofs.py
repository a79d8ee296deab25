"""`check` plays examples that hold once: again whenever anything that has a say in them has changed."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.make import CLIENT, DECIDING, MAIN, TOOLS, rule_file, sources
from vamaild import proofs
from vamaild.config.configuration import Source, Sources
from vamaild.config.stories import Interrupted, load_and_play
from vamaild.proofs import NAME, Proofs

RULE = '[[rule]]\nname = "price"\nwhen = { says = ["listino"] }\nkind = "information"\nfits = ["Ecco il listino"]\n'
VERDI = CLIENT.replace('"rossi"', '"verdi"').replace("info@studiorossi", "info@verdi")


def files(own: str = CLIENT, shipped: str = RULE, shared: str = "", main: str = MAIN) -> Sources:
    rules = [rule_file("30-kinds.toml", shipped, shipped=True), rule_file("client-rossi.toml", own)]
    if shared:
        rules.append(rule_file("50-mine.toml", shared))
    return sources(*rules, main=main)


def played(found: Sources, state: Path | None, roots: tuple[Path, ...] = ()) -> set[str]:
    """The files whose examples `check` plays now."""
    known = Proofs(state, found, roots)
    _, done = load_and_play(found, TOOLS, DECIDING, proven=known.known)
    known.keep(done)
    return {p.file for p in done}


SECRETS = Source("secrets.toml", b'[passwords]\nmailbox = "x"\n')
SHIPPED, OWN = "rules.d/30-kinds.toml", "rules.d/client-rossi.toml"
WITH_EXAMPLE = CLIENT + RULE.replace("[[rule]]", "\n[[rule]]")


def test_the_second_time_none_is_played(tmp_path: Path) -> None:
    assert played(files(WITH_EXAMPLE), tmp_path) == {SHIPPED, OWN}
    assert played(files(WITH_EXAMPLE), tmp_path) == set()


def test_a_client_has_no_say_in_them(tmp_path: Path) -> None:
    played(files(), tmp_path)
    assert played(beside(files(WITH_EXAMPLE)), tmp_path) == {OWN}


def beside(found: Sources, text: str = VERDI) -> Sources:
    """With a second client."""
    return replace(found, rules=(*found.rules, rule_file("client-verdi.toml", text)))


def test_a_file_that_changed_is_played_again_and_no_other(tmp_path: Path) -> None:
    verdi = VERDI + RULE.replace("[[rule]]", "\n[[rule]]")
    played(beside(files(WITH_EXAMPLE), verdi), tmp_path)
    changed = beside(files(WITH_EXAMPLE), verdi + "# another")
    assert played(changed, tmp_path) == {"rules.d/client-verdi.toml"}
    assert played(changed, tmp_path) == set()


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(files(WITH_EXAMPLE + "# another"), id="the file itself"),
        pytest.param(files(WITH_EXAMPLE, shared="# mine"), id="a shared file of one's own"),
        pytest.param(files(WITH_EXAMPLE, main=MAIN + "\n"), id="vamaild.toml"),
        pytest.param(replace(files(WITH_EXAMPLE), secrets=SECRETS), id="secrets.toml"),
        pytest.param(beside(files(WITH_EXAMPLE)), id="the addresses of another client"),
    ],
)
def test_whatever_has_a_say_in_ones_own_plays_them_again(tmp_path: Path, changed: Sources) -> None:
    played(files(WITH_EXAMPLE), tmp_path)
    assert OWN in played(changed, tmp_path)


def test_a_text_has_a_say_in_the_examples_that_expect_it(tmp_path: Path) -> None:
    folder = texts(tmp_path / "templates")
    assert OWN in played(files(WITH_EXAMPLE), tmp_path, (folder,))
    assert OWN not in played(files(WITH_EXAMPLE), tmp_path, (folder,))
    assert OWN in played(files(WITH_EXAMPLE), tmp_path, (texts(folder, "Salve"),))


def test_a_file_whose_last_good_version_stands_in_is_played(tmp_path: Path) -> None:
    good, faulty = rule_file("client-rossi.toml", WITH_EXAMPLE), rule_file("client-rossi.toml", "[client")
    found = files(WITH_EXAMPLE)
    with_fallback = replace(found, rules=(found.rules[0], replace(faulty, fallback=good)))
    played(found, tmp_path)
    assert OWN in played(with_fallback, tmp_path)
    assert OWN in played(with_fallback, tmp_path)


def test_ones_own_that_fail_are_played_and_told_each_time(tmp_path: Path) -> None:
    bad = files(WITH_EXAMPLE.replace("Ecco il listino", "Buongiorno"))
    for _ in range(2):
        known = Proofs(tmp_path, bad)
        found, done = load_and_play(bad, TOOLS, DECIDING, proven=known.known)
        known.keep(done)
        assert [p.file for p in found.errors] == [OWN]


def test_both_ways_to_read_a_configuration_are_remembered(tmp_path: Path) -> None:
    """The service leaves out the tables of languages nobody speaks, `check` does not."""
    spoken = replace(files(WITH_EXAMPLE), rules=files(WITH_EXAMPLE).rules[1:])
    for _ in range(2):
        played(files(WITH_EXAMPLE), tmp_path)
        played(spoken, tmp_path)
    assert OWN not in played(files(WITH_EXAMPLE), tmp_path)
    assert OWN not in played(spoken, tmp_path)
    assert len(json.loads((tmp_path / NAME).read_text())["clients"]) == 2


@pytest.mark.parametrize("after", range(3))
def test_what_was_played_before_an_interruption_is_not_played_again(tmp_path: Path, after: int) -> None:
    def tell(done: int, of: int) -> None:
        assert of == 3
        if done > after:
            raise KeyboardInterrupt

    two = WITH_EXAMPLE.replace('["Ecco il listino"]', '["Ecco il listino", "Mandi il listino"]')
    known = Proofs(tmp_path, files(two))
    with pytest.raises(Interrupted) as stopped:
        load_and_play(files(two), TOOLS, DECIDING, proven=known.known, tell=tell)
    known.keep(stopped.value.played)
    assert (stopped.value.done, stopped.value.of) == (after + 1, 3)
    assert played(files(two), tmp_path) == ({OWN} if after < 2 else set())


def test_what_is_remembered_is_for_nobody_elses_eyes(tmp_path: Path) -> None:
    played(files(WITH_EXAMPLE), tmp_path)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


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
    kept = json.loads(path.read_text())
    return path.write_text(json.dumps({**kept, "files": [OWN], "clients": [OWN, "0" * 64]}))


def other_kinds(path: Path) -> object:
    return path.write_text('{"key": 1, "files": {"a": 1}, "clients": {"b": []}}')


@pytest.mark.parametrize("harm", [spoil, forge, overreach, other_kinds, Path.unlink])
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
