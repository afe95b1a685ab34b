"""Handles to the three servers, unbound until `bind` is called with the settings of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2.extensions
import redis as redis_py
import urllib3
from minio import Minio
from playhouse.pool import PooledPostgresqlDatabase
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from chatapp import gevent_redis, metrics, statements
from chatapp.statements import Statement
from config import Settings

T = TypeVar("T")

# minio's own are 300 s and five retries: an upload must say 503 within 10 s when the store is away or hangs.
S3_CONNECT_TIMEOUT = 2.0
S3_READ_TIMEOUT = 4.0  # and once more
S3_CONNECTIONS = 20  # kept open; more are made when needed


TRUSTED = 1.0  # seconds after its last use for which a pooled connection is taken for alive


class Connection(psycopg2.extensions.connection):
    """A connection that knows which statements were prepared on it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepared: set[str] = set()


class Database(PooledPostgresqlDatabase):
    """A pool of Postgres connections that counts and times its statements.

    Peewee asks every connection `SELECT 1` before it hands it out, and lets all others wait meanwhile. Here one that
    was just in use is trusted; where it turns out to be dead, `forget_idle` drops those that died with it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._used_at: dict[int, float] = {}
        super().__init__(*args, **options)

    def forget_idle(self) -> None:
        """Drop all connections that are not in use: the server has gone, or gone and come back."""
        self.close_idle()
        self._used_at.clear()

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

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement; returns its cursor."""
        return _timed(statements.kind_of(sql), lambda: super(Database, self).execute_sql(sql, params))

    def run(self, statement: Statement, values: Any = None) -> Any:
        """Run a statement that connections prepare; returns its cursor."""
        self.prepare(statement)
        return self.execute_sql(statement.call, values)

    def prepare(self, *wanted: Statement) -> None:
        """Prepare those of the statements that the connection at hand does not know yet."""
        connection: Connection = self.connection()
        for statement in wanted:
            if statement.name not in connection.prepared:
                self.execute_sql(statement.definition)
                connection.prepared.add(statement.name)

    def begin(self, isolation_level: Any = None) -> None:
        """Open a transaction."""
        _timed("begin", lambda: super(Database, self).begin(isolation_level))

    def commit(self) -> None:
        """Commit the transaction."""
        _timed("commit", lambda: super(Database, self).commit())


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


class _Unbound:
    """Stands where a client will be, and says so when it is used too early."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("chatapp.extensions.bind(settings) has not been called")


redis: redis_py.Redis = _Unbound()  # type: ignore[assignment]
object_store: Minio = _Unbound()  # type: ignore[assignment]


def bind(settings: Settings) -> None:
    """Point the handles at the servers. Opens no connection: a server that is away now may be back later."""
    global redis, object_store
    bind_database(settings)
    pool = redis_pool(
        settings, connections=settings.redis_pool, seconds=settings.redis_timeout, health_check_interval=30
    )
    redis = redis_py.Redis(connection_pool=pool)
    object_store = _object_store(settings)


def bind_database(settings: Settings) -> None:
    """Point `db` at Postgres.

    Time-outs guard the promise that one slow part never hangs a request; `lock_timeout` is shorter than
    `statement_timeout` so that a lock is reported as a lock. TCP settings notice a server that vanished.
    """
    milliseconds = int(settings.statement_timeout * 1000)
    db.init(
        settings.database_url,
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
        options=(
            f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds // 2}"
            f" -c idle_in_transaction_session_timeout={milliseconds * 2} -c timezone=UTC -c synchronous_commit=on"
            # What is prepared is planned once, maybe while tables are empty: it must enter by an index all the same.
            # Most pages are the next few rows of one; a bitmap would fetch all that follow first.
            " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off"
        ),
    )


def redis_pool(
    settings: Settings, *, connections: int, seconds: float, retries: int = 1, **options: Any
) -> redis_py.BlockingConnectionPool:
    """A pool that makes a greenlet wait for a free connection instead of failing it (redis-py's default raises at 100).

    Parameters:
        connections: the most that are open.
        seconds: longest wait for a free connection, to connect, and for an answer.
        retries: how often a command is tried again on a fresh connection, where the last had broken. A server that
            does not answer is not asked again: nobody waits twice.
    """
    if settings.redis_url.startswith("rediss://"):
        options["ssl_cert_reqs"] = None  # Heroku's Redis presents a self-signed certificate
    return redis_py.BlockingConnectionPool.from_url(
        settings.redis_url,
        max_connections=connections,
        timeout=seconds,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        protocol=2,
        parser_class=gevent_redis.Parser,
        retry=Retry(NoBackoff(), retries, supported_errors=(RedisConnectionError,)),
        **options,
    )


def _object_store(settings: Settings) -> Minio:
    scheme, _, host = settings.s3_endpoint.partition("://")
    return Minio(
        host,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        region=settings.s3_region,
        secure=scheme == "https",
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=S3_CONNECT_TIMEOUT, read=S3_READ_TIMEOUT),
            retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            maxsize=S3_CONNECTIONS,
        ),
    )
