"""Past months of session messages, each in its partitions, as rows of a database."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from itertools import pairwise

import psycopg2
from psycopg2.extensions import cursor as Cursor

from chatapp.ids.snowflake import first_id_at
from chatapp.ops.migration.partitions import SESSION_TABLES, PartitionedTable

PER_SESSION = 50  # messages
PER_CHANGE = 10  # messages, of which one was changed

# A month of messages, spread evenly over its ids.
_MESSAGES = """
INSERT INTO messages (id, retention, chat_id, seq, version, sender_id, content, created_at)
SELECT %(low)s + n * %(step)s, 1, %(low)s + n / %(per_session)s, n %% %(per_session)s + 1, n %% %(per_session)s + 1, 1,
    'a grey corner sofa under 300 euros, number ' || n || ', for a small living room', now()
FROM generate_series(0::bigint, %(count)s - 1) n
"""
_CHANGES = """
INSERT INTO message_changes (message_id, retention, chat_id, version, actor_id, kind, old_content)
SELECT %(low)s + n * %(step)s, 1, %(low)s + n / %(per_session)s, n %% %(per_session)s + 2, 1, 'edited', 'a sofa'
FROM generate_series(0::bigint, %(count)s - 1, %(per_change)s) n
"""


def make_months(url: str, *, months: int, messages: int) -> None:
    """Store messages in the months before this one, in partitions of their own.

    Parameters:
        url: a migrated database whose past months of sessions are empty, or dropped.
        months: their number.
        messages: of all months together.
    """
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in SESSION_TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS {table.part(None)}")
            for month, following in pairwise(_month_starts(months)):
                low, high = first_id_at(month), first_id_at(following)
                for table in SESSION_TABLES:
                    _attach(cursor, table, table.part(month), low, high)
                count = messages // months
                values = {
                    "low": low, "count": count, "step": (high - low) // count,
                    "per_session": PER_SESSION, "per_change": PER_CHANGE,
                }  # fmt: skip
                cursor.execute(_MESSAGES, values)
                cursor.execute(_CHANGES, values)
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")


def remaining_months(url: str) -> int:
    """How many partitions of sessions there are for months that are over."""
    month = _month_starts(0)[0]
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = ANY(%s::regclass[])",
            ([table.name for table in SESSION_TABLES],),
        )
        names = {name for (name,) in cursor.fetchall()}
    return sum(name < table.part(month) for table in SESSION_TABLES for name in names if _is_month_of(table, name))


def _is_month_of(table: PartitionedTable, name: str) -> bool:
    return name.startswith(f"{table.prefix}_2")


def _attach(cursor: Cursor, table: PartitionedTable, part: str, low: int, high: int) -> None:
    cursor.execute(f"CREATE TABLE {part} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    cursor.execute(f"ALTER TABLE {table.name} ATTACH PARTITION {part} FOR VALUES FROM ({low}) TO ({high})")


def _month_starts(before: int) -> list[dt.datetime]:
    """The first moments of this month and of as many before it, oldest first."""
    now = dt.datetime.now(dt.UTC)
    index = now.year * 12 + now.month - 1
    return [dt.datetime(at // 12, at % 12 + 1, 1, tzinfo=dt.UTC) for at in range(index - before, index + 1)]
