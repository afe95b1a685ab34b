"""Copies of windows in Redis, by which the only worker decides without waiting for Redis.

While no other worker counts, a copy is exact: it was read from Redis, and whatever was counted since is in it. What the
copy accepts is counted in Redis right afterwards, for workers that start later. Should Redis disagree, another worker
has counted after all, and the copy is dropped. A copy never refuses: that is left to Redis.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from chatapp.edge.rate_limits.round_trips import Count, Counted

SETTLED = (
    2.0  # seconds alone before copies are used: a worker that lost its connection to Redis has reconnected by then
)
MAX_COPIES = 10_000  # then all are dropped, and read again when needed
MAX_AMOUNT = 1000  # events; a larger window is not copied


class WindowCopies:
    """The copies of this worker.

    Parameters:
        sole_since: returns the monotonic time since when this worker has been the only one; None if it is not.
    """

    def __init__(self, sole_since: Callable[[], float | None]) -> None:
        self._sole_since = sole_since
        self._period: float | None = None  # start of the time alone in which all copies were read
        self._times: dict[str, deque[float]] = {}

    def current_period(self) -> float | None:
        """The time alone in which copies may be used, identified by its start; None if there is none."""
        since = self._sole_since()
        if since is None or monotonic() - since < SETTLED:
            return None
        if since != self._period:
            self._period = since
            self._times.clear()
        return since

    def period_of(self, count: Count) -> float | None:
        """`current_period` if the window may be copied."""
        return self.current_period() if count.amount <= MAX_AMOUNT else None

    def state(self, count: Count) -> tuple[float, int]:
        """Time of the oldest event and the number of events, after `accept` has accepted some."""
        times = self._times[count.key]
        return times[0], len(times)

    def accept(self, count: Count) -> bool:
        """Count events by their copy. Returns False if only Redis can decide."""
        if self.period_of(count) is None:
            return False
        times = self._times.get(count.key)
        if times is None:
            return False
        while times and times[0] < count.at - count.expiry:
            times.popleft()
        if len(times) + count.cost > count.amount:
            return False
        times.extend([count.at] * count.cost)
        return True

    def update(self, count: Count, counted: Counted, period: float) -> None:
        """Keep what Redis counted.

        Parameters:
            period: `current_period` when Redis was asked.
        """
        if counted.blocked_ms > 0 or not counted.is_accepted:
            self._times.pop(count.key, None)
        elif self.current_period() == period:
            self._add(count, counted)

    def confirm(self, count: Count, counted: Counted) -> None:
        """Compare what `accept` accepted with the answer of Redis."""
        if counted.blocked_ms > 0 or not counted.is_accepted:
            self._times.pop(count.key, None)

    def _add(self, count: Count, counted: Counted) -> None:
        times = self._times.get(count.key)
        if times is not None:  # read while this call was on its way
            times.extend([count.at] * count.cost)
            return
        if len(self._times) >= MAX_COPIES:
            self._times.clear()
        self._times[count.key] = deque(counted.times)
