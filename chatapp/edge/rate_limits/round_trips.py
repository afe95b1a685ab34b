"""Counts events in windows in Redis, many in one round trip.

A round trip costs more than handling the message that it is for. A window is a list of times, which a script of
`limits` keeps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import gevent
import redis as redis_py
from limits.storage import RedisStorage

from chatapp.infra.batcher import Batcher, Call

BEHIND = 0.05  # seconds for which events that are decided already are collected
_ACQUIRE = RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode()


@dataclass(slots=True)
class Count:
    """Events to count if their window has room.

    Attributes:
        key: of the window.
        block_key: of the penalty for a full window.
        amount: events for which the window has room.
        expiry: length of the window in seconds.
        cost: number of events.
        reads_window: whether the answer contains the window.
        at: time of the events in seconds since 1970.
    """

    key: str
    block_key: str
    amount: int
    expiry: int
    cost: int = 1
    reads_window: bool = False
    at: float = field(default_factory=time.time)


@dataclass(slots=True)
class Counted:
    """The answer of Redis.

    Attributes:
        is_accepted: whether the window had room.
        blocked_ms: how long the penalty lasts; negative without one.
        times: of the events in the window, oldest first; empty unless asked for.
    """

    is_accepted: bool
    blocked_ms: int
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
                    count = call.count
                    pipeline.eval(_ACQUIRE, 1, count.key, count.at, count.amount, count.expiry, count.cost)
                    pipeline.pttl(count.block_key)
                    if count.reads_window:
                        pipeline.lrange(count.key, 0, -1)
                replies = iter(pipeline.execute())
        except Exception as error:
            for call in calls:
                call.on_error(error)
            return
        for call in calls:
            counted = Counted(bool(next(replies)), next(replies))
            if call.count.reads_window:
                counted.times = [float(at) for at in reversed(next(replies))]
            call.on_answer(counted)


def _ignore(error: Exception) -> None:
    """The events were decided without Redis."""
