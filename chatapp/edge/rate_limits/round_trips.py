"""Counts events in windows in Redis, many in one round trip.

A round trip costs more than handling the message that it is for. A window is a list of times, which a script of
`limits` keeps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import gevent
import redis as redis_py
from limits.storage import RedisStorage
from redis.client import Pipeline

from chatapp.infra.batcher import Batcher, Call

BEHIND = 0.05  # seconds for which events that are decided already are collected
_ACQUIRE = RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode()
_STATE = RedisStorage.SCRIPT_MOVING_WINDOW.decode()


@dataclass(slots=True)
class Count:
    """Events to count if their window has room.

    Attributes:
        key: of the window.
        block_key: of the penalty for a full window; None without penalties.
        amount: events for which the window has room.
        expiry: length of the window in seconds.
        cost: number of events.
        reads_state: whether the answer contains the state of the window.
        reads_times: whether it contains the whole window.
        at: time of the events in seconds since 1970.
    """

    key: str
    block_key: str | None
    amount: int
    expiry: int
    cost: int = 1
    reads_state: bool = False
    reads_times: bool = False
    at: float = field(default_factory=time.time)


@dataclass(slots=True)
class Counted:
    """The answer of Redis.

    Attributes:
        is_accepted: whether the window had room.
        blocked_ms: how long the penalty lasts; negative without one.
        state: time of the oldest event in the window and the number of events; None if it is empty, or not asked for.
        times: of the events in the window, oldest first; empty unless asked for.
    """

    is_accepted: bool
    blocked_ms: int = -1
    state: tuple[float, int] | None = None
    times: Sequence[float] = ()


@dataclass(slots=True)
class _Call:
    count: Count
    on_answer: Callable[[Counted], None]
    on_error: Callable[[Exception], None]


class RoundTrips:
    """Counts in the order of the calls."""

    def __init__(self, client: redis_py.Redis) -> None:
        self._redis = client
        self._batcher: Batcher[_Call] = Batcher(self._execute)
        self._behind: list[_Call] = []

    def count(self, count: Count) -> Counted:
        """Count events, and wait for the answer.

        Raises:
            RedisError: Redis did not reply.
        """
        call: Call[Count, Counted] = Call(count)
        self._batcher.add(_Call(count, call.answer, call.fail))
        return call.wait()

    def count_behind(self, count: Count, on_answer: Callable[[Counted], None]) -> None:
        """Count events with the next round trip, which begins after `BEHIND` at the latest. Does not wait.

        Parameters:
            on_answer: called with the answer, unless Redis does not reply. It must not block.
        """
        if not self._behind:
            gevent.spawn_later(BEHIND, self._write_behind)
        self._behind.append(_Call(count, on_answer, _ignore))

    def _write_behind(self) -> None:
        if self._behind:
            self._batcher.add(self._behind.pop())  # the newest; `_execute` puts the others in front of it

    def _execute(self, calls: list[_Call]) -> None:
        behind, self._behind = self._behind, []
        calls = behind + calls
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for call in calls:
                    _send(pipeline, call.count)
                replies = iter(pipeline.execute())
        except Exception as error:
            for call in calls:
                call.on_error(error)
            return
        for call in calls:
            call.on_answer(_receive(replies, call.count))


def _send(pipeline: Pipeline, count: Count) -> None:
    pipeline.eval(_ACQUIRE, 1, count.key, count.at, count.amount, count.expiry, count.cost)
    if count.block_key:
        pipeline.pttl(count.block_key)
    if count.reads_state:
        pipeline.eval(_STATE, 1, count.key, count.at - count.expiry, count.amount)
    if count.reads_times:
        pipeline.lrange(count.key, 0, -1)


def _receive(replies: Iterator[Any], count: Count) -> Counted:
    """Take the replies to what `_send` sent."""
    counted = Counted(bool(next(replies)))
    if count.block_key:
        counted.blocked_ms = next(replies)
    if count.reads_state and (state := next(replies)):
        counted.state = float(state[0]), int(state[1])
    if count.reads_times:
        counted.times = [float(at) for at in reversed(next(replies))]
    return counted


def _ignore(error: Exception) -> None:
    """The events were decided without Redis."""
