"""Beside Pigeonhole: the same messages through `vacation` of Debian's dovecot-sieve. Every difference has a reason.

Pigeonhole follows RFC 3834 and RFC 5230 at the final server of the owner. Where mail was forwarded to us, or where it
misses a sign, we differ on purpose, and DIFFERENT says why; any other difference fails.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.test_replies import CORPUS, judged, rows

SCRIPT = 'require ["vacation"];\nvacation :addresses ["boss@client.example", "info@client.example"] "I am away";\n'
CONFIG = """\
base_dir = {place}/run
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_home = {place}/home
mail_location = maildir:{place}/mail
log_path = /dev/stderr
ssl = no
"""
COMMENTED = "RFC 3834 section 5: a comment or parameter behind `no` is still `no`"
NAMED = "a name of a program or of nobody's; Pigeonhole knows those of RFC 5230 alone"
HEADER = "a header that says machine, list or spam, beyond those Pigeonhole reads"
SUBJECT = "an absence notice that only its subject shows"
FORWARDED = "forwarded: the envelope is the forwarder's, and the person in From waits"
DIFFERENT = {
    "b12-autosub": COMMENTED,
    "b13-autosub": COMMENTED,
    "c05-prec": HEADER,
    **dict.fromkeys(("d08-list", "d10-list"), HEADER),
    **dict.fromkeys((f"f{n:02}-vendor" for n in (1, 2, 3, 4, 6, 9, 12)), HEADER),
    "g01-null-path": "sieve-test cannot be given the null path",
    "g03-dsn": "a delivery report whose envelope is not null",
    **dict.fromkeys(("h01-sender", "h04-sender", "h09-sender", "h10-sender", "h15-sender"), NAMED),
    "h17-sender": "RFC 5230: names that END in -request; Pigeonhole looks for it anywhere",
    **dict.fromkeys(("k01-gmail-caf", "k02-srs0", "k04-m365-autogen", "k05-path-is-boss"), FORWARDED),
    "k10-reply-to-form": "the owner's own web form: the visitor waits, not the form",
    **dict.fromkeys(("l03-subject", "l05-subject", "l06-subject", "l07-subject"), SUBJECT),
}


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A place that sieve-test may write to after it has given root away."""
    if shutil.which("sieve-test") is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have sieve-test: dovecot-sieve is missing")
        pytest.skip("sieve-test is not installed (Debian: dovecot-sieve)")
    folder = Path(tempfile.mkdtemp(prefix="vamaild-sieve-"))
    root = os.geteuid() == 0
    user, group = ("nobody", "nogroup") if root else (str(os.geteuid()), str(os.getegid()))
    for name in ("home", "mail", "run"):
        (folder / name).mkdir()
    (folder / "dovecot.conf").write_text(CONFIG.format(place=folder, user=user, group=group), encoding="utf-8")
    (folder / "vacation.sieve").write_text(SCRIPT, encoding="utf-8")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def pigeonhole(place: Path, mail: bytes, envelope: str) -> str:
    """Where Pigeonhole's answer goes, "" when it keeps silent."""
    answered = re.search(
        r"^RECIPIENT: (.*)$", _shown(place, mail, envelope, SCRIPT, "boss@client.example"), re.MULTILINE
    )
    return answered[1].strip() if answered else ""


def pigeonhole_says(place: Path, mail: bytes, envelope: str, script: str, owner: str) -> bytes:
    """Its answer as it would be sent, b"" when it keeps silent."""
    said, answered, _ = _shown(place, mail, envelope, script, owner).partition("\nRECIPIENT:")
    return said.lstrip().replace("\n", "\r\n").encode() if answered else b""


def _shown(place: Path, mail: bytes, envelope: str, script: str, owner: str) -> str:
    shutil.rmtree(place / "mail")
    (place / "mail").mkdir()
    (place / "mail").chmod(0o777)
    for name, content in (("mail.eml", mail), ("vacation.sieve", script.encode())):
        (place / name).write_bytes(content)
        (place / name).chmod(0o644)
    sender = ["-f", envelope] if envelope else []
    command = ["sieve-test", "-e", "-c", "dovecot.conf", *sender, "-r", owner, "vacation.sieve", "mail.eml"]
    done = subprocess.run(command, cwd=place, capture_output=True, timeout=30, check=False)
    shown = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "final result: success" in shown, shown
    return shown


@pytest.mark.slow
def test_every_difference_to_pigeonhole_has_a_reason(place: Path) -> None:
    differ = []
    for row in rows():
        raw = (CORPUS / "eml" / f"{row['id']}.eml").read_bytes()
        decision = judged(raw)
        ours = decision.reply.to if decision.reply else ""
        theirs = pigeonhole(place, raw, row["envelope_from"])
        if ours.lower() != theirs.lower():
            differ.append((row["id"], f"ours {ours or 'silence'}, Pigeonhole's {theirs or 'silence'}"))
    unnamed = [d for d in differ if d[0] not in DIFFERENT]
    assert unnamed == [], "differences that nobody has given a reason for"
    assert sorted(DIFFERENT) == sorted(name for name, _ in differ), "a reason is named for what does not differ"


def test_every_difference_is_right_by_the_corpus() -> None:
    wanted = {row["id"]: row for row in rows()}
    assert [name for name in DIFFERENT if name not in wanted] == []
