"""Splits iterables into batches of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in order, in batches of `size`; the last may be shorter. Reads no value before its batch is due."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
