"""Request and response schemas of the marketplace's file routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.content import MAX_FILES
from chatapp.edge.http.fields import (
    FILE_BOUND,
    Boolean,
    Id,
    Integer,
    Items,
    Number,
    OptionalId,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
)
from chatapp.files.limits import WAVEFORM_BARS, WAVEFORM_TOP
from chatapp.files.waveforms import MAX_BARS, MIN_BARS
from chatapp.ids.snowflake import MAX_ID

MAX_NAME = 1000  # characters of a name as the client gives it; the stored name is shorter


class Attachment(ReplySchema):
    """A file of a message, or one that its uploader can still send."""

    id = Id()
    message_id = Integer(0, metadata={"description": "0 until the file is sent with a message."})
    file_type = Text(metadata={"enum": ["image", "video", "audio", "document"]})
    file_name = Text(metadata={"description": "Safe to display and to use as a file name."})
    file_size = Integer(0, metadata={"description": "Bytes."})
    content_type = Text(metadata={"description": "Detected from the content, not taken from the upload."})
    public_url = Text(
        metadata={"description": "Opens the file for anyone, for an hour. Empty until the file is ready."}
    )
    thumbnail_url = Text(
        metadata={"description": "The same for a WebP thumbnail of at most 320 px per side. Empty if there is none."}
    )
    metadata = fields.Dict(
        metadata={
            "description": "`width`, `height` (px), `duration` (s), `dominant_color`, `animated`, `frames`,"
            " `waveform` (64 bars, 0 to 100), `pages`, as applicable to the type of file; `scanned`, `voice`."
        }
    )
    state = Text(
        metadata={
            "enum": ["ready", "quarantined"],
            "description": "A `quarantined` file awaits the virus scan and is visible only to its uploader.",
        }
    )
    created_at = Timestamp()


class AnnouncedFile(RequestSchema):
    """A file to upload."""

    file_name = Text(MAX_NAME, required=True)
    file_size = Integer(1, MAX_ID, required=True, metadata={"description": "Bytes.", **FILE_BOUND})
    voice = Boolean(load_default=False, metadata={"description": "Whether the file is a voice message."})


class AnnounceFiles(RequestSchema):
    """Files to upload directly to the object store."""

    example: ClassVar[Mapping[str, Any]] = {"files": [{"file_name": "bicycle.jpg", "file_size": 245678}]}

    files = Items(fields.Nested(AnnouncedFile), MAX_FILES, 1, required=True)


class UploadLink(ReplySchema):
    """Where to upload the bytes of a file; the upload is then completed under this id."""

    id = Id()
    file_name = Text()
    upload_url = Text(metadata={"description": "For a PUT of exactly `file_size` bytes, without the access token."})
    expires_at = Timestamp()


class WaveformQuery(RequestSchema):
    """How many bars to return."""

    bars = Integer(MIN_BARS, MAX_BARS, load_default=WAVEFORM_BARS)


class Waveform(ReplySchema):
    """A waveform in the requested number of bars, from 0 to 100; the loudest is 100."""

    attachment_id = Id()
    duration = Number(metadata={"description": "Seconds."})
    waveform = fields.List(Integer(0, WAVEFORM_TOP))


class CompleteUpload(RequestSchema):
    """The message to add the file to, if any."""

    message_id = OptionalId(metadata={"description": "One of my messages. Without it, the file can be sent later."})
