"""What nobody may see, and that no bytes at all make reading a configuration raise."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.make import (
    CLIENT,
    FILE,
    MAIN,
    SECRETS,
    TOOLS,
    configuration,
    good,
    rule_file,
    said,
    sources,
)
from vamaild.config.configuration import Source
from vamaild.config.load import load

# What nobody may see

HIDDEN = ("correct-horse-battery", "+420 603 111 222", "petr.more@proton.example", "base64:bm90LXRoZS1rZXk")


def test_no_repr_shows_a_secret() -> None:
    found = configuration(rule_file("client-rossi.toml", CLIENT))
    for value in (found, found.settings, found.settings and found.settings.secrets, str(found.settings), sources()):
        assert not any(secret in repr(value) for secret in HIDDEN)
    assert found.settings is not None
    assert f"{found.settings.secrets.sign_key}" == "Secret(…)"
    assert found.settings.mailboxes[0].password.reveal() == "correct-horse-battery"


PLACES = [
    "id = {}",
    'name = "{}"',
    "{}",
    "[{}]",
    "x = {}",
    'chain = ["{}"]',
    '[[rule]]\nname = "{}"',
    "[lead]\nunit = '{}'",
]


@given(st.sampled_from(HIDDEN), st.sampled_from(PLACES), st.sampled_from(["main", "client", "secrets"]))
def test_no_complaint_shows_a_secret_wherever_it_was_written(secret: str, place: str, where: str) -> None:
    line = place.format(secret) + "\n"
    texts = {"main": MAIN, "client": CLIENT, "secrets": SECRETS}
    texts[where] += line
    found = configuration(
        rule_file("client-rossi.toml", texts["client"]),
        main=texts["main"],
        secrets=SECRETS + line * (where == "secrets"),
    )
    if where == "secrets" and found.errors:
        assert all(p.shown_line == "" for p in found.errors)
    assert not any(secret in str(p) for p in found.problems), said(found.problems)


SIGNS = ["[", "]", "[[", "]]", "=", '"', "'", '"""', "{", "}", ",", ".", "\n", "#", "\\", " ", "è", "\x00", "\ufeff"]
NAMES = (
    "client id rule when says arrives lead days absence from mailbox me passwords contacts language code it emergency"
)
VALUES = ["1", "2026-01-01", "true", "12:30", "urgency", "example", "week"]
TOKENS = st.sampled_from([*SIGNS, *NAMES.split(), *VALUES])


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.lists(TOKENS, max_size=40).map(lambda t: "".join(t).encode())),
    st.sampled_from(["main", "secrets", "client", "table", "fallback"]),
)
def test_no_bytes_at_all_make_reading_raise(raw: bytes, where: str) -> None:
    base = sources(rule_file("10-language-it.toml", '[language]\ncode = "it"\n[urgency]\nstated = ["x"]\n'))
    changed = {
        "main": replace(base, main=Source("vamaild.toml", raw)),
        "secrets": replace(base, secrets=Source("secrets.toml", raw)),
        "client": replace(base, rules=(Source(FILE, raw),)),
        "table": replace(base, rules=(Source("rules.d/30-x.toml", raw),)),
        "fallback": replace(base, rules=(Source(FILE, b"x", fallback=Source(FILE, raw)),)),
    }[where]
    for problem in load(changed, TOOLS).problems:
        assert str(problem).startswith(problem.file)
        assert problem.what


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_file_with_one_line_damaged_is_read_or_complained_of(data: st.DataObject) -> None:
    base = good()
    number = data.draw(st.integers(0, len(base.rules) - 1))
    lines = base.rules[number].raw.decode().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.one_of(st.just(""), st.text(max_size=20), st.just(lines[at][:-1]), st.just(lines[at] * 2)))
    rules = list(base.rules)
    rules[number] = replace(rules[number], raw="\n".join(lines).encode("utf-8", "replace"))
    found = load(replace(base, rules=tuple(rules)), TOOLS)
    assert found.settings is not None
    assert len(found.set_aside) <= 1
