"""Requests to remove erased data from stored events; `outbox/redacting.py` carries them out."""

from __future__ import annotations

from typing import Literal

from chatapp.infra.postgres import db


def redact(kind: Literal["message", "attachment", "chat", "user"], subject_id: int) -> None:
    """Request, in the running unit of work, that a message, file, chat or user is removed from stored events."""
    db.execute_sql("INSERT INTO redactions (kind, subject_id) VALUES (%s, %s)", (kind, subject_id))
