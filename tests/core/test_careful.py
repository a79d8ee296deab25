"""Complaints, law, money and new customers: a draft at every level, and nothing else about the message changes."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.make import NOW, TOOLS, absent, book, client, mail
from vamaild.core.decide import Decision, decide
from vamaild.core.message import History, Message, Said
from vamaild.core.reasons import Reason
from vamaild.core.ruleset import Kind, Language, RuleSet

RULES = Path(__file__).parents[2] / "rules.d"
CODES = ("it", "cs", "en", "de", "fr", "es", "sk", "pl")
TOPICS = ("complaint", "legal", "money", "lead")


def table(code: str) -> Language:
    """Both shipped files of a language, as the loader joins them."""
    lists: dict[str, tuple[str, ...]] = {}
    for name in (f"10-language-{code}.toml", f"15-careful-{code}.toml"):
        found = tomllib.loads((RULES / name).read_text(encoding="utf-8"))
        tables = {key: value for key, value in found.items() if key != "language"}
        lists |= {f"{part}.{key}": tuple(words) for part, inner in tables.items() for key, words in inner.items()}
    return Language(code, lists)


def speaking(code: str, ruleset: RuleSet | None = None) -> RuleSet:
    found = ruleset or client()
    return replace(found, client=replace(found.client, language=code, languages=(code,)))


def decided(
    text: str, code: str = "it", history: History | None = None, limits: bool = True, **changes: object
) -> Decision:
    ruleset = speaking(code)
    rulebook = book(ruleset, languages={code: table(code)})
    message: Message = mail(text, **changes)
    return decide(message, ruleset, rulebook, history or History(), TOOLS, NOW, limits=limits)


ABOUT = {
    "it": {
        "complaint": ["Voglio sporgere reclamo per il lavoro di ieri, mi risponde?", "Sono molto delusa, mi richiama?"],
        "legal": ["Se non risponde entro lunedì passo all'avvocato.", "Le invieremo una diffida, ci dica qualcosa."],
        "money": ["Chiedo il rimborso della prenotazione.", "Nella fattura sbagliata c'è un errore, la rifate?"],
        "lead": ["Vi ho trovato su internet, quanto costa un sopralluogo?", "Vorrei diventare cliente, come si fa?"],
    },
    "cs": {
        "complaint": ["Chci podat stížnost na montáž.", "Jsme nespokojeni, ozvěte se prosím."],
        "legal": ["Předám to právníkovi, odpovězte prosím.", "Odstupujeme od smlouvy, potvrďte to prosím."],
        "money": ["Žádám o vrácení peněz.", "Faktura po splatnosti: kdy ji uhradíte?"],
        "lead": ["Našla jsem vás na internetu, kolik stojí zaměření?", "Mám zájem o vaše služby, zavoláte mi?"],
    },
    "en": {
        "complaint": ["I want to complain about the delivery.", "We are disappointed, please call us."],
        "legal": ["My solicitor will write to you, please confirm.", "This is a breach of contract, please answer."],
        "money": ["Please refund the deposit.", "We were charged twice, can you check?"],
        "lead": ["I found you online, what do you charge?", "I would like to become a client, how does it work?"],
    },
    "de": {
        "complaint": ["Ich bin sehr enttäuscht, bitte melden Sie sich."],
        "legal": ["Mein Anwalt wird sich melden, bitte antworten Sie."],
        "money": ["Wann kommt die Gutschrift?"],
        "lead": ["Sie wurden mir empfohlen, was kostet das?"],
    },
    "fr": {
        "complaint": ["Je suis très déçue, rappelez-moi."],
        "legal": ["Vous recevrez une mise en demeure, répondez-moi."],
        "money": ["Je demande le remboursement."],
        "lead": ["J'ai trouvé votre site, quels sont vos tarifs ?"],
    },
    "es": {
        "complaint": ["Estoy muy decepcionada, llámeme."],
        "legal": ["Mi abogado le escribirá, conteste."],
        "money": ["Solicito el reembolso."],
        "lead": ["He encontrado su contacto en la web, ¿cuánto cuesta?"],
    },
    "sk": {
        "complaint": ["Chcem podať sťažnosť na montáž."],
        "legal": ["Odovzdám to právnikovi, odpovedzte."],
        "money": ["Žiadam o vrátenie peňazí."],
        "lead": ["Našla som vás na internete, koľko to stojí?"],
    },
    "pl": {
        "complaint": ["Składam reklamację, proszę o odpowiedź."],
        "legal": ["Sprawę przekażę do prawnika, proszę odpisać."],
        "money": ["Proszę o zwrot pieniędzy."],
        "lead": ["Znalazłam Państwa w internecie, ile to kosztuje?"],
    },
}
CASES = [(code, topic, text) for code, topics in ABOUT.items() for topic, texts in topics.items() for text in texts]


@pytest.mark.parametrize(("code", "topic", "text"), CASES, ids=[f"{c} {t}: {x[:30]}" for c, t, x in CASES])
def test_it_is_a_draft_and_only_that(code: str, topic: str, text: str) -> None:
    held, alone = decided(text, code), decided(text, code, limits=False)
    names = {"complaint": "a complaint", "legal": "a legal matter", "money": "money", "lead": "a new customer"}
    assert alone.reply, "judged by itself nothing is held back"
    assert [(w.reason, w.person) for w in held.withheld] == [(Reason.DRAFT, True)]
    assert held.withheld[0].because.startswith(f'it is about {names[topic]} ("')
    assert (held.verdict.kind, held.plan.action) == (alone.verdict.kind, alone.plan.action)
    assert held.withheld[0].reply == alone.reply, "the draft says what the reply would have said"


CALM = {
    "it": ["Mi mandi il preventivo per gli infissi?", "Quanto costa la consegna?", "Mi rimandi la fattura di marzo?",
           "Il cliente nuovo arriva alle tre, prepari la sala?", "Ti confermo il bonifico per venerdì, va bene?"],
    "cs": ["Pošlete mi prosím nabídku na okna?", "Kolik stojí doprava?", "Pošlete mi prosím fakturu za březen?",
           "Kdy přijde nový katalog?"],
    "en": ["Could you send me the quote?", "What does the delivery cost?", "Please send me the March invoice.",
           "Are you legally closed on Monday? Kidding: when do you open?"],
}  # fmt: skip
ORDINARY = [(code, text) for code, texts in CALM.items() for text in texts]


@pytest.mark.parametrize(("code", "text"), ORDINARY)
def test_an_ordinary_request_is_sent(code: str, text: str) -> None:
    assert decided(text, code).withheld == ()


@pytest.mark.parametrize(
    ("history", "sender", "sent"),
    [
        (History(), "carla@customer.example", False),
        (History(messages_today=2), "carla@customer.example", True),
        (History(said=(Said("lead-time", NOW.replace(day=1)),)), "carla@customer.example", True),
        (History(), "marco@acme.example", True),
    ],
)
def test_only_a_stranger_is_a_new_customer(history: History, sender: str, sent: bool) -> None:
    decision = decided("Vi ho trovato su internet, quanto costa?", history=history, sender=sender)
    assert bool(decision.reply) is sent


def test_the_subject_counts_unless_it_was_inherited() -> None:
    assert decided("Mi risponde per favore?", subject="Reclamo ordine 12").withheld
    assert not decided("Mi risponde per favore?", subject="Re: Reclamo ordine 12").withheld


def test_what_stands_in_the_quotation_does_not_count() -> None:
    text = "Grazie, e quando passate?\n\nIl 24 novembre 2026 alle 9:12 Marta ha scritto:\n> Voglio sporgere reclamo!\n"
    assert decided(text).withheld == ()


def test_an_emergency_is_confirmed_whatever_it_says() -> None:
    decision = decided("Si sta allagando il magazzino! Chiamo l'avvocato e voglio un rimborso!")
    assert decision.verdict.kind is Kind.EMERGENCY
    assert decision.reply
    assert decision.reply.template == "emergency-received"


def test_a_list_of_ones_own_is_a_topic_of_its_own() -> None:
    ruleset = absent()
    words = Language("it", {**table("it").lists, "always_draft.public_office": ("sindaco",)})
    decision = decide(mail("Il sindaco chiede una data."), ruleset, book(ruleset, languages={"it": words}),
                      History(), TOOLS, NOW)  # fmt: skip
    assert decision.withheld[0].because == 'it is about public office ("sindaco"): that always waits for your yes'


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_every_topic(code: str) -> None:
    lists = table(code).lists
    assert all(len(lists[f"always_draft.{topic}"]) >= 10 for topic in TOPICS)
