"""Rows by the names of their columns.

The type of a row is a NamedTuple. Its SELECT list is made from its fields, in their order, so the two cannot diverge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

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


def person_columns(alias: str, prefix: str) -> dict[str, str]:
    """SQL of the fields of a `Person`, from a row of `users`, by field names with a prefix."""
    return {
        f"{prefix}_id": f"{alias}.id",
        f"{prefix}_uuid": f"{alias}.uuid::text",
        f"{prefix}_username": f"{alias}.username",
        f"{prefix}_name": f"{alias}.name",
        f"{prefix}_picture_url": f"{alias}.picture_url",
    }
