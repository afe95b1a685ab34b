"""System messages: what happens to a group is a message of its chat, so pages, catch-ups and live frames have it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from chatapp.actions.attachments.attaching import attach
from chatapp.actions.chat_log import number_next_message
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import MessageSnapshot, SystemNote
from chatapp.events.types import MessageSent
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Chat, Message
from chatapp.models.messages import SYSTEM
from chatapp.queries import messages as message_queries
from chatapp.queries.system_notes import stored_form
from chatapp.transaction import UnitOfWork

SYSTEM_EVENTS = (
    "created",
    "member_added",
    "member_removed",
    "left",
    "role_changed",
    "title_changed",
    "picture_changed",
)

# As for a message that a member sends: the member has read everything before it, and the chat is not archived any more.
_WRITE = Statement(f"""
WITH new_message AS (
    INSERT INTO messages (id, chat_id, seq, version, sender_id, message_type, content, system, attachments_count,
        created_at)
    VALUES (%(id)s::bigint, %(chat)s::bigint, %(seq)s::bigint, %(version)s::bigint, %(actor)s::bigint, '{SYSTEM}', '',
        %(note)s::jsonb, %(files)s::smallint, %(sent_at)s::timestamptz)
), head AS (
    UPDATE chats SET last_seq = %(seq)s, last_version = %(version)s, last_message_id = %(id)s,
        first_message_id = CASE first_message_id WHEN 0 THEN %(id)s ELSE first_message_id END,
        last_message_sender_id = %(actor)s, last_message_text = '', last_message_deleted = false,
        last_message_at = %(sent_at)s, updated_at = %(sent_at)s, changed_in = transaction_stamp(),
        last_system = %(note)s::jsonb || jsonb_build_object('message_id', %(id)s)
    WHERE id = %(chat)s
), before AS (
    SELECT last_read_seq FROM chat_members WHERE user_id = %(actor)s AND chat_id = %(chat)s
), pointer AS (
    UPDATE chat_members SET last_read_seq = %(seq)s, is_archived = false, changed_in = transaction_stamp()
    WHERE user_id = %(actor)s AND chat_id = %(chat)s
)
INSERT INTO read_marks (chat_id, user_id, up_to_seq, message_id, read_at)
SELECT %(chat)s, %(actor)s, %(seq)s, %(id)s, %(sent_at)s FROM before WHERE last_read_seq < %(seq)s - 1
ON CONFLICT DO NOTHING
""")


def write(
    work: UnitOfWork, chat: Chat, actor: Actor, note: SystemNote, *, attachment_ids: Sequence[int] = ()
) -> MessageSnapshot:
    """Store a system message as the next one of its chat, and publish it to the members after the commit.

    Parameters:
        chat: locked; its head is advanced.
        actor: who did what the note says.
        attachment_ids: files that belong to the message; not sent yet.

    Returns: the message.
    """
    id = number_next_message(chat)
    values = {
        "id": id,
        "chat": chat.id,
        "seq": chat.last_seq,
        "version": chat.last_version,
        "actor": actor.id,
        "note": orjson.dumps(stored_form(note)).decode(),
        "files": len(attachment_ids),
        "sent_at": snowflake.moment_of(id),
    }
    db.run(_WRITE, values)
    if attachment_ids:
        attach(Message(id=id, chat_id=chat.id), attachment_ids)
    (message,) = message_queries.snapshots_by_id([id])
    work.publish_after_commit(MessageSent(recipients=(), chat_id=chat.id, version=chat.last_version, message=message))
    return message
