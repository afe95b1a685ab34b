"""Renders events as frames of `/api/v1/chat/ws`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from chatapp.dialects.social import mark_frames, moderation_replies, replies
from chatapp.events.assistant import SessionClaimed
from chatapp.events.moderation import (
    SentMessage,
    ShadowMessageDeleted,
    ShadowMessageEdited,
    ShadowMessageSent,
    WarningChanged,
)
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import (
    AttachmentsUpdated,
    ChatAdvanced,
    ChatDeleted,
    ChatLeft,
    ChatRead,
    DraftUpdated,
    Event,
    LinkPreviewUpdated,
    MessageDeleted,
    MessageEdited,
    MessageSent,
    PresenceChanged,
    PrivacyChanged,
    TypingChanged,
    UnreadCounted,
)
from chatapp.ids.public import encode_chat, encode_message
from chatapp.queries.live import ConversationJoined, ConversationUpdated


def encode(event: Event) -> bytes | None:
    """Encode an event as a frame; None for events that this dialect does not send."""
    frame = render_event(event)
    return None if frame is None else orjson.dumps(frame)


def render_event(event: Event) -> dict[str, Any] | None:
    """Render an event as a frame, not yet encoded, as catch-ups list it; None as for `encode`."""
    renderer = _RENDERERS.get(type(event))
    if renderer is None:
        return None
    kind, payload = renderer(event)
    return {"type": kind, "payload": payload}


def encode_acknowledgement(event: SentMessage) -> bytes:
    """Encode the acknowledgement that the sending socket receives in place of `message.new`."""
    return orjson.dumps(render_acknowledgement(event.message, version=event.version))


def render_acknowledgement(message: MessageSnapshot, *, version: int | None = None) -> dict[str, Any]:
    """Render `message.sent`, which only the sender receives.

    Parameters:
        version: the message's version in the order of live frames; None: its current version.
    """
    sender = message.sender
    shown = replies.message(message, viewer_id=sender.id, online=(sender.uuid,))
    message_shown = shown if version is None else {**shown, "version": version}
    return {"type": "message.sent", "payload": {"tempId": message.client_key, "message": message_shown}}


_Frame = tuple[str, dict[str, Any]]


def _message_sent(event: SentMessage) -> _Frame:
    # A sender over a socket is online, which the message itself shows, even if it is hidden otherwise. Presence of a
    # sender over REST is not known here.
    online = None if event.origin is None else (event.message.sender.uuid,)
    return "message.new", _live_message(event, online)


def _message_updated(event: MessageEdited | ShadowMessageEdited | AttachmentsUpdated | LinkPreviewUpdated) -> _Frame:
    return "message.updated", _live_message(event)


def _live_message(
    event: SentMessage | MessageEdited | ShadowMessageEdited | AttachmentsUpdated | LinkPreviewUpdated,
    online: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    # A replayed event carries the current message under the event's version: on a socket, versions never go back.
    return {**replies.message(event.message, online=online), "version": event.version}


def _message_deleted(event: MessageDeleted | ShadowMessageDeleted) -> _Frame:
    return "message.deleted", {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
        "deletedBy": event.deleted_by_uuid,
        "deletedAt": event.deleted_at,
        "version": event.version,
    }


def _chat_advanced(event: ChatAdvanced) -> _Frame:
    return "conversation.advanced", {
        "conversationId": encode_chat(event.chat_id),
        "fromVersion": event.from_version,
        "version": event.version,
    }


def _session_claimed(event: SessionClaimed) -> _Frame:
    # Names of senders have changed: nothing else than the version that a client of this dialect could follow.
    return _chat_advanced(ChatAdvanced(event.recipients, event.chat_id, event.version, event.version))


def _chat_deleted(event: ChatDeleted) -> _Frame:
    return "conversation.deleted", {
        "conversationId": encode_chat(event.chat_id),
        "deletedBy": event.deleted_by_uuid,
        "version": event.version,
    }


def _draft_updated(event: DraftUpdated) -> _Frame:
    return "draft.updated", {"conversationId": encode_chat(event.chat_id), **replies.draft(event)}


def _chat_joined(event: ConversationJoined) -> _Frame:
    return "conversation.joined", {
        "conversationId": encode_chat(event.chat_id),
        "conversation": replies.conversation(event.summary, is_online=False),
        "version": event.version,
    }


def _chat_left(event: ChatLeft) -> _Frame:
    removed_by = {"removedBy": event.removed_by_uuid} if event.removed_by is not None else {}
    return "conversation.left", {
        "conversationId": encode_chat(event.chat_id),
        **removed_by,
        "version": event.version,
    }


def _chat_read(event: ChatRead) -> _Frame:
    return "message.read", {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
        "readBy": event.reader_uuid,
        "readAt": event.read_at,
        "upToSeq": event.up_to_seq,
        "version": event.version,
    }


def _typing_changed(event: TypingChanged) -> _Frame:
    return "typing", {
        "conversationId": encode_chat(event.chat_id),
        "userId": event.user_uuid,
        "isTyping": event.is_typing,
        "version": event.version,
    }


def _presence_changed(event: PresenceChanged) -> _Frame:
    if event.is_online:
        return "user.online", {"userId": event.user_uuid}
    last_seen = {} if event.last_seen is None else {"lastSeen": event.last_seen}
    return "user.offline", {"userId": event.user_uuid, **last_seen}


def _privacy_changed(event: PrivacyChanged) -> _Frame:
    return "privacy.changed", {"hideLastSeen": event.hide_last_seen}


def _conversation_updated(event: ConversationUpdated) -> _Frame:
    return "conversation.updated", replies.conversation(event.summary, is_online=event.is_other_online)


def _unread_counted(event: UnreadCounted) -> _Frame:
    return "notification.unread", {"count": event.count}


def _warning_changed(event: WarningChanged) -> _Frame:
    return "notification.warning", moderation_replies.warning(event)


_RENDERERS: dict[type[Event], Callable[[Any], _Frame]] = {
    MessageSent: _message_sent,
    MessageEdited: _message_updated,
    AttachmentsUpdated: _message_updated,
    LinkPreviewUpdated: _message_updated,
    MessageDeleted: _message_deleted,
    ChatAdvanced: _chat_advanced,
    SessionClaimed: _session_claimed,
    ChatDeleted: _chat_deleted,
    DraftUpdated: _draft_updated,
    ConversationJoined: _chat_joined,
    ChatLeft: _chat_left,
    ChatRead: _chat_read,
    TypingChanged: _typing_changed,
    PresenceChanged: _presence_changed,
    PrivacyChanged: _privacy_changed,
    ConversationUpdated: _conversation_updated,
    UnreadCounted: _unread_counted,
    WarningChanged: _warning_changed,
    ShadowMessageSent: _message_sent,
    ShadowMessageEdited: _message_updated,
    ShadowMessageDeleted: _message_deleted,
    **mark_frames.RENDERERS,
}
