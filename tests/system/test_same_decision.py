"""What `vamaild explain` says of a message is what the service then does with it: one function decides (promise 10)."""

import json
from datetime import timedelta

import pytest

from .world import DAMAGE, NOW, ORDINARY, PEOPLE, World, raw

pytestmark = pytest.mark.slow
KEYS = (
    "client", "kind", "action", "sender", "stated_urgency", "deadline", "language", "new_text", "ready_by", "doubtful",
    "rule", "evidence",
)  # fmt: skip
MAILS: tuple[tuple[str, dict[str, str]], ...] = (
    (ORDINARY, {}),
    (DAMAGE, {}),
    ("Ciao, mi serve per stasera il preventivo, grazie", {}),
    ("RISPONDETE!!! È la terza volta che vi scrivo!!!", {"X-Priority": "1"}),
    ("Could you send me the list by Friday, please?", {}),
    ("Sono in ferie fino al 9.", {"Auto-Submitted": "auto-replied"}),
    ("Novità del mese", {"List-Id": "<news.example>"}),
    ("Vi informo che la riunione è confermata.", {}),
)


def test_explain_says_what_the_service_does(world: World) -> None:
    at = NOW - timedelta(minutes=5)
    mails = [
        raw(text, sender=PEOPLE[n * 3], number=n, subject=f"Faccenda {n}", at=at, headers=fields)
        for n, (text, fields) in enumerate(MAILS)
    ]
    files = [world.folder / f"{n}.eml" for n in range(len(mails))]
    for file, mail in zip(files, mails, strict=True):
        file.write_bytes(mail)
    asked = world.run("explain", "--json", "--config", str(world.config), *map(str, files))
    said = [json.loads(line) for line in asked.out.splitlines()]
    world.imap.deliver(*mails, when=at)
    assert world.once(at).code == 0
    done = [entry.explanation for _, entry in sorted(world.entries().items())]
    assert [{key: found[key] for key in KEYS} for found in said] == [{k: found[k] for k in KEYS} for found in done]
    assert len({found["kind"] for found in said}) >= 4
    replies = {str(mail["To"]): str(mail.get_content()).split() for mail in world.replies()}
    assert {f["reply"]["to"]: f["reply"]["body"].split() for f in said if f["reply"]} == replies
