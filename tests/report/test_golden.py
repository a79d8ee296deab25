"""The report on a generated history, as it is read; every line of the files was read by a person.

After a change of words: VAMAILD_GOLDEN=write pytest tests/report/test_golden.py, then read the difference.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.report import history, small
from tests.report.world import GOLDEN, LANGUAGES, TEMPLATES, service
from vamaild import phrasing, reporting
from vamaild.core import report_client, report_page, report_text
from vamaild.core.ledger import Store


def same(name: str, text: str) -> None:
    path: Path = GOLDEN / name
    if os.environ.get("VAMAILD_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} reads otherwise"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_assistants_report(language: str, store: Store) -> None:
    desk = service(store, language)
    made = reporting.make(desk, reporting.look(desk, *reporting.of_week(desk, 2026, 47)))
    same(f"week-47-{language}.txt", made.text)
    same(f"week-47-{language}.html", made.html)
    assert made.figures.adds_up


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", ["verdi", "greco"])
def test_the_draft_for_a_client(client: str, language: str, store: Store) -> None:
    desk = service(store, language)
    found = reporting.look(desk, *reporting.of_week(desk, 2026, 47), client)
    ruleset = found.asking.clients[client]
    say = next(reporting._phrases(desk, language))
    letter = report_client.letter(found, ruleset, say)
    same(f"client-{client}-{language}.txt", f"Subject: {letter.subject}\n\n{letter.body}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agencys_report(language: str, store: Store) -> None:
    desk = service(store, language)
    made = reporting.make_agency(desk, reporting.look(desk, *reporting.of_week(desk, 2026, 47)))
    same(f"agency-{language}.txt", made.text)
    ((name, table),) = made.attached.items()
    same(f"agency-{language}.csv", table.replace("\r\n", "\n"))
    assert name.endswith("-2026-w47.csv")


def test_the_surcharges_and_the_decisions(store: Store) -> None:
    desk = service(store)
    made = reporting.make(desk, reporting.look(desk, *reporting.of_week(desk, 2026, 47)))
    surcharges, decisions = made.attached
    assert (surcharges, decisions) == ("maggiorazioni-2026-w47.csv", "decisioni-2026-w47.csv")
    same(surcharges, made.attached[surcharges].replace("\r\n", "\n"))
    assert made.attached[decisions].count("\r\n") == 1 + made.figures.arrived.count


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("times", [0, 1, 3])
def test_small_weeks_in_which_grammar_goes_wrong(times: int, language: str) -> None:
    say = phrasing.load((TEMPLATES,), language, "report.toml", history.NOW)
    found = small.week(times)
    assert found.adds_up
    same(f"small-{times}-{language}.txt", report_text.text(report_page.page(found, say)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("missing", [1, 3, 7, -1, -2])
def test_what_does_not_add_up_reads_well(missing: int, language: str) -> None:
    say = phrasing.load((TEMPLATES,), language, "report.toml", history.NOW)
    found = small.week(1)
    page = report_page.page(replace(found, counted=found.counted + missing), say)
    assert len(page.warnings) == 1
    same(f"warning{missing:+d}-{language}.txt", report_text.text(replace(page, todo=(), sections=())))
