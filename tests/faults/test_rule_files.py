"""Faults 58 to 60: rule files that hang, explode, lie where they should not, or are half written.

Each lies in a real configuration directory and is loaded as the service loads it; the other client goes on.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.test_hostile_mail import office
from tests.office import letter
from tests.system.world import ACME, BETA, NOW, PEOPLE, World, raw, until
from vamaild import wire
from vamaild.adapters.patterns import compile_regex
from vamaild.core.ledger import Outcome
from vamaild.core.ruleset import Kind, Rule

MAIN = """
[me]
name     = "Giulia Ferri"
email    = "giulia@ferri-av.example"
language = "it"
timezone = "Europe/Rome"
[mailbox]
imap     = "imaps://imap.example.com"
user     = "va@va.example"
password = "secret:mailbox"
[send]
smtp     = "smtps://smtp.example.com"
user     = "va@va.example"
password = "secret:mailbox"
"""
SECRETS = '[passwords]\nmailbox = "Bramble-73-Otter"\n[contacts.petr]\nphone = "+420 603 111 222"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Acme, which is right; Beta's file is the test's."""
    folder = tmp_path / "config"
    (folder / "rules.d").mkdir(parents=True)
    (folder / "vamaild.toml").write_text(MAIN, encoding="utf-8")
    (folder / "secrets.toml").write_text(SECRETS, encoding="utf-8")
    (folder / "secrets.toml").chmod(0o600)
    (folder / "rules.d" / "client-acme.toml").write_text(ACME, encoding="utf-8")
    return folder


def told(config: Path) -> tuple[set[str], list[str]]:
    """(clients in use, what is said of Beta's file or of rules.d, first lines)."""
    loaded = wire.load(config, play=False)
    rules = wire.rules_of(loaded)
    assert rules is not None, "a bad file sets aside itself, not everything"
    said = [str(p).split("\n")[0] for p in loaded.problems]
    return {r.client.id for r in rules.rulebook.clients}, [s for s in said if "warning: the escalation" not in s]


# ---- 58

EVIL = {
    r"(a+)+$": "a" * 40 + "!", r"^(\w+\s?)*$": "parola " * 400 + "!", r"(x|x)*y": "x" * 5_000,
    r"(a|aa)+$": "a" * 5_000 + "b",
    r"(.*?,){20}P": "1,2,3,4,5,6,7,8,9," * 300, r"(a*)*b": "a" * 5_000, r"([a-z]+)*\d": "b" * 5_000,
    r"\s*$x|(\s+)+y": " " * 5_000, r"(?:(?:a{1,50}){1,50}){1,50}c": "a" * 5_000, r"(\d+)*\.(\d+)*\.": "1" * 5_000,
    r"(([^,]+,)+)+;": "a," * 2_000, r"^(([a-z])+.)+[A-Z]([a-z])+$": "a" * 3_000, "(" * 400 + "a" + ")" * 400: "a" * 50,
    r"a{1000}{1000}{1000}": "a" * 3_000, r"(?R)?x(?R)?": "x" * 3_000, "(?<=a+)+b": "a" * 3_000,
}  # fmt: skip


@pytest.mark.parametrize("pattern", EVIL)
def test_58_a_pattern_that_hangs_is_refused_or_cut_and_others_are_classified(pattern: str) -> None:
    try:
        compiled = compile_regex(pattern)
    except ValueError as error:
        assert str(error)
        return
    place = office()
    rule = Rule("lenta", Kind.INFORMATION, {"regex": compiled}, place="rules.d/client-acme.toml:9")
    ruleset = replace(place.ruleset, rules=(rule,))
    rules = place.service.rules
    place.service.rules = replace(rules, rulebook=replace(rules.rulebook, clients=(ruleset,)))
    place.arrive(
        letter(1, EVIL[pattern]),
        letter(2, EVIL[pattern][:2_000] + "! Si sta allagando la cantina!", sender="dana@third.example"),
        letter(3, sender="emil@fourth.example"),
    )
    first, flood, last = (place.store.find_entry("inbox", uid) for uid in (1, 2, 3))
    assert first is not None
    assert flood is not None
    assert last is not None
    assert flood.outcome is Outcome.ESCALATED, "an emergency is not hidden behind a slow rule"
    assert last.outcome is Outcome.ANSWERED or "broken-rule" in [c.case.reason for c in place.store.cases()]


@pytest.mark.parametrize("pattern", ["(", "a**", "x*", "a{3,2}", "[z-a]", "(?P<a>x)(?P<a>y"])
def test_58_a_pattern_that_is_none_is_said_with_file_and_line(config: Path, pattern: str) -> None:
    rule = f'\n[[rule]]\nname = "a"\nkind = "information"\nwhen.regex = \'{pattern}\'\nfits = ["xyz"]\n'
    (config / "rules.d" / "client-beta.toml").write_text(BETA + rule, encoding="utf-8")
    line = (BETA + rule).split("\n").index(f"when.regex = '{pattern}'") + 1
    clients, said = told(config)
    assert clients == {"acme"}
    assert [s for s in said if s.startswith(f"rules.d/client-beta.toml:{line}")], said


# ---- 59

ABOVE = '\n[[rule]]\nname = "prima"\nkind = "information"\nwhen.says = ["listino"]\nfits = ["Il listino?"]\n'
BELOW = ABOVE.replace("prima", "seconda").replace("information", "emergency")
UNREACHED = [
    (ABOVE, BELOW, True),
    (ABOVE.replace('["listino"]', '["listino", "prezzi"]'), BELOW, True),
    (ABOVE, BELOW.replace("fits", 'when.from = ["*@x.example"]\nfits'), True),
    (ABOVE + 'unless.says = ["urgente"]\n', BELOW, False),
    (ABOVE, BELOW.replace('["listino"]', '["listino", "prezzi"]'), False),
    (ABOVE.replace("fits", 'when.from = ["*@x.example"]\nfits'), BELOW, False),
]
LINES = BETA.split("\n")
REFUSED = {
    "no end of brackets": (b"a = " + b"[" * 15_000, "rules.d/client-beta.toml"),
    "10 MB": (b"#" * 10_000_000, "rules.d/client-beta.toml"),
    "a line of 30,000": (BETA.encode() + b"# " + b"x" * 30_000, f"rules.d/client-beta.toml:{len(LINES)}"),
    "a key of 50 parts": (b"a." * 50 + b"a = 1\n", "rules.d/client-beta.toml:1"),
    "UTF-16": (BETA.encode("utf-16"), "rules.d/client-beta.toml"),
    "Latin-1": (BETA.replace("Beta", "Bet\u00e0").encode("latin-1"), "rules.d/client-beta.toml:4"),
    "NUL": (BETA.encode() + b"x = 1\0\n", f"rules.d/client-beta.toml:{len(LINES)}"),
    "YAML": (b"client: &a [x]\nb: *a\n", "rules.d/client-beta.toml:1"),
    "an id twice": (BETA.replace('"beta"', '"acme"').encode(), "rules.d/client-beta.toml:3"),
    "an address twice": (BETA.replace("office@beta", "office@acme").encode(), "rules.d/client-beta.toml:6"),
    "a key twice": (BETA.replace("days = 4", "days = 4\ndays = 5").encode(), "rules.d/client-beta.toml:13"),
    "a heading twice": ((BETA + "\n[lead]\ndays = 2\n").encode(), f"rules.d/client-beta.toml:{len(LINES) + 1}"),
    "a link that leads out": (lambda p: p.symlink_to("/etc/hostname"), "rules.d/client-beta.toml"),
    "a link to itself": (lambda p: p.symlink_to(p.name), "rules.d/client-beta.toml"),
    "a folder": (Path.mkdir, "rules.d/client-beta.toml"),
    "a pipe": (os.mkfifo, "rules.d/client-beta.toml"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_59_a_file_that_cannot_be_used_is_said_with_its_line(config: Path, what: str) -> None:
    made, where = REFUSED[what]
    path = config / "rules.d" / "client-beta.toml"
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        made(path)  # type: ignore[operator]  # a function
    clients, said = told(config)
    assert clients == {"acme"}
    assert [s for s in said if s.startswith((f"{where} ", f"{where}:"))], said


@pytest.mark.parametrize(("above", "below", "never"), UNREACHED)
def test_59_a_rule_that_is_never_reached_is_said(config: Path, above: str, below: str, never: bool) -> None:
    text = BETA + above + below
    (config / "rules.d" / "client-beta.toml").write_text(text, encoding="utf-8")
    line = text[: text.index('name = "seconda"')].count("\n")
    clients, said = told(config)
    assert clients == {"acme", "beta"}
    wanted = [f'rules.d/client-beta.toml:{line}  warning: rule "seconda" is never reached'] if never else []
    assert [s for s in said if "never reached" in s] == wanted


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_59_a_mark_and_the_line_ends_of_windows_are_fine(config: Path, encoding: str, ends: str) -> None:
    text = BETA.replace("Beta", "Betà").replace("\n", ends)
    (config / "rules.d" / "client-beta.toml").write_bytes(text.encode(encoding))
    assert told(config)[0] == {"acme", "beta"}


@pytest.mark.parametrize("name", ["rules.d/client-beta.toml", "rules.d", "vamaild.toml"])
def test_59_what_everybody_can_change_is_warned_of(config: Path, name: str) -> None:
    """And used all the same: where files come from Windows or a container, everybody may write everything."""
    (config / "rules.d" / "client-beta.toml").write_text(BETA, encoding="utf-8")
    path = config / name
    path.chmod(path.stat().st_mode | 0o002)
    clients, said = told(config)
    assert clients == {"acme", "beta"}
    assert [s for s in said if "everybody on this machine can change it" in s] == [
        f"{name}  warning: everybody on this machine can change it"
    ]


# ---- 60


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_60_a_file_that_an_editor_has_cut_off_is_never_taken_over(world: World) -> None:
    """Cut off, and left so: the last good version answers. Then it is whole again."""
    world.rule_file("client-beta.toml").write_text(BETA, encoding="utf-8")
    cuts = [0, 25, len(BETA) - 3]
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("ready: 2 clients")
        for number, at in enumerate(cuts):
            world.rule_file("client-beta.toml").write_text(BETA[:at], encoding="utf-8")
            until(lambda n=number: daemon.said().count("reloaded") == n + 1, 60, daemon.said)  # type: ignore[misc]  # its own n
            world.imap.deliver(
                raw(f"Mi mandi il listino {number}?", sender=PEOPLE[number], to="office@beta.example", number=number),
                when=NOW,
            )
            until(lambda n=number: len(world.replies()) == n + 1, 60, daemon.said)  # type: ignore[misc]  # its own n
        world.rule_file("client-beta.toml").write_text(BETA.replace("days = 4", "days = 9"), encoding="utf-8")
        until(lambda: daemon.said().count("reloaded") == len(cuts) + 1, 60, daemon.said)
        world.imap.deliver(raw(sender=PEOPLE[20], to="office@beta.example", number=99), when=NOW)
        until(lambda: len(world.replies()) == len(cuts) + 1, 60, daemon.said)
        assert daemon.end(30) == 0
    texts = [str(mail.get_content()) for mail in world.replies()]
    assert all("4 dicembre" in text for text in texts[:-1])
    assert "11 dicembre" in texts[-1]
