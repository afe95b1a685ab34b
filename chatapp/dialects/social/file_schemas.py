"""Request and response schemas of the social dialect's file routes, named as on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.content import MAX_FILES, MESSAGE_TYPES
from chatapp.edge.http.fields import (
    FILE_BOUND,
    Boolean,
    Integer,
    Items,
    Number,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
    Uuid,
)
from chatapp.edge.http.validators import OneOf
from chatapp.files.limits import WAVEFORM_BARS, WAVEFORM_TOP
from chatapp.files.waveforms import MAX_BARS, MIN_BARS
from chatapp.ids.snowflake import MAX_ID

MAX_NAME = 1000  # characters of a name as the client gives it; the stored name is shorter


class MessageType(Text):
    """The type of a message."""

    def __init__(self) -> None:
        types = [kind for kind in MESSAGE_TYPES if kind != "location"]
        super().__init__(20, load_default="text", validate=OneOf(types), metadata={"enum": types})


class AttachmentIds(Items):
    """Ids of files to send with a message."""

    def __init__(self) -> None:
        description = f"Files that I uploaded and have not sent yet, at most {MAX_FILES}."
        metadata = {"description": description, "uniqueItems": True}
        super().__init__(Uuid(), MAX_FILES, code="too_many_files", load_default=(), metadata=metadata)


class File(ReplySchema):
    """A file of a message, or one that its uploader can still send."""

    id = Uuid(required=True)
    messageId = Uuid(metadata={"description": "Absent until the file is sent with a message."})
    conversationId = Uuid(metadata={"description": "Absent until the file is sent with a message."})
    fileType = Text(required=True, metadata={"enum": ["image", "video", "audio", "document"]})
    fileName = Text(required=True, metadata={"description": "Safe to display and to use as a file name."})
    fileSize = Integer(0, required=True, metadata={"description": "Bytes."})
    contentType = Text(required=True, metadata={"description": "Detected from the content, not taken from the upload."})
    url = Text(metadata={"description": "Opens the file for anyone, for an hour. Absent until the file is ready."})
    thumbnailUrl = Text(
        metadata={"description": "The same for a WebP thumbnail of at most 320 px per side. Absent if there is none."}
    )
    metadata = fields.Dict(
        required=True,
        metadata={
            "description": "`width`, `height` (px), `duration` (s), `dominantColor`, `animated`, `frames`,"
            " `waveform` (64 bars, 0 to 100), `pages`, as applicable to the type of file; `scanned`, `voice`."
        },
    )
    state = Text(
        required=True,
        metadata={
            "enum": ["ready", "quarantined"],
            "description": "A `quarantined` file awaits the virus scan and is visible only to its uploader.",
        },
    )
    createdAt = Timestamp(required=True)


class AnnouncedFile(RequestSchema):
    """A file to upload."""

    fileName = Text(MAX_NAME, required=True)
    fileSize = Integer(1, MAX_ID, required=True, metadata={"description": "Bytes.", **FILE_BOUND})
    voice = Boolean(load_default=False, metadata={"description": "Whether the file is a voice message."})


class AnnounceFiles(RequestSchema):
    """Files to upload directly to the object store."""

    example: ClassVar[Mapping[str, Any]] = {"files": [{"fileName": "bicycle.jpg", "fileSize": 245678}]}

    files = Items(fields.Nested(AnnouncedFile), MAX_FILES, 1, required=True)


class UploadLink(ReplySchema):
    """Where to upload the bytes of a file; the upload is then completed under this id."""

    id = Uuid(required=True)
    fileName = Text(required=True)
    uploadUrl = Text(
        required=True, metadata={"description": "For a PUT of exactly `fileSize` bytes, without the access token."}
    )
    expiresAt = Timestamp(required=True)


class WaveformQuery(RequestSchema):
    """How many bars to return."""

    bars = Integer(MIN_BARS, MAX_BARS, load_default=WAVEFORM_BARS)


class Waveform(ReplySchema):
    """A waveform in the requested number of bars, from 0 to 100; the loudest is 100."""

    fileId = Uuid(required=True)
    duration = Number(required=True, metadata={"description": "Seconds."})
    waveform = fields.List(Integer(0, WAVEFORM_TOP), required=True)


class CompleteUpload(RequestSchema):
    """The message to add the file to, if any."""

    messageId = Uuid(
        load_default=None,
        allow_none=True,
        metadata={"description": "One of my messages. Without it, the file can be sent later."},
    )
