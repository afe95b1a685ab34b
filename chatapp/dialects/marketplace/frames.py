"""The frames of `/ws/chat`: what clients send, what they hear, and how an event becomes one.

The schemas of client frames validate; those of server frames are the document that tests check live frames against.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from marshmallow import ValidationError, fields, validates_schema

from chatapp import metrics
from chatapp.dialects.edge.fields import Boolean, Id, Integer, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.dialects.marketplace import replies, schemas
from chatapp.dialects.marketplace.schemas import MAX_READ_IDS
from chatapp.events import (
    ChatRead,
    Event,
    MessageSent,
    PresenceChanged,
    TypingChanged,
    UnreadCounted,
)


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


class MarkRead(RequestSchema):
    """I read a message, or messages of a chat, and everything before."""

    message_id = Id()
    chat_id = Id()
    message_ids = fields.List(Id())

    @validates_schema
    def one_form(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Either a message, or a chat and some of its messages."""
        by_chat = "chat_id" in data or "message_ids" in data
        if ("message_id" in data) == by_chat:
            raise ValidationError("Give message_id, or chat_id and message_ids.", "message_id")
        if by_chat and ("chat_id" not in data or not 1 <= len(data.get("message_ids", ())) <= MAX_READ_IDS):
            raise ValidationError(f"Give chat_id and 1 to {MAX_READ_IDS} ids.", "message_ids")


class Connected(ReplySchema):
    """The socket is open and hears from now on."""

    user_id = Id(required=True)
    timestamp = Timestamp(required=True)


class NewMessage(ReplySchema):
    """A message of one of my chats, my own ones included. It also says that its sender has read all before it."""

    chat_id = Id(required=True)
    message = fields.Nested(schemas.Message, required=True)
    payload = fields.Nested(schemas.Message, required=True, metadata={"description": "The same, for older clients."})
    version = Integer(1, required=True)


class MessageAck(ReplySchema):
    """My message is stored. Only on the socket that sent it."""

    client_message_id = Text(allow_none=True, required=True)
    message = fields.Nested(schemas.Message, required=True)


class MessageRead(ReplySchema):
    """Somebody (also I, elsewhere) read a chat up to this message."""

    message_id = Id(required=True)
    chat_id = Id(required=True)
    read_by = Id(required=True)
    read_at = Timestamp(required=True)
    up_to_seq = Integer(1, required=True)
    version = Integer(0, required=True)


class TypingTold(ReplySchema):
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


class PresenceTold(ReplySchema):
    """A chat partner came or left."""

    payload = fields.Nested(PresencePayload, required=True)


class OnlineUsersPayload(ReplySchema):
    """Ids of people."""

    users = fields.List(Id(), required=True)


class OnlineUsersList(ReplySchema):
    """Who of my chat partners is online."""

    payload = fields.Nested(OnlineUsersPayload, required=True)


class UnreadCountTold(ReplySchema):
    """Unread messages over all my chats, when it changed."""

    payload = fields.Nested(schemas.UnreadCount, required=True)


class Pong(ReplySchema):
    """Answers `ping` and `heartbeat`."""

    timestamp = Timestamp(required=True)


class ErrorTold(ReplySchema):
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
}
SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "new_message": NewMessage,
    "message_ack": MessageAck,
    "message_read": MessageRead,
    "typing": TypingTold,
    "user_online": PresenceTold,
    "user_offline": PresenceTold,
    "online_users_list": OnlineUsersList,
    "unread_count": UnreadCountTold,
    "pong": Pong,
    "error": ErrorTold,
}
metrics.know_frame_types([*CLIENT_FRAMES, *SERVER_FRAMES])


def encode(event: Event) -> bytes | None:
    """The frame that tells an event; None for events that this dialect does not tell."""
    renderer = _RENDERERS.get(type(event))
    return None if renderer is None else orjson.dumps(renderer(event))


def _message_sent(event: MessageSent) -> dict[str, Any]:
    message = replies.message_json(event.message)
    return {
        "type": "new_message",
        "chat_id": event.chat_id,
        "message": message,
        "payload": message,
        "version": event.version,
    }


def _chat_read(event: ChatRead) -> dict[str, Any]:
    return {
        "type": "message_read",
        "message_id": event.message_id,
        "chat_id": event.chat_id,
        "read_by": event.reader_id,
        "read_at": event.read_at,
        "up_to_seq": event.up_to_seq,
        "version": event.version,
    }


def _typing_changed(event: TypingChanged) -> dict[str, Any]:
    return {
        "type": "typing",
        "chat_id": event.chat_id,
        "user_id": event.user_id,
        "is_typing": event.is_typing,
        "version": event.version,
    }


def _presence_changed(event: PresenceChanged) -> dict[str, Any]:
    status = "online" if event.is_online else "offline"
    payload: dict[str, Any] = {"user_id": event.user_id, "status": status}
    if not event.is_online:
        payload["last_seen"] = event.last_seen
    return {"type": f"user_{status}", "payload": payload}


def _unread_counted(event: UnreadCounted) -> dict[str, Any]:
    return {"type": "unread_count", "payload": {"count": event.count}}


_RENDERERS: dict[type[Event], Callable[[Any], dict[str, Any]]] = {
    MessageSent: _message_sent,
    ChatRead: _chat_read,
    TypingChanged: _typing_changed,
    PresenceChanged: _presence_changed,
    UnreadCounted: _unread_counted,
}
