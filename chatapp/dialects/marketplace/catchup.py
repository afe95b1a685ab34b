"""Catching up, the same over REST and socket: a page of what was missed, in the marketplace's words."""

from __future__ import annotations

from typing import Any

from chatapp import cursors, presence
from chatapp.access import access_chat
from chatapp.actor import Actor
from chatapp.dialects.marketplace import frames, replies
from chatapp.queries import catchup
from chatapp.queries import chats as chat_queries
from chatapp.transaction import database_connection
from config import Settings


def missed_since(
    actor: Actor, cursor: str, settings: Settings, *, limit: int, chat_id: int | None = None
) -> dict[str, Any]:
    """What happened since a cursor.

    Raises:
        Unreadable: `bad_cursor`.
        NotFound: not a chat of the actor's.
    """
    seen = cursors.decode(cursor, settings.secret_key, actor.id)
    with database_connection():
        if chat_id is not None:
            access_chat(actor, chat_id)
        found = catchup.page(actor, seen, limit=limit, chat_id=chat_id)
        summaries = chat_queries.by_ids(actor, found.chat_ids)
    return {
        "messages": [replies.message(message) for message in found.messages],
        "changes": [frame for change in found.changes if (frame := frames.frame_of(change)) is not None],
        "chats": shown_chats(actor, summaries, settings),
        "cursor": cursors.encode(found.cursor, settings.secret_key),
        "has_more": found.has_more,
        "full_sync": found.full_sync,
    }


def cursor_of_now(actor: Actor, settings: Settings) -> str:
    """The cursor of somebody who sees everything until now. To be taken before what they see is read."""
    with database_connection():
        return cursors.encode(catchup.cursor_of_now(actor.id), settings.secret_key)


def shown_chats(actor: Actor, summaries: list[chat_queries.ChatSummary], settings: Settings) -> list[dict[str, Any]]:
    """Chats as one of their members sees them, with who is online now."""
    others = [summary.seller if summary.buyer.id == actor.id else summary.buyer for summary in summaries]
    online = presence.online_among([other.uuid for other in others])
    return [
        replies.chat(summary, viewer_id=actor.id, online=online, show_emails=settings.show_emails)
        for summary in summaries
    ]
