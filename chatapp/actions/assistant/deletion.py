"""Deleting sessions with all that was said in them."""

from __future__ import annotations

from typing import Any

from peewee import IntegrityError

from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import record_deletion
from chatapp.actions.removal import remove_chat
from chatapp.auth.actor import Actor
from chatapp.ids.visitors import is_visitor
from chatapp.infra.postgres import database_connection, db
from chatapp.models.chats import ASSISTANT
from chatapp.transaction import unit_of_work

BATCH = 100  # sessions

_EXPIRED = """
SELECT s.chat_id, u.id, u.uuid::text, u.username FROM sessions s JOIN users u ON u.id = s.visitor_id
WHERE s.expires_at <= now() AND s.responder = 'assistant' ORDER BY s.expires_at LIMIT %s
"""
_OF_VISITOR = """
SELECT s.chat_id, u.id, u.uuid::text, u.username FROM sessions s JOIN users u ON u.id = s.visitor_id
WHERE s.visitor_id = %s ORDER BY s.chat_id LIMIT %s
"""


def delete_expired() -> int:
    """Delete sessions that have expired, as a job; returns their number."""
    deleted = 0
    while batch := _delete(_EXPIRED, BATCH):
        deleted += batch
    return deleted


def delete_sessions_of(user_id: int) -> int:
    """Delete the next sessions of a visitor; returns their number, at most BATCH."""
    return _delete(_OF_VISITOR, user_id, BATCH)


def _delete(sql: str, *values: int) -> int:
    with database_connection():
        rows: list[Any] = db.execute_sql(sql, values).fetchall()
    for chat_id, *visitor in rows:
        delete_session(chat_id, Actor(*visitor))
    return len(rows)


def delete_session(chat_id: int, visitor: Actor) -> None:
    """Delete a session. A visitor without an account goes with it."""
    with unit_of_work() as work:
        chat = lock_chat(chat_id)
        if chat is not None and chat.kind == ASSISTANT:
            rows = db.execute_sql("SELECT user_id FROM chat_members WHERE chat_id = %s", (chat_id,)).fetchall()
            record_deletion(work, chat, visitor, [user_id for (user_id,) in rows])
            remove_chat(chat)
    if is_visitor(visitor.id):
        delete_visitor(visitor.id)


def delete_visitor(user_id: int) -> None:
    """Delete the row of a visitor without an account, unless moderators still have something to do with it."""
    with database_connection():
        try:
            with db.atomic():
                db.execute_sql("DELETE FROM chat_tombstones WHERE user_id = %s", (user_id,))
                db.execute_sql("DELETE FROM client_keys WHERE sender_id = %s", (user_id,))
                db.execute_sql("DELETE FROM users WHERE id = %s", (user_id,))
        except IntegrityError:
            return
