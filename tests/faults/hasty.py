"""The program, which waits a second where it usually waits long: `python hasty.py run --once ...`.

For servers that say nothing any more, and a ledger that somebody keeps locked.
"""

from functools import partial

from vamaild.adapters import post, store
from vamaild.adapters.store import database

SECOND = 1.0

if __name__ == "__main__":
    database.Connection.__init__.__defaults__ = (SECOND,)
    store.SqliteStore.__init__.__kwdefaults__["busy"] = SECOND  # type: ignore[index]  # it has keywords
    post.SmtpPost = partial(post.SmtpPost, read_seconds=SECOND)  # type: ignore[assignment,misc]  # called, no more
    from vamaild.__main__ import main

    main()
