"""A sign-in that is refused: the assistant is told once, and again only after it has worked."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.make import NOW
from tests.office import Office, letter
from vamaild import dispatch, signin
from vamaild.adapters.templates import Texts
from vamaild.config.settings import Secret, SignIn
from vamaild.core.ledger import MailboxError, PostError
from vamaild.core.notify import Delivered, Delivery, Notice
from vamaild.core.signin import PROVIDERS, SEND

REFUSED = MailboxError("wrong user or password for clienti@ferri-av.example", retry=False, sign_in=True)
TEXTS = Texts(Path(__file__).parent.parent / "templates")


class Phone:
    """A way that is no e-mail."""

    def __init__(self, result: Delivery = Delivery.DELIVERED) -> None:
        self.result, self.heard = result, list[tuple[str, Notice]]()

    def notify(self, way: str, notice: Notice) -> Delivered:
        self.heard.append((way, notice))
        return Delivered(self.result)


def told(office: Office) -> int:
    return len(office.notes("note-signin"))


def test_she_is_told_once_while_it_lasts() -> None:
    office = Office()
    for _ in range(5):
        signin.refused("inbox", REFUSED, office.service)
        office.clock.advance(timedelta(days=2))
    assert told(office) == 1
    note = office.notes("note-signin")[0]
    assert note["Subject"] == "inbox: accesso rifiutato"
    assert note["To"] == "giulia@ferri-av.example"
    assert "systemctl reload vamaild" in note.get_content()


def test_the_next_refusal_is_told_after_it_has_worked() -> None:
    office = Office()
    signin.fine("inbox", office.service)
    for number in (1, 2, 3):
        office.clock.advance(timedelta(minutes=1))
        assert signin.refused("inbox", REFUSED, office.service)
        office.clock.advance(timedelta(minutes=1))
        signin.fine("inbox", office.service)
        signin.fine("inbox", office.service)
        assert told(office) == number
    assert office.journal.lines.count("the sign-in works again") == 3


def test_a_clock_that_is_set_back_tells_nothing_twice() -> None:
    office = Office()
    signin.refused("inbox", REFUSED, office.service)
    signin.fine("inbox", office.service)
    office.clock.advance(-timedelta(hours=3))
    assert [signin.refused("inbox", REFUSED, office.service) for _ in range(3)] == [True, False, False]


def test_each_mailbox_for_itself() -> None:
    office = Office()
    assert signin.refused("one", REFUSED, office.service)
    assert signin.refused("two", REFUSED, office.service)
    office.clock.advance(timedelta(minutes=1))
    signin.fine("one", office.service)
    assert not signin.refused("two", REFUSED, office.service)


@pytest.mark.parametrize("retry", [True, False])
def test_other_failures_tell_nothing(retry: bool) -> None:
    office = Office()
    assert not signin.refused("inbox", MailboxError("no such folder", retry=retry), office.service)
    assert told(office) == 0


@pytest.mark.parametrize("works", [True, False])
def test_where_nothing_can_be_sent_another_way_is_taken(works: bool) -> None:
    office = Office()
    phone, pager = Phone(Delivery.DELIVERED if works else Delivery.RETRY), Phone()
    ways = {"email": Secret("x@y.example"), "sms": Secret("+39 333 1234567"), "pager": Secret("7")}
    settings = office.service.rules.settings
    secrets = replace(settings.secrets, contacts={"me": ways})
    office.service.rules = replace(office.service.rules, settings=replace(settings, secrets=secrets))
    office.service.notifiers = {"email": phone, "sms": phone, "pager": pager}

    class Refuses:
        def send(self, to: str, raw: bytes) -> None:
            raise PostError("wrong user or password", everybody=True, sign_in=True)

        def close(self) -> None: ...

    post, office.service.post = office.service.post, Refuses()
    office.arrive(letter(1))
    for _ in range(4):
        office.let_out()
    assert [way for way, _ in phone.heard] == ["+39 333 1234567"]
    assert len(pager.heard) == (not works)
    assert phone.heard[0][1].short == "Invio: accesso rifiutato"
    assert told(office) == 0  # a note would wait behind the refusal
    office.service.post = post
    assert office.let_out(timedelta(minutes=10))
    assert "the sign-in works again" in office.journal.lines
    assert dispatch.resting(office.service) is False


@pytest.mark.parametrize("language", ["it", "cs", "en"])
@pytest.mark.parametrize("what", ["reading", "sending"])
@pytest.mark.parametrize(
    ("by", "how"),
    [("password", "systemctl reload vamaild"), ("program", "oama"), ("provider", "vamaild oauth login clienti")],
)
@pytest.mark.parametrize("gender", ["f", "m", "n"])
def test_the_text_says_what_to_do(language: str, what: str, by: str, how: str, gender: str) -> None:
    words = {
        "signin": {"name": "clienti", "what": what, "since": NOW, "by": by, "how": how},
        "now": NOW, "tu": False, "automatic": True, "va": {"name": "Giulia Ferri", "gender": gender},
    }  # fmt: skip
    note = TEXTS("note-signin", language, "", words)
    assert how in note.body
    assert ("clienti" in note.subject) is (what == "reading")
    assert not re.search(r"\n\n\n|\{|\}|  |None| ,| \.", note.body)
    assert note.body.count("\n\n") == 2


@pytest.mark.parametrize(
    ("found", "by", "how"),
    [
        (None, "password", "systemctl reload vamaild"),
        (SignIn("x", "u", ("oama", "access")), "program", "oama"),
        (SignIn("novak", "u", provider=PROVIDERS["google"]), "provider", "vamaild oauth login novak"),
    ],
)
def test_what_is_to_be_done(found: SignIn | None, by: str, how: str) -> None:
    office = Office()
    settings = office.service.rules.settings
    settings = replace(settings, send=replace(settings.send, sign_in=found))
    office.service.rules = replace(office.service.rules, settings=settings)
    words = signin._words(SEND, NOW, office.service)["signin"]
    assert isinstance(words, dict)
    assert (words["by"], words["how"], words["what"]) == (by, how, "sending")
