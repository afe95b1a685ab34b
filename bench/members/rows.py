"""Users and chats of two as rows of an empty database, one group, and how many rows the database writes."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2
import requests

from bench.environment import Environment, token_for

ADDED_AT_ONCE = 500  # members that one request may name
COUNTED_WITHIN = 15.0  # seconds; an idle session of Postgres reports its counts within ten

_USERS = """
INSERT INTO users (id, subject, username, name)
SELECT n, n, 'person-' || n, 'Person ' || n FROM generate_series(1, %(users)s) n
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
    """A chat, and those of its members who have a socket.

    Attributes:
        seq: of its last message before the load.
    """

    id: int
    people: tuple[int, ...]
    seq: int = 0


def make_chats(running: Environment, *, members: int, sockets: int, pairs: int) -> tuple[Chat, list[Chat]]:
    """Make one group of `members`, the first `sockets` with a socket, and `pairs` chats of two other users."""
    assert running.servers.postgres is not None
    url = running.servers.postgres.url
    two = make_pairs(url, pairs, others=members)
    group = _make_group(running.url, members)
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Chat(group["id"], tuple(range(1, sockets + 1)), group["seq"]), two


def make_pairs(url: str, pairs: int, *, others: int = 0) -> list[Chat]:
    """Make users and chats of two of them.

    Parameters:
        url: of the database.
        others: users who are made before, with the first ids.
    """
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(_USERS, {"users": others + 2 * pairs})
        cursor.execute(_PAIRS, {"first": others + 1, "last": others + 2 * pairs - 1})
        return [Chat(chat, (one, other)) for chat, one, other in cursor.fetchall()]


def _make_group(url: str, members: int) -> dict[str, Any]:
    """Create a group of the first users over REST; returns its list entry."""
    path = f"{url}/api/v1/marketplace/chat/groups"
    headers = {"Authorization": f"Bearer {token_for(1)}"}
    group = _posted(path, {"title": "A thousand", "member_ids": []}, headers)
    for first in range(2, members + 1, ADDED_AT_ONCE):
        user_ids = list(range(first, min(first + ADDED_AT_ONCE, members + 1)))
        group = _posted(f"{path}/{group['id']}/members", {"user_ids": user_ids}, headers)
    return group


def _posted(url: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    response = requests.post(url, json=body, headers=headers, timeout=30)
    response.raise_for_status()
    data: dict[str, Any] = response.json()["data"]
    return data


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
