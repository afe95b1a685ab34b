"""What the social dialect's REST takes and gives, named as on the wire. The same classes are printed into OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from chatapp.actions.content import MESSAGE_TYPES
from chatapp.dialects.social.file_schemas import AttachmentIds, File, MessageType
from chatapp.edge.catchup import HAS_MORE, MAX_CATCH_UP
from chatapp.edge.http.fields import (
    CONTENT_BOUND,
    Boolean,
    Integer,
    Limit,
    Number,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
    Uuid,
)
from chatapp.edge.http.middleware import MAX_KEY_LENGTH
from chatapp.ids.snowflake import MAX_ID
from chatapp.text import sanitizing

MAX_LIMIT = 50
DEFAULT_CATCH_UP = 100
NEWER, OLDER = "after", "before"
CONTENT = "Plain text; it may be empty where there are attachments."
# Of a message that is sent; checked by `actions.content`.
SENT_TOGETHER: Mapping[str, Any] = {
    "anyOf": [
        {"properties": {"content": {"pattern": sanitizing.VISIBLE}, "messageType": {"const": "text"}}},
        {"required": ["attachmentIds"], "properties": {"attachmentIds": {"minItems": 1}}},
    ]
}


class Cursor(fields.String):
    """Where a page ended. Taken as it comes: whatever cannot be one is told by `paging` alone. Empty means none."""

    def __init__(self, description: str = "`nextCursor` of the page before.") -> None:
        super().__init__(load_default="", metadata={"description": description})


class TempId(Text):
    """The client's own name for a message."""

    def __init__(self) -> None:
        description = "Your own name for it: sent again, it is answered with the first message."
        super().__init__(MAX_KEY_LENGTH, 1, allow_none=True, load_default=None, metadata={"description": description})


class PageQuery(RequestSchema):
    """Which page."""

    cursor = Cursor()
    limit = Limit(MAX_LIMIT)


class MessagesQuery(PageQuery):
    """Which page of a conversation's messages: from the newest, or from a cursor on, in either direction."""

    direction = Text(
        load_default=OLDER,
        validate=lambda value: _check_one_of((OLDER, NEWER), value),
        metadata={"enum": [OLDER, NEWER], "description": "Of the cursor: older messages, or newer ones."},
    )


class ContextQuery(RequestSchema):
    """How many messages on each side."""

    before = Limit(MAX_LIMIT, minimum=0)
    after = Limit(MAX_LIMIT, minimum=0)


class ChangesQuery(RequestSchema):
    """What was seen. Without a cursor nothing is told but the cursor of now."""

    cursor = Cursor("Of the last answer, of `connected` or `resumed`.")
    limit = Limit(MAX_CATCH_UP, DEFAULT_CATCH_UP)


class SendMessage(RequestSchema):
    """A message."""

    together = SENT_TOGETHER

    content = Text(required=True, metadata={"description": CONTENT, **CONTENT_BOUND})
    messageType = MessageType()
    attachmentIds = AttachmentIds()
    tempId = TempId()


class EditMessage(RequestSchema):
    """The new text of a message."""

    content = Text(required=True, metadata=CONTENT_BOUND)
    version = Integer(
        1,
        MAX_ID,
        load_default=None,
        allow_none=True,
        metadata={"description": "The version that you saw; where the message has moved on, the edit is refused."},
    )


class MarkRead(RequestSchema):
    """Up to which message; all where it is left out."""

    messageId = Uuid(load_default=None, allow_none=True)


class BlockUser(RequestSchema):
    """Whom."""

    username = Text(required=True)


def _check_one_of(words: tuple[str, ...], value: str) -> None:
    if value not in words:
        raise ValidationError(f"Must be one of: {', '.join(words)}.")


class Person(ReplySchema):
    """A person."""

    id = Uuid(required=True)
    username = Text(required=True)
    displayName = Text(required=True)
    avatar = Text(required=True, metadata={"description": "A URL, or empty."})
    isOnline = Boolean(metadata={"description": "Left out where it is not known."})
    lastSeen = Timestamp(metadata={"description": "Left out where the person was never seen, or must not be."})


class Location(ReplySchema):
    """A place on Earth."""

    latitude = Number(required=True)
    longitude = Number(required=True)
    address = Text()


class Message(ReplySchema):
    """A message. `seq` counts a conversation's messages, `version` its changes; both are without holes."""

    id = Uuid(required=True)
    conversationId = Uuid(required=True)
    senderId = Uuid(required=True)
    sender = fields.Nested(Person, required=True)
    content = Text(required=True)
    messageType = Text(required=True, metadata={"enum": list(MESSAGE_TYPES)})
    location = fields.Nested(Location, metadata={"description": "Of a message that is one."})
    isRead = Boolean(required=True)
    readAt = Timestamp(metadata={"description": "Left out while it is unread."})
    isEdited = Boolean(required=True)
    isDeleted = Boolean(required=True)
    attachments = fields.List(fields.Nested(File), required=True)
    seq = Integer(1, required=True)
    version = Integer(1, required=True)
    tempId = Text(metadata={"description": "The sender's own name for it, told to the sender alone."})
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True)


class LastMessage(ReplySchema):
    """The newest message of a conversation, its text cut at 500 characters."""

    id = Uuid(required=True)
    senderId = Uuid(required=True)
    content = Text(required=True)
    createdAt = Timestamp(required=True)
    isRead = Boolean(required=True)


class Item(ReplySchema):
    """What a conversation is about. Of a deleted item its title stays."""

    type = Text(required=True, metadata={"enum": ["listing", "storefront_product"]})
    id = Integer(1, required=True)
    title = Text(required=True)
    imageUrl = Text(required=True)
    price = Number(allow_none=True, required=True)
    currency = Text(required=True)
    isDeleted = Boolean(required=True)


class Conversation(ReplySchema):
    """A conversation in my list."""

    id = Uuid(required=True)
    otherUser = fields.Nested(Person, required=True)
    lastMessage = fields.Nested(LastMessage, allow_none=True, required=True)
    unreadCount = Integer(0, required=True)
    updatedAt = Timestamp(required=True, metadata={"description": "Of the last message; the order of the list."})
    isBlocked = Boolean(required=True, metadata={"description": "Whether I block the other."})
    isArchived = Boolean(required=True)
    isMuted = Boolean(required=True)
    isPinned = Boolean(required=True)
    item = fields.Nested(Item, allow_none=True, required=True)
    seq = Integer(0, required=True)
    version = Integer(0, required=True)


class Meta(ReplySchema):
    """Whether the list goes on, and where."""

    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    nextCursor = Text(metadata={"description": "Left out where nothing follows."})


class ConversationPage(ReplySchema):
    """My conversations, the most recently active first."""

    conversations = fields.List(fields.Nested(Conversation), required=True)
    meta = fields.Nested(Meta, required=True)


class MessagePage(ReplySchema):
    """A page of messages, newest first."""

    messages = fields.List(fields.Nested(Message), required=True)
    meta = fields.Nested(Meta, required=True)


class ContextMeta(ReplySchema):
    """Whether there are further messages on each side, and the cursors to them."""

    hasMoreBefore = Boolean(required=True)
    hasMoreAfter = Boolean(required=True)
    beforeCursor = Text(metadata={"description": "For `direction=before`: older messages."})
    afterCursor = Text(metadata={"description": "For `direction=after`: newer messages."})


class MessageContext(ReplySchema):
    """A message among its neighbours, newest first."""

    messageId = Uuid(required=True)
    messages = fields.List(fields.Nested(Message), required=True)
    meta = fields.Nested(ContextMeta, required=True)


class Changes(ReplySchema):
    """What happened since: messages oldest first, what else happened, and the conversations that it belongs to."""

    messages = fields.List(fields.Nested(Message), required=True)
    changes = fields.List(
        fields.Dict(), required=True, metadata={"description": "As the frames of the socket that tell them."}
    )
    conversations = fields.List(fields.Nested(Conversation), required=True)
    cursor = Text(required=True, metadata={"description": "Shows what was seen with this page."})
    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    fullSync = Boolean(
        required=True,
        metadata={"description": "The cursor is of another life of the server: read everything anew."},
    )


class Block(ReplySchema):
    """Somebody whom I block."""

    id = Uuid(required=True)
    blockedUser = fields.Nested(Person, required=True)
    createdAt = Timestamp(required=True)


class BlockPage(ReplySchema):
    """Whom I block, the newest block first."""

    blocks = fields.List(fields.Nested(Block), required=True)
    meta = fields.Nested(Meta, required=True)


class BlockStatus(ReplySchema):
    """How somebody and I stand."""

    isBlocked = Boolean(required=True, metadata={"description": "I block them."})
    isBlockedBy = Boolean(required=True, metadata={"description": "They block me."})
    canSendMessage = Boolean(required=True)


class Count(ReplySchema):
    """A number of messages."""

    count = Integer(0, required=True)


class Ticket(ReplySchema):
    """A ticket for one socket."""

    ticket = Text(required=True)
    expiresIn = Integer(1, required=True, metadata={"description": "Seconds."})
