"""Where each consumer stands in the outbox, and the rows that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chatapp.infra.postgres import database_connection, db
from chatapp.outbox.consumer import Consumer
from chatapp.transaction import RECORD_SPAN, unit_of_work

ROWS_PER_BATCH = 200  # each may hold the events of a group of 256 messages
BYTES_PER_BATCH = 4_000_000  # of events, unless one row has more


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox. `events`: as JSON. `age`: in seconds, negative if a clock was set back."""

    id: int
    events: str
    age: float


@dataclass(frozen=True, slots=True)
class Batch:
    """The next rows to handle, in the order of their ids; `end` is the id up to which there are no others."""

    rows: list[Row]
    end: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that a consumer could not handle. `ordinal`: its place in the row. `reason`: the class of the error."""

    outbox_id: int
    ordinal: int
    reason: str


def position_of(name: str, start: int) -> int:
    """The position of a consumer. A new one is registered at `start`.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        sql = "SELECT position FROM outbox_consumers WHERE name = %s"
        row = db.execute_sql(sql, (name,)).fetchone()
        if row is None:
            db.execute_sql("INSERT INTO outbox_consumers VALUES (%s, %s) ON CONFLICT DO NOTHING", (name, start))
            row = db.execute_sql(sql, (name,)).fetchone()
    return int(row[0])


def next_batch(consumer: Consumer, after: int, until: int, limit: int) -> Batch:
    """Read the next rows that the consumer has to handle, at most `limit` and `ROWS_PER_BATCH`.

    No statement reads more than `RECORD_SPAN` rows, however many of them need not be handled.

    Raises:
        Unavailable: Postgres is away.
    """
    limit = min(limit, ROWS_PER_BATCH)
    with database_connection():
        while after < until:
            first = db.execute_sql(_FIRST, (after, until)).fetchone()[0]
            if first is None:
                break
            last = min(until, first - first % RECORD_SPAN + RECORD_SPAN - 1)
            values = {"first": first, "last": last, "limit": limit, "bytes": BYTES_PER_BATCH}
            found = db.execute_sql(_NEXT.format(is_due=consumer.is_due), values).fetchall()
            if found:
                rows = [Row(id, events, age) for id, events, age, _ in found]
                is_last = len(rows) == found[0][3] < limit
                return Batch(rows, last if is_last else rows[-1].id)
            after = last
    return Batch([], max(after, until))


_FIRST = "SELECT min(id) FROM outbox WHERE id > %s AND id <= %s"
_NEXT = """
SELECT id, events, age::float, found FROM (
    SELECT id, events, extract(epoch FROM clock_timestamp() - created_at) AS age, count(*) OVER () AS found,
        sum(octet_length(events)) OVER (ORDER BY id) - octet_length(events) AS bytes_before
    FROM (
        SELECT * FROM outbox WHERE id BETWEEN %(first)s AND %(last)s AND {is_due} ORDER BY id LIMIT %(limit)s
    ) o
) measured WHERE bytes_before < %(bytes)s ORDER BY id
"""


def advance(consumer: Consumer, start: int, end: int, failures: Iterable[Failure] = ()) -> bool:
    """Move a consumer from one position to a later one, and record what it could not handle.

    Returns False, and changes nothing, if another process has moved it.

    Raises:
        Unavailable: Postgres is away.
    """
    with unit_of_work():
        sql = "UPDATE outbox_consumers SET position = %s WHERE name = %s AND position = %s"
        if not db.execute_sql(sql, (end, consumer.name, start)).rowcount:
            return False
        for failure in failures:
            db.execute_sql(
                "INSERT INTO outbox_failures (consumer, outbox_id, ordinal, reason, next_attempt_at)"
                " VALUES (%s, %s, %s, %s, now() + interval '1 minute') ON CONFLICT DO NOTHING",
                (consumer.name, failure.outbox_id, failure.ordinal, failure.reason),
            )
    return True
