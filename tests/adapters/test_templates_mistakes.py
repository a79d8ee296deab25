"""A text that is wrong is named with file, line and remedy; no text and no value can do harm."""

import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import SecurityError

from vamaild.adapters.templates import Texts
from vamaild.core.letter import Letter, TemplateError
from vamaild.core.prose import Fault, TextError

from .texts import SHIPPED, put, words_for


@pytest.fixture(scope="module")
def shipped() -> Texts:
    return Texts(SHIPPED)


@pytest.fixture
def own(tmp_path):
    return tmp_path / "templates"


# -- the form ----------------------------------------------------------------------------------------------------------


def test_output_is_tidy(own):
    put(own, "it/x.txt", "\ufeffSubject:  {{ msg.subject }}  \r\n\r\n\r\n\r\na  \r\n\r\n\r\n\r\n  b\t\r\n\r\n\r\n")
    assert Texts(SHIPPED, own)("x", "it", "", words_for("x", "it")) == Letter("Preventivo infissi", "a\n\n  b\n")


def test_a_subject_stays_one_line_and_a_value_stays_a_value(own):
    evil = "Ciao\r\nBcc: evil@example\n\n{{ va.name }}{% for i in range(9) %}{{ ''.__class__ }}"
    letter = Texts(SHIPPED)("ordinary", "it", "", words_for("ordinary", "it", msg={"subject": evil}))
    assert letter.subject == "Re: " + " ".join(evil.split())
    assert "Bcc" not in letter.body
    body = Texts(SHIPPED)("playbook", "it", "", words_for("playbook", "it", answer="{{ 7*7 }} <b>&amp;</b>")).body
    assert "\n{{ 7*7 }} <b>&amp;</b>\n" in body


@given(st.text(max_size=300))
def test_no_subject_gets_out_of_its_line(subject):
    letter = Texts(SHIPPED)("ordinary", "en", "", words_for("ordinary", "en", msg={"subject": subject}))
    assert len(letter.subject.splitlines()) == 1
    assert letter.body.startswith("Hello,\n\nGot it")


# -- mistakes ----------------------------------------------------------------------------------------------------------

HEAD = "Subject: Re: {{ msg.subject }}\n\n"
MISTAKES = [
    ("{{ principle.name }}", 3, "unknown word principle.name", "did you mean principal.name?"),
    ("a\nb {{ principal.nmae }}", 4, "unknown word principal.nmae", "did you mean principal.name?"),
    ("{{ away.bakc|day }}", 3, "unknown word away.bakc", "did you mean away.back?"),
    ("{{ client }}", 3, "this word is a group of words: it cannot be written without a filter", ""),
    ("{{ away.back }}", 3, "this word is a date: it cannot be written without a filter", ""),
    ("{{ tu }}", 3, "this word is a yes or no: it cannot be written without a filter", ""),
    ("x\n{{ va.name|day }}", 4, "day needs a date, this is a text", ""),
    ("{{ away.back|quando }}", 3, "quando needs a time of day, 2026-12-07 is only a date", ""),
    ("{% if va.name < 3 %}x{% endif %}", 3, "'<' not supported between instances of 'str' and 'int'", ""),
    ("{{ msg.subject.x }}", 3, "unknown word msg.subject.x", "did you mean msg.subject?"),
    ("{% if principle %}x{% endif %}", 3, "unknown word principle", "did you mean principal?"),
]


@pytest.mark.parametrize(("body", "line", "what", "remedy"), MISTAKES)
def test_mistake_when_written(own, body, line, what, remedy):
    put(own, "it/x.txt", HEAD + body)
    with pytest.raises(TextError) as caught:
        Texts(SHIPPED, own)("x", "it", "", words_for("x", "it"))
    (fault,) = caught.value.faults
    assert fault == Fault("templates/it/x.txt", line, what, remedy)
    assert str(caught.value) == f"templates/it/x.txt:{line}: {what}" + (f" / {remedy}" if remedy else "")


@pytest.mark.parametrize(("body", "line", "what", "remedy"), MISTAKES)
def test_check_finds_the_same_mistakes(own, body, line, what, remedy):
    put(own, "rossi/it/x.txt", HEAD + body + "\n{{ lead.ready_on|day }}")
    (fault,) = Texts(SHIPPED, own).check()
    assert (fault.file, fault.line, fault.what) == ("templates/rossi/it/x.txt", line, what)


def test_a_word_that_is_empty_here(own):
    put(own, "it/x.txt", HEAD + "{{ colleague.email }} {{ away.back|day }}")
    with pytest.raises(
        TextError, match=r"x.txt:3: unknown word colleague.email / colleague is empty here: put this insi"
    ):
        Texts(SHIPPED, own)("x", "it", "", words_for("x", "it", colleague=None))
    assert "colleague is empty here" in str(Texts(SHIPPED, own).check()[0])


def test_a_word_this_client_has_not_got(shipped):
    words = words_for("rush-offer", "it")
    del words["rush"]
    with pytest.raises(TextError, match=r"^templates/it/rush-offer.txt:8: unknown word rush.ready_at / "):
        shipped("rush-offer", "it", "", words)


FAULTS = [
    ("it", "x", "Re: ciao\n\n{{ lead.ready_on|day }}", 1, "does not begin with a subject"),
    ("it", "x", "Subject: \n\n{{ lead.ready_on|day }}", 1, "does not begin with a subject"),
    ("it", "x", "Subject: x\ny\n{{ lead.ready_on|day }}", 2, "the subject is not followed by an empty line"),
    ("it", "x", HEAD + "{{ lead.ready_on|dya }}", 3, "unknown filter dya"),
    ("it", "x", HEAD + "{{ lead.ready_on|ve }}", 3, "unknown filter ve"),
    ("it", "x", HEAD + "{{ va.name|upper }}", 3, "unknown filter upper"),
    ("it", "x", HEAD + "\n{% if tu %}\n\nx", 4, "Unexpected end of template"),
    ("it", "x", HEAD + "{{ lead.ready_on|day }\n", 3, "unexpected '}'"),
    ("it", "x", HEAD + "ciao", 0, "promises no date"),
    ("cs", "x", HEAD + "\nbohužel {{ lead.ready_on|do }}", 4, "says 'bohužel'"),
    ("it", "x", HEAD + "{{ lead.ready_on|day }}\nPurtroppo no.", 4, "says 'purtroppo'"),
    ("it", "x", HEAD + "{{ lead.ready_on|day }} Ciao!", 3, "says '!'"),
    ("en", "x", HEAD + "{{ lead.ready_on|day }} Sorry for the\ninconvenience.", 4, "says 'inconvenience'"),
    ("it", "x", HEAD + "{{ lead.ready_on|day }}\n" + "parola " * 120, 0, "has 123 words"),
    ("it", "x", HEAD + "{{ lead.ready_on|day }} {{ case.words }}", 3, "unknown word case.words"),
    ("it", "X Y", HEAD + "{{ lead.ready_on|day }}", 0, "a text by this name is never found"),
    ("zz", "x", HEAD + "x", 0, "this language has no table of words"),
    ("it", "x", b"Subject: \xe8\n\nx", 0, "cannot be read"),
    ("it", "x", "Subject: x\n\n" + "x" * 20_000, 0, "is larger than 20000 bytes"),
]


@pytest.mark.parametrize(("language", "name", "text", "line", "what"), FAULTS)
def test_check(own, language, name, text, line, what):
    put(own, f"{language}/{name}.txt", text)
    fault = Texts(SHIPPED, own).check()[0]
    assert fault.line == line
    assert fault.what.startswith(what)
    assert fault.file == f"templates/{language}/{'grammar.toml' if 'table' in what else name + '.txt'}"


@pytest.mark.parametrize(
    "text", [HEAD + "{% if tu != va.name %}Non è strano?{% endif %} {{ lead.ready_on|day }} {# ! #}"]
)
def test_check_looks_at_words_not_at_code(own, text):
    put(own, "it/x.txt", text)
    assert Texts(SHIPPED, own).check() == ()


@pytest.mark.parametrize("name", ["playbook", "colleague", "note-mine", "notice-mine", "playbook.a"])
def test_some_texts_promise_nothing(own, name):
    put(own, f"it/{name}.txt", HEAD + "ecco")
    assert Texts(SHIPPED, own).check() == ()


def test_a_broken_table_is_named_once(own):
    put(own, "cs/grammar.toml", 'clock = "{hour}:{minute}"\nyear = \n')
    (fault,) = Texts(SHIPPED, own).check()
    assert (fault.file, fault.line) == ("templates/cs/grammar.toml", 2)


# -- hostile texts and values ------------------------------------------------------------------------------------------

HOSTILE = [
    "{{ 'x' * 10**8 }}",
    "{{ 2 ** 10 ** 9 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ 1 + 1 }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for a in x %}{% for b in x %}y{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set x = 'a' %}{{ x }}",
    "{% set x %}a{% endset %}",
    "{% with x = 1 %}{{ x }}{% endwith %}",
    "{% include 'ordinary.txt' %}",
    "{% import 'ordinary.txt' as x %}",
    "{% extends 'ordinary.txt' %}",
    "{% block x %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call x() %}{% endcall %}",
    "{{ range(10) }}",
    "{{ va.name.upper() }}",
    "{{ va['name'] }}",
    "{{ va.name[0] }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ 1.5 }}",
    "{{ va.name|day('x') }}",
    "{{ va.name is string }}",
    "{{ va.name is sameas(va) }}",
    "{{ ''.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ va.__class__ }}",
    "{{ va.name.__class__ }}",
    "{{ __builtins__ }}",
    "{{ '%s'.format(va) }}",
    "{{ '{0.__class__}'.format(va) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum(9999) }}",
    "{{ self.__init__ }}",
    "{{ namespace(x=1) }}",
    "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
    "{{ " + "not " * 3000 + "tu }}",
    "{% if tu %}" * 200 + "{% endif %}" * 200,
    "{{ " + "9" * 9000 + " }}",
    "{{ tu" + " and tu" * 2000 + " }}",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_text_can_only_write(own, body):
    put(own, "it/x.txt", HEAD + body)
    started = time.thread_time()
    with pytest.raises(TextError) as caught:
        Texts(SHIPPED, own)("x", "it", "", words_for("x", "it", x=[1] * 50))
    assert time.thread_time() - started < 2
    assert caught.value.faults[0].file == "templates/it/x.txt"
    assert not isinstance(caught.value.__cause__, SecurityError)  # stopped before it ran
    assert "unknown word" not in str(caught.value)
    assert "templates/it/x.txt" in {fault.file for fault in Texts(SHIPPED, own).check()}


@pytest.mark.parametrize(
    "body", ["{{ va.keys }}", "{{ va.pop }}", "{{ va.name.upper }}", "{{ now.year }}", "{{ self.x }}"]
)
def test_no_attribute_and_no_method_can_be_reached(own, body):
    put(own, "it/x.txt", HEAD + body)
    with pytest.raises(TextError, match=r"^templates/it/x.txt:3: unknown word "):
        Texts(SHIPPED, own)("x", "it", "", words_for("x", "it"))


def test_a_key_that_is_called_like_a_method_is_a_key(own):
    put(own, "it/x.txt", HEAD + "{{ case.items }} {{ case.title }}")
    assert Texts(SHIPPED, own)("x", "it", "", words_for("x", "it", case={"items": "a", "title": "b"})).body == "a b\n"


def test_output_is_limited(own):
    put(own, "it/x.txt", HEAD + "{{ answer }}" * 1600)
    with pytest.raises(TextError, match="longer than 20000 characters"):
        Texts(SHIPPED, own)("x", "it", "", words_for("x", "it", answer="x" * 50_000))


def test_the_slowest_text_that_is_allowed_is_quick(own):
    put(own, "it/x.txt", HEAD + "{{tu or''}}{%if'y'in answer%}{%endif%}" * 500)
    texts, words = Texts(SHIPPED, own), words_for("x", "it", tu="", answer="x" * 50_000)
    texts("x", "it", "", words)
    started = time.thread_time()
    texts("x", "it", "", words)
    assert time.thread_time() - started < 0.5


def test_the_time_limit_works_in_any_thread(own):
    caught: list[TemplateError] = []

    def write() -> None:
        try:
            Texts(SHIPPED, own, seconds=-1)("ordinary", "it", "", words_for("ordinary", "it"))
        except TemplateError as error:
            caught.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(10)
    assert "takes longer than" in str(caught[0])


PIECES = [
    *"{}%#|.()[]'-+*~ \n",
    "{{",
    "}}",
    "{% if ",
    "{% endif %}",
    "{% else %}",
    "tu",
    "va",
    "name",
    "day",
    "9",
    "is",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_nonsense_is_written_or_refused(pieces):
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), "it/x.txt", HEAD + "".join(pieces))
        try:
            assert isinstance(Texts(SHIPPED, Path(folder))("x", "it", "", words_for("x", "it")), Letter)
        except TextError as error:
            assert error.faults


class Danger:
    """Something with a method, as a store or a message would be."""

    def delete(self) -> str:
        raise AssertionError("reached")


class SmoothText(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"store": Danger()}, "store is a Danger; a text takes only plain values"),
        ({"msg": {"subject": Danger()}}, "msg.subject is a Danger"),
        ({"x": [1, [Danger()]]}, r"x\[1\]\[0\] is a Danger"),
        ({"x": SmoothText("a")}, "x is a SmoothText"),
        ({"x": len}, "x is a builtin_function_or_method"),
        ({"x": (1, 2)}, "x is a tuple"),
        ({"x": 1.5}, "x is a float"),
        ({"x": 10**5000}, "x is too large a number"),
        ({"answer": "x" * 60_001}, "the words for this text are too long"),
        ({"x": ["x"] * 40_000}, "the words for this text are too long"),
    ],
)
def test_only_plain_values(shipped, words, complaint):
    with pytest.raises(TemplateError, match=complaint):
        shipped("ordinary", "it", "", words_for("ordinary", "it", **words))


def test_a_list_that_holds_itself_is_refused(shipped):
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(TemplateError, match="too long"):
        shipped("ordinary", "it", "", words_for("ordinary", "it", x=ring))
