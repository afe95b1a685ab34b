"""What the database holds, read past the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

# What people's writes leave behind; the outbox is left out, since marking its rows is nobody's write.
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
        """Where it is."""
        return self._url

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def change(self, sql: str, *values: Any) -> None:
        """Change something past the application."""
        with closing(psycopg2.connect(self._url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, values)

    @contextmanager
    def holding(self, sql: str, *values: Any) -> Iterator[Any]:
        """A transaction that ran this and stays open for the block; gives its cursor, and commits at the end."""
        with closing(psycopg2.connect(self._url)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            yield cursor

    @contextmanager
    def autocommitting(self) -> Iterator[Any]:
        """A cursor in autocommit mode: each statement is a transaction."""
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            yield cursor

    def counts(self) -> dict[str, int]:
        """Rows by table, and how far chats and readers have come."""
        sums = [f"(SELECT count(*) FROM {table})" for table in TABLES]
        sums.append("(SELECT coalesce(sum(last_version), 0) FROM chats)")
        sums.append("(SELECT coalesce(sum(last_read_seq), 0) FROM chat_members)")
        (found,) = self.rows(f"SELECT {', '.join(sums)}")
        return dict(zip((*TABLES, "versions", "read"), map(int, found), strict=True))
