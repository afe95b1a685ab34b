"""Read pointers. Reading is cumulative: reading a message reads all messages before it."""

from __future__ import annotations

from typing import Any

from chatapp import clock, metrics
from chatapp.access import access_chat, access_chat_to_read, access_message
from chatapp.actions import chat_settings
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound
from chatapp.events.types import ChatRead
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import ChatMember, Message
from chatapp.models.messages import RETENTION_CLASSES
from chatapp.queries import hidden_messages
from chatapp.transaction import unit_of_work


def mark_message_read(actor: Actor, message_id: int) -> int:
    """Read a message and all before it; returns how many messages became read.

    Raises:
        NotFound: there is no such message for this actor.
    """
    with database_connection():
        message, _ = access_message(actor, message_id)
    return mark_read(actor, message.chat_id, [message_id])


# A chat of two is marked as changed, too, so that a catch-up of the other finds the pointer by querying chats alone. In
# a larger chat other members are not notified, and its row is not locked: only an advance is written. A draft stays.
_MOVE_POINTER = Statement("""
WITH member AS (
    UPDATE chat_members SET last_read_seq = %(up_to)s, has_unread = %(has_unread)s,
        draft_seq = CASE WHEN draft_seq = last_read_seq THEN %(up_to)s END, unread_mark_seq = NULL,
        changed_in = transaction_stamp()
    WHERE user_id = %(user)s AND chat_id = %(chat)s AND last_read_seq < %(up_to)s RETURNING user_id
), chat AS (
    UPDATE chats SET changed_in = transaction_stamp() WHERE id = %(chat)s AND pair_key IS NOT NULL
), mark AS (
    INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id, read_at)
    SELECT %(chat)s, user_id, %(up_to)s, %(message)s::bigint, %(read_at)s::timestamptz FROM member
    ON CONFLICT DO NOTHING
)
SELECT FROM member
""")


def mark_read(actor: Actor, chat_id: int, message_ids: list[int] | None = None) -> int:
    """Read a chat up to the newest of these messages, or all of it; returns how many messages became read.

    It also ends the mark as unread.

    Raises:
        NotFound: not a chat of the actor's, or a message that is not in it.
    """
    newly_read = _move_pointer(actor, chat_id, message_ids)
    metrics.messages_read(newly_read)
    return newly_read


def _move_pointer(actor: Actor, chat_id: int, message_ids: list[int] | None) -> int:
    with unit_of_work() as work:
        found = access_chat_to_read(actor, chat_id)
        if found.member.unread_mark_seq is not None:
            found = access_chat(actor, chat_id, lock=True)
            if found.member.is_marked_unread:
                chat_settings.change(work, found.chat, actor.id, unread_mark_seq=None)
        chat, member = found.chat, found.member
        message_id, up_to = (chat.last_message_id, chat.last_seq)
        if message_ids is not None:
            message_id, up_to = _newest_of(chat_id, message_ids)
        before = member.read_floor
        if up_to <= before:
            if member.has_unread and before >= chat.last_seq:
                membership = (ChatMember.user_id == actor.id) & (ChatMember.chat_id == chat_id)
                ChatMember.update(has_unread=False).where(membership).execute()
            return 0
        read_at = clock.now()
        values = {
            "chat": chat_id,
            "user": actor.id,
            "up_to": up_to,
            "has_unread": bool(chat.pair) and up_to < chat.last_seq,
            "message": message_id,
            "read_at": read_at,
        }
        if not db.run(_MOVE_POINTER, values).rowcount:
            return 0  # another device of the actor has read further
        work.publish_after_commit(
            ChatRead(
                # During a block, and in a larger chat, only the reader's own devices receive it.
                recipients=(actor.id,) if chat.has_block or not chat.pair else chat.pair,
                chat_id=chat_id,
                version=chat.last_version,
                reader_id=actor.id,
                message_id=message_id,
                up_to_seq=up_to,
                read_at=clock.rfc3339(read_at),
                reader_uuid=actor.uuid,
            )
        )
        newly_read = int(up_to - before)
        return newly_read - hidden_messages.count(found, newly_read, up_to_id=message_id)


def _newest_of(chat_id: int, message_ids: list[int]) -> tuple[int, int]:
    """The id and `seq` of the newest of these messages, all of which must be in the chat."""
    rows: Any = list(
        Message.select(Message.id, Message.seq)
        .where(Message.id.in_(message_ids), Message.retention.in_(RETENTION_CLASSES), Message.chat_id == chat_id)
        .order_by(Message.seq.desc())
        .tuples()
    )
    if len(rows) != len(set(message_ids)):
        raise NotFound("message_not_found")
    newest: tuple[int, int] = rows[0]
    return newest
