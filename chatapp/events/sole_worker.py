"""Whether this worker is the only one: then nothing has to be shared with others through Redis.

Redis counts the subscribers of a channel that every worker subscribes to, and of one that only this worker does. The
answer is trusted for `TRUST` from the moment of asking. A worker that starts beside others accepts no users before
`NEWCOMER_WAIT` is over (`Bus.start`): by then the others know of it.
"""

from __future__ import annotations

from time import monotonic

import gevent
from redis.exceptions import RedisError

from chatapp.events.subscriptions import ALL_WORKERS, Subscriptions
from chatapp.infra.redis_client import redis

TRUST = 0.25  # seconds
NEWCOMER_WAIT = 2 * TRUST  # seconds; twice as long, so that what was decided at the last moment has time to take effect
PERIOD = 0.1  # seconds between two questions while this worker is the only one
PERIOD_BESIDE_OTHERS = 1.0  # the same otherwise


class SoleWorkerWatch:
    """Asks Redis in a greenlet, so that no message waits for the answer.

    Parameters:
        subscriptions: those of this worker.
        own_channel: one of them, which no other worker subscribes to.
    """

    def __init__(self, subscriptions: Subscriptions, own_channel: str) -> None:
        self._subscriptions = subscriptions
        self._own_channel = own_channel
        self._asked_at = 0.0
        self._trusted_until = 0.0
        self._since: float | None = None

    @property
    def is_sole(self) -> bool:
        """Whether no other worker can have users now."""
        return monotonic() < self._trusted_until and self._subscriptions.is_connected

    @property
    def sole_since(self) -> float | None:
        """Monotonic time since when no other worker can have had users; None if one can have some now."""
        return self._since if self.is_sole else None

    def start(self) -> None:
        """Keep asking."""
        gevent.spawn(self._run)

    def ask(self) -> bool:
        """Ask once; returns whether this worker is the only one."""
        asked_at = monotonic()
        is_sole = self._is_sole_subscriber() and self._subscriptions.is_connected
        if not is_sole:
            self._since = None
        elif self._since is None or monotonic() - self._asked_at >= NEWCOMER_WAIT:
            self._since = asked_at  # another worker can have come and gone since the last answer
        self._asked_at = asked_at
        self._trusted_until = asked_at + TRUST if is_sole else 0.0
        return is_sole

    def _is_sole_subscriber(self) -> bool:
        """Whether Redis counts one worker, and that is this one: it may have lost the subscriptions of this worker."""
        try:
            counts = redis().pubsub_numsub(ALL_WORKERS, self._own_channel)
        except (RedisError, OSError):
            return False
        return all(count == 1 for _, count in counts)

    def _run(self) -> None:
        while True:
            gevent.sleep(PERIOD if self.ask() else PERIOD_BESIDE_OTHERS)
