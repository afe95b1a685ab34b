"""REST routes of the social dialect for reactions, pinned, starred and hidden messages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.access import access_chat
from chatapp.actions import marks, pins, reactions
from chatapp.dialects.social import mark_schemas, paging, replies, request_schemas
from chatapp.dialects.social.catchup import render_messages
from chatapp.dialects.social.message_extras import reactions as rendered_reactions
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.mark_fields import given_emoji, mark_cursor, parse_mark_cursor
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids.public import encode_chat, encode_message
from chatapp.infra.postgres import database_connection
from chatapp.queries import marks as mark_queries
from chatapp.queries import pins as pin_queries

bp = Blueprint("social_marks", __name__)
authentication.protect(bp)


@bp.post("/messages/<message:message_id>/reactions")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(mark_schemas.React)
@gives(mark_schemas.Reactions, rendered=True)
def react(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """React to a message with an emoji. Each user reacts once with each emoji, and a message has at most 20 kinds."""
    return _reactions(reactions.add_reaction(g.actor, message_id, args["emoji"]))


@bp.delete("/messages/<message:message_id>/reactions")
@limit("default")
@takes(mark_schemas.UnreactQuery, "query")
@takes(mark_schemas.Unreact, optional=True)
@gives(mark_schemas.Reactions, rendered=True)
def unreact(query: dict[str, Any], body: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Take one of my reactions back. The emoji is in the body or in the query."""
    return _reactions(reactions.remove_reaction(g.actor, message_id, given_emoji(query, body)))


@bp.post("/messages/<message:message_id>/pin")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@gives(None)
def pin_message(message_id: int) -> None:
    """Pin a message in its conversation, for all members. Of more than two members only owners and admins do."""
    pins.pin_message(g.actor, message_id)


@bp.delete("/messages/<message:message_id>/pin")
@limit("default")
@refuses(errors.Forbidden)
@gives(None)
def unpin_message(message_id: int) -> None:
    """Unpin a message."""
    pins.unpin_message(g.actor, message_id)


@bp.get("/conversations/<chat:conversation_id>/pins")
@limit("default")
@gives(mark_schemas.Pin, many=True, rendered=True)
def list_pins(conversation_id: int) -> list[dict[str, Any]]:
    """List the pinned messages of a conversation, the last pinned first."""
    with database_connection():
        membership = access_chat(g.actor, conversation_id)
        found = pin_queries.of_chat(membership)
    messages = render_messages(g.actor, [pin.message for pin in found], is_blocked=membership.chat.has_block)
    return [
        {
            "message": message,
            "pinnedBy": replies.person(pin.pinned_by),
            "pinnedAt": pin.pinned_at,
            "version": pin.version,
        }
        for pin, message in zip(found, messages, strict=True)
    ]


@bp.post("/messages/<message:message_id>/star")
@limit("default")
@refuses(errors.Conflict)
@gives(None)
def star(message_id: int) -> None:
    """Star a message, for me only."""
    marks.star(g.actor, message_id)


@bp.delete("/messages/<message:message_id>/star")
@limit("default")
@gives(None)
def unstar(message_id: int) -> None:
    """Take the star of a message away."""
    marks.unstar(g.actor, message_id)


@bp.get("/starred")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(mark_schemas.StarredPage, rendered=True)
def list_starred(args: dict[str, Any]) -> dict[str, Any]:
    """List the messages that I have starred in all my conversations, the newest message first."""
    before_id = parse_mark_cursor(args["cursor"])
    with database_connection():
        found, has_more = mark_queries.starred(g.actor, limit=args["limit"], before_id=before_id)
    # Whether a block hides the presence of a sender is not known here.
    messages = render_messages(g.actor, found, is_blocked=True)
    return {"messages": messages, "meta": paging.meta(has_more, mark_cursor(found[-1].id) if found else None)}


@bp.post("/messages/<message:message_id>/hide")
@limit("default")
@gives(None)
def hide(message_id: int) -> None:
    """Delete a message for me only. It leaves my history, my lists and my counts for good."""
    marks.hide(g.actor, message_id)


def _reactions(message: MessageSnapshot) -> dict[str, Any]:
    return {
        "messageId": encode_message(message.id),
        "conversationId": encode_chat(message.chat_id),
        "reactions": rendered_reactions(message.reactions),
        "version": message.version,
    }
