"""Limits of frames, with a real Redis that goes and comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py
from limits import parse

from chatapp.edge.rate_limits import frame_limits
from chatapp.edge.rate_limits.frame_limits import FrameLimiter
from chatapp.edge.rate_limits.windows import SharedWindows, limiter_pool
from chatapp.errors import RateLimited
from chatapp.infra import circuit_breaker
from config import Settings
from deploy.embedded import RedisServer
from tests.auth.conftest import settings_of
from tests.servers import await_true


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that the test may hurt."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


def settings(redis: RedisServer, **variables: str) -> Settings:
    return settings_of("postgresql://127.0.0.1:1/none", redis.url, **variables)


def worker(redis: RedisServer, **variables: str) -> FrameLimiter:
    """The limiter of one worker."""
    chosen = settings(redis, **variables)
    return FrameLimiter(chosen, shared_windows(chosen))


def shared_windows(chosen: Settings) -> SharedWindows:
    return SharedWindows(redis_py.Redis(connection_pool=limiter_pool(chosen)))


def accepted(limiter: FrameLimiter, connection: str, user: int, tries: int) -> int:
    """How many of so many sends are accepted."""
    count = 0
    for _ in range(tries):
        try:
            limiter.check_send(connection, user)
            count += 1
        except RateLimited as error:
            assert 1 <= error.retry_after <= 30
    return count


def test_a_connection_may_send_25_and_is_blocked_then(redis: RedisServer) -> None:
    limiter = worker(redis)
    assert accepted(limiter, "a", 1, 40) == 25
    assert accepted(limiter, "b", 1, 10) == 10
    limiter.forget("a")
    assert accepted(limiter, "a", 1, 1) == 1


def test_a_person_may_send_60_over_all_devices_and_workers(redis: RedisServer) -> None:
    workers = [worker(redis), worker(redis)]
    sent = [accepted(workers[number % 2], f"c{number}", 7, 20) for number in range(6)]
    assert sum(sent) == 60 and sent[:3] == [20] * 3
    assert accepted(workers[1], "c9", 8, 1) == 1


def test_a_block_holds_on_all_workers_and_ends(redis: RedisServer) -> None:
    quick = {"LIMIT_FRAMES_USER": "3/second", "LIMIT_FRAMES_USER_BURST": "0"}
    here, there = worker(redis, **quick), worker(redis, **quick)
    clock = shared_windows(settings(redis))
    assert accepted(here, "a", 1, 5) == 3
    assert clock.hit("clock", parse("1/second")) == 0.0
    assert accepted(there, "b", 1, 5) == 0
    await_true(lambda: clock.hit("clock", parse("1/second")) == 0.0)
    assert accepted(there, "b", 1, 1) == 0, "the window of a second has moved on, the block of 30 has not"


def test_a_block_ends(redis: RedisServer) -> None:
    quick = {"LIMIT_FRAMES_USER": "3/second", "LIMIT_FRAMES_USER_BURST": "0", "LIMIT_FRAMES_BLOCK": "1s"}
    limiter = worker(redis, **quick)
    assert accepted(limiter, "a", 1, 5) == 3
    await_true(lambda: accepted(limiter, "a", 1, 1) == 1)


def test_light_frames_are_dropped_without_a_block(redis: RedisServer) -> None:
    limiter = worker(redis)
    assert sum(limiter.allow_light("a") for _ in range(200)) == 120
    assert accepted(limiter, "a", 1, 1) == 1


@pytest.mark.parametrize("how", ["stopped", "hung"])
def test_limits_hold_without_redis(redis: RedisServer, how: str) -> None:
    limiter = worker(redis)
    assert accepted(limiter, "a", 1, 5) == 5
    if how == "stopped":
        redis.stop()
    else:
        os.kill(redis.pid, signal.SIGSTOP)
    try:
        assert accepted(limiter, "b", 1, 1) == 1
        assert sum(accepted(limiter, f"c{number}", 1, 20) for number in range(6)) == 59
    finally:
        if how == "hung":
            os.kill(redis.pid, signal.SIGCONT)


def test_limits_are_shared_again_when_redis_is_back(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit_breaker, "PROBE_SECONDS", 0.05)
    shared = shared_windows(settings(redis))
    rate = parse("2/minute")
    redis.stop()
    assert [shared.hit("k", rate) == 0.0 for _ in range(3)] == [True, True, False]
    redis.start()
    client = redis_py.Redis.from_url(redis.url)
    await_true(lambda: shared.hit("other", parse("100000/minute")) == 0.0 and client.keys("limits:*other*"))
    assert [shared.hit("k", rate) == 0.0 for _ in range(3)] == [True, True, False]
    assert 0 < shared.hit("k", rate) <= 60


def test_high_limits_are_leased_and_hold_within_a_hundredth(redis: RedisServer) -> None:
    high = {
        "LIMIT_FRAMES_CONNECTION": "100000/minute",
        "LIMIT_FRAMES_USER": "2000/minute",
        "LIMIT_FRAMES_USER_BURST": "0",
    }
    workers = [worker(redis, **high), worker(redis, **high)]
    assert workers[0]._lease == 2000 // frame_limits.LEASE_DIVISOR
    sent = sum(accepted(workers[number % 2], f"c{number % 2}", 7, 1) for number in range(2500))
    assert 1980 <= sent <= 2000


def test_a_user_is_counted_in_redis_once_in_a_hundred_sends(redis: RedisServer) -> None:
    limiter = worker(redis, LIMIT_FRAMES_CONNECTION="1000000/minute", LIMIT_FRAMES_USER="1000000/minute")
    assert accepted(limiter, "a", 1, 20_000) == 20_000
    statistics = redis_py.Redis.from_url(redis.url).info("commandstats")
    scripts = sum(statistics[name]["calls"] for name in ("cmdstat_eval", "cmdstat_evalsha") if name in statistics)
    assert 0 < scripts <= 20_000 // frame_limits.LEASE_MAX + 1
