"""A value that is computed at most once per period: health checks come from every router and balancer at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """Calls a function at most once per period and returns its last value in between.

    Concurrent calls are not merged: the function must share its work itself (`probes.Probe`).

    Parameters:
        compute: returns a fresh value.
        seconds: for which a value is reused.
    """

    def __init__(self, compute: Callable[[], Value], seconds: float) -> None:
        self._compute = compute
        self._seconds = seconds
        self._kept: tuple[float, Value] | None = None

    def get(self) -> Value:
        """The value, no older than the given seconds."""
        kept = self._kept
        if kept is None or time.monotonic() - kept[0] >= self._seconds:
            value = self._compute()
            kept = self._kept = (time.monotonic(), value)
        return kept[1]
