"""Jobs that forget what nobody needs any more, in batches: one long DELETE would hold locks and bloat the tables."""

from __future__ import annotations

from chatapp.infra.postgres import db
from chatapp.queries import fragments

BATCH = 5000  # rows in one transaction: some 50 ms
BATCH_TIMEOUT_MS = 60_000  # the last batch may look through a large table and find nothing
OUTBOX_KEPT = 3600.0  # seconds: long enough to look into what was told lately
TOMBSTONES_KEPT = 365 * 86400.0  # seconds: longer than anybody is away and comes back with an old cursor
TOKEN_FAMILIES_KEPT = 7 * 86400.0  # seconds after the end: a reused refresh token is still recognised as such


def sweep_outbox() -> int:
    """Delete what was published more than an hour ago; returns how many rows went.

    While Redis is away nothing is handed on, and the oldest row that waits stays: its age tells the mirror, once Redis
    is back, that what it knows is too old, whatever was deleted meanwhile.
    """
    return _delete_in_batches(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE published_at < now() - make_interval(secs => %s)"
        " AND id IS DISTINCT FROM (SELECT min(id) FROM outbox WHERE handed_on_at IS NULL)"
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
        OUTBOX_KEPT,
    )


def sweep_idempotency_keys(lifetime: float) -> int:
    """Delete idempotency keys older than `lifetime` seconds; returns how many rows went."""
    return _delete_in_batches(
        "DELETE FROM client_keys WHERE (sender_id, key) IN (SELECT sender_id, key FROM client_keys"
        " WHERE created_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        lifetime,
    )


def sweep_token_families() -> int:
    """Delete log-ins that ended more than a week ago; returns how many rows went."""
    return _delete_in_batches(
        "DELETE FROM token_families WHERE id IN (SELECT id FROM token_families"
        " WHERE expires_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        TOKEN_FAMILIES_KEPT,
    )


def sweep_tombstones() -> int:
    """Delete tombstones of chats that were removed more than a year ago; returns how many rows went."""
    return _delete_in_batches(
        "DELETE FROM chat_tombstones WHERE (user_id, chat_id) IN (SELECT user_id, chat_id FROM chat_tombstones"
        " WHERE deleted_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        TOMBSTONES_KEPT,
    )


def clear_unread_flags() -> int:
    """Take `has_unread` from places where nothing is unread any more; returns how many those were.

    The chats are locked, as by everything that moves pointers: a message that comes now finds the flag as it will be.
    """
    cleared = 0
    while True:
        with db.atomic():
            count: int = db.execute_sql(_CLEAR_FLAGS, (BATCH,)).rowcount
        cleared += count
        if count == 0:
            return cleared


_CLEAR_FLAGS = f"""
WITH stale AS (
    SELECT c.id, c.last_seq FROM chats c WHERE c.id IN (
        SELECT m.chat_id FROM chat_members m JOIN chats ON chats.id = m.chat_id
        WHERE m.has_unread AND {fragments.read_floor("m")} >= chats.last_seq LIMIT %s
    ) FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE chat_members m SET has_unread = false FROM stale
WHERE m.chat_id = stale.id AND m.has_unread AND {fragments.read_floor("m")} >= stale.last_seq
"""


def _delete_in_batches(statement: str, age: float) -> int:
    deleted = 0
    while True:
        with db.atomic():
            db.execute_sql(f"SET LOCAL statement_timeout = {BATCH_TIMEOUT_MS}")
            count: int = db.execute_sql(statement, (age, BATCH)).rowcount
        deleted += count
        if count < BATCH:
            return deleted
