"""By structure: what writes replies cannot reach a secret. Its imports, the names in it, the objects it gets."""

import ast
import gc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from types import BuiltinFunctionType, ModuleType

import pytest

from tests.chain.alarm import FLOOD, PETR, TELEPHONE, Alarm
from tests.make import absent, book, client
from tests.office import letter
from tests.test_house import PACKAGE, imports, modules, place
from vamaild import notes
from vamaild.config.settings import Secret, Secrets
from vamaild.core.letter import Letter, Render
from vamaild.core.secrecy import leak

NAMES = {"secrets", "reveal", "contact_values", "all_values", "sign_key"}
KEEPERS = {
    "config/": "reads secrets.toml",
    "core/guards.py": "looks whether a reply betrays it",
    "core/entries.py": "asks the gate",
    "core/egress.py": "is the gate",
    "core/route.py": "whether an address is one of our people's",
    "core/screen.py": "whether somebody writes to a contact",
    "wire.py": "hands it to the adapters, the journal and the gate",
    "notices.py": "reaches people by it",
    "dispatch.py": "asks the gate",
    "thread.py": "asks the gate",
    "notes.py": "asks the gate",
    "handing.py": "asks the gate",
    "interview.py": "asks the gate",
    "returning.py": "asks the gate",
    "reporting.py": "asks the gate",
    "replay.py": "signs in to the mailbox",
    "bearers.py": "shows the provider the secret of the application",
    "web/": "asks the gate, signs links",
    "commands.py": "asks the gate",
    "learning.py": "leaves out examples that betray it",
    "cli/letting.py": "asks the gate",
    "cli/audit.py": "asks the gate",
    "cli/check.py": "reads the configuration",
    "cli/client.py": "leaves it out of what is handed back",
    "cli/person.py": "leaves it out of what is handed back",
}
WRITERS = (
    "adapters/templates.py",
    "core/wording.py",
    "core/writing.py",
    "core/planner.py",
    "core/letter.py",
    "news.py",
)


def named(source: str) -> set[str]:
    if not any(name in source for name in NAMES):
        return set()
    return {n.attr for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Attribute)} & NAMES


def keeper(path: str) -> bool:
    return path.startswith(tuple(KEEPERS))


@pytest.mark.parametrize("path", [p for p in modules() if not keeper(place(p))], ids=place)
def test_only_these_modules_name_a_secret(path: object) -> None:
    source = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]  # a Path, as modules() gives it
    uses = {n for n in named(source) if n != "secrets"} | ({"secrets"} if ".rulebook.secrets" in source else set())
    assert uses == set(), "a new keeper of secrets belongs into KEEPERS, with its reason"


@pytest.mark.parametrize("writer", WRITERS)
def test_what_writes_replies_is_no_keeper(writer: str) -> None:
    assert not keeper(writer)
    assert named((PACKAGE / writer).read_text(encoding="utf-8")) == set()


def behind(module: str) -> set[str]:
    """Every module of ours that this one can reach by its imports."""
    found, fresh = set[str](), {module}
    while fresh:
        found |= fresh
        named_there = {n for f in fresh for _, n in imports(PACKAGE / f) if n.startswith("vamaild.")}
        files = {n.removeprefix("vamaild.").replace(".", "/") for n in named_there}
        fresh = {f"{f}.py" for f in files if (PACKAGE / f"{f}.py").is_file()} - found
    return found


def test_the_texts_cannot_import_their_way_to_a_secret() -> None:
    reached = behind("adapters/templates.py")
    assert {"core/letter.py", "core/grammar.py"} <= reached
    assert [m for m in reached if keeper(m) or m in ("core/ruleset.py", "core/case.py", "core/secrecy.py")] == []


# ---- the objects


def strings(*roots: object) -> Iterator[str]:
    """Every text that can be reached from here, as the interpreter sees it; modules and classes are not entered."""
    seen, left = set[int](), list(roots)
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, ModuleType | type | BuiltinFunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            yield one
        elif isinstance(one, bytes):
            yield one.decode("latin-1")
        elif not (isinstance(one, dict) and "__spec__" in one):  # what a module holds is not held by its functions
            left += gc.get_referents(one)


class Watching:
    """Renders, and looks at everything the texts could reach."""

    def __init__(self, render: Render, secrets: tuple[str, ...]) -> None:
        self.render, self.secrets = render, secrets
        self.written: list[str] = []

    def __call__(self, template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        found = [s for s in strings(self.render, template, language, client, words) if leak(s, self.secrets)]
        assert found == [], f"{template} could say it"
        self.written.append(template)
        return self.render(template, language, client, words)


def test_a_secret_that_can_be_reached_is_found() -> None:
    secrets = (TELEPHONE,)
    assert [s for s in strings(book(secrets=secrets)) if leak(s, secrets)] == [TELEPHONE]
    assert [s for s in strings(lambda: secrets) if leak(s, secrets)] == [TELEPHONE], "in a closure"
    assert [s for s in strings(Secrets(words=(Secret(TELEPHONE),))) if leak(s, secrets)] == [TELEPHONE], "in a wrapper"


def watched(office: Alarm) -> Watching:
    watching = Watching(office.service.rules.tools.render, (TELEPHONE, PETR))
    tools = replace(office.service.rules.tools, render=watching)
    office.service.rules = replace(office.service.rules, tools=tools)
    return watching


def test_no_text_of_an_absence_is_given_anything_that_leads_to_a_secret() -> None:
    office = Alarm()
    watching = watched(office)
    office.arrive(letter(1, FLOOD), letter(2, sender="dora@third.example"))
    office.goes_on(timedelta(minutes=10))
    office.says("petr-sea", "take")
    office.says("petr-sea", "resolve", note="il tecnico è sul posto")
    assert {"emergency-received", "vacation-first", "notice-escalation", "status-update"} <= set(watching.written)


def test_no_text_of_a_contract_is_given_anything_that_leads_to_a_secret() -> None:
    office = Alarm(client())
    watching = watched(office)
    office.arrive(letter(1), letter(2, "Mi serve per stasera il preventivo, è urgente!", sender="dora@third.example"))
    notes.queue("note-way", ("x",), {"case": {"code": "4F7K", "who": "petr-sea", "subject": "sms"}}, office.service)
    assert {"ordinary", "lead-time", "note-way"} <= set(watching.written)


def test_a_rulebook_shows_its_secrets_in_no_text() -> None:
    assert TELEPHONE not in repr(replace(book(absent()), secrets=(TELEPHONE,)))
