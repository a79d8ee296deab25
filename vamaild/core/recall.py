"""A message that was handled -> words: what was decided then, why, and what has left since (`vamaild explain CASE`)."""

from datetime import tzinfo

from .ledger import Entry


def recalled(entry: Entry, zone: tzinfo) -> str:
    """The page of a message in the ledger; times are shown in `zone`."""
    said = entry.explanation
    who, arrived = said.get("who") or entry.address, entry.received.astimezone(zone)
    decided = entry.decided_at.astimezone(zone)
    reason = f" ({entry.reason})" if entry.reason else ""
    lines = [
        f"{who} to {entry.client or 'no client'}, {arrived:%a} {arrived.day} {arrived:%b %H:%M}: {entry.subject}",
        "",
        f"So: {entry.kind or 'not judged'}",
        f"    because of {_rule(entry)}",
        "",
        f"{decided:%H:%M:%S}  {entry.action}, {entry.outcome}{reason}",
    ]
    return "\n".join([*lines, *(f'          "{m.template}", {m.state}' for m in entry.outgoing)])


def _rule(entry: Entry) -> str:
    rule, words = entry.explanation.get("rule"), entry.explanation.get("evidence")
    if not isinstance(rule, dict):
        return entry.reason or "nothing that was kept"
    seen = ", ".join(f'"{w}"' for w in words) if isinstance(words, list) else ""
    place = f" ({rule['file']}:{rule['line']})" if rule.get("file") else ""
    return f"{rule.get('name')}: {seen}{place}"
