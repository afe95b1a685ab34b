"""Renders events as frames of `/ws/chat`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from chatapp.dialects.marketplace import mark_frames, replies
from chatapp.events.assistant import SessionClaimed
from chatapp.events.moderation import (
    SentMessage,
    ShadowMessageDeleted,
    ShadowMessageEdited,
    ShadowMessageSent,
    WarningChanged,
)
from chatapp.events.types import (
    AttachmentsUpdated,
    ChatAdvanced,
    ChatDeleted,
    ChatLeft,
    ChatRead,
    ChatSettingsChanged,
    DraftUpdated,
    Event,
    LinkPreviewUpdated,
    MessageDeleted,
    MessageEdited,
    MessageRepeated,
    MessageSent,
    PresenceChanged,
    PrivacyChanged,
    TypingChanged,
    UnreadCounted,
)
from chatapp.queries.live import ConversationJoined


def encode(event: Event) -> bytes | None:
    """Encode an event as a frame; None for events that this dialect does not send."""
    frame = render_event(event)
    return None if frame is None else orjson.dumps(frame)


def render_event(event: Event) -> dict[str, Any] | None:
    """Render an event as a frame, not yet encoded, as catch-ups list it; None as for `encode`."""
    renderer = _RENDERERS.get(type(event))
    return None if renderer is None else renderer(event)


def _message_sent(event: SentMessage | MessageRepeated) -> dict[str, Any]:
    message = replies.message_json(event.message)
    return {
        "type": "new_message",
        "chat_id": event.chat_id,
        "message": message,
        "payload": message,
        "version": event.version,
    }


def _message_edited(event: MessageEdited | ShadowMessageEdited) -> dict[str, Any]:
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


def _message_deleted(event: MessageDeleted | ShadowMessageDeleted) -> dict[str, Any]:
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


def _link_preview_updated(event: LinkPreviewUpdated) -> dict[str, Any]:
    return {
        "type": "message_updated",
        "chat_id": event.chat_id,
        "message_id": event.message.id,
        "message": replies.message(event.message),
        "version": event.version,
    }


def _chat_advanced(event: ChatAdvanced) -> dict[str, Any]:
    return {
        "type": "chat_advanced",
        "chat_id": event.chat_id,
        "from_version": event.from_version,
        "version": event.version,
    }


def _session_claimed(event: SessionClaimed) -> dict[str, Any]:
    # Names of senders have changed: nothing else than the version that a client of this dialect could follow.
    return _chat_advanced(ChatAdvanced(event.recipients, event.chat_id, event.version, event.version))


def _chat_deleted(event: ChatDeleted) -> dict[str, Any]:
    return {
        "type": "chat_deleted",
        "chat_id": event.chat_id,
        "deleted_by": event.deleted_by,
        "version": event.version,
    }


def _chat_settings_changed(event: ChatSettingsChanged) -> dict[str, Any] | None:
    if event.settings is None:
        return None
    return {
        "type": "chat_settings_updated",
        "chat_id": event.chat_id,
        "settings": replies.chat_settings(event.settings),
        "settings_version": event.settings.version,
        "seq": event.settings.seq,
    }


def _draft_updated(event: DraftUpdated) -> dict[str, Any]:
    return {"type": "draft_updated", "chat_id": event.chat_id, **replies.draft(event)}


def _chat_joined(event: ConversationJoined) -> dict[str, Any]:
    return {
        "type": "chat_joined",
        "chat_id": event.chat_id,
        "chat": replies.chat(event.summary, online=set(), show_emails=False),  # the entry of a group shows no user
        "version": event.version,
    }


def _chat_left(event: ChatLeft) -> dict[str, Any]:
    return {
        "type": "chat_left",
        "chat_id": event.chat_id,
        "removed_by": event.removed_by,
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


def _privacy_changed(event: PrivacyChanged) -> dict[str, Any]:
    return {"type": "privacy_changed", "payload": {"hide_last_seen": event.hide_last_seen}}


def _unread_counted(event: UnreadCounted) -> dict[str, Any]:
    return {"type": "unread_count", "payload": {"count": event.count}}


def _warning_changed(event: WarningChanged) -> dict[str, Any]:
    shown = ("id", "message_id", "reason", "created_at", "acknowledged_at")
    return {"type": "warning", **{name: getattr(event, name) for name in shown}}


_RENDERERS: dict[type[Event], Callable[[Any], dict[str, Any] | None]] = {
    MessageSent: _message_sent,
    MessageRepeated: _message_sent,
    MessageEdited: _message_edited,
    MessageDeleted: _message_deleted,
    AttachmentsUpdated: _attachments_updated,
    LinkPreviewUpdated: _link_preview_updated,
    ChatAdvanced: _chat_advanced,
    SessionClaimed: _session_claimed,
    ChatDeleted: _chat_deleted,
    ChatSettingsChanged: _chat_settings_changed,
    DraftUpdated: _draft_updated,
    ConversationJoined: _chat_joined,
    ChatLeft: _chat_left,
    ChatRead: _chat_read,
    TypingChanged: _typing_changed,
    PresenceChanged: _presence_changed,
    PrivacyChanged: _privacy_changed,
    UnreadCounted: _unread_counted,
    WarningChanged: _warning_changed,
    ShadowMessageSent: _message_sent,
    ShadowMessageEdited: _message_edited,
    ShadowMessageDeleted: _message_deleted,
    **mark_frames.RENDERERS,
}
