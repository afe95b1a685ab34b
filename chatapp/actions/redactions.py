"""Requests to remove erased data from stored events; `outbox/redacting.py` carries them out."""

from __future__ import annotations

from typing import Literal

from chatapp.infra.postgres import db


def redact(kind: Literal["message", "attachment", "chat", "user", "author"], subject_id: int) -> None:
    """Request, in the running unit of work, that something is removed from stored events.

    Parameters:
        kind: `user` stands for a profile, `author` for all messages of a user.
    """
    db.execute_sql("INSERT INTO redactions (kind, subject_id) VALUES (%s, %s)", (kind, subject_id))
