"""A value that many ask for is made once, and again when it is old."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from chatapp.ops.monitoring import cached_value
from chatapp.ops.monitoring.cached_value import CachedValue


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time in seconds, as the module sees it."""
    now = [100.0]
    monkeypatch.setattr(cached_value.time, "monotonic", lambda: now[0])
    yield now


def test_a_value_is_given_again_until_it_is_old(clock: list[float]) -> None:
    recent = CachedValue(count().__next__, seconds=1.0)
    assert [recent.get(), recent.get()] == [0, 0]
    clock[0] += 0.99
    assert recent.get() == 0
    clock[0] += 0.01
    assert [recent.get(), recent.get()] == [1, 1]


def test_a_failure_is_not_kept(clock: list[float]) -> None:
    outcomes = iter([ValueError("away"), 7])

    def ask() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    recent = CachedValue(ask, seconds=1.0)
    with pytest.raises(ValueError, match="away"):
        recent.get()
    assert recent.get() == 7
