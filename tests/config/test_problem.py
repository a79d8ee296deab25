"""How a problem is printed, and which word was meant."""

import pytest

from vamaild.config.problem import Problem, Severity, did_you_mean, nearest


@pytest.mark.parametrize(
    ("problem", "printed"),
    [
        (Problem("rules.d/x.toml", 14, "a time needs quotes"), "rules.d/x.toml:14  a time needs quotes"),
        (Problem("vamaild.toml", 0, "there is no vamaild.toml"), "vamaild.toml  there is no vamaild.toml"),
        (
            Problem("x.toml", 14, 'a time needs quotes: "18:30"', "", "  quiet_from = 18:30"),
            'x.toml:14  a time needs quotes: "18:30"\n    14 | quiet_from = 18:30',
        ),
        (
            Problem("x.toml", 3, "two", "first\nsecond", "line"),
            "x.toml:3  two\n    3 | line\n    first\n    second",
        ),
        (
            Problem("x.toml", 3, "odd", "why", severity=Severity.WARNING),
            "x.toml:3  warning: odd\n    why",
        ),
        (Problem("x.toml", 3, "bell", "", "a\x07\x1b[31mb"), "x.toml:3  bell\n    3 | a  [31mb"),
        (Problem("x.toml", 3, "long", "", "x" * 300), "x.toml:3  long\n    3 | " + "x" * 99 + "…"),
    ],
)
def test_a_problem_is_printed_as_check_prints_it(problem: Problem, printed: str) -> None:
    assert str(problem) == printed


def test_problems_sort_by_file_then_line_then_words() -> None:
    problems = [Problem("b", 1, "x"), Problem("a", 10, "x"), Problem("a", 9, "z"), Problem("a", 9, "y")]
    assert [(p.file, p.line, p.what) for p in sorted(problems)] == [
        ("a", 9, "y"),
        ("a", 9, "z"),
        ("a", 10, "x"),
        ("b", 1, "x"),
    ]


@pytest.mark.parametrize(
    ("word", "known", "answer"),
    [
        ("unles", ["unless", "when"], 'did you mean "unless"?'),
        ("KIND", ["kind"], 'did you mean "kind"?'),
        ("xyz", ["kind", "days"], "known here: days, kind"),
    ],
)
def test_did_you_mean(word: str, known: list[str], answer: str) -> None:
    assert did_you_mean(word, known) == answer


def test_nearest_says_nothing_when_nothing_is_near() -> None:
    assert nearest("xyz", ["Europe/Rome"]) == ""
    assert nearest("europe/roma", ["Europe/Rome"]) == 'did you mean "Europe/Rome"?'
