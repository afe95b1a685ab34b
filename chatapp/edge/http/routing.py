"""Converters of ids in paths."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, Map, UnicodeConverter

from chatapp.ids import public
from chatapp.ids.snowflake import MAX_ID

# Last segments of routes whose siblings have the UUID of a chat, message or file in their place. They are never ids:
# otherwise DELETE of `/messages/since` would reach the route of a message, and `Allow` would list its methods.
RESERVED = ("since", "unread-count", "uploads", "sign")


def _up_to(limit: int) -> str:
    """A regular expression for the numbers from 1 to `limit`, without leading zeros."""
    digits = str(limit)
    shorter = f"[1-9][0-9]{{0,{len(digits) - 2}}}"
    smaller = [
        f"{digits[:place]}[{0 if place else 1}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if int(digit) > (0 if place else 1)
    ]
    return "|".join([shorter, *smaller, digits])


class IdConverter(BaseConverter):
    """`<int:id>`: 1 to 2**53 - 1. Any other path does not exist, whatever the method, and never reaches SQL.

    The pattern alone decides: a value that is refused after its path has matched would count as a wrong method.
    """

    regex = f"(?:{_up_to(MAX_ID)})"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(int(value))


class _UuidConverter(UnicodeConverter):
    """A segment of a path that may be a UUID."""

    def __init__(self, map: Map) -> None:
        super().__init__(map)
        self.regex = f"(?!(?:{'|'.join(RESERVED)})$){self.regex}"


class ChatConverter(_UuidConverter):
    """`<chat:id>`: the id of a chat by its UUID; MISSING_ID for any other text."""

    def to_python(self, value: str) -> int:
        return public.chat_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_chat(int(value))


class MessageConverter(_UuidConverter):
    """`<message:id>`: the id of a message by its UUID; MISSING_ID for any other text."""

    def to_python(self, value: str) -> int:
        return public.message_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_message(int(value))


class FileConverter(_UuidConverter):
    """`<file:id>`: the id of an attachment by its UUID; MISSING_ID for any other text."""

    def to_python(self, value: str) -> int:
        return public.file_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_file(int(value))


class SessionConverter(_UuidConverter):
    """`<session:id>`: the id of a session of the assistant, signed or not, as it is."""


def install(app: Flask) -> None:
    """Add the converters, and do not redirect paths with double slashes."""
    app.url_map.converters.update(
        int=IdConverter, chat=ChatConverter, message=MessageConverter, file=FileConverter, session=SessionConverter
    )
    app.url_map.merge_slashes = False
