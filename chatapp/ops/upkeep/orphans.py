"""Compare the bucket with the database, in both directions, to find bugs and foreign changes of the bucket."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from chatapp import clock, metrics
from chatapp.actions.attachments import object_records
from chatapp.errors import NotFound
from chatapp.infra import object_storage
from chatapp.infra.batching import in_batches
from chatapp.infra.object_storage import ObjectInfo
from chatapp.infra.postgres import database_connection, db
from chatapp.models.attachments import DELETING
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

MIN_AGE = 3600.0  # seconds: younger objects and rows may belong to an upload in progress
BATCH = 500
# More on one side means a wrong or emptied bucket or an old database, in which case nothing may be removed.
LIMIT = 100
# Objects that a restored backup lacks may belong to a newer one. This leaves time to check the restored data.
AFTER_RESTORE = "24 hours"


@dataclass(frozen=True, slots=True)
class Audit:
    """The differences found.

    Attributes:
        strays: number of objects in the bucket without a row.
        unused: number of rows of objects that no attachment refers to.
        missing: number of rows whose object is not in the bucket.
    """

    strays: int
    unused: int
    missing: int

    @property
    def total(self) -> int:
        """All differences."""
        return self.strays + self.unused + self.missing

    def __str__(self) -> str:
        return f"{self.strays} objects without a row, {self.unused} unused, {self.missing} missing"


def audit(min_age: float = MIN_AGE) -> Audit:
    """Compare bucket and rows, remove what belongs to nothing, and record the number of differences.

    For a day after a restored backup was detected, differences are only counted: the bucket may be newer or older than
    the rows.

    Parameters:
        min_age: seconds; younger objects and rows are left alone.

    Raises:
        Unavailable: Postgres or S3 is unavailable.
    """
    if _is_freshly_restored():
        unused = _unused(min_age)
        found = Audit(len(_strays(min_age)), len(unused), len(set(_missing(min_age)) - unused))
        log.warning("a backup was restored less than a day ago: nothing is removed")
    else:
        found = Audit(_remove_strays(min_age), _schedule_unused(min_age), _forget_missing(min_age))
    with unit_of_work():
        db.execute_sql(
            "INSERT INTO file_audits (orphans) VALUES (%s)"
            " ON CONFLICT (is_only) DO UPDATE SET orphans = excluded.orphans, audited_at = now()",
            (found.total,),
        )
    if found.total:
        log.error("bucket and database differ", extra={"outcome": str(found)})
    return found


def report_orphans() -> None:
    """Set the metric to the result of the last audit.

    Raises:
        Unavailable: Postgres is unavailable.
    """
    with database_connection():
        row = db.execute_sql("SELECT orphans FROM file_audits").fetchone()
    metrics.set_orphans(0 if row is None else row[0])


def _is_freshly_restored() -> bool:
    with database_connection():
        sql = f"SELECT coalesce(renewed_at > now() - interval '{AFTER_RESTORE}', false) FROM cluster_epoch"
        return bool(db.execute_sql(sql).fetchone()[0])


def _remove_strays(min_age: float) -> int:
    strays = _strays(min_age)
    if _is_plausible(strays):
        object_storage.remove(strays)
    return len(strays)


def _strays(min_age: float) -> list[str]:
    """Names of objects in the bucket that have no row."""
    return [
        name for batch in in_batches(object_storage.list_objects(), BATCH) for name in _strays_among(batch, min_age)
    ]


def _strays_among(listed: list[ObjectInfo], min_age: float) -> Iterator[str]:
    now = clock.now()
    names = {found.name for found in listed if (now - found.modified_at).total_seconds() >= min_age}
    with database_connection():
        rows = db.execute_sql("SELECT name FROM objects WHERE name = ANY(%s)", (list(names),)).fetchall()
    yield from sorted(names - {row[0] for row in rows})


def _is_plausible(names: list[str]) -> bool:
    if len(names) > LIMIT:
        log.error("bucket and database differ too much, nothing is removed", extra={"count": len(names)})
    return 0 < len(names) <= LIMIT


_UNUSED = """
state = 'stored' AND created_at < now() - make_interval(secs => %s)
    AND NOT EXISTS (SELECT 1 FROM attachments WHERE object_name = name)
    AND NOT EXISTS (SELECT 1 FROM attachments WHERE thumbnail_name = name)
    AND NOT EXISTS (SELECT 1 FROM report_objects WHERE object_name = name)
"""


def _unused(min_age: float) -> set[str]:
    with database_connection():
        rows = db.execute_sql(f"SELECT name FROM objects WHERE {_UNUSED}", (min_age,)).fetchall()
    return {row[0] for row in rows}


def _schedule_unused(min_age: float) -> int:
    with unit_of_work():
        sql = f"UPDATE objects SET state = '{DELETING}', remove_at = now() WHERE {_UNUSED}"
        return int(db.execute_sql(sql, (min_age,)).rowcount)


def _forget_missing(min_age: float) -> int:
    """Expire attachments whose object is missing, and remove references to missing thumbnails."""
    missing = _missing(min_age)
    if _is_plausible(missing):
        with unit_of_work():
            db.execute_sql("UPDATE attachments SET expires_at = now() WHERE object_name = ANY(%s)", (missing,))
            db.execute_sql("UPDATE attachments SET thumbnail_name = NULL WHERE thumbnail_name = ANY(%s)", (missing,))
            object_records.schedule_deletion(missing)
    return len(missing)


def _missing(min_age: float) -> list[str]:
    """Names of stored objects that are not in the bucket. Reads rows and bucket in parallel, in the same order."""
    missing: list[str] = []
    last = ""
    while True:
        with database_connection():
            rows = db.execute_sql(
                "SELECT name FROM objects WHERE name > %s AND state = 'stored'"
                " AND created_at < now() - make_interval(secs => %s) ORDER BY name LIMIT %s",
                (last, min_age, BATCH),
            ).fetchall()
        if not rows:
            return missing
        names, before, last = [row[0] for row in rows], last, rows[-1][0]
        found = (entry.name for entry in object_storage.list_objects(after=before))
        listed = takewhile(lambda name: name <= last, found)  # noqa: B023
        missing += [name for name in sorted(set(names) - set(listed)) if not _is_stored(name)]


def _is_stored(name: str) -> bool:
    try:
        object_storage.size_of(name)
    except NotFound:
        return False
    return True
