"""Batches keep the order and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from chatapp.infra.batching import in_batches


@given(st.lists(st.integers()), st.integers(1, 5))
def test_all_values_come_in_their_order(values: list[int], size: int) -> None:
    batches = list(in_batches(values, size))
    assert [value for batch in batches for value in batch] == values
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(0 < len(batch) <= size for batch in batches)


def test_nothing_is_read_ahead() -> None:
    read: list[int] = []

    def values() -> Iterator[int]:
        for number in range(10):
            read.append(number)
            yield number

    batches = in_batches(values(), 2)
    assert read == []
    assert next(batches) == [0, 1]
    assert read == [0, 1]
