"""Files that clients send to the bucket by themselves, over signed URLs, and have checked afterwards.

What arrives there is not trusted: it is fetched, inspected, stored under another name, and only that is ever given out.
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
from chatapp.actions.attachments.ingest import Checked, Upload
from chatapp.actions.attachments.uploading import UNSENT_KEPT, check_number, check_unsent_quota, counted
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

LIFETIME = dt.timedelta(seconds=object_records.UPLOAD_TIME)  # of the signed URLs


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """A file that a client wants to send.

    Attributes:
        size: bytes that it says it has. Its link takes exactly as many.
        voice: it was recorded as a voice message.
    """

    name: str
    size: int
    voice: bool = False


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """Where a file may be put.

    Attributes:
        id: of the attachment that it becomes once it is completed.
        url: takes one PUT after the other of exactly the announced size, until `expires_at`. Whatever comes after it
            was completed is not looked at, and removed.
    """

    id: int
    file_name: str
    url: str
    expires_at: str


def prepare_uploads(actor: Actor, files: Sequence[UploadRequest]) -> list[PresignedUpload]:
    """Signed URLs for at most `MAX_FILES` files.

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
        ids = [_await_bytes(actor, file, name) for file, name in zip(files, names, strict=True)]
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
    """Take in what a client has put under its URL, and attach it where that is wanted; once, however often it is asked.

    Parameters:
        message_id: one of the actor's messages that it becomes part of. Without, it waits for a day to be sent.

    Raises:
        NotFound: no such upload, or message, for this actor; uploads end after an hour.
        Invalid: `upload_missing`: nothing was put there; or as in `attachments.add_files`.
        TooLarge, Unsupported: the file is refused, and forgotten.
        Forbidden, Conflict: as in `attachments.add_files`; `attachment_sent`: it is part of another message.
        Unavailable: a part is away; it may be completed later.
    """
    within = ingest.budget()
    with counted():
        with unit_of_work() as work:
            attachment, _, done = _current_state(work, actor, attachment_id, message_id)
        if done is not None:
            return done
        try:
            with TemporaryDirectory(prefix="chatapp-upload-") as folder:
                upload = _fetched(attachment, Path(folder) / "upload", within)
                with ingest.checked(actor, [upload], within=within) as (file,):
                    return _complete(actor, attachment_id, file, message_id)
        except (TooLarge, Unsupported, Invalid) as refused:
            if refused.code not in _RETRYABLE_CODES:
                with unit_of_work():
                    object_records.release_unfinished([attachment_id])
            raise


_RETRYABLE_CODES = {"upload_missing", "too_many_files", "message_type_mismatch"}  # by doing something else first


def _await_bytes(actor: Actor, file: UploadRequest, object_name: str) -> int:
    row = db.execute_sql(
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
    return int(row[0])


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


def _fetched(attachment: Attachment, path: Path, within: Budget) -> Upload:
    try:
        size = object_storage.size_of(attachment.object_name)
        if size > attachment.file_size:  # the store does not check signed lengths
            raise TooLarge("file_too_large")
        object_storage.fetch(attachment.object_name, path, limit=attachment.file_size, within=within.seconds())
    except NotFound:
        raise Invalid({"id": [Reason("not_uploaded")]}, "upload_missing") from None
    return Upload(path, attachment.file_name, voice=bool(attachment.metadata.get("voice")))


def _complete(actor: Actor, attachment_id: int, file: Checked, message_id: int | None) -> AttachmentSnapshot:
    with _stored(file) as names, unit_of_work() as work:
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
def _stored(file: Checked) -> Iterator[list[str]]:
    """The names of a file's objects, which are in the bucket; the block refers to them, or they are dropped."""
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
        log.warning("objects of a failed upload stay until they expire")


def _replace(attachment: Attachment, file: Checked, names: list[str]) -> AttachmentSnapshot:
    """Let an upload be what was found to be in it; what its client put there goes."""
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
