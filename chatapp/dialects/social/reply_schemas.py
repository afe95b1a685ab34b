"""Schemas of the responses of the social dialect's REST routes, named as on the wire."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.content import MESSAGE_TYPES
from chatapp.dialects.social.file_schemas import File
from chatapp.edge.catchup import HAS_MORE, HIDDEN
from chatapp.edge.http.fields import (
    Boolean,
    Integer,
    Number,
    ReplySchema,
    Text,
    Timestamp,
    Uuid,
)


class Person(ReplySchema):
    """A user."""

    id = Uuid(required=True)
    username = Text(required=True)
    displayName = Text(required=True)
    avatar = Text(required=True, metadata={"description": "URL of the avatar, or empty."})
    isOnline = Boolean(metadata={"description": "Absent if unknown."})
    lastSeen = Timestamp(metadata={"description": "Absent if the user was never online, or if hidden from me."})


class Location(ReplySchema):
    """A geographic location."""

    latitude = Number(required=True)
    longitude = Number(required=True)
    address = Text()


class Message(ReplySchema):
    """A message. `seq` numbers the messages of a conversation and `version` its changes; neither has gaps."""

    id = Uuid(required=True)
    conversationId = Uuid(required=True)
    senderId = Uuid(required=True)
    sender = fields.Nested(Person, required=True)
    content = Text(required=True)
    messageType = Text(required=True, metadata={"enum": list(MESSAGE_TYPES)})
    location = fields.Nested(Location, metadata={"description": "Present for messages of type `location`."})
    isRead = Boolean(required=True)
    readAt = Timestamp(metadata={"description": "Absent while unread."})
    isEdited = Boolean(required=True)
    isDeleted = Boolean(required=True)
    attachments = fields.List(fields.Nested(File), required=True)
    seq = Integer(1, required=True)
    version = Integer(1, required=True)
    tempId = Text(metadata={"description": "The sender's idempotency key, visible only to the sender."})
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True)


class LastMessage(ReplySchema):
    """The newest message of a conversation, its text truncated to 500 characters."""

    id = Uuid(required=True)
    senderId = Uuid(required=True)
    content = Text(required=True)
    createdAt = Timestamp(required=True)
    isRead = Boolean(required=True)


class Item(ReplySchema):
    """The item a conversation is about. A deleted item keeps its title."""

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
    updatedAt = Timestamp(
        required=True, metadata={"description": "Time of the last message. The list is ordered by it."}
    )
    isBlocked = Boolean(required=True, metadata={"description": "Whether I block the other user."})
    isArchived = Boolean(required=True)
    isMuted = Boolean(required=True)
    isPinned = Boolean(required=True)
    item = fields.Nested(Item, allow_none=True, required=True)
    seq = Integer(0, required=True)
    version = Integer(0, required=True)


class Meta(ReplySchema):
    """Whether the list continues, and where."""

    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    nextCursor = Text(metadata={"description": "Absent on the last page."})


class ConversationPage(ReplySchema):
    """My conversations, most recently active first."""

    conversations = fields.List(fields.Nested(Conversation), required=True)
    meta = fields.Nested(Meta, required=True)


class VersionRange(ReplySchema):
    """Consecutive versions of a conversation, both bounds included."""

    fromVersion = Integer(1, required=True)
    version = Integer(1, required=True)


class MessagePage(ReplySchema):
    """A page of messages, newest first."""

    messages = fields.List(fields.Nested(Message), required=True)
    meta = fields.Nested(Meta, required=True)
    hidden = fields.List(fields.Nested(VersionRange), metadata={"description": HIDDEN})


class ContextMeta(ReplySchema):
    """Whether more messages exist on each side, and the cursors to them."""

    hasMoreBefore = Boolean(required=True)
    hasMoreAfter = Boolean(required=True)
    beforeCursor = Text(metadata={"description": "For `direction=before`, which returns older messages."})
    afterCursor = Text(metadata={"description": "For `direction=after`, which returns newer messages."})


class MessageContext(ReplySchema):
    """A message with the messages around it, newest first."""

    messageId = Uuid(required=True)
    messages = fields.List(fields.Nested(Message), required=True)
    meta = fields.Nested(ContextMeta, required=True)
    hidden = fields.List(fields.Nested(VersionRange), metadata={"description": HIDDEN})


class Changes(ReplySchema):
    """What changed: messages oldest first, other changes, and the conversations they belong to."""

    messages = fields.List(fields.Nested(Message), required=True)
    changes = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "Other changes, each as the socket frame that announces it."},
    )
    conversations = fields.List(fields.Nested(Conversation), required=True)
    cursor = Text(required=True, metadata={"description": "Marks this page as seen."})
    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    fullSync = Boolean(
        required=True,
        metadata={"description": "The cursor predates a database restore: reload everything."},
    )


class Block(ReplySchema):
    """A user I block."""

    id = Uuid(required=True)
    blockedUser = fields.Nested(Person, required=True)
    createdAt = Timestamp(required=True)


class BlockPage(ReplySchema):
    """Users I block, newest block first."""

    blocks = fields.List(fields.Nested(Block), required=True)
    meta = fields.Nested(Meta, required=True)


class BlockStatus(ReplySchema):
    """Block status between two users."""

    isBlocked = Boolean(required=True, metadata={"description": "Whether I block the other user."})
    isBlockedBy = Boolean(required=True, metadata={"description": "Whether the other user blocks me."})
    canSendMessage = Boolean(required=True)


class Count(ReplySchema):
    """A number of messages."""

    count = Integer(0, required=True)


class Ticket(ReplySchema):
    """A single-use socket ticket."""

    ticket = Text(required=True)
    expiresIn = Integer(1, required=True, metadata={"description": "Seconds."})
