"""What is shared in a conversation, as the social dialect's REST lists it."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.social.file_schemas import File
from chatapp.dialects.social.schemas import Meta, Person
from chatapp.edge.http.fields import ReplySchema, Text, Timestamp, Uuid


class Link(ReplySchema):
    """A link in a message."""

    url = Text(required=True)
    title = Text(metadata={"description": "Left out where none is known."})
    messageId = Uuid(required=True)
    conversationId = Uuid(required=True)
    senderId = Uuid(required=True)
    createdAt = Timestamp(required=True)


class LinkPage(ReplySchema):
    """Links of a conversation: of the newest message first, and in a message in their order."""

    links = fields.List(fields.Nested(Link), required=True)
    meta = fields.Nested(Meta, required=True)


class SharedFile(File):
    """A file of a conversation, and who sent it."""

    senderId = Uuid(required=True)
    sender = fields.Nested(Person, required=True)


class MediaPage(ReplySchema):
    """Pictures, videos and sound of a conversation, newest first."""

    media = fields.List(fields.Nested(SharedFile), required=True)
    meta = fields.Nested(Meta, required=True)


class FilePage(ReplySchema):
    """Documents of a conversation, newest first."""

    files = fields.List(fields.Nested(SharedFile), required=True)
    meta = fields.Nested(Meta, required=True)
