"""Texts of users: which characters are allowed, and how HTML is reduced if enabled."""

from __future__ import annotations

import html
import re

import nh3

STORABLE = r"^[^\x00]*$"  # what Postgres can store; also valid as a pattern of JSON Schema
# A visible character: neither white space nor a control character, nor of zero width.
VISIBLE = r"[^\s\x00-\x20\x7f-\x9f\u00ad\u200b-\u200d\u2060\ufeff]"
# The same for names, from which more is removed (`single_line`).
VISIBLE_NAME = r"[^\s\x00-\x20\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
_VISIBLE = re.compile(VISIBLE)
# C0 and C1 controls except tab, line feed and carriage return. U+0000 is refused earlier: Postgres cannot store it.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Marks, embeddings, overrides and isolates: they would change how the text around a name is displayed.
_DIRECTIONS = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CUT = re.compile("(?:&[#A-Za-z0-9]*|<[^<>]*)$")  # an entity or tag without its end
_HTML_TAGS = {"b", "i", "em", "strong", "a"}
_URL_SCHEMES = {"http", "https", "mailto"}
_MAX_HTML = 30_000  # characters parsed as HTML: three times those visible in a message; 100,000 take 0.1 s
_MAX_PASSES = 4  # nh3 needs one, and one or two more for links within links; only hostile texts need more


def has_forbidden_characters(value: str) -> bool:
    """Whether Postgres or UTF-8 cannot represent this text: U+0000 or a lone surrogate."""
    return "\x00" in value or bool(_SURROGATES.search(value))


def without_controls(value: str) -> str:
    """The text without control characters."""
    return _CONTROLS.sub("", value)


def without_invisible(value: str) -> str:
    """The text without control characters, and without those of no width or that change the direction of the text.

    Joiners are kept, for Persian and emoji.
    """
    return _DIRECTIONS.sub("", without_controls(value))


def single_line(value: str) -> str:
    """A name on one line: spaces joined, without characters that are invisible or change the direction of the text."""
    return " ".join(without_invisible(value).split())


def is_blank(value: str) -> bool:
    """Whether a text has no visible character."""
    return not _VISIBLE.search(value)


def reduced_html(value: str) -> str:
    """Remove all tags except `b i em strong a[href]`. Idempotent, so that editing a text does not escape it twice.

    Links get no `rel`: without `target`, which is removed, they cannot open a window, so the linked page gets no handle
    to the opener; and `Referer` is the decision of the page that shows them.

    A text longer than _MAX_HTML loses all its tags.
    """
    if len(value) > _MAX_HTML:
        return value.replace("<", "").replace(">", "").replace("&", "")
    for _ in range(_MAX_PASSES):
        reduced = _cleaned_html(value, _HTML_TAGS)
        if reduced == value:
            return reduced
        value = reduced
    return _cleaned_html(value, set())


def seen_of_html(value: str) -> str:
    """The visible text of reduced HTML: without tags, and with entities replaced by their characters."""
    return html.unescape(_cleaned_html(value, set()))


def _cleaned_html(value: str, tags: set[str]) -> str:
    attributes = {"*": set[str](), "a": {"href"}}  # by default nh3 allows `lang` and `title`
    return nh3.clean(value, tags=tags, attributes=attributes, url_schemes=_URL_SCHEMES, link_rel=None)


def cleaned(value: str, sanitize_html: bool) -> str:
    """A text of a user as it is stored.

    Parameters:
        sanitize_html: whether to reduce it to the allowed tags (SANITIZE_HTML).
    """
    value = without_controls(value)
    return reduced_html(value) if sanitize_html else value


def preview(value: str, length: int = 500) -> str:
    """The beginning of a text, at most `length` characters."""
    return value if len(value) <= length else value[: length - 1] + "…"


def preview_of_html(value: str, length: int = 500) -> str:
    """The beginning of reduced HTML: cut between characters, with its tags closed."""
    return value if len(value) <= length else reduced_html(_CUT.sub("", value[: length - 1])) + "…"
