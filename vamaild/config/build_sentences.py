"""[[sentences]] of a file: whole messages in one language, and the kind they must be judged to be."""

from .build_rules import Desk
from .configuration import Sentences
from .schema.rules import SharedFile


def sentences(desk: Desk, file: SharedFile) -> tuple[Sentences, ...]:
    """Every [[sentences]] of a file; their language is that of the file, which must be named."""
    if file.sentences and file.language is None:
        desk.report(("sentences", 0), "nothing says whose language this is", 'write [language] with code = "it"')
        return ()
    code = file.language.code if file.language else ""
    return tuple(
        Sentences(table.kind, code, tuple(table.fits), tuple(table.fits_not), desk.place(("sentences", number)))
        for number, table in enumerate(file.sentences)
    )
