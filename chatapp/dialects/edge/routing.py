"""What a path may look like."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, UnicodeConverter, ValidationError

from chatapp import public_ids
from chatapp.ids import MAX_ID


class IdConverter(BaseConverter):
    """`<int:id>`: ASCII digits, 1 to 2**53 - 1. Anything else is a path that does not exist, and never reaches SQL."""

    regex = "[0-9]{1,16}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 1 <= number <= MAX_ID:
            raise ValidationError
        return number

    def to_url(self, value: Any) -> str:
        return str(int(value))


class ChatConverter(UnicodeConverter):
    """`<chat:id>`: the UUID of a chat, as its id. Anything else is a chat that nobody has."""

    def to_python(self, value: str) -> int:
        return public_ids.id_of_chat(value)

    def to_url(self, value: Any) -> str:
        return public_ids.encode_chat(int(value))


class MessageConverter(UnicodeConverter):
    """`<message:id>`: the UUID of a message, as its id. Anything else is a message that nobody has."""

    def to_python(self, value: str) -> int:
        return public_ids.id_of_message(value)

    def to_url(self, value: Any) -> str:
        return public_ids.encode_message(int(value))


class FileConverter(UnicodeConverter):
    """`<file:id>`: the UUID of an attachment, as its id. Anything else is one that nobody has."""

    def to_python(self, value: str) -> int:
        return public_ids.id_of_file(value)

    def to_url(self, value: Any) -> str:
        return public_ids.encode_file(int(value))


def install(app: Flask) -> None:
    """Know the kinds of ids, and answer where asked: no redirect for double or missing slashes."""
    app.url_map.converters.update(int=IdConverter, chat=ChatConverter, message=MessageConverter, file=FileConverter)
    app.url_map.merge_slashes = False
