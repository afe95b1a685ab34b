"""Jobs that delete expired rows, in batches: one long DELETE would hold locks and bloat the tables."""

from __future__ import annotations

from chatapp.infra.postgres import db
from chatapp.queries import fragments

BATCH = 5000  # rows in one transaction: about 50 ms
BATCH_TIMEOUT_MS = 60_000  # the last batch may scan a large table and find nothing
OUTBOX_KEPT = 3600.0  # seconds, for inspecting recent events
SET_ASIDE_KEPT = 7 * 86400.0  # seconds in which a release may repair a consumer that failed at an event
TOMBSTONES_KEPT = 365 * 86400.0  # seconds: longer than a client stays away and returns with an old cursor
TOKEN_FAMILIES_KEPT = 7 * 86400.0  # seconds after the end, so that a reused refresh token is still recognised


def sweep_outbox() -> int:
    """Delete events of more than an hour ago that every registered consumer has handled; returns the number of rows.

    Rows with an event that a consumer has set aside are kept until it is handled or given up.
    """
    _delete_in_batches(
        "DELETE FROM outbox_failures WHERE (consumer, outbox_id, ordinal) IN (SELECT consumer, outbox_id, ordinal"
        " FROM outbox_failures WHERE failed_at < now() - make_interval(secs => %s) LIMIT %s)",
        SET_ASIDE_KEPT,
    )
    deleted = _delete_in_batches(
        f"DELETE FROM outbox WHERE id IN (SELECT id FROM outbox o WHERE id <= {_PASSED}"
        " AND created_at < now() - make_interval(secs => %s)"
        " AND NOT EXISTS (SELECT FROM outbox_failures f WHERE f.outbox_id = o.id)"
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
        OUTBOX_KEPT,
    )
    _delete_in_batches(
        "DELETE FROM outbox_published WHERE last_id IN"
        f" (SELECT last_id FROM outbox_published WHERE last_id <= {_PASSED} LIMIT %s)"
    )
    return deleted


_PASSED = "(SELECT coalesce(min(position), 0) FROM outbox_consumers)"  # every consumer has handled ids up to this one


def sweep_idempotency_keys(lifetime: float) -> int:
    """Delete idempotency keys older than `lifetime` seconds; returns the number of rows."""
    return _delete_in_batches(
        "DELETE FROM client_keys WHERE (sender_id, key) IN (SELECT sender_id, key FROM client_keys"
        " WHERE created_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        lifetime,
    )


def sweep_token_families() -> int:
    """Delete sessions that ended more than a week ago; returns the number of rows."""
    return _delete_in_batches(
        "DELETE FROM token_families WHERE id IN (SELECT id FROM token_families"
        " WHERE expires_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        TOKEN_FAMILIES_KEPT,
    )


def sweep_tombstones() -> int:
    """Delete tombstones of chats that were deleted more than a year ago; returns the number of rows."""
    return _delete_in_batches(
        "DELETE FROM chat_tombstones WHERE (user_id, chat_id) IN (SELECT user_id, chat_id FROM chat_tombstones"
        " WHERE deleted_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)",
        TOMBSTONES_KEPT,
    )


def clear_unread_flags() -> int:
    """Clear `has_unread` of members who have read everything; returns their number.

    The chats are locked, as for every change of read pointers, so that no message is sent between check and update.
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


def _delete_in_batches(statement: str, *values: float) -> int:
    """Repeat a DELETE, whose last parameter is the number of rows; returns how many it deleted in all."""
    deleted = 0
    while True:
        with db.atomic():
            db.execute_sql(f"SET LOCAL statement_timeout = {BATCH_TIMEOUT_MS}")
            count: int = db.execute_sql(statement, (*values, BATCH)).rowcount
        deleted += count
        if count < BATCH:
            return deleted
