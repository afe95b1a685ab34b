"""Renders messages, conversations and missed changes with presence and receipts, the same over REST and socket."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chatapp import presence as online_people
from chatapp.actions import presence_changes
from chatapp.auth.actor import Actor
from chatapp.dialects.social import frames, replies
from chatapp.edge import catchup
from chatapp.edge.catchup import CatchUpPage, current_cursor
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids.public import encode_chat
from chatapp.queries import people, receipts
from chatapp.queries.chat_summaries import ChatSummary
from config import Settings


def missed_since(
    actor: Actor, cursor: str, settings: Settings, *, limit: int, known: Mapping[int, int] = catchup.NOTHING_KNOWN
) -> dict[str, Any]:
    """A page of what changed since a cursor; without one, only the current cursor.

    Parameters:
        known: see `catchup.load_page`.

    Raises:
        Unreadable: `bad_cursor`.
    """
    if cursor:
        missed = catchup.load_page(actor, cursor, settings, limit=limit, known=known)
    else:
        missed = CatchUpPage([], [], [], {}, current_cursor(actor, settings), has_more=False, full_sync=False)
    online = presence_changes.online_in(actor, missed.chats)
    return {
        "messages": _with_receipts(actor, missed.messages, {*online, actor.uuid}),
        "changes": [frame for change in missed.changes if (frame := frames.render_event(change)) is not None],
        "conversations": _conversations(missed.chats, online),
        "complete": [
            {"conversationId": encode_chat(chat_id), "version": version} for chat_id, version in missed.complete.items()
        ],
        "cursor": missed.cursor,
        "hasMore": missed.has_more,
        "fullSync": missed.full_sync,
    }


def render_conversations(actor: Actor, summaries: list[ChatSummary]) -> list[dict[str, Any]]:
    """Conversations as one of their members sees them, with current presence."""
    return _conversations(summaries, presence_changes.online_in(actor, summaries))


def _conversations(summaries: list[ChatSummary], online: Collection[str]) -> list[dict[str, Any]]:
    return [replies.conversation(summary, is_online=_is_other_online(summary, online)) for summary in summaries]


def _is_other_online(summary: ChatSummary, online: Collection[str]) -> bool:
    return summary.counterpart is not None and not summary.is_blocked and summary.counterpart.uuid in online


def render_messages(actor: Actor, messages: Sequence[MessageSnapshot], *, is_blocked: bool) -> list[dict[str, Any]]:
    """Messages of one chat as one of its members sees them, with receipts and current presence.

    Parameters:
        is_blocked: whether one member blocks the other: then neither sees the other's presence. In a conversation of
            more than two no member does.
    """
    visible = {
        message.sender.uuid: message.sender.id
        for message in messages
        if message.sender.id == actor.id or (message.counterpart is not None and not is_blocked)
    }
    online = online_people.online_among(sorted(visible))
    for uuid in online - {actor.uuid}:  # at most one: the other member of a chat of two
        if people.hide_presence(actor.id, visible[uuid]):
            online -= {uuid}
    return _with_receipts(actor, messages, online)


def render_found(
    actor: Actor, messages: Sequence[MessageSnapshot], chats: Mapping[int, ChatSummary]
) -> list[dict[str, Any]]:
    """Messages of several chats, with receipts, and with the presence of senders whose chats show it.

    Parameters:
        chats: those of the messages, by id.
    """
    visible = {actor.uuid} | {
        message.sender.uuid
        for message in messages
        if message.counterpart is not None and (chat := chats.get(message.chat_id)) and not chat.is_blocked
    }
    return _with_receipts(actor, messages, online_people.online_among(sorted(visible)))


def _with_receipts(actor: Actor, messages: Sequence[MessageSnapshot], online: Collection[str]) -> list[dict[str, Any]]:
    read_at = receipts.read_at(messages, actor.id)
    return [
        replies.message(message, viewer_id=actor.id, online=online, read_at=read_at.get(message.id))
        for message in messages
    ]
