"""The pool of Postgres connections.

Invariant: a connection is borrowed only through `database_connection` and returned at the end of its block. Peewee
would connect by itself wherever a query is made, and nothing would return that connection: once the pool has lost all
of them, every request fails until the process is restarted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg2
from peewee import InterfaceError, OperationalError
from playhouse.pool import MaxConnectionsExceeded

from chatapp import metrics
from chatapp.errors import ConnectionLost, Misconfigured, Unavailable
from chatapp.infra import prepared_statements
from chatapp.infra.connection_pool import ConnectionPool
from chatapp.infra.gevent_psycopg import NoResponse, WaitingConnection
from chatapp.infra.postgres_sessions import Sessions, refusal
from chatapp.infra.prepared_statements import Batch, BitmapStatement, Statement
from config import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

_SHUTDOWN = "57P"  # class of the SQLSTATEs that a server reports while it starts or stops


class NotBorrowed(RuntimeError):
    """A query ran outside `database_connection`: a defect."""


class Connection(WaitingConnection):
    """A connection that remembers its prepared statements."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepared: set[str] = set()


class Database(ConnectionPool):
    """A pool of Postgres connections that counts and times its statements."""

    def init(self, database: str | None, *, sessions: Sessions | None = None, **options: Any) -> None:
        """Point the pool at a server.

        Parameters:
            sessions: what each session must have. Connections are checked until the first one passes, and not after
                it: a newer release may change the defaults of the role while this one still runs.
        """
        self._sessions = sessions
        self._is_checked = False
        super().init(database, **options)

    def bind(self, settings: Settings) -> None:
        """Point the pool at DATABASE_URL. Opens no connection. The TCP settings detect a server that vanished."""
        self.forget_idle()  # they may be connections to another server
        milliseconds = int(settings.statement_timeout * 1000)
        sessions = Sessions(settings)
        self.init(
            settings.database_url,
            sessions=sessions,
            max_connections=settings.database_pool,
            timeout=settings.database_wait,
            stale_timeout=300,
            connect_timeout=max(2, int(settings.database_wait)),
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=max(1000, milliseconds * 2),
            application_name="chatapp",
            connection_factory=Connection,
            options=sessions.startup,
        )
        metrics.watch_pool(lambda: (self.use.in_use, self.use.size))

    @property
    def sessions(self) -> Sessions:
        """What each session must have; set by `init`."""
        assert self._sessions is not None
        return self._sessions

    def connection(self) -> Any:
        """The connection that this greenlet has borrowed.

        Raises:
            NotBorrowed: it has borrowed none.
        """
        self._require_borrowed()
        return super().connection()

    def cursor(self, named_cursor: Any = None) -> Any:
        """A cursor on that connection.

        Raises:
            NotBorrowed: this greenlet has borrowed none.
        """
        self._require_borrowed()
        return super().cursor(named_cursor)

    def reclaim(self) -> bool:
        """Return this greenlet's connection to the pool and roll back its transaction. Returns whether it had one."""
        if self.is_closed():
            return False
        self._state.transactions.clear()  # Peewee refuses to close inside a transaction; the pool rolls it back
        self.close()
        return True

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement and return its cursor."""
        return _timed(prepared_statements.kind_of(sql), lambda: super(Database, self).execute_sql(sql, params))

    def run(self, statement: Statement | Batch | BitmapStatement, values: Any = None) -> Any:
        """Run a statement, prepared where connections can prepare; returns its cursor.

        Raises:
            RuntimeError: a BitmapStatement within a transaction: a defect.
        """
        if isinstance(statement, BitmapStatement) and self.in_transaction():
            raise RuntimeError("a BitmapStatement must not run within a transaction")
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


def _timed(kind: str, run: Callable[[], T]) -> T:
    started = time.perf_counter()
    try:
        result = run()
    except Exception:
        metrics.statement_failed(kind, time.perf_counter() - started)
        raise
    metrics.statement_done(kind, time.perf_counter() - started)
    return result


db = Database(None)


@contextmanager
def database_connection(*, wait: float | None = None) -> Iterator[None]:
    """Borrow a connection for the length of a block. A nested block uses the connection of the outer one.

    Never hold it while waiting for a socket: idle sockets would drain the pool.

    Parameters:
        wait: seconds to wait for a free connection; DATABASE_WAIT where None.

    Raises:
        Unavailable: Postgres does not respond, or no connection became free in time.
        ConnectionLost: the connection broke.
    """
    try:
        if not db.is_closed():
            yield
            return
        db.connect(wait=wait)
        with db.connection_context():
            yield
    except Misconfigured as error:
        log.error("database misconfigured", extra={"reason": str(error)})
        raise Unavailable("database") from error
    except MaxConnectionsExceeded as error:
        raise Unavailable("database") from error
    except (OperationalError, InterfaceError, psycopg2.Error) as error:
        # psycopg2's own errors are raised while Peewee rolls back a broken connection.
        cause = _cause_of(error)
        if _is_server_error(cause):
            raise Unavailable("database") from error
        db.forget_idle()
        if isinstance(cause, NoResponse):
            raise Unavailable("database") from error
        raise ConnectionLost("database") from error


def reclaim_connection(holder: str) -> None:
    """Return a connection that this greenlet failed to return, and log the defect.

    Parameters:
        holder: the work that ended, such as the endpoint of a request or the type of a frame.
    """
    if db.reclaim():
        log.error("a database connection was not returned", extra={"holder": holder})


def _cause_of(error: Exception) -> Exception:
    """The error of psycopg2 that Peewee has wrapped, or the error itself."""
    wrapped = (cause for cause in (error.__cause__, error.__context__) if isinstance(cause, psycopg2.Error))
    return next(wrapped, error)


def _is_server_error(cause: Exception) -> bool:
    """Whether the server reported the error, rather than the connection breaking. A shutdown counts as breaking."""
    code = getattr(cause, "pgcode", None)
    return code is not None and not code.startswith(_SHUTDOWN)
