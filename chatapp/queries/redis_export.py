"""Current values for the Redis export, read from Postgres: always whole values, never differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from chatapp.ids.pair_key import members_of
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import chats, fragments, hidden_messages


@dataclass(frozen=True, slots=True)
class ChatUnread:
    """The number of unread messages of one member in one chat."""

    user_uuid: str
    chat_id: int
    unread: int


@dataclass(frozen=True, slots=True)
class LastMessage:
    """The beginning of a chat's newest message; empty if the message was deleted."""

    id: int
    chat_id: int
    sender_uuid: str
    content: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class UserState:
    """The number of a user's unread messages over all chats, and when the user was last seen.

    Attributes:
        hides_last_seen: whether no other service may show it either.
    """

    uuid: str
    unread: int
    last_seen: dt.datetime | None
    is_erased: bool
    hides_last_seen: bool = False


_UNREAD_COLUMNS = f"u.uuid::text, c.id, {fragments.unread_count('c', 'm')}, u.id, {fragments.may_hide('c', 'm')}"

_LAST_MESSAGES = """
SELECT c.last_message_id, c.id, coalesce(u.uuid::text, ''), c.last_message_text, c.last_message_at
FROM chats c LEFT JOIN users u ON u.id = c.last_message_sender_id WHERE c.id = ANY(%s)
"""

_UNREAD = f"""
SELECT {_UNREAD_COLUMNS}
FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (user_id, chat_id)
JOIN chat_members m ON m.user_id = wanted.user_id AND m.chat_id = wanted.chat_id
JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.user_id
WHERE u.erased_at IS NULL
"""

_UNREAD_CHATS = f"""
SELECT {_UNREAD_COLUMNS}
FROM {fragments.may_have_unread("%(users)s")} m JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.user_id
WHERE u.erased_at IS NULL
"""


def load_last_messages(chat_ids: Collection[int]) -> tuple[set[int], list[LastMessage]]:
    """The ids of those of these chats that exist, and their newest messages.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(_LAST_MESSAGES, (list(chat_ids),)).fetchall()
    return {chat_id for _, chat_id, *_ in rows}, [LastMessage(*row) for row in rows if row[0] > 0]


def load_unread(memberships: Collection[tuple[int, int]]) -> list[ChatUnread]:
    """Unread messages of users in chats that they are in. Erased users are left out.

    Parameters:
        memberships: pairs of a user id and a chat id.

    Raises:
        Unavailable: Postgres is away.
    """
    values = [user_id for user_id, _ in memberships], [chat_id for _, chat_id in memberships]
    with database_connection():
        return _unread(db.execute_sql(_UNREAD, values).fetchall())


_NOT_MEMBERS = """
SELECT u.uuid::text, wanted.chat_id FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (user_id, chat_id)
JOIN users u ON u.id = wanted.user_id
WHERE NOT EXISTS (SELECT FROM chat_members WHERE user_id = wanted.user_id AND chat_id = wanted.chat_id)
"""


def load_not_members(pairs: Collection[tuple[int, int]]) -> list[tuple[str, int]]:
    """Those of these users and chats where the user is not a member: the UUID of the user and the id of the chat.

    Raises:
        Unavailable: Postgres is away.
    """
    values = [user_id for user_id, _ in pairs], [chat_id for _, chat_id in pairs]
    with database_connection():
        return [(uuid, chat_id) for uuid, chat_id in db.execute_sql(_NOT_MEMBERS, values).fetchall()]


def _unread(rows: list[Any]) -> list[ChatUnread]:
    hiding = [(user_id, chat_id) for _, chat_id, unread, user_id, may_hide in rows if may_hide and unread]
    hidden = hidden_messages.unread_of_members(hiding)
    return [
        ChatUnread(uuid, chat_id, unread - hidden.get((user_id, chat_id), 0))
        for uuid, chat_id, unread, user_id, _ in rows
    ]


def load_members(chat_id: int) -> list[int]:
    """Ids of the members of a chat; none if it was deleted.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql("SELECT user_id FROM chat_members WHERE chat_id = %s", (chat_id,)).fetchall()
    return [user_id for (user_id,) in rows]


def load_current_users(user_ids: Collection[int]) -> dict[int, UserState]:
    """The state of these users, by id.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        unread = chats.unread_counts(list(user_ids))
        rows = db.execute_sql(
            "SELECT id, uuid::text, last_seen_at, erased_at IS NOT NULL, hide_last_seen FROM users WHERE id = ANY(%s)",
            (list(user_ids),),
        ).fetchall()
    return {id: UserState(uuid, unread[id], *state) for id, uuid, *state in rows}


def load_unread_chats(user_ids: Collection[int]) -> list[ChatUnread]:
    """Every chat in which one of these users may have unread messages.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        return _unread(db.execute_sql(_UNREAD_CHATS, {"users": list(user_ids)}).fetchall())


def find_active_chats(since: dt.datetime, *, after: int, limit: int) -> tuple[dict[int, tuple[int, ...]], int | None]:
    """Scan the next `limit` chats by id for those with a message since a time.

    Scans the primary key: an index on the time would change with every message, and this runs only after Redis lost
    its data.

    Parameters:
        after: only chats with larger ids.
        limit: the number of chats to scan.

    Returns:
        By id of each active chat its members, if they are two; and the next `after`, None at the end.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT id, pair_key, coalesce(last_message_at >= %s, false) FROM chats WHERE id > %s ORDER BY id LIMIT %s",
            (since, after, limit),
        ).fetchall()
    active = {id: members_of(key) for id, key, is_active in rows if is_active}
    return active, rows[-1][0] if len(rows) == limit else None
