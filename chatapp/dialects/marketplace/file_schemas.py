"""What the marketplace's REST takes and gives of files."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.content import MAX_FILES
from chatapp.edge.http.fields import (
    FILE_BOUND,
    Boolean,
    Id,
    Integer,
    Items,
    OptionalId,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
)
from chatapp.ids.snowflake import MAX_ID

MAX_NAME = 1000  # characters of a name as a client gives it; what is kept of it is shorter


class Attachment(ReplySchema):
    """A file of a message, or one that its uploader may still send."""

    id = Id()
    message_id = Integer(0, metadata={"description": "0 until it is sent."})
    file_type = Text(metadata={"enum": ["image", "video", "audio", "document"]})
    file_name = Text(metadata={"description": "Safe to show and to save."})
    file_size = Integer(0, metadata={"description": "Bytes."})
    content_type = Text(metadata={"description": "By content, whatever the upload said."})
    public_url = Text(metadata={"description": "Opens the file for an hour, to anybody. Empty until it is ready."})
    thumbnail_url = Text(metadata={"description": "The same for a WebP of at most 320 px a side. Empty without one."})
    metadata = fields.Dict(
        metadata={
            "description": "`width`, `height` (px), `duration` (s), `dominant_color`, `animated`, `frames`,"
            " `waveform` (64 bars, 0 to 100), `pages`, as far as the type of file has them; `scanned`, `voice`."
        }
    )
    state = Text(
        metadata={
            "enum": ["ready", "quarantined"],
            "description": "`quarantined` waits for the virus scanner, and is seen by its uploader alone.",
        }
    )
    created_at = Timestamp()


class AnnouncedFile(RequestSchema):
    """A file that will be uploaded."""

    file_name = Text(MAX_NAME, required=True)
    file_size = Integer(1, MAX_ID, required=True, metadata={"description": "Bytes.", **FILE_BOUND})
    voice = Boolean(load_default=False, metadata={"description": "Whether it is a voice message."})


class AnnounceFiles(RequestSchema):
    """Files that will be uploaded to the object store directly."""

    files = Items(fields.Nested(AnnouncedFile), MAX_FILES, 1, required=True)


class UploadLink(ReplySchema):
    """Where the bytes of a file go. Then it is completed, under its id."""

    id = Id()
    file_name = Text()
    upload_url = Text(metadata={"description": "For a PUT of exactly `file_size` bytes, without our access token."})
    expires_at = Timestamp()


class CompleteUpload(RequestSchema):
    """What the file becomes part of."""

    message_id = OptionalId(metadata={"description": "A message of mine; none to send it later."})
