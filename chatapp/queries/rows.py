"""Rows by the names of their columns.

A SELECT list is made from the fields of the type that its rows become, in their order, so the two cannot diverge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar

from chatapp.events.snapshots import Person

Row = TypeVar("Row", bound=NamedTuple)


def select_list(row_type: type[NamedTuple], columns: Mapping[str, str]) -> str:
    """The SELECT list of a row type.

    Parameters:
        columns: SQL by field name.
    """
    return ", ".join(f"{columns[name]} AS {name}" for name in row_type._fields)


def named(row_type: type[Row], rows: Iterable[Any]) -> list[Row]:
    """Rows of a SELECT list made by `select_list`."""
    return list(map(row_type._make, rows))


_PERSON = {field.name: field.name for field in fields(Person)} | {"uuid": "uuid::text"}


def person_list(alias: str) -> str:
    """The SELECT list of a `Person`, from a row of `users`, in the order of its fields."""
    return ", ".join(f"{alias}.{column}" for column in _PERSON.values())


def person_columns(alias: str, prefix: str) -> dict[str, str]:
    """SQL of the fields of a `Person`, from a row of `users`, by field names with a prefix."""
    return {f"{prefix}_{name}": f"{alias}.{column}" for name, column in _PERSON.items()}
