"""The units, their user and its directories, as systemd's own tools see them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "vamaild.service"
NO_NETWORK = SYSTEMD / "vamaild-no-network.conf"
STARTED = {  # what is verified: the name as it is started
    "vamaild.service": "vamaild.service", "vamaild-failed.service": "vamaild-failed.service",
    "vamaild-web.service": "vamaild-web.service", "vamaild-again.timer": "vamaild-again.timer",
    "vamaild-again.service": "vamaild-again.service",
    "vamaild-proxy@.service": "vamaild-proxy@imap.service", "vamaild-proxy@.socket": "vamaild-proxy@imap.socket",
}  # fmt: skip
EXPOSURE = {
    "vamaild.service": 11, "vamaild-failed.service": 11, "vamaild-web.service": 9, "vamaild-proxy@.service": 11,
    "vamaild-again.service": 11,
}  # fmt: skip
"""Tenths, at most; systemd-analyze calls 11 "1.1 OK"."""

WITHOUT_NETWORK = 3


def tool(name: str) -> str:
    """The program, or a skip with its reason; in CI it must be there."""
    found = shutil.which(name)
    if not found:
        reason = f"{name} is not installed (Debian: systemd)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


TARGETS = ("network-online", "multi-user", "basic", "sysinit", "shutdown", "network", "sockets", "timers", "time-sync")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small machine: the unit installed, the programs it starts present."""
    for name in ("opt/vamaild/bin/vamaild", "bin/sh", "bin/systemctl", "lib/systemd/systemd-socket-proxyd"):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    for unit in STARTED:
        shutil.copy(SYSTEMD / unit, units)
    for target in TARGETS:
        (units / f"{target}.target").write_text(f"[Unit]\nDescription={target}\n")
    return tmp_path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("unit", STARTED)
def test_verify_has_nothing_to_say(root: Path, unit: str) -> None:
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", STARTED[unit])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_unit_is_looked_at() -> None:
    assert {p.name for p in SYSTEMD.iterdir() if p.suffix in (".service", ".socket", ".timer")} == set(STARTED)
    assert {name for name in STARTED if name.endswith(".service")} == set(EXPOSURE)


def test_a_mistake_in_the_unit_would_be_seen(root: Path) -> None:
    unit = root / "etc/systemd/system/vamaild.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSistem="))
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", "vamaild.service")
    assert "ProtectSistem" in done.stderr


@pytest.mark.parametrize("unit", EXPOSURE)
def test_it_is_well_shut_in(root: Path, unit: str) -> None:
    assert exposed(str(root / "etc/systemd/system" / unit), EXPOSURE[unit]) == ""


@pytest.mark.parametrize("unit", ["vamaild.service", "vamaild-failed.service"])
def test_without_a_network_there_is_next_to_nothing_to_do_harm_with(root: Path, unit: str) -> None:
    folder = root / f"etc/systemd/system/{unit}.d"
    folder.mkdir()
    shutil.copy(NO_NETWORK, folder)
    assert exposed(f"--root={root}", WITHOUT_NETWORK, unit) == ""
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def exposed(where: str, most: int, *unit: str) -> str:
    """The verdict of systemd-analyze where it is worse than that, else ""."""
    done = run(tool("systemd-analyze"), "security", "--offline=true", f"--threshold={most}", where, *unit)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_manual_pages_they_name_are_there() -> None:
    named = {page for p in SYSTEMD.iterdir() for page in re.findall(r"man:(vamaild[\w-]*\(8\))", p.read_text())}
    assert {f"{path.stem}(8)" for path in (SYSTEMD.parent / "man").glob("*.8")} >= named
    assert len(named) >= 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("ExecStart", "/opt/vamaild/bin/vamaild run"),
        ("ExecReload", "/bin/sh -c 'kill -HUP $MAINPID'"),
        ("LoadCredential", "secrets.toml:/etc/vamaild/secrets.toml"),
        ("RestartPreventExitStatus", "3"),
        ("OnFailure", "vamaild-failed.service vamaild-again.timer"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
        ("LimitCORE", "0"),
    ],
)
def test_what_the_rest_relies_on(name: str, value: str) -> None:
    assert settings()[name] == [value]


def test_the_user_and_the_directories_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    sysusers, tmpfiles = tool("systemd-sysusers"), tool("systemd-tmpfiles")
    made = run(sysusers, f"--root={tmp_path}", str(SYSTEMD / "vamaild.sysusers"))
    assert made.returncode == 0, made.stderr
    users = (tmp_path / "etc/passwd").read_text()
    assert "/var/lib/vamaild:/usr/sbin/nologin" in users
    (tmp_path / "etc/vamaild").mkdir()
    (tmp_path / "etc/vamaild/secrets.toml").write_text("x")
    (tmp_path / "etc/vamaild/secrets.toml").chmod(0o644)
    done = run(tmpfiles, "--create", f"--root={tmp_path}", str(SYSTEMD / "vamaild.tmpfiles"))
    assert done.returncode == 0, done.stderr
    for name, mode in (("rules.d", 0o750), ("templates", 0o750), ("secrets.toml", 0o640)):
        found = (tmp_path / "etc/vamaild" / name).stat()
        assert found.st_mode & 0o777 == mode, name
        assert found.st_gid == int(users.split("vamaild:x:")[1].split(":")[1]) or os.geteuid() != 0
