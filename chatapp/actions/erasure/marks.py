"""Erases how a user marked messages: reactions, which others see, and the user's own stars and hidden messages."""

from __future__ import annotations

from typing import Any

from chatapp.actions.attachments.attaching import lock_chat
from chatapp.actions.chat_log import Change, record
from chatapp.actions.erasure.batches import Batch, mark_partitions
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import reactions as reaction_queries
from chatapp.queries.erasures import Erasure
from chatapp.transaction import unit_of_work

BATCH = 100  # reactions taken back in one batch, each with its event


def erase_reactions(erasure: Erasure) -> Batch:
    """Take reactions back, each as the next version of its chat."""
    with database_connection():
        rows: list[Any] = db.execute_sql(
            "SELECT r.message_id, r.emoji, m.chat_id FROM reactions r"
            " JOIN messages m ON m.retention IN (0, 1) AND m.id = r.message_id WHERE r.user_id = %s LIMIT %s",
            (erasure.user_id, BATCH),
        ).fetchall()
    for message_id, emoji, chat_id in rows:
        _take_back(erasure.user_id, message_id, emoji, chat_id)
    if len(rows) == BATCH:
        return Batch(len(rows), position=0)
    with unit_of_work():  # of messages whose partition was dropped, or that their chat's deletion removes
        left = db.execute_sql("DELETE FROM reactions WHERE user_id = %s", (erasure.user_id,)).rowcount
    return Batch(len(rows) + int(left))


def _take_back(user_id: int, message_id: int, emoji: str, chat_id: int) -> None:
    with unit_of_work() as work:
        chat = lock_chat(chat_id)
        deleted = db.execute_sql(
            "DELETE FROM reactions WHERE message_id = %s AND user_id = %s AND emoji = %s", (message_id, user_id, emoji)
        ).rowcount
        row: Any = db.execute_sql(
            "SELECT reactions FROM messages WHERE retention IN (0, 1) AND id = %s", (message_id,)
        ).fetchone()
        if chat is None or row is None or not deleted:
            return
        mark_partitions([message_id], "messages")
        left = reaction_queries.first_users(message_id, emoji)
        columns = {"reactions": reaction_queries.with_one_less(row[0], emoji, left)}
        record(work, chat, Change("reaction_removed", message_id, user_id, columns, detail={"emoji": emoji}))


def erase_marks(erasure: Erasure) -> Batch:
    """Delete stars, and which messages the user had hidden."""
    with unit_of_work():
        deleted = db.execute_sql("DELETE FROM message_marks WHERE user_id = %s", (erasure.user_id,))
        return Batch(int(deleted.rowcount))
