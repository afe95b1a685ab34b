"""Erasures: how far each is, and what went."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from chatapp.infra.postgres import db

LEASE = 60.0  # seconds that a process which died keeps an erasure from the others

RUNNING, REDACTING, DONE = "running", "redacting", "done"


class Erasure(NamedTuple):
    """The erasure of a user.

    Attributes:
        step: how many steps are done.
        position: in the present step: ids up to this one are done.
        report: numbers of what went, by step.
        is_redacted: whether stored events and Redis hold nothing of the user any more.
        compacted_at: when the files of the database were rewritten.
    """

    user_id: int
    uuid: str
    username: str
    content: str
    evidence: str
    step: int
    position: int
    report: dict[str, int]
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    compacted_at: dt.datetime | None
    is_redacted: bool

    @property
    def state(self) -> str:
        """`running`; `redacting` while stored events may hold copies; `done`."""
        if self.finished_at is None:
            return RUNNING
        return DONE if self.is_redacted else REDACTING


_COLUMNS = """e.user_id, u.uuid::text, u.username, e.content, e.evidence, e.step, e.position, e.report, e.requested_at,
    e.finished_at, e.compacted_at, NOT EXISTS (
        SELECT FROM redactions WHERE kind IN ('user', 'author') AND subject_id = e.user_id
    )"""
_FROM = "FROM erasures e JOIN users u ON u.id = e.user_id"


def of_user(user_id: int) -> Erasure | None:
    """The erasure of a user; None if none was requested."""
    row: Any = db.execute_sql(f"SELECT {_COLUMNS} {_FROM} WHERE e.user_id = %s", (user_id,)).fetchone()
    return None if row is None else Erasure(*row)


def recent(limit: int) -> list[Erasure]:
    """The newest erasures, newest first."""
    rows: list[Any] = db.execute_sql(
        f"SELECT {_COLUMNS} {_FROM} ORDER BY e.requested_at DESC LIMIT %s", (limit,)
    ).fetchall()
    return [Erasure(*row) for row in rows]


def unfinished() -> list[int]:
    """Ids of users whose erasure has steps to do and is in no other process, oldest first."""
    rows: list[Any] = db.execute_sql(
        "SELECT user_id FROM erasures WHERE finished_at IS NULL AND coalesce(leased_until < now(), true)"
        " ORDER BY requested_at LIMIT 100"
    ).fetchall()
    return [user_id for (user_id,) in rows]
