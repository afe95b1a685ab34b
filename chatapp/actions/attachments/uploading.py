"""Files that people add to messages, or upload to send them later.

Nothing is ever left in the bucket: first the rows of what is about to be stored are committed, then the bytes are sent,
then what they belong to is shown. Who dies in between leaves rows that expire, and `cleanup` removes their bytes.
No connection to Postgres is held while files are inspected or S3 is waited for.
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
from chatapp.actions.attachments.ingest import Checked, Upload
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

UNSENT_KEPT = 24 * 3600.0  # seconds that an uploaded file waits to be sent
MAX_UNSENT = 100  # files of one person that wait: ten full messages, and a bound on what a stranger can store


@dataclass(frozen=True, slots=True)
class Download:
    """A file that the actor may have.

    Attributes:
        etag: strong and quoted: the bytes of an attachment never change.
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
    with receiving as uploads, counted():
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
        uploads = ingest.as_voice(uploads)
    try:
        with ingest.checked(actor, uploads) as files, stored(actor, files) as ids, unit_of_work() as work:
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
    """Upload files to send them later, by their ids; they wait for a day.

    Raises:
        Invalid, TooLarge, Unsupported: a file is refused, and none is kept; `data["index"]` tells which.
        Conflict: `too_many_unsent_files`.
        Unavailable: a part is away; nothing is left behind.
    """
    with counted():
        check_number(uploads)
        with database_connection():
            check_unsent_quota(actor, [upload.path.stat().st_size for upload in uploads])
        with ingest.checked(actor, uploads) as files, stored(actor, files) as ids, unit_of_work():
            return make_ready(ids, files)


def delete_attachment(actor: Actor, attachment_id: int) -> None:
    """Remove a file that one uploaded, and its bytes. A block does not keep anybody from it.

    Raises:
        NotFound: no such attachment for this actor.
        Forbidden: `not_author`.
    """
    with unit_of_work() as work:
        attachment = access_attachment(actor, attachment_id)
        if attachment.uploader_id != actor.id:
            raise Forbidden("not_author")
        # Being attached meanwhile, by a message that is sent, is seen again under the lock.
        chat = None if attachment.chat_id is None else lock_chat(attachment.chat_id)
        is_still = "SELECT message_id FROM attachments WHERE id = %s FOR UPDATE"
        row = db.execute_sql(is_still, (attachment_id,)).fetchone()
        if row is None:
            raise NotFound("attachment_not_found")
        if row[0] != attachment.message_id:
            raise Conflict("attachment_sent")
        object_records.release([attachment_id])
        redact("attachment", attachment_id)
        if chat is not None and attachment.message_id is not None and attachment.state == "ready":
            record_change(work, chat, attachment.message_id, actor.id, are_added=False)


def attachment_for_download(actor: Actor, attachment_id: int) -> Download:
    """A file to be given to the actor.

    Raises:
        NotFound: no such attachment for this actor, or its bytes are not there.
        Forbidden: `attachment_quarantined`: nobody gets it before it is scanned.
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
def stored(actor: Actor, files: Sequence[Checked]) -> Iterator[list[int]]:
    """The ids of attachments whose bytes are in the bucket; the block makes them ready, or they are dropped.

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


def make_ready(ids: Sequence[int], files: Sequence[Checked]) -> list[AttachmentSnapshot]:
    """Show stored attachments to whoever may see them, inside a unit of work; in the order of `ids`.

    Raises:
        Unavailable: they took so long that they are being removed.
    """
    rows = db.execute_sql(
        "UPDATE attachments a SET state = w.state, expires_at = now() + make_interval(secs => %s)"
        " FROM unnest(%s::bigint[], %s::text[]) w (id, state)"
        " WHERE a.id = w.id AND a.state = 'checking' AND a.expires_at > now()"
        f" RETURNING {attachment_queries.COLUMNS}",
        (UNSENT_KEPT, list(ids), [file.state for file in files]),
    ).fetchall()
    found = {row[0]: attachment_queries.snapshot_of(row) for row in rows}
    if len(found) != len(ids):
        raise Unavailable("s3")
    attachments = [found[id] for id in ids]
    names = [name for file in attachments for name in (file.object_name, file.thumbnail_name) if name]
    object_records.confirm_stored(names)
    return attachments


def _register(actor: Actor, files: Sequence[Checked]) -> tuple[list[int], list[list[str]]]:
    """Rows for files that are about to be stored: the ids of attachments, and the names of each one's objects."""
    ids, names = [], []
    with unit_of_work():
        for file in files:
            names.append(object_records.register(file.sizes))
            row = db.execute_sql(
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
            ids.append(row[0])
    return ids, names


def _drop(ids: Sequence[int]) -> None:
    """Leave nothing of an upload that failed. One whose commit was cut off may be there after all: it stays."""
    try:
        with unit_of_work():
            object_records.release_unfinished(ids)
    except Unavailable:
        log.warning("files of a failed upload stay until they expire")


def check_unsent_quota(actor: Actor, sizes: Sequence[int]) -> None:
    """Raises unless a person may have so many more files that are not sent yet.

    Parameters:
        sizes: bytes of each that comes. What was announced counts as if it were there.

    Raises:
        Conflict: `too_many_unsent_files`: more than MAX_UNSENT, or than MAX_UNSENT_MB together.
    """
    count, size = db.execute_sql(
        "SELECT count(*), coalesce(sum(file_size), 0)::bigint FROM attachments"
        " WHERE uploader_id = %s AND message_id IS NULL AND expires_at > now()",
        (actor.id,),
    ).fetchone()
    if count + len(sizes) > MAX_UNSENT or size + sum(sizes) > ingest.max_unsent_bytes():
        raise Conflict("too_many_unsent_files")


def check_number(files: Sequence[object]) -> None:
    """Raises Invalid unless that many files may come at once."""
    if not files:
        raise Invalid({"files": [Reason("required")]}, "files_required")
    if len(files) > MAX_FILES:
        raise Invalid({"files": [Reason("too_many", max=MAX_FILES)]}, "too_many_files")


@contextmanager
def counted() -> Iterator[None]:
    """Time an upload, and count it where it fails."""
    started = monotonic()
    try:
        yield
    except ChatError as error:
        reason = "unavailable" if isinstance(error, Unavailable) else "refused"
        metrics.file_upload_failed("infected" if error.code == "file_infected" else reason)
        raise
    metrics.file_upload_took(monotonic() - started)
