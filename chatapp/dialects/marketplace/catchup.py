"""Renders messages, chats and missed changes, the same over REST and socket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from chatapp.actions import presence_changes
from chatapp.auth.actor import Actor
from chatapp.dialects.marketplace import frames, replies
from chatapp.edge import catchup
from chatapp.events.snapshots import MessageSnapshot
from chatapp.queries import receipts
from chatapp.queries.chat_summaries import ChatSummary
from config import Settings


def missed_since(
    actor: Actor,
    since: str | dt.datetime,
    settings: Settings,
    *,
    limit: int,
    chat_id: int | None = None,
    known: Mapping[int, int] = catchup.NOTHING_KNOWN,
) -> dict[str, Any]:
    """A page of what changed since a cursor or a time.

    Parameters:
        known: see `catchup.load_page`.

    Raises:
        Unreadable: `bad_cursor`.
        NotFound: the actor is not a member of the chat.
    """
    missed = catchup.load_page(actor, since, settings, limit=limit, chat_id=chat_id, known=known)
    return {
        "messages": render_messages(actor, missed.messages),
        "changes": [frame for change in missed.changes if (frame := frames.render_event(change)) is not None],
        "chats": render_chats(actor, missed.chats, settings),
        "complete": [{"chat_id": chat_id, "version": version} for chat_id, version in missed.complete.items()],
        "cursor": missed.cursor,
        "has_more": missed.has_more,
        "full_sync": missed.full_sync,
    }


def render_chats(actor: Actor, summaries: list[ChatSummary], settings: Settings) -> list[dict[str, Any]]:
    """Chats as one of their members sees them, with current presence."""
    online = presence_changes.online_in(actor, summaries)
    return [replies.chat(summary, online=online, show_emails=settings.show_emails) for summary in summaries]


def render_messages(actor: Actor, messages: Sequence[MessageSnapshot]) -> list[dict[str, Any]]:
    """Messages as a member sees them, with the times when they were read."""
    read_at = receipts.read_at(messages, actor.id)
    return [replies.message(message, read_at=read_at.get(message.id)) for message in messages]
