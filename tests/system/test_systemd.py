"""The unit, its user and its directories, as systemd's own tools see them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNIT = SYSTEMD / "vamaild.service"
HIGHEST_EXPOSURE = 15  # tenths: systemd-analyze says 1.5 OK


def tool(name: str) -> str:
    """The program, or a skip with its reason; in CI it must be there."""
    found = shutil.which(name)
    if not found:
        reason = f"{name} is not installed (Debian: systemd)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small machine: the unit installed, the programs it starts present."""
    for name in ("opt/vamaild/bin/vamaild", "bin/kill"):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    shutil.copy(UNIT, units)
    for target in ("network-online", "multi-user", "basic", "sysinit", "shutdown", "network"):
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


def test_verify_has_nothing_to_say(root: Path) -> None:
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", "vamaild.service")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_mistake_in_the_unit_would_be_seen(root: Path) -> None:
    unit = root / "etc/systemd/system/vamaild.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=", "ProtectSistem="))
    done = run(tool("systemd-analyze"), "verify", "--man=no", f"--root={root}", "vamaild.service")
    assert "ProtectSistem" in done.stderr


def test_it_is_well_shut_in(root: Path) -> None:
    unit = str(root / "etc/systemd/system/vamaild.service")
    done = run(tool("systemd-analyze"), "security", "--offline=true", f"--threshold={HIGHEST_EXPOSURE}", unit)
    assert done.returncode == 0, done.stdout.splitlines()[-1:]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("ExecStart", "/opt/vamaild/bin/vamaild run"),
        ("ExecStartPre", "-/opt/vamaild/bin/vamaild check --quiet"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"),
        ("LoadCredential", "secrets.toml:/etc/vamaild/secrets.toml"),
        ("RestartPreventExitStatus", "3"),
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
