"""Sliding-window counters, in Redis for all workers, and in the memory of this worker while Redis is down.

So a limit is never open, and no caller waits long for Redis.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import redis as redis_py
from flask import g
from limits import RateLimitItem
from limits.storage import RedisStorage
from redis.exceptions import RedisError

from chatapp import metrics
from chatapp.edge.rate_limits.round_trips import Count, Counted, RoundTrips
from chatapp.edge.rate_limits.window_copies import WindowCopies
from chatapp.infra.circuit_breaker import CircuitBreaker
from chatapp.infra.redis_client import redis_pool
from config import Settings

REDIS_SECONDS = 0.4  # longest wait for Redis: to connect, for a reply, for a free connection. Two fit in a second
REDIS_CONNECTIONS = 20
_SWEEP_SIZE = 4096


def limiter_pool(settings: Settings) -> redis_py.BlockingConnectionPool:
    """Connections for limits only: a limit has a fallback, so it waits for Redis for a shorter time than others."""
    return redis_pool(
        settings,
        connections=min(REDIS_CONNECTIONS, settings.redis_pool),
        seconds=min(REDIS_SECONDS, settings.redis_timeout),
        retries=0,
    )


class MemoryWindows:
    """Exact windows of this worker, at constant cost per hit."""

    def __init__(self) -> None:
        self._windows: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}
        self._sweep_at = _SWEEP_SIZE

    def hit(self, key: str, rate: RateLimitItem, cost: int = 1) -> float:
        """Count `cost` events if the window has room; returns 0, or the seconds until it has."""
        return self.acquire(key, rate.amount, rate.get_expiry(), cost)

    def acquire(self, key: str, amount: int, expiry: int, cost: int) -> float:
        """The same for a window of `amount` events in `expiry` seconds."""
        now = time.monotonic()
        window = self._windows.get(key)
        if window is None:
            self._sweep(now)
            window = self._windows[key] = deque()
        while window and window[0] <= now - expiry:
            window.popleft()
        if len(window) + cost > amount:
            return window[0] + expiry - now if window else float(expiry)
        window.extend([now] * cost)
        self._ends[key] = now + expiry
        return 0.0

    def state(self, key: str) -> tuple[float, int]:
        """The age of the oldest event in seconds, and the number of events."""
        window = self._windows.get(key)
        return (time.monotonic() - window[0], len(window)) if window else (0.0, 0)

    def uncount(self, key: str) -> None:
        """Remove the newest event, if there is one."""
        window = self._windows.get(key)
        if window:
            window.pop()

    def forget(self, key: str) -> None:
        """Drop a window that is no longer needed."""
        self._windows.pop(key, None)
        self._ends.pop(key, None)

    def _sweep(self, now: float) -> None:
        """Drop empty windows when their number has doubled, so that memory follows the active callers."""
        if len(self._windows) < self._sweep_at:
            return
        for key in [key for key in self._windows if self._ends.get(key, 0.0) <= now]:
            self.forget(key)
        self._sweep_at = max(_SWEEP_SIZE, 2 * len(self._windows))


class OneTripStorage(RedisStorage):
    """Storage of flask-limiter that counts a request and reads its window in one round trip, and never fails.

    flask-limiter counts before the view and reads the window after it, which would be two round trips per request.

    Parameters:
        sole_since: as in `SharedWindows`.
    """

    STORAGE_SCHEME = ["one-trip+redis", "one-trip+rediss", "one-trip+redis+unix"]

    def __init__(self, uri: str, *, sole_since: Callable[[], float | None] = lambda: None, **options: Any) -> None:
        super().__init__(uri, **options)
        self._round_trips = RoundTrips(self.storage)
        self._copies = WindowCopies(sole_since)
        self._memory = MemoryWindows()
        self._breaker = CircuitBreaker()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count an entry if the window has room."""
        count = Count(self.prefixed_key(key), None, limit, expiry, amount)
        if self._copies.accept(count):
            g.window = self._copies.state(count)
            self._round_trips.count_behind(count, partial(self._copies.confirm, count))
            return True
        if self._breaker.allows():
            try:
                counted = self._acquire_in_redis(count)
            except RedisError:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
                g.window = counted.state or (count.at, 0)
                return counted.is_accepted
        metrics.limiter_fell_back()
        acquired = self._memory.acquire(key, limit, expiry, amount) == 0.0
        age, number = self._memory.state(key)
        g.window = time.time() - age, number
        return acquired

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """The start of the window and its number of entries, at the moment when this request was counted.

        A request is counted once, so there is no other window to ask for.
        """
        window: tuple[float, int] = g.window
        return window

    def _acquire_in_redis(self, count: Count) -> Counted:
        period = self._copies.period_of(count)
        count.reads_state, count.reads_times = True, period is not None
        counted = self._round_trips.count(count)
        if period is not None:
            self._copies.update(count, counted, period)
        return counted


class SharedWindows:
    """Windows of all workers, in Redis.

    Parameters:
        sole_since: returns the monotonic time since when this worker has been the only one; None if it is not.
    """

    def __init__(self, client: redis_py.Redis, sole_since: Callable[[], float | None] = lambda: None) -> None:
        self._redis = client
        self._round_trips = RoundTrips(client)
        self._copies = WindowCopies(sole_since)
        self._memory = MemoryWindows()
        self._memory_blocks: dict[str, float] = {}
        self._breaker = CircuitBreaker()

    def hit(
        self, key: str, rate: RateLimitItem, *, cost: int = 1, block: float = 0.0, is_copied: bool = False
    ) -> float:
        """Count `cost` events if the window has room. Never raises, whatever Redis does.

        Parameters:
            block: seconds for which nothing more is accepted once the window was full; 0 for no such penalty.
            is_copied: whether to keep a copy of the window while this worker is the only one. It is never `uncount`ed.

        Returns:
            0, or the seconds after which to try again.
        """
        count = Count(f"limits:{rate.key_for(key)}", f"limits:block:{key}", rate.amount, rate.get_expiry(), cost)
        if is_copied and self._copies.accept(count):
            self._round_trips.count_behind(count, partial(self._copies.confirm, count))
            return 0.0
        if self._breaker.allows():
            try:
                wait = self._hit_redis(count, block, is_copied)
            except RedisError:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
                return wait
        metrics.limiter_fell_back()
        return self._hit_memory(key, rate, cost, block)

    def uncount(self, key: str, rate: RateLimitItem) -> None:
        """Remove one event that `hit` has counted. Never raises: without Redis the event stays counted there."""
        if self._breaker.allows():
            try:
                self._redis.lpop(f"limits:{rate.key_for(key)}")  # the script puts the newest first
            except RedisError:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
                return
        self._memory.uncount(key)

    def _hit_redis(self, count: Count, block: float, is_copied: bool) -> float:
        period = self._copies.period_of(count) if is_copied else None
        count.reads_times = period is not None
        counted = self._round_trips.count(count)
        if period is not None:
            self._copies.update(count, counted, period)
        if block and counted.blocked_ms > 0:
            return counted.blocked_ms / 1000
        if counted.is_accepted:
            return 0.0
        if block and count.block_key:
            self._redis.set(count.block_key, b"1", px=int(block * 1000), nx=True)
            return block
        oldest = self._redis.lindex(count.key, -1)
        return max(0.001, float(oldest) + count.expiry - time.time()) if oldest else float(count.expiry)

    def _hit_memory(self, key: str, rate: RateLimitItem, cost: int, block: float) -> float:
        now = time.monotonic()
        blocked = self._memory_blocks.get(key, 0.0) - now
        if blocked > 0:
            return blocked
        self._memory_blocks.pop(key, None)
        wait = self._memory.hit(key, rate, cost)
        if wait and block:
            self._memory_blocks[key] = now + block
            return block
        return wait
