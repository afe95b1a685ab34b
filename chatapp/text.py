"""What people write: which characters are allowed in, and how HTML is reduced where that is wanted."""

from __future__ import annotations

import re

import nh3

STORABLE = r"^[^\x00]*$"  # what Postgres can hold, as a regular expression that JSON Schema knows, too
# A character that can be seen: neither white space nor a control, nor of zero width.
VISIBLE = r"[^\s\x00-\x20\x7f-\x9f\u00ad\u200b-\u200d\u2060\ufeff]"
_VISIBLE = re.compile(VISIBLE)
# C0 and C1 controls but for tab, line feed and carriage return; U+0000 is refused before this, Postgres cannot hold it.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_HTML_TAGS = {"b", "i", "em", "strong", "a"}


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
    """The text with every tag but `b i em strong a[href]` removed, for clients that render HTML."""
    return nh3.clean(value, tags=_HTML_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


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
