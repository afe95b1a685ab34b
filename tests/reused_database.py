"""A migrated database for many tests, one after the other: making one for each takes half a second of CPU.

After a test its rows are deleted, and what the migrations wrote is written again. If that cannot restore the database,
because the schema has changed or a lock is still held, it is dropped and the next test gets a new one.

Fixtures of one test that ask for it get the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from chatapp import transaction
from chatapp.events.bus import bus
from tests.servers import database_copy

MOST_ROWS = 2000  # deleted rows still take space, and plans depend on it
LOCK_TIMEOUT = "2s"  # a test may have left a transaction open
END_TIMEOUT_MS = 5000

# Postgres may still run the last statement of a process that was killed: it must not commit during the next test.
_END_SESSIONS = """
SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

_TABLES = """
SELECT c.oid::regclass::text, ARRAY(
    SELECT quote_ident(attname) FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
) FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
_SEQUENCES = "SELECT schemaname || '.' || sequencename, start_value, last_value FROM pg_sequences"
_SCHEMA = """
SELECT (SELECT array_agg((oid, relname, relnatts) ORDER BY oid) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace)::text,
    (SELECT array_agg((oid, md5(prosrc)) ORDER BY oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)::text,
    (SELECT array_agg((oid, tgenabled) ORDER BY oid) FROM pg_trigger)::text,
    (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_attrdef),
    (SELECT count(*) FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.reltuples > 1000)
"""


class ReusedDatabase:
    """Lends one database, to one test at a time.

    Parameters:
        server_url: of a database of the server.
    """

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._stack = ExitStack()
        self._url: str | None = None
        self._is_lent = False

    @contextmanager
    def lent(self) -> Iterator[str]:
        """A database as the migrations make it; yields its URL. Within the block of another it is the same one."""
        if self._url is None:
            self._url = self._create()
        if self._is_lent:
            yield self._url
            return
        self._is_lent = True
        forget_rows()
        try:
            yield self._url
        finally:
            self._is_lent = False
            if not self._restore():
                self.close()

    def close(self) -> None:
        """Drop the database."""
        self._stack.close()
        self._url = None

    def _create(self) -> str:
        url = self._stack.enter_context(database_copy(self._server_url))
        self._connection: Connection = psycopg2.connect(url)
        self._stack.callback(self._connection.close)
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no triggers, no foreign keys
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            cursor.execute(_TABLES)
            self._columns: dict[str, str] = {table: ", ".join(columns) for table, columns in cursor.fetchall()}
            self._seeded = _filled(cursor, list(self._columns))
            for table in self._seeded:
                cursor.execute(f"CREATE TEMPORARY TABLE seed_{table} AS SELECT {self._columns[table]} FROM {table}")
            cursor.execute(_SEQUENCES)
            self._sequences: list[tuple[str, int, int | None]] = cursor.fetchall()
            cursor.execute(_SCHEMA)
            self._schema = cursor.fetchone()
        return url

    def _restore(self) -> bool:
        """Returns whether the database is again as it was made."""
        try:
            with self._connection, self._connection.cursor() as cursor:
                cursor.execute(_END_SESSIONS, (END_TIMEOUT_MS,))
                cursor.execute(_SCHEMA)
                return cursor.fetchone() == self._schema and self._delete_rows(cursor) <= MOST_ROWS
        except psycopg2.Error:
            return False

    def _delete_rows(self, cursor: Any) -> int:
        deleted = 0
        for table in dict.fromkeys([*_filled(cursor, list(self._columns)), *self._seeded]):
            cursor.execute(f"DELETE FROM {table}")
            deleted += cursor.rowcount
        for table in self._seeded:
            columns = self._columns[table]
            cursor.execute(
                f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM seed_{table}"
            )
        for name, start, last in self._sequences:
            cursor.execute("SELECT setval(%s, %s, %s)", (name, start if last is None else last, last is not None))
        return deleted


def forget_rows() -> None:
    """Forget what this process has published: another database has other rows under the same ids."""
    bus._parcels.take_all()
    transaction._published.clear()


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    """The tables that have rows."""
    parts = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    cursor.execute(parts)
    return [table for (table,) in cursor.fetchall()]
