"""Schemas of the responses of the social dialect's REST routes, named as on the wire."""

from __future__ import annotations

from marshmallow import fields

from chatapp.actions.content import MESSAGE_TYPES
from chatapp.actions.groups.rules import ROLES
from chatapp.actions.system_messages import SYSTEM_EVENTS
from chatapp.dialects.social.file_schemas import File
from chatapp.dialects.social.settings_schemas import ListedDraft
from chatapp.edge.catchup import COMPLETE, HAS_MORE, HIDDEN
from chatapp.edge.http.fields import (
    Boolean,
    Integer,
    Number,
    ReplySchema,
    Text,
    Timestamp,
    Uuid,
)
from chatapp.models.chats import ASSISTANT, GROUP
from chatapp.models.messages import SYSTEM


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


class Reaction(ReplySchema):
    """The users who reacted to a message with one emoji."""

    emoji = Text(required=True)
    count = Integer(1, required=True, metadata={"description": "Number of users."})
    userIds = fields.List(Uuid(), required=True, metadata={"description": "Of the first ten users."})
    mine = Boolean(
        metadata={"description": "Whether I am one of the users; absent in live frames, which all members receive."}
    )


class Quote(ReplySchema):
    """The message that another one answers.

    It changes with its message: an edit or a deletion of the latter applies to all quotes of it.
    """

    id = Uuid(required=True)
    senderId = Uuid(required=True)
    content = Text(required=True, metadata={"description": "The first 500 characters."})
    messageType = Text(required=True, metadata={"enum": [*MESSAGE_TYPES, SYSTEM]})
    isDeleted = Boolean(required=True)


class Origin(ReplySchema):
    """The message that was forwarded; of a forward of a forward, the first one. I may not have access to it."""

    messageId = Uuid(required=True)
    senderId = Uuid(required=True)
    senderName = Text(required=True)
    createdAt = Timestamp(required=True)


class LinkPreview(ReplySchema):
    """What the page says about itself that a message links to: plain text, to be escaped where it is shown."""

    url = Text(required=True, metadata={"description": "The first link of the text."})
    title = Text(required=True)
    description = Text(required=True)
    siteName = Text(required=True)
    imageUrl = Text(metadata={"description": "A picture on the server of the page."})


class System(ReplySchema):
    """What happened to a group. The sender of the message did it. Fields that the event does not have are absent."""

    event = Text(required=True, metadata={"enum": list(SYSTEM_EVENTS)})
    users = fields.List(fields.Nested(Person), metadata={"description": "The users it concerns, at most ten of them."})
    count = Integer(1, metadata={"description": "How many users it concerns."})
    memberCount = Integer(1, metadata={"description": "Members of the group afterwards."})
    title = Text()
    role = Text(metadata={"enum": list(ROLES)})


class Message(ReplySchema):
    """A message. `seq` numbers the messages of a conversation and `version` its changes; neither has gaps."""

    id = Uuid(required=True)
    conversationId = Uuid(required=True)
    senderId = Uuid(required=True)
    sender = fields.Nested(Person, required=True)
    content = Text(required=True)
    messageType = Text(required=True, metadata={"enum": [*MESSAGE_TYPES, SYSTEM]})
    location = fields.Nested(Location, metadata={"description": "Present for messages of type `location`."})
    isRead = Boolean(required=True)
    readAt = Timestamp(metadata={"description": "Absent while unread."})
    isEdited = Boolean(required=True)
    isDeleted = Boolean(required=True)
    attachments = fields.List(fields.Nested(File), required=True)
    reactions = fields.List(fields.Nested(Reaction), required=True)
    replyTo = fields.Nested(
        Quote, metadata={"description": "The message that this one answers. Absent also if I block its author."}
    )
    mentions = fields.List(Text(), required=True, metadata={"description": "Usernames of mentioned members."})
    forwardedFrom = fields.Nested(Origin, metadata={"description": "Present in forwarded messages."})
    linkPreview = fields.Nested(
        LinkPreview,
        metadata={"description": "Arrives after the message, where enabled; else absent."},
    )
    system = fields.Nested(
        System, metadata={"description": "Present in messages of type `system`, whose `content` is empty."}
    )
    originalLanguage = Text(
        metadata={"description": "Language of the text, such as `en` or `sr-Latn`; absent if unknown."}
    )
    editedAt = Timestamp(metadata={"description": "Absent if the text was never edited."})
    seq = Integer(1, required=True)
    version = Integer(1, required=True)
    tempId = Text(metadata={"description": "The sender's idempotency key, visible only to the sender."})
    createdAt = Timestamp(required=True)
    updatedAt = Timestamp(required=True)


class Receipt(ReplySchema):
    """How far a message has come with one member of its conversation."""

    user = fields.Nested(Person, required=True)
    deliveredAt = Timestamp(
        metadata={"description": "The latest time at which the member had received it: when it was read."}
    )
    readAt = Timestamp(metadata={"description": "Absent if the member has not read it."})


class Receipts(ReplySchema):
    """How far a message has come with the other members: those who have read it first."""

    receipts = fields.List(fields.Nested(Receipt), required=True)


class Forwards(ReplySchema):
    """The copies of a message, in the order of the conversations."""

    messages = fields.List(fields.Nested(Message), required=True)


class LastMessage(ReplySchema):
    """The newest message of a conversation, its text truncated to 500 characters."""

    id = Uuid(required=True)
    senderId = Uuid(required=True)
    content = Text(required=True)
    createdAt = Timestamp(required=True)
    isRead = Boolean(required=True)
    sender = fields.Nested(Person, metadata={"description": "Only in groups."})
    system = fields.Nested(System, metadata={"description": "Of system messages, whose `content` is empty."})


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
    """A conversation in my list. A group has no `otherUser`, but `title`, `pictureUrl`, `memberCount` and `role`."""

    id = Uuid(required=True)
    kind = Text(required=True, metadata={"enum": ["direct", "listing", "storefront_product", GROUP, ASSISTANT]})
    otherUser = fields.Nested(Person, metadata={"description": "Absent in a group."})
    title = Text()
    pictureUrl = Text(metadata={"description": "A WebP of at most 320 pixels a side; empty without a picture."})
    memberCount = Integer(1)
    role = Text(metadata={"enum": list(ROLES), "description": "My role in the group."})
    lastMessage = fields.Nested(LastMessage, allow_none=True, required=True)
    unreadCount = Integer(0, required=True)
    updatedAt = Timestamp(
        required=True,
        metadata={"description": "Time of the last message. Orders the list, after pinned ones."},
    )
    isBlocked = Boolean(required=True, metadata={"description": "Whether I block the other user."})
    isArchived = Boolean(required=True)
    isMuted = Boolean(required=True)
    mutedUntil = Timestamp(metadata={"description": "Absent if never, or not muted."})
    isPinned = Boolean(required=True)
    snoozedUntil = Timestamp(metadata={"description": "Absent if not snoozed."})
    isMarkedUnread = Boolean(required=True)
    settingsVersion = Integer(
        0, required=True, metadata={"description": "Of my settings and draft: the larger is the current one."}
    )
    draft = fields.Nested(ListedDraft, metadata={"description": "Absent if there is none."})
    item = fields.Nested(Item, allow_none=True, required=True)
    seq = Integer(0, required=True)
    version = Integer(0, required=True)


class Meta(ReplySchema):
    """Whether the list continues, and where."""

    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    nextCursor = Text(metadata={"description": "Absent on the last page."})


class ConversationPage(ReplySchema):
    """My conversations: pinned ones first, then the most recently active."""

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


class CompleteConversation(ReplySchema):
    """A conversation of which nothing is missing up to a version."""

    conversationId = Uuid(required=True)
    version = Integer(0, required=True)


class Changes(ReplySchema):
    """What changed: messages oldest first, other changes, and the conversations they belong to."""

    messages = fields.List(fields.Nested(Message), required=True)
    changes = fields.List(
        fields.Dict(),
        required=True,
        metadata={"description": "Other changes, each as the socket frame that announces it."},
    )
    conversations = fields.List(fields.Nested(Conversation), required=True)
    complete = fields.List(fields.Nested(CompleteConversation), required=True, metadata={"description": COMPLETE})
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
