"""Direct access to the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

# Tables that users' actions write to. Without the outbox: redactions change it.
TABLES = (
    "users",
    "items",
    "chats",
    "chat_members",
    "messages",
    "message_changes",
    "read_marks",
    "client_keys",
    "blocks",
    "attachments",
    "objects",
)


class Database:
    """A PostgreSQL database by its URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def url(self) -> str:
        """URL of the database."""
        return self._url

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def change(self, sql: str, *values: Any) -> None:
        """Execute a statement and commit."""
        with closing(psycopg2.connect(self._url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    @contextmanager
    def holding(self, sql: str, *values: Any) -> Iterator[Any]:
        """Keep a transaction with this statement open for the block; yields its cursor, and commits at the end."""
        with closing(psycopg2.connect(self._url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            yield cursor

    @contextmanager
    def autocommitting(self) -> Iterator[Any]:
        """Yield a cursor in autocommit mode."""
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            yield cursor

    def counts(self) -> dict[str, int]:
        """Number of rows by table, and the sums of versions and read pointers."""
        sums = [f"(SELECT count(*) FROM {table})" for table in TABLES]
        sums.append("(SELECT coalesce(sum(last_version), 0) FROM chats)")
        sums.append("(SELECT coalesce(sum(last_read_seq), 0) FROM chat_members)")
        (found,) = self.rows(f"SELECT {', '.join(sums)}")
        return dict(zip((*TABLES, "versions", "read"), map(int, found), strict=True))
