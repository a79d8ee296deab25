"""Digits that are written as words, in the eight languages: "šest set tři, sto jedenáct" is 603111.

Works on folded text. Words that are no numbers end a number, digits stand for themselves.
"""

import re
from functools import lru_cache

UNITS = (
    "zero nula null oh nulla cero",
    "one uno un una jedna jeden jedno eins ein une",
    "two due dva dve zwei deux dos dwa zwo",
    "three tre tri drei trois tres trzy",
    "four quattro ctyri styri vier quatre cuatro cztery",
    "five cinque pet pat funf cinq cinco piec",
    "six sei sest sechs seis szesc",
    "seven sette sedm sieben sept siete sedem siedem",
    "eight otto osm acht huit ocho osem osiem",
    "nine nove devet neun neuf nueve devat dziewiec",
)
TEENS = (
    "ten dieci deset zehn dix diez desat dziesiec",
    "eleven undici jedenact elf onze once jedenast jedenascie",
    "twelve dodici dvanact zwolf douze doce dvanast dwanascie",
    "thirteen tredici trinact dreizehn treize trece trinast trzynascie",
    "fourteen quattordici ctrnact vierzehn quatorze catorce strnast czternascie",
    "fifteen quindici patnact funfzehn quinze quince patnast pietnascie",
    "sixteen sedici sestnact sechzehn seize dieciseis sestnast szesnascie",
    "seventeen diciassette sedmnact siebzehn dixsept diecisiete sedemnast siedemnascie",
    "eighteen diciotto osmnact achtzehn dixhuit dieciocho osemnast osiemnascie",
    "nineteen diciannove devatenact neunzehn dixneuf diecinueve devatnast dziewietnascie",
)
TENS = (
    "twenty venti vent dvacet zwanzig vingt vingts veinte veinti dvadsat dwadziescia",
    "thirty trenta trent tricet dreissig trente treinta tridsat trzydziesci",
    "forty quaranta quarant ctyricet vierzig quarante cuarenta styridsat czterdziesci",
    "fifty cinquanta cinquant padesat funfzig cinquante cincuenta patdesiat piecdziesiat",
    "sixty sessanta sessant sedesat sechzig soixante sesenta sestdesiat szescdziesiat",
    "seventy settanta settant sedmdesat siebzig setenta sedemdesiat siedemdziesiat",
    "eighty ottanta ottant osmdesat achtzig ochenta osemdesiat osiemdziesiat",
    "ninety novanta novant devadesat neunzig noventa devatdesiat dziewiecdziesiat",
)
HUNDREDS = {
    100: "hundred cento cent cents sto set ste sta hundert cien ciento cientos",
    200: "dwiescie",
    500: "quinientos",
}
APART = ("hundred", "cent", "cents", "ste", "sta", "set")  # "dvě stě", while "tre cento" is 3, 100
JOINED_BY = "and und et y e a i"
TIMES = {"double": 2, "doppio": 2, "dvakrat": 2, "triple": 3, "triplo": 3, "trikrat": 3}
VALUE = (
    {word: n for n, words in enumerate((*UNITS, *TEENS)) for word in words.split()}
    | {word: 10 * n for n, words in enumerate(TENS, 2) for word in words.split()}
    | {word: n for n, words in HUNDREDS.items() for word in words.split()}
)
PIECE = re.compile("|".join(sorted((*VALUE, *JOINED_BY.split()), key=len, reverse=True)))
WHOLE = re.compile(rf"(?:{PIECE.pattern})+")
TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|[,;.:\n]")
JOINER, LONGEST_WORD = -1, 60


@lru_cache(maxsize=20_000)
def values(word: str) -> tuple[int, ...]:
    """The numbers a word is made of: "trecentodue" is 3, 100, 2; () for any other word. A joining word is -1."""
    if word in VALUE:
        return (VALUE[word],)
    if len(word) > LONGEST_WORD or not WHOLE.fullmatch(word):
        return ()
    return tuple(VALUE.get(piece, JOINER) for piece in PIECE.findall(word))


class Counting:
    """Puts numbers together as they are heard: 6, 100, 3 is 603; 2, "and", 20 in one word is 22."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.value, self.room, self.times, self.joined, self.word = -1, 0, 1, False, ""

    def flush(self) -> None:
        if self.value >= 0:
            self.out.append(str(self.value) * self.times)
            self.times = 1
        self.value, self.room, self.joined = -1, 0, False

    def hear(self, number: int, word: str) -> None:
        """One number; `room` is what may still be added to the one before it."""
        if number == 100 and 0 < self.value < 10 and (self.word == word or word in APART):
            self.value, self.room = self.value * 100, 100
        elif word.startswith("vingt") and self.value % 100 == 4:
            self.value, self.room = self.value + 76, 20
        elif self.joined and 0 < self.value % 100 < 10 and number in range(20, 100, 10):
            self.value, self.room = self.value + number, 0
        elif 0 < number < self.room:
            self.value, self.room = self.value + number, _room(number, word)
        else:
            self.flush()
            self.value, self.room = number, _room(number, word)
        self.joined, self.word = False, word


def _room(number: int, word: str) -> int:
    """What may be added to this number: units to a ten, all below to a hundred; in French also "soixante-douze"."""
    if number >= 100 or word == "dix":
        return min(number, 100)
    return {60: 20, 80: 20}.get(number, 10) if number >= 20 else 0


def digits(folded: str) -> str:
    """Every digit of the text in its order, those in words too."""
    heard = Counting()
    for token in TOKEN.findall(folded):
        if token.isdigit():
            heard.flush()
            heard.out.append(token)
        elif token in TIMES:
            heard.flush()
            heard.times = TIMES[token]
        elif found := values(token):
            _word(found, token, heard)
        else:
            heard.flush()
    heard.flush()
    return "".join(heard.out)


def _word(found: tuple[int, ...], token: str, heard: Counting) -> None:
    if found == (JOINER,):
        return
    for number in found:
        if number == JOINER:
            heard.joined = True
        else:
            heard.hear(number, token)
