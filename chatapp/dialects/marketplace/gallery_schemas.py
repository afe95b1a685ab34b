"""Schemas of the files and links shared in a chat."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.dialects.marketplace.reply_schemas import Person
from chatapp.dialects.marketplace.request_schemas import MAX_LIMIT
from chatapp.edge.catchup import HAS_MORE
from chatapp.edge.http.fields import Boolean, Id, Limit, ReplySchema, RequestSchema, Text, Timestamp

MAX_GALLERY_CURSOR = 64  # two ids


class GalleryQuery(RequestSchema):
    """Which page of the list."""

    cursor = Text(MAX_GALLERY_CURSOR, load_default="", metadata={"description": "`next_cursor` of the previous page."})
    limit = Limit(MAX_LIMIT)


class SharedFile(Attachment):
    """A file that was sent in a chat, and its sender."""

    sender_id = Id()
    sender = fields.Nested(Person)


class SharedLink(ReplySchema):
    """A link in a message."""

    url = Text()
    message_id = Id()
    sender_id = Id()
    created_at = Timestamp()


class _Page(ReplySchema):
    has_more = Boolean(metadata={"description": HAS_MORE})
    next_cursor = Text(allow_none=True, metadata={"description": "Null on the last page."})


class SharedFilePage(_Page):
    """Files of a chat, newest first."""

    entries = fields.List(fields.Nested(SharedFile))


class SharedLinkPage(_Page):
    """Links of a chat: newest message first, and within a message in their order."""

    entries = fields.List(fields.Nested(SharedLink))
