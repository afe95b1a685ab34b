"""What both dialects say about reactions and starred messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatapp.errors import Invalid, Reason, Unreadable
from chatapp.ids.snowflake import MAX_ID

MAX_EMOJI = 64  # code points of what is looked up; the longest emoji has ten
MAX_MARK_CURSOR = 20
EMOJI = "One emoji, as Unicode recommends it for interchange: not a row of flags, nor any text."
WITHOUT_BODY = "Instead of the body."


def given_emoji(query: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    """The emoji of a reaction that is taken back, from the body or the query.

    Raises:
        Invalid: it is in neither, or in both.
    """
    given = [values["emoji"] for values in (query, body) if "emoji" in values]
    if len(given) != 1:
        raise Invalid({"emoji": [Reason("given_twice" if given else "missing")]})
    return str(given[0])


def mark_cursor(message_id: int) -> str:
    """The cursor after a message in the list of starred ones."""
    return f"s{message_id}"


def parse_mark_cursor(text: str) -> int | None:
    """The message of a cursor; None without one.

    Raises:
        Unreadable: `bad_cursor`.
    """
    if not text:
        return None
    digits = text[1:]
    if text[0] != "s" or not (digits.isascii() and digits.isdigit()) or not 1 <= int(digits) <= MAX_ID:
        raise Unreadable("bad_cursor")
    return int(digits)
