"""Pending redactions: erased data that stored events may still contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chatapp.events.redaction import Redactions
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import database_connection, db
from chatapp.queries.rows import named, select_list

BATCH = 200  # redactions carried out together: each adds a pattern to the scan of stored events


@dataclass(frozen=True, slots=True)
class Pending:
    """Redactions that were not carried out yet, at most `BATCH` of them.

    Attributes:
        ids: ids of their rows.
        final: those that no running transaction can make necessary again.
    """

    ids: tuple[int, ...]
    final: tuple[int, ...]
    redactions: Redactions


class _Row(NamedTuple):
    id: int
    kind: str
    subject_id: int
    uuid: str
    username: str
    is_final: bool


_COLUMNS = {
    "id": "r.id",
    "kind": "r.kind",
    "subject_id": "r.subject_id",
    "uuid": "u.uuid::text",
    "username": "u.username",
    "is_final": "r.kind NOT IN ('user', 'author') OR r.created_at < clock_timestamp() - make_interval(secs => %s)",
}
# Users last: their redactions wait while Redis is away, and must not delay the others.
_PENDING = f"""
SELECT {select_list(_Row, _COLUMNS)}
FROM redactions r LEFT JOIN users u ON r.kind = 'user' AND u.id = r.subject_id
ORDER BY r.kind = 'user', r.id LIMIT %s
"""


def pending(final_after: float = 0.0) -> Pending:
    """Load pending redactions.

    Parameters:
        final_after: seconds after which the redaction of a user or of an author is final. Those of messages, files and
            chats are final at once, because their events are written under the lock of the chat.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = named(_Row, db.execute_sql(_PENDING, (final_after, BATCH)).fetchall())
    return Pending(
        ids=tuple(row.id for row in rows),
        final=tuple(row.id for row in rows if row.is_final),
        redactions=Redactions(
            messages={row.subject_id for row in rows if row.kind == "message"},
            attachments={row.subject_id for row in rows if row.kind == "attachment"},
            chats={row.subject_id for row in rows if row.kind == "chat"},
            authors={row.subject_id for row in rows if row.kind == "author"},
            people={
                row.subject_id: Person(row.subject_id, row.uuid, row.username, "", None)
                for row in rows
                if row.kind == "user"
            },
        ),
    )


def chats_of(user_id: int) -> list[int]:
    """Ids of all chats of a user.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql("SELECT chat_id FROM chat_members WHERE user_id = %s", (user_id,)).fetchall()
    return [row[0] for row in rows]
