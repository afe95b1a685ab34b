"""Loads requests without marshmallow if all fields have the right type and size, and none is unknown or missing.

marshmallow took a tenth of a worker's time under load. It stays the authority: every other request goes through it, and
a property test compares both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, missing

_Check = Callable[[Any], bool]


class FastPathLoader:
    """The fast path through a schema.

    A field takes part with a method `accepts(value)`: whether the value is valid and loads unchanged.
    """

    def __init__(self, schema: Schema) -> None:
        self._checks: dict[str, tuple[str, _Check]] = {}
        self._defaults: dict[str, Any] = {}
        self._required: set[str] = set()
        self._is_eligible = not any(schema._hooks.values())  # only marshmallow runs rules over several fields
        for name, field in schema.load_fields.items():
            key, attribute = field.data_key or name, field.attribute or name
            if field.required:
                self._required.add(key)
            elif field.load_default is not missing:
                self._is_eligible &= not callable(field.load_default)
                self._defaults[attribute] = field.load_default
            if hasattr(field, "accepts"):
                self._checks[key] = (attribute, field.accepts)

    def load(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The loaded fields; None if a value must be converted or refused."""
        if not self._is_eligible or not self._required <= raw.keys():
            return None
        loaded = self._defaults.copy()
        for name, value in raw.items():
            attribute, accepts = self._checks.get(name, _UNKNOWN)
            if not accepts(value):
                return None
            loaded[attribute] = value
        return loaded


_UNKNOWN: tuple[str, _Check] = ("", lambda value: False)
