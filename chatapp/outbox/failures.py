"""Events that a consumer could not handle: set aside, and tried again until they are given up with their row."""

from __future__ import annotations

from dataclasses import dataclass

from chatapp.infra.postgres import database_connection, db
from chatapp.outbox.positions import Failure

ATTEMPTS_PER_RUN = 10
LONGEST_WAIT = 86_400.0  # seconds between two attempts; the first comes after a minute, each wait is twice the last


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event that is due for another attempt. `events`: of its row, as JSON; None if the row is gone."""

    outbox_id: int
    ordinal: int
    events: str | None


def count(consumer: str) -> int:
    """The number of events that are set aside.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        row = db.execute_sql("SELECT count(*) FROM outbox_failures WHERE consumer = %s", (consumer,)).fetchone()
    return int(row[0])


def due(consumer: str) -> list[SetAside]:
    """The events whose next attempt is due, oldest first.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        rows = db.execute_sql(
            "SELECT f.outbox_id, f.ordinal, o.events FROM outbox_failures f LEFT JOIN outbox o ON o.id = f.outbox_id"
            " WHERE f.consumer = %s AND f.next_attempt_at <= now() ORDER BY f.outbox_id, f.ordinal LIMIT %s",
            (consumer, ATTEMPTS_PER_RUN),
        ).fetchall()
    return [SetAside(*row) for row in rows]


def settle(consumer: str, event: SetAside) -> None:
    """Remove an event that was handled.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        db.execute_sql(
            "DELETE FROM outbox_failures WHERE consumer = %s AND outbox_id = %s AND ordinal = %s",
            (consumer, event.outbox_id, event.ordinal),
        )


def postpone(consumer: str, failure: Failure) -> None:
    """Record another failed attempt.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        db.execute_sql(
            "UPDATE outbox_failures SET attempts = attempts + 1, reason = %s,"
            " next_attempt_at = now() + make_interval(secs => least(60 * 2.0 ^ least(attempts, 20), %s))"
            " WHERE consumer = %s AND outbox_id = %s AND ordinal = %s",
            (failure.reason, LONGEST_WAIT, consumer, failure.outbox_id, failure.ordinal),
        )
