"""Where a password may be: in secrets.toml, in memory, on the wire inside TLS. Nowhere else, whatever happens."""

from pathlib import Path

import pytest

from .world import CONTACT, NOW, SMTP_LOGIN, World, raw

pytestmark = pytest.mark.slow


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_running_service_shows_no_password(world: World) -> None:
    """Not in its environment, its arguments, its log, its ledger, its copies."""
    passwords = [p.encode() for p in (world.imap.password, SMTP_LOGIN[1])]
    world.imap.deliver(raw(), when=NOW)
    with world.daemon("--at", NOW.isoformat()) as daemon:
        daemon.wait_for("sent")
        place = Path(f"/proc/{daemon.process.pid}")
        shown = [(place / name).read_bytes() for name in ("environ", "cmdline")]
        assert daemon.end() == 0
        shown.append(daemon.said().encode())
    shown += files(world.state).values()
    assert [p for p in passwords for text in shown if p in text] == []
    assert all(CONTACT["phone"].encode() not in text for text in shown)


@pytest.mark.parametrize("which", ["mailbox", "smtp"])
def test_a_refused_password_is_shown_nowhere(world: World, which: str) -> None:
    secrets = world.config / "secrets.toml"
    wrong = "Walnut-99-Canary"
    name = f'{which:<7} = "'
    line = next(x for x in secrets.read_text().splitlines() if x.startswith(name.rstrip('"').rstrip()))
    secrets.write_text(secrets.read_text().replace(line, f'{which} = "{wrong}"'))
    world.imap.deliver(raw(), when=NOW)
    ran = world.once()
    assert ran.code == 4
    assert "wrong user or password" in ran.said
    assert "the sign-in is refused" in ran.said
    assert wrong not in ran.said
    assert all(wrong.encode() not in text for text in files(world.state).values())


@pytest.mark.parametrize(
    ("value", "code", "said"),
    [
        ('""', 3, "secrets.toml:3  a value should be not empty"),
        (r'"Walnut-99-Canary\n"', 4, "the password is empty or has a line break"),
        (r'"Walnut-99-Canary\r\nA1 LOGOUT"', 4, "the password is empty or has a line break"),
        ("24681357", 3, "secrets.toml"),
    ],
)
def test_a_password_that_is_none(world: World, value: str, code: int, said: str) -> None:
    secrets = world.config / "secrets.toml"
    lines = [f"mailbox = {value}" if x.startswith("mailbox") else x for x in secrets.read_text().splitlines()]
    secrets.write_text("\n".join(lines))
    ran = world.once()
    assert ran.code == code
    assert said in ran.said
    assert "Canary" not in ran.said
    assert "24681357" not in ran.said


def test_what_systemd_hands_over_goes_before_the_file(world: World, tmp_path: Path) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (world.config / "secrets.toml").rename(handed / "secrets.toml")
    world.environ["CREDENTIALS_DIRECTORY"] = str(handed)
    world.imap.deliver(raw(), when=NOW)
    ran = world.once()
    assert (ran.code, len(world.replies())) == (0, 1), ran.said
    assert not (world.config / "secrets.toml").exists()
