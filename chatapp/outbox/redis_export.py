"""The Redis export: unread counts and last messages as Redis keys, for other services to read (docs/operations.md).

The keys are a cache. Each is written from the current state in Postgres when an outbox row is processed: whole values,
never increments, so processing a row twice is harmless and nothing drifts. A key expires after
`redis_export_keys.LIFE`; a service that finds none uses the REST API. What Redis lost, or did not receive for
`MAX_LAG`, is rebuilt from Postgres.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable

from chatapp import clock, presence
from chatapp.events import types
from chatapp.events.types import ChatChanged, ChatRead
from chatapp.infra.batching import in_batches
from chatapp.infra.postgres import database_connection, db
from chatapp.outbox import redis_export_keys
from chatapp.queries import redis_export as export_queries
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

ROWS_PER_BATCH = 200  # outbox rows; each may hold the events of a group of 256 messages
BATCHES_PER_RUN = 50  # bounds a run, however much is written meanwhile
READ_BATCH = 500  # chats or users that one query reads
MAX_LAG = 60.0  # seconds that the oldest row may wait; past it a rebuild costs less than the backlog
REBUILT_PERIOD = dt.timedelta(days=1)  # a rebuild covers chats with a message since then; others follow with their next
SCAN_BATCH = 5000  # chats scanned by one query of a rebuild, and rows marked by one statement: some 10 ms


def export_changes() -> int:
    """Bring the keys up to date; returns the number of outbox rows processed. Run every second by one process.

    Raises:
        RedisError: Redis is away. The rows wait.
        Unavailable: Postgres is away.
    """
    state = redis_export_keys.state()
    if state is None or _oldest_age() > MAX_LAG:
        _rebuild(is_lost=state is None)
    elif state.isdigit() and time.time() - int(state) > presence.TTL:
        _add_online_users()
    processed = 0
    for _ in range(BATCHES_PER_RUN):
        count = _process_batch()
        processed += count
        if count < ROWS_PER_BATCH:
            break
    return processed


def _process_batch() -> int:
    """Export the chats of the next outbox rows; returns the number of rows."""
    with database_connection():
        rows = db.execute_sql(
            "SELECT id, events FROM outbox WHERE handed_on_at IS NULL ORDER BY id LIMIT %s", (ROWS_PER_BATCH,)
        ).fetchall()
    if not rows:
        return 0
    changed = _changed_chats(rows)
    _write(changed)
    if _mark([id for id, _ in rows]) < len(rows):
        # Another process, which gains or just lost the leadership, has the same rows. What it wrote may be older than
        # what it overwrote, so write once more.
        _write(changed)
    return len(rows)


def _changed_chats(rows: Iterable[tuple[int, str]]) -> dict[int, set[int]]:
    """The recipients of the rows' events, by chat id."""
    changed: dict[int, set[int]] = {}
    for _, events in rows:
        for event in types.from_json(events):
            if isinstance(event, ChatChanged | ChatRead):
                changed.setdefault(event.chat_id, set()).update(event.recipients)
    return changed


def _mark(rows: list[int]) -> int:
    """Mark rows as processed; returns how many were not marked before.

    Never waits for a row lock: senders mark rows, too, and two transactions could deadlock.
    """
    with unit_of_work():
        cursor = db.execute_sql(
            "UPDATE outbox SET handed_on_at = now() WHERE id IN (SELECT id FROM outbox"
            " WHERE id = ANY(%s) AND handed_on_at IS NULL FOR UPDATE SKIP LOCKED)",
            (rows,),
        )
        return int(cursor.rowcount)


def _write(changed: dict[int, set[int]]) -> None:
    for chat_ids in in_batches(changed, READ_BATCH):
        existing = _write_chats(chat_ids)
        deleted = set(chat_ids) - existing
        if deleted:
            members = export_queries.load_current_users({user_id for id in deleted for user_id in changed[id]})
            redis_export_keys.forget_chats({id: [members[user_id].uuid for user_id in changed[id]] for id in deleted})
    _write_users({user_id for user_ids in changed.values() for user_id in user_ids})


def _write_chats(chat_ids: Iterable[int]) -> set[int]:
    """Write the current state of chats; returns the ids of those that exist."""
    unread, last_messages = export_queries.load_current_chats(list(chat_ids))
    redis_export_keys.write_unread(unread)
    redis_export_keys.write_last_messages(last_messages)
    return {entry.chat_id for entry in unread}


def _write_users(user_ids: Iterable[int]) -> None:
    for batch in in_batches(user_ids, READ_BATCH):
        redis_export_keys.write_users(export_queries.load_current_users(batch).values())


def _oldest() -> int | None:
    with database_connection():
        row = db.execute_sql("SELECT min(id) FROM outbox WHERE handed_on_at IS NULL").fetchone()
    return None if row[0] is None else int(row[0])


def _oldest_age() -> float:
    """Seconds since the oldest waiting row was written; 0 if none waits."""
    with database_connection():
        row = db.execute_sql(
            "SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox"
            " WHERE handed_on_at IS NULL ORDER BY id LIMIT 1"
        ).fetchone()
    return 0.0 if row is None else float(row[0])


def _rebuild(*, is_lost: bool) -> None:
    """Write the keys of all chats with a message in the last day, and of their members.

    The oldest waiting row is marked last, and the state is written last: an interrupted rebuild starts again.
    """
    oldest = _oldest()
    while oldest is not None and _mark(_waiting_after(oldest)) > 0:
        continue
    if not is_lost:
        redis_export_keys.forget_all()
    since = clock.now() - REBUILT_PERIOD
    written: set[int] = set()
    chats = 0
    after: int | None = 0
    while after is not None:
        active, after = export_queries.find_active_chats(since, after=after, limit=SCAN_BATCH)
        chats += len(active)
        for chat_ids in in_batches(active, READ_BATCH):
            _write_chats(chat_ids)
        user_ids = {user_id for members in active.values() for user_id in members} - written
        _write_users(user_ids)
        written |= user_ids
    redis_export_keys.set_state(str(int(time.time())))
    if oldest is not None:
        _mark([oldest])
    log.info("redis export rebuilt", extra={"chats": chats, "users": len(written)})


def _waiting_after(outbox_id: int) -> list[int]:
    with database_connection():
        rows = db.execute_sql(
            "SELECT id FROM outbox WHERE handed_on_at IS NULL AND id > %s ORDER BY id LIMIT %s", (outbox_id, SCAN_BATCH)
        ).fetchall()
    return [id for (id,) in rows]


def _add_online_users() -> None:
    """The second half of a rebuild: by now the heartbeats have restored who is online."""
    for user_ids in in_batches(presence.online_users(), READ_BATCH):
        _write_users(user_ids)
        redis_export_keys.write_unread(export_queries.load_unread_chats(user_ids))
    redis_export_keys.set_state(redis_export_keys.COMPLETE)
