"""Spellings of identifiers."""

from __future__ import annotations


def camel_case(name: str) -> str:
    """`token_expired` as `tokenExpired`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
