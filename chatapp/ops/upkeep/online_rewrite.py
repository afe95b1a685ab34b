"""Rewrites a partition while it is read and written: into a new table, which then takes its place.

A trigger notes the keys of rows that change while they are copied. Those are copied again, the last of them under the
lock of the exchange, so the new table is never behind. Rows keep their transaction stamps.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from peewee import OperationalError, ProgrammingError

from chatapp.infra.postgres import db
from chatapp.models.chats import CHAT_CLASS, SESSION_CLASS

log = logging.getLogger(__name__)

BATCH = 5000  # rows copied by one statement: some 100 ms
FEW = 100  # changed rows that are left for the lock
ROUNDS = 100  # of copying what changed meanwhile; a partition that changes faster is left
TRIES = 20  # to get the locks
COPY, CHANGES = "erase_copy", "erase_changes"
_BOUNDS = re.compile(r"FROM \((?:'(\d+)'|MINVALUE)\) TO \('(\d+)'\)")

# Of the partitioned tables: the columns of the key below the retention class, and the one that the bounds are of.
_KEYS = {
    "messages_chat_class": ("id",),
    "messages_session_class": ("id",),
    "message_changes_chat_class": ("message_id", "version"),
    "message_changes_session_class": ("message_id", "version"),
}


class _Part(NamedTuple):
    """A partition: its name, the table above it, its key, and its bounds as SQL conditions and as clauses."""

    name: str
    parent: str
    key: tuple[str, ...]
    low: str | None
    high: str

    @property
    def columns(self) -> str:
        return ", ".join(self.key)

    @property
    def check(self) -> str:
        """What the exchange need not verify by reading the table."""
        column, retention = self.key[0], SESSION_CLASS if "_session_" in self.parent else CHAT_CLASS
        low = "" if self.low is None else f" AND {column} >= {self.low}"
        is_known = f"retention IS NOT NULL AND {column} IS NOT NULL"
        return f"{is_known} AND retention = {retention} AND {column} < {self.high}{low}"

    @property
    def bounds(self) -> str:
        return f"FROM ({self.low or 'MINVALUE'}) TO ({self.high})"


def rewrite(name: str, bound: float) -> bool:
    """Rewrite a partition; returns whether it was. Each lock is held for at most `bound` seconds.

    Parameters:
        name: of a partition of messages or of their changes.
    """
    try:
        part = _find(name)
        _begin(part, bound)
        _copy(part)
        for _ in range(ROUNDS):
            if _copy_changes(part, BATCH) <= FEW:
                break
        _exchange(part, bound)
    except (OperationalError, ProgrammingError) as error:
        log.warning("partition not rewritten", extra={"table": name, "reason": str(error).strip().splitlines()[0]})
        _abandon()
        return False
    return True


def _find(name: str) -> _Part:
    parent, bounds = db.execute_sql(
        "SELECT inhparent::regclass::text, pg_get_expr(relpartbound, oid) FROM pg_inherits"
        " JOIN pg_class ON oid = inhrelid WHERE oid = %s::regclass",
        (name,),
    ).fetchone()
    found = _BOUNDS.search(bounds)
    assert found is not None, bounds
    return _Part(name, parent, _KEYS[parent], found[1], found[2])


def _begin(part: _Part, bound: float) -> None:
    """Create the new table, and note changes from now on: those before have been committed."""
    _drop()
    noted = ", ".join(f"OLD.{column}" for column in part.key), ", ".join(f"NEW.{column}" for column in part.key)
    with _short(bound):
        db.execute_sql(f"CREATE TABLE {COPY} (LIKE {part.name} INCLUDING ALL)")
        db.execute_sql(f"ALTER TABLE {COPY} ADD CONSTRAINT {COPY}_range CHECK ({part.check})")
        db.execute_sql(f"CREATE TABLE {CHANGES} AS SELECT {part.columns} FROM {part.name} LIMIT 0")
        db.execute_sql(f"""
CREATE FUNCTION {CHANGES}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN INSERT INTO {CHANGES} VALUES ({noted[0]}); END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO {CHANGES} VALUES ({noted[1]}); END IF;
    RETURN NULL;
END $$""")
        db.execute_sql(
            f"CREATE TRIGGER {CHANGES} AFTER INSERT OR UPDATE OR DELETE ON {part.name}"
            f" FOR EACH ROW EXECUTE FUNCTION {CHANGES}()"
        )


def _copy(part: _Part) -> None:
    """Copy all rows, in the order of the key."""
    last = "-1" if len(part.key) == 1 else "(-1, -1)"
    key = part.key[0] if len(part.key) == 1 else f"({part.columns})"
    while True:
        rows = db.execute_sql(
            f"INSERT INTO {COPY} SELECT * FROM {part.name} WHERE {key} > {last} ORDER BY {part.columns}"
            f" LIMIT {BATCH} ON CONFLICT DO NOTHING RETURNING {part.columns}"
        ).fetchall()
        if not rows:
            return
        values = ", ".join(str(value) for value in max(rows))
        last = values if len(part.key) == 1 else f"({values})"


def _indexes(table: str) -> dict[str, str]:
    """The names of the indexes of a partition, by those of the table above that they belong to."""
    rows = db.execute_sql(
        "SELECT inhparent::regclass::text, inhrelid::regclass::text FROM pg_inherits"
        " JOIN pg_index ON indexrelid = inhrelid WHERE indrelid = %s::regclass",
        (table,),
    ).fetchall()
    return dict(rows)


def _copy_changes(part: _Part, limit: int | None) -> int:
    """Copy rows again whose changes were noted; returns how many changes there were.

    Their state is read after the notes: a change that it does not show yet is noted, too.
    """
    bounded = "" if limit is None else f" WHERE ctid = ANY(ARRAY(SELECT ctid FROM {CHANGES} LIMIT {limit}))"
    with db.atomic():
        rows = db.execute_sql(f"DELETE FROM {CHANGES}{bounded} RETURNING {part.columns}").fetchall()
        if rows:
            keys = ", ".join(f"({', '.join(str(value) for value in row)})" for row in {tuple(row) for row in rows})
            db.execute_sql(f"DELETE FROM {COPY} WHERE ({part.columns}) IN (VALUES {keys})")
            db.execute_sql(f"INSERT INTO {COPY} SELECT * FROM {part.name} WHERE ({part.columns}) IN (VALUES {keys})")
    return len(rows)


def _exchange(part: _Part, bound: float) -> None:
    """Let the new table take the place of the partition. Its indexes become those of the table above."""
    for attempt in range(1, TRIES + 1):
        try:
            with _short(bound):
                db.execute_sql(f"LOCK TABLE {part.parent} IN ACCESS EXCLUSIVE MODE")
                _copy_changes(part, None)
                names = _indexes(part.name)
                db.execute_sql(f"ALTER TABLE {part.parent} DETACH PARTITION {part.name}")
                db.execute_sql(f"DROP TABLE {part.name}")
                db.execute_sql(f"ALTER TABLE {COPY} RENAME TO {part.name}")
                db.execute_sql(f"ALTER TABLE {part.parent} ATTACH PARTITION {part.name} FOR VALUES {part.bounds}")
                db.execute_sql(f"ALTER TABLE {part.name} DROP CONSTRAINT {COPY}_range")
                for above, name in _indexes(part.name).items():
                    db.execute_sql(f"ALTER INDEX {name} RENAME TO {names[above]}")
                db.execute_sql(f"DROP TABLE {CHANGES}")
                db.execute_sql(f"DROP FUNCTION {CHANGES}")
            break
        except OperationalError:
            if attempt == TRIES:
                raise
    log.info("partition rewritten", extra={"table": part.name})


@contextmanager
def _short(bound: float) -> Iterator[None]:
    """A transaction that waits for locks, and takes for each statement, at most half of `bound` seconds."""
    milliseconds = max(1, int(bound * 500))
    with db.atomic():
        db.execute_sql(f"SET LOCAL statement_timeout = {milliseconds}")
        db.execute_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        yield


def _abandon() -> None:
    """End the notes, and remove what there is. A trigger whose table is in use does nothing until the next run."""
    try:
        with db.atomic():
            db.execute_sql(f"CREATE OR REPLACE FUNCTION {CHANGES}() RETURNS trigger LANGUAGE plpgsql AS {_NOTHING}")
        _drop()
    except OperationalError:
        log.warning("rewrite not cleared away")


_NOTHING = "$$ BEGIN RETURN NULL; END $$"


def _drop() -> None:
    """Remove what an earlier run has left. The trigger goes with its function."""
    db.execute_sql(f"DROP FUNCTION IF EXISTS {CHANGES} CASCADE")
    db.execute_sql(f"DROP TABLE IF EXISTS {COPY}, {CHANGES}")
