"""Noting what has to go from stored events; `notify/redacting.py` carries it out a moment later."""

from __future__ import annotations

from typing import Literal

from chatapp.extensions import db


def redact(kind: Literal["message", "attachment", "chat", "user"], subject_id: int) -> None:
    """Have what events say of a message, file, chat or person removed, in the running unit of work."""
    db.execute_sql("INSERT INTO redactions (kind, subject_id) VALUES (%s, %s)", (kind, subject_id))
