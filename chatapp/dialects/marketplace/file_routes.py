"""REST routes of the marketplace for files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from chatapp import errors
from chatapp.actions.attachments import direct_uploads, uploading, waveform
from chatapp.actions.attachments.direct_uploads import UploadRequest
from chatapp.dialects.marketplace import file_schemas, replies
from chatapp.dialects.marketplace.reply_schemas import Confirmation
from chatapp.edge.http import authentication
from chatapp.edge.http.downloads import file_response, gives_bytes
from chatapp.edge.http.middleware import idempotency_key
from chatapp.edge.http.uploads import received_files, takes_files
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit

bp = Blueprint("marketplace_files", __name__)
authentication.protect(bp)


@bp.post("/messages/<int:message_id>/attachments")
@limit("upload")
@takes_files
@gives(file_schemas.Attachment, many=True)
def add_files(message_id: int) -> list[dict[str, Any]]:
    """Add files to one of my messages. Repeating the request with the same `Idempotency-Key` adds them only once."""
    added = uploading.add_files(g.actor, message_id, received_files(), idempotency_key=idempotency_key())
    return [replies.attachment(file) for file in added]


@bp.post("/attachments")
@limit("upload")
@takes_files
@gives(file_schemas.Attachment, many=True)
def upload() -> list[dict[str, Any]]:
    """Upload files to send with a message within a day."""
    with received_files() as uploads:
        uploaded = uploading.upload_unattached(g.actor, uploads)
    return [replies.attachment(file) for file in uploaded]


@bp.post("/attachments/uploads")
@limit("upload")
@takes(file_schemas.AnnounceFiles)
@gives(file_schemas.UploadLink, many=True)
def prepare_uploads(args: dict[str, Any]) -> list[dict[str, Any]]:
    """Issue links for uploading files directly to the object store."""
    requested = [UploadRequest(file["file_name"], file["file_size"], file["voice"]) for file in args["files"]]
    return [replies.upload_link(presigned) for presigned in direct_uploads.prepare_uploads(g.actor, requested)]


@bp.post("/attachments/uploads/<int:attachment_id>/complete")
@limit("upload")
@takes(file_schemas.CompleteUpload, optional=True)
@gives(file_schemas.Attachment)
def complete_upload(args: dict[str, Any], attachment_id: int) -> dict[str, Any]:
    """Complete a direct upload: the file is checked and becomes usable. Repeating it changes nothing."""
    done = direct_uploads.complete_upload(g.actor, attachment_id, message_id=args["message_id"])
    return replies.attachment(done)


@bp.get("/attachments/<int:attachment_id>/download")
@limit("default")
@gives_bytes
def download(attachment_id: int) -> Response:
    """Download a file, or the requested byte range of it."""
    return file_response(uploading.attachment_for_download(g.actor, attachment_id))


@bp.get("/attachments/<int:attachment_id>/waveform")
@limit("default")
@refuses(errors.Forbidden)
@takes(file_schemas.WaveformQuery, "query")
@gives(file_schemas.Waveform)
def show_waveform(args: dict[str, Any], attachment_id: int) -> dict[str, Any]:
    """Get the waveform of a voice message or another audio file, in as many bars as a player draws."""
    found = waveform.load_waveform(g.actor, attachment_id, args["bars"])
    return {"attachment_id": found.attachment_id, "duration": found.duration, "waveform": found.levels}


@bp.delete("/attachments/<int:attachment_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(Confirmation)
def delete_attachment(attachment_id: int) -> dict[str, str]:
    """Delete one of my files permanently, for everyone."""
    uploading.delete_attachment(g.actor, attachment_id)
    return {"message": "marketplace.attachmentDeleted"}
