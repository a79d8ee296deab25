"""What pydantic found wrong -> problems a non-programmer can mend, each at its own line. Every problem at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ..core.conditions import CONDITIONS, Condition
from .locate import Path
from .problem import Problem, did_you_mean
from .schema.values import NoSuchError
from .toml import Document

File = TypeVar("File", bound=BaseModel)

WANTED = {
    "string_type": 'text in "quotes"',
    "list_type": 'a list, like ["one", "two"]',
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false, without quotes",
    "bool_parsing": "true or false, without quotes",
    "mapping_type": "a group of keys",
    "dict_type": "a group of keys",
    "model_type": "a group of keys",
    "string_pattern_mismatch": "letters, digits, _ $ and - only",
    "string_too_short": "not empty",
    "too_short": "not empty",
}
LIMITS = {"greater_than_equal": ("ge", "or more"), "less_than_equal": ("le", "or less")}
CONDITION_VALUES = {
    "texts": 'a list, like ["one", "two"]',
    "text": 'text in "quotes"',
    "word": 'text in "quotes"',
    "pattern": "a regular expression in 'single quotes'",
    "number": "a whole number, without quotes",
    "flag": "true or false, without quotes",
}


def examine(document: Document, model: type[File], data: Mapping[str, object] | None = None) -> File | list[Problem]:
    """The file as values, or everything that is wrong with its form."""
    try:
        return model.model_validate(dict(document.data if data is None else data))
    except ValidationError as error:
        return list(_problems(document, model, error))


def _problems(document: Document, model: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    errors: Sequence[Mapping[str, Any]] = error.errors(include_url=False)
    yield from _missing(document, model, [e["loc"] for e in errors if e["type"] == "missing"])
    seen: set[Path] = set()
    for fault in errors:
        path = fault["loc"]
        if fault["type"] != "missing" and path not in seen:
            seen.add(path)
            yield _problem(document, model, fault)


def _missing(document: Document, model: type[BaseModel], paths: Iterable[Path]) -> Iterator[Problem]:
    """One complaint for each table, however many keys it lacks."""
    tables: dict[Path, list[str]] = {}
    for path in paths:
        tables.setdefault(path[:-1], []).append(str(path[-1]))
    for table, names in tables.items():
        if table:
            what = f"{_and(_quoted(n) for n in names)} {'is' if len(names) == 1 else 'are'} missing in {heading(table)}"
        else:
            what = f"{_and(f'[{n}]' for n in names)} {'is' if len(names) == 1 else 'are'} missing"
        yield document.problem(table, what, "\n".join(_help(model, (*table, name), name, names) for name in names))


def _help(model: type[BaseModel], path: Path, name: str, names: Sequence[str]) -> str:
    meaning = _meaning(model, path)
    return meaning if len(names) == 1 else f"{name}: {meaning}"


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _quoted(name: object) -> str:
    return f'"{name}"'


def heading(path: Path) -> str:
    """How the table at this path is headed: [lead], [[rush.tier]], [contacts.petr-sea]."""
    name = ".".join(str(p) for p in path if not isinstance(p, int))
    return f"[[{name}]]" if path and isinstance(path[-1], int) else f"[{name}]"


def _problem(document: Document, model: type[BaseModel], fault: Mapping[str, Any]) -> Problem:
    path: Path = fault["loc"]
    if fault["type"] == "extra_forbidden":
        return _unknown(document, model, path)
    what, help = _said(model, path, fault, document.confidential)
    return document.problem(path, what, help, show=True)


def _unknown(document: Document, model: type[BaseModel], path: Path) -> Problem:
    around = model_at(model, path[:-1])
    known = [f.alias or n for n, f in around.model_fields.items()] if around else []
    kind = "key" if len(path) > 1 else "part"
    if document.confidential:
        return document.problem(path, f"unknown {kind}", "known here: " + ", ".join(sorted(known)))
    name = _quoted(path[-1]) if len(path) > 1 else f"[{path[-1]}]"
    return document.problem(path, f"unknown {kind} {name}", did_you_mean(str(path[-1]), known))


def _said(model: type[BaseModel], path: Path, fault: Mapping[str, Any], confidential: bool) -> tuple[str, str]:
    """What is wrong with a value, and the sentence that explains its key."""
    kind, field = fault["type"], field_at(model, path)
    value = "…" if confidential else fault["input"]
    name, meaning = _name(path, confidential), _meaning(model, path)
    if kind in ("literal_error", "enum") and field is not None:
        return f'{name} cannot be "{value}"', did_you_mean(str(value), choices(field.annotation))
    if kind == "list_type" and isinstance(value, dict):
        return f"{heading(path)} is written with double brackets here", f"[[{heading(path)[1:-1]}]], once for each"
    if kind == "model_type" and isinstance(value, list):
        return f"there is only one {heading(path)}", "single brackets, and only once"
    if kind in LIMITS:
        limit, words = LIMITS[kind]
        return f"{name} should be {fault['ctx'][limit]} {words}", meaning
    if kind == "value_error" and isinstance(fault["ctx"]["error"], NoSuchError):
        return f'{name} cannot be "{value}"', str(fault["ctx"]["error"])
    if kind == "value_error":
        return f"{name} should be {fault['ctx']['error']}", meaning
    return f"{name} should be {WANTED.get(kind, fault['msg'].lower())}", meaning


def _name(path: Path, confidential: bool) -> str:
    names = [p for p in path if not isinstance(p, int) and p != "[key]"]
    if confidential:
        return "a value"
    return _quoted(names[-1] if names else "this")


def _inside(annotation: Any) -> Iterator[Any]:
    """The types an annotation is made of: list[X] | None -> X."""
    if get_origin(annotation) in (None, Literal):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _inside(part)


def _tables(annotation: Any) -> type[BaseModel] | None:
    return next((t for t in _inside(annotation) if isinstance(t, type) and issubclass(t, BaseModel)), None)


def choices(annotation: Any) -> list[str]:
    """The words a value may be: those of a Literal, or the members of an enumeration."""
    found: list[str] = []
    for part in _inside(annotation):
        if get_origin(part) is Literal:
            found += get_args(part)
        elif isinstance(part, type) and issubclass(part, Enum):
            found += [str(member.value) for member in part]
    return found


def field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """The field that describes the value at this path; that of the list or group it stands in, if it has none."""
    field: FieldInfo | None = None
    inside: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, int) or inside is None:
            continue
        field = next((f for n, f in inside.model_fields.items() if part == (f.alias or n)), None)
        if field is None:
            return None
        inside = _tables(field.annotation)
    return field


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The table at this path."""
    field = field_at(model, path)
    return model if not path else _tables(field.annotation) if field else None


def _meaning(model: type[BaseModel], path: Path) -> str:
    field = field_at(model, path)
    return (field.description or "") if field else ""


def condition_problems(document: Document, path: Path, values: Mapping[str, object]) -> Iterator[Problem]:
    """`when` or `unless` at this path, held against the dictionary of conditions."""
    for name, value in values.items():
        here = (*path, name)
        if name not in CONDITIONS:
            yield document.problem(here, f'unknown condition "{name}"', did_you_mean(name, CONDITIONS))
            continue
        known = CONDITIONS[name]
        if wanted := wrong_value(known, value):
            yield document.problem(here, f'"{name}" should be {wanted}', known.meaning, show=True)
        elif known.choices and value not in known.choices:
            yield document.problem(here, f'"{name}" cannot be "{value}"', did_you_mean(str(value), known.choices))


def wrong_value(known: Condition, value: object) -> str:
    """What was wanted, or "" when the value is of the right kind."""
    match known.takes:
        case "texts":
            right = isinstance(value, list) and bool(value) and all(isinstance(v, str) and v.strip() for v in value)
        case "number":
            right = isinstance(value, int) and not isinstance(value, bool)
        case "flag":
            right = isinstance(value, bool)
        case _:
            right = isinstance(value, str) and bool(value)
    return "" if right else CONDITION_VALUES[known.takes]
