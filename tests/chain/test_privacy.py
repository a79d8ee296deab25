"""What nobody may see, and what the customer gets."""

from datetime import date, timedelta

from tests.chain.alarm import FLOOD, LAURA, ME, MINUTE, Alarm
from tests.make import AWAY, COLLEAGUE, ITALIAN, absent, book
from tests.office import CARLA, letter
from vamaild.core.ruleset import Escalation

# --- what nobody may see ---


def test_replies_do_not_tell_whether_anybody_was_called() -> None:
    """Non-interference: the same mail, once with the contact called and once with nobody: equal replies."""

    def replies(calls: bool) -> list[bytes]:
        office = Alarm() if calls else Alarm(absent(escalation=Escalation()))
        office.arrive(letter(1, FLOOD))
        for _ in range(3):
            office.goes_on(10 * MINUTE)
        if calls:
            office.says("petr-sea", "take")
        office.says("petr-sea" if calls else "me", "resolve", note="il tecnico è sul posto")
        office.let_out(timedelta(seconds=30))
        return [_without_dates_and_ids(i.mail.raw) for i in office.items()]

    called, alone = replies(True), replies(False)
    assert called == alone
    assert len(called) == 2


def _without_dates_and_ids(raw: bytes) -> bytes:
    drop = (b"date:", b"message-id:", b"in-reply-to:", b"references:")
    return b"\n".join(line for line in raw.splitlines() if not line.lower().startswith(drop))


def test_the_customer_has_her_receipt_within_half_a_minute(office: Alarm) -> None:
    assert office.let_out(timedelta(seconds=30)) == 1
    assert office.post.mails[0][0] == CARLA


def test_the_words_of_these_tests_are_those_of_the_rules() -> None:
    assert "acqua" in {e.name for e in book().emergencies}
    assert (ITALIAN.code, COLLEAGUE.email, AWAY.back) == ("it", LAURA, date(2026, 12, 7))


def test_an_answer_that_arrives_is_no_customers_mail_and_its_address_is_not_kept(office: Alarm) -> None:
    office.goes_on()
    key = office.told[-1][2].key
    office.arrive(letter(5, "1", sender=ME, In_Reply_To=key, subject="Re: Allarme"))
    entry = office.store.find_entry("inbox", 2)
    assert entry is not None
    assert (entry.outcome, entry.reason, entry.client, entry.address) == ("no-reply", "notice-answered", "acme", "")
    assert office.case.acknowledged_by == "me"
