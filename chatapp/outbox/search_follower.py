"""Finds messages that were committed since the last time, and indexes them; costs senders nothing.

A message is found by the transaction that wrote it, over the primary key:

- `seen` is a stamp: everything by transactions with smaller ones is indexed. Stamps survive restores.
- What a former look has seen is known by its snapshot: so messages are not indexed twice, and a transaction that is
  open for long delays only its own messages.
- `floor` bounds the ids. An id is drawn from the clock after its transaction has begun, so no transaction that was
  running at the last look, or has begun since, has an id from before the oldest of them. `SLACK` is for ids that are
  drawn before the transaction has a number, and for small corrections of the clock.

Progress is stored after the messages. After a crash some of them are indexed again, with the same result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import gevent

from chatapp.ids import snowflake
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.outbox import search_writer
from chatapp.outbox.search_pace import Pace
from chatapp.transaction import unit_of_work

PERIOD = 0.5  # seconds between two looks
SLACK = 5.0  # seconds
IDLE_RECORD = 2.0  # seconds between two records of the progress while there are no messages

_SLACK_IDS = int(SLACK * 1000) << snowflake.SEQUENCE_BITS


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known before a look.

    Attributes:
        seen, offset: stamps; `offset` is that of this database.
        floor: ids that are not indexed are above it.
        next_floor: the floor of the following look.
        now_id: the id of this moment.
    """

    epoch: str
    seen: str
    offset: int
    floor: int
    next_floor: int
    now_id: int


# Before the snapshot of the look: a transaction that ends in between was running here.
_BEFORE = f"""
SELECT e.epoch::text, p.seen::text, e.stamp_offset, p.floor_id,
    ((extract(epoch FROM clock_timestamp()) * 1000)::bigint - {snowflake.EPOCH_MS}) << {snowflake.SEQUENCE_BITS},
    (
        SELECT min((extract(epoch FROM xact_start) * 1000)::bigint) - {snowflake.EPOCH_MS} FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    ) << {snowflake.SEQUENCE_BITS}
FROM search_progress p, cluster_epoch e
"""
_FOUND = Statement("""
SELECT pg_current_snapshot()::text, m.id FROM (VALUES (1)) one LEFT JOIN LATERAL (
    SELECT id FROM messages WHERE retention = 0 AND id > %(after)s AND created_in >= %(seen)s::text::xid8
        AND CASE WHEN %(known)s::pg_snapshot IS NULL THEN true
            ELSE NOT pg_visible_in_snapshot((created_in::text::bigint - %(offset)s)::text::xid8, %(known)s::pg_snapshot)
        END
    ORDER BY id LIMIT %(limit)s
) m ON true
""")
_RECORD = """
UPDATE search_progress SET seen = (%(offset)s + pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint)::text::xid8,
    floor_id = %(floor)s, indexed_until = %(until)s, is_busy = %(busy)s
"""


class Follower:
    """Keeps the index up to date. One process runs it at a time; several only do the same twice."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._epoch = ""
        self._snapshot: str | None = None  # of the last look; None if the progress is another process's
        self._recorded_at = 0.0
        self._has_pending = False

    def run(self) -> int:
        """Index what was committed since the last run; returns the number of messages.

        Raises:
            Unavailable: Postgres is away.
        """
        look = _before()
        if look.epoch != self._epoch:
            self._epoch, self._snapshot = look.epoch, None
        first, ids = _found(look, look.floor, self._snapshot)
        indexed = 0
        while ids:
            self._write(ids, look.now_id)
            indexed += len(ids)
            if len(ids) < search_writer.BATCH:
                break
            _, ids = _found(look, ids[-1], self._snapshot)
        # Of the first look, not of the following ones: those saw only what has larger ids.
        self._snapshot = first
        self._finish(look, first, indexed)
        return indexed

    def _write(self, ids: list[int], now_id: int) -> None:
        started = time.monotonic()
        search_writer.write(ids)
        behind = max(0, now_id - ids[0] >> snowflake.SEQUENCE_BITS) / 1000
        pause = self._pace.pause_after(len(ids), time.monotonic() - started, behind)
        self._has_pending = True
        if pause:
            gevent.sleep(pause)

    def _finish(self, look: _Look, snapshot: str, indexed: int) -> None:
        if indexed:
            self._record(look, snapshot)
            return
        self._pace.rest()
        if self._has_pending:
            search_writer.clean_pending()
            self._has_pending = False
        if time.monotonic() - self._recorded_at >= IDLE_RECORD:
            self._record(look, snapshot)

    def _record(self, look: _Look, snapshot: str) -> None:
        values = {
            "offset": look.offset,
            "snapshot": snapshot,
            "floor": look.next_floor,
            "until": snowflake.moment_of(look.now_id),
            "busy": self._pace.is_busy,
        }
        with unit_of_work():
            # If a crash of the server loses it, some messages are indexed twice.
            db.execute_sql("SET LOCAL synchronous_commit = off")
            db.execute_sql(_RECORD, values)
        self._recorded_at = time.monotonic()


def _before() -> _Look:
    with database_connection():
        epoch, seen, offset, floor, now_id, oldest = db.execute_sql(_BEFORE).fetchone()
    since = max(0, min(now_id, now_id if oldest is None else oldest) - _SLACK_IDS)
    # A clock that was set back makes ids below the floor.
    return _Look(epoch, seen, offset, min(floor, max(0, now_id - _SLACK_IDS)), since, now_id)


def _found(look: _Look, after: int, known: str | None) -> tuple[str, list[int]]:
    """The snapshot of a look, and the first messages that it shows."""
    values = {"after": after, "seen": look.seen, "known": known, "offset": look.offset, "limit": search_writer.BATCH}
    with database_connection():
        rows = db.run(_FOUND, values).fetchall()
    return rows[0][0], [id for _, id in rows if id is not None]
