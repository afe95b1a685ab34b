"""What pages say about themselves, in every encoding, however broken or hostile they are."""

from __future__ import annotations

import time

import pytest

from chatapp.text.page_metadata import MAX_DESCRIPTION, MAX_SITE_NAME, MAX_TITLE, PageMetadata, read_metadata

NOTHING = PageMetadata("", "", "", "")


def read(html: str, charset: str | None = None) -> PageMetadata:
    """Read a page in UTF-8."""
    return read_metadata(html.encode(), charset)


def test_opengraph_counts_before_the_title() -> None:
    found = read("""<!doctype html><html><head><title>Plain</title>
        <meta property="og:title" content="A &amp; B"><meta property="og:description" content=" In
        two   lines "><META NAME="Description" CONTENT="other"><meta property="og:site_name" content="Site">
        <meta property="og:image" content="/a.png"><meta property="og:title" content="second"></head>""")
    assert found == PageMetadata("A & B", "In two lines", "Site", "/a.png")


def test_a_plain_page_has_its_title_and_description() -> None:
    found = read("<title>Caf&eacute;\n ☕</title><meta name=description content='Good coffee'>")
    assert found == PageMetadata("Café ☕", "Good coffee", "", "")


def test_twitter_cards_and_secure_pictures() -> None:
    found = read(
        '<meta name="twitter:title" content="T"><meta name="twitter:description" content="D">'
        '<meta name="twitter:image" content="i"><meta property="og:image:secure_url" content="s">'
    )
    assert found == PageMetadata("T", "D", "", "s")


@pytest.mark.parametrize("html", ["", "<title></title>", "<title> \u202e </title>", "plain text", "<<<>>>", "\x00",
                                  "<meta property=og:title>", '<meta name="og:title" content=" ">', "<body><title>x",
                                  "</head><title>x</title>", "<script><title>x</title></script>",
                                  "<!-- <title>x</title> -->"])  # fmt: skip
def test_pages_without_a_title(html: str) -> None:
    assert read(html).title == ""


def test_only_the_first_title_counts() -> None:
    assert read("<title>one</title><svg><title>two</title></svg>").title == "one"


def test_directions_and_controls_are_removed() -> None:
    assert read("<title>\u202egnp.exe\u2066\x07 a&#8238;b&#0;</title>").title == "gnp.exe a b\ufffd"


def test_texts_are_bounded() -> None:
    long = "я" * 100_000
    found = read(
        f'<title>{long}</title><meta name=description content="{long}"><meta property="og:site_name" content="{long}">'
    )
    assert [len(found.title), len(found.description), len(found.site_name)] == [
        MAX_TITLE,
        MAX_DESCRIPTION,
        MAX_SITE_NAME,
    ]
    assert found.title.endswith("я…")


ENCODED = {
    "header": ("windows-1251", "windows-1251", "<title>Привет</title>"),
    "meta": ("koi8-r", None, "<meta charset='koi8-r'><title>Привет</title>"),
    "http-equiv": (
        "shift_jis",
        None,
        '<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS"><title>日本',
    ),
    "thai": ("tis-620", "TIS-620", "<title>สวัสดี</title>"),
    "utf-16": ("utf-16", None, "<title>Привет</title>"),
    "utf-8 with a mark": ("utf-8-sig", "iso-8859-1", "<title>Привет</title>"),
    "without a name": ("utf-8", None, "<title>Привет</title>"),
    "an unknown name": ("utf-8", "klingon", "<title>Привет</title>"),
    "no encoding of text": ("utf-8", "rot13", "<title>Привет</title>"),
    "an escape": ("utf-8", "unicode_escape", "<title>Привет</title>"),
    "punycode": ("utf-8", "punycode", "<title>Привет</title>"),
    "a name with a null": ("utf-8", "utf\x008", "<title>Привет</title>"),
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings(name: str) -> None:
    encoding, charset, html = ENCODED[name]
    assert read_metadata(html.encode(encoding), charset).title in ("Привет", "日本", "สวัสดี")


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert read_metadata(b"<title>a\xff\xfeb</title>", "utf-8").title == "a\ufffd\ufffdb"


SLOW = ["<!--", "<![", "<a ", "<a b='", "<a b=", "</", "<!doctype ", "<?", "&", "&#", "<title>", "<meta content='x' ",
        "<a\x00", "<script>", "<![CDATA[", "<a /" + "/" * 50, "<meta property=og:title content=x>"]  # fmt: skip


@pytest.mark.parametrize("piece", SLOW)
def test_hostile_pages_take_bounded_time(piece: str) -> None:
    body = (piece * (512 * 1024 // len(piece))).encode()
    begin = time.thread_time()
    read_metadata(body, None)
    assert time.thread_time() - begin < 2.0  # CPU time of this thread: ten times the budget
