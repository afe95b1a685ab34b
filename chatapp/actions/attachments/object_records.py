"""The rows of the bucket's objects. A row is committed before its bytes are sent, and deleted after they are gone.

Attachments refer to objects; several may share one. The transaction that removes the last reference also schedules the
object for deletion; `cleanup` removes the bytes and retries until it succeeds. Everything here runs inside the caller's
unit of work, and nothing here calls S3.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from chatapp.errors import Unavailable
from chatapp.infra.postgres import db
from chatapp.models.attachments import DELETING

UPLOAD_TIME = 3600.0  # seconds that an upload may take; after that its rows count as abandoned
DIRECT_UPLOADS = "uploads/"
"""The prefix of objects that clients write themselves. They are never served."""
_FILES = "files/"
LATE_BYTES = 120.0  # seconds after which no more bytes of an abandoned upload can arrive


def register(
    sizes: Sequence[int], *, folder: str = _FILES, writable: float = LATE_BYTES, keep: float = UPLOAD_TIME
) -> list[str]:
    """Insert rows for objects that are about to be stored; returns their names, which cannot be guessed.

    Parameters:
        sizes: bytes of each.
        folder: `DIRECT_UPLOADS` where a client writes them.
        writable: seconds for which bytes may arrive, even after the row has been given up.
        keep: seconds after which they are deleted unless `confirm_stored` was called for them.
    """
    names = [f"{folder}{secrets.token_hex(20)}" for _ in sizes]
    db.execute_sql(
        "INSERT INTO objects (name, size, writable_until, remove_at)"
        " SELECT name, size, now() + make_interval(secs => %s), now() + make_interval(secs => %s)"
        " FROM unnest(%s::text[], %s::bigint[]) o (name, size)",
        (writable, keep, names, list(sizes)),
    )
    return names


def confirm_stored(names: Sequence[str]) -> None:
    """Keep pending objects whose bytes are stored and which an attachment refers to.

    Raises:
        Unavailable: the upload took so long that they are already being deleted.
    """
    confirmed = db.execute_sql(
        "UPDATE objects SET state = 'stored', remove_at = NULL WHERE name = ANY(%s) AND state = 'pending'",
        (list(names),),
    ).rowcount
    if confirmed != len(set(names)):
        raise Unavailable("s3")


def schedule_deletion(names: Sequence[str]) -> None:
    """Schedule those of the objects for deletion that no attachment and no open report refers to."""
    db.execute_sql(
        f"UPDATE objects SET state = '{DELETING}', remove_at = now() WHERE name = ANY(%s) AND state <> '{DELETING}'"
        " AND NOT EXISTS (SELECT 1 FROM attachments WHERE object_name = name)"
        " AND NOT EXISTS (SELECT 1 FROM attachments WHERE thumbnail_name = name)"
        " AND NOT EXISTS (SELECT 1 FROM report_objects WHERE object_name = name)",
        (list(names),),
    )


def lock(names: Sequence[str]) -> None:
    """Lock objects, before references to them are removed.

    Two transactions that remove the last two references wait for each other here, so the second sees that none is left.
    New references wait as well: a foreign key locks the row that it points to.
    """
    db.execute_sql("SELECT 1 FROM objects WHERE name = ANY(%s) ORDER BY name FOR UPDATE", (list(names),))


def release(attachment_ids: Sequence[int]) -> int:
    """Delete attachments, and schedule the objects that nothing else refers to; returns how many there were."""
    return _release("id = ANY(%s)", list(attachment_ids))


def release_unfinished(attachment_ids: Sequence[int]) -> None:
    """Release those of the attachments that did not become ready; one that another transaction made ready stays."""
    _release("id = ANY(%s) AND state IN ('awaiting', 'checking')", list(attachment_ids))


def release_files_of_message(message_id: int) -> int:
    """Release all files of a message, under its chat's lock; returns how many."""
    return _release("message_id = %s", message_id)


def release_files_of_chat(chat_id: int, *, limit: int) -> int:
    """Release at most `limit` files of a deleted chat; returns how many."""
    return _release(f"id IN (SELECT id FROM attachments WHERE chat_id = %s LIMIT {int(limit)})", chat_id)


def _release(condition: str, value: object) -> int:
    rows = db.execute_sql(
        f"SELECT id, object_name, thumbnail_name FROM attachments WHERE {condition} ORDER BY id FOR UPDATE", (value,)
    ).fetchall()
    if not rows:
        return 0
    names = sorted({name for _, *names in rows for name in names if name is not None})
    lock(names)
    db.execute_sql("DELETE FROM attachments WHERE id = ANY(%s)", ([id for id, *_ in rows],))
    schedule_deletion(names)
    return len(rows)
