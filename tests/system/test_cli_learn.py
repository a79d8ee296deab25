"""`vamaild learn`, asked as from a shell: corrections become a proposal, its effect is shown, a yes writes the file."""

import errno
import json
from pathlib import Path

import pytest

from tests.system.bench import NOVAK, ROSSI, Bench
from vamaild import learning
from vamaild.core.learning import LABEL

pytestmark = pytest.mark.slow
DONE, ATTENTION, USAGE, NOT_FOUND, SAFETY = 0, 1, 2, 5, 6
SHOP = "ordini@negozio.example"
SHOP_SAYS = ("Mi manda conferma del listino {}?", "Ci dice se il catalogo {} va bene?", "Vi serve il modulo {}?")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bench:
    """Three messages of a shop to Rossi, one of somebody else, an emergency of Novák's."""
    bench = Bench(tmp_path, monkeypatch, capsys)
    for number, text in enumerate(SHOP_SAYS, 1):
        bench.write(text.format("abc"[number - 1] * 4), sender=SHOP, to=ROSSI, subject=f"Ordine {number}")
    bench.write("Quando puoi mi mandi il preventivo?", to=ROSSI, subject="Preventivo")
    bench.write("V prodejně hoří, hasiči jsou na cestě!", sender="eva@mala.example", to=NOVAK, subject="Hoří")
    return bench


def corrected(bench: Bench, kind: str = "information") -> None:
    for number in (1, 2, 3):
        assert bench.ask("learn", "correct", str(number), "--as", kind).code == DONE


def rules(bench: Bench) -> Path:
    return bench.config / LABEL


def test_three_corrections_make_a_proposal_and_nothing_before(bench: Bench) -> None:
    assert bench.ask("learn").out.startswith("Nothing is proposed.")
    for number in (1, 2):
        bench.ask("learn", "correct", str(number), "--as", "information")
    assert bench.ask("learn").out.startswith("Nothing is proposed.")
    said = bench.ask("learn", "correct", "3", "--as", "information")
    assert said.out.splitlines()[1:] == ["1 new proposal: vamaild learn"]
    assert [line.split() for line in bench.ask("learn").out.splitlines()[1:2]] == [
        ["1", "rossi", "from", SHOP, "information", "3", "messages", "today"]
    ]
    assert not rules(bench).exists()


def test_show_has_the_rule_its_example_and_its_effect(bench: Bench) -> None:
    corrected(bench)
    said = bench.ask("learn", "show", "1")
    assert said.code == DONE
    assert f'when.from = ["{SHOP}"]' in said.out
    assert 'fits   = ["Mi manda conferma del listino aaaa?"' in said.out
    assert "Of the 4 messages of the last 90 days it changes 3." in said.out
    assert said.out.count('  "Ordine') == 3
    value = json.loads(bench.ask("learn", "show", "1", "--json").out)
    assert (value["changed"], value["calmed"], value["compared"]) == (3, 0, 4)
    assert not rules(bench).exists()


def test_accept_writes_a_rule_that_check_takes_and_that_decides(bench: Bench) -> None:
    corrected(bench)
    assert bench.ask("learn", "accept", "1").code == DONE
    bench.write(SHOP_SAYS[0].format("dddd"), sender=SHOP, to=ROSSI, subject="Ordine 9")
    bench.write("Mi manda il listino?", sender=SHOP.upper(), to=NOVAK, subject="Ordine 10")
    with bench.store() as store:
        at_rossi, at_novak = store.entry(6), store.entry(7)
    assert at_rossi and at_novak
    assert (at_rossi.kind, at_rossi.explanation["rule"]["file"]) == ("information", LABEL)  # type: ignore[index]  # JSON
    assert at_novak.kind != "information"
    assert bench.ask("learn", "accept", "1").code == ATTENTION
    assert bench.ask("learn").out.startswith("Nothing is proposed.")


def test_an_emergency_of_that_sender_stays_one(bench: Bench) -> None:
    corrected(bench)
    bench.ask("learn", "accept", "1")
    bench.write("In negozio c'è un incendio, i pompieri stanno arrivando!", sender=SHOP, to=ROSSI, subject="Aiuto")
    with bench.store() as store:
        entry = store.entry(6)
    assert entry
    assert (entry.kind, str(entry.outcome)) == ("emergency", "escalated")


def test_refuse_is_for_good(bench: Bench) -> None:
    corrected(bench)
    assert bench.ask("learn", "refuse", "1").code == DONE
    corrected(bench)
    assert bench.ask("learn").out.startswith("Nothing is proposed.")
    assert bench.ask("learn", "accept", "1").code == ATTENTION
    assert not rules(bench).exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("show", "7"), NOT_FOUND), (("accept", "7"), NOT_FOUND), (("refuse", "7"), NOT_FOUND), (("show", "x"), USAGE),
     (("correct", "99", "--as", "information"), NOT_FOUND), (("correct", "ZZZZ", "--as", "information"), NOT_FOUND),
     (("correct", "1", "--as", "urgent"), USAGE), (("correct", "1"), USAGE)],
)  # fmt: skip
def test_slips(bench: Bench, arguments: tuple[str, ...], code: int) -> None:
    assert bench.ask("learn", *arguments).code == code


# ---- the file

RULE = """\
[[learned]]
client = "rossi"
name   = "learned: from a@b.example (information)"
kind   = "information"
when.from = ["a@b.example"]
fits   = ["Mi manda il listino?"]
"""


def test_comments_and_rules_that_stand_there_stay(bench: Bench) -> None:
    mine = "# mine, not yours\n[[learned]]   # odd  spacing\n" + RULE.split("\n", 1)[1].replace("a@b", "z@b")
    rules(bench).write_text(mine, encoding="utf-8")
    rules(bench).chmod(0o644)
    learning.write(bench.config, bench.state, RULE)
    text = rules(bench).read_text(encoding="utf-8")
    assert text.startswith(mine.rstrip())
    assert text.endswith(RULE)
    assert rules(bench).stat().st_mode & 0o777 == 0o644
    learning.write(bench.config, bench.state, RULE)
    assert rules(bench).read_text(encoding="utf-8") == text
    assert sorted(p.name for p in rules(bench).parent.iterdir() if p.name.startswith(".")) == []


def shut(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """The configuration is read-only, as it is to the packaged service."""
    replace = learning._replace

    def refuse(path: Path, raw: bytes) -> None:
        if path.is_relative_to(folder):
            raise OSError(errno.EROFS, "Read-only file system")
        replace(path, raw)

    monkeypatch.setattr(learning, "_replace", refuse)


def test_where_the_configuration_is_read_only_the_rule_stands_in_the_state(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrected(bench)
    shut(monkeypatch, bench.config)
    said = bench.ask("learn", "accept", "1")
    path = bench.state / "rules.d" / "81-learned.toml"
    assert (said.code, str(path) in said.out) == (DONE, True)
    assert not rules(bench).exists()
    bench.write(SHOP_SAYS[0].format("dddd"), sender=SHOP, to=ROSSI, subject="Ordine 9")
    with bench.store() as store:
        entry = store.entry(6)
    assert entry
    assert entry.explanation["rule"]["file"] == "rules.d/81-learned.toml"  # type: ignore[index]  # JSON
    text = path.read_text(encoding="utf-8")
    assert learning.write(bench.config, bench.state, text[text.index("[[learned]]") :]) == path
    assert path.read_text(encoding="utf-8") == text


def test_a_rule_that_check_does_not_take_leaves_the_state_as_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut(monkeypatch, bench.config)
    with pytest.raises(ValueError, match=r"rules.d/81-learned.toml:\d+ would not be taken"):
        learning.write(bench.config, bench.state, RULE.replace("information", "nonsense"))
    assert not (bench.state / "rules.d" / "81-learned.toml").exists()


@pytest.mark.parametrize("before", [None, "# mine\n"])
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [('"information"\n', '"urgent"\n', "kind"), ("when.from", "when.form", "form"),
     ('when.from = ["a@b.example"]', 'when.says = ["bolletta"]', "bolletta"), ('"Mi', '"Mi"', "TOML")],
)  # fmt: skip
def test_what_check_does_not_take_is_put_back(bench: Bench, before: str | None, old: str, new: str, why: str) -> None:
    if before is not None:
        rules(bench).write_text(before, encoding="utf-8")
    with pytest.raises(ValueError, match="The file is as it was"):
        learning.write(bench.config, bench.state, RULE.replace(old, new))
    assert (rules(bench).read_text(encoding="utf-8") if rules(bench).exists() else None) == before


def test_a_folder_that_cannot_be_written_leaves_the_yes_open(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    corrected(bench)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(learning, "_replace", refuse)
    assert bench.ask("learn", "accept", "1").code == ATTENTION
    with bench.store() as store:
        assert str(store.proposals()[0].standing) == "agreed"
    assert not rules(bench).exists()


def test_a_rule_that_would_calm_an_emergency_is_not_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of judgement forbids it; should that ever change, the replay of 90 days still does."""
    corrected(bench)
    monkeypatch.setattr(learning.Effect, "calmed", property(lambda self: self.changed))
    said = bench.ask("learn", "accept", "1")
    assert (said.code, "would have been none" in said.err) == (SAFETY, True)
    assert not rules(bench).exists()


def test_the_daily_look_proposes_once_a_day(bench: Bench) -> None:
    corrected(bench)
    with bench.service() as service:
        assert learning.watch(service) == 0
        assert service.store.last_run(learning.RUN) is not None
