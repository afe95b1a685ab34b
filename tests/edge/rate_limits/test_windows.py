"""Sliding-window counters in memory, and the storage of flask-limiter."""

from __future__ import annotations

import time
import uuid

import gevent
import pytest
import redis
from flask import Flask
from limits import parse

from chatapp.edge.rate_limits.frame_limits import with_burst
from chatapp.edge.rate_limits.windows import MemoryWindows, OneTripStorage
from deploy.embedded import RedisServer
from tests.servers import await_true, free_port


def test_a_window_moves_and_forgets() -> None:
    windows, rate = MemoryWindows(), with_burst(parse("2/second"), 1)
    assert [windows.hit("a", rate) == 0.0 for _ in range(4)] == [True, True, True, False]
    assert 0 < windows.hit("a", rate) <= 1
    assert windows.hit("b", rate, cost=3) == 0.0 and windows.hit("b", rate) > 0
    windows.forget("a")
    assert windows.hit("a", rate) == 0.0
    assert windows.hit("c", parse("0/second")) > 0


def test_empty_windows_are_swept() -> None:
    windows, rate = MemoryWindows(), parse("1/hour")
    for number in range(9000):
        windows.hit(str(number), rate)
    windows._ends = dict.fromkeys(windows._ends, 0.0)
    windows.hit("last", rate)
    for number in range(9000):
        windows.hit(f"more-{number}", rate)
    assert len(windows._windows) <= 9001


def test_the_newest_event_is_uncounted() -> None:
    windows, rate = MemoryWindows(), parse("1/hour")
    windows.uncount("a")
    assert windows.hit("a", rate) == 0.0
    assert windows.state("a")[1] == 1
    windows.uncount("a")
    assert windows.state("a") == (0.0, 0)
    assert windows.hit("a", rate) == 0.0


def test_the_storage_of_requests_counts_in_memory_without_redis() -> None:
    pool = redis.ConnectionPool(host="127.0.0.1", port=free_port())
    storage = OneTripStorage("one-trip+redis://", connection_pool=pool)
    with Flask(__name__).test_request_context():
        before = time.time()
        assert [storage.acquire_entry("a", 2, 60) for _ in range(3)] == [True, True, False]
        began, count = storage.get_moving_window("a", 2, 60)
        assert count == 2
        assert before - 1 <= began <= time.time()


def test_the_only_worker_states_the_window_that_others_see(redis_server: RedisServer) -> None:
    key, limit = f"copied-{uuid.uuid4()}", (4, 60)
    with redis.Redis.from_url(redis_server.url) as client, Flask(__name__).test_request_context():
        pool = client.connection_pool
        long_ago = time.monotonic() - 60
        sole = OneTripStorage("one-trip+redis://", connection_pool=pool, sole_since=lambda: long_ago)
        beside = OneTripStorage("one-trip+redis://", connection_pool=pool)
        began = pytest.approx(time.time(), abs=30)
        for count in (1, 2, 3):
            assert sole.acquire_entry(key, *limit)
            state = sole.get_moving_window(key, *limit)
            assert state == (began, count)
            began = pytest.approx(state[0], abs=0.001)  # the oldest stays; Redis rounds
        await_true(lambda: gevent.sleep(0.01) or client.llen(sole.prefixed_key(key)) == 3)
        assert beside.acquire_entry(key, *limit)
        assert beside.get_moving_window(key, *limit) == (began, 4)
        await_true(lambda: gevent.sleep(0.01) or not sole.acquire_entry(key, *limit))
        assert sole.get_moving_window(key, *limit) == (began, 4)
