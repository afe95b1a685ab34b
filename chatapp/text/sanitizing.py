"""What people write: which characters are allowed in, and how HTML is reduced where that is wanted."""

from __future__ import annotations

import html
import re

import nh3

STORABLE = r"^[^\x00]*$"  # what Postgres can hold, as a regular expression that JSON Schema knows, too
# A character that can be seen: neither white space nor a control, nor of zero width.
VISIBLE = r"[^\s\x00-\x20\x7f-\x9f\u00ad\u200b-\u200d\u2060\ufeff]"
_VISIBLE = re.compile(VISIBLE)
# C0 and C1 controls but for tab, line feed and carriage return; U+0000 is refused before this, Postgres cannot hold it.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_CUT = re.compile("(?:&[#A-Za-z0-9]*|<[^<>]*)$")  # an entity or tag that has lost its end
_HTML_TAGS = {"b", "i", "em", "strong", "a"}
_URL_SCHEMES = {"http", "https", "mailto"}
_MAX_HTML = 30_000  # characters that are read as HTML: three times a message's visible ones; 100,000 took 0.1 s
_MAX_PASSES = 4  # nh3 needs one, and one or two more where links stand in links; what needs more is no honest text


def has_forbidden_characters(value: str) -> bool:
    """Whether Postgres or UTF-8 cannot hold this text: U+0000 or a lone surrogate."""
    return "\x00" in value or bool(_SURROGATES.search(value))


def without_controls(value: str) -> str:
    """The text as sent but for control characters (API.md, marketplace dialect)."""
    return _CONTROLS.sub("", value)


def is_blank(value: str) -> bool:
    """Whether nothing of the text can be seen: white space and zero-width characters only."""
    return not _VISIBLE.search(value)


def reduced_html(value: str) -> str:
    """The HTML with every tag but `b i em strong a[href]` removed. What is reduced already stays as it is, so that a
    text that is edited or sent again is not escaped twice.

    Links get no `rel`: they cannot open a window of their own (`target` is removed), so the page behind a link has no
    handle on the one before it, and what goes into `Referer` is for the page that shows them to say.

    A text over _MAX_HTML keeps no tags at all.
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
    """What a reader of reduced HTML sees: no tags, and the characters that entities stand for."""
    return html.unescape(_cleaned_html(value, set()))


def _cleaned_html(value: str, tags: set[str]) -> str:
    attributes = {"*": set[str](), "a": {"href"}}  # else nh3 lets `lang` and `title` through
    return nh3.clean(value, tags=tags, attributes=attributes, url_schemes=_URL_SCHEMES, link_rel=None)


def cleaned(value: str, sanitize_html: bool) -> str:
    """What a person wrote, as it is stored.

    Parameters:
        sanitize_html: whether it is reduced to the few tags that are allowed (SANITIZE_HTML).
    """
    value = without_controls(value)
    return reduced_html(value) if sanitize_html else value


def preview(value: str, length: int = 500) -> str:
    """The beginning of a text, at most `length` characters."""
    return value if len(value) <= length else value[: length - 1] + "…"


def preview_of_html(value: str, length: int = 500) -> str:
    """The beginning of a reduced HTML, still reduced: cut between characters, with its tags closed."""
    return value if len(value) <= length else reduced_html(_CUT.sub("", value[: length - 1])) + "…"
