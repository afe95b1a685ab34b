"""REST routes of the social dialect for files and for what a conversation shares."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, g

from chatapp import errors
from chatapp.access import access_chat, access_message
from chatapp.actions.attachments import direct_uploads, uploading, waveform
from chatapp.actions.attachments.direct_uploads import UploadRequest
from chatapp.dialects.social import file_schemas, gallery_schemas, paging, replies, request_schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.downloads import file_response, gives_bytes
from chatapp.edge.http.middleware import idempotency_key
from chatapp.edge.http.uploads import received_files, takes_files
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.ids.public import encode_file, message_id_or_missing
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries

bp = Blueprint("social_files", __name__)
authentication.protect(bp)


@bp.post("/messages/<message:message_id>/attachments")
@limit("upload")
@takes_files
@gives(file_schemas.File, 201, many=True)
def add_files(message_id: int) -> list[dict[str, Any]]:
    """Add files to one of my messages. Repeating the request with the same `Idempotency-Key` adds them only once."""
    added = uploading.add_files(g.actor, message_id, received_files(), idempotency_key=idempotency_key())
    return [replies.file(file) for file in added]


@bp.get("/messages/<message:message_id>/attachments")
@limit("default")
@gives(file_schemas.File, many=True)
def list_files(message_id: int) -> list[dict[str, Any]]:
    """List the files of a message. Files awaiting the virus scan are listed only for their uploader."""
    with database_connection():
        access_message(g.actor, message_id)
        found = attachment_queries.of_message(g.actor, message_id)
    return [replies.file(file) for file in found]


@bp.post("/files")
@limit("upload")
@takes_files
@gives(file_schemas.File, 201, many=True)
def upload() -> list[dict[str, Any]]:
    """Upload files to send with a message within a day."""
    with received_files() as uploads:
        uploaded = uploading.upload_unattached(g.actor, uploads)
    return [replies.file(file) for file in uploaded]


@bp.post("/files/uploads")
@limit("upload")
@takes(file_schemas.AnnounceFiles)
@gives(file_schemas.UploadLink, 201, many=True)
def prepare_uploads(args: dict[str, Any]) -> list[dict[str, Any]]:
    """Issue links for uploading files directly to the object store."""
    requested = [UploadRequest(file["fileName"], file["fileSize"], file["voice"]) for file in args["files"]]
    return [replies.upload_link(presigned) for presigned in direct_uploads.prepare_uploads(g.actor, requested)]


@bp.post("/files/uploads/<file:file_id>/complete")
@limit("upload")
@takes(file_schemas.CompleteUpload, optional=True)
@gives(file_schemas.File)
def complete_upload(args: dict[str, Any], file_id: int) -> dict[str, Any]:
    """Complete a direct upload: the file is checked and becomes usable. Repeating it changes nothing."""
    message_id = None if args["messageId"] is None else message_id_or_missing(args["messageId"])
    return replies.file(direct_uploads.complete_upload(g.actor, file_id, message_id=message_id))


@bp.get("/files/<file:file_id>")
@limit("default")
@gives_bytes
def download(file_id: int) -> Response:
    """Download a file, or the requested byte range of it."""
    return file_response(uploading.attachment_for_download(g.actor, file_id))


@bp.get("/files/<file:file_id>/waveform")
@limit("default")
@refuses(errors.Forbidden)
@takes(file_schemas.WaveformQuery, "query")
@gives(file_schemas.Waveform)
def show_waveform(args: dict[str, Any], file_id: int) -> dict[str, Any]:
    """Get the waveform of a voice message or another audio file, in as many bars as a player draws."""
    found = waveform.load_waveform(g.actor, file_id, args["bars"])
    return {"fileId": encode_file(found.attachment_id), "duration": found.duration, "waveform": found.levels}


@bp.delete("/files/<file:file_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(None)
def delete_file(file_id: int) -> None:
    """Delete one of my files permanently, for everyone."""
    uploading.delete_attachment(g.actor, file_id)


@bp.get("/conversations/<chat:conversation_id>/media")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(gallery_schemas.MediaPage)
def list_media(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """List images, videos and audio shared in a conversation, newest first."""
    return _shared(conversation_id, "media", args)


@bp.get("/conversations/<chat:conversation_id>/files")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(gallery_schemas.FilePage)
def list_documents(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """List documents shared in a conversation, newest first."""
    return _shared(conversation_id, "files", args)


def _shared(conversation_id: int, kind: Literal["media", "files"], args: dict[str, Any]) -> dict[str, Any]:
    with database_connection():
        membership = access_chat(g.actor, conversation_id)
        before = paging.parse_file_cursor(args["cursor"], conversation_id) if args["cursor"] else None
        found, has_more = attachment_queries.shared(membership, kind, limit=args["limit"], before=before)
    cursor = paging.file_cursor(found[-1].attachment) if found else None
    return {kind: [replies.shared_file(file) for file in found], "meta": paging.meta(has_more, cursor)}
