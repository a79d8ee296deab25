"""An erasure beside the running service: it goes on, and no file of ours holds a byte of whoever is gone."""

from datetime import timedelta
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from vamaild.cli.erasing import holds

from .world import CONTACT, CUSTOMER, NOW, World, raw

pytestmark = pytest.mark.slow
TRACES = (CUSTOMER, "Kdovíquando", "Zvonkohra", "preventivo-xerxes")
TEXT = "Ciao, Kdovíquando mi mandi il preventivo-xerxes? Grazie"


def left(folder: Path) -> list[str]:
    """Files of ours that hold a trace; the client's own mail file is none of ours."""
    return [str(p) for p in folder.rglob("*") if p.is_file() and holds(p, TRACES)]


def test_an_erasure_beside_the_running_service(world: World) -> None:
    encoded = MIMEText(TEXT, "plain", "utf-8").get_payload()  # base64, as many mail programs write
    with world.daemon("--at", NOW.isoformat()) as daemon:
        world.imap.deliver(raw(TEXT, subject="Zvonkohra"), when=NOW)
        daemon.wait_for(lambda: len(world.replies()) == 1)
        how = {"Content-Transfer-Encoding": "base64"}
        world.imap.deliver(
            raw(str(encoded), subject="Zvonkohra", number=2, sender=CUSTOMER.upper(), headers=how), when=NOW
        )
        world.imap.deliver(raw(number=3, sender="jan@other.example"), when=NOW)
        daemon.wait_for(lambda: "jan@other.example" in [m["To"] for m in world.replies()])
        daemon.wait_for(lambda: len(world.imap.mails("Sent")) == len(world.replies()))
        assert left(world.state)
        at = (NOW + timedelta(minutes=9)).isoformat()
        said = world.run("person", "erase", CUSTOMER, *world.places(), "--at", at, "--anyway", "--confirm", CUSTOMER)
        assert said.code == 0, said.said
        assert world.run("backup", *world.places(), "--at", at).code == 0
        assert left(world.state) == [] and not holds(daemon.log, TRACES)
        world.imap.deliver(raw(number=4, sender="eva@third.example"), when=NOW)
        daemon.wait_for(lambda: "eva@third.example" in [m["To"] for m in world.replies()])
        assert daemon.end() == 0
    assert left(world.state) == []
    receipts = [p.read_text() for p in (world.state / "receipts").iterdir()]
    assert len(receipts) == 1 and not [v for v in CONTACT.values() if v in receipts[0]]
