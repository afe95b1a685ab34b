"""What a catch-up has beside messages and changes: read positions, ended chats, and what only the user sees.

Each is everything by transactions with stamps from `xmin` on (see `catchup`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatapp import clock
from chatapp.events.moderation import ShadowMessageEdited
from chatapp.events.types import ChatDeleted, ChatLeft, ChatRead, Event
from chatapp.ids.pair_key import members_of
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.queries import fragments, shadow_messages
from chatapp.queries import messages as message_queries

LEFT = "left"  # `kind` of a tombstone of a member who left, or was removed


def own_edits(user_id: int, xmin: int, chat_id: int | None) -> list[Event]:
    """Edits that no one but their author sees."""
    edited = shadow_messages.edited_since(user_id, xmin, chat_id)
    return [
        ShadowMessageEdited((user_id,), message.chat_id, message.version, message=message)
        for message in message_queries.snapshots_by_id(edited, user_id)
    ]


# Of both members of a chat of two; of a larger one only the user's own. The newest mark up to the receipt: sending
# advances the pointer without a mark if nothing was unread.
_READS = Statement(f"""
SELECT m.chat_id, c.last_version, m.user_id, r.up_to_seq, r.read_at, r.message_id, c.pair_key,
    u.uuid::text
FROM chats c
JOIN chat_members m ON m.chat_id = c.id
    AND m.user_id = ANY(ARRAY[%(viewer)s, {fragments.counterpart_id("c", "%(viewer)s")}])
JOIN users u ON u.id = m.user_id
CROSS JOIN LATERAL (
    SELECT up_to_seq, read_at, message_id FROM read_marks
    WHERE chat_id = m.chat_id AND user_id = m.user_id
        AND up_to_seq <= {fragments.receipt("m")}
    ORDER BY up_to_seq DESC LIMIT 1
) r
WHERE c.id = ANY(%(chats)s) AND m.changed_in >= %(xmin)s::text::xid8
""")


def reads(user_id: int, chat_ids: Sequence[int], xmin: int) -> list[Event]:
    """Current read positions of members who have read since the cursor, as far as this user may know."""
    values = {"viewer": user_id, "chats": list(chat_ids), "xmin": xmin}
    rows = db.run(_READS, values).fetchall() if chat_ids else []
    return [
        ChatRead(
            recipients=members_of(key) or (user_id,),
            chat_id=chat_id,
            version=version,
            reader_id=user_id,
            message_id=message_id,
            up_to_seq=up_to_seq,
            read_at=clock.rfc3339(read_at),
            reader_uuid=uuid,
        )
        for chat_id, version, user_id, up_to_seq, read_at, message_id, key, uuid in rows
    ]


_TOMBSTONES = Statement("""
SELECT kind, chat_id, version, deleted_by, coalesce(u.uuid::text, '') FROM chat_tombstones
LEFT JOIN users u ON u.id = deleted_by WHERE user_id = %s AND created_in >= %s::text::xid8
""")


def ended_chats(user_id: int, xmin: int) -> list[Event]:
    """Chats that were deleted for the user, and groups that the user left."""
    rows: list[Any] = db.run(_TOMBSTONES, (user_id, xmin)).fetchall()
    return [_ended(user_id, *row) for row in rows]


def _ended(user_id: int, kind: str, chat_id: int, version: int, actor_id: int, uuid: str) -> Event:
    if kind == LEFT:
        removed_by = (None, "") if actor_id == user_id else (actor_id, uuid)
        return ChatLeft((user_id,), chat_id, version, *removed_by)
    return ChatDeleted((user_id,), chat_id, version, deleted_by=actor_id, deleted_by_uuid=uuid)
