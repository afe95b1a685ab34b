"""What the social dialect's REST takes and gives of files, named as on the wire."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import OneOf

from chatapp.actions.content import MAX_FILES, MESSAGE_TYPES
from chatapp.edge.http.fields import (
    FILE_BOUND,
    Boolean,
    Integer,
    Items,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
    Uuid,
)
from chatapp.ids.snowflake import MAX_ID

MAX_NAME = 1000  # characters of a name as a client gives it; what is kept of it is shorter


class MessageType(Text):
    """What a message is."""

    def __init__(self) -> None:
        types = [kind for kind in MESSAGE_TYPES if kind != "location"]
        super().__init__(20, load_default="text", validate=OneOf(types), metadata={"enum": types})


class AttachmentIds(Items):
    """Files that go with a message."""

    def __init__(self) -> None:
        description = f"Files that I uploaded before and sent with no message yet, at most {MAX_FILES}."
        metadata = {"description": description, "uniqueItems": True}
        super().__init__(Uuid(), MAX_FILES, code="too_many_files", load_default=(), metadata=metadata)


class File(ReplySchema):
    """A file of a message, or one that its uploader may still send."""

    id = Uuid(required=True)
    messageId = Uuid(metadata={"description": "Left out until it is sent."})
    conversationId = Uuid(metadata={"description": "Left out until it is sent."})
    fileType = Text(required=True, metadata={"enum": ["image", "video", "audio", "document"]})
    fileName = Text(required=True, metadata={"description": "Safe to show and to save."})
    fileSize = Integer(0, required=True, metadata={"description": "Bytes."})
    contentType = Text(required=True, metadata={"description": "By content, whatever the upload said."})
    url = Text(metadata={"description": "Opens the file for an hour, to anybody. Left out until it is ready."})
    thumbnailUrl = Text(metadata={"description": "The same for a WebP of at most 320 px a side; where there is one."})
    metadata = fields.Dict(
        required=True,
        metadata={
            "description": "`width`, `height` (px), `duration` (s), `dominantColor`, `animated`, `frames`,"
            " `waveform` (64 bars, 0 to 100), `pages`, as far as the type of file has them; `scanned`, `voice`."
        },
    )
    state = Text(
        required=True,
        metadata={
            "enum": ["ready", "quarantined"],
            "description": "`quarantined` waits for the virus scanner, and is seen by its uploader alone.",
        },
    )
    createdAt = Timestamp(required=True)


class AnnouncedFile(RequestSchema):
    """A file that will be uploaded."""

    fileName = Text(MAX_NAME, required=True)
    fileSize = Integer(1, MAX_ID, required=True, metadata={"description": "Bytes.", **FILE_BOUND})
    voice = Boolean(load_default=False, metadata={"description": "Whether it is a voice message."})


class AnnounceFiles(RequestSchema):
    """Files that will be uploaded to the object store directly."""

    files = Items(fields.Nested(AnnouncedFile), MAX_FILES, 1, required=True)


class UploadLink(ReplySchema):
    """Where the bytes of a file go. Then it is completed, under its id."""

    id = Uuid(required=True)
    fileName = Text(required=True)
    uploadUrl = Text(
        required=True, metadata={"description": "For a PUT of exactly `fileSize` bytes, without our access token."}
    )
    expiresAt = Timestamp(required=True)


class CompleteUpload(RequestSchema):
    """What the file becomes part of."""

    messageId = Uuid(
        load_default=None, allow_none=True, metadata={"description": "A message of mine; none to send it later."}
    )
