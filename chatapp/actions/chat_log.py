"""Recording changes of a chat: its next version, the log entry, the head, and the event, in one place.

Sent messages are the exception: `group_commit` numbers and stores many at a time. Those that no member sends are
numbered here, and stored by `system_messages` and `assistant`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from chatapp import clock
from chatapp.actions.content import preview
from chatapp.auth.actor import Actor
from chatapp.events import chat_log
from chatapp.events.chat_log import LogEntry
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import ChatDeleted
from chatapp.ids import snowflake
from chatapp.infra.postgres import db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import Chat, Message
from chatapp.queries import messages as message_queries
from chatapp.transaction import UnitOfWork


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a message after it was sent.

    Attributes:
        kind: one of `events.chat_log.KINDS`.
        columns: the columns of the message that change, with their values. Without any, the message keeps its version.
        old_content: the text that an edit replaces, for the history.
        detail: what the event carries beside the message; JSON-ready.
    """

    kind: str
    message_id: int
    actor_id: int
    columns: Mapping[str, Any]
    old_content: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


_INSERT_ENTRY = Statement("""
INSERT INTO message_changes (message_id, retention, chat_id, version, actor_id, kind, old_content, detail)
VALUES (%(message)s, %(retention)s, %(chat)s, %(version)s, %(actor)s, %(kind)s, %(old_content)s, %(detail)s::jsonb)
RETURNING created_at, (SELECT uuid::text FROM users WHERE id = actor_id), ARRAY(
    SELECT user_id FROM message_marks WHERE message_id = %(message)s AND hidden_at IS NOT NULL
)
""")
# The head shows the beginning of the newest message.
_UPDATE_HEAD = Statement("""
UPDATE chats SET last_version = %(version)s, updated_at = now(), changed_in = transaction_stamp(),
    last_message_text = CASE last_message_id WHEN %(message)s THEN %(text)s ELSE last_message_text END,
    last_message_deleted = CASE last_message_id WHEN %(message)s THEN %(deleted)s ELSE last_message_deleted END
WHERE id = %(chat)s
""")


def record(work: UnitOfWork, chat: Chat, change: Change) -> MessageSnapshot:
    """Store a change as the next version of its chat, and publish it to the members after the commit.

    Parameters:
        chat: locked; its `last_version` is advanced.

    Returns: the changed message.
    """
    chat.last_version = version = int(chat.last_version) + 1
    if change.columns:
        row = (Message.retention == chat.retention) & (Message.id == change.message_id)
        Message.update(**change.columns, changed_version=version).where(row).execute()
    entry = _insert_entry(chat, change)
    message = message_queries.snapshots_by_id([change.message_id])[0]
    values = {
        "version": version,
        "message": message.id,
        "text": preview(message.content),
        "deleted": message.is_deleted,
        "chat": chat.id,
    }
    db.run(_UPDATE_HEAD, values)
    event = chat_log.event_of(entry, chat.pair, message)
    assert event is not None, change.kind
    work.publish_after_commit(event)
    return message


def _insert_entry(chat: Chat, change: Change) -> LogEntry:
    values = {
        "message": change.message_id,
        "retention": chat.retention,
        "chat": chat.id,
        "version": chat.last_version,
        "actor": change.actor_id,
        "kind": change.kind,
        "old_content": change.old_content,
        "detail": orjson.dumps(change.detail).decode() if change.detail else None,
    }
    created_at, actor_uuid, hidden_from = db.run(_INSERT_ENTRY, values).fetchone()
    return LogEntry(
        kind=change.kind,
        chat_id=chat.id,
        version=chat.last_version,
        message_id=change.message_id,
        actor_id=change.actor_id,
        actor_uuid=actor_uuid,
        created_at=clock.rfc3339(created_at),
        detail=change.detail,
        hidden_from=tuple(hidden_from),
    )


# A member who left the group before, and joined again, has one already.
_INSERT_TOMBSTONES = """
INSERT INTO chat_tombstones (user_id, chat_id, version, deleted_by) SELECT id, %s, %s, %s FROM unnest(%s::bigint[]) id
ON CONFLICT (user_id, chat_id) DO UPDATE SET version = excluded.version, deleted_by = excluded.deleted_by,
    deleted_at = now(), created_in = transaction_stamp(), kind = excluded.kind
"""


_CLOCK = Statement("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, nextval('id_sequence')")


def number_next_message(chat: Chat) -> int:
    """Advance the head of a chat by one message, which has its `last_seq` and `last_version` then; returns its id.

    Parameters:
        chat: locked; the caller stores the message and the head.
    """
    clock_ms, sequence = db.run(_CLOCK).fetchone()
    chat.last_message_id = id = snowflake.next_message_id(chat.last_message_id, clock_ms, sequence)
    chat.last_seq = int(chat.last_seq) + 1
    chat.last_version = int(chat.last_version) + 1
    return id


def record_deletion(work: UnitOfWork, chat: Chat, actor: Actor, members: Sequence[int]) -> None:
    """Record that a member deletes a chat. Its log ends with it, so a tombstone per user replaces the entry.

    Parameters:
        chat: locked; the caller deletes its row.
        members: ids of the members who get the event.
    """
    version = int(chat.last_version) + 1
    db.execute_sql(_INSERT_TOMBSTONES, (chat.id, version, actor.id, sorted({*members, actor.id})))
    work.publish_after_commit(
        ChatDeleted(
            recipients=tuple(members) if chat.pair else (),
            chat_id=chat.id,
            version=version,
            deleted_by=actor.id,
            deleted_by_uuid=actor.uuid,
            members=() if chat.pair else tuple(members),
        )
    )
