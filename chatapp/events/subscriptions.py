"""The worker's subscriptions in Redis, on one connection that comes back by itself.

redis-py's own PubSub reads and writes its connection from whichever greenlet calls it; here one greenlet reads and a
lock orders the writes, which gevent allows on one socket, and a subscription can be waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

import gevent
from gevent.event import Event as Signal
from gevent.lock import RLock
from redis.connection import Connection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from chatapp.infra import clients

log = logging.getLogger(__name__)

ALL_WORKERS = "workers"  # every worker hears it before it hears any person: its listeners are the workers there are
CONFIRM_WAIT = 1.0  # seconds that a new socket waits for its channel
PING_PERIOD = 5.0  # seconds of silence after which Redis is asked whether it is still there
RECONNECT_PAUSE = 0.5  # seconds between attempts to reach Redis again


class Subscriptions:
    """A set of channels that stays subscribed, whatever happens to Redis.

    Parameters:
        on_message: called with the channel and the data of each message. It must not block.
        on_back: called when every channel is subscribed again after a time without, with the seconds since Redis was
            last heard: what was published meanwhile is lost. In a greenlet of its own.

    Attributes:
        is_connected: whether the connection stands and every channel was asked for on it.
    """

    def __init__(self, on_message: Callable[[str, bytes], None], on_back: Callable[[float], None]) -> None:
        self._on_message = on_message
        self._on_back = on_back
        self._heard_at: float | None = None
        self._deaf_since: float | None = None
        self._channels: set[str] = {ALL_WORKERS}
        self._confirmed: set[str] = set()
        self._known = Signal()
        self._confirmations: dict[str, Signal] = {}
        self._connection: Connection | None = None
        self._write_lock = RLock()
        self.is_connected = False

    def __contains__(self, channel: str) -> bool:
        """Whether Redis counts this worker among the listeners of the channel."""
        return channel in self._confirmed

    def start(self) -> None:
        """Connect, and stay connected, in a greenlet."""
        gevent.spawn(self._run)

    def wait_connected(self, seconds: float) -> bool:
        """Wait until Redis knows of this worker; False when it did not answer in time."""
        return self._known.wait(seconds)

    def add(self, channel: str) -> None:
        """Subscribe; returns when Redis confirmed it, or after `CONFIRM_WAIT` while it is away."""
        self._channels.add(channel)
        confirmed = self._confirmations.setdefault(channel, Signal())
        if self._send("SUBSCRIBE", channel):
            confirmed.wait(CONFIRM_WAIT)

    def remove(self, channel: str) -> None:
        """Unsubscribe, without waiting."""
        self._channels.discard(channel)
        self._confirmed.discard(channel)
        self._confirmations.pop(channel, None)
        self._send("UNSUBSCRIBE", channel)

    def _send(self, *command: str) -> bool:
        connection = self._connection
        if connection is None:
            return False
        try:
            with self._write_lock:
                connection.send_command(*command, check_health=False)
        except (RedisError, OSError):
            return False  # the reader meets the same broken connection, and reconnects
        return True

    def _run(self) -> None:
        while True:
            try:
                self._connect()
                self._read()
            except (RedisError, OSError) as error:
                log.warning("lost the bus, reconnecting", extra={"reason": str(error)})
            self._disconnect()
            gevent.sleep(RECONNECT_PAUSE)

    def _connect(self) -> None:
        pool = clients.redis.connection_pool
        connection = pool.connection_class(**pool.connection_kwargs)  # its own: it never goes back to the pool
        connection.connect()
        with self._write_lock:
            connection.send_command("SUBSCRIBE", *self._channels, check_health=False)
            # Answered after the subscriptions: then everything is heard again.
            connection.send_command("PING", check_health=False)
            self._connection = connection
        self._deaf_since = self._heard_at
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
        silent = False
        while True:
            try:
                reply = connection.read_response(timeout=PING_PERIOD, disconnect_on_error=False, push_request=True)
            except RedisTimeout:
                if silent:
                    raise
                silent = self._send("PING")
                continue
            silent = False
            self._heard_at = monotonic()
            self._handle(reply)

    def _handle(self, reply: object) -> None:
        if not isinstance(reply, list):
            return
        kind, name = reply[0], reply[1]
        if kind == b"pong":
            self._known.set()
        if kind == b"pong" and self._deaf_since is not None:
            deaf_for, self._deaf_since = monotonic() - self._deaf_since, None
            gevent.spawn(self._on_back, deaf_for)
        if kind == b"message":
            self._on_message(name.decode(), reply[2])
        elif kind == b"subscribe" and (channel := name.decode()) in self._channels:
            self._confirmed.add(channel)
            if channel in self._confirmations:
                self._confirmations[channel].set()
