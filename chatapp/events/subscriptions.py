"""The Redis subscriptions of a worker, on one connection that reconnects by itself.

redis-py's PubSub reads and writes its connection from any greenlet that calls it. Here one greenlet reads and a lock
serialises the writes, which gevent allows on one socket, and callers can wait until a subscription is confirmed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from time import monotonic

import gevent
from gevent.event import Event as Signal
from gevent.lock import RLock
from redis.connection import Connection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from chatapp.infra.redis_client import redis

log = logging.getLogger(__name__)

ALL_WORKERS = "workers"  # every worker subscribes to it before any user's: its subscribers are the running workers
CONFIRM_WAIT = 1.0  # seconds that a new socket waits for its channel
PING_PERIOD = 5.0  # seconds without a message after which Redis is pinged
RECONNECT_PAUSE = 0.5  # seconds between attempts to reconnect


class Subscriptions:
    """A set of channels that stays subscribed through restarts of Redis.

    Parameters:
        on_message: called with the channel and data of each message. It must not block.
        on_reconnect: called in a separate greenlet when all channels are subscribed again after a disconnection, with
            the seconds since Redis last replied: messages of that time are lost.
        channels: subscribed from the start.

    Attributes:
        is_connected: whether there is a connection on which every channel was requested.
    """

    def __init__(
        self,
        on_message: Callable[[str, bytes], None],
        on_reconnect: Callable[[float], None],
        channels: Iterable[str] = (),
    ) -> None:
        self._on_message = on_message
        self._on_reconnect = on_reconnect
        self._last_reply_at: float | None = None
        self._disconnected_since: float | None = None
        self._channels: set[str] = {ALL_WORKERS, *channels}
        self._confirmed: set[str] = set()
        self._subscribed = Signal()
        self._confirmations: dict[str, Signal] = {}
        self._connection: Connection | None = None
        self._write_lock = RLock()
        self.is_connected = False

    def __contains__(self, channel: str) -> bool:
        """Whether Redis counts this worker among the subscribers of the channel."""
        return channel in self._confirmed

    def start(self) -> None:
        """Connect, and stay connected, in a separate greenlet."""
        gevent.spawn(self._run)

    def wait_connected(self, seconds: float) -> bool:
        """Wait until Redis has confirmed the subscriptions.

        Returns False after a time-out. From then on this worker counts as disconnected: it may have users.
        """
        is_connected = self._subscribed.wait(seconds)
        if not is_connected and self._last_reply_at is None:
            self._last_reply_at = monotonic()
        return is_connected

    def add(self, *channels: str) -> None:
        """Subscribe. Returns when Redis has confirmed it, or after `CONFIRM_WAIT` seconds."""
        self._channels.update(channels)
        confirmed = [self._confirmations.setdefault(channel, Signal()) for channel in channels]
        if self._send("SUBSCRIBE", *channels):
            gevent.wait(confirmed, CONFIRM_WAIT)

    def remove(self, *channels: str) -> None:
        """Unsubscribe without waiting for a confirmation."""
        for channel in channels:
            self._channels.discard(channel)
            self._confirmed.discard(channel)
            self._confirmations.pop(channel, None)
        self._send("UNSUBSCRIBE", *channels)

    def _send(self, *command: str) -> bool:
        connection = self._connection
        if connection is None:
            return False
        try:
            with self._write_lock:
                connection.send_command(*command, check_health=False)
        except (RedisError, OSError):
            return False  # the reader fails on the same connection and reconnects
        return True

    def _run(self) -> None:
        while True:
            try:
                self._connect()
                self._read()
            except (RedisError, OSError) as error:
                log.warning("bus connection lost, reconnecting", extra={"reason": str(error)})
            self._disconnect()
            gevent.sleep(RECONNECT_PAUSE)

    def _connect(self) -> None:
        pool = redis().connection_pool
        connection = pool.connection_class(**pool.connection_kwargs)  # outside the pool
        connection.connect()
        with self._write_lock:
            connection.send_command("SUBSCRIBE", *self._channels, check_health=False)
            # Redis replies to it after the subscriptions, so its pong confirms them.
            connection.send_command("PING", check_health=False)
            self._connection = connection
        self._disconnected_since = self._last_reply_at
        self.is_connected = True

    def _disconnect(self) -> None:
        self.is_connected = False
        self._confirmed.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()

    def _read(self) -> None:
        connection = self._connection
        assert connection is not None
        is_silent = False
        while True:
            try:
                reply = connection.read_response(timeout=PING_PERIOD, disconnect_on_error=False, push_request=True)
            except RedisTimeout:
                if is_silent:
                    raise
                is_silent = self._send("PING")
                continue
            is_silent = False
            self._last_reply_at = monotonic()
            self._handle(reply)

    def _handle(self, reply: object) -> None:
        if not isinstance(reply, list):
            return
        kind, name = reply[0], reply[1]
        if kind == b"pong":
            self._subscribed.set()
        if kind == b"pong" and self._disconnected_since is not None:
            disconnected_for, self._disconnected_since = monotonic() - self._disconnected_since, None
            gevent.spawn(self._on_reconnect, disconnected_for)
        if kind == b"message":
            self._on_message(name.decode(), reply[2])
        elif kind == b"subscribe" and (channel := name.decode()) in self._channels:
            self._confirmed.add(channel)
            if channel in self._confirmations:
                self._confirmations[channel].set()
