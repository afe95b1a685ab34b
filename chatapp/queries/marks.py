"""A user's own marks of messages: stars, and messages that the user has hidden from oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatapp import clock
from chatapp.access import hides_blocked
from chatapp.auth.actor import Actor
from chatapp.events.families import Event
from chatapp.events.marks import MessageHidden, MessageStarred
from chatapp.events.snapshots import ViewedMessage
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments, message_rows
from chatapp.queries import messages as message_queries
from chatapp.queries.page_bytes import fitting

# OFFSET 0: chats and messages are looked up, in the order of the user's starred messages.
_STARRED = message_rows.statement(f"""(
    SELECT found.* FROM message_marks k
    CROSS JOIN LATERAL (SELECT * FROM chat_members WHERE user_id = k.user_id AND chat_id = k.chat_id OFFSET 0) me
    CROSS JOIN LATERAL (SELECT * FROM chats WHERE id = k.chat_id OFFSET 0) chat
    CROSS JOIN LATERAL (
        SELECT * FROM messages WHERE retention IN (0, 1) AND id = k.message_id AND deleted_at IS NULL
            AND seq > {fragments.visible_floor("me")} OFFSET 0
    ) found
    WHERE k.user_id = %(viewer)s AND k.starred_at IS NOT NULL AND k.message_id < %(before)s
        AND NOT (%(hides)s AND chat.pair_key IS NULL AND EXISTS (
            SELECT FROM blocks WHERE blocker_id = k.user_id AND blocked_id = found.sender_id OFFSET 0
        ))
    ORDER BY k.message_id DESC LIMIT %(limit)s
)""")


def starred(actor: Actor, *, limit: int, before_id: int | None = None) -> tuple[list[ViewedMessage], bool]:
    """The messages that a user has starred, the newest message first, and whether there are more.

    Parameters:
        before_id: only messages older than this one.
    """
    before = snowflake.MAX_ID + 1 if before_id is None else before_id
    values = {"before": before, "hides": hides_blocked(), "limit": limit + 1}
    found = message_queries.snapshots(_STARRED, values, actor.id)
    found.sort(key=lambda message: -message.id)
    shown, is_cut = fitting(found[:limit])
    return shown, is_cut or len(found) > limit


_HIDDEN_AMONG = Statement("""
SELECT message_id FROM message_marks
WHERE user_id = %(user)s AND message_id = ANY(%(messages)s) AND hidden_at IS NOT NULL
""")


def hidden_among(user_id: int, message_ids: Sequence[int]) -> frozenset[int]:
    """Those of these messages that a user has hidden."""
    if not message_ids:
        return frozenset()
    rows: list[Any] = db.run(_HIDDEN_AMONG, {"user": user_id, "messages": list(message_ids)}).fetchall()
    return frozenset(message_id for (message_id,) in rows)


_CHANGED_SINCE = Statement("""
SELECT message_id, chat_id, seq, starred_at IS NOT NULL, hidden_at IS NOT NULL, changed_at FROM message_marks
WHERE user_id = %(user)s AND changed_in >= %(xmin)s::text::xid8 AND message_id > %(after)s
    AND (%(chat)s::bigint IS NULL OR chat_id = %(chat)s)
ORDER BY message_id LIMIT %(limit)s
""")


def changed_since(
    user_id: int, xmin: int, *, after: int, limit: int, chat_id: int | None = None
) -> tuple[list[Event], int | None]:
    """The current marks of a user that transactions with stamps from `xmin` on have changed, as events.

    Parameters:
        after: only marks of messages with larger ids, because those up to it were on earlier pages.
        chat_id: only those of this chat.

    Returns: the events; and the id of the last message, if there are more.
    """
    values = {"user": user_id, "xmin": xmin, "after": after, "chat": chat_id, "limit": limit + 1}
    rows: list[Any] = db.run(_CHANGED_SINCE, values).fetchall()
    events = [_event(user_id, *row) for row in rows[:limit]]
    return events, rows[limit - 1][0] if len(rows) > limit else None


def _event(
    user_id: int, message_id: int, chat_id: int, seq: int, is_starred: bool, is_hidden: bool, changed_at: Any
) -> Event:
    if is_hidden:
        return MessageHidden((user_id,), chat_id=chat_id, message_id=message_id, seq=seq)
    return MessageStarred(
        (user_id,),
        chat_id=chat_id,
        message_id=message_id,
        is_starred=is_starred,
        changed_at=clock.rfc3339(changed_at),
    )
