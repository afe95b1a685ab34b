"""Whether bucket and rows agree, both ways. They should: this finds defects, and what others did to the bucket."""

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

SETTLED_AFTER = 3600.0  # seconds: younger objects and rows may be of an upload under way
BATCH = 500
# More at once on one side means another's bucket, an emptied one or an old database: nothing may be removed for that.
LIMIT = 100
# Objects that a restored backup does not know may belong to a newer one. This leaves time to check what was restored.
AFTER_RESTORE = "24 hours"


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found, and removed.

    Attributes:
        strays: objects in the bucket without a row.
        unused: rows of objects that no attachment refers to.
        missing: rows whose object is not in the bucket.
    """

    strays: int
    unused: int
    missing: int

    @property
    def total(self) -> int:
        """Everything that should not have been."""
        return self.strays + self.unused + self.missing

    def __str__(self) -> str:
        return f"{self.strays} objects without a row, {self.unused} unused, {self.missing} missing"


def audit(settled_after: float = SETTLED_AFTER) -> Audit:
    """Compare bucket and rows, remove what should not be there, and note how much it was; for a job.

    For a day after a restored backup was detected, differences are only counted: the bucket may be newer or older than
    the rows.

    Parameters:
        settled_after: seconds for which what is in the bucket or has a row is left alone.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    if _is_freshly_restored():
        unused = _unused(settled_after)
        found = Audit(len(_strays(settled_after)), len(unused), len(set(_missing(settled_after)) - unused))
        log.warning("a backup was restored less than a day ago: nothing is removed")
    else:
        found = Audit(_remove_strays(settled_after), _schedule_unused(settled_after), _forget_missing(settled_after))
    with unit_of_work():
        db.execute_sql(
            "INSERT INTO file_audits (orphans) VALUES (%s)"
            " ON CONFLICT (is_only) DO UPDATE SET orphans = excluded.orphans, audited_at = now()",
            (found.total,),
        )
    if found.total:
        log.error("bucket and rows do not agree", extra={"outcome": str(found)})
    return found


def tell_orphans() -> None:
    """Let the metric say what the last audit found.

    Raises:
        Unavailable: Postgres is away.
    """
    with database_connection():
        row = db.execute_sql("SELECT orphans FROM file_audits").fetchone()
    metrics.file_orphans(0 if row is None else row[0])


def _is_freshly_restored() -> bool:
    with database_connection():
        sql = f"SELECT coalesce(renewed_at > now() - interval '{AFTER_RESTORE}', false) FROM cluster_epoch"
        return bool(db.execute_sql(sql).fetchone()[0])


def _remove_strays(settled_after: float) -> int:
    strays = _strays(settled_after)
    if _is_plausible(strays):
        object_storage.remove(strays)
    return len(strays)


def _strays(settled_after: float) -> list[str]:
    """Names of objects in the bucket that have no row."""
    return [
        name
        for batch in in_batches(object_storage.list_objects(), BATCH)
        for name in _strays_among(batch, settled_after)
    ]


def _strays_among(listed: list[ObjectInfo], settled_after: float) -> Iterator[str]:
    now = clock.now()
    names = {found.name for found in listed if (now - found.modified_at).total_seconds() >= settled_after}
    with database_connection():
        rows = db.execute_sql("SELECT name FROM objects WHERE name = ANY(%s)", (list(names),)).fetchall()
    yield from sorted(names - {row[0] for row in rows})


def _is_plausible(names: list[str]) -> bool:
    if len(names) > LIMIT:
        log.error("bucket and rows differ so much that nothing is removed", extra={"count": len(names)})
    return 0 < len(names) <= LIMIT


_UNUSED = """
state = 'stored' AND created_at < now() - make_interval(secs => %s)
    AND NOT EXISTS (SELECT 1 FROM attachments WHERE object_name = name)
    AND NOT EXISTS (SELECT 1 FROM attachments WHERE thumbnail_name = name)
"""


def _unused(settled_after: float) -> set[str]:
    with database_connection():
        rows = db.execute_sql(f"SELECT name FROM objects WHERE {_UNUSED}", (settled_after,)).fetchall()
    return {row[0] for row in rows}


def _schedule_unused(settled_after: float) -> int:
    with unit_of_work():
        sql = f"UPDATE objects SET state = '{DELETING}', remove_at = now() WHERE {_UNUSED}"
        return int(db.execute_sql(sql, (settled_after,)).rowcount)


def _forget_missing(settled_after: float) -> int:
    """Let attachments expire whose bytes are gone, and forget thumbnails that are."""
    missing = _missing(settled_after)
    if _is_plausible(missing):
        with unit_of_work():
            db.execute_sql("UPDATE attachments SET expires_at = now() WHERE object_name = ANY(%s)", (missing,))
            db.execute_sql("UPDATE attachments SET thumbnail_name = NULL WHERE thumbnail_name = ANY(%s)", (missing,))
            object_records.schedule_deletion(missing)
    return len(missing)


def _missing(settled_after: float) -> list[str]:
    """Names of stored objects that are not in the bucket; rows and bucket are walked side by side, in one order."""
    missing: list[str] = []
    last = ""
    while True:
        with database_connection():
            rows = db.execute_sql(
                "SELECT name FROM objects WHERE name > %s AND state = 'stored'"
                " AND created_at < now() - make_interval(secs => %s) ORDER BY name LIMIT %s",
                (last, settled_after, BATCH),
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
