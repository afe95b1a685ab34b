"""Exports of a user's data as a ZIP with files, made by `worker`.

The ZIP is an object of the bucket that nothing refers to but its export; its row has the time of its deletion from the
start. An erasure deletes the row of the export, so one that is being made finds at its end that it is not wanted.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from chatapp import clock
from chatapp.actions.attachments import object_records
from chatapp.auth.actor import Actor
from chatapp.errors import NotFound, Unauthorised, Unavailable
from chatapp.files.names import content_disposition
from chatapp.infra import object_storage
from chatapp.infra.bound import Bound
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import export
from chatapp.queries.export import Document, StoredFile
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

FOLDER = "exports/"
GIVEN_UP_AFTER = 3600.0  # seconds after which an export whose process died is made again
KEPT = 30 * 86400.0  # seconds for which the row of an export is kept after its end
DATA, FILES, LEFT_OUT = "data.json", "files", "left-out.txt"

PENDING, RUNNING, READY, FAILED, EXPIRED = "pending", "running", "ready", "failed", "expired"
STATES = (PENDING, RUNNING, READY, FAILED, EXPIRED)


class _Limits(NamedTuple):
    """EXPORT_TTL in seconds, and EXPORT_MAX_MB in bytes."""

    ttl: float
    max_bytes: int


limits = Bound("The limits of exports", lambda settings: _Limits(settings.export_ttl, settings.export_max_mb << 20))


class Export(NamedTuple):
    """An export.

    Attributes:
        state: one of STATES.
        reason: code, if it failed.
    """

    id: str
    state: str
    object_name: str | None
    reason: str | None
    expires_at: dt.datetime | None

    @property
    def url(self) -> str | None:
        """A link to the ZIP, for FILE_URL_TTL; None unless it is ready."""
        if self.state != READY or self.object_name is None:
            return None
        disposition = content_disposition("chat-export.zip", "attachment")
        return object_storage.presign_download(
            self.object_name, disposition=disposition, content_type="application/zip"
        )


_STATE = f"CASE WHEN state = '{READY}' AND expires_at <= now() THEN '{EXPIRED}' ELSE state END"
_COLUMNS = f"id::text, {_STATE}, object_name, reason, expires_at"


def request_export(actor: Actor) -> Export:
    """Request a ZIP of the actor's data. While one is being made, this is that one.

    Raises:
        Unauthorised: `access_revoked`: the actor was erased.
    """
    with unit_of_work():
        _lock_user(actor.id)
        db.execute_sql(
            "INSERT INTO exports (user_id) VALUES (%s)"
            f" ON CONFLICT (user_id) WHERE state IN ('{PENDING}', '{RUNNING}') DO NOTHING",
            (actor.id,),
        )
        row: Any = db.execute_sql(
            f"SELECT {_COLUMNS} FROM exports WHERE user_id = %s AND state IN ('{PENDING}', '{RUNNING}')", (actor.id,)
        ).fetchone()
    return Export(*row)


def _lock_user(user_id: int) -> None:
    """Keep an erasure from beginning until the transaction ends."""
    row = db.execute_sql("SELECT 1 FROM users WHERE id = %s AND erased_at IS NULL FOR SHARE", (user_id,)).fetchone()
    if row is None:
        raise Unauthorised("access_revoked")


def find_export(actor: Actor, export_id: str) -> Export:
    """An export of the actor.

    Raises:
        NotFound: `export_not_found`.
    """
    try:
        wanted = uuid.UUID(export_id)
    except ValueError:
        raise NotFound("export_not_found") from None
    with database_connection():
        row: Any = db.execute_sql(
            f"SELECT {_COLUMNS} FROM exports WHERE id = %s::uuid AND user_id = %s", (str(wanted), actor.id)
        ).fetchone()
    if row is None:
        raise NotFound("export_not_found")
    return Export(*row)


class _TooLarge(Exception):
    """The data without files exceeds EXPORT_MAX_MB."""


class _Taken(NamedTuple):
    """An export that this process makes."""

    id: str
    actor: Actor


def make_next() -> bool:
    """Make the export that waits longest; returns whether there was one.

    Raises:
        Unavailable: Postgres or S3 is away; the export waits again.
    """
    taken = _take()
    if taken is None:
        return False
    try:
        with TemporaryDirectory(prefix="chatapp-export-") as folder:
            path = Path(folder) / "export.zip"
            if not _build(path, taken.actor):
                _fail(taken, "user_erased")
            elif not _store(path, taken):
                log.info("export dropped: its user was erased")
    except _TooLarge:
        _fail(taken, "export_too_large")
    except Unavailable:
        _give_back(taken)
        raise
    except Exception:
        log.exception("export failed")
        _fail(taken, "internal_error")
    return True


_TAKE = f"""
UPDATE exports e SET state = '{RUNNING}', started_at = now() FROM users u WHERE u.id = e.user_id AND e.id = (
    SELECT id FROM exports WHERE state = '{PENDING}'
        OR (state = '{RUNNING}' AND started_at < now() - make_interval(secs => %s))
    ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING e.id::text, u.id, u.uuid::text, u.username
"""


def _take() -> _Taken | None:
    with unit_of_work():
        row: Any = db.execute_sql(_TAKE, (GIVEN_UP_AFTER,)).fetchone()
    return None if row is None else _Taken(row[0], Actor(*row[1:]))


def _build(path: Path, actor: Actor) -> bool:
    """Write the ZIP; returns whether it is complete: not if the user was erased meanwhile.

    Raises:
        _TooLarge, Unavailable
    """
    document = Document(actor)
    left_out: list[str] = []
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        with archive.open(DATA, "w", force_zip64=True) as entry:
            for piece in document:
                entry.write(piece)
                _check_size(path)
        if not document.is_complete:
            return False
        after_id, files = 0, export.files_of(actor.id, 0)
        while files:
            for file in files:
                if not _add_file(archive, path, file):
                    left_out.append(_name_in_zip(file))
                after_id = file.id
            files = export.files_of(actor.id, after_id)
        if left_out:
            archive.writestr(LEFT_OUT, "\n".join(left_out) + "\n")
    return True


def _check_size(path: Path) -> None:
    if path.stat().st_size > limits().max_bytes:
        raise _TooLarge


def _add_file(archive: ZipFile, path: Path, file: StoredFile) -> bool:
    """Add a file; returns whether there was room for it, and its bytes were there."""
    if path.stat().st_size + file.size > limits().max_bytes:
        return False
    try:
        object_storage.size_of(file.object_name)  # not every store names the error if a missing object is read
    except NotFound:  # deleted meanwhile
        return False
    stream = object_storage.read(file.object_name)
    info = ZipInfo(_name_in_zip(file), date_time=clock.now().timetuple()[:6])
    info.compress_type = ZIP_STORED  # pictures, recordings and most documents are compressed
    with archive.open(info, "w", force_zip64=True) as entry:
        for piece in stream:
            entry.write(piece)
            yield_to_loop()
    return True


def _name_in_zip(file: StoredFile) -> str:
    return f"{FILES}/{file.id}-{file.file_name}"


def _store(path: Path, taken: _Taken) -> bool:
    """Upload the ZIP, and make it ready; returns False if its user was erased meanwhile."""
    try:
        with unit_of_work():
            _lock_user(taken.actor.id)
            keep = object_records.UPLOAD_TIME + limits().ttl
            (name,) = object_records.register([path.stat().st_size], folder=FOLDER, keep=keep)
            _update(taken, "object_name = %s", name)
    except Unauthorised:
        return False
    object_storage.put(name, path, "application/zip")
    with unit_of_work():
        ready = _update(taken, f"state = '{READY}', expires_at = now() + make_interval(secs => %s)", limits().ttl)
        remove_after = limits().ttl if ready else 0
        db.execute_sql(
            "UPDATE objects SET remove_at = now() + make_interval(secs => %s) WHERE name = %s AND state = 'pending'",
            (remove_after, name),
        )
    return ready


def _fail(taken: _Taken, reason: str) -> None:
    with unit_of_work():
        _update(taken, f"state = '{FAILED}', reason = %s", reason)


def _give_back(taken: _Taken) -> None:
    with unit_of_work():
        _update(taken, f"state = '{PENDING}', started_at = %s", None)


def _update(taken: _Taken, columns: str, value: object) -> bool:
    """Change an export that this process still makes; returns whether it does."""
    changed = db.execute_sql(
        f"UPDATE exports SET {columns} WHERE id = %s::uuid AND state = '{RUNNING}'", (value, taken.id)
    )
    return bool(changed.rowcount)


def sweep() -> int:
    """Delete the rows of exports that ended a month ago; returns how many."""
    with unit_of_work():
        return int(
            db.execute_sql(
                f"DELETE FROM exports WHERE state NOT IN ('{PENDING}', '{RUNNING}')"
                " AND coalesce(expires_at, started_at) < now() - make_interval(secs => %s)",
                (KEPT,),
            ).rowcount
        )
