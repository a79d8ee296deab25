"""What this machine says of itself: whether its clock is set by the network, and how the service is doing (systemd).

Both are only asked; whatever cannot be had says nothing.
"""

import ctypes
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

STA_UNSYNC = 0x0040
"""The kernel's word for a clock that nobody sets (adjtimex(2))."""
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
SYSTEMD = Path("/run/systemd/system")
UNIT = "vamaild.service"
SECONDS = 5.0
WANTED = (
    "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "NRestarts", "ExecMainStatus",
    "ActiveEnterTimestamp", "WatchdogTimestamp", "WatchdogUSec",
)  # fmt: skip


class Timex(ctypes.Structure):
    """struct timex, as far as it is read; the rest is room for it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("room", ctypes.c_byte * 256),
    )


def synchronised() -> bool | None:
    """Whether the clock is set by the network (NTP); None when nobody knows, as in some containers."""
    if SYNCHRONISED.exists():
        return True
    try:
        asked = Timex()
        said = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    except (OSError, AttributeError):
        return None
    return None if said < 0 else not asked.status & STA_UNSYNC


def unit(systemd: Path = SYSTEMD) -> Mapping[str, str] | None:
    """What systemd knows of the service, by property; None where systemd does not run."""
    if not systemd.exists() or shutil.which("systemctl") is None:
        return None
    command = ["systemctl", "show", UNIT, f"--property={','.join(WANTED)}", "--timestamp=unix"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in pairs if name in WANTED} if done.returncode == 0 else None
