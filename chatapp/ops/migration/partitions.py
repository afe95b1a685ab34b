"""Monthly partitions of messages and their changes, created ahead of time.

Invariant: the partitions of a table cover all ids from the lowest to some month ahead of now, without gap or overlap,
so that every insert finds its partition. So a new partition begins where the last one ends, regardless of the clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from peewee import Database, OperationalError

from chatapp.ids.snowflake import first_id_at, moment_of

MOST_MONTHS = 120  # in one run: a wrong clock must not fill the catalogue
LOCK_TIMEOUT_MS = 2000  # attaching waits for a running VACUUM or DDL, and others queue behind it meanwhile
TRIES = 5
_LOCK = 0x63686174_0001  # "chat", 1: one process creates partitions at a time
_UPPER_BOUND = re.compile(r"TO \('(\d+)'\)")


@dataclass(frozen=True)
class PartitionedTable:
    """A table partitioned by month, and the names of its partitions."""

    name: str
    prefix: str

    def part(self, month: dt.datetime | None) -> str:
        """Name of the partition of a month; None: of the one before the first month."""
        return f"{self.prefix}_before" if month is None else f"{self.prefix}_{month:%Y_%m}"


TABLES = (
    PartitionedTable("messages_chat_class", "messages_chat"),
    PartitionedTable("message_changes_chat_class", "message_changes_chat"),
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


def _extend(db: Database, table: PartitionedTable, until: dt.datetime, now: dt.datetime | None) -> Iterator[str]:
    frontier = _frontier(db, table)
    if frontier is None:
        frontier = _month(now or _database_now(db))
        yield _attach(db, table, table.part(None), "MINVALUE", str(first_id_at(frontier)))
    for _ in range(MOST_MONTHS):
        if frontier >= until:
            return
        following = _months_later(frontier, 1)
        bounds = str(first_id_at(frontier)), str(first_id_at(following))
        yield _attach(db, table, table.part(frontier), *bounds)
        frontier = following


def _frontier(db: Database, table: PartitionedTable) -> dt.datetime | None:
    """The month that begins where the last partition ends; None if there is no partition."""
    rows = db.execute_sql(
        """
        SELECT pg_get_expr(part.relpartbound, part.oid) FROM pg_inherits
        JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = %s::regclass
        """,
        (table.name,),
    ).fetchall()
    ends = [int(match[1]) for (bound,) in rows if (match := _UPPER_BOUND.search(bound))]
    return moment_of(max(ends)) if ends else None


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
