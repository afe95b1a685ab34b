"""The only worker decides by copies of the windows in Redis, and no limit is weaker for that."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
import redis as redis_py
from prometheus_client import REGISTRY

from chatapp.edge.rate_limits.frame_limits import FrameLimiter
from chatapp.edge.rate_limits.window_copies import SETTLED
from chatapp.edge.rate_limits.windows import SharedWindows, limiter_pool
from chatapp.errors import RateLimited
from config import Settings
from deploy.embedded import RedisServer
from tests.auth.conftest import settings_of
from tests.servers import await_true

USER = 7
LONG_AGO = SETTLED + 1.0  # seconds


class Worker:
    """The limiter of a worker, which believes that it is the only one since `sole_since`."""

    def __init__(self, settings: Settings, sole_since: float | None) -> None:
        self.sole_since = sole_since
        pool = limiter_pool(settings)
        self._limiter = FrameLimiter(settings, SharedWindows(redis_py.Redis(connection_pool=pool), self._sole_since))
        self._connections = 0

    def sends(self, count: int) -> int:
        """Try to send so many messages, each over a new connection; returns how many are accepted."""
        return sum(self._is_accepted() for _ in range(count))

    def _is_accepted(self) -> bool:
        self._connections += 1
        try:
            self._limiter.check_send(f"c{self._connections}", USER)
        except RateLimited:
            return False
        return True

    def _sole_since(self) -> float | None:
        return self.sole_since


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that the test may suspend."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def settings(redis: RedisServer) -> Settings:
    """60 messages a minute, over all connections."""
    return settings_of("postgresql://127.0.0.1:1/none", redis.url)


def counted(redis: RedisServer) -> int:
    """How many messages are counted in Redis, after other greenlets have run, but not those that wait for a time."""
    gevent.sleep(0.001)
    with redis_py.Redis.from_url(redis.url) as client:
        return sum(client.llen(key) for key in client.keys("limits:*") if client.type(key) == b"list")


def fallbacks() -> float:
    """How often a limiter waited for Redis in vain, or did not ask because of that."""
    return REGISTRY.get_sample_value("chat_rate_limit_fallbacks_total") or 0.0


def test_the_only_worker_accepts_exactly_the_limit(settings: Settings) -> None:
    assert Worker(settings, time.monotonic() - LONG_AGO).sends(100) == 60


def test_the_only_worker_does_not_wait_for_redis(settings: Settings, redis: RedisServer) -> None:
    worker = Worker(settings, time.monotonic() - LONG_AGO)
    assert worker.sends(1) == 1
    before = fallbacks()
    os.kill(redis.pid, signal.SIGSTOP)
    try:
        assert worker.sends(59) == 59
        assert fallbacks() == before
        worker.sends(1)
        assert fallbacks() > before, "Redis decides about refusals"
    finally:
        os.kill(redis.pid, signal.SIGCONT)


def test_what_the_only_worker_accepted_counts_for_the_next_one(settings: Settings, redis: RedisServer) -> None:
    first = Worker(settings, time.monotonic() - LONG_AGO)
    assert first.sends(40) == 40
    await_true(lambda: counted(redis) == 40)
    assert Worker(settings, None).sends(40) == 20


def test_what_others_accepted_meanwhile_counts_for_a_worker_that_is_alone_again(
    settings: Settings, redis: RedisServer
) -> None:
    worker = Worker(settings, time.monotonic() - LONG_AGO)
    assert worker.sends(30) == 30
    await_true(lambda: counted(redis) == 30)
    assert Worker(settings, None).sends(20) == 20
    worker.sole_since = time.monotonic() - SETTLED
    assert worker.sends(20) == 10


def test_a_worker_that_is_alone_only_just_asks_redis(settings: Settings, redis: RedisServer) -> None:
    worker = Worker(settings, time.monotonic() + 3600)  # the 2 s are not over during the test
    for sent in range(1, 6):
        assert worker.sends(1) == 1
        assert counted(redis) == sent


def test_a_block_by_another_worker_holds_for_the_only_one(settings: Settings) -> None:
    assert Worker(settings, None).sends(100) == 60
    assert Worker(settings, time.monotonic() - LONG_AGO).sends(5) == 0


def test_two_workers_that_both_believe_to_be_alone_are_corrected_by_redis(
    settings: Settings, redis: RedisServer
) -> None:
    first, second = (Worker(settings, time.monotonic() - LONG_AGO) for _ in range(2))
    assert first.sends(1) == second.sends(1) == 1
    assert first.sends(40) == 40
    await_true(lambda: counted(redis) == 42)
    assert second.sends(30) == 30, "it knows of two"
    await_true(lambda: counted(redis) == 60)
    await_true(lambda: second.sends(1) == 0)
