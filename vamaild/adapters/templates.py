"""templates/<language>/<name>.txt -> a letter, with jinja2 (the only file that imports it).

A text is a small e-mail: `Subject: ...`, an empty line, the body. Whoever edits one is trusted with words, not with the
machine. Jinja's sandbox bounds neither time nor memory, so a text is looked through before it is compiled: it may use
words, our filters, `if`, comparisons, and, or, not; nothing that repeats, calls, calculates, assigns or includes. What
is left runs once from top to bottom, so file size x word size (both limited) bounds time and memory in any thread,
without a worker process. The limits on output and processor time, checked at every piece written, stand behind that.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from time import thread_time
from traceback import walk_tb
from typing import NamedTuple

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, UndefinedError, nodes, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..core.grammar import Grammar, GrammarError, build, named, say, short
from ..core.letter import Letter
from ..core.prose import Fault, TextError, normal, parts, plain, style
from ..core.vocabulary import WORD_LIMIT, differing, known, length, meant, remedy, vocabulary

FALLBACK = "en"
FILE_LIMIT = 20_000
OUTPUT_LIMIT, PIECES_A_LOOK = 20_000, 8
DEPTH_LIMIT = 30
SECONDS = 1.0
TEXT_NAME = re.compile(r"_?[a-z0-9][a-z0-9-]{0,60}(?:\.[a-z0-9]{1,8})?")
LANGUAGE_NAME = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
CLIENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,99}")
MAY_USE = "a text may use {{ word }}, {{ word|filter }} and {% if word %}; no loops, calls or calculations"
SHAPE = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr)
WORD = (nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.Test)
LOGIC = (nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not)
ALLOWED = (*SHAPE, *WORD, *LOGIC)


class Use(NamedTuple):
    """A word in a text. `asked`: only `is defined` asks for it, so it may be missing."""

    path: str
    line: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Text:
    """One compiled file; a snippet (_greeting.txt) has no subject."""

    file: str
    language: str
    source: str
    subject: Template | None
    body: Template
    uses: tuple[Use, ...]
    filters: frozenset[str]


class Environment(ImmutableSandboxedEnvironment):
    """Jinja that knows dictionaries and nothing else: no attribute and no method of a value can be reached."""

    def __init__(self, grammar: Grammar) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False, finalize=_printable)
        self.grammar = grammar
        self.globals = {}
        self.tests = {"defined": self.tests["defined"]}
        self.filters = {name: _filter(grammar, name) for name in grammar.filters} | {"short": short}

    def getattr(self, obj: object, attribute: str) -> object:
        return obj[attribute] if type(obj) is dict and attribute in obj else self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: object, argument: object) -> object:
        return self.getattr(obj, str(argument))


def _filter(grammar: Grammar, name: str) -> Callable[[Context, object], str]:
    @pass_context
    def apply(context: Context, value: object) -> str:
        return say(grammar, name, _defined(value), context.get("now"))

    return apply


def _defined(value: object) -> object:
    if isinstance(value, Undefined):
        raise UndefinedError
    return value


def _printable(value: object) -> str:
    """What {{ word }} may write: a date without its filter would come out as 2026-12-07."""
    if isinstance(_defined(value), bool) or not isinstance(value, (str, int)):
        raise GrammarError(f"this word is {named(value)}: it cannot be written without a filter")
    return str(value)


class Texts:
    """Writes letters; satisfies core.letter.Render. Compiles each text once: make a new one after an edit.

    `own` is CONFIG/templates and may be missing. A text is looked for in own/<client>/<language>, own/<language>,
    shipped/<language>, then the same in English. All methods raise TemplateError (TextError) only.
    """

    def __init__(self, shipped: Path, own: Path | None = None, *, seconds: float = SECONDS) -> None:
        self.roots = tuple(root for root in (own, shipped) if root is not None)
        self.own, self.shipped, self.seconds = own, shipped, seconds
        self._texts: dict[tuple[str, str, str], Text] = {}
        self._environments: dict[str, Environment] = {}

    def __call__(self, template: str, language: str, client: str, words: Mapping[str, object]) -> Letter:
        """The letter in this language. Raises TextError with file, line and remedy."""
        plain(template, words)
        return self._letter(self._find(template, language, client), client, words)

    def variants(self, template: str, language: str, client: str) -> tuple[str, ...]:
        """The names under which this text exists: vacation-second, vacation-second.a, vacation-second.b ..."""
        if not TEXT_NAME.fullmatch(template):
            return ()
        names = {
            path.name.removesuffix(".txt")
            for root, folder, _ in self._folders(language, client)
            for path in (root / folder).glob(f"{template}*.txt")
        }
        return tuple(sorted(n for n in names if n.partition(".")[0] == template and TEXT_NAME.fullmatch(n)))

    def check(self, proven: bool = False) -> tuple[Fault, ...]:
        """Everything wrong in any text, written in every sort of situation; `proven`: the product's hold."""
        if self.own is None or self._bends_shipped():
            return self._faults(self.roots)
        return (*self._faults((self.own,)), *(() if proven else faults_of(self.shipped, self.seconds)))

    def _faults(self, roots: Sequence[Path]) -> tuple[Fault, ...]:
        faults = [fault for place in self._everything(roots) for fault in self._check(*place)]
        return tuple(dict.fromkeys((*self._tables(roots), *faults)))

    def _bends_shipped(self) -> bool:
        """Whether a table or a part of one's own is used by shipped texts, too."""
        return bool(self.own and any(True for form in ("*/grammar.toml", "*/_*.txt") for _ in self.own.glob(form)))

    # -- finding ---------------------------------------------------------------------------------------------------

    def _folders(self, language: str, client: str) -> Iterator[tuple[Path, str, str]]:
        if not LANGUAGE_NAME.fullmatch(language):
            language = FALLBACK
        for each in dict.fromkeys((language, FALLBACK)):
            if self.own and CLIENT_NAME.fullmatch(client):
                yield self.own, f"{client}/{each}", each
            yield from ((root, each, each) for root in self.roots)

    def _find(self, template: str, language: str, client: str) -> Text:
        key = (template, language, client)
        if key not in self._texts:
            self._texts[key] = self._search(*key)
        return self._texts[key]

    def _search(self, template: str, language: str, client: str) -> Text:
        if TEXT_NAME.fullmatch(template):
            for root, folder, found in self._folders(language, client):
                if (root / folder / f"{template}.txt").is_file():
                    return self._load(root, folder, found, template)
        raise TextError(_absent(template, language))

    def _load(self, root: Path, folder: str, language: str, name: str) -> Text:
        file, path = f"{root.name}/{folder}/{name}.txt", root / folder / f"{name}.txt"
        return _compile(self._environment(language), file, language, name, _read(path, file))

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            self._environments[language] = Environment(self._grammar(language))
        return self._environments[language]

    def _grammar(self, language: str) -> Grammar:
        for root in self.roots:
            path, file = root / language / "grammar.toml", f"{root.name}/{language}/grammar.toml"
            if path.is_file():
                return _grammar(_read(path, file), file)
        file = f"{self.roots[0].name}/{language}/grammar.toml"
        raise TextError(Fault(file, 0, "this language has no table of words", "copy en/grammar.toml and translate it"))

    # -- writing ---------------------------------------------------------------------------------------------------

    def _letter(self, text: Text, client: str, words: Mapping[str, object]) -> Letter:
        if text.subject is None:
            raise TextError(Fault(text.file, 0, "this is a part of a text, not a text", ""))
        offered = dict(words) | self._snippets(text, client, words)
        subject = " ".join(self._run(text, text.subject, offered).split())
        return Letter(subject, normal(self._run(text, text.body, offered)))

    def _snippets(self, text: Text, client: str, words: Mapping[str, object]) -> dict[str, str]:
        """Greeting and closing, in the language of the text that was found, if it uses them."""
        wanted = {use.path for use in text.uses} & {"greeting", "closing"} - set(words)
        snippets = {name: self._snippet(f"_{name}", text.language, client) for name in sorted(wanted)}
        return {name: normal(self._run(part, part.body, words)).strip() for name, part in snippets.items()}

    def _snippet(self, name: str, language: str, client: str) -> Text:
        part = self._find(name, language, client)
        if part.language != language:  # an English greeting over a German text
            raise TextError(_absent(name, language))
        return part

    def _run(self, text: Text, template: Template, words: Mapping[str, object]) -> str:
        try:
            return self._limited(text, template, words)
        except UndefinedError as error:
            raise TextError(_missing(text, _line(error, text.file), words)) from error
        except (GrammarError, TypeError) as error:  # TypeError: "x" < 3 in an `if`
            raise TextError(Fault(text.file, _line(error, text.file), str(error), "")) from error

    def _limited(self, text: Text, template: Template, words: Mapping[str, object]) -> str:
        # The thread's own processor time: a slow disk or a sleeping laptop is not the text's fault.
        pieces, size, end = [], 0, thread_time() + self.seconds
        for number, piece in enumerate(template.generate(words)):
            pieces.append(piece)
            size += len(piece)
            if size > OUTPUT_LIMIT:
                raise TextError(Fault(text.file, 0, f"becomes longer than {OUTPUT_LIMIT} characters", "shorten it"))
            if number % PIECES_A_LOOK == 0 and thread_time() > end:
                raise TextError(Fault(text.file, 0, f"takes longer than {self.seconds} s", "make it simpler"))
        return "".join(pieces)

    # -- checking --------------------------------------------------------------------------------------------------

    @staticmethod
    def _everything(roots: Sequence[Path]) -> Iterator[tuple[Path, str, str, str, str]]:
        """(root, folder, language, client, name) of every text; own clients' folders lie one deeper."""
        for root in roots:
            for path in sorted((*root.glob("*/*.txt"), *root.glob("*/*/*.txt"))):
                *client, language, name = path.relative_to(root).parts
                yield root, "/".join((*client, language)), language, "".join(client), name.removesuffix(".txt")

    def _tables(self, roots: Sequence[Path]) -> Iterator[Fault]:
        for path in sorted(path for root in roots for path in root.glob("*/grammar.toml")):
            try:
                self._grammar(path.parent.name)
            except TextError as error:
                yield from error.faults

    def _check(self, root: Path, folder: str, language: str, client: str, name: str) -> Iterator[Fault]:
        file = f"{root.name}/{folder}/{name}.txt"
        if not TEXT_NAME.fullmatch(name) or not LANGUAGE_NAME.fullmatch(language):
            help = "use small letters, digits and -, as in it/ordinary.txt"
            yield Fault(file, 0, "a text by this name is never found", help)
            return
        try:
            text = self._load(root, folder, language, name)
        except TextError as error:
            yield from error.faults
            return
        grammar = self._environment(language).grammar
        unknown = [use for use in text.uses if not known(use.path, vocabulary(name))]
        yield from (_unknown(file, use, vocabulary(name)) for use in unknown)
        yield from style(text.file, name, text.source, text.filters, grammar)
        if not unknown:
            yield from self._try(text, name, client)

    def _try(self, text: Text, name: str, client: str) -> Iterator[Fault]:
        """Writes the text for every sort of reply that differs for it; the faults by line, and how long it gets."""
        faults, longest = dict[tuple[str, int], Fault](), 0
        for words in differing(name, self._used(text, client)):
            try:
                longest = max(longest, self._count(text, client, words))
            except TextError as error:
                faults |= {(fault.file, fault.line): fault for fault in error.faults}
        yield from faults.values()
        if longest > WORD_LIMIT:
            help = f"nobody reads more than {WORD_LIMIT}: leave something out"
            yield Fault(text.file, 0, f"has {longest} words", help)

    def _used(self, text: Text, client: str) -> frozenset[str]:
        """The words that have a say in what becomes of this text; `now` has one in every date."""
        uses = {use.path.partition(".")[0] for use in text.uses} | {"now"}
        for name in uses & {"greeting", "closing"}:
            with suppress(TextError):  # told when the text is written
                uses |= {use.path.partition(".")[0] for use in self._snippet(f"_{name}", text.language, client).uses}
        return frozenset(uses)

    def _count(self, text: Text, client: str, words: Mapping[str, object]) -> int:
        """Writes the whole letter, and counts what stands between greeting and closing."""
        if text.subject is not None:
            self._letter(text, client, words)
        return length(self._run(text, text.body, {**words, "greeting": "", "closing": ""}))


@lru_cache(maxsize=4)
def faults_of(shipped: Path, seconds: float = SECONDS) -> tuple[Fault, ...]:
    """What is wrong in the texts of the product; they change only with it, so a process looks once."""
    return Texts(shipped, seconds=seconds).check()


def _absent(name: str, language: str) -> Fault:
    return Fault(f"templates/{language}/{name}.txt", 0, "there is no such text", "write it, or correct the name")


def _read(path: Path, file: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(FILE_LIMIT + 1)
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TextError(Fault(file, 0, f"cannot be read: {error}", "save it as UTF-8, readable for vamaild")) from error
    if len(raw) > FILE_LIMIT:
        raise TextError(Fault(file, 0, f"is larger than {FILE_LIMIT} bytes", "shorten it"))
    return text


def _grammar(source: str, file: str) -> Grammar:
    try:
        return build(tomllib.loads(source))
    except (tomllib.TOMLDecodeError, GrammarError) as error:
        place = re.search(r"at line (\d+)", str(error))
        fault = Fault(file, int(place[1]) if place else 0, str(error), "compare with en/grammar.toml")
        raise TextError(fault) from error


def _compile(env: Environment, file: str, language: str, name: str, source: str) -> Text:
    """Looks the text through, then compiles subject and body apart: no word can break out of the subject line."""
    head, body = ("", source) if name.startswith("_") else parts(file, source)
    trees = [_parse(env, part, file) for part in (head, body)]
    seen = Seen(file, env)
    for tree in trees:
        seen.walk(tree, 0, False)
    if seen.faults:
        raise TextError(*seen.faults)
    subject, text = (Template.from_code(env, env.compile(tree, file, file), {}) for tree in trees)
    part = None if name.startswith("_") else subject
    return Text(file, language, source, part, text, tuple(seen.uses), frozenset(seen.filters))


def _parse(env: Environment, source: str, file: str) -> nodes.Template:
    try:
        return env.parse(source, file, file)
    except TemplateSyntaxError as error:
        raise TextError(Fault(file, error.lineno, str(error.message), MAY_USE)) from error
    except (RecursionError, ValueError) as error:  # ((((..., and numbers of thousands of digits
        raise TextError(Fault(file, 0, "is too deeply nested, or holds a number too long", MAY_USE)) from error


class Seen:
    """What one text contains: its words, its filters, and what it may not do."""

    def __init__(self, file: str, env: Environment) -> None:
        self.file, self.known = file, env.filters
        self.uses: list[Use] = []
        self.filters: set[str] = set()
        self.faults: list[Fault] = []

    def walk(self, node: nodes.Node, depth: int, asked: bool) -> None:
        path = _path(node)
        if depth > DEPTH_LIMIT:
            self.fault(node, "is too deeply nested", MAY_USE)
        elif path:
            self.uses.append(Use(path, node.lineno, asked))
        elif not isinstance(node, ALLOWED) or not self.allowed(node):
            self.fault(node, f"{type(node).__name__} is not allowed", MAY_USE)
        else:
            for child in node.iter_child_nodes():
                self.walk(child, depth + 1, isinstance(node, nodes.Test))

    def allowed(self, node: nodes.Node) -> bool:
        if isinstance(node, nodes.Filter):
            self.filters.add(node.name)
            if node.name not in self.known:
                self.fault(node, f"unknown filter {node.name}", meant(node.name, self.known))
        if isinstance(node, (nodes.Filter, nodes.Test)):
            plain = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
            return plain and node.node is not None and (isinstance(node, nodes.Filter) or node.name == "defined")
        if isinstance(node, nodes.Const):
            return isinstance(node.value, (str, int, type(None)))
        return not isinstance(node, (nodes.Getattr, nodes.Name))

    def fault(self, node: nodes.Node, what: str, remedy: str) -> None:
        self.faults.append(Fault(self.file, node.lineno, what, remedy))


def _path(node: nodes.Node) -> str:
    """ "principal.name"; "" for anything but names joined by dots."""
    if isinstance(node, nodes.Getattr):
        return f"{before}.{node.attr}" if (before := _path(node.node)) and not node.attr.startswith("_") else ""
    return node.name if isinstance(node, nodes.Name) and node.ctx == "load" and node.name[0] != "_" else ""


def _missing(text: Text, line: int, words: Mapping[str, object]) -> Fault:
    lacking = [use for use in text.uses if not use.asked and not known(use.path, words)] or [Use("now", line, False)]
    return _unknown(text.file, next((use for use in lacking if use.line == line), lacking[0]), words)


def _unknown(file: str, use: Use, words: Mapping[str, object]) -> Fault:
    return Fault(file, use.line, f"unknown word {use.path}", remedy(use.path, words))


def _line(error: BaseException, file: str) -> int:
    return max((line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == file), default=0)
