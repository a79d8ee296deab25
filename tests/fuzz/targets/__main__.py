"""Runs the targets one after the other, each for some seconds.

    python -m tests.fuzz.targets [SECONDS] [TARGET ...]

Needs the extra `fuzz` (atheris). A crash ends with 1 and leaves its input in the directory this was started in.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .targets import TARGETS

ONE = "from tests.fuzz.targets.one import main; main()"


def run(name: str, seconds: int) -> int:
    """One target, in a process of its own, with the stored seeds as a beginning."""
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(TARGETS[name].seeds()):
            Path(corpus, f"seed{number}").write_bytes(seed)
        limits = [
            f"-max_total_time={seconds}",
            "-seed=1",
            "-timeout=20",
            "-rss_limit_mb=1024",
            "-max_len=20000",
            "-verbosity=0",
        ]
        command = [
            sys.executable,
            "-c",
            ONE,
            name,
            *limits,
            f"-artifact_prefix=crash-{name}-",
            "-print_final_stats=1",
            corpus,
        ]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    said = done.stderr + done.stdout
    runs = next((line.split()[-1] for line in said.splitlines() if "number_of_executed_units" in line), "?")
    print(f"{name}: {runs} runs in {seconds} s, {'nothing found' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode:
        print(said[-6_000:])
    return done.returncode


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    names = sys.argv[2:] or list(TARGETS)
    failed = [name for name in names if run(name, seconds)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
