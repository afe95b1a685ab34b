"""Exponential back-off with full jitter, so that clients do not retry at the same time."""

from __future__ import annotations

import random
from collections.abc import Callable

Uniform = Callable[[float, float], float]


class BackOff:
    """Delays that grow with consecutive failures.

    Parameters:
        first: ceiling of the first delay, in seconds.
        most: highest ceiling.
        uniform: draws between two bounds; replaced in tests.
    """

    def __init__(self, first: float, most: float, uniform: Uniform = random.uniform) -> None:
        self._first = first
        self._most = most
        self._uniform = uniform
        self.failures = 0

    @property
    def ceiling(self) -> float:
        """The longest possible next delay, in seconds."""
        # 2 ** 30 is far above every ceiling, and a year of failures must not compute 2 ** 1,000,000.
        return min(self._most, self._first * 2.0 ** min(self.failures, 30))

    def next_delay(self, at_least: float = 0.0) -> float:
        """Return the seconds to wait, and double the ceiling of the next delay.

        Parameters:
            at_least: minimum requested by the server; the jitter is added to it.
        """
        delay = at_least + self._uniform(0.0, self.ceiling)
        self.failures += 1
        return delay

    def succeeded(self) -> None:
        """Reset to the first delay."""
        self.failures = 0
