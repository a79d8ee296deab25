"""The secret in every spelling a person could read back, and texts that only come near it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vamaild.core.secrecy import leak

SECRETS = ("+420 603 111 222", "petr.more@proton.example", "https://ntfy.example/novak-7f3a9c1b2e")
LEAKS = [
    "Volejte +420 603 111 222.",
    "tel. 00420603111222",
    "603.111.222",
    "603-111-222 nebo e-mail",
    "603\u00a0111\u00a0222",
    "6 0 3 1 1 1 2 2 2",
    "603 111\n222",
    "six zero three one one one two two two",
    "šest nula tři jedna jedna jedna dva dva dva",
    "sei zero tre uno uno uno due due due",
    "６０３１１１２２２",
    "603&#32;111&#32;222",
    "petr.more@proton.example",
    "PETR.MORE@PROTON.EXAMPLE",
    "petr.more (at) proton.example",
    "petr.more [at] proton [dot] example",
    "petr dot more at proton dot example",
    "petr . more @ proton . example",
    "petr.more zavináč proton tečka example",
    "petr.more chiocciola proton punto example",
    "p\u200betr.more@proton.example",
    "реtr.more@proton.example",
    "petr.more%40proton.example",
    "novak-7f3a9c1b2e",
    "https://ntfy.example/novak-7f3a9c1b2e?x=1",
    "cGV0ci5tb3JlQHByb3Rvbi5leGFtcGxl",
]
HARMLESS = [
    "",
    "Odpověď dostanete ve středu 9. prosince, 603 korun.",
    "Kopii faktury si můžete stáhnout v zákaznické sekci.",
    "tomas@kral.example, +420 555 000 111",
    "petr@novak-okna.example",
    "https://ntfy.example/jine-tema-123456",
    "111 222",
]


@pytest.mark.parametrize("text", LEAKS)
def test_it_is_seen(text: str) -> None:
    assert leak(text, SECRETS)


@pytest.mark.parametrize("text", HARMLESS)
def test_it_is_not_imagined(text: str) -> None:
    assert not leak(text, SECRETS)


def test_without_secrets_nothing_leaks() -> None:
    assert not leak("603 111 222", ())


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([" ", ".", "-", "\n", "\u00a0", "/", " - "]))
def test_whatever_stands_around_it(before: str, after: str, between: str) -> None:
    number = between.join(("603", "111", "222"))
    assert leak(f"{before} x {number} x {after}", SECRETS)


@given(st.lists(st.sampled_from(["", "\u200b", "\u00ad", "\u2060"]), min_size=24, max_size=24))
def test_invisible_characters_hide_nothing(fillers: list[str]) -> None:
    text = "".join(a + b for a, b in zip("petr.more@proton.example", fillers, strict=True))
    assert leak(text, SECRETS)
