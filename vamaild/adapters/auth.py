"""What our own mail server found out about a sender: Authentication-Results (RFC 8601), read with authres.

Anybody can write that header, so only the topmost one counts, and only when it carries exactly the name that is
configured. Microsoft 365 writes no name: its form is believed only where "microsoft" is configured in its place.
Whatever cannot be read says nothing; nothing here raises.
"""

import re
from collections.abc import Iterable, Sequence

import authres

from ..core.case import UNKNOWN, Authentication

LONGEST = 8_192
MICROSOFT = "microsoft"
DMARC = re.compile(r"\s*dmarc\s*=\s*(\w+)", re.IGNORECASE)
DOMAIN = re.compile(r"\bheader\.from\s*=\s*\"?([A-Za-z0-9._-]{1,253})", re.IGNORECASE)
COMMENT = re.compile(r"\([^()]*\)")
DEPTH = 8
DECIDED = {"pass", "fail"}
BEYOND_ASCII = re.compile(r"[^\x20-\x7e]")

Result = tuple[str, str]


def authenticate(values: Sequence[str], servers: Sequence[str]) -> Authentication:
    """What the topmost of these header values says, if one of `servers` wrote it (names in lower case)."""
    if not values or not servers or len(values[0]) > LONGEST:
        return UNKNOWN
    value = BEYOND_ASCII.sub(" ", values[0]).strip()
    named = _named(value, servers)
    results = named if named is not None else _microsoft(value, servers)
    return _together(results)


def _named(value: str, servers: Sequence[str]) -> list[Result] | None:
    """The DMARC results of a header in the form of the RFC; None when it is not in that form."""
    try:
        header = authres.AuthenticationResultsHeader.parse_value(value)
    except (authres.AuthResError, ValueError, IndexError, AttributeError, TypeError, RecursionError):
        return None
    if str(header.authserv_id).lower() not in servers:
        return []
    return [_result(r) for r in header.results if str(r.method).lower() == "dmarc"]


def _result(result: authres.AuthenticationResult) -> Result:
    domains = (str(p.value) for p in result.properties if (p.type, p.name) == ("header", "from"))
    return str(result.result).lower(), next(domains, "").rpartition("@")[2].lower()


def _microsoft(value: str, servers: Sequence[str]) -> list[Result]:
    """The results of Microsoft's form: no name of a server, and words after the semicolons that no RFC knows."""
    bare = _without_comments(value)
    clauses = bare.split(";")
    if MICROSOFT not in servers or "=" not in clauses[0]:
        return []
    found = ((m, DOMAIN.search(clause)) for clause in clauses if (m := DMARC.match(clause)))
    return [(m[1].lower(), domain[1].lower() if domain else "") for m, domain in found]


def _without_comments(value: str) -> str:
    for _ in range(DEPTH):
        value, changed = COMMENT.subn(" ", value)
        if not changed:
            break
    return value


def _together(results: Iterable[Result]) -> Authentication:
    """One failure is a failure; a pass must not be contradicted, neither in its word nor in its domain."""
    known = [r for r in results if r[0] in DECIDED]
    failed = next((r for r in known if r[0] == "fail"), None)
    if failed:
        return Authentication(*failed)
    return Authentication(*known[0]) if len(set(known)) == 1 else UNKNOWN
