"""`vamaild backup`: a copy of the ledger, while the service goes on."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from .place import Place, place_options
from .screen import Exit, Stop

if TYPE_CHECKING:
    from ..adapters.store import SqliteStore


@click.command(short_help="Copy the ledger, while the service goes on.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@place_options
def backup(place: Place, file: Path | None) -> int:
    """Makes a copy of the ledger: whole, sound, readable by its owner only. Without FILE into StateDirectory/backup/.

    \b
      vamaild backup                    into backup/vamaild-DATE.db, as every night
      vamaild backup /mnt/usb/va.db     elsewhere
      vamaild backup --json

    The service makes one each night (03:10) and before each change of its tables; seven nights are kept. How to put one
    back: docs/privacy.md.
    """
    with place.ledger() as opened:
        store = cast("SqliteStore", opened)
        if file is not None and file.exists():
            raise Stop(f"{file} is there already; name another file. Nothing was written.", Exit.ATTENTION)
        made = store.backup(file) if file is not None else store.backup_nightly(place.now)
        if file is None:
            store.ran("backup", place.now)
    size = made.stat().st_size
    place.tell(
        {"file": str(made), "bytes": size}, [f"Wrote {made} ({max(size // 1_000_000, 1)} MB), looked through: sound."]
    )
    return Exit.DONE
