"""Who is "the colleague" of a chain at a moment: the first who is there and agreed; until when a case can wait."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.chain.alarm import CHAIN, FLOOD, HERS, HIS_MAIL, HIS_SMS, HOUR, LAURA, MINE, MINUTE, Alarm
from tests.make import AWAY, COLLEAGUE, NOW, ROME, absent
from tests.office import letter
from vamaild import agreed, leaving, notices
from vamaild.core.chainwords import Said
from vamaild.core.handover import Consent
from vamaild.core.handover import Said as Answered
from vamaild.core.ruleset import Absence, Colleague, Leave

ENZO = Colleague("Enzo Neri", "enzo@neri.example", ())
HIS = ("email", ENZO.email)
WEEK_OFF = Leave(date(2026, 11, 23), date(2026, 11, 30))
GONE = replace(COLLEAGUE, leaves=(WEEK_OFF,))


def alarmed(*colleagues: Colleague) -> Alarm:
    found = Alarm(absent(escalation=CHAIN, colleague=colleagues[0], colleagues=colleagues))
    found.arrive(letter(1, FLOOD))
    return found


def answered(office: Alarm, email: str, said: Answered) -> None:
    office.store.ask_consent(Consent("acme", email, "", "<q@va.example>", NOW))
    if said is not Answered.ASKED:
        office.store.answer_consent("<q@va.example>", said, NOW)


def a_round(office: Alarm) -> list[tuple[str, str]]:
    """Everybody who is told until the assistant is asked again."""
    return [told for after in (0, 10, 10, 10) for told in office.goes_on(after * MINUTE)]


@pytest.mark.parametrize(
    ("colleagues", "said", "told", "name"),
    [
        ((COLLEAGUE, ENZO), None, HERS, "Laura Conti"),
        ((GONE, ENZO), None, HIS, "Enzo Neri"),
        ((replace(GONE, substitute="Enzo Neri"), Colleague("Ada", "ada@x.example", ()), ENZO), None, HIS, "Enzo Neri"),
        ((COLLEAGUE, ENZO), Answered.NO, HIS, "Enzo Neri"),
        ((COLLEAGUE, ENZO), Answered.ASKED, HIS, "Enzo Neri"),
        ((COLLEAGUE, ENZO), Answered.YES, HERS, "Laura Conti"),
    ],
    ids=["both there", "the first is away", "his substitute", "she said no", "she has not answered", "she said yes"],
)
def test_the_one_who_is_there_is_told(
    colleagues: tuple[Colleague, ...], said: Answered | None, told: tuple[str, str], name: str
) -> None:
    office = alarmed(*colleagues)
    if said:
        answered(office, LAURA, said)
    assert a_round(office) == [MINE, HIS_SMS, HIS_MAIL, told]
    assert name in office.told[1][2].text, "and the contact reads that he is asked next"


def test_when_nobody_is_there_the_chain_goes_round_without_him() -> None:
    office = alarmed(GONE)
    assert a_round(office) == [MINE, HIS_SMS, HIS_MAIL, MINE]
    assert "Laura Conti" not in office.told[1][2].text
    assert "Giulia Ferri" in office.told[1][2].text, "whoever is really asked next"
    assert office.says("me", "give", to="colleague") is Said.NO_SUCH_PERSON
    assert office.says("colleague", "take") is Said.STRANGER


def test_he_comes_back_in_the_middle_of_it() -> None:
    office = alarmed(GONE)
    a_round(office)
    office.clock.advance(datetime(2026, 11, 30, 0, 1, tzinfo=ROME) - office.clock.now())
    assert any(told == HERS for _ in range(9) for told in office.goes_on(HOUR))


def test_what_secrets_toml_says_of_the_colleague_is_the_first_ones() -> None:
    office = alarmed(COLLEAGUE, ENZO)
    contacts = office.service.rules.settings.secrets.contacts
    ways = {**contacts, "colleague": contacts["petr-sea"]}
    settings = replace(
        office.service.rules.settings, secrets=replace(office.service.rules.settings.secrets, contacts=ways)
    )
    office.service.rules = replace(office.service.rules, settings=settings)
    assert set(notices.ways_of("colleague", "acme", office.service)) == {"sms", "email"}
    answered(office, LAURA, Answered.NO)
    assert dict(notices.ways_of("colleague", "acme", office.service)) == {"email": ENZO.email}


def test_until_when_it_can_wait_is_what_the_assistant_said_last() -> None:
    office = alarmed(COLLEAGUE)
    opens = office.ruleset.week.opens

    def until() -> datetime:
        return agreed.return_of(office.case, office.service, office.clock.now())

    assert AWAY.back
    assert until() == datetime.combine(AWAY.back, opens, ROME)
    leaving.start(office.ruleset, Absence(date(2026, 11, 25), date(2026, 12, 1), None), office.service)
    assert until() == datetime(2026, 12, 1, opens.hour, tzinfo=ROME)
    leaving.end(office.ruleset, office.service)
    assert until() == datetime(2026, 11, 27, opens.hour, tzinfo=ROME), "nobody is away: the next working morning"


def test_the_budget_begins_with_the_absence_that_the_assistant_began() -> None:
    office = alarmed(COLLEAGUE)
    leaving.start(office.ruleset, Absence(date(2026, 11, 26), date(2026, 12, 1), None), office.service)
    asked: list[datetime] = []
    office.store.disturbances = lambda client, since: asked.append(since) or {}  # type: ignore[method-assign, func-returns-value]
    agreed.agreement_of(office.case, office.service, office.clock.now())
    assert asked == [datetime(2026, 11, 26, tzinfo=ROME)]
    assert asked[0] > AWAY_BEGAN + timedelta(days=2)


AWAY_BEGAN = datetime.combine(AWAY.first, datetime.min.time(), ROME)
