"""How long to wait before trying again: exponential, with full jitter, so that clients do not come all at once."""

from __future__ import annotations

import random
from collections.abc import Callable

Uniform = Callable[[float, float], float]


class BackOff:
    """Counts failures in a row.

    Parameters:
        first: ceiling of the first wait, in seconds.
        most: highest ceiling.
        uniform: draws between two bounds; `random.uniform`, but for tests.
    """

    def __init__(self, first: float, most: float, uniform: Uniform = random.uniform) -> None:
        self._first = first
        self._most = most
        self._uniform = uniform
        self.failures = 0

    @property
    def ceiling(self) -> float:
        """The longest that the next wait can be."""
        # 2 ** 30 is far above every ceiling, and a year of failures must not compute 2 ** 1,000,000.
        return min(self._most, self._first * 2.0 ** min(self.failures, 30))

    def next_delay(self, at_least: float = 0.0) -> float:
        """Seconds to wait now; the ceiling of the next wait is twice as high.

        Parameters:
            at_least: what the server asked for; the jitter comes on top.
        """
        delay = at_least + self._uniform(0.0, self.ceiling)
        self.failures += 1
        return delay

    def succeeded(self) -> None:
        """Begin again."""
        self.failures = 0
