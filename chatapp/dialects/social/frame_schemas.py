"""The payloads of the frames of `/api/v1/chat/ws` by their types. Those of clients validate; those of the server are
what tests check live frames against, and both are printed into AsyncAPI."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.social import schemas
from chatapp.dialects.social.file_schemas import AttachmentIds, MessageType
from chatapp.dialects.social.schemas import DEFAULT_CATCH_UP, TempId
from chatapp.edge.catchup import MAX_CATCH_UP, MAX_CURSOR
from chatapp.edge.http.fields import (
    CONTENT_BOUND,
    Boolean,
    Integer,
    Limit,
    ReplySchema,
    RequestSchema,
    Text,
    Timestamp,
    Uuid,
)


class Auth(RequestSchema):
    """Who I am. The first frame of a socket that was opened without a ticket or token, within 5 s."""

    token = Text(required=True)


class MessageSend(RequestSchema):
    """Send a message. The same `tempId` with the same message sends it once."""

    together = schemas.SENT_TOGETHER

    conversationId = Uuid(required=True)
    content = Text(required=True, metadata={"description": schemas.CONTENT, **CONTENT_BOUND})
    messageType = MessageType()
    attachmentIds = AttachmentIds()
    tempId = TempId()


class MessageEdit(schemas.EditMessage):
    """Change the text of a message of mine."""

    messageId = Uuid(required=True)


class MessageDelete(RequestSchema):
    """Take back a message of mine."""

    messageId = Uuid(required=True)


class MessageRead(RequestSchema):
    """I read a conversation up to a message, or all of it."""

    conversationId = Uuid(required=True)
    messageId = Uuid(load_default=None, allow_none=True)


class Typing(RequestSchema):
    """I began or ceased to type. Ends by itself when it is not renewed."""

    conversationId = Uuid(required=True)
    isTyping = Boolean(required=True)


class Resume(RequestSchema):
    """Tell what I have missed. To be asked again with the cursor of the answer while that has more."""

    cursor = Text(MAX_CURSOR, 1, required=True)
    limit = Limit(MAX_CATCH_UP, DEFAULT_CATCH_UP)


class Ping(RequestSchema):
    """Asks for a `pong`. Free of limits."""


class Connected(ReplySchema):
    """The socket is open and hears from now on."""

    userId = Uuid(required=True)
    timestamp = Timestamp(required=True)
    cursor = Text(required=True, metadata={"description": "For `resume`: everything until now has been seen."})


class MessageSent(ReplySchema):
    """My message is stored. Only on the socket that sent it, instead of `message.new` and at its place in the order of
    live frames. The answer to a repeated `tempId` comes at once, outside of that order."""

    tempId = Text(allow_none=True, required=True)
    message = fields.Nested(schemas.Message, required=True)


class ErrorFrame(ReplySchema):
    """A frame was refused. The socket stays open."""

    code = Text(required=True, metadata={"description": "Of the reason, such as CONVERSATION_NOT_FOUND."})
    error = Text(required=True, metadata={"description": "The same for people."})
    details = fields.Dict(metadata={"description": "Fields that are wrong; or `retryAfter`, seconds."})


class MessageError(ErrorFrame):
    """My message was not sent."""

    tempId = Text(allow_none=True, required=True)


class MessageNew(schemas.Message):
    """A message of one of my conversations, my own from elsewhere included. Its sender has read all before it."""


class MessageUpdated(schemas.Message):
    """A message has a new text, or other files."""


class MessageDeleted(ReplySchema):
    """A message was taken back: its text is gone, its place stays."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    deletedBy = Uuid(required=True)
    deletedAt = Timestamp(required=True)
    version = Integer(1, required=True)


class ConversationDeleted(ReplySchema):
    """A conversation was removed for good."""

    conversationId = Uuid(required=True)
    deletedBy = Uuid(required=True)
    version = Integer(1, required=True)


class MessageReadEvent(ReplySchema):
    """Somebody (also I, elsewhere) read a conversation up to this message."""

    conversationId = Uuid(required=True)
    messageId = Uuid(required=True)
    readBy = Uuid(required=True)
    readAt = Timestamp(required=True)
    upToSeq = Integer(1, required=True)
    version = Integer(0, required=True)


class TypingEvent(ReplySchema):
    """The other began or ceased to type."""

    conversationId = Uuid(required=True)
    userId = Uuid(required=True)
    isTyping = Boolean(required=True)
    version = Integer(0, required=True)


class UserOnline(ReplySchema):
    """Somebody whom I have a conversation with came; or is there, when the first message of one is sent."""

    userId = Uuid(required=True)


class UserOffline(ReplySchema):
    """Somebody whom I have a conversation with left."""

    userId = Uuid(required=True)
    lastSeen = Timestamp(metadata={"description": "Left out where I must not know."})


class ConversationUpdated(schemas.Conversation):
    """A conversation of mine as it stands in the list now; at most once a second."""


class NotificationUnread(schemas.Count):
    """Unread messages over all my conversations, when their number changed."""


class Resumed(schemas.Changes):
    """What I have missed, a page of it."""


class Pong(ReplySchema):
    """Answers `ping`."""

    timestamp = Timestamp(required=True)


CLIENT_FRAMES: dict[str, type[RequestSchema]] = {
    "auth": Auth,
    "message.send": MessageSend,
    "message.edit": MessageEdit,
    "message.delete": MessageDelete,
    "message.read": MessageRead,
    "typing": Typing,
    "resume": Resume,
    "ping": Ping,
}
SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "message.sent": MessageSent,
    "message.error": MessageError,
    "message.new": MessageNew,
    "message.updated": MessageUpdated,
    "message.deleted": MessageDeleted,
    "message.read": MessageReadEvent,
    "conversation.updated": ConversationUpdated,
    "conversation.deleted": ConversationDeleted,
    "typing": TypingEvent,
    "user.online": UserOnline,
    "user.offline": UserOffline,
    "notification.unread": NotificationUnread,
    "resumed": Resumed,
    "pong": Pong,
    "error": ErrorFrame,
}
