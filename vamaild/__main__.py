"""`python -m vamaild` and the `vamaild` command."""

import sys


def main() -> None:
    """Runs the command line and exits with its code (docs/interface.md has the table)."""
    from .cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
