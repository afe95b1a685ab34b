"""What many ask for and one answer serves: health checks come from every router and balancer at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """Calls a function at most once in a while, and gives its last value meanwhile.

    Calls that come while one is under way are made, too: what they ask must share its answers (`probes.Probe`).

    Parameters:
        made_by: gives a fresh value.
        seconds: for which a value is given again.
    """

    def __init__(self, made_by: Callable[[], Value], seconds: float) -> None:
        self._made_by = made_by
        self._seconds = seconds
        self._kept: tuple[float, Value] | None = None

    def get(self) -> Value:
        """The value, no older than so many seconds."""
        kept = self._kept
        if kept is None or time.monotonic() - kept[0] >= self._seconds:
            value = self._made_by()
            kept = self._kept = (time.monotonic(), value)
        return kept[1]
