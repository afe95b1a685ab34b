"""The pool of Postgres connections.

Invariant: a connection is taken only by `chatapp.transaction.database_connection` and given back at its end. Peewee
would connect by itself wherever a query is made, and nothing would return that connection: once as many are lost as the
pool has, every request fails until the process is restarted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg2.extensions
from playhouse.pool import MaxConnectionsExceeded, PooledDatabase, PooledPostgresqlDatabase

from chatapp import metrics
from chatapp.infra import prepared_statements
from chatapp.infra.postgres_sessions import Sessions, refusal
from chatapp.infra.prepared_statements import Batch, Statement

T = TypeVar("T")

TRUSTED = 1.0  # seconds after its last use for which a pooled connection is taken for alive
_RECHECK = 1.0  # seconds between two attempts while waiting: a notification sent just before the wait began is lost


class NotBorrowed(RuntimeError):
    """The database was used outside `database_connection`: a defect."""


class Connection(psycopg2.extensions.connection):
    """A connection that knows which statements were prepared on it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepared: set[str] = set()


@dataclass(frozen=True, slots=True)
class PoolUse:
    """How much of a pool is in use at one moment, in connections."""

    size: int
    in_use: int

    @property
    def free(self) -> int:
        """Connections that a request would get without waiting."""
        return self.size - self.in_use


class Database(PooledPostgresqlDatabase):
    """A pool of Postgres connections that counts and times its statements.

    Peewee asks every connection `SELECT 1` before it hands it out, and lets all others wait meanwhile. Here one that
    was just in use is trusted; where it turns out to be dead, `forget_idle` drops those that died with it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._used_at: dict[int, float] = {}
        super().__init__(*args, autoconnect=False, **options)

    def init(self, database: str | None, *, sessions: Sessions | None = None, **options: Any) -> None:
        """Point the pool at a server.

        Parameters:
            sessions: what each session must have. Connections are checked until the first that passes, and no more
                after it: a newer release may change the defaults of the role while this one still runs.
        """
        self._sessions = sessions
        self._is_checked = False
        super().init(database, **options)

    @property
    def sessions(self) -> Sessions:
        """What each session must have; set by `init`."""
        assert self._sessions is not None
        return self._sessions

    @property
    def use(self) -> PoolUse:
        """How much of the pool is in use now."""
        return PoolUse(self._max_connections or 0, len(self._in_use))

    def connect(self, reuse_if_open: bool = False, *, wait: float | None = None) -> bool:
        """Take a connection of the pool for this greenlet.

        Parameters:
            wait: seconds to wait for a free one; DATABASE_WAIT where None.

        Raises:
            MaxConnectionsExceeded: none became free in time.
        """
        deadline = time.monotonic() + ((self._wait_timeout or 0.0) if wait is None else wait)
        while True:
            try:
                # Past PooledDatabase.connect, which knows one time-out for all.
                return bool(super(PooledDatabase, self).connect(reuse_if_open))
            except MaxConnectionsExceeded:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise
                with self._pool_available:
                    self._pool_available.wait(min(remaining, _RECHECK))

    def connection(self) -> Any:
        """The connection that this greenlet has borrowed.

        Raises:
            NotBorrowed: it has none.
        """
        self._require_borrowed()
        return super().connection()

    def cursor(self, named_cursor: Any = None) -> Any:
        """A cursor on that connection.

        Raises:
            NotBorrowed: there is none.
        """
        self._require_borrowed()
        return super().cursor(named_cursor)

    def reclaim(self) -> bool:
        """Return to the pool what this greenlet still holds, its transaction rolled back; whether it held anything."""
        if self.is_closed():
            return False
        self._state.transactions.clear()  # Peewee refuses to close with one open; the pool rolls back what it takes in
        self.close()
        return True

    def forget_idle(self) -> None:
        """Drop all connections that are not in use: the server has gone, or gone and come back."""
        self.close_idle()
        self._used_at.clear()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement; returns its cursor."""
        return _timed(prepared_statements.kind_of(sql), lambda: super(Database, self).execute_sql(sql, params))

    def run(self, statement: Statement | Batch, values: Any = None) -> Any:
        """Run what connections prepare, or its text where they cannot; returns its cursor."""
        if not self.sessions.prepares:
            return self.execute_sql(statement.text, values)
        self._prepare(statement.statements)
        return self.execute_sql(statement.call, values)

    def begin(self, isolation_level: Any = None) -> None:
        """Open a transaction."""
        _timed("begin", lambda: super(Database, self).begin(isolation_level))

    def commit(self) -> None:
        """Commit the transaction."""
        _timed("commit", lambda: super(Database, self).commit())

    def _prepare(self, wanted: tuple[Statement, ...]) -> None:
        connection: Connection = self.connection()
        for statement in wanted:
            if statement.name not in connection.prepared:
                self.execute_sql(statement.definition)
                connection.prepared.add(statement.name)

    def _require_borrowed(self) -> None:
        if self.is_closed():
            raise NotBorrowed("the database was used outside database_connection()")

    def _connect(self) -> Any:
        try:
            connection = super()._connect()
        except psycopg2.OperationalError as error:
            if misconfigured := refusal(error):
                raise misconfigured from error
            raise
        if not self._is_checked:
            self._check(connection)
        return connection

    def _check(self, connection: Any) -> None:
        try:
            self.sessions.check(connection)
        except BaseException:
            self._close(connection, close_conn=True)
            raise
        self._is_checked = True

    def _is_closed(self, conn: Any) -> bool:
        if time.monotonic() - self._used_at.get(id(conn), 0.0) < TRUSTED:
            return bool(conn.closed)
        return bool(super()._is_closed(conn))

    def _close(self, conn: Any, close_conn: bool = False) -> None:
        self._used_at[id(conn)] = time.monotonic()
        super()._close(conn, close_conn)

    def _close_raw(self, conn: Any) -> None:
        self._used_at.pop(id(conn), None)
        super()._close_raw(conn)


def _timed(kind: str, run: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        result = run()
    except Exception:
        metrics.statement_failed(kind, time.perf_counter() - started)
        raise
    metrics.statement_done(kind, time.perf_counter() - started)
    return result
