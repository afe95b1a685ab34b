"""Renders events as frames of `/ws/chat`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from chatapp.dialects.marketplace import replies
from chatapp.events.types import (
    AttachmentsUpdated,
    ChatAdvanced,
    ChatDeleted,
    ChatRead,
    Event,
    MessageDeleted,
    MessageEdited,
    MessageRepeated,
    MessageSent,
    PresenceChanged,
    TypingChanged,
    UnreadCounted,
)


def encode(event: Event) -> bytes | None:
    """Encode an event as a frame; None for events that this dialect does not send."""
    frame = render_event(event)
    return None if frame is None else orjson.dumps(frame)


def render_event(event: Event) -> dict[str, Any] | None:
    """Render an event as a frame, not yet encoded, as catch-ups list it; None as for `encode`."""
    renderer = _RENDERERS.get(type(event))
    return None if renderer is None else renderer(event)


def _message_sent(event: MessageSent | MessageRepeated) -> dict[str, Any]:
    message = replies.message_json(event.message)
    return {
        "type": "new_message",
        "chat_id": event.chat_id,
        "message": message,
        "payload": message,
        "version": event.version,
    }


def _message_edited(event: MessageEdited) -> dict[str, Any]:
    message = event.message
    return {
        "type": "message_edited",
        "chat_id": event.chat_id,
        "message_id": message.id,
        "message": replies.message(message),
        "payload": {
            "message_id": message.id,
            "chat_id": event.chat_id,
            "content": replies.visible_content(message),
            "edited_at": message.updated_at,
        },
        "version": event.version,
    }


def _message_deleted(event: MessageDeleted) -> dict[str, Any]:
    ids = {"message_id": event.message_id, "chat_id": event.chat_id, "deleted_by": event.deleted_by}
    return {
        "type": "message_deleted",
        **ids,
        "deleted_at": event.deleted_at,
        "payload": ids,
        "version": event.version,
    }


def _attachments_updated(event: AttachmentsUpdated) -> dict[str, Any]:
    message = replies.message(event.message)
    ids = {"message_id": event.message_id, "chat_id": event.chat_id}
    files = {"attachments": message["attachments"]}
    return {
        "type": "attachments_updated",
        **ids,
        **files,
        "message": message,
        "payload": {**ids, "attachments_count": message["attachments_count"], **files},
        "version": event.version,
    }


def _chat_advanced(event: ChatAdvanced) -> dict[str, Any]:
    return {
        "type": "chat_advanced",
        "chat_id": event.chat_id,
        "from_version": event.from_version,
        "version": event.version,
    }


def _chat_deleted(event: ChatDeleted) -> dict[str, Any]:
    return {
        "type": "chat_deleted",
        "chat_id": event.chat_id,
        "deleted_by": event.deleted_by,
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
    MessageRepeated: _message_sent,
    MessageEdited: _message_edited,
    MessageDeleted: _message_deleted,
    AttachmentsUpdated: _attachments_updated,
    ChatAdvanced: _chat_advanced,
    ChatDeleted: _chat_deleted,
    ChatRead: _chat_read,
    TypingChanged: _typing_changed,
    PresenceChanged: _presence_changed,
    UnreadCounted: _unread_counted,
}
