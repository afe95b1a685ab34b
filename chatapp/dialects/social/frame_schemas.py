"""Schemas of the payloads of `/api/v1/chat/ws`. Client payloads are validated by them, live server payloads are checked
against them in tests, and AsyncAPI is printed from both."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.social import group_schemas, mark_schemas, reply_schemas, request_schemas
from chatapp.dialects.social.moderation_schemas import NotificationWarning
from chatapp.dialects.social.request_schemas import DEFAULT_CATCH_UP
from chatapp.dialects.social.settings_schemas import DraftUpdated
from chatapp.edge.catchup import KNOWN, MAX_CATCH_UP, MAX_CURSOR, MAX_KNOWN
from chatapp.edge.http.fields import (
    Boolean,
    Integer,
    Items,
    Limit,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
    Uuid,
)
from chatapp.ids.snowflake import MAX_ID


class Auth(RequestSchema):
    """Authenticate. The first frame of a socket opened without a ticket or token, due within 5 s."""

    token = Text(required=True)


class MessageSend(request_schemas.SendMessage):
    """Send a message. Repeating the frame with the same `tempId` sends it only once."""

    conversationId = Uuid(required=True)


class MessageEdit(request_schemas.EditMessage):
    """Edit the text of one of my messages."""

    messageId = Uuid(required=True)


class MessageDelete(RequestSchema):
    """Delete one of my messages."""

    messageId = Uuid(required=True)


class MessageRead(RequestSchema):
    """Mark a conversation as read, up to a message or all of it."""

    conversationId = Uuid(required=True)
    messageId = Uuid(load_default=None, allow_none=True)


class Typing(RequestSchema):
    """Announce that I started or stopped typing. Expires unless renewed."""

    conversationId = Uuid(required=True)
    isTyping = Boolean(required=True)


class KnownConversation(RequestSchema):
    """A conversation in which I know every change up to a version."""

    conversationId = Uuid(required=True)
    version = Integer(0, MAX_ID, required=True)


class Resume(RequestSchema):
    """Request missed messages and changes. Repeat with the returned cursor while there is more."""

    cursor = Text(MAX_CURSOR, 1, required=True)
    limit = Limit(MAX_CATCH_UP, DEFAULT_CATCH_UP)
    known = Items(fields.Nested(KnownConversation), MAX_KNOWN, load_default=(), metadata={"description": KNOWN})


class Ping(RequestSchema):
    """Request a `pong`. Not rate-limited."""


class Connected(ReplySchema):
    """The socket is open and receives events from now on."""

    userId = Uuid(required=True)
    timestamp = Timestamp(required=True)
    cursor = Text(required=True, metadata={"description": "For `resume`: marks everything up to now as seen."})


class MessageSent(ReplySchema):
    """My message is stored. Sent only to the socket it came from, in place of `message.new`.

    It keeps the message's position in the order of live frames. The response to a repeated `tempId` is sent at once,
    outside that order.
    """

    tempId = Text(allow_none=True, required=True)
    message = fields.Nested(reply_schemas.Message, required=True)


class ErrorFrame(ReplySchema):
    """A frame was refused. The socket stays open."""

    code = Text(required=True, metadata={"description": "Error code, such as `CONVERSATION_NOT_FOUND`."})
    error = Text(required=True, metadata={"description": "Human-readable message."})
    details = fields.Dict(metadata={"description": "Reasons by invalid field, or `retryAfter` in seconds."})


class MessageError(ErrorFrame):
    """My message was refused."""

    tempId = Text(allow_none=True, required=True)


class MessageNew(reply_schemas.Message):
    """A message in one of my conversations, including my own from other devices. Its sender has read all before it."""


class MessageUpdated(reply_schemas.Message):
    """The text, the files or the link preview of a message have changed."""


class MessageDeleted(ReplySchema):
    """A message was deleted. Its text is erased; its `seq` remains."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    deletedBy = Uuid(required=True)
    deletedAt = Timestamp(required=True)
    version = Integer(1, required=True)


class ConversationAdvanced(reply_schemas.VersionRange):
    """Changes that I do not see: only the version moves on.

    They are of messages that I have hidden; or, in a group, of users that I block, or from before I joined.
    """

    conversationId = Uuid(required=True)


class ConversationDeleted(ReplySchema):
    """A conversation was deleted permanently."""

    conversationId = Uuid(required=True)
    deletedBy = Uuid(required=True)
    version = Integer(1, required=True)


class MessageReadEvent(ReplySchema):
    """A member read a conversation up to this message; also sent for my own reads on other devices."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    readBy = Uuid(required=True)
    readAt = Timestamp(required=True)
    upToSeq = Integer(1, required=True)
    version = Integer(0, required=True)


class TypingEvent(ReplySchema):
    """A chat partner started or stopped typing."""

    conversationId = Uuid(required=True)
    userId = Uuid(required=True)
    isTyping = Boolean(required=True)
    version = Integer(0, required=True)


class UserOnline(ReplySchema):
    """A conversation partner came online, or is online when the first message of a conversation is sent."""

    userId = Uuid(required=True)


class UserOffline(ReplySchema):
    """A conversation partner went offline."""

    userId = Uuid(required=True)
    lastSeen = Timestamp(metadata={"description": "Absent if hidden from me."})


class PrivacyChanged(ReplySchema):
    """One of my devices changed whether others see when I am online and was last seen. Sent to all my devices."""

    hideLastSeen = Boolean(required=True)


class ConversationUpdated(reply_schemas.Conversation):
    """The current state of one of my conversations as listed. Sent at most once a second."""


class NotificationUnread(reply_schemas.Count):
    """The number of unread messages in all my conversations has changed."""


class Resumed(reply_schemas.Changes):
    """A page of missed messages and changes."""


class Pong(ReplySchema):
    """Response to `ping`."""

    timestamp = Timestamp(required=True)


SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "message.sent": MessageSent,
    "message.error": MessageError,
    "message.new": MessageNew,
    "message.updated": MessageUpdated,
    "message.deleted": MessageDeleted,
    "reaction.added": mark_schemas.ReactionAdded,
    "reaction.removed": mark_schemas.ReactionRemoved,
    "reactions.updated": mark_schemas.ReactionsUpdated,
    "message.pinned": mark_schemas.MessagePinned,
    "message.unpinned": mark_schemas.MessageUnpinned,
    "message.starred": mark_schemas.MessageStarred,
    "message.unstarred": mark_schemas.MessageUnstarred,
    "message.hidden": mark_schemas.MessageHidden,
    "message.read": MessageReadEvent,
    "conversation.updated": ConversationUpdated,
    "conversation.advanced": ConversationAdvanced,
    "conversation.joined": group_schemas.ConversationJoined,
    "conversation.left": group_schemas.ConversationLeft,
    "conversation.deleted": ConversationDeleted,
    "draft.updated": DraftUpdated,
    "typing": TypingEvent,
    "user.online": UserOnline,
    "user.offline": UserOffline,
    "privacy.changed": PrivacyChanged,
    "notification.unread": NotificationUnread,
    "notification.warning": NotificationWarning,
    "resumed": Resumed,
    "pong": Pong,
    "error": ErrorFrame,
}
