"""Jobs of sessions: old messages, by dropping their partitions, and what is left of deleted sessions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from chatapp import clock
from chatapp.actions.assistant.budget import sweep_usage
from chatapp.actions.assistant.deletion import delete_visitor
from chatapp.actions.attachments import cleanup
from chatapp.infra.postgres import db
from chatapp.ops.migration import partitions

WINDOW = 20_000  # messages looked at by one statement
VISITORS_AT_ONCE = 500
USAGE_KEPT = 90 * 86400.0  # seconds for which the tokens of a day are kept


def drop_old_messages(retention: float) -> str:
    """Delete messages of sessions that are older than `retention` seconds, by whole months; returns a description.

    Files of these messages, which humans may have sent, go with them.
    """
    until = clock.now() - dt.timedelta(seconds=retention)
    old = partitions.old_session_parts(db, until)
    for part in old:
        if part.startswith("messages_"):
            _release(part)
    partitions.drop_parts(db, old)
    return ", ".join(old) or "nothing is that old"


def _release(part: str) -> None:
    """Delete what belongs to the messages of a partition: files, which humans may have sent, and reactions."""
    with db.atomic():
        db.execute_sql("SET LOCAL enable_seqscan = on")  # few messages have either, so no index lists them
        rows: list[Any] = db.execute_sql(
            f"SELECT chat_id, array_agg(id) FROM {part} WHERE attachments_count > 0 OR reactions IS NOT NULL"
            " GROUP BY chat_id"
        ).fetchall()
    for chat_id, message_ids in rows:
        db.execute_sql("DELETE FROM reactions WHERE message_id = ANY(%s)", (message_ids,))
        files = db.execute_sql(
            "UPDATE attachments SET expires_at = now() WHERE message_id = ANY(%s) RETURNING id", (message_ids,)
        ).fetchall()
        if files:
            cleanup.expire(chat_id, [file_id for (file_id,) in files])


_ORPHANS = """
WITH looked_at AS (
    SELECT id, chat_id FROM messages WHERE retention = 1 AND id > %(after)s ORDER BY id LIMIT %(window)s
), gone AS (
    DELETE FROM messages m USING looked_at l WHERE m.retention = 1 AND m.id = l.id
        AND m.id BETWEEN (SELECT min(id) FROM looked_at) AND (SELECT max(id) FROM looked_at)
        AND NOT EXISTS (SELECT FROM chats WHERE id = l.chat_id)
        AND NOT EXISTS (SELECT FROM chat_remains WHERE chat_id = l.chat_id)
    RETURNING m.id
)
SELECT (SELECT max(id) FROM looked_at), (SELECT count(*) FROM gone)
"""
_VISITORS = """
SELECT id FROM users u WHERE issuer = ':visitor' AND created_at < now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM chat_members WHERE user_id = u.id)
    AND NOT EXISTS (SELECT FROM bans WHERE user_id = u.id) LIMIT %s
"""


def delete_orphans() -> str:
    """Delete messages whose session is gone, and visitors without one; returns a description."""
    messages, after = 0, 0
    while True:
        last, gone = db.execute_sql(_ORPHANS, {"after": after, "window": WINDOW}).fetchone()
        messages += gone
        if last is None:
            break
        after = last
    visitors = [user_id for (user_id,) in db.execute_sql(_VISITORS, (VISITORS_AT_ONCE,)).fetchall()]
    for user_id in visitors:
        delete_visitor(user_id)
    sweep_usage(USAGE_KEPT)
    return f"{messages} messages and {len(visitors)} visitors deleted"
