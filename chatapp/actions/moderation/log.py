"""The log of moderation: who did what to which user or message, when and why. Entries are only added."""

from __future__ import annotations

from typing import Any

import orjson

from chatapp.infra.postgres import db

SERVICE = "service"  # who decides, where the host names no one
JOB = "job"

_INSERT = """
INSERT INTO moderation_log (moderator, action, user_id, report_id, chat_id, message_id, reason, detail)
VALUES (%(moderator)s, %(action)s, %(user)s, %(report)s, %(chat)s, %(message)s, %(reason)s, %(detail)s::jsonb)
"""


def add(
    action: str,
    *,
    moderator: str,
    user_id: int | None = None,
    report_id: int | None = None,
    chat_id: int | None = None,
    message_id: int | None = None,
    reason: str = "",
    **detail: Any,
) -> None:
    """Add an entry, in the running unit of work.

    Parameters:
        moderator: a person or program of the host.
        user_id: the user that it concerns.
        detail: further values, JSON-ready. No texts of users: the log outlives what they erase.
    """
    values = {
        "moderator": moderator,
        "action": action,
        "user": user_id,
        "report": report_id,
        "chat": chat_id,
        "message": message_id,
        "reason": reason,
        "detail": orjson.dumps(detail).decode(),
    }
    db.execute_sql(_INSERT, values)
