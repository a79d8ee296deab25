"""The report as a mail: small, readable everywhere, nothing loaded, no address, no text, no secret, no formula."""

import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from tests.contracts.entries import entry
from tests.memory_store import MemoryStore
from tests.office import parsed
from tests.report import history
from tests.report.world import LANGUAGES, service
from vamaild import reporting
from vamaild.adapters.report_mail import inlined
from vamaild.adapters.store import SqliteStore
from vamaild.core.egress import WITHHELD, inspect, page
from vamaild.core.ledger import Outcome, Store
from vamaild.core.report_csv import as_values
from vamaild.service import Service

SECRET = "+420 603 111 222"
NO_END = {"meta", "br", "img", "hr", "link", "input"}
DAY = timedelta(days=1)


class WellFormed(HTMLParser):
    """Fails where an element is not closed, or closed twice; collects names and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in NO_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made(desk: Service) -> reporting.Made:
    return reporting.make(desk, reporting.look(desk, *reporting.of_week(desk, 2026, 47)))


def mail(desk: Service) -> EmailMessage:
    return parsed(reporting.mail(desk, made(desk)).raw)


def every_text(found: EmailMessage) -> str:
    return "\n".join(str(p.get_content()) for p in found.walk() if not p.is_multipart())


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_text_first_then_html_then_the_tables(language: str, store: Store) -> None:
    found = mail(service(store, language))
    kinds = [p.get_content_type() for p in found.walk()]
    assert kinds == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv", "text/csv"]
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["Content-Language"] == language
    assert all(p.get_filename().endswith("-2026-w47.csv") for p in found.iter_attachments())  # type: ignore[union-attr]  # parts of EmailMessage


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_is_small_well_formed_and_loads_nothing(language: str, store: Store) -> None:
    document = inlined(made(service(store, language)).html)
    assert len(document.encode()) < 30_000
    reader = WellFormed()
    reader.feed(document)
    assert reader.open == []
    names = {name for name, _ in reader.seen}
    assert not names & {"img", "script", "link", "iframe", "object", "embed", "form", "svg", "base", "video"}
    given = [(key, value or "") for _, attributes in reader.seen for key, value in attributes.items()]
    assert not [key for key, _ in given if key in ("src", "href", "background", "action") or key.startswith("on")]
    assert "http" not in document.lower().replace("http-equiv", "")
    assert "url(" not in document
    assert "@import" not in document


def test_dark_colours_and_narrow_screens_survive_the_inlining(store: Store) -> None:
    document = inlined(made(service(store)).html)
    assert "prefers-color-scheme:dark" in document
    assert "max-width:480px" in document
    assert 'style="margin:0;padding:16px;background:#ffffff;color:#1c2430"' in document


def test_a_busy_week_of_many_clients_is_small_too() -> None:
    """Whatever comes, lists are cut: 60 clients are shown, and the mail stays below what Gmail shows whole."""
    desk = service(MemoryStore())
    first = desk.rules.rulebook.clients[0]
    many = tuple(replace(first, client=replace(first.client, id=f"c{n}", name=f"Cliente {n}")) for n in range(60))
    desk.rules = replace(desk.rules, rulebook=replace(desk.rules.rulebook, clients=many))
    for n in range(300):
        desk.store.record(
            entry(n, client=f"c{n % 60}", decided_at=history.ENDS - DAY, received=history.ENDS - DAY,
                  outcome=Outcome.NO_REPLY, reason="robot-name", kind="rush-request", references=("<a@b.example>",),
                  subject="Richiesta " * 30, explanation={"deadline": history.ENDS.isoformat(), "who": "W" * 200})
        )  # fmt: skip
    assert len(inlined(made(desk).html).encode()) < 30_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_address_and_no_text_of_a_message(language: str, store: Store) -> None:
    found = mail(service(store, language))
    told = every_text(found)
    assert re.findall(r"[\w.+-]+@[\w-]+", told) == []
    assert "Potete venire" not in told
    assert "Grazie." not in told


@pytest.mark.parametrize(
    ("subject", "seen"),
    [
        ("scrivi a eva@mala.example subito", "scrivi a … subito"),
        ("<b>grosso</b> & co", "<b>grosso</b> & co"),
        ("riga\r\ndue\x1b[31m", "riga due[31m"),
    ],
)
def test_a_subject_is_shown_as_one_harmless_line(subject: str, seen: str) -> None:
    desk = service(MemoryStore())
    suspect(desk, subject)
    found = made(desk)
    assert f"«{seen}»" in found.text
    assert "<b>grosso" not in found.html
    assert "\x1b" not in found.text + found.html


def suspect(desk: Service, subject: str) -> None:
    """A message without a reply that looks as if a person wrote it."""
    desk.store.record(
        entry(1, client="rossi", decided_at=history.ENDS - DAY, received=history.ENDS - DAY, kind="automatic",
              reason="robot-name", references=("<a@b.example>",), subject=subject, explanation={"who": "Eva"})
    )  # fmt: skip


@pytest.mark.parametrize(
    "subject", ["chiama +420 603 111 222", "603.111.222", "603 111 222 adesso", "sei zero tre 603111222"]
)
def test_a_secret_in_a_subject_does_not_leave(subject: str) -> None:
    desk = service(MemoryStore(), secrets=(SECRET,))
    suspect(desk, subject)
    found = reporting.mail(desk, made(desk))
    assert inspect(found.raw, found.to, (SECRET,)) == ""
    text = every_text(parsed(found.raw))
    assert page(text.encode(), (SECRET,)) == ""
    assert "Senza risposta, e perché: uno" in text, "the figures are there all the same"
    assert WITHHELD in text, "and so is everything else: only this line is withheld"


def test_where_words_betray_a_secret_only_together_the_figures_leave_alone() -> None:
    desk = service(MemoryStore(), secrets=(SECRET,))
    at = history.ENDS - DAY
    for uid, subject in enumerate(("parte 420 603", "111 222"), 1):
        desk.store.record(
            entry(uid, client="rossi", decided_at=at, received=at, kind="automatic", reason="robot-name",
                  references=("<a@b.example>",), subject=subject, explanation={"who": "E"})
        )  # fmt: skip
    found = reporting.mail(desk, made(desk))
    assert inspect(found.raw, found.to, (SECRET,)) == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝", " =", "|", "%"])
def test_no_cell_is_a_formula(start: str) -> None:
    desk = service(MemoryStore())
    first = desk.rules.rulebook.clients[1]
    named = replace(first, client=replace(first.client, name=f"{start}cmd|' /C calc'!A0"))
    desk.rules = replace(desk.rules, rulebook=replace(desk.rules.rulebook, clients=(named,)))
    suspect(desk, f"{start}1+1")
    (table,) = made(desk).attached.values()
    for cells in csv.reader(io.StringIO(table)):
        assert not any(cell.lstrip(" \"';,").startswith(("=", "+", "@", "|", "%")) and cell[0] != "'" for cell in cells)
        assert len(cells) == 11


def test_nothing_of_another_client_is_in_a_clients_part(store: Store) -> None:
    desk = service(store, to_clients=True)
    drafts = {d.client: parsed(d.raw) for d in reporting.drafts(desk, *reporting.of_week(desk, 2026, 47))}
    assert set(drafts) == set(history.NAMES)
    for client, draft in drafts.items():
        told = f"{draft['Subject']}\n{draft.get_content()}"
        assert not [name for other, name in history.NAMES.items() if other != client and name in told]
        assert not [s for s in (*history.SUBJECTS, *history.PEOPLE) if s in told]
        assert "@" not in told


def test_one_clients_figures_are_those_of_that_client(store: Store) -> None:
    desk = service(store)
    span = reporting.of_week(desk, 2026, 47)
    whole = reporting.look(desk, *span)
    parts = [reporting.look(desk, *span, client) for client in history.NAMES]
    assert sum(p.arrived.count for p in parts) == whole.arrived.count
    assert all(p.adds_up for p in parts)
    for name in ("urgent", "no-reply", "alarms", "promises", "surcharges", "solved-said", "corrected"):
        assert sum(p.part(name).count for p in parts) == whole.part(name).count, name
    assert all({r.client for r in p.subjects.values()} == {p.asking.only} for p in parts)
    for part in parts:
        assert set(part.asking.clients) == {part.asking.only}
        told = reporting.make(desk, part).text
        assert [name for client, name in history.NAMES.items() if name in told and client != part.asking.only] == []


def test_every_number_lists_as_many_messages_as_it_says(store: Store) -> None:
    desk = service(store)
    found = reporting.look(desk, *reporting.of_week(desk, 2026, 47))
    other = {"surcharges", "promises", "corrected", "alarms", "offers", "offers-chose-free", "offers-refused"}
    for number in found.numbers:
        assert len(number.messages) == number.count or number.name in other, number.name
        assert set(number.messages) <= set(found.subjects) or number.name in other | {"solved-said", "solved-silent"}
    assert as_values(found)["adds_up"] is True


def test_a_row_that_was_deleted_is_said_on_top(tmp_path_factory: pytest.TempPathFactory) -> None:
    kept = SqliteStore(tmp_path_factory.mktemp("gap") / "vamaild.db")
    history.write(kept, weeks=1)
    desk = service(kept)
    counted = made(desk).figures.arrived.count
    kept._db.write("DELETE FROM message WHERE id = 5")
    found = made(desk)
    assert not found.figures.adds_up
    assert found.text.startswith(f"! I conti non tornano: all'arrivo sono stati contati {counted} messaggi, nel")
    assert '<p class="warning">I conti non tornano' in found.html
    kept.close()


@pytest.mark.parametrize("broken", ["[todo\n", '[headline]\nall = "{nonsense}"\nnone = "{nonsense}"\nsome = "{x}"\n'])
def test_a_broken_text_of_ones_own_does_not_keep_the_report_back(
    broken: str, tmp_path_factory: pytest.TempPathFactory, store: Store
) -> None:
    from vamaild.adapters.templates import Texts

    own = tmp_path_factory.mktemp("own")
    (own / "it").mkdir()
    (own / "it" / "report.toml").write_text(broken, encoding="utf-8")
    desk = service(store)
    render = desk.rules.tools.render
    assert isinstance(render, Texts)
    desk.rules = replace(desk.rules, tools=replace(desk.rules.tools, render=Texts(render.shipped, own)))
    assert "ALMENO 26 URGENZE SU 38 POTEVANO ASPETTARE." in made(desk).text
    assert "the report is written in the shipped words" in desk.journal.lines  # type: ignore[attr-defined]  # a journal that keeps its lines
