"""REST routes of the marketplace for reactions, pinned, starred and hidden messages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.access import access_chat
from chatapp.actions import marks, pins, reactions
from chatapp.dialects.marketplace import mark_schemas, replies
from chatapp.dialects.marketplace.message_extras import reactions as rendered_reactions
from chatapp.dialects.marketplace.reply_schemas import Confirmation
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.mark_fields import given_emoji, mark_cursor, parse_mark_cursor
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import marks as mark_queries
from chatapp.queries import pins as pin_queries
from chatapp.queries import receipts

bp = Blueprint("marketplace_marks", __name__)
authentication.protect(bp)


@bp.post("/messages/<int:message_id>/reactions")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(mark_schemas.React)
@gives(mark_schemas.Reactions, rendered=True)
def react(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """React to a message with an emoji. Each user reacts once with each emoji, and a message has at most 20 kinds."""
    return _reactions(reactions.add_reaction(g.actor, message_id, args["emoji"]))


@bp.delete("/messages/<int:message_id>/reactions")
@limit("default")
@takes(mark_schemas.UnreactQuery, "query")
@takes(mark_schemas.Unreact, optional=True)
@gives(mark_schemas.Reactions, rendered=True)
def unreact(query: dict[str, Any], body: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Take one of my reactions back. The emoji is in the body or in the query."""
    return _reactions(reactions.remove_reaction(g.actor, message_id, given_emoji(query, body)))


@bp.post("/messages/<int:message_id>/pin")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@gives(Confirmation)
def pin_message(message_id: int) -> dict[str, str]:
    """Pin a message in its chat, for all members. In a chat of more than two only its owners and admins do."""
    pins.pin_message(g.actor, message_id)
    return {"message": "marketplace.messagePinned"}


@bp.delete("/messages/<int:message_id>/pin")
@limit("default")
@refuses(errors.Forbidden)
@gives(Confirmation)
def unpin_message(message_id: int) -> dict[str, str]:
    """Unpin a message."""
    pins.unpin_message(g.actor, message_id)
    return {"message": "marketplace.messageUnpinned"}


@bp.get("/<int:chat_id>/pins")
@limit("default")
@gives(mark_schemas.Pin, many=True, rendered=True)
def list_pins(chat_id: int) -> list[dict[str, Any]]:
    """List the pinned messages of a chat, the last pinned first."""
    with database_connection():
        found = pin_queries.of_chat(access_chat(g.actor, chat_id))
    messages = _rendered([pin.message for pin in found])
    return [
        {
            "message": message,
            "pinned_by": replies.person(pin.pinned_by),
            "pinned_at": pin.pinned_at,
            "version": pin.version,
        }
        for pin, message in zip(found, messages, strict=True)
    ]


@bp.post("/messages/<int:message_id>/star")
@limit("default")
@refuses(errors.Conflict)
@gives(Confirmation)
def star(message_id: int) -> dict[str, str]:
    """Star a message, for me only."""
    marks.star(g.actor, message_id)
    return {"message": "marketplace.messageStarred"}


@bp.delete("/messages/<int:message_id>/star")
@limit("default")
@gives(Confirmation)
def unstar(message_id: int) -> dict[str, str]:
    """Take the star of a message away."""
    marks.unstar(g.actor, message_id)
    return {"message": "marketplace.messageUnstarred"}


@bp.get("/starred")
@limit("default")
@refuses(errors.Unreadable)
@takes(mark_schemas.StarredQuery, "query")
@gives(mark_schemas.StarredPage, rendered=True)
def list_starred(args: dict[str, Any]) -> dict[str, Any]:
    """List the messages that I have starred in all my chats, the newest message first."""
    before_id = parse_mark_cursor(args["cursor"])
    with database_connection():
        found, has_more = mark_queries.starred(g.actor, limit=args["limit"], before_id=before_id)
    cursor = mark_cursor(found[-1].id) if found and has_more else None
    return {"messages": _rendered(found), "has_more": has_more, "next_cursor": cursor}


@bp.post("/messages/<int:message_id>/hide")
@limit("default")
@gives(Confirmation)
def hide(message_id: int) -> dict[str, str]:
    """Delete a message for me only. It leaves my history, my lists and my counts for good."""
    marks.hide(g.actor, message_id)
    return {"message": "marketplace.messageHidden"}


def _reactions(message: MessageSnapshot) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "chat_id": message.chat_id,
        "reactions": rendered_reactions(message.reactions),
        "version": message.version,
    }


def _rendered(messages: list[Any]) -> list[dict[str, Any]]:
    read_at = receipts.read_at(messages, g.actor.id)
    return [replies.message(message, read_at=read_at.get(message.id)) for message in messages]
