"""Monthly partitions of messages, their changes and their search index, created ahead of time.

Invariant: the partitions of a table cover all ids from the lowest to some month ahead of now, without gap or overlap,
so that every insert finds its partition. So a new partition begins where the last one ends, regardless of the clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from peewee import Database, OperationalError

from chatapp.ids.snowflake import first_id_at, moment_of

MOST_MONTHS = 120  # in one run: a wrong clock must not fill the catalogue
LOCK_TIMEOUT_MS = 2000  # attaching waits for a running VACUUM or DDL, and others queue behind it meanwhile
TRIES = 5
DETACH_TIMEOUT_MS = 5000  # for transactions that began before, such as a dump; the job tries again in a minute
_LOCK = 0x63686174_0001  # "chat", 1: one process creates partitions at a time
_UPPER_BOUND = re.compile(r"TO \('(\d+)'\)")
_MESSAGES = "messages_chat_class"


@dataclass(frozen=True)
class PartitionedTable:
    """A table partitioned by month, and the names of its partitions."""

    name: str
    prefix: str

    def part(self, month: dt.datetime | None) -> str:
        """Name of the partition of a month; None: of the one before the first month."""
        return f"{self.prefix}_before" if month is None else f"{self.prefix}_{month:%Y_%m}"


SESSION_TABLES = (
    PartitionedTable("message_changes_session_class", "message_changes_session"),
    PartitionedTable("messages_session_class", "messages_session"),
)
TABLES = (
    PartitionedTable(_MESSAGES, "messages_chat"),
    PartitionedTable("message_changes_chat_class", "message_changes_chat"),
    PartitionedTable("message_search", "message_search"),
    *SESSION_TABLES,
)


def make_partitions(db: Database, *, months_ahead: int, now: dt.datetime | None = None) -> list[str]:
    """Create missing partitions, up to `months_ahead` after the current month.

    Parameters:
        db: a connected database, outside a transaction.
        now: replaces the clock of the database, which also generates the ids.

    Returns: the names of the new partitions, oldest first; empty if none were missing.

    Raises:
        OperationalError: a lock was not available after several attempts.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with db.atomic():
                db.execute_sql(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
                db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                until = _months_later(_month(now or _database_now(db)), months_ahead + 1)
                return [part for table in TABLES for part in _extend(db, table, until, now)]
        except OperationalError as error:
            if attempt == TRIES or not _is_lock_timeout(error):
                raise
    raise AssertionError("unreachable")


def old_session_parts(db: Database, until: dt.datetime) -> list[str]:
    """The partitions of sessions whose months ended before a time, oldest first. The last one of a table stays.

    No message is written into a month that is over, so the part of the ids that they leave is not missed. A run of
    `drop_parts` that was interrupted leaves tables that are partitions no more; they are among these.
    """
    limit = first_id_at(until)
    old: list[str] = []
    for table in SESSION_TABLES:
        parts = sorted(_parts(db, table))
        old += _detached_parts(db, table)
        old += [name for high, name in parts[:-1] if high <= limit]
    return old


def drop_parts(db: Database, names: Sequence[str]) -> None:
    """Drop partitions of sessions, while others read and write messages.

    Each one is detached first. That waits for the transactions that use its table, but no other one waits for it, as
    all would for DROP TABLE, which locks the table that the partition belongs to.

    Parameters:
        db: a connected database, outside a transaction.

    Raises:
        OperationalError: a transaction used the table for longer than DETACH_TIMEOUT_MS.
    """
    if not names:
        return
    db.execute_sql(f"SET lock_timeout = {DETACH_TIMEOUT_MS}")
    try:
        for table, name, is_pending in db.execute_sql(_ATTACHED, (list(names),)).fetchall():
            how = "FINALIZE" if is_pending else "CONCURRENTLY"
            db.execute_sql(f"ALTER TABLE {table} DETACH PARTITION {name} {how}")
        db.execute_sql(f"DROP TABLE {', '.join(names)}")
    finally:
        db.execute_sql("RESET lock_timeout")


# One whose detachment was interrupted comes first: a table can have only one of them.
_ATTACHED = """
SELECT inhparent::regclass::text, inhrelid::regclass::text, inhdetachpending FROM pg_inherits
WHERE inhrelid = ANY(%s::regclass[]) ORDER BY inhdetachpending DESC, inhrelid
"""
_DETACHED = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND NOT relispartition AND relnamespace = 'public'::regnamespace AND relname ~ %s ORDER BY relname
"""


def _detached_parts(db: Database, table: PartitionedTable) -> list[str]:
    rows = db.execute_sql(_DETACHED, (f"^{table.prefix}_(before|[0-9]{{4}}_[0-9]{{2}})$",)).fetchall()
    return [name for (name,) in rows]


def _extend(db: Database, table: PartitionedTable, until: dt.datetime, now: dt.datetime | None) -> Iterator[str]:
    frontier = max(_ends(db, table), default=None)
    if frontier is None:
        # A table that was added later begins with the month of the first messages.
        frontier = min(_ends(db, TABLES[0]), default=None) or _month(now or _database_now(db))
        yield _attach(db, table, table.part(None), "MINVALUE", str(first_id_at(frontier)))
    for _ in range(MOST_MONTHS):
        if frontier >= until:
            return
        following = _months_later(frontier, 1)
        bounds = str(first_id_at(frontier)), str(first_id_at(following))
        yield _attach(db, table, table.part(frontier), *bounds)
        frontier = following


def _ends(db: Database, table: PartitionedTable) -> list[dt.datetime]:
    """The months that begin where partitions end."""
    return [moment_of(high) for high, _ in _parts(db, table)]


def _parts(db: Database, table: PartitionedTable) -> list[tuple[int, str]]:
    """The id that each partition ends before, and its name."""
    rows = db.execute_sql(
        """
        SELECT pg_get_expr(part.relpartbound, part.oid), part.oid::regclass::text FROM pg_inherits
        JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = %s::regclass
        """,
        (table.name,),
    ).fetchall()
    return [(int(match[1]), name) for bound, name in rows if (match := _UPPER_BOUND.search(bound))]


def _attach(db: Database, table: PartitionedTable, part: str, low: str, high: str) -> str:
    """Create a partition without blocking readers and writers: PARTITION OF would lock them out, attaching does not."""
    db.execute_sql(f"CREATE TABLE {part} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    db.execute_sql(f"ALTER TABLE {table.name} ATTACH PARTITION {part} FOR VALUES FROM ({low}) TO ({high})")
    return part


def _database_now(db: Database) -> dt.datetime:
    now: dt.datetime = db.execute_sql("SELECT now()").fetchone()[0]
    return now.astimezone(dt.UTC)


def _month(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _months_later(month: dt.datetime, count: int) -> dt.datetime:
    index = month.year * 12 + month.month - 1 + count
    return month.replace(year=index // 12, month=index % 12 + 1)


def _is_lock_timeout(error: OperationalError) -> bool:
    return getattr(error.__cause__ or error.__context__, "pgcode", None) == "55P03"
