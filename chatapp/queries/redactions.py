"""Erased data that stored events may still hold."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.events.redaction import Redactions
from chatapp.events.snapshots import Person
from chatapp.infra.postgres import database_connection, db

AT_ONCE = 200  # redactions carried out together: each is one more pattern that stored events are compared with


@dataclass(frozen=True, slots=True)
class Pending:
    """Redactions that have not been carried out, at most `AT_ONCE` of them.

    Attributes:
        ids: of their rows.
        settled: those that no running transaction can make necessary again.
    """

    ids: tuple[int, ...]
    settled: tuple[int, ...]
    redactions: Redactions


def pending(settled_after: float = 0.0) -> Pending:
    """Redactions that have not been carried out.

    Parameters:
        settled_after: seconds after which the redaction of a person is settled. Those of messages, files and chats
            are settled at once, because their events are written under the chat's lock.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT r.id, r.kind, r.subject_id, u.uuid::text, u.username,"
            " r.kind <> 'user' OR r.created_at < clock_timestamp() - make_interval(secs => %s)"
            " FROM redactions r LEFT JOIN users u ON r.kind = 'user' AND u.id = r.subject_id"
            # People last: their redactions wait while Redis is away, and must not delay the others.
            " ORDER BY r.kind = 'user', r.id LIMIT %s",
            (settled_after, AT_ONCE),
        ).fetchall()
    return Pending(
        ids=tuple(row[0] for row in rows),
        settled=tuple(row[0] for row in rows if row[5]),
        redactions=Redactions(
            messages={row[2] for row in rows if row[1] == "message"},
            attachments={row[2] for row in rows if row[1] == "attachment"},
            chats={row[2] for row in rows if row[1] == "chat"},
            people={row[2]: Person(row[2], row[3], row[4], "", None) for row in rows if row[1] == "user"},
        ),
    )


def chats_of(user_id: int) -> list[int]:
    """Ids of all chats of a person.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql("SELECT chat_id FROM chat_members WHERE user_id = %s", (user_id,)).fetchall()
    return [row[0] for row in rows]
