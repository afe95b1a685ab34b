"""Removes erased data from the events in the outbox, and the Redis keys of erased people.

Events that are still undelivered are delivered without that data: the relay applies pending redactions itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.events import types
from chatapp.events.redaction import Redactions
from chatapp.infra.postgres import database_connection, db
from chatapp.outbox import redis_export_keys
from chatapp.queries import redactions
from chatapp.transaction import unit_of_work

# Seconds after which no transaction that read a profile before it was erased can still commit: a statement ends after
# DATABASE_STATEMENT_TIMEOUT (5 s), and a group of messages takes two of them.
SETTLED_AFTER = 15.0
SCANNED = 1000  # outbox rows that one statement looks through: some 5 ms


def redact() -> int:
    """Carry out what is pending; returns how many outbox rows changed. Run every two seconds by one process.

    Raises:
        RedisError: Redis is away; erased people's keys are removed when it is back.
        Unavailable: Postgres is away.
    """
    pending = redactions.pending(SETTLED_AFTER)
    if not pending.ids:
        return 0
    changed, left = _redact_outbox(pending.redactions)
    if left == 0:
        _forget(pending.settled, "kind <> 'user'")
    for person in pending.redactions.people.values():
        redis_export_keys.forget_person(person.uuid, redactions.chats_of(person.id))
    if left == 0:
        _forget(pending.settled, "kind = 'user'")
    return changed


def _forget(ids: Sequence[int], condition: str) -> None:
    with unit_of_work():
        db.execute_sql(f"DELETE FROM redactions WHERE id = ANY(%s) AND {condition}", (list(ids),))


def _redact_outbox(wanted: Redactions) -> tuple[int, int]:
    """How many rows changed, and how many must be tried again."""
    with database_connection():
        first, last = db.execute_sql("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM outbox").fetchone()
    changed = left = 0
    for start in range(first, last + 1, SCANNED):
        with database_connection():
            rows = db.execute_sql(
                "SELECT id, events FROM outbox WHERE id BETWEEN %s AND %s AND events LIKE ANY(%s)",
                (start, start + SCANNED - 1, wanted.patterns()),
            ).fetchall()
        for outbox_id, stored in rows:
            redacted = types.changed_json(stored, wanted.applied_to)
            if redacted is not None:
                is_done = _replace(outbox_id, redacted)
                changed, left = changed + is_done, left + (not is_done)
    return changed, left


def _replace(outbox_id: int, stored: str) -> bool:
    """Rewrite a row. Never waits for its lock: senders mark several rows at a time, so waiting could deadlock.

    Returns: False if another transaction holds the row.
    """
    with unit_of_work():
        cursor = db.execute_sql(
            "UPDATE outbox SET events = %s WHERE id IN (SELECT id FROM outbox WHERE id = %s FOR UPDATE SKIP LOCKED)",
            (stored, outbox_id),
        )
        if cursor.rowcount:
            return True
        return db.execute_sql("SELECT 1 FROM outbox WHERE id = %s", (outbox_id,)).fetchone() is None
