"""The words mail programs write around a quotation, a forwarded mail and a signature: one table for all languages.

A language that is not among them brings its own under [mail] in its rule file: wrote, original, forwarded, sent_from,
closings, disclaimers, disclaimer_words, postscript, and the names of the headers: from, date, to, subject. All are
compared folded (lower case, no accents), wherever they come from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .ruleset import Language
from .words import fold

# A line of a quoted header ("Da: Marta"): which header it is, by the word before the colon.
HEADERS = {
    "from": ("from", "da", "od", "von", "de", "expediteur", "remitente", "nadawca", "mittente", "odesilatel"),
    "date": (
        *("date", "sent", "data", "inviato", "datum", "odeslano", "gesendet", "envoye", "enviado", "fecha", "wyslano"),
        *("odoslane", "odoslano", "dne", "datum odeslani", "inviata", "date d'envoi", "datum/uhrzeit"),
    ),
    "to": ("to", "a", "komu", "pro", "an", "para", "do", "pre", "destinatario", "kopie", "cc"),
    "subject": ("subject", "oggetto", "predmet", "betreff", "objet", "asunto", "temat", "vec"),
}

# How "wrote" is said above a quotation.
WROTE = (
    *("ha scritto", "scrive", "scrisse", "wrote", "writes", "napsal", "napsala", "napise", "schrieb", "a ecrit"),
    *("escribio", "napisal", "napisala", "pise", "pisze"),
)

# Between two rows of dashes: the mail below is the one that is answered ...
ORIGINAL = (
    *("original message", "messaggio originale", "puvodni e-mail", "puvodni zprava", "puvodni email"),
    *("ursprungliche nachricht", "originalnachricht", "message d'origine", "message original", "mensaje original"),
    *("povodna sprava", "wiadomosc oryginalna", "oryginalna wiadomosc", "reply message", "messaggio di risposta"),
)

# ... or it is handed on.
FORWARDED = (
    *("forwarded message", "forwarded mail", "messaggio inoltrato", "inizio messaggio inoltrato", "mail inoltrata"),
    *("preposlana zprava", "preposlany e-mail", "preposlany email", "zacatek preposlane zpravy", "zacatek preposilane"),
    *("weitergeleitete nachricht", "message transfere", "debut du message", "mensaje reenviado"),
    *("inicio del mensaje", "preposlana sprava", "zaciatok preposlanej spravy", "przekazana wiadomosc"),
    *("wiadomosc przekazana", "forwarded by", "begin forwarded message", "anfang der weitergeleiteten nachricht"),
)

# The line of a telephone or a mail program.
SENT_FROM = (
    *("inviato da", "inviato dal mio", "sent from", "get outlook for", "odeslano z", "odeslano pres", "poslano z"),
    *("von meinem", "gesendet von", "envoye de mon", "envoye depuis", "enviado desde", "odoslane z", "wyslane z"),
    *("scarica outlook", "ottieni outlook", "sent via", "inviata da", "sent with"),
)

# A formula that ends a letter: what follows is the signature.
CLOSINGS = (
    *("cordiali saluti", "distinti saluti", "un cordiale saluto", "cordialmente", "saluti", "un saluto", "buon lavoro"),
    *("cordialita", "con i migliori saluti", "i migliori saluti", "porgo cordiali saluti"),
    *("s pozdravem", "se srdecnym pozdravem", "s pranim hezkeho dne", "s pratelskym pozdravem", "s uctou", "zdravim"),
    *("hezky den", "pekny den", "s pozdravom", "srdecne zdravim"),
    *("kind regards", "best regards", "warm regards", "regards", "best wishes", "sincerely", "yours sincerely"),
    *("yours faithfully", "all the best", "with best wishes", "many thanks and regards"),
    *("mit freundlichen grussen", "freundliche grusse", "viele grusse", "beste grusse", "liebe grusse", "mfg"),
    *("cordialement", "bien cordialement", "salutations distinguees", "saludos cordiales", "un saludo", "saludos"),
    *("atentamente", "pozdrawiam", "z powazaniem", "z wyrazami szacunku"),
)

# The beginning of a paragraph that no person wrote for this mail.
DISCLAIMERS = (
    *("this e-mail and any", "this email and any", "this message and any", "this e-mail is confidential"),
    *("this email is confidential", "the information contained in this", "the information in this e", "disclaimer"),
    *("confidentiality notice", "please consider the environment", "if you are not the intended recipient"),
    *("if you have received this e", "this message is intended", "this email is intended", "this e-mail is intended"),
    *(
        "questo messaggio e i suoi",
        "questa e-mail e i",
        "questa email e i",
        "il presente messaggio",
        "la presente e-mail",
    ),
    *("la presente email", "le informazioni contenute in", "avviso di riservatezza", "ai sensi del", "ai sensi dell"),
    *("prima di stampare", "nota di riservatezza", "le informazioni trasmesse", "questo documento e riservato"),
    *("informativa privacy", "se avete ricevuto questo messaggio per errore", "se ha ricevuto questo messaggio per"),
    *("tento e-mail a", "tento email a", "tato zprava a", "tato zprava je urcena", "informace obsazene v"),
    *("obsah tohoto e", "obsah teto zpravy", "upozorneni: tento", "tento e-mail je urcen", "tento email je urcen"),
    *("pokud nejste zamyslenym", "nez tento e", "tato e-mailova zprava"),
    *(
        "diese e-mail enthalt",
        "diese nachricht enthalt",
        "ce message et",
        "este mensaje y",
        "este correo electronico y",
    ),
    *("tato sprava a", "niniejsza wiadomosc", "tresc tej wiadomosci"),
)

# Three of these in one paragraph make it a disclaimer, whatever its first words are.
DISCLAIMER_WORDS = (
    *("riservat", "per errore", "destinatari", "mittente", "distrugger", "cancellar", "vietat", "privacy", "679/2016"),
    *(
        "duvern",
        "omylem",
        "odesilatel",
        "prijemce",
        "adresat",
        "smazte",
        "neprodlene",
        "obdrzel",
        "zakazan",
        "zverejnen",
    ),
    *(
        "confidential",
        "in error",
        "intended recipient",
        "the sender",
        "delete it",
        "unauthorised",
        "prohibited",
        "privileged",
    ),
    *("vertraulich", "irrtumlich", "empfanger", "absender", "confidentiel", "par erreur", "destinataire", "expediteur"),
    *("confidencial", "por error", "remitente", "doverna", "poufn", "nadawc", "adresat"),
)

# The label of the text in a web form: such a block is no quoted header.
FORM_TEXT = ("messaggio", "message", "zprava", "text", "testo", "nachricht", "mensaje", "sprava", "wiadomosc", "dotaz")
POSTSCRIPT = ("p.s", "ps:", "ps ", "p. s.", "nb:", "n.b.", "pozn", "edit:", "p.s.")


@dataclass(frozen=True, slots=True, eq=False)
class MailWords:
    """The tables above with what the languages in use add. `headers`: which header a folded label names.

    Each of them is made once and is the same only as itself, so that it can be the key of what was looked up with it.
    """

    headers: Mapping[str, str]
    wrote: tuple[str, ...]
    original: tuple[str, ...]
    forwarded: tuple[str, ...]
    sent_from: tuple[str, ...]
    closings: tuple[str, ...]
    disclaimers: tuple[str, ...]
    disclaimer_words: tuple[str, ...]
    postscript: tuple[str, ...]


SHIPPED = {
    "wrote": WROTE,
    "original": ORIGINAL,
    "forwarded": FORWARDED,
    "sent_from": SENT_FROM,
    "closings": CLOSINGS,
    "disclaimers": DISCLAIMERS,
    "disclaimer_words": DISCLAIMER_WORDS,
    "postscript": POSTSCRIPT,
}


def mail_words(languages: Iterable[Language] = ()) -> MailWords:
    """The shipped words and those of these languages."""
    names = (*SHIPPED, *HEADERS)
    added = (
        (name, tuple(map(fold, phrases)))
        for name in names
        for language in languages
        if (phrases := language.phrases(f"mail.{name}"))
    )
    return _merged(tuple(added))


@lru_cache(maxsize=64)
def _merged(added: tuple[tuple[str, tuple[str, ...]], ...]) -> MailWords:
    more: dict[str, tuple[str, ...]] = {}
    for name, words in added:
        more[name] = (*more.get(name, ()), *words)
    lists = {name: (*words, *more.get(name, ())) for name, words in SHIPPED.items()}
    headers = {word: name for name, words in HEADERS.items() for word in (*words, *more.get(name, ()))}
    return MailWords(headers, **lists)
