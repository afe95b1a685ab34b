"""Erases what a user wrote: all of it, or all but the texts.

The walk goes over the primary key of all messages. There is no index by sender, because sending would pay for it, and
memberships do not name the chats that a user has left. It reads half a million messages a second from memory.
"""

from __future__ import annotations

from typing import Any

from peewee import SQL

from chatapp.actions.attachments import cleanup
from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import Change, record
from chatapp.actions.editing import erase_message
from chatapp.actions.erasure.batches import Batch, mark_partitions
from chatapp.actions.erasure.policy import Policy
from chatapp.actions.redactions import redact
from chatapp.events.redaction import ERASED_TITLE
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.queries.erasures import Erasure
from chatapp.transaction import UnitOfWork, unit_of_work

WINDOW = 20_000  # messages read by one statement: some 50 ms
BATCH = 100  # messages changed in one batch, each with its event

_WINDOW = """
SELECT max(id), array_agg(ARRAY[id, chat_id] ORDER BY id) FILTER (WHERE %(user)s IN (sender_id, forwarded_sender_id))
FROM (
    SELECT id, chat_id, sender_id, forwarded_sender_id FROM messages
    WHERE retention IN (0, 1) AND id > %(after)s ORDER BY id LIMIT %(window)s
) w
"""
# What is left to erase. A deleted message may still have its key.
_TO_ERASE = """
SELECT id, sender_id, deleted_at IS NULL AND (%(removes)s OR location IS NOT NULL), system
FROM messages WHERE retention IN (0, 1) AND id = ANY(%(ids)s) ORDER BY id
"""


def erase_batch(erasure: Erasure) -> Batch:
    """Erase the next messages of a user, in the order of their ids, and copies that others forwarded.

    With `remove` they are deleted for all members; of system messages only titles go.

    With `anonymise` only those with a location are deleted: texts stay, and the
    files go, also from copies, as do the keys that the user's client gave its messages.
    """
    policy = Policy(erasure.content, erasure.evidence)
    values = {"user": erasure.user_id, "after": erasure.position, "window": WINDOW}
    with database_connection():
        last, found = db.execute_sql(_WINDOW, values).fetchone()
    if last is None:
        return Batch(0)
    batch: list[list[int]] = (found or [])[:BATCH]
    by_chat: dict[int, list[int]] = {}
    for message_id, chat_id in batch:
        by_chat.setdefault(chat_id, []).append(message_id)
    count = 0
    for chat_id, ids in by_chat.items():
        count += _erase_in_chat(erasure.user_id, policy, chat_id, ids)
        _erase_copied_files(erasure.user_id, chat_id, ids)
    return Batch(count, position=last if len(batch) < BATCH else batch[-1][0])


def _erase_in_chat(user_id: int, policy: Policy, chat_id: int, ids: list[int]) -> int:
    """Erase messages of one chat in one transaction; returns how many were deleted."""
    with unit_of_work() as work:
        chat = lock_chat(chat_id)
        rows: list[Any] = db.execute_sql(_TO_ERASE, {"removes": policy.removes_texts, "ids": ids}).fetchall()
        mark_partitions(ids, "messages", "message_changes")
        deleted = 0
        for message_id, sender_id, is_to_delete, note in rows:
            if not is_to_delete or chat is None:  # without its chat, it is deleted by another job
                continue
            if note is not None:
                deleted += _erase_title(work, chat, message_id, user_id, note)
                continue
            is_redacted = policy.removes_texts and sender_id == user_id
            erase_message(work, chat, message_id, user_id, is_author_redacted=is_redacted)
            deleted += 1
        db.execute_sql(
            "UPDATE messages SET client_key = NULL"
            " WHERE retention IN (0, 1) AND id = ANY(%s) AND sender_id = %s AND client_key IS NOT NULL",
            (ids, user_id),
        )
        return deleted


def _erase_title(work: UnitOfWork, chat: Chat, message_id: int, user_id: int, note: dict[str, Any]) -> bool:
    """Replace the title that a system message gave to its group, also where the group still has it.

    Returns whether there was one.
    """
    title = note.get("title")
    if title in (None, ERASED_TITLE):
        return False
    erased = f"jsonb_set(%s, '{{title}}', '\"{ERASED_TITLE}\"')"
    if chat.title == title:
        db.execute_sql("UPDATE chats SET title = %s WHERE id = %s", (ERASED_TITLE, chat.id))
        chat.title = ERASED_TITLE
    db.execute_sql(
        f"UPDATE chats SET last_system = {erased % 'last_system'}"
        " WHERE id = %s AND (last_system ->> 'message_id')::bigint = %s",
        (chat.id, message_id),
    )
    record(work, chat, Change("edited", message_id, user_id, {"system": SQL(erased % "system")}))
    return True


def _erase_copied_files(user_id: int, chat_id: int, ids: list[int]) -> None:
    """Remove the user's files from messages that others forwarded."""
    with unit_of_work():
        rows: list[Any] = db.execute_sql(
            "UPDATE attachments SET expires_at = now() WHERE message_id IN ("
            "SELECT id FROM messages WHERE retention IN (0, 1) AND id = ANY(%s) AND forwarded_sender_id = %s)"
            " RETURNING id",
            (ids, user_id),
        ).fetchall()
        for (attachment_id,) in rows:
            redact("attachment", attachment_id)
    if rows:
        cleanup.expire(chat_id, [id for (id,) in rows])
