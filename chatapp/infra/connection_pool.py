"""Connections to Postgres, each lent to one greenlet at a time.

Peewee's pool checks and opens connections while it holds its locks. While a server hangs, each request would then wait
for all before it, a time-out for each of them. Here locks are held for bookkeeping alone.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import Any

import psycopg2
from peewee import OperationalError
from playhouse.pool import MaxConnectionsExceeded, PoolConnection, PooledDatabase, PooledPostgresqlDatabase

from chatapp.infra.bound import NotBound
from chatapp.infra.gevent_psycopg import NoResponse

TRUSTED = 1.0  # seconds after its last use for which an idle connection is assumed to be alive
_RECHECK = 1.0  # seconds between two attempts while waiting: a notification sent just before the wait began is lost


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The current use of a pool, in connections."""

    size: int
    in_use: int

    @property
    def free(self) -> int:
        """Connections available without waiting."""
        return self.size - self.in_use


class _Place:
    """Stands for a connection while it is opened, so that the pool does not become larger than it may."""


class ConnectionPool(PooledPostgresqlDatabase):
    """A pool that never waits for the server under a lock. `stale_timeout`, the life of a connection, must be given.

    A connection that was in use within TRUSTED is not checked before it is lent; if it turns out to be dead,
    `forget_idle` drops those that died with it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._used_at: dict[int, float] = {}
        super().__init__(*args, autoconnect=False, **options)

    @property
    def use(self) -> PoolUse:
        """The current use of the pool."""
        return PoolUse(self._max_connections or 0, len(self._in_use))

    def connect(self, reuse_if_open: bool = False, *, wait: float | None = None) -> bool:
        """Take a connection for this greenlet. Returns False if it has one that it may use again.

        Parameters:
            wait: seconds to wait for a free one; the time-out of the pool where None.

        Raises:
            MaxConnectionsExceeded: none became free in time.
            NoResponse: the server did not respond to the check of an idle connection, or to a new one.
        """
        if self.deferred:
            raise NotBound("The pool of Postgres connections")
        if not self.is_closed():
            if reuse_if_open:
                return False
            raise OperationalError("this greenlet has a connection")
        connection = self._take((self._wait_timeout or 0.0) if wait is None else wait)
        self._state.reset()
        self._state.set_connection(connection)
        if self.server_version is None:
            self._set_server_version(connection)
        return True

    def close(self) -> bool:
        """Return this greenlet's connection. Returns whether it had one."""
        if self.is_closed():
            return False
        if self.in_transaction():
            raise OperationalError("a transaction is open")
        try:
            self._close(self._state.conn)
        finally:
            self._state.reset()
        return True

    def forget_idle(self) -> None:
        """Drop all idle connections, for example after the server went away or restarted."""
        self.close_idle()
        self._used_at.clear()

    def _take(self, wait: float) -> Any:
        deadline = time.monotonic() + wait
        while True:
            with self._pool_lock:
                reserved = self._reserve()
            if reserved is None:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise MaxConnectionsExceeded("no connection became free in time")
                with self._pool_available:
                    self._pool_available.wait(min(remaining, _RECHECK))
            elif isinstance(reserved, _Place):
                return self._open(reserved)
            elif self._is_usable(reserved):
                return reserved

    def _reserve(self) -> Any:
        """An idle connection, or a place for a new one; None while all are in use. Under the lock."""
        if self._connections:
            opened_at, _, connection = heapq.heappop(self._connections)
        elif len(self._in_use) < self._max_connections:
            opened_at, connection = time.time(), _Place()
        else:
            return None
        self._in_use[id(connection)] = PoolConnection(opened_at, connection, time.time())
        return connection

    def _open(self, place: _Place) -> Any:
        connection = None
        try:
            connection = self._connect()
            return connection
        finally:
            with self._pool_lock:
                del self._in_use[id(place)]
                if connection is not None:
                    self._in_use[id(connection)] = PoolConnection(time.time(), connection, time.time())
                self._pool_available.notify()

    def _connect(self) -> Any:
        """Open a connection."""
        return super(PooledDatabase, self)._connect()

    def _is_usable(self, connection: Any) -> bool:
        """Whether a reserved connection can be lent; one that cannot be is dropped."""
        is_usable = False
        try:
            is_usable = self._is_alive(connection)
        finally:
            if not is_usable:
                self._close(connection, close_conn=True)
        return is_usable

    def _is_alive(self, connection: Any) -> bool:
        if connection.closed or self._is_stale(self._in_use[id(connection)].timestamp):
            return False
        if time.monotonic() - self._used_at.get(id(connection), 0.0) < TRUSTED:
            return True
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except NoResponse:
            raise  # another connection would have to wait as long
        except psycopg2.Error:
            return False
        return True

    def _close(self, conn: Any, close_conn: bool = False) -> None:
        if not close_conn:
            self._can_reuse(conn)  # rolls back what is open, before the lock is taken
        self._used_at[id(conn)] = time.monotonic()
        super()._close(conn, close_conn)

    def _close_raw(self, conn: Any) -> None:
        self._used_at.pop(id(conn), None)
        super()._close_raw(conn)
