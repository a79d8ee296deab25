"""Why no reply leaves: codes that are counted in the report, each with its words in every language of the reports."""

from enum import StrEnum


class Reason(StrEnum):
    """Why no reply leaves. Counted in the report; WORDS below has the words."""

    AUTO_SUBMITTED = "auto-submitted"
    LIST = "list"
    PRECEDENCE = "precedence"
    NULL_PATH = "null-path"
    NOT_ADDRESSED = "not-addressed"
    OWN_ADDRESS = "own-address"
    COLLEAGUE = "colleague"
    IGNORED = "ignored"
    ALARM = "alarm"
    AUTO_RESPONSE_SUPPRESS = "auto-response-suppress"
    VENDOR = "vendor"
    PERHAPS_HUMAN = "perhaps-human"
    UNPROVEN = "unproven"
    NO_REPLY_NAME = "no-reply-name"
    ROBOT_NAME = "robot-name"
    REPORT = "report"
    CALENDAR = "calendar"
    SPAM = "spam"
    OUT_OF_OFFICE = "out-of-office"
    LOOP = "loop"
    TWO_SENDERS = "two-senders"
    HAND_FORWARDED = "hand-forwarded"
    UNSURE_SENDER = "unsure-sender"
    ANSWERED = "answered"
    SEEN_BEFORE = "seen-before"
    TOO_OLD = "too-old"
    HOSTILE = "hostile"
    NOBODY_WAITS = "nobody-waits"
    LADDER = "ladder"
    NEW_FACT = "new-fact"
    NUDGE = "nudge"
    NO_AUTO = "no-auto"
    PRINCIPAL_SAYS = "principal-says"
    PER_PERSON = "per-person"
    PER_HOUR = "per-hour"
    PER_DOMAIN = "per-domain"
    PER_DAY = "per-day"
    QUICK_ANSWER = "quick-answer"
    SAME_TEXT = "same-text"
    BOUNCED = "bounced"
    OBSERVE = "observe"
    DRAFT = "draft"
    SECRET = "secret"  # noqa: S105 (a reason, no password)
    PAST_DATE = "past-date"
    DOUBT = "doubt"
    UNREADABLE = "unreadable"
    UNWRITABLE = "unwritable"
    NOT_AWAY = "not-away"
    NO_CLIENT = "no-client"
    BROKEN_RULE = "broken-rule"
    CONFIRM = "confirm"
    RUSH_ACCEPTED = "rush-accepted"
    RUSH_DECLINED = "rush-declined"
    RUSH_LATE = "rush-late"
    RUSH_STRANGER = "rush-stranger"
    RUSH_UNPROVEN = "rush-unproven"
    RUSH_UNCLEAR = "rush-unclear"
    RUSH_QUESTION = "rush-question"
    RUSH_RUNNING = "rush-running"
    STOPPED = "stopped"
    DISCARDED = "discarded"
    NOT_SENT = "not-sent"
    NOTICE_ANSWERED = "notice-answered"
    NOTICE_BOUNCED = "notice-bounced"
    NOTICE_ECHO = "notice-echo"
    ANSWER_FORGED = "answer-forged"
    ANSWER_UNCLEAR = "answer-unclear"
    HANDED_BACK = "handed-back"
    RESOLVED = "resolved"
    PAGE_TELLS = "page-tells"


WORDS: dict[str, dict[Reason, str]] = {
    "en": {
        Reason.AUTO_SUBMITTED: "automatic mail",
        Reason.LIST: "a mailing list or newsletter",
        Reason.PRECEDENCE: "bulk mail",
        Reason.NULL_PATH: "a bounce or a report",
        Reason.NOT_ADDRESSED: "not addressed to the mailbox",
        Reason.OWN_ADDRESS: "one of our own addresses",
        Reason.COLLEAGUE: "one of our own people",
        Reason.IGNORED: "on the client's ignore list",
        Reason.ALARM: "an alarm system",
        Reason.AUTO_RESPONSE_SUPPRESS: "asks for no automatic reply",
        Reason.VENDOR: "a robot's header",
        Reason.PERHAPS_HUMAN: "perhaps a person, perhaps a machine: somebody must look",
        Reason.UNPROVEN: "it fails the check of its sender (DMARC)",
        Reason.NO_REPLY_NAME: "a no-reply address",
        Reason.ROBOT_NAME: "a robot's address",
        Reason.REPORT: "a delivery report or receipt",
        Reason.CALENDAR: "a calendar message",
        Reason.SPAM: "spam",
        Reason.OUT_OF_OFFICE: "an out-of-office reply",
        Reason.LOOP: "one of our own replies, come back",
        Reason.TWO_SENDERS: "it names two senders",
        Reason.HAND_FORWARDED: "forwarded by hand",
        Reason.UNSURE_SENDER: "nobody can be sure who wrote it",
        Reason.ANSWERED: "a person has answered already",
        Reason.SEEN_BEFORE: "it was here before",
        Reason.TOO_OLD: "too old to be answered by itself",
        Reason.HOSTILE: "hostile",
        Reason.NOBODY_WAITS: "nobody waits for an answer",
        Reason.LADDER: "said to this person already",
        Reason.NEW_FACT: "says something new about the same matter",
        Reason.NUDGE: "insists: perhaps telephone",
        Reason.NO_AUTO: "asked for no automatic replies",
        Reason.PRINCIPAL_SAYS: "the principal answers our mail: over to you",
        Reason.PER_PERSON: "enough replies for this person today",
        Reason.PER_HOUR: "too many replies in one hour",
        Reason.PER_DOMAIN: "too many replies to one domain in one hour",
        Reason.PER_DAY: "too many replies in one day",
        Reason.QUICK_ANSWER: "it answers one of our replies too quickly for a person",
        Reason.SAME_TEXT: "the same words came before",
        Reason.BOUNCED: "mail to this address came back",
        Reason.OBSERVE: "the client is in observe",
        Reason.DRAFT: "a draft, waiting for a yes",
        Reason.SECRET: "the reply would betray a secret",
        Reason.PAST_DATE: "the reply would promise a past date",
        Reason.DOUBT: "parts of it could not be read",
        Reason.UNREADABLE: "it could not be read",
        Reason.UNWRITABLE: "the reply could not be written",
        Reason.NOT_AWAY: "nobody is away, and no lead time is agreed",
        Reason.NO_CLIENT: "no client claims it",
        Reason.BROKEN_RULE: "a rule could not answer in time",
        Reason.CONFIRM: "perhaps an emergency: the assistant is asked first",
        Reason.RUSH_ACCEPTED: "says B: your yes is missing",
        Reason.RUSH_DECLINED: "chose A: the agreed date stands",
        Reason.RUSH_LATE: "says B, but too late",
        Reason.RUSH_STRANGER: "says B, but may not agree to a surcharge",
        Reason.RUSH_UNPROVEN: "says B, but nobody can be sure who wrote it",
        Reason.RUSH_UNCLEAR: "an answer to a rush offer that is no clear choice",
        Reason.RUSH_QUESTION: "a question about a rush offer",
        Reason.RUSH_RUNNING: "about rush work that is under way",
        Reason.STOPPED: "you stopped the reply",
        Reason.DISCARDED: "you threw the draft away",
        Reason.NOT_SENT: "the mail server refuses the reply",
        Reason.NOTICE_ANSWERED: "an answer to one of our notices",
        Reason.NOTICE_BOUNCED: "one of our notices came back",
        Reason.NOTICE_ECHO: "a machine's answer to one of our notices",
        Reason.ANSWER_FORGED: "an answer to a notice that may be forged: it did nothing",
        Reason.ANSWER_UNCLEAR: "an answer to a notice that was not understood",
        Reason.HANDED_BACK: "no colleague takes it: it is yours",
        Reason.RESOLVED: "it has resolved itself",
        Reason.PAGE_TELLS: "answered from the playbook, which wants you to see it",
    },
    "it": {
        Reason.AUTO_SUBMITTED: "posta automatica",
        Reason.LIST: "una lista o una newsletter",
        Reason.PRECEDENCE: "posta di massa",
        Reason.NULL_PATH: "un messaggio respinto o un rapporto",
        Reason.NOT_ADDRESSED: "non indirizzata alla casella",
        Reason.OWN_ADDRESS: "uno dei nostri indirizzi",
        Reason.COLLEAGUE: "una persona della casa",
        Reason.IGNORED: "tra quelli che il cliente vuole ignorare",
        Reason.ALARM: "un sistema d'allarme",
        Reason.AUTO_RESPONSE_SUPPRESS: "chiede di non rispondere in automatico",
        Reason.VENDOR: "l'intestazione di un programma",
        Reason.PERHAPS_HUMAN: "forse una persona, forse un programma: serve uno sguardo",
        Reason.UNPROVEN: "non supera la verifica del mittente (DMARC)",
        Reason.NO_REPLY_NAME: "un indirizzo a cui non si risponde",
        Reason.ROBOT_NAME: "l'indirizzo di un programma",
        Reason.REPORT: "un rapporto di consegna o una ricevuta",
        Reason.CALENDAR: "un messaggio di calendario",
        Reason.SPAM: "posta indesiderata",
        Reason.OUT_OF_OFFICE: "un avviso di assenza",
        Reason.LOOP: "una nostra risposta tornata indietro",
        Reason.TWO_SENDERS: "indica due mittenti",
        Reason.HAND_FORWARDED: "inoltrata a mano",
        Reason.UNSURE_SENDER: "non si può essere sicuri di chi l'ha scritta",
        Reason.ANSWERED: "una persona ha già risposto",
        Reason.SEEN_BEFORE: "era già arrivata",
        Reason.TOO_OLD: "troppo vecchia per una risposta automatica",
        Reason.HOSTILE: "ostile",
        Reason.NOBODY_WAITS: "nessuno aspetta una risposta",
        Reason.LADDER: "già detto a questa persona",
        Reason.NEW_FACT: "dice qualcosa di nuovo sulla stessa questione",
        Reason.NUDGE: "insiste: forse è meglio telefonare",
        Reason.NO_AUTO: "ha chiesto di non ricevere risposte automatiche",
        Reason.PRINCIPAL_SAYS: "il titolare risponde a un nostro messaggio: tocca a te",
        Reason.PER_PERSON: "abbastanza risposte a questa persona per oggi",
        Reason.PER_HOUR: "troppe risposte in un'ora",
        Reason.PER_DOMAIN: "troppe risposte a un solo dominio in un'ora",
        Reason.PER_DAY: "troppe risposte in un giorno",
        Reason.QUICK_ANSWER: "risponde a una nostra risposta troppo in fretta per una persona",
        Reason.SAME_TEXT: "le stesse parole erano già arrivate",
        Reason.BOUNCED: "la posta per questo indirizzo è tornata indietro",
        Reason.OBSERVE: "il cliente è in osservazione (observe)",
        Reason.DRAFT: "una bozza che aspetta un sì",
        Reason.SECRET: "la risposta rivelerebbe un segreto",
        Reason.PAST_DATE: "la risposta prometterebbe una data passata",
        Reason.DOUBT: "non si è potuta leggere tutta",
        Reason.UNREADABLE: "non si è potuta leggere",
        Reason.UNWRITABLE: "la risposta non si è potuta scrivere",
        Reason.NOT_AWAY: "nessuno è assente e non c'è un preavviso concordato",
        Reason.NO_CLIENT: "non è di nessun cliente",
        Reason.BROKEN_RULE: "una regola non ha risposto in tempo",
        Reason.CONFIRM: "forse un'emergenza: prima si chiede all'assistente",
        Reason.RUSH_ACCEPTED: "dice B: manca il tuo sì",
        Reason.RUSH_DECLINED: "ha scelto A: vale la data concordata",
        Reason.RUSH_LATE: "dice B, ma troppo tardi",
        Reason.RUSH_STRANGER: "dice B, ma non può accettare una maggiorazione",
        Reason.RUSH_UNPROVEN: "dice B, ma non si può essere sicuri di chi l'ha scritto",
        Reason.RUSH_UNCLEAR: "una risposta a un'offerta urgente che non sceglie chiaramente",
        Reason.RUSH_QUESTION: "una domanda su un'offerta urgente",
        Reason.RUSH_RUNNING: "riguarda un lavoro urgente in corso",
        Reason.STOPPED: "hai fermato la risposta",
        Reason.DISCARDED: "hai buttato via la bozza",
        Reason.NOT_SENT: "il server di posta rifiuta la risposta",
        Reason.NOTICE_ANSWERED: "una risposta a un nostro avviso",
        Reason.NOTICE_BOUNCED: "un nostro avviso è tornato indietro",
        Reason.NOTICE_ECHO: "la risposta automatica a un nostro avviso",
        Reason.ANSWER_FORGED: "una risposta a un avviso che può essere falsa: non ha avuto effetto",
        Reason.ANSWER_UNCLEAR: "una risposta a un avviso che non si è capita",
        Reason.HANDED_BACK: "nessun collega se ne occupa: tocca a te",
        Reason.RESOLVED: "si è risolto da sé",
        Reason.PAGE_TELLS: "risposto dal manuale, che vuole che tu lo veda",
    },
    "cs": {
        Reason.AUTO_SUBMITTED: "automatická pošta",
        Reason.LIST: "e-mailová konference nebo newsletter",
        Reason.PRECEDENCE: "hromadná pošta",
        Reason.NULL_PATH: "vrácená zpráva nebo hlášení",
        Reason.NOT_ADDRESSED: "není adresována této schránce",
        Reason.OWN_ADDRESS: "jedna z našich vlastních adres",
        Reason.COLLEAGUE: "někdo z vlastních lidí",
        Reason.IGNORED: "na klientově seznamu ignorovaných",
        Reason.ALARM: "poplašné zařízení",
        Reason.AUTO_RESPONSE_SUPPRESS: "nepřeje si automatickou odpověď",
        Reason.VENDOR: "hlavička, kterou píše stroj",
        Reason.PERHAPS_HUMAN: "možná člověk, možná stroj: někdo se musí podívat",
        Reason.UNPROVEN: "neprošla ověřením odesílatele (DMARC)",
        Reason.NO_REPLY_NAME: "adresa, na kterou se neodpovídá",
        Reason.ROBOT_NAME: "adresa stroje",
        Reason.REPORT: "zpráva o doručení nebo potvrzení",
        Reason.CALENDAR: "kalendářová zpráva",
        Reason.SPAM: "nevyžádaná pošta",
        Reason.OUT_OF_OFFICE: "oznámení o nepřítomnosti",
        Reason.LOOP: "naše vlastní odpověď, která se vrátila",
        Reason.TWO_SENDERS: "uvádí dva odesílatele",
        Reason.HAND_FORWARDED: "přeposlaná ručně",
        Reason.UNSURE_SENDER: "nelze si být jist, kdo ji napsal",
        Reason.ANSWERED: "někdo už odpověděl",
        Reason.SEEN_BEFORE: "už tu jednou byla",
        Reason.TOO_OLD: "příliš stará na automatickou odpověď",
        Reason.HOSTILE: "nepřátelská",
        Reason.NOBODY_WAITS: "nikdo nečeká na odpověď",
        Reason.LADDER: "této osobě už to bylo řečeno",
        Reason.NEW_FACT: "píše k téže věci něco nového",
        Reason.NUDGE: "naléhá: možná je lepší zavolat",
        Reason.NO_AUTO: "nepřeje si automatické odpovědi",
        Reason.PRINCIPAL_SAYS: "šéf odpovídá na naši zprávu: je to na Vás",
        Reason.PER_PERSON: "pro tuto osobu je odpovědí na dnešek dost",
        Reason.PER_HOUR: "příliš mnoho odpovědí za hodinu",
        Reason.PER_DOMAIN: "příliš mnoho odpovědí jedné doméně za hodinu",
        Reason.PER_DAY: "příliš mnoho odpovědí za den",
        Reason.QUICK_ANSWER: "odpovídá na naši odpověď rychleji, než to svede člověk",
        Reason.SAME_TEXT: "tatáž slova už přišla",
        Reason.BOUNCED: "pošta na tuto adresu se vrátila",
        Reason.OBSERVE: "klient je v režimu pozorování (observe)",
        Reason.DRAFT: "koncept, který čeká na souhlas",
        Reason.SECRET: "odpověď by prozradila tajemství",
        Reason.PAST_DATE: "odpověď by slibovala minulé datum",
        Reason.DOUBT: "část zprávy se nepodařilo přečíst",
        Reason.UNREADABLE: "zprávu se nepodařilo přečíst",
        Reason.UNWRITABLE: "odpověď se nepodařilo napsat",
        Reason.NOT_AWAY: "nikdo není pryč a není dohodnuta žádná lhůta",
        Reason.NO_CLIENT: "nepatří žádnému klientovi",
        Reason.BROKEN_RULE: "některé pravidlo neodpovědělo včas",
        Reason.CONFIRM: "možná nouzová situace: nejdřív se ptáme asistentky",
        Reason.RUSH_ACCEPTED: "píše B: chybí Váš souhlas",
        Reason.RUSH_DECLINED: "vybral A: platí dohodnutý termín",
        Reason.RUSH_LATE: "píše B, ale příliš pozdě",
        Reason.RUSH_STRANGER: "píše B, ale příplatek schválit nesmí",
        Reason.RUSH_UNPROVEN: "píše B, ale nelze si být jist, kdo to napsal",
        Reason.RUSH_UNCLEAR: "odpověď na expresní nabídku, která nic jasně nevybírá",
        Reason.RUSH_QUESTION: "otázka k expresní nabídce",
        Reason.RUSH_RUNNING: "týká se rozdělané expresní práce",
        Reason.STOPPED: "odpověď byla zastavena",
        Reason.DISCARDED: "koncept byl zahozen",
        Reason.NOT_SENT: "poštovní server odpověď odmítá",
        Reason.NOTICE_ANSWERED: "odpověď na naše upozornění",
        Reason.NOTICE_BOUNCED: "naše upozornění se vrátilo",
        Reason.NOTICE_ECHO: "automatická odpověď na naše upozornění",
        Reason.ANSWER_FORGED: "odpověď na upozornění, která může být podvržená: nic neudělala",
        Reason.ANSWER_UNCLEAR: "odpověď na upozornění, které nebylo rozumět",
        Reason.HANDED_BACK: "žádný kolega to nepřevzal: je to na vás",
        Reason.RESOLVED: "vyřešilo se to samo",
        Reason.PAGE_TELLS: "zodpovězeno z manuálu, který chce, abyste to viděli",
    },
}
REASONS = WORDS["en"]


def words(reason: Reason, language: str) -> str:
    """What the reason says in this language; in English where there are no words in it."""
    return WORDS.get(language, REASONS).get(reason, REASONS[reason])
