"""How fast the search index is filled: at full speed while the machine has room, else a small share of the time.

Senders that saturate the machine lose a fifth of their rate to an indexer at full speed, and 8 % to one that works a
tenth of the time. Nothing measures the load directly: the indexer compares its own batches with its fastest ones.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

REMEMBERED = 300.0  # seconds in which the fastest batch counts
SLOWER = 1.5  # times as long per message as the fastest: the machine is busy
SMALLEST = 100  # messages; batches below consist mostly of round trips, and say nothing
SHARE, SHARE_IF_LATE = 0.1, 0.25  # of the time, while the machine is busy
LATE = 60.0  # seconds behind


class Pace:
    """Decides how long to pause after a batch."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._batches: deque[tuple[float, float]] = deque()  # when, and seconds per message
        self.is_busy = False

    def pause_after(self, messages: int, seconds: float, behind: float) -> float:
        """Seconds to wait after a batch.

        Parameters:
            messages, seconds: of the batch.
            behind: age of the messages, in seconds.
        """
        now = self._clock()
        if messages >= SMALLEST:
            self._batches.append((now, seconds / messages))
            while self._batches[0][0] < now - REMEMBERED:
                self._batches.popleft()
            fastest = min(each for _, each in self._batches)
            self.is_busy = seconds / messages > SLOWER * fastest
        if not self.is_busy:
            return 0.0
        share = SHARE_IF_LATE if behind > LATE else SHARE
        return seconds * (1 / share - 1)

    def rest(self) -> None:
        """Note that nothing is left to do."""
        self.is_busy = False
