"""Filing copies of what left, many in one go: looked for together, appended together (RFC 9051, RFC 3502).

One by one each copy costs five round trips; a server far away makes that minutes for a day's replies.
"""

from collections.abc import Collection, Mapping, Sequence

from imapclient import IMAPClient

from . import folders


def by_id(raws: Sequence[bytes]) -> dict[str, bytes] | None:
    """Each mail under its Message-ID; None when one of them has none that is safe inside a command."""
    ids = [folders.message_id(raw) for raw in raws]
    return {i: raw for i, raw in zip(ids, raws, strict=True) if i} if all(ids) else None


def append(client: IMAPClient, folder: str, wanted: Mapping[str, bytes], there: Collection[str], special: str) -> None:
    """Adds those that are not there: all or none of them where the server has MULTIAPPEND."""
    flags = folders.FLAGS[special]
    missing = [raw for own_id, raw in wanted.items() if own_id not in there]
    if len(missing) > 1 and client.has_capability("MULTIAPPEND"):
        client.multiappend(folder, [{"msg": raw, "flags": flags} for raw in missing])
        return
    for raw in missing:
        client.append(folder, raw, flags)
