"""What a path may look like."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, Map, UnicodeConverter

from chatapp.ids import public
from chatapp.ids.snowflake import MAX_ID

# Last segments of routes that stand where siblings have the UUID of a chat, message or file. They are never ids: or
# DELETE of `/messages/since` would reach the route of a message, and its Allow header would name that route's methods.
RESERVED = ("since", "unread-count", "uploads")


def _up_to(limit: int) -> str:
    """A regular expression of the numbers from 1 to `limit`, without leading zeros."""
    digits = str(limit)
    shorter = f"[1-9][0-9]{{0,{len(digits) - 2}}}"
    smaller = [
        f"{digits[:place]}[{0 if place else 1}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if int(digit) > (0 if place else 1)
    ]
    return "|".join([shorter, *smaller, digits])


class IdConverter(BaseConverter):
    """`<int:id>`: 1 to 2**53 - 1. Anything else is a path that does not exist, whatever the method, and never reaches
    SQL. Said by the pattern alone: a value that is refused after its path matched counts as a wrong method."""

    regex = f"(?:{_up_to(MAX_ID)})"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(int(value))


class _UuidConverter(UnicodeConverter):
    """A segment of a path that may be the UUID of something."""

    def __init__(self, map: Map) -> None:
        super().__init__(map)
        self.regex = f"(?!(?:{'|'.join(RESERVED)})$){self.regex}"


class ChatConverter(_UuidConverter):
    """`<chat:id>`: the UUID of a chat, as its id. Anything else is a chat that nobody has."""

    def to_python(self, value: str) -> int:
        return public.chat_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_chat(int(value))


class MessageConverter(_UuidConverter):
    """`<message:id>`: the UUID of a message, as its id. Anything else is a message that nobody has."""

    def to_python(self, value: str) -> int:
        return public.message_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_message(int(value))


class FileConverter(_UuidConverter):
    """`<file:id>`: the UUID of an attachment, as its id. Anything else is one that nobody has."""

    def to_python(self, value: str) -> int:
        return public.file_id_or_missing(value)

    def to_url(self, value: Any) -> str:
        return public.encode_file(int(value))


def install(app: Flask) -> None:
    """Know the kinds of ids, and answer where asked: no redirect for double or missing slashes."""
    app.url_map.converters.update(int=IdConverter, chat=ChatConverter, message=MessageConverter, file=FileConverter)
    app.url_map.merge_slashes = False
