"""The frames of `/ws/chat` by their types. Those of clients validate; those of the server are what tests check live
frames against, and both are printed into AsyncAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from chatapp.dialects.marketplace import schemas
from chatapp.dialects.marketplace.file_schemas import Attachment
from chatapp.dialects.marketplace.schemas import MAX_READ_IDS
from chatapp.edge.catchup import MAX_CATCH_UP, MAX_CURSOR
from chatapp.edge.http.fields import Boolean, Id, Integer, Items, Limit, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.http.middleware import MAX_KEY_LENGTH


class Ping(RequestSchema):
    """Asks for a `pong`. Free of limits."""


class Heartbeat(RequestSchema):
    """Says that the client is there; answered with a `pong`. Free of limits."""


class GetOnlineUsers(RequestSchema):
    """Asks who of my chat partners is online."""


class Typing(RequestSchema):
    """I began or ceased to type. Ends by itself when it is not renewed."""

    chat_id = Id(required=True)
    is_typing = Boolean(required=True)


class EditMessage(schemas.EditMessage):
    """Change the text of a message of mine."""

    message_id = Id(required=True)
    client_message_id = Text(min_length=1, max_length=MAX_KEY_LENGTH, load_default=None, allow_none=True)


class DeleteMessage(RequestSchema):
    """Take back a message of mine."""

    message_id = Id(required=True)


class Resume(RequestSchema):
    """Tell what I have missed. To be asked again with the cursor of the answer while that has more."""

    cursor = Text(required=True, min_length=1, max_length=MAX_CURSOR)
    limit = Limit(MAX_CATCH_UP, schemas.MAX_LIMIT)


class MarkRead(RequestSchema):
    """I read a message, or messages of a chat, and everything before."""

    together: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": ["message_id"]}, {"required": ["chat_id", "message_ids"]}]
    }

    message_id = Id()
    chat_id = Id()
    message_ids = Items(Id(), MAX_READ_IDS, 1)

    @validates_schema
    def one_form(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Either a message, or a chat and some of its messages."""
        by_chat = "chat_id" in data or "message_ids" in data
        if ("message_id" in data) == by_chat:
            raise ValidationError("Give message_id, or chat_id and message_ids.", "message_id")
        if by_chat and not ("chat_id" in data and "message_ids" in data):
            raise ValidationError(f"Give chat_id and 1 to {MAX_READ_IDS} ids.", "message_ids")


class Connected(ReplySchema):
    """The socket is open and hears from now on."""

    user_id = Id(required=True)
    timestamp = Timestamp(required=True)
    cursor = Text(required=True, metadata={"description": "For `resume`: everything until now has been seen."})


class NewMessage(ReplySchema):
    """A message of one of my chats, my own ones included. It also says that its sender has read all before it.

    Comes once more after an `attachments_updated` that added files, with the same `version`: a message whose id and
    version are known is no news.
    """

    chat_id = Id(required=True)
    message = fields.Nested(schemas.Message, required=True)
    payload = fields.Nested(schemas.Message, required=True, metadata={"description": "The same, for older clients."})
    version = Integer(1, required=True)


class MessageAck(ReplySchema):
    """My message is stored. Only on the socket that sent it."""

    client_message_id = Text(allow_none=True, required=True)
    message = fields.Nested(schemas.Message, required=True)


class EditedPayload(ReplySchema):
    """What an edit changed, for clients that look into payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    content = Text(required=True)
    edited_at = Timestamp(required=True)


class MessageEditedEvent(ReplySchema):
    """A message has a new text."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    message = fields.Nested(schemas.Message, required=True)
    payload = fields.Nested(EditedPayload, required=True)
    version = Integer(1, required=True)


class DeletedPayload(ReplySchema):
    """Which message was taken back, for clients that look into payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    deleted_by = Id(required=True)


class MessageDeletedEvent(ReplySchema):
    """A message was taken back: its text is gone, its place stays."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    deleted_by = Id(required=True)
    deleted_at = Timestamp(required=True)
    payload = fields.Nested(DeletedPayload, required=True)
    version = Integer(1, required=True)


class AttachmentsPayload(ReplySchema):
    """Which files a message has now, for clients that look into payloads."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    attachments_count = Integer(0, required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)


class AttachmentsUpdatedEvent(ReplySchema):
    """Files were added to a message, or taken from it. Those that it has now. Where files were added, `new_message`
    follows with the same message, for clients that know no other frame about messages."""

    chat_id = Id(required=True)
    message_id = Id(required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)
    message = fields.Nested(schemas.Message, required=True)
    payload = fields.Nested(AttachmentsPayload, required=True)
    version = Integer(1, required=True)


class ChatDeletedEvent(ReplySchema):
    """A chat was removed for good."""

    chat_id = Id(required=True)
    deleted_by = Id(required=True)
    version = Integer(1, required=True)


class Resumed(schemas.Changes):
    """What I have missed, a page of it."""


class MessageRead(ReplySchema):
    """Somebody (also I, elsewhere) read a chat up to this message."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    read_by = Id(required=True)
    read_at = Timestamp(required=True)
    up_to_seq = Integer(1, required=True)
    version = Integer(0, required=True)


class TypingEvent(ReplySchema):
    """The other began or ceased to type."""

    chat_id = Id(required=True)
    user_id = Id(required=True)
    is_typing = Boolean(required=True)
    version = Integer(0, required=True)


class PresencePayload(ReplySchema):
    """Whose presence changed."""

    user_id = Id(required=True)
    status = Text(required=True, metadata={"enum": ["online", "offline"]})
    last_seen = Timestamp(allow_none=True)


class PresenceEvent(ReplySchema):
    """A chat partner came or left; or is there, when the first message of a chat is sent."""

    payload = fields.Nested(PresencePayload, required=True)


class OnlineUsersPayload(ReplySchema):
    """Ids of people."""

    users = fields.List(Id(), required=True)


class OnlineUsersList(ReplySchema):
    """Who of my chat partners is online."""

    payload = fields.Nested(OnlineUsersPayload, required=True)


class UnreadCountEvent(ReplySchema):
    """Unread messages over all my chats, when it changed."""

    payload = fields.Nested(schemas.UnreadCount, required=True)


class Pong(ReplySchema):
    """Answers `ping` and `heartbeat`."""

    timestamp = Timestamp(required=True)


class ErrorFrame(ReplySchema):
    """A frame was refused. The socket stays open."""

    error = Text(required=True, metadata={"description": "Key of the reason, such as marketplace.chatNotFound."})
    message = Text(required=True)
    details = fields.Dict()
    retry_after = Integer(1, metadata={"description": "Seconds."})
    client_message_id = Text(metadata={"description": "Of the message that was refused."})


CLIENT_FRAMES: dict[str, type[RequestSchema]] = {
    "message": schemas.SendMessage,
    "ping": Ping,
    "heartbeat": Heartbeat,
    "get_online_users": GetOnlineUsers,
    "typing": Typing,
    "mark_read": MarkRead,
    "edit_message": EditMessage,
    "delete_message": DeleteMessage,
    "resume": Resume,
}
SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "new_message": NewMessage,
    "message_ack": MessageAck,
    "message_read": MessageRead,
    "message_edited": MessageEditedEvent,
    "message_deleted": MessageDeletedEvent,
    "attachments_updated": AttachmentsUpdatedEvent,
    "chat_deleted": ChatDeletedEvent,
    "resumed": Resumed,
    "typing": TypingEvent,
    "user_online": PresenceEvent,
    "user_offline": PresenceEvent,
    "online_users_list": OnlineUsersList,
    "unread_count": UnreadCountEvent,
    "pong": Pong,
    "error": ErrorFrame,
}
