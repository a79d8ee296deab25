"""Makes a configuration directory out of a contexts file of the labelled sets, for any owners, dates and languages.

    python -m tests.corpus.configure CONTEXTS.json DIR
    vamaild explain --json --config DIR FILES...

Nothing is used but the contexts file, the shipped rules and scope.toml. What a colleague takes is derived from the
words of his scope: cut at commas, brackets and conjunctions, without words that name no matter, each as the beginning
of a word; with the everyday words for the same matter in the other languages.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import ceil
from pathlib import Path

from vamaild.core.words import Text, find, fold

DATA = tomllib.loads((Path(__file__).parent / "scope.toml").read_text(encoding="utf-8"))
SHIPPED = Path(__file__).parents[2] / "rules.d"
LANGUAGES = tuple(sorted(p.stem.removeprefix("10-language-") for p in SHIPPED.glob("10-language-*.toml")))
USUAL_PERCENT = 50
USUAL_DAYS = 4
HOURS_A_DAY = 24
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
MAIN = """\
[me]
name     = "Corpus"
email    = "me@corpus.example"
language = "en"
timezone = "Europe/Rome"

[mailbox]
imap     = "imaps://imap.corpus.example"
user     = "me@corpus.example"
password = "secret:mailbox"

[send]
smtp     = "smtps://smtp.corpus.example"
user     = "me@corpus.example"
password = "secret:mailbox"
"""
SECRETS = '[passwords]\nmailbox = "not-a-real-password"\n'
Context = Mapping[str, object]


def toml(value: object) -> str:
    """A value as TOML writes it; a text's escapes are those of JSON."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml(v) for v in value)}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{k} = {toml(v)}' for k, v in value.items())} }}"
    return value.text if isinstance(value, Bare) else json.dumps(value, ensure_ascii=False)


class Bare:
    """A date, which TOML writes without quotes."""

    def __init__(self, text: object) -> None:
        self.text = str(text)[:10]


def table(name: str, /, **keys: object) -> str:
    lines = "".join(f"{key.rstrip('_')} = {toml(value)}\n" for key, value in keys.items() if value not in (None, ""))
    return f"\n[{name}]\n{lines}"


@lru_cache
def _words(part: str, language: str) -> frozenset[str]:
    """The words of [stop] or [and] of this language, or of all of them where it has none."""
    lists = DATA[part]
    return frozenset(fold(w) for w in lists.get(language) or [w for words in lists.values() for w in words])


def matters(scope: str, language: str) -> Iterator[list[str]]:
    """The words of each matter that a scope names, stop words left out."""
    for piece in re.split(r"[,;:()\[\]/.•\n]|\s[-–—]\s", scope):
        found: list[str] = []
        for word in WORD.findall(piece):
            if fold(word) in _words("and", language):
                yield found
                found = []
            elif fold(word) not in _words("stop", language):
                found.append(word)
        yield found


def stem(word: str, language: str) -> str:
    """The word without its ending and with a star; one in capitals ("VAT") stays as it is."""
    if word.isupper() or any(c.isdigit() for c in word):
        return word.lower()
    endings = DATA["endings"].get(language, ())
    shortest = int(DATA["shortest"])
    ending = next((e for e in endings if word.endswith(e) and len(word) - len(e) >= shortest), "")
    return f"{word.lower().removesuffix(ending)}*"


def kin(scope: str) -> Iterator[str]:
    """Everyday words for every matter that the scope names, in all languages; and what anybody of the firm may do."""
    named = Text(scope)
    groups = (g for g in DATA["kin"] if g.get("always") or find(tuple(g["says"]), named))
    return (phrase for group in groups for phrase in group["says"])


def takes(scope: str, language: str) -> tuple[str, ...]:
    """The phrases that show a message to be about something in this scope."""
    named = list(matters(scope, language))
    own = [stem(word, language) for words in named for word in words if _says_much(word)]
    return tuple(dict.fromkeys((*own, *kin(". ".join(" ".join(words) for words in named)))))


def _says_much(word: str) -> bool:
    return len(word) >= int(DATA["shortest"]) or (word.isupper() and len(word) > 1)


def percent(rate: object) -> int | None:
    """The surcharge that an express rate means: "+50 %", "150 %", "1.5x", "double". None without one."""
    if rate in (None, "", False):
        return None
    text = fold(str(rate)).replace(",", ".")
    number = re.search(r"\d+(?:\.\d+)?", text)
    if number is None:
        found = next((v for w, v in DATA["rates"].items() if find((w,), Text(text))), USUAL_PERCENT)
        return int(found)
    value = float(number.group())
    if re.search(r"\d[\s-]*(?:x|×|fach|krat|volte|times)|(?:x|×)\s*\d", text):
        return max(0, round((value - 1) * 100))
    over = value > 100 and "+" not in text  # "150 %" of the price is half as much again
    return round(value - 100 if over else value)


def lead(context: Context) -> str:
    """[lead] and [rush]."""
    agreed = context.get("lead_time")
    value, unit = (agreed["value"], str(agreed["unit"])) if isinstance(agreed, Mapping) else (USUAL_DAYS, "working")
    if "week" in unit:
        value, unit = value * 7, "calendar_days"
    if "hour" in unit:
        value, unit = ceil(value / HOURS_A_DAY), "calendar_days"
    counted = "working" if unit.startswith(("working", "business")) else "calendar"
    holidays = [Bare(day) for day in _list(context, "holidays")]
    text = table("lead", days=value, unit=counted, holidays=holidays)
    rate = percent(context.get("express_rate"))
    if rate is None:
        return text + table("rush", mode="decline")
    return text + table("rush", mode="offer") + table("[rush.tier]", ready="2 working days", percent=rate)


def absence(context: Context, language: str) -> str:
    """[absence], [colleague] and the closed days."""
    back = Bare(context["return_date"])
    text = table("absence", from_=Bare(context.get("away_from") or "2000-01-01"), back=back, answer_by=back)
    holidays = [Bare(day) for day in _list(context, "holidays")]
    text += table("week", holidays=holidays) if holidays else ""
    colleague = context.get("colleague")
    if not isinstance(colleague, Mapping):
        return text
    scope, name = str(colleague.get("scope") or ""), str(colleague["name"])
    slug = re.sub(r"[^a-z]+", ".", fold(name)).strip(".")
    address = colleague.get("email") or f"{slug}@{str(context['mailbox']).rpartition('@')[2]}"
    role = {language: scope} if scope else {}
    return text + table("colleague", name=name, email=address, role=role, takes=takes(scope, language))


def _list(context: Context, key: str) -> list[object]:
    found = context.get(key)
    return found if isinstance(found, list) else []


def people(context: Context) -> Iterable[str]:
    for role, key in (("client", "clients"), ("alarm", "alarm_senders")):
        for entry in _list(context, key):
            known = entry if isinstance(entry, Mapping) else {"email": entry}
            address = known.get("email") or known.get("address")
            accepts = (role == "client" and bool(context.get("express_rate"))) or None
            yield table("[person]", email=address, name=known.get("name"), role=role, accepts_rush=accepts)


def client_file(name: str, context: Context) -> str:
    """The file of one mailbox."""
    language = str(context.get("language") or "en")
    client = table(
        "client",
        id=re.sub(r"[^a-z0-9-]+", "-", fold(name)).strip("-"),
        name=context["owner"],
        principal=context["owner"],
        arrives=[a for key in ("mailbox", "assistant_mailbox") if (a := context.get(key))],
        language=language,
        languages=list(dict.fromkeys((language, *_list(context, "languages"), *LANGUAGES))),
        timezone=context["timezone"],
        trust="send",
    )
    rest = absence(context, language) if context.get("mode") == "vacation" else lead(context)
    otherwise = table("otherwise", kind="scheduled-request")
    return (
        f"# A mailbox of a labelled set: {context.get('what', name)}\n"
        + client
        + "".join(people(context))
        + rest
        + otherwise
    )


def configure(contexts: Path, target: Path) -> None:
    """Writes vamaild.toml, secrets.toml and one client file for each context into `target`."""
    write_main(target)
    for name, context in json.loads(contexts.read_text(encoding="utf-8")).items():
        (target / "rules.d" / f"client-{name}.toml").write_text(client_file(name, context), encoding="utf-8")


def write_main(target: Path) -> None:
    """Everything but the client files."""
    (target / "rules.d").mkdir(parents=True, exist_ok=True)
    (target / "vamaild.toml").write_text(MAIN, encoding="utf-8")
    (target / "secrets.toml").write_text(SECRETS, encoding="utf-8")
    (target / "secrets.toml").chmod(0o600)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    configure(Path(arguments[0]), Path(arguments[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
