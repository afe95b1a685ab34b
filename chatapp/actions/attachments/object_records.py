"""The rows of the bucket's objects. A row is committed before its bytes are sent, and goes after they are gone.

Attachments refer to objects, and several may refer to one. Whoever removes the last reference dooms the object in the
same transaction; `cleanup` removes the bytes, again and again until it worked. All of this runs inside the caller's
unit of work, and none of it touches S3.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from chatapp.errors import Unavailable
from chatapp.infra.postgres import db

UPLOAD_TIME = 3600.0  # seconds that an upload may take until its rows are taken for left behind
DIRECT_UPLOADS = "uploads/"
"""Begins the names of objects that clients write by themselves, and that are never given out."""
_FILES = "files/"
LATE_BYTES = 120.0  # seconds after which nothing arrives any more from an upload that was given up


def register(
    sizes: Sequence[int], *, folder: str = _FILES, writable: float = LATE_BYTES, keep: float = UPLOAD_TIME
) -> list[str]:
    """Rows for objects that are about to be stored; returns their names, which cannot be guessed.

    Parameters:
        sizes: bytes of each.
        folder: `DIRECT_UPLOADS` where a client writes them.
        writable: seconds for which bytes may arrive, whatever becomes of the row.
        keep: seconds after which they are removed unless they were settled.
    """
    names = [f"{folder}{secrets.token_hex(20)}" for _ in sizes]
    db.execute_sql(
        "INSERT INTO objects (name, size, writable_until, remove_at)"
        " SELECT name, size, now() + make_interval(secs => %s), now() + make_interval(secs => %s)"
        " FROM unnest(%s::text[], %s::bigint[]) o (name, size)",
        (writable, keep, names, list(sizes)),
    )
    return names


def settle(names: Sequence[str]) -> None:
    """Their bytes are stored, and something refers to them.

    Raises:
        Unavailable: the upload took so long that they are being removed already.
    """
    settled = db.execute_sql(
        "UPDATE objects SET state = 'stored', remove_at = NULL WHERE name = ANY(%s) AND state = 'pending'",
        (list(names),),
    ).rowcount
    if settled != len(set(names)):
        raise Unavailable("s3")


def doom(names: Sequence[str]) -> None:
    """Have those of the objects removed that nothing refers to any more."""
    db.execute_sql(
        "UPDATE objects SET state = 'doomed', remove_at = now() WHERE name = ANY(%s) AND state <> 'doomed'"
        " AND NOT EXISTS (SELECT 1 FROM attachments WHERE object_name = name)"
        " AND NOT EXISTS (SELECT 1 FROM attachments WHERE thumbnail_name = name)",
        (list(names),),
    )


def release(attachment_ids: Sequence[int]) -> int:
    """Remove attachments, and doom the objects that they were the last to refer to; returns how many were there."""
    return _release("id = ANY(%s)", list(attachment_ids))


def release_unfinished(attachment_ids: Sequence[int]) -> None:
    """Remove those of the attachments that never became ready; one that did, in another transaction, stays."""
    _release("id = ANY(%s) AND state IN ('awaiting', 'checking')", list(attachment_ids))


def release_files_of_message(message_id: int) -> int:
    """Remove all files of a message, under its chat's lock; returns how many."""
    return _release("message_id = %s", message_id)


def release_files_of_chat(chat_id: int, *, limit: int) -> int:
    """Remove files of a chat that is gone, at most so many; returns how many."""
    return _release(f"id IN (SELECT id FROM attachments WHERE chat_id = %s LIMIT {int(limit)})", chat_id)


def _release(condition: str, value: object) -> int:
    rows = db.execute_sql(
        f"SELECT id, object_name, thumbnail_name FROM attachments WHERE {condition} ORDER BY id FOR UPDATE", (value,)
    ).fetchall()
    if not rows:
        return 0
    names = sorted({name for row in rows for name in row[1:] if name is not None})
    # The lock lets two who remove the last two references see each other, and keeps new ones from being added: a
    # foreign key locks the row that it points to.
    db.execute_sql("SELECT 1 FROM objects WHERE name = ANY(%s) ORDER BY name FOR UPDATE", (names,))
    db.execute_sql("DELETE FROM attachments WHERE id = ANY(%s)", ([row[0] for row in rows],))
    doom(names)
    return len(rows)
