"""Direct uploads: clients put files into the bucket with presigned URLs, and then complete the upload.

These files are not trusted. Completing an upload fetches the file, inspects it, and stores the result under another
name; only that is ever served.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from chatapp import clock, metrics
from chatapp.access import OwnMessage, access_attachment, access_own_message
from chatapp.actions.attachments import ingest, object_records
from chatapp.actions.attachments.attaching import attach, check_may_attach, record_change
from chatapp.actions.attachments.ingest import CheckedFile, Upload
from chatapp.actions.attachments.uploading import UNSENT_KEPT, check_number, check_unsent_quota, measured
from chatapp.actions.content import check_files_match
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Invalid, NotFound, Reason, TooLarge, Unavailable, Unsupported
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.files.budget import Budget
from chatapp.files.names import safe_name
from chatapp.infra import object_storage
from chatapp.infra.postgres import db
from chatapp.models import Attachment
from chatapp.queries import attachments as attachment_queries
from chatapp.transaction import UnitOfWork, unit_of_work

log = logging.getLogger(__name__)

LIFETIME = dt.timedelta(seconds=object_records.UPLOAD_TIME)  # of presigned URLs


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file that a client announces.

    Attributes:
        size: bytes. The URL accepts exactly this size.
        voice: whether it was recorded as a voice message.
    """

    name: str
    size: int
    voice: bool = False


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """Where to upload a file.

    Attributes:
        id: of the attachment, after the upload is completed.
        url: accepts PUT requests of exactly the announced size until `expires_at`. What is put after the completion is
            ignored and deleted.
    """

    id: int
    file_name: str
    url: str
    expires_at: str


def prepare_uploads(actor: Actor, files: Sequence[UploadRequest]) -> list[PresignedUpload]:
    """Presign URLs for at most `MAX_FILES` files.

    Raises:
        Invalid: `files_required`, `too_many_files`, `file_empty`.
        TooLarge: `file_too_large`.
        Conflict: `too_many_unsent_files`.
        Unavailable: Postgres is away.
    """
    check_number(files)
    for index, file in enumerate(files):
        if file.size <= 0:
            raise Invalid({f"files.{index}.size": [Reason("below_minimum", min=1)]}, "file_empty")
        if file.size > ingest.max_bytes():
            raise TooLarge("file_too_large")
    expires_at = clock.now() + LIFETIME
    with unit_of_work():
        check_unsent_quota(actor, [file.size for file in files])
        seconds = LIFETIME.total_seconds()
        names = object_records.register(
            [file.size for file in files],
            folder=object_records.DIRECT_UPLOADS,
            writable=seconds + object_records.LATE_BYTES,
            keep=seconds,
        )
        ids = [_register(actor, file, name) for file, name in zip(files, names, strict=True)]
    return [
        PresignedUpload(
            id,
            safe_name(file.name, ""),
            object_storage.presign_upload(name, file.size, LIFETIME),
            clock.rfc3339(expires_at),
        )
        for id, file, name in zip(ids, files, names, strict=True)
    ]


def complete_upload(actor: Actor, attachment_id: int, *, message_id: int | None = None) -> AttachmentSnapshot:
    """Inspect an uploaded file, and attach it to a message if one is given. Repeating it changes nothing.

    Parameters:
        message_id: a message of the actor. Without it, the file can be sent within a day.

    Raises:
        NotFound: no such upload or message for this actor; uploads expire after an hour.
        Invalid: `upload_missing`: no file was put; or as in `uploading.add_files`.
        TooLarge, Unsupported: the file is refused, and the upload is deleted.
        Forbidden, Conflict: as in `uploading.add_files`; `attachment_sent`: it is a file of another message.
        Unavailable: a dependency is away; completing can be retried.
    """
    within = ingest.budget()
    with measured():
        with unit_of_work() as work:
            attachment, _, done = _current_state(work, actor, attachment_id, message_id)
        if done is not None:
            return done
        try:
            with TemporaryDirectory(prefix="chatapp-upload-") as folder:
                upload = _fetch(attachment, Path(folder) / "upload", within)
                with ingest.inspect(actor, [upload], within=within) as (file,):
                    return _complete(actor, attachment_id, file, message_id)
        except (TooLarge, Unsupported, Invalid) as refused:
            if refused.code not in _RETRYABLE_CODES:
                with unit_of_work():
                    object_records.release_unfinished([attachment_id])
            raise


# The upload stays: the client may put the file, or complete the upload for another message.
_RETRYABLE_CODES = {"upload_missing", "too_many_files", "message_type_mismatch"}


def _register(actor: Actor, file: UploadRequest, object_name: str) -> int:
    (id,) = db.execute_sql(
        "INSERT INTO attachments (uploader_id, file_name, file_size, object_name, metadata, state, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, 'awaiting', now() + make_interval(secs => %s)) RETURNING id",
        (
            actor.id,
            safe_name(file.name, ""),
            file.size,
            object_name,
            orjson.dumps({"voice": True} if file.voice else {}).decode(),
            LIFETIME.total_seconds(),
        ),
    ).fetchone()
    return int(id)


def _current_state(
    work: UnitOfWork, actor: Actor, attachment_id: int, message_id: int | None
) -> tuple[Attachment, OwnMessage | None, AttachmentSnapshot | None]:
    """Lock an upload and its message; if the upload was completed before, attach it.

    Returns: the upload, its message, and the result of the completion; None if it is not complete.
    """
    own = None if message_id is None else access_own_message(actor, message_id)
    attachment = access_attachment(actor, attachment_id, lock=True)
    if attachment.uploader_id != actor.id:
        raise NotFound("attachment_not_found")
    if attachment.state not in ("ready", "quarantined"):
        if own is not None:
            check_may_attach(own, 1)
        return attachment, own, None
    done = attachment_queries.snapshot_of_row(attachment)
    if own is None or attachment.message_id == own.message.id:
        return attachment, own, done
    if attachment.message_id is not None:
        raise Conflict("attachment_sent")
    check_may_attach(own, 1)
    return attachment, own, _attach(work, actor, done, own)


def _attach(work: UnitOfWork, actor: Actor, attachment: AttachmentSnapshot, own: OwnMessage) -> AttachmentSnapshot:
    message_id = own.message.id
    check_files_match(own.message.message_type, [attachment])
    attach(own.message, [attachment.id])
    if attachment.state == "ready":
        record_change(work, own.chat, message_id, actor.id)
    return next(file for file in attachment_queries.of_message(actor, message_id) if file.id == attachment.id)


def _fetch(attachment: Attachment, path: Path, within: Budget) -> Upload:
    try:
        size = object_storage.size_of(attachment.object_name)
        if size > attachment.file_size:  # not all object stores enforce the signed length
            raise TooLarge("file_too_large")
        object_storage.fetch(attachment.object_name, path, limit=attachment.file_size, within=within.seconds())
    except NotFound:
        raise Invalid({"id": [Reason("not_uploaded")]}, "upload_missing") from None
    return Upload(path, attachment.file_name, voice=bool(attachment.metadata.get("voice")))


def _complete(actor: Actor, attachment_id: int, file: CheckedFile, message_id: int | None) -> AttachmentSnapshot:
    with _store_file(file) as names, unit_of_work() as work:
        attachment, own, done = _current_state(work, actor, attachment_id, message_id)
        if done is not None:  # a concurrent completion of the same upload committed first
            object_records.schedule_deletion(names)
            return done
        done = _replace(attachment, file, names)
        if own is not None:
            done = _attach(work, actor, done, own)
    metrics.files_uploaded([(file.inspected.file_type, file.inspected.size)])
    return done


@contextmanager
def _store_file(file: CheckedFile) -> Iterator[list[str]]:
    """Store a file in the bucket; yields the names of its objects. If the block fails, they are deleted."""
    with unit_of_work():
        names = object_records.register(file.sizes)
    try:
        ingest.store(file, names)
        yield names
    except Exception:
        _drop(names)
        raise


def _drop(names: list[str]) -> None:
    try:
        with unit_of_work():
            object_records.schedule_deletion(names)
    except Unavailable:
        log.warning("objects of a failed upload not deleted, they will expire")


def _replace(attachment: Attachment, file: CheckedFile, names: list[str]) -> AttachmentSnapshot:
    """Replace an upload by the inspected file, and delete the object that the client put."""
    row = db.execute_sql(
        "UPDATE attachments a SET file_type = %s, file_name = %s, file_size = %s, content_type = %s, object_name = %s,"
        " thumbnail_name = %s, metadata = %s, state = %s, expires_at = now() + make_interval(secs => %s)"
        f" WHERE id = %s RETURNING {attachment_queries.COLUMNS}",
        (
            file.inspected.file_type,
            file.file_name,
            file.inspected.size,
            file.inspected.content_type,
            names[0],
            names[1] if len(names) > 1 else None,
            orjson.dumps(file.metadata).decode(),
            file.state,
            UNSENT_KEPT,
            attachment.id,
        ),
    ).fetchone()
    object_records.confirm_stored(names)
    object_records.schedule_deletion([attachment.object_name])
    return attachment_queries.snapshot_of(row)
