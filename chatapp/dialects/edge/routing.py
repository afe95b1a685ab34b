"""What a path may look like."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

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


def install(app: Flask) -> None:
    """Use `IdConverter` for `int`, and answer where asked: no redirect for double or missing slashes."""
    app.url_map.converters["int"] = IdConverter
    app.url_map.merge_slashes = False
