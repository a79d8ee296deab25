"""A Debian 12 with systemd as PID 1, in a container of its own (systemd-nspawn), for what only a real machine shows.

The bare system (debootstrap) and the wheels are kept in ~/.cache/vamaild-tests, or where $VAMAILD_TEST_CACHE says; each
run works on a layer in memory that vanishes with it. Needs root, systemd-container and debootstrap. Where these are
missing the tests are skipped; with CI=true they fail.
"""

import ctypes
import fcntl
import hashlib
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from .world import until

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("VAMAILD_TEST_CACHE", "~/.cache/vamaild-tests")).expanduser()
SUITE, PYTHON = "bookworm", (3, 11)
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "libseccomp2", "ca-certificates", "sudo"),
    *("tzdata", "dovecot-imapd"),
)
TOOLS = {
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "unshare": "util-linux",
    "nsenter": "util-linux",
}
SOURCE = ("vamaild", "templates", "rules.d", "systemd", "man", "docs", "pyproject.toml", "README.md", "LICENSE")
ENVIRON = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
ASKS = re.compile(r"(?:[:?]|\])\s?$")
BOOT = """
set -e
mount -t tmpfs -o size=3g tmpfs "$LAYER"
mkdir "$LAYER/upper" "$LAYER/work" "$LAYER/root" "$LAYER/dev"
mount -t overlay overlay -o "lowerdir=$BARE,upperdir=$LAYER/upper,workdir=$LAYER/work" "$LAYER/root"
if [ ! -c /dev/null ]; then  # systemd-nspawn copies it
  mknod -m 666 "$LAYER/dev/null" c 1 3
  mount --bind "$LAYER/dev/null" /dev/null
fi
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/system
exec systemd-nspawn -q -D "$LAYER/root" --register=no --keep-unit --private-network --machine=vamaild-test \
  --bind-ro="$WHEELS:/wheels" --bind="$TREE:/root/vamaild" --console=pipe -b
"""
"""In a mount namespace of its own: a layer over the bare system, and what nspawn wants to see of a host."""


def missing() -> str:
    """Why there can be no container here, or ""."""
    if os.geteuid() != 0:
        return "a container needs root"
    if sys.version_info[:2] != PYTHON:
        return f"the wheels are made by Debian 12's Python {PYTHON[0]}.{PYTHON[1]}, this is another"
    lacking = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    return f"missing: apt install {' '.join(lacking)}" if lacking else ""


def give_up(why: str) -> None:
    """Skips; in CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}, and CI must not skip this")
    pytest.skip(why)


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Something that takes long, made once; two who want it at the same time wait for each other."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target, partial = CACHE / name, CACHE / f"{name}.partial"
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            shutil.rmtree(partial, ignore_errors=True)
            make(partial)
            partial.rename(target)
    return target


def mirror() -> str:
    """Where this machine gets its packages, where that is Debian."""
    lists = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))]
    text = "\n".join(path.read_text(encoding="utf-8") for path in lists if path.is_file())
    found = re.search(r"^(?:deb|URIs:)\s(?:\[.*\]\s)?\s*(https?://\S+/debian/?)(?:\s|$)", text, re.MULTILINE)
    return found[1] if found else "http://deb.debian.org/debian"


def bare() -> Path:
    """Debian without anything of ours."""
    mark = hashlib.sha256(" ".join(PACKAGES).encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        included = f"--include={','.join(PACKAGES)}"
        ran = _outside("debootstrap", "--variant=minbase", included, SUITE, str(folder), mirror())
        if ran.returncode:
            give_up(f"debootstrap from {mirror()} failed: {ran.stdout[-400:]}")
        shutil.rmtree(folder / "var/cache/apt/archives", ignore_errors=True)

    return kept(f"{SUITE}-{mark}", make)


def wheels() -> Path:
    """Everything `pip install .` fetches, and the SMTP server of the test."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"], "aiosmtpd>=1.4.6"]
    mark = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:12]

    def make(folder: Path) -> None:
        ran = _outside(sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", str(folder), *wanted)
        if ran.returncode:
            give_up(f"pip could not fetch the wheels: {ran.stdout[-400:]}")

    return kept(f"wheels-{mark}", make)


def _outside(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)


def tree(folder: Path) -> Path:
    """The project as somebody has it who fetched it."""
    folder.mkdir()
    for name in SOURCE:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder)
    return folder


@dataclass(frozen=True)
class Ran:
    """One command inside."""

    code: int
    out: str


@dataclass
class Machine:
    """A booted container. `init` is its PID 1 as this side counts."""

    init: int

    @property
    def inside(self) -> list[str]:
        """What stands before a command that runs in there."""
        return ["nsenter", "-t", str(self.init), "-m", "-u", "-i", "-n", "-p", "--"]

    def path(self, inside: str) -> Path:
        """A file of the container, for reading and writing from here."""
        return Path(f"/proc/{self.init}/root") / inside.lstrip("/")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def run(self, script: str, *, check: bool = True, seconds: float = 60.0, stdin: str = "") -> Ran:
        """A line of shell inside, as root in the checkout."""
        done = subprocess.run(
            [*self.inside, "bash", "-c", f"cd /root/vamaild && {script}"], input=stdin, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, env=ENVIRON,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{script}: {done.returncode}\n{done.stdout}"
        return Ran(done.returncode, done.stdout)

    def show(self, name: str, unit: str = "vamaild") -> str:
        """One property of a unit, as systemd knows it."""
        return self.run(f"systemctl show --value -p {name} {unit}").out.strip()

    def state(self, unit: str = "vamaild") -> str:
        return self.show("ActiveState", unit)

    def journal(self, unit: str = "vamaild", *more: str) -> str:
        """What the unit has said."""
        return self.run(f"journalctl --no-pager -o cat -u {unit} {' '.join(more)}").out

    def wait_for(self, true: Callable[[], object], seconds: float = 30.0, unit: str = "vamaild") -> None:
        """Until it is so; else the test fails and shows what the unit said."""
        until(true, seconds, lambda: self.run(f"systemctl status {unit}; journalctl -n 40 -u {unit}", check=False).out)


@contextmanager
def booted(folder: Path) -> Iterator[Machine]:
    """A container in which everything of ours is still to be done; gone at the end."""
    if why := missing():
        give_up(why)
    layer, log = folder / "layer", folder / "console.log"
    layer.mkdir()
    places = {"BARE": bare(), "WHEELS": wheels(), "TREE": tree(folder / "tree"), "LAYER": layer}
    environ = {**ENVIRON, **{name: str(path) for name, path in places.items()}}
    command = ["unshare", "--mount", "sh", "-c", BOOT]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=out, stderr=out, env=environ, preexec_fn=_die_with_parent
        )
    try:
        until(lambda: process.poll() is not None or _init_of(process.pid), 60, log.read_text)
        if process.poll() is not None:
            give_up(f"systemd-nspawn does not work here: {log.read_text(errors='replace')[-400:]}")
        machine = Machine(_init_of(process.pid))
        up = ("running", "degraded")
        until(lambda: machine.run("systemctl is-system-running", check=False).out.strip() in up, 60, log.read_text)
        yield machine
        machine.run("systemctl poweroff --no-block", check=False)
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()


def _init_of(pid: int) -> int:
    """The systemd that is the grandchild of this process, 0 while there is none."""
    for child in _children(pid):
        name = Path(f"/proc/{child}/comm").read_text().strip() if Path(f"/proc/{child}").exists() else ""
        if name == "systemd" or (found := _init_of(child)):
            return child if name == "systemd" else found
    return 0


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def converse(machine: Machine, command: str, answers: Mapping[str, str], seconds: float = 120.0) -> Ran:
    """Runs a command that asks a person, on a terminal. An answer is typed where a line begins so, else Enter."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("nsenter", [*machine.inside, "bash", "-c", command], ENVIRON)
    heard, seen, asked, ends = "", 0, "", time.monotonic() + seconds
    with suppress(OSError):  # the terminal is gone: the command has ended
        while time.monotonic() < ends:
            if select.select([terminal], [], [], 0.3)[0]:
                heard += os.read(terminal, 65_536).decode("utf-8", "replace")
            elif ASKS.search(heard[seen:]):
                before, asked, seen = asked, heard[seen:].splitlines()[-1].strip(), len(heard)
                assert asked != before, f"it does not take the answer:\n{heard}"
                word = next((word for words, word in answers.items() if asked.startswith(words)), "")
                os.write(terminal, f"{word}\n".encode())
    os.close(terminal)
    return Ran(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), heard.replace("\r\n", "\n"))
