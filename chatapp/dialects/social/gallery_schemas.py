"""Response schemas for the links and files shared in a conversation."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.social.file_schemas import File
from chatapp.dialects.social.reply_schemas import Meta, Person
from chatapp.edge.http.fields import ReplySchema, Text, Timestamp, Uuid


class Link(ReplySchema):
    """A link in a message."""

    url = Text(required=True)
    title = Text(metadata={"description": "Absent if unknown."})
    messageId = Uuid(required=True)
    conversationId = Uuid(required=True)
    senderId = Uuid(required=True)
    createdAt = Timestamp(required=True)


class LinkPage(ReplySchema):
    """Links of a conversation: newest message first, and within a message in their order."""

    links = fields.List(fields.Nested(Link), required=True)
    meta = fields.Nested(Meta, required=True)


class SharedFile(File):
    """A file shared in a conversation, and its sender."""

    senderId = Uuid(required=True)
    sender = fields.Nested(Person, required=True)


class MediaPage(ReplySchema):
    """Images, videos and audio of a conversation, newest first."""

    media = fields.List(fields.Nested(SharedFile), required=True)
    meta = fields.Nested(Meta, required=True)


class FilePage(ReplySchema):
    """Documents of a conversation, newest first."""

    files = fields.List(fields.Nested(SharedFile), required=True)
    meta = fields.Nested(Meta, required=True)
