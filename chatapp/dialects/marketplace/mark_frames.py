"""Renders reactions, pinned, starred and hidden messages as frames of `/ws/chat`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chatapp.dialects.marketplace.message_extras import reactions
from chatapp.events.families import Event
from chatapp.events.marks import MessageHidden, MessagePinned, MessageStarred, ReactionChanged, ReactionsGathered


def _reaction_changed(event: ReactionChanged) -> dict[str, Any]:
    return {
        "type": "reaction_added" if event.is_added else "reaction_removed",
        "chat_id": event.chat_id,
        "message_id": event.message_id,
        "user_id": event.user_id,
        "emoji": event.emoji,
        "reactions": reactions(event.reactions),
        "version": event.version,
    }


def _reactions_gathered(event: ReactionsGathered) -> dict[str, Any]:
    return {
        "type": "reactions_updated",
        "chat_id": event.chat_id,
        "messages": [
            {
                "message_id": message_id,
                "reactions": reactions(changes[-1].reactions),
                "changes": [
                    {"user_id": change.user_id, "emoji": change.emoji, "is_added": change.is_added}
                    for change in changes
                ],
                "version": changes[-1].version,
            }
            for message_id, changes in event.by_message().items()
        ],
        "from_version": event.from_version,
        "version": event.version,
    }


def _message_pinned(event: MessagePinned) -> dict[str, Any]:
    shown: dict[str, Any] = {"chat_id": event.chat_id, "message_id": event.message_id}
    if event.is_pinned:
        shown = {"type": "message_pinned", **shown, "pinned_by": event.pinned_by, "pinned_at": event.changed_at}
    else:
        shown = {"type": "message_unpinned", **shown, "unpinned_by": event.pinned_by}
    return {**shown, "version": event.version}


def _message_starred(event: MessageStarred) -> dict[str, Any]:
    return {
        "type": "message_starred" if event.is_starred else "message_unstarred",
        "chat_id": event.chat_id,
        "message_id": event.message_id,
        "changed_at": event.changed_at,
    }


def _message_hidden(event: MessageHidden) -> dict[str, Any]:
    return {"type": "message_hidden", "chat_id": event.chat_id, "message_id": event.message_id, "seq": event.seq}


RENDERERS: Mapping[type[Event], Callable[[Any], dict[str, Any]]] = {
    ReactionChanged: _reaction_changed,
    ReactionsGathered: _reactions_gathered,
    MessagePinned: _message_pinned,
    MessageStarred: _message_starred,
    MessageHidden: _message_hidden,
}
