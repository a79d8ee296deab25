"""A fault of ours, for the journal: what kind and where in our code, never its words, which may quote a mail."""

from pathlib import PurePath

PACKAGE = "vamaild"


def blame(error: BaseException) -> str:
    """ "ValueError in core/deadline.py:123": the last place of ours that it came through."""
    place, found = "", error.__traceback__
    while found is not None:
        parts = PurePath(found.tb_frame.f_code.co_filename).parts
        if PACKAGE in parts:
            inside = parts[len(parts) - parts[::-1].index(PACKAGE) :]
            place = f" in {'/'.join(inside)}:{found.tb_lineno}"
        found = found.tb_next
    return f"{type(error).__name__}{place}"
