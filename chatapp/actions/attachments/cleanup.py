"""What happens to files by itself: they expire, their bytes are removed, and those in quarantine are scanned again.

Every step is safe to repeat and to do twice at once, and S3 is never waited for inside a transaction.
"""

from __future__ import annotations

import logging
from itertools import groupby
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

BATCH = 200  # attachments, or objects, at a time; S3 removes up to 1,000 with one request
SCANS_AT_ONCE = 50


def clean_up() -> int:
    """Remove what expired, and the bytes that nobody needs; returns how many objects are gone. For a service.

    Raises:
        Unavailable: Postgres or S3 is away; what is left is removed the next time.
    """
    while expire_attachments() == BATCH:
        pass
    removed = 0
    while count := remove_bytes():
        removed += count
    return removed


def expire_attachments() -> int:
    """Remove attachments that nobody sent in time, and those of erased people; returns how many, at most `BATCH`."""
    with database_connection():
        rows = db.execute_sql(
            "SELECT coalesce(chat_id, 0), id FROM attachments WHERE expires_at <= now()"
            " ORDER BY expires_at, id LIMIT %s",
            (BATCH,),
        ).fetchall()
    for chat_id, group in groupby(sorted(rows), key=lambda row: row[0]):
        _expire(chat_id, [row[1] for row in group])
    return len(rows)


def _expire(chat_id: int, ids: list[int]) -> None:
    """Take attachments away from one chat's messages, or (chat 0) from those who uploaded them."""
    with unit_of_work() as work:
        chat = lock_chat(chat_id) if chat_id else None
        rows = db.execute_sql(
            "SELECT id, message_id, uploader_id, state = 'ready' FROM attachments"
            " WHERE id = ANY(%s) AND expires_at <= now() ORDER BY message_id, id FOR UPDATE",
            (ids,),
        ).fetchall()
        object_records.release([row[0] for row in rows])
        if chat is not None:
            shown = {row[1]: row[2] for row in rows if row[3]}
            for message_id, uploader_id in shown.items():
                if message_queries.is_in(chat_id, message_id):  # its partition may have been dropped
                    record_change(work, chat, message_id, uploader_id, are_added=False)


def remove_bytes() -> int:
    """Remove objects whose time has come; returns how many are gone, at most `BATCH`.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    with unit_of_work():
        # Pending objects change their state before they are deleted, so that an upload still in progress then fails.
        names = [row[0] for row in db.execute_sql(_DUE, (BATCH,)).fetchall()]
    if not names:
        return 0
    gone = object_storage.remove(names)
    if len(gone) < len(names):
        log.warning("objects were not removed", extra={"count": len(names) - len(gone)})
    with unit_of_work():
        # Bytes may arrive after this: then the row stays until none can, and they are removed once more.
        db.execute_sql(
            "UPDATE objects SET remove_at = writable_until WHERE name = ANY(%s) AND writable_until > now()", (gone,)
        )
        db.execute_sql("DELETE FROM objects WHERE name = ANY(%s) AND writable_until <= now()", (gone,))
    return len(gone)


_DUE = f"""
UPDATE objects SET state = '{DELETING}' WHERE name IN (
    SELECT name FROM objects o WHERE remove_at <= now() AND (state = '{DELETING}' OR NOT EXISTS (
        SELECT 1 FROM attachments WHERE object_name = o.name OR thumbnail_name = o.name))
    ORDER BY remove_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING name
"""


def sweep_direct_uploads() -> int:
    """Have bytes removed that clients put where nobody will look at them; returns of how many objects. For a job.

    That is what was put again after it was completed or given up, and what is longer than announced, in a store that
    does not hold links to their signed length.

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
        object_records.release_unfinished([row[0] for row in overlong])
        again = db.execute_sql(
            f"UPDATE objects SET remove_at = now() WHERE name = ANY(%s) AND state = '{DELETING}' AND remove_at > now()",
            (names,),
        ).rowcount
    return len(overlong) + int(again)


def scan_quarantined() -> int:
    """Have files scanned that came while the scanner was away; returns how many have a verdict now. For a job.

    Raises:
        Unavailable: Postgres or S3 is away.
    """
    if not ingest.scans():
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
            _judge(last, is_clean=is_clean)
            scanned += 1
        if not rows:
            return scanned


def _scan(object_name: str, size: int) -> bool | None:
    """Whether a stored file may be shown; None while the scanner is away."""
    with TemporaryDirectory(prefix="chatapp-files-") as folder:
        path = Path(folder) / "file"
        try:
            object_storage.fetch(object_name, path, limit=size)
            return ingest.scan(path)
        except (Invalid, TooLarge, NotFound):
            return False


def _judge(attachment_id: int, *, is_clean: bool) -> None:
    """Show a file that was in quarantine to everybody, or remove it."""
    with unit_of_work() as work:
        chat_id = _chat_of(attachment_id)
        chat = None if chat_id is None else lock_chat(chat_id)
        row: Any = db.execute_sql(
            "SELECT message_id, uploader_id, chat_id FROM attachments"
            " WHERE id = %s AND state = 'quarantined' FOR UPDATE",
            (attachment_id,),
        ).fetchone()
        if row is None or row[2] != chat_id:
            return  # removed or attached meanwhile: the next run sees to it
        if not is_clean:
            object_records.release([attachment_id])
            return
        db.execute_sql(
            "UPDATE attachments SET state = 'ready', metadata = metadata || '{\"scanned\": true}' WHERE id = %s",
            (attachment_id,),
        )
        if chat is not None and message_queries.is_in(chat.id, row[0]):
            record_change(work, chat, row[0], row[1])


def _chat_of(attachment_id: int) -> int | None:
    row = db.execute_sql("SELECT chat_id FROM attachments WHERE id = %s", (attachment_id,)).fetchone()
    return None if row is None else row[0]
