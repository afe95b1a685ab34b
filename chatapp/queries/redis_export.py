"""What the mirror in Redis shows, read from Postgres: always whole values, never differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from chatapp.infra.postgres import database_connection, db
from chatapp.queries import chats


@dataclass(frozen=True, slots=True)
class Place:
    """One person's unread messages in one chat."""

    user_uuid: str
    chat_id: int
    unread: int


@dataclass(frozen=True, slots=True)
class LastMessage:
    """The beginning of a chat's newest message; of one that was taken back nothing."""

    id: int
    chat_id: int
    sender_uuid: str
    content: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's unread messages over all chats, and when they were last seen."""

    uuid: str
    unread: int
    last_seen: dt.datetime | None
    is_erased: bool


# pointers never pass `last_seq`
_UNREAD = "c.last_seq - greatest(m.last_read_seq, m.cleared_seq, m.joined_seq)"

_PLACES = f"""
SELECT u.uuid::text, c.id, {_UNREAD}
FROM chats c JOIN chat_members m ON m.chat_id = c.id JOIN users u ON u.id = m.user_id
WHERE c.id = ANY(%s) AND u.erased_at IS NULL
"""

_LAST_MESSAGES = """
SELECT c.last_message_id, c.id, coalesce(u.uuid::text, ''), c.last_message_text, c.last_message_at
FROM chats c LEFT JOIN users u ON u.id = c.last_message_sender_id WHERE c.id = ANY(%s) AND c.last_message_id > 0
"""

_UNREAD_PLACES = f"""
SELECT u.uuid::text, c.id, {_UNREAD}
FROM chat_members m JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.user_id
WHERE m.user_id = ANY(%s) AND m.has_unread AND u.erased_at IS NULL
"""


def chats_as_they_stand(chat_ids: Collection[int]) -> tuple[list[Place], list[LastMessage]]:
    """Both members' places in each of these chats, and the chats' last messages. Chats and people that are gone are
    left out.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        places = db.execute_sql(_PLACES, (list(chat_ids),)).fetchall()
        last_messages = db.execute_sql(_LAST_MESSAGES, (list(chat_ids),)).fetchall()
    return [Place(*row) for row in places], [LastMessage(*row) for row in last_messages]


def people_as_they_stand(user_ids: Collection[int]) -> dict[int, Person]:
    """These people by their ids.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        unread = chats.unread_counts(list(user_ids))
        rows = db.execute_sql(
            "SELECT id, uuid::text, last_seen_at, erased_at IS NOT NULL FROM users WHERE id = ANY(%s)",
            (list(user_ids),),
        ).fetchall()
    return {id: Person(uuid, unread[id], last_seen, is_erased) for id, uuid, last_seen, is_erased in rows}


def unread_places(user_ids: Collection[int]) -> list[Place]:
    """Every chat in which one of these people may have something unread.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return [Place(*row) for row in db.execute_sql(_UNREAD_PLACES, (list(user_ids),)).fetchall()]


def active_chats(since: dt.datetime, *, after: int, looked_at: int) -> tuple[dict[int, tuple[int, int]], int | None]:
    """Chats in which something was written since a moment, and their two members, of the next so many chats by id.

    Walks the primary key: no index on what changes with every message, and it is asked only after Redis lost all.

    Parameters:
        after: only chats with larger ids.
        looked_at: how many chats are looked at.

    Returns: the members by chat, and what to give as `after` next; None at the end.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT id, buyer_id, seller_id, coalesce(last_message_at >= %s, false) FROM chats"
            " WHERE id > %s ORDER BY id LIMIT %s",
            (since, after, looked_at),
        ).fetchall()
    active = {id: (buyer_id, seller_id) for id, buyer_id, seller_id, is_active in rows if is_active}
    return active, rows[-1][0] if len(rows) == looked_at else None
