"""The secret in every spelling a person could read back, and texts that only come near it."""

import re
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.bounds import within
from tests.core.disguise import DIGITS, EMAIL, PHONE, SECRETS, disguises
from vamaild.core import disguises as behind
from vamaild.core import secrecy
from vamaild.core.numberwords import digits
from vamaild.core.secrecy import TOO_DEEP, Leak, leak, leaks, parts
from vamaild.core.words import fold

AROUND = ["{}", "Buongiorno, chiami pure {} fino a venerdì 11.\nGrazie, Giulia", "č. 118) {}; b) 12 ks"]
HARMLESS = [
    "",
    "Odpověď dostanete ve středu 9. prosince, 603 korun.",
    "Kopii faktury si můžete stáhnout v zákaznické sekci.",
    "tomas@kral.example, +420 555 000 111",
    "petr@novak-okna.example",
    "https://ntfy.example/jine-tema-123456",
    "111 222",
    "Ordine 603-111-221 del 26/11/2026, IBAN IT60 X054 2811 1010 0000 0123 456",
    "IBAN CZ65 0800 0000 1920 0014 5399, VS 2026111222, č. obj. 60311122",
    "+420 603 111 223, 00420 603 112 222, 603 111 22",
    "sei zero tre uno uno uno due due tre",
    "petr.moore@proton.example, petr.more@protonmail.example, more@proton.example, petr@proton.example",
    "Petr More píše z proton.example každý den",
    "Petr More, proton example",
    "Si faccia viva at proton dot example",
    "<p>603</p><p>111</p>",
    "naxo snaxos, la liška zlatá, zlatá liška",
    "cGV0ci5tb3JlQHByb3Rvbi5leGF",
    "<32f1c0d7e4b94d0c86a2ff0c7d1e5b60@va.example>",
    "=?utf-8?q?P=C5=99eklad_smlouvy?=",
]


@pytest.mark.parametrize("name", disguises())
def test_it_is_seen(name: str) -> None:
    text = disguises()[name]
    assert [a for a in AROUND if not leak(a.replace("{}", text), SECRETS)] == []


@pytest.mark.parametrize("text", HARMLESS)
def test_it_is_not_imagined(text: str) -> None:
    assert leaks(text, SECRETS) == ()


# ---- each check is needed

ONLY = {
    "a short number": ("112 233", "interno 112-233."),
    "an address": ("jp@punto.example", "scriva a jp@punto.example"),
    "an address with its signs in words": ("jp@ab.cz", "jp (at) ab (dot) cz"),
    "a link, a name or a key": ("@petr_mor", "su Telegram: @Petr_Mor"),
}
"""What none of the secrets above shows: (secret, text)."""


@pytest.mark.parametrize("name", secrecy.CHECKS)
def test_without_this_check_something_gets_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _gets_through(name, secrecy.CHECKS, monkeypatch)


@pytest.mark.parametrize("name", behind.INPLACE)
def test_without_undoing_this_something_gets_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _gets_through(name, behind.INPLACE, monkeypatch)


@pytest.mark.parametrize("name", behind.BESIDE)
def test_without_looking_behind_this_something_gets_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _gets_through(name, behind.BESIDE, monkeypatch)


def _gets_through(name: str, table: MutableMapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """A text that is seen with the whole table, and not without this one."""
    texts = [(SECRETS, AROUND[1].replace("{}", text)) for text in disguises().values()]
    texts += [((secret,), text) for n, (secret, text) in ONLY.items() if n == name]
    with monkeypatch.context() as without:
        without.delitem(table, name)
        secrets, text = next(((s, t) for s, t in texts if not leak(t, s)), ((), ""))
    return text if leak(text, secrets) else ""


def test_every_view_is_used() -> None:
    assert {check.view for check in secrecy.CHECKS.values()} == set(secrecy.VIEWS)


def test_what_hit_is_named_and_the_secret_is_not() -> None:
    found = leaks("sei zero tre uno uno uno due due due", SECRETS, "the subject")
    assert found == (Leak("a number in words", "the subject"),)
    assert str(found[0]) == "a number in words, in the subject"


def test_what_is_wrapped_too_often_does_not_pass() -> None:
    wrapped = PHONE
    for _ in range(6):
        wrapped = re.sub("[^0-9]", lambda m: f"%{ord(m.group()):02X}", wrapped)
    assert leaks(f"%2525252525{wrapped}", ("x@y.example",)) == (Leak(TOO_DEEP),)


# ---- what a secret is


@pytest.mark.parametrize(
    ("secret", "numbers", "addresses", "tokens", "words"),
    [
        ("+420 603 111 222", ("420603111222",), (), (), ()),
        ("112233", ("112233",), (), (), ()),
        ("11223", (), (), (), ()),
        ("Petr.More+vam@Proton.example", (), (("petr.more", "proton.example"),), (), ()),
        ("https://ntfy.example/a", (), (), ("https://ntfy.example/a",), ()),
        ("https://ntfy.example/top1c-of-his", (), (), ("https://ntfy.example/top1c-of-his", "top1c-of-his"), ()),
        ("Naxos*", (), (), (), ("naxos*",)),
        ("hotel Ariadne", (), (), (), ("hotel ariadne",)),
        ("me", (), (), (), ()),
        ("x1", (), (), (), ()),
        ("", (), (), (), ()),
    ],
)
def test_a_secret_taken_apart(
    secret: str,
    numbers: tuple[str, ...],
    addresses: tuple[object, ...],
    tokens: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    found = parts(secret)
    assert (found.numbers, found.addresses, found.tokens, found.words) == (numbers, addresses, tokens, words)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("whatsapp://token@1234/+420603111222", "603 111 222"),
        ("/usr/local/bin/sms --to +420603111222", "603.111.222"),
        ("mailto://petr:k33p0ut9@smtp.example?to=petr.more@proton.example", "petr.more@proton.example"),
        ("mailto://petr:k33p0ut9@smtp.example?to=petr.more@proton.example", "heslo k33p0ut9"),
        ("petr.more+vam@proton.example", "petr.more@proton.example"),
    ],
)
def test_what_a_link_or_a_command_holds_is_secret_too(secret: str, text: str) -> None:
    assert leak(text, (secret,))
    assert not leak("https://smtp.example, /usr/local/bin, notifications", (secret,))


def test_without_secrets_nothing_leaks() -> None:
    assert not leak("603 111 222", ())


# ---- whatever stands around it

FILLED = st.text(max_size=60)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(FILLED, FILLED, st.sampled_from([" ", ".", "-", "\n", "\u00a0", "/", " - "]))
@FEW
def test_whatever_stands_around_it(before: str, after: str, between: str) -> None:
    number = between.join(("603", "111", "222"))
    assert leak(f"{before} x {number} x {after}", SECRETS)


@given(FILLED, FILLED, st.sampled_from(sorted(disguises())))
@FEW
def test_whatever_stands_around_any_disguise(before: str, after: str, name: str) -> None:
    assume(not re.search(r"[<&%=\\+]|[0-9]", before + after))  # half an encoding, or half a number, is another text
    assert leak(f"{before}\n\n{disguises()[name]}\n\n{after}", SECRETS)


@given(st.lists(st.sampled_from(["", "\u200b", "\u00ad", "\u2060"]), min_size=24, max_size=24))
@FEW
def test_invisible_characters_hide_nothing(fillers: list[str]) -> None:
    text = "".join(a + b for a, b in zip(EMAIL, fillers, strict=True))
    assert leak(text, SECRETS)


@given(st.from_regex(r"\A(\+?[0-9]{1,3} )?[0-9]{9,12}\Z"))
@FEW
def test_another_number_is_nobodys_secret(number: str) -> None:
    bare = re.sub("[^0-9]", "", number)
    assume(DIGITS not in bare and DIGITS[::-1] not in bare)
    assert not leak(f"Chiami il {number}, ordine 2026-118.", SECRETS)


@given(st.integers(0, 10**19 - 1))
@FEW
def test_a_boundary_of_a_multipart_is_nobodys_secret(number: int) -> None:
    bare = f"{number:019d}"
    assume(all(secret not in line for secret in ("603111222", "123456789", "987654321") for line in (bare, bare[::-1])))
    assert not leak(f'boundary="==============={bare}=="', SECRETS)


@pytest.mark.parametrize("number", [3339111856990841524, 3330626061805032217, 2533444247337987347])
def test_a_boundary_that_looks_encoded_is_nobodys_secret(number: int) -> None:
    assert not leak(f'boundary="==============={number:019d}=="', SECRETS)


@given(st.integers(0, 8), st.integers(1, 9))
@FEW
def test_a_number_that_differs_in_one_digit_is_another(at: int, by: int) -> None:
    other = DIGITS[:at] + str((int(DIGITS[at]) + by) % 10) + DIGITS[at + 1 :]
    assert not leak(f"tel. +420 {other[:3]} {other[3:6]} {other[6:]}", SECRETS)


def test_a_customers_number_that_is_the_secret_hits() -> None:
    assert leak("La richiamo al +420603111222.", SECRETS)


@pytest.mark.parametrize(
    "nasty",
    [
        *(c * 30_000 for c in "<&=a @"),
        *(c * 8_000 for c in ("%2", "xn--", "uno", "( ", "<!--", "\\u", "+A", "=?u?b?", "0 ", "A1b2")),
        "petr.more" * 3_000,
    ],
    ids=lambda n: n[:5],
)
def test_a_hostile_text_costs_no_time(nasty: str) -> None:
    assert within(1.0, lambda: leak(nasty, SECRETS))


# ---- numbers in words


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("dvaadvacet", "22"),
        ("zweiundzwanzig", "22"),
        ("quatre-vingt-dix-sept, soixante-douze", "9772"),
        ("ventuno, trentotto, centouno", "2138101"),
        ("one hundred and one", "101"),
        ("double seven, triple zero", "77000"),
        ("dvakrát pět", "55"),
        ("dvě stě pět, pět set", "205500"),
        ("tre centoundici, tre, cento", "31113100"),
        ("trois cent onze; trois, cent onze", "3113111"),
        ("quinientos doce", "512"),
        ("ein Haus, 12 Leute", "112"),
        ("unoduex, pointless", ""),
        ("uno" * 100, ""),
    ],
)
def test_numbers_in_words(said: str, number: str) -> None:
    assert digits(fold(said)) == number
