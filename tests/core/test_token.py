"""Links nobody else can make, bend or keep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.token import Grant, TokenError, bound, person_of, sign, verify

KEY = b"a key of thirty-two bytes, really"
NOW = datetime(2026, 12, 3, 10, 40, tzinfo=UTC)
GRANT = Grant("c", "4F7K", "petr-sea", NOW + timedelta(hours=72))


def test_it_opens_what_it_was_made_for() -> None:
    assert verify(KEY, "c", "4F7K", sign(KEY, GRANT), NOW) == GRANT


@pytest.mark.parametrize(
    ("key", "scope", "subject", "token", "after", "said"),
    [
        (KEY, "c", "2MWT", sign(KEY, GRANT), 0, "belongs to something else"),
        (KEY, "q", "4F7K", sign(KEY, GRANT), 0, "belongs to something else"),
        (b"another", "c", "4F7K", sign(KEY, GRANT), 0, "not made here"),
        (b"", "c", "4F7K", sign(b"", GRANT), 0, "not made here"),
        (KEY, "c", "4F7K", sign(KEY, GRANT).replace("petr-sea", "me"), 0, "not made here"),
        (KEY, "c", "4F7K", sign(KEY, GRANT)[:-1], 0, "not made here"),
        (KEY, "c", "4F7K", sign(KEY, GRANT) + "A", 0, "not made here"),
        (KEY, "c", "4F7K", sign(KEY, GRANT), 72, "expired"),
        (KEY, "c", "4F7K", "petr-sea", 0, "not complete"),
        (KEY, "c", "4F7K", "petr-sea.zz.AAAA", 0, "not complete"),
        (KEY, "c", "4F7K", "petr-sea." + "f" * 40 + ".AAAA", 0, "not complete"),
        (KEY, "c", "4F7K", "", 0, "not complete"),
    ],
)
def test_it_opens_nothing_else(key: bytes, scope: str, subject: str, token: str, after: int, said: str) -> None:
    with pytest.raises(TokenError, match=said):
        verify(key, scope, subject, token, NOW + timedelta(hours=after))


def test_a_later_end_cannot_be_written_into_it() -> None:
    person, until, given_ = sign(KEY, GRANT).split(".")
    later = f"{person}.{int(until, 16) + 3600:x}.{given_}"
    with pytest.raises(TokenError, match="not made here"):
        verify(KEY, "c", "4F7K", later, NOW)


@given(st.text(max_size=300))
def test_no_text_opens_anything(text: str) -> None:
    with pytest.raises(TokenError):
        verify(KEY, "c", "4F7K", text, NOW)


def test_a_person_may_have_a_name_with_dots() -> None:
    grant = Grant("c", "4F7K", "petr.at.sea", NOW + timedelta(hours=1))
    assert verify(KEY, "c", "4F7K", sign(KEY, grant), NOW) == grant
    assert person_of(sign(KEY, grant)) == "petr.at.sea"
    assert person_of("no token") == person_of("a.b") == ""


def test_a_link_bound_to_somebody_opens_for_nobody_else() -> None:
    token = sign(bound(KEY, "tomas@kral.example"), GRANT)
    assert verify(bound(KEY, "tomas@kral.example"), "c", "4F7K", token, NOW) == GRANT
    for other in (KEY, bound(KEY, ""), bound(KEY, "dora@kral.example"), bound(b"another", "tomas@kral.example")):
        with pytest.raises(TokenError, match="not made here"):
            verify(other, "c", "4F7K", token, NOW)
    assert bound(b"", "tomas@kral.example") == b""
