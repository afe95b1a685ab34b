"""What a web page says about itself: OpenGraph, the description, and the title. Pages may be hostile."""

from __future__ import annotations

import codecs
import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser

MAX_TITLE, MAX_DESCRIPTION, MAX_SITE_NAME = 200, 500, 100  # characters

_PIECE = 16 << 10  # characters that are parsed between two looks at the clock
_CPU_SECONDS = 0.2  # for one page; the parser of Python reads some broken pages in quadratic time
_SNIFFED = 4096  # bytes at the beginning that may name the encoding
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_:.\-]{1,40})", re.IGNORECASE)
# Encodings of texts on the Web. Python has others, which are slow, or are no encodings of text.
_ENCODINGS = frozenset(
    (
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "koi8-r", "koi8-u", "tis-620", "mac-cyrillic"),
        *("shift_jis", "euc_jp", "iso2022_jp", "euc_kr", "cp949", "gb2312", "gbk", "gb18030", "big5"),
        *(f"iso8859-{part}" for part in range(1, 17)),
        *(f"cp{page}" for page in (866, 874, *range(1250, 1259))),
    )
)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NAMES = frozenset(
    (
        *("og:title", "og:description", "og:site_name", "og:image", "og:image:secure_url"),
        *("twitter:title", "twitter:description", "twitter:image", "description"),
    )
)
# Controls, and marks that change the direction of the text around them.
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """Texts in one line each, empty if the page has none.

    Attributes:
        image: address of a picture, perhaps relative to that of the page.
    """

    title: str
    description: str
    site_name: str
    image: str


def read_metadata(body: bytes, charset: str | None) -> PageMetadata:
    """Read the head of a page. Where it contradicts itself, the first value counts.

    Parameters:
        body: the beginning of the page is enough.
        charset: of the HTTP header.
    """
    reader = _HeadReader()
    text = _decoded(body, charset)
    end = time.thread_time() + _CPU_SECONDS
    for start in range(0, len(text), _PIECE):
        try:
            reader.feed(text[start : start + _PIECE])
        except AssertionError:  # how the parser of Python refuses some broken declarations
            break
        if reader.is_done or time.thread_time() > end:
            break
    found = reader.found
    image = found.get("og:image:secure_url") or found.get("og:image") or found.get("twitter:image", "")
    return PageMetadata(
        title=_line(found.get("og:title") or found.get("twitter:title") or reader.title, MAX_TITLE),
        description=_line(
            found.get("og:description") or found.get("twitter:description") or found.get("description", ""),
            MAX_DESCRIPTION,
        ),
        site_name=_line(found.get("og:site_name", ""), MAX_SITE_NAME),
        image=_UNSHOWN.sub("", image).strip(),
    )


def _decoded(body: bytes, charset: str | None) -> str:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    sniffed = _CHARSET.search(body[:_SNIFFED])
    named = charset or (sniffed[1].decode("ascii") if sniffed else "")
    return body.decode(_encoding(named), "replace")


def _encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    return found if found in _ENCODINGS else "utf-8"


def _line(text: str, length: int) -> str:
    """A text in one line, at most `length` characters."""
    line = " ".join(_UNSHOWN.sub(" ", text[: 10 * length]).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


class _HeadReader(HTMLParser):
    """Collects the title and the values of `meta`.

    Attributes:
        found: the first value of each name or property of `_NAMES`.
        is_done: whether the head has ended.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}
        self.title = ""
        self.is_done = False
        self._is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "meta" and not self.is_done:
            values = {name: value or "" for name, value in attrs}
            name = (values.get("property") or values.get("name") or "").strip().lower()
            if name in _NAMES and values.get("content", "").strip():
                self.found.setdefault(name, values["content"])
        self.is_done |= tag == "body"
        self._is_in_title = tag == "title" and not self.title and not self.is_done

    def handle_endtag(self, tag: str) -> None:
        self._is_in_title = False
        self.is_done |= tag == "head"

    def handle_data(self, data: str) -> None:
        if self._is_in_title and len(self.title) < 10 * MAX_TITLE:
            self.title += data
