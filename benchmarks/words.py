"""What the people of the workload are called and what they write. Data; workload.py puts it together."""

NAMES = {
    "it": (
        *("Giulia Ferrari", "Marco Bianchi", "Niccolò Brambilla", "Chiara Esposito", "Luca D’Amico", "Sara Però"),
        *("Andrea Galli", "Martina Conti", "Paolo Rizzo", "Élise Marchetti"),
    ),
    "cs": (
        *("Jiří Novák", "Petra Svobodová", "Tomáš Dvořák", "Lenka Černá", "Zdeněk Říha", "Věra Šťastná"),
        *("Ondřej Kučera", "Božena Němcová", "Štěpán Žák", "Alžběta Příhodová"),
    ),
    "en": (
        *("John Smith", "Emma Brown", "Oliver Jones", "Sophie Taylor", "Liam O’Connor", "Grace Lee", "Noah Clark"),
        *("Ava Walker", "Zoë Hart", "Ben Stone"),
    ),
}
DOMAINS = (
    *("cliente-uno.example", "studio-blu.example", "obchod-novak.example", "dilna.example"),
    *("acme.example", "negozio.example", "mail.example", "posta.example"),
)
CLIENTS = {"it": "info@client-a.example", "en": "ufficio@client-b.example", "cs": "kancelar@client-c.example"}
SENTENCES = {
    "it": (
        "Ti mando in allegato il documento aggiornato con le modifiche che abbiamo discusso ieri.",
        "Potresti per favore preparare la presentazione per la riunione di lunedì?",
        "La fattura di ottobre non è ancora arrivata e l’amministrazione la sta aspettando.",
        "Ho sentito il fornitore: la consegna è prevista per la prossima settimana.",
        "Fammi sapere se la data va bene anche per te, così confermo la sala.",
        "Il sito sembra più lento del solito, ma non è nulla di grave.",
        "Grazie mille per la disponibilità e la pazienza, come sempre.",
        "Quando hai un momento, aggiorna per cortesia il calendario dei post di dicembre.",
        "Vorrei un preventivo per la traduzione del catalogo, circa quaranta pagine.",
        "Il cliente chiede se può pagare in due rate.",
        "Nel frattempo ho già caricato le fotografie nella cartella condivisa.",
    ),
    "cs": (
        "Posílám v příloze upravenou smlouvu, prosím o kontrolu a potvrzení.",
        "Mohla byste prosím připravit podklady na schůzku příští týden?",
        "Faktura za říjen ještě nedorazila, účetní ji potřebuje do konce měsíce.",
        "Volal jsem dodavateli, zboží bude k dispozici až po víkendu.",
        "Dejte mi prosím vědět, zda vám termín vyhovuje.",
        "Web je dnes trochu pomalejší než obvykle, ale nic vážného.",
        "Děkuji za trpělivost a přeji hezký den.",
        "Až budete mít chvíli, doplňte prosím kalendář příspěvků.",
        "Důvod zpoždění neznáme, ale může to počkat.",
        "Rád bych cenovou nabídku na překlad katalogu, asi čtyřicet stran.",
        "Zákazník se ptá, jestli může platit na dvě splátky.",
        "Fotografie jsem už nahrál do sdílené složky.",
    ),
    "en": (
        "Please find the updated contract attached for your review.",
        "Could you prepare the slides for the Monday meeting?",
        "The October invoice has not arrived yet and accounting is waiting for it.",
        "I spoke with the supplier and delivery is planned for next week.",
        "Let me know whether the date works for you.",
        "The site is a bit slower than usual but nothing serious.",
        "Thanks a lot for your patience.",
        "When you have a moment, update the December posting calendar.",
        "I would like a quote for translating the catalogue, about forty pages.",
        "The customer asks whether he can pay in two instalments.",
    ),
}
SUBJECTS = {
    "it": (
        *("Preventivo traduzione catalogo", "Riunione di lunedì: sala e orario", "Fattura n. {n} di ottobre"),
        *("Aggiornamento calendario social", "Modifiche alla newsletter più recente", "Domanda sull’ordine {n}"),
        *("Richiesta informazioni", "Perché la consegna è in ritardo?"),
    ),
    "cs": (
        *("Cenová nabídka na překlad", "Schůzka příští týden", "Faktura č. {n} za říjen", "Dotaz k objednávce {n}"),
        *("Kalendář příspěvků – doplnění", "Změny v newsletteru", "Žádost o informace", "Proč se zásilka zpožďuje?"),
    ),
    "en": (
        *("Quote for the catalogue translation", "Monday meeting: room and time", "Invoice {n} for October"),
        *("Posting calendar update", "Newsletter changes", "Question about order {n}", "Request for information"),
    ),
}
MARKED = {
    "stated": {
        "it": ("Mi serve subito, entro oggi.", "Mi serve per stasera, non posso aspettare."),
        "cs": ("Potřebuji to ještě dnes, nejpozději do večera.", "Spěchá to, termín je zítra ráno."),
        "en": ("I need this by tonight.", "This is needed today, the deadline is tomorrow morning."),
    },
    "perceived": {
        "it": ("Quando riesci dammi un segno, è una cosa veloce.", "Hai visto il messaggio su WhatsApp?"),
        "cs": ("Ozvěte se mi prosím co nejdříve, je to jen chvilka.", "Viděla jste moji zprávu na WhatsAppu?"),
        "en": ("Ping me as soon as you see this, it is a quick one.", "Did you see my WhatsApp message?"),
    },
    "disaster": {
        "it": ("C’è un incendio in magazzino, i vigili del fuoco sono sul posto.",),
        "cs": ("V provozovně je povodeň, sklad je pod vodou.",),
        "en": ("There is a fire in the warehouse, the fire brigade is here.",),
    },
}
OPENING = {"it": "Buongiorno,", "cs": "Dobrý den,", "en": "Hello,"}
CLOSING = {"it": "Cordiali saluti,", "cs": "S pozdravem", "en": "Best regards,"}
QUOTES = {
    "it": "Il giorno mer 27 nov 2024 alle ore 09:12 Ufficio ha scritto:",
    "cs": "Dne st 27. 11. 2024 v 9:12 Kancelář napsal(a):",
    "en": "On Wed, 27 Nov 2024 at 09:12, Office wrote:",
}
AWAY = {"it": "Risposta automatica: ", "cs": "Automatická odpověď: ", "en": "Automatic reply: "}
PHRASES = (
    *("mi serve subito", "mi serve per stasera", "entro oggi", "entro domani", "urgent", "ještě dnes", "spěchá"),
    *("naléhav", "nejpozději do", "incendio", "allagamento", "povodeň", "požár", "co nejdříve", "deadline"),
    *("by tonight", "data breach", "scadenza", "fattura n", "vigili del fuoco"),
)
"""The twenty rules of the peers: a phrase each."""
