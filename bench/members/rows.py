"""Users, chats of two and one larger chat, as rows of an empty database; and how many rows it writes."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass

import psycopg2

COUNTED_WITHIN = 15.0  # seconds; an idle session of Postgres reports its counts within ten

_USERS = """
INSERT INTO users (id, subject, username, name)
SELECT n, n, 'person-' || n, 'Person ' || n FROM generate_series(1, %(users)s) n
"""
_LARGER = "INSERT INTO chats (kind) VALUES ('direct') RETURNING id"
_MEMBERS = """
INSERT INTO chat_members (chat_id, user_id, role)
SELECT %(chat)s, n, CASE n WHEN 1 THEN 'owner' ELSE 'member' END FROM generate_series(1, %(members)s) n
"""
_PAIRS = """
WITH pairs AS (
    INSERT INTO chats (kind, pair_key)
    SELECT 'direct', pair_key('direct', NULL, n, n + 1) FROM generate_series(%(first)s, %(last)s, 2) n
    RETURNING id, split_part(pair_key, ':', -2)::bigint AS one, split_part(pair_key, ':', -1)::bigint AS other
), members AS (
    INSERT INTO chat_members (chat_id, user_id, role)
    SELECT id, one, 'buyer' FROM pairs UNION ALL SELECT id, other, 'seller' FROM pairs
)
SELECT id, one, other FROM pairs
"""
# Partitions of messages are tables of their own.
_WRITTEN = """
SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint,
    coalesce(sum(n_tup_ins) FILTER (WHERE relname LIKE 'messages\\_%'), 0)::bigint
FROM pg_stat_user_tables
"""


@dataclass(frozen=True)
class Chat:
    """A chat, and those of its members who have a socket."""

    id: int
    people: tuple[int, ...]


def make_chats(url: str, *, members: int, sockets: int, pairs: int) -> tuple[Chat, list[Chat]]:
    """Store one chat of `members`, the first `sockets` with a socket, and `pairs` chats of two other users."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_USERS, {"users": members + 2 * pairs})
        cursor.execute(_LARGER)
        (larger,) = cursor.fetchone() or (0,)
        cursor.execute(_MEMBERS, {"chat": larger, "members": members})
        cursor.execute(_PAIRS, {"first": members + 1, "last": members + 2 * pairs - 1})
        two = [Chat(chat, (one, other)) for chat, one, other in cursor.fetchall()]
        cursor.execute("ANALYZE")
    return Chat(larger, tuple(range(1, sockets + 1))), two


class WrittenRows:
    """Counts the rows that Postgres inserts, updates and deletes. Parameters: url: of the database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rows, self._messages = self._count()

    def since_last(self, messages: int) -> int:
        """Rows written since the last call, in which this number of messages was stored.

        Sessions report what they wrote with a delay: waits until all messages are counted and nothing else follows.
        """
        deadline, last = time.monotonic() + COUNTED_WITHIN, -1
        while True:
            rows, stored = self._count()
            if (stored >= self._messages + messages and rows == last) or time.monotonic() > deadline:
                break
            last = rows
            time.sleep(1.1)  # longer than a session that writes keeps its counts
        written = rows - self._rows
        self._rows, self._messages = rows, stored
        return written

    def _count(self) -> tuple[int, int]:
        with closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(_WRITTEN)
            rows, stored = cursor.fetchone() or (0, 0)
            return rows, stored
