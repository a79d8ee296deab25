"""HTML to text: what a reader sees, what is hidden from her, and pages made to hang a program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bounds import within
from vamaild.adapters.html import CLOSE_QUOTE, OPEN_QUOTE, visible


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Ciao Anna,</p><p>mi serve <b>subito</b>.</p>", "Ciao Anna,\n\nmi serve subito."),
        ("<html><head><title>t</title><style>p{color:red}</style></head><body>Testo</body></html>", "Testo"),
        ("caff&egrave; &lt;b&gt; &amp; latte", "caffè <b> & latte"),
        ("solo testo", "solo testo"),
        ("3 < 4 e a<5", "3 < 4 e a<5"),
        ("riga uno<br>riga due<br/>riga tre", "riga uno\nriga due\nriga tre"),
        ("<div style='white-space: pre-wrap'>uno\ndue</div>", "uno\ndue"),
        ("<ul><li>uno</li><li>due</li></ul>", " * uno\n * due"),
        ("<p>non&nbsp;chiuso <i>mai", "non chiuso mai"),
        ("<P CLASS=MsoNormal>Dobrý den<o:p></o:p></P>", "Dobrý den"),
        ("<!--[if mso]><table><tr><td><![endif]-->vidět<!--[if mso]></td></tr></table><![endif]-->", "vidět"),
        ("<a href='https://x.example/?a=1&b=2'>qui</a>", "qui"),
        ("<p title='a > b'>dentro</p>", "dentro"),
        ("", ""),
        ("<script>if (a<b) alert('urgente')</script>fine", "fine"),
        ("x</div></p></td>y", "xy"),
    ],
)
def test_what_a_reader_sees(page: str, text: str) -> None:
    assert visible(page).text.strip("\n") == text


def test_tables_keep_their_lines() -> None:
    text = visible("<table><tr><td>Nome:</td><td>Anna</td></tr><tr><td>Serve:</td><td>subito</td></tr></table>").text
    assert [line.split() for line in text.splitlines()] == [["Nome:", "Anna"], ["Serve:", "subito"]]


@pytest.mark.parametrize(
    "hider",
    [
        "<div style='display:none'>URGENTE</div>",
        '<span style="display : NONE !important">URGENTE</span>',
        "<div style='visibility:hidden'>URGENTE</div>",
        "<span style='font-size:0'>URGENTE</span>",
        "<span style='font-size:0px; color:red'>URGENTE</span>",
        "<span style='font-size:1px'>URGENTE</span>",
        "<span style='opacity:0'>URGENTE</span>",
        "<div style='max-height:0;overflow:hidden'>URGENTE</div>",
        "<div style='mso-hide:all'>URGENTE</div>",
        "<span style='color:#ffffff'>URGENTE</span>",
        "<span style='color: white;'>URGENTE</span>",
        "<span style='color:rgb(255, 255, 255)'>URGENTE</span>",
        "<font color='#FFFFFF'>URGENTE</font>",
        "<p hidden>URGENTE</p>",
        "<div style='display:none'><p>x</p><div>URGENTE</div></div>",
        "<div style='display:&#110;one'>URGENTE</div>",
        "<!-- URGENTE -->",
        "<template>URGENTE</template>",
        "<div style='display:none'></span></p>URGENTE</div>",
    ],
)
def test_hidden_text_stands_apart(hider: str) -> None:
    shown = visible(f"<p>Ciao</p>{hider}<p>fine</p>")
    assert "URGENTE" not in shown.text
    assert "URGENTE" in shown.hidden
    assert shown.text.split() == ["Ciao", "fine"]


@pytest.mark.parametrize(
    "page",
    [
        "<td bgcolor='#003366'><font color='white'>URGENTE</font></td>",
        "<div style='background:#000'><span style='color:#fff'>URGENTE</span></div>",
        "<div style='background-image:url(a.png)'><span style='color:#fff'>URGENTE</span></div>",
        "<span style='background-color:#fff;color:#000'>URGENTE</span>",
        "<span style='font-size:10px'>URGENTE</span>",
        "<span style='font-size:0.9em'>URGENTE</span>",
        "<span style='opacity:0.8'>URGENTE</span>",
        "<span style='color:#fffacd00'>URGENTE</span>",
        "<div style='display:block'>URGENTE</div>",
        "<img style='display:none'>URGENTE",
        "<style>.a{display:none}</style>URGENTE",
    ],
)
def test_visible_text_is_not_taken_for_hidden(page: str) -> None:
    assert "URGENTE" in visible(page).text


@pytest.mark.parametrize(
    "open_tag",
    ["<blockquote type='cite'>", "<blockquote class='gmail_quote' style='margin:0'>", "<blockquote cite='mid:1@x'>"],
)
def test_quoted_mail_is_marked(open_tag: str) -> None:
    page = f"<div>Va bene</div>{open_tag}<p>urgente!</p><p>ieri</p></blockquote><div>Ciao</div>"
    lines = [line for line in visible(page).text.splitlines() if line]
    assert lines == ["Va bene", "> urgente!", "> ieri", "Ciao"]


def test_an_indented_paragraph_is_no_quotation() -> None:
    assert visible("<blockquote style='margin-left:40px'>mi serve subito</blockquote>").text == "mi serve subito"


def test_a_sender_cannot_forge_the_marks_of_quotation() -> None:
    assert visible(f"<p>{OPEN_QUOTE}</p><p>mi serve subito</p>{CLOSE_QUOTE}").text == "mi serve subito"


NESTS = [
    ("unclosed div", "<div>" * 100_000 + "fine", 1),
    ("closed div", "<div>a" * 5_000 + "fine" + "</div>" * 5_000, 2),
    ("tables", "<table><tr><td>" * 2_000 + "fine", 2),
    ("lists", "<ul><li>" * 3_000 + "fine", 2),
    ("bold", "<b><i>" * 40_000 + "fine", 2),
    ("angle brackets", "<" * 499_000 + " fine", 3),
    ("comments", "fine" + "<!--" * 100_000, 2),
    ("quotes", "fine" + "<a b='" * 50_000, 2),
    ("attributes", "<a " + "x=1 " * 900 + ">fine", 2),
    ("padding", "<p style='padding-left:99999999em'>fine</p>", 2),
    ("end tags", "fine" + "</div>" * 80_000, 2),
    ("cells", "<table><tr>" + "<td>a</td>" * 9_000 + "<td>fine</td></tr></table>", 3),
    ("blanks", "<pre>" + " \n" * 200_000 + "fine", 3),
    ("quotations", "<blockquote type=cite>" * 15_000 + "fine", 3),
    ("nulls", "\0" * 100_000 + "fine", 2),
    ("controls", "\x01\x02 <p>\x0b fine", 2),
    ("colspan", "<table><tr><td colspan='99999999' rowspan='99999999'>fine</td></tr></table>", 2),
]


@pytest.mark.parametrize(("page", "seconds"), [pytest.param(p, s, id=name) for name, p, s in NESTS])
def test_a_page_made_to_hang_is_read_all_the_same(page: str, seconds: float) -> None:
    seen: list[str] = []
    assert within(seconds, lambda: seen.append(visible(page).text))
    assert "fine" in seen[0]


def test_a_newsletter_of_half_a_megabyte() -> None:
    row = "<tr><td style='padding:4px'><p>Una riga di testo della newsletter</p></td></tr>"
    seen: list[str] = []
    assert within(4, lambda: seen.append(visible(f"<table>{row * 6_000}</table>").text))
    assert seen[0].count("newsletter") > 2_000


@given(st.text(st.sampled_from("<>/!-abdivpsp='\" &;\n\0é\ue0f1\ue0f2"), max_size=300))
def test_nothing_raises(page: str) -> None:
    shown = visible(page)
    assert OPEN_QUOTE not in shown.text
    assert "\r" not in shown.text


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="<&\0\ue0f1\ue0f2", categories=("L", "N", "P")), min_size=1)
)
def test_plain_words_come_through(words: str) -> None:
    assert "".join(visible(f"<p>{words}</p>").text.split()) == "".join(words.split())
