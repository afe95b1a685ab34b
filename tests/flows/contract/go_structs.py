"""Parses Go structs, and compares responses with how Go marshals them to JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_STRUCT = re.compile(r"type (\w+) struct \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\s*\w+\s+(\*?)(\w+)\s+`json:"(\w+)(,omitempty)?"', re.MULTILINE)
_TYPES: dict[str, type] = {"string": str, "int": int, "bool": bool}


@dataclass(frozen=True)
class Field:
    """A field of a struct.

    Attributes:
        is_pointer: whether null is allowed.
        is_omitted: whether it is omitted when empty.
    """

    kind: str
    is_pointer: bool
    is_omitted: bool


def read_structs(text: str) -> dict[str, dict[str, Field]]:
    """The structs of a Go source by name, each with its fields by their JSON names."""
    return {
        name: {
            json_name: Field(kind, bool(pointer), bool(omitted))
            for pointer, kind, json_name, omitted in _FIELD.findall(body)
        }
        for name, body in _STRUCT.findall(text)
    }


def deviations(structs: dict[str, dict[str, Field]], name: str, sent: Any, path: str = "$") -> list[str]:
    """Where `sent` differs from how Go marshals this struct. Additional fields are not a deviation."""
    if not isinstance(sent, dict):
        return [f"{path}: {sent!r} is not an object"]
    found = []
    for json_name, field in structs[name].items():
        where = f"{path}.{json_name}"
        if json_name not in sent:
            found += [] if field.is_omitted else [f"{where} is missing"]
        elif sent[json_name] is None:
            found += [f"{where} is null"] if field.is_omitted or not field.is_pointer else []
        elif field.kind in structs:
            found += deviations(structs, field.kind, sent[json_name], where)
        elif type(sent[json_name]) is not _TYPES[field.kind]:
            found.append(f"{where}: {sent[json_name]!r} is not a {field.kind}")
    return found
