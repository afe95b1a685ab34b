"""Removes erased data from the events in the outbox, and the Redis keys of erased users.

Events that were not handled yet are safe as well: pending redactions are applied to what consumers receive.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatapp.events import encoding
from chatapp.events.redaction import Redactions
from chatapp.infra.postgres import database_connection, db
from chatapp.outbox import redis_export_keys
from chatapp.queries import redactions
from chatapp.transaction import unit_of_work

# Seconds after which no transaction that read a profile before its erasure can still commit: a statement ends after
# DATABASE_STATEMENT_TIMEOUT (5 s), and a group of messages has two statements.
FINAL_AFTER = 15.0
SCAN_BATCH = 1000  # outbox rows scanned by one statement: some 5 ms


def redact() -> int:
    """Carry out pending redactions; returns the number of changed outbox rows. Run every two seconds by one process.

    Raises:
        RedisError: Redis is away; the keys of erased users are removed by a later run.
        Unavailable: Postgres is away.
    """
    pending = redactions.pending(FINAL_AFTER)
    if not pending.ids:
        return 0
    changed, locked = _redact_outbox(pending.redactions)
    if locked == 0:
        _remove_redactions(pending.final, "kind <> 'user'")
    for person in pending.redactions.people.values():
        redis_export_keys.forget_person(person.uuid, redactions.chats_of(person.id))
    if locked == 0:
        _remove_redactions(pending.final, "kind = 'user'")
    return changed


def _remove_redactions(ids: Sequence[int], condition: str) -> None:
    with unit_of_work():
        db.execute_sql(f"DELETE FROM redactions WHERE id = ANY(%s) AND {condition}", (list(ids),))


def _redact_outbox(wanted: Redactions) -> tuple[int, int]:
    """Redact outbox rows; returns the number of changed rows, and of locked rows that need another run."""
    with database_connection():
        first, last = db.execute_sql("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM outbox").fetchone()
    changed = locked = 0
    for start in range(first, last + 1, SCAN_BATCH):
        with database_connection():
            rows = db.execute_sql(
                "SELECT id, events FROM outbox WHERE id BETWEEN %s AND %s AND events LIKE ANY(%s)",
                (start, start + SCAN_BATCH - 1, wanted.patterns()),
            ).fetchall()
        for outbox_id, stored in rows:
            redacted = encoding.changed_json(stored, wanted.applied_to)
            if redacted is not None:
                is_done = _replace(outbox_id, redacted)
                changed, locked = changed + is_done, locked + (not is_done)
    return changed, locked


def _replace(outbox_id: int, stored: str) -> bool:
    """Rewrite a row; returns False if another transaction holds its lock.

    Never waits for the lock: the release before marks several rows at a time, so waiting could deadlock.
    """
    with unit_of_work():
        cursor = db.execute_sql(
            "UPDATE outbox SET events = %s WHERE id IN (SELECT id FROM outbox WHERE id = %s FOR UPDATE SKIP LOCKED)",
            (stored, outbox_id),
        )
        if cursor.rowcount:
            return True
        return db.execute_sql("SELECT 1 FROM outbox WHERE id = %s", (outbox_id,)).fetchone() is None
