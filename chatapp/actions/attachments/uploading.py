"""Uploading files, to a message or to be sent later.

Order of an upload: commit the rows of its objects, store the bytes, then make the attachments visible. A process that
crashes in between leaves rows that expire, and `cleanup` deletes their bytes, so nothing remains in the bucket.
No connection to Postgres is held while files are inspected or S3 is called.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from time import monotonic

import orjson

from chatapp import metrics
from chatapp.access import OwnMessage, access_attachment, access_own_message
from chatapp.actions import idempotency_keys
from chatapp.actions.attachments import ingest, object_records
from chatapp.actions.attachments.attaching import attach, check_may_attach, lock_chat, record_change
from chatapp.actions.attachments.ingest import CheckedFile, Upload
from chatapp.actions.content import MAX_FILES, check_files_match
from chatapp.actions.idempotency_keys import Write
from chatapp.actions.redactions import redact
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError, Conflict, Forbidden, Invalid, NotFound, Reason, Unavailable
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.infra.postgres import database_connection, db
from chatapp.queries import attachments as attachment_queries
from chatapp.transaction import unit_of_work

log = logging.getLogger(__name__)

UNSENT_KEPT = 24 * 3600.0  # seconds after which an unsent file expires
KEPT = "9999-01-01T00:00:00Z"  # expiry of files of messages that only their sender sees: they count as unsent, and stay
MAX_UNSENT = 100  # unsent files of one user: enough for ten full messages; bounds what a user can store


@dataclass(frozen=True, slots=True)
class Download:
    """A file for the actor.

    Attributes:
        etag: strong and quoted; the bytes of an attachment never change.
    """

    attachment: AttachmentSnapshot
    etag: str


def add_files(
    actor: Actor,
    message_id: int,
    receiving: AbstractContextManager[Sequence[Upload]],
    *,
    idempotency_key: str | None = None,
) -> list[AttachmentSnapshot]:
    """Add files to one's own message: all of them, or none.

    Whether files may be added is checked before any is received, and again under the chat's lock when all are stored.

    Parameters:
        receiving: receives the files when it is entered, and holds them until its exit. At most `MAX_FILES`, together
            with those that the message has.
        idempotency_key: repeating files of the same names and sizes with the same key is one upload.

    Returns: the files that were added; for a repetition, all files of the message.

    Raises:
        NotFound: no such message for this actor.
        Forbidden: `not_author`, `blocked`.
        Conflict: `message_deleted`, `client_key_reused`.
        Invalid, TooLarge, Unsupported: a file is refused; `data["index"]` is its position, from 0.
        Unavailable: a dependency is away; nothing was added, and nothing is left behind.
    """
    with database_connection():
        own = access_own_message(actor, message_id, lock=False)
    check_may_attach(own, 0)
    with receiving as uploads, measured():
        check_number(uploads)
        sizes = [[upload.name, upload.path.stat().st_size] for upload in uploads]
        return _add_files(actor, own, uploads, idempotency_key, ["attach", message_id, sizes])


def _add_files(
    actor: Actor, own: OwnMessage, uploads: Sequence[Upload], idempotency_key: str | None, write: Write
) -> list[AttachmentSnapshot]:
    """Inspect, store and attach received files. `own` was read before they arrived."""
    message_id = own.message.id
    if idempotency_key is not None:
        with database_connection():
            if idempotency_keys.was_claimed(actor, idempotency_key, write):
                return attachment_queries.of_message(actor, message_id)
    check_may_attach(own, len(uploads))
    if own.message.message_type == "voice":
        uploads = ingest.mark_as_voice(uploads)
    try:
        with ingest.inspect(actor, uploads) as files, store_files(actor, files) as ids, unit_of_work() as work:
            own = access_own_message(actor, message_id)
            if not idempotency_keys.claim(actor, idempotency_key, write, chat_id=own.chat.id, message_id=message_id):
                raise _Repeated
            check_may_attach(own, len(uploads))
            added = make_ready(ids, files)
            check_files_match(own.message.message_type, added)
            attach(own.message, ids)
            if any(attachment.state == "ready" for attachment in added):
                record_change(work, own.chat, message_id, actor.id)
            return [found for found in attachment_queries.of_message(actor, message_id) if found.id in ids]
    except _Repeated:
        with database_connection():
            return attachment_queries.of_message(actor, message_id)


class _Repeated(Exception):
    """A concurrent repetition of the same upload committed first; what this one stored is dropped."""


def upload_unattached(actor: Actor, uploads: Sequence[Upload]) -> list[AttachmentSnapshot]:
    """Upload files to be sent later by their ids. They expire after a day.

    Raises:
        Invalid, TooLarge, Unsupported: a file is refused, and none is kept; `data["index"]` is its position, from 0.
        Conflict: `too_many_unsent_files`.
        Unavailable: a dependency is away; nothing is left behind.
    """
    with measured():
        check_number(uploads)
        with database_connection():
            check_unsent_quota(actor, [upload.path.stat().st_size for upload in uploads])
        with ingest.inspect(actor, uploads) as files, store_files(actor, files) as ids, unit_of_work():
            return make_ready(ids, files)


def delete_attachment(actor: Actor, attachment_id: int) -> None:
    """Delete a file that the actor uploaded. It is allowed while one member blocks the other.

    Raises:
        NotFound: no such attachment for this actor.
        Forbidden: `not_author`.
    """
    with unit_of_work() as work:
        attachment = access_attachment(actor, attachment_id)
        if attachment.uploader_id != actor.id:
            raise Forbidden("not_author")
        # Read again under the lock: a message may have been sent with it meanwhile.
        chat = None if attachment.chat_id is None else lock_chat(attachment.chat_id)
        lock = "SELECT message_id FROM attachments WHERE id = %s FOR UPDATE"
        row = db.execute_sql(lock, (attachment_id,)).fetchone()
        if row is None:
            raise NotFound("attachment_not_found")
        if row != (attachment.message_id,):
            raise Conflict("attachment_sent")
        object_records.release([attachment_id])
        redact("attachment", attachment_id)
        if chat is not None and attachment.message_id is not None and attachment.state == "ready":
            record_change(work, chat, attachment.message_id, actor.id, are_added=False)


def attachment_for_download(actor: Actor, attachment_id: int) -> Download:
    """A file that the actor may download.

    Raises:
        NotFound: no such attachment for this actor, or its upload is not complete.
        Forbidden: `attachment_quarantined`: it is not scanned yet.
    """
    with database_connection():
        attachment = access_attachment(actor, attachment_id)
    if attachment.state == "quarantined":
        raise Forbidden("attachment_quarantined")
    if attachment.state != "ready":
        raise NotFound("attachment_not_found")
    digest = hashlib.blake2b(attachment.object_name.encode(), digest_size=12).hexdigest()
    return Download(attachment_queries.snapshot_of_row(attachment), f'"{digest}"')


@contextmanager
def store_files(actor: Actor, files: Sequence[CheckedFile]) -> Iterator[list[int]]:
    """Store files in the bucket; yields the ids of their attachments. If the block fails, they are deleted.

    Raises:
        Unavailable: S3 is away.
    """
    ids, names = _register(actor, files)
    try:
        for file, objects_of_file in zip(files, names, strict=True):
            ingest.store(file, objects_of_file)
        yield ids
    except Exception:
        _drop(ids)
        raise
    metrics.files_uploaded((file.inspected.file_type, file.inspected.size) for file in files)


def make_ready(ids: Sequence[int], files: Sequence[CheckedFile]) -> list[AttachmentSnapshot]:
    """Make stored attachments visible, inside a unit of work; returns them in the order of `ids`.

    Raises:
        Unavailable: the upload took so long that they are being deleted.
    """
    rows = db.execute_sql(
        "UPDATE attachments a SET state = w.state, expires_at = now() + make_interval(secs => %s)"
        " FROM unnest(%s::bigint[], %s::text[]) w (id, state)"
        " WHERE a.id = w.id AND a.state = 'checking' AND a.expires_at > now()"
        f" RETURNING {attachment_queries.COLUMNS}",
        (UNSENT_KEPT, list(ids), [file.state for file in files]),
    ).fetchall()
    found = {file.id: file for file in map(attachment_queries.snapshot_of, rows)}
    if len(found) != len(ids):
        raise Unavailable("s3")
    attachments = [found[id] for id in ids]
    names = [name for file in attachments for name in (file.object_name, file.thumbnail_name) if name]
    object_records.confirm_stored(names)
    return attachments


def _register(actor: Actor, files: Sequence[CheckedFile]) -> tuple[list[int], list[list[str]]]:
    """Insert rows for files to be stored; returns the ids of attachments, and the object names of each."""
    ids, names = [], []
    with unit_of_work():
        for file in files:
            names.append(object_records.register(file.sizes))
            (id,) = db.execute_sql(
                "INSERT INTO attachments (uploader_id, file_type, file_name, file_size, content_type, object_name,"
                " thumbnail_name, metadata, state, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'checking',"
                " now() + make_interval(secs => %s)) RETURNING id",
                (
                    actor.id,
                    file.inspected.file_type,
                    file.file_name,
                    file.inspected.size,
                    file.inspected.content_type,
                    names[-1][0],
                    names[-1][1] if len(names[-1]) > 1 else None,
                    orjson.dumps(file.metadata).decode(),
                    object_records.UPLOAD_TIME,
                ),
            ).fetchone()
            ids.append(id)
    return ids, names


def _drop(ids: Sequence[int]) -> None:
    """Delete what a failed upload has stored, unless its last commit succeeded with its connection lost."""
    try:
        with unit_of_work():
            object_records.release_unfinished(ids)
    except Unavailable:
        log.warning("failed upload not deleted, it will expire")


def check_unsent_quota(actor: Actor, sizes: Sequence[int]) -> None:
    """Check that more files fit into the actor's quota of unsent files. Announced uploads count as well.

    Parameters:
        sizes: bytes of each new file.

    Raises:
        Conflict: `too_many_unsent_files`: more than MAX_UNSENT, or than MAX_UNSENT_MB in total.
    """
    count, size = db.execute_sql(
        "SELECT count(*), coalesce(sum(file_size), 0)::bigint FROM attachments"
        " WHERE uploader_id = %s AND message_id IS NULL AND expires_at > now() AND expires_at < %s",
        (actor.id, KEPT),
    ).fetchone()
    if count + len(sizes) > MAX_UNSENT or size + sum(sizes) > ingest.max_unsent_bytes():
        raise Conflict("too_many_unsent_files")


def check_number(files: Sequence[object]) -> None:
    """Raises Invalid unless one request may have this many files."""
    if not files:
        raise Invalid({"files": [Reason("required")]}, "files_required")
    if len(files) > MAX_FILES:
        raise Invalid({"files": [Reason("too_many", max=MAX_FILES)]}, "too_many_files")


@contextmanager
def measured() -> Iterator[None]:
    """Measure the duration of an upload, and count it if it fails."""
    started = monotonic()
    try:
        yield
    except ChatError as error:
        reason = "unavailable" if isinstance(error, Unavailable) else "refused"
        metrics.file_upload_failed("infected" if error.code == "file_infected" else reason)
        raise
    metrics.file_upload_took(monotonic() - started)
