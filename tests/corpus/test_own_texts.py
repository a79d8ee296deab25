"""What we write ourselves must alarm nobody who also uses this program."""

import re
from pathlib import Path

import pytest

from tests.core.tongues import understood

TEMPLATES = Path(__file__).parents[2] / "templates"
# parts, mail to our own people and to clients, what a person sends
OTHERS = ("_", "note-", "notice-", "letter-", "emergency-", "vacation-fifth")
REPLIES = sorted(p for p in TEMPLATES.glob("*/*.txt") if not p.name.startswith(OTHERS))
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


@pytest.mark.parametrize("path", REPLIES, ids=[f"{p.parent.name} {p.stem}" for p in REPLIES])
def test_our_own_replies_tell_of_no_damage(path: Path) -> None:
    text = CODE.sub("lunedì" if path.parent.name == "it" else "", path.read_text(encoding="utf-8"))
    damage = understood(text.partition("\n\n")[2], path.parent.name).damage
    assert damage is None, damage
