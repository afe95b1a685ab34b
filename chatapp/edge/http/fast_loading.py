"""Reads what nearly all clients send without marshmallow: fields of the right type and size, none unknown or missing.

marshmallow took a tenth of a worker's time under load. It stays the authority: whatever is not plain goes through it,
and a property test holds both to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, missing

_Check = Callable[[Any], bool]


class PlainLoader:
    """The quick way through a schema.

    Fields offer it by a method `is_plain(value)`: whether the value is valid and loads as itself.
    """

    def __init__(self, schema: Schema) -> None:
        self._checks: dict[str, tuple[str, _Check]] = {}
        self._defaults: dict[str, Any] = {}
        self._required: set[str] = set()
        self._is_able = not any(schema._hooks.values())  # a rule over several fields is marshmallow's
        for name, field in schema.load_fields.items():
            key, attribute = field.data_key or name, field.attribute or name
            if field.required:
                self._required.add(key)
            elif field.load_default is not missing:
                self._is_able &= not callable(field.load_default)
                self._defaults[attribute] = field.load_default
            if hasattr(field, "is_plain"):
                self._checks[key] = (attribute, field.is_plain)

    def load(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The loaded fields; None where something must be converted or refused."""
        if not self._is_able or not self._required <= raw.keys():
            return None
        loaded = self._defaults.copy()
        for name, value in raw.items():
            attribute, is_plain = self._checks.get(name, _UNKNOWN)
            if not is_plain(value):
                return None
            loaded[attribute] = value
        return loaded


_UNKNOWN: tuple[str, _Check] = ("", lambda value: False)
