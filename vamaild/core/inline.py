"""Answers written between the lines of our own mail: `> [4F7K] ...` and below it what he says.

Above the quotation a line may name its question itself: "4F7K 1", "Q3: on the page Documents".
"""

import re
from collections.abc import Collection

QUOTED = re.compile(r"^\s*>[> ]*(?P<text>.*)$")
LABEL = re.compile(r"\[(?P<label>[A-Z0-9]{2,4})\]")
NAMED = re.compile(r"^\s*\[?(?P<label>[A-Z0-9]{2,4})\]?\s*[:.)=-]?\s+(?P<text>\S.*)$")
LONGEST, MOST = 2_000, 5_000


def answers(text: str, labels: Collection[str]) -> dict[str, str]:
    """What was written to each of these labels; a label without words is left out."""
    found: dict[str, list[str]] = {}
    at, quoting = "", False
    for line in text.replace("\r\n", "\n").split("\n")[:MOST]:
        if line.rstrip() == "--":
            break
        if quoted := QUOTED.match(line):
            marks = [m["label"] for m in LABEL.finditer(quoted["text"]) if m["label"] in labels]
            at, quoting = (marks[-1] if marks else at), True
        elif (named := NAMED.match(line)) and named["label"] in labels:
            at, quoting = named["label"], False
            found.setdefault(at, []).append(named["text"])
        elif at:
            quoting = quoting and not line.strip()
            found.setdefault(at, []).append(line.rstrip())
    said = {label: "\n".join(lines).strip()[:LONGEST] for label, lines in found.items()}
    return {label: words for label, words in said.items() if words}
