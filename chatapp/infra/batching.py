"""Cutting what is long into pieces of a bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def in_batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in their order, `size` at a time; the last batch may be shorter. Nothing is read ahead of a batch."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
