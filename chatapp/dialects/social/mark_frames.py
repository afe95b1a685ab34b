"""Renders reactions, pinned, starred and hidden messages as frames of `/api/v1/chat/ws`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatapp.dialects.social.message_extras import reactions
from chatapp.events.families import Event
from chatapp.events.marks import MessageHidden, MessagePinned, MessageStarred, ReactionChanged, ReactionsGathered
from chatapp.ids.public import encode_chat, encode_message

_Frame = tuple[str, dict[str, Any]]


def _reaction_changed(event: ReactionChanged) -> _Frame:
    return "reaction.added" if event.is_added else "reaction.removed", {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
        "userId": event.user_uuid,
        "emoji": event.emoji,
        "reactions": reactions(event.reactions),
        "version": event.version,
    }


def _reactions_gathered(event: ReactionsGathered) -> _Frame:
    return "reactions.updated", {
        "conversationId": encode_chat(event.chat_id),
        "messages": [
            {
                "messageId": encode_message(message_id),
                "reactions": reactions(changes[-1].reactions),
                "changes": [
                    {"userId": change.user_uuid, "emoji": change.emoji, "isAdded": change.is_added}
                    for change in changes
                ],
                "version": changes[-1].version,
            }
            for message_id, changes in event.by_message().items()
        ],
        "fromVersion": event.from_version,
        "version": event.version,
    }


def _message_pinned(event: MessagePinned) -> _Frame:
    shown: dict[str, Any] = {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
    }
    if event.is_pinned:
        shown |= {"pinnedBy": event.pinned_by_uuid, "pinnedAt": event.changed_at}
    else:
        shown |= {"unpinnedBy": event.pinned_by_uuid}
    return "message.pinned" if event.is_pinned else "message.unpinned", {**shown, "version": event.version}


def _message_starred(event: MessageStarred) -> _Frame:
    return "message.starred" if event.is_starred else "message.unstarred", {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
        "changedAt": event.changed_at,
    }


def _message_hidden(event: MessageHidden) -> _Frame:
    return "message.hidden", {
        "conversationId": encode_chat(event.chat_id),
        "messageId": encode_message(event.message_id),
        "seq": event.seq,
    }


RENDERERS: Mapping[type[Event], Callable[[Any], _Frame]] = {
    ReactionChanged: _reaction_changed,
    ReactionsGathered: _reactions_gathered,
    MessagePinned: _message_pinned,
    MessageStarred: _message_starred,
    MessageHidden: _message_hidden,
}
