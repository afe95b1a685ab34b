"""Upkeep of files: expire attachments, delete bytes, and scan files in quarantine again.

Every step is idempotent and safe to run concurrently. No transaction is open while S3 is called.
"""

from __future__ import annotations

import logging
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chatapp.actions.attachments import ingest, object_records
from chatapp.actions.attachments.attaching import lock_chat, record_change
from chatapp.errors import Invalid, NotFound, TooLarge
from chatapp.infra import object_storage
from chatapp.infra.batching import in_batches
from chatapp.infra.object_storage import ObjectInfo
from chatapp.infra.postgres import database_connection, db
from chatapp.models.attachments import DELETING
from chatapp.queries import messages as message_queries
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

BATCH = 200  # attachments or objects per step; S3 deletes up to 1,000 with one request
SCANS_AT_ONCE = 50


def clean_up() -> int:
    """Delete expired attachments, and objects without references; returns how many objects were deleted.

    Raises:
        Unavailable: Postgres or S3 is away; the next run continues.
    """
    while expire_attachments() == BATCH:
        pass
    removed = 0
    while count := remove_bytes():
        removed += count
    return removed


def expire_attachments() -> int:
    """Delete attachments that were not sent in time, and those of erased users; returns how many, at most `BATCH`."""
    with database_connection():
        rows = db.execute_sql(
            "SELECT coalesce(chat_id, 0), id FROM attachments WHERE expires_at <= now()"
            " ORDER BY expires_at, id LIMIT %s",
            (BATCH,),
        ).fetchall()
    for chat_id, group in groupby(sorted(rows), key=itemgetter(0)):
        expire(chat_id, [id for _, id in group])
    return len(rows)


def expire(chat_id: int, ids: list[int]) -> None:
    """Delete expired attachments of one chat's messages, or (chat 0) unsent ones."""
    with unit_of_work() as work:
        chat = lock_chat(chat_id) if chat_id else None
        rows = db.execute_sql(
            "SELECT id, message_id, uploader_id, state = 'ready' FROM attachments"
            " WHERE id = ANY(%s) AND expires_at <= now() ORDER BY message_id, id FOR UPDATE",
            (ids,),
        ).fetchall()
        object_records.release([id for id, *_ in rows])
        if chat is not None:
            uploaders = {message_id: uploader_id for _, message_id, uploader_id, is_visible in rows if is_visible}
            for message_id, uploader_id in uploaders.items():
                if message_queries.is_in(chat_id, message_id):  # its partition may have been dropped
                    record_change(work, chat, message_id, uploader_id, are_added=False)


def remove_bytes() -> int:
    """Delete the objects that are due; returns how many, at most `BATCH`.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    with unit_of_work():
        # Pending objects change their state before they are deleted, so that an upload still in progress then fails.
        names = [name for (name,) in db.execute_sql(_TAKE_DUE, (BATCH,)).fetchall()]
    if not names:
        return 0
    deleted = object_storage.remove(names)
    if len(deleted) < len(names):
        log.warning("objects not deleted", extra={"count": len(names) - len(deleted)})
    with unit_of_work():
        # Late bytes of an upload may still arrive. Until none can, the row stays, and its object is deleted once more.
        db.execute_sql(
            "UPDATE objects SET remove_at = writable_until WHERE name = ANY(%s) AND writable_until > now()", (deleted,)
        )
        db.execute_sql("DELETE FROM objects WHERE name = ANY(%s) AND writable_until <= now()", (deleted,))
    return len(deleted)


_TAKE_DUE = f"""
UPDATE objects SET state = '{DELETING}' WHERE name IN (
    SELECT name FROM objects o WHERE remove_at <= now() AND (state = '{DELETING}' OR NOT EXISTS (
        SELECT 1 FROM attachments WHERE object_name = o.name OR thumbnail_name = o.name
        UNION ALL SELECT 1 FROM report_objects WHERE object_name = o.name))
    ORDER BY remove_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING name
"""


def sweep_direct_uploads() -> int:
    """Schedule direct uploads for deletion that no attachment will use; returns how many. For a job.

    These are uploads that were repeated after their completion or failure, and uploads longer than announced, in object
    stores that do not enforce the signed length.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    listed = object_storage.list_objects(prefix=object_records.DIRECT_UPLOADS)
    return sum(_sweep(batch) for batch in in_batches(listed, BATCH))


def _sweep(batch: list[ObjectInfo]) -> int:
    names = [found.name for found in batch]
    with unit_of_work():
        overlong = db.execute_sql(
            "SELECT a.id FROM unnest(%s::text[], %s::bigint[]) found (name, size)"
            " JOIN attachments a ON a.object_name = found.name WHERE a.state = 'awaiting' AND found.size > a.file_size",
            (names, [found.size for found in batch]),
        ).fetchall()
        object_records.release_unfinished([id for (id,) in overlong])
        repeated = db.execute_sql(
            f"UPDATE objects SET remove_at = now() WHERE name = ANY(%s) AND state = '{DELETING}' AND remove_at > now()",
            (names,),
        ).rowcount
    return len(overlong) + int(repeated)


def scan_quarantined() -> int:
    """Scan the files in quarantine, which arrived while the scanner was away; returns how many were scanned. For a job.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    if not ingest.has_scanner():
        return 0
    scanned = last = 0
    while True:
        with database_connection():
            rows = db.execute_sql(
                "SELECT id, object_name, file_size FROM attachments WHERE state = 'quarantined' AND id > %s"
                " ORDER BY id LIMIT %s",
                (last, SCANS_AT_ONCE),
            ).fetchall()
        for last, object_name, size in rows:
            is_clean = _scan(object_name, size)
            if is_clean is None:
                return scanned
            _end_quarantine(last, is_clean=is_clean)
            scanned += 1
        if not rows:
            return scanned


def _scan(object_name: str, size: int) -> bool | None:
    """Whether a stored file is clean; None if the scanner is away."""
    with TemporaryDirectory(prefix="chatapp-files-") as folder:
        path = Path(folder) / "file"
        try:
            object_storage.fetch(object_name, path, limit=size)
            return ingest.scan(path)
        except (Invalid, TooLarge, NotFound):
            return False


def _end_quarantine(attachment_id: int, *, is_clean: bool) -> None:
    """Make a clean file visible, or delete an infected one."""
    with unit_of_work() as work:
        chat_id = _chat_of(attachment_id)
        chat = None if chat_id is None else lock_chat(chat_id)
        row: Any = db.execute_sql(
            "SELECT message_id, uploader_id FROM attachments"
            " WHERE id = %s AND chat_id IS NOT DISTINCT FROM %s AND state = 'quarantined' FOR UPDATE",
            (attachment_id, chat_id),
        ).fetchone()
        if row is None:
            return  # deleted or sent meanwhile: the next run continues
        message_id, uploader_id = row
        if not is_clean:
            object_records.release([attachment_id])
            return
        db.execute_sql(
            "UPDATE attachments SET state = 'ready', metadata = metadata || '{\"scanned\": true}' WHERE id = %s",
            (attachment_id,),
        )
        if chat is not None and message_queries.is_in(chat.id, message_id):
            record_change(work, chat, message_id, uploader_id)


def _chat_of(attachment_id: int) -> int | None:
    row = db.execute_sql("SELECT chat_id FROM attachments WHERE id = %s", (attachment_id,)).fetchone()
    return None if row is None else row[0]
