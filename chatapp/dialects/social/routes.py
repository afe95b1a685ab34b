"""REST routes of the social dialect. A route translates between the wire and the core, which holds the rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.access import access_chat, access_message
from chatapp.actions import blocking, chats, editing, forwarding, reading, removal
from chatapp.auth import tickets
from chatapp.dialects.social import gallery_schemas, paging, replies, reply_schemas, request_schemas, sends
from chatapp.dialects.social.catchup import missed_since, render_conversations, render_messages
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings, idempotency_key
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids.public import chat_id_or_missing, encode_message, message_id_or_missing
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection
from chatapp.queries import blocks as block_queries
from chatapp.queries import chats as chat_queries
from chatapp.queries import messages as message_queries
from chatapp.queries import pages, receipts

bp = Blueprint("social", __name__)
authentication.protect(bp)


@bp.get("/conversations")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.ConversationsQuery, "query")
@gives(reply_schemas.ConversationPage, rendered=True)
def list_conversations(args: dict[str, Any]) -> dict[str, Any]:
    """List my conversations: pinned ones first, then the most recently active. Archived and snoozed ones are left out.

    Continue with the same `archived` and `snoozed`.
    """
    with database_connection():
        before = paging.parse_conversation_cursor(args["cursor"], g.actor) if args["cursor"] else None
        found = chat_queries.recent(
            g.actor,
            limit=args["limit"] + 1,
            before=before,
            archived=args["archived"],
            snoozed=args["snoozed"],
        )
    shown = found[: args["limit"]]
    cursor = paging.conversation_cursor(shown[-1]) if shown else None
    return {
        "conversations": render_conversations(g.actor, shown),
        "meta": paging.meta(len(found) > len(shown), cursor),
    }


@bp.get("/conversations/with/<username>")
@limit("default")
@refuses(errors.Forbidden, errors.Invalid)
@gives(reply_schemas.Conversation)
def open_conversation(username: str) -> dict[str, Any]:
    """Get my conversation with a user, creating it if there is none.

    Until its first message only I see it in my list, and neither of us sees the other's presence.
    """
    chat_id = chats.open_direct_chat(g.actor, username)
    with database_connection():
        found = chat_queries.by_ids(g.actor, [chat_id])
    if not found:  # deleted by the other member in the meantime
        raise errors.NotFound("chat_not_found")
    return render_conversations(g.actor, found)[0]


@bp.get("/conversations/unread-count")
@limit("default")
@gives(reply_schemas.Count)
def unread_count() -> dict[str, int]:
    """Count unread messages in all my conversations."""
    with database_connection():
        return {"count": chat_queries.unread_counts([g.actor.id])[g.actor.id]}


@bp.delete("/conversations/<chat:conversation_id>")
@limit("default")
@gives(None)
def delete_conversation(conversation_id: int) -> None:
    """Delete a conversation and all its messages permanently, for all members."""
    removal.delete_chat(g.actor, conversation_id)


@bp.get("/conversations/<chat:conversation_id>/messages")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.MessagesQuery, "query")
@gives(reply_schemas.MessagePage, rendered=True)
def list_messages(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """List messages of a conversation, newest first."""
    with database_connection():
        membership = access_chat(g.actor, conversation_id)
        anchor = paging.parse_message_cursor(args["cursor"], conversation_id) if args["cursor"] else None
        before, after = (None, anchor) if args["direction"] == request_schemas.NEWER else (anchor, None)
        page = pages.read_page(membership, limit=args["limit"], before_id=before, after_id=after)
    furthest = page.messages[0 if after else -1].id if page.messages else None
    return {
        "messages": render_messages(g.actor, page.messages, is_blocked=membership.chat.has_block),
        "meta": paging.meta(page.has_more, None if furthest is None else paging.message_cursor(furthest)),
        **replies.hidden(page.hidden),
    }


@bp.post("/conversations/<chat:conversation_id>/messages")
@limit("send")
@takes(request_schemas.SendMessage)
@gives(reply_schemas.Message, 201)
def send(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """Send a message. Repeating the request with the same `tempId` or `Idempotency-Key` sends it only once."""
    key = args["tempId"] or idempotency_key()
    return _own_message(sends.send(g.actor, conversation_id, args, idempotency_key=key))


@bp.post("/conversations/<chat:conversation_id>/read")
@limit("default")
@takes(request_schemas.MarkRead, optional=True)
@gives(reply_schemas.Count)
def mark_read(args: dict[str, Any], conversation_id: int) -> dict[str, int]:
    """Mark a conversation as read, up to a message or all of it. Returns how many messages became read."""
    up_to = None if args["messageId"] is None else [message_id_or_missing(args["messageId"])]
    return {"count": reading.mark_read(g.actor, conversation_id, up_to)}


@bp.get("/conversations/<chat:conversation_id>/links")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(gallery_schemas.LinkPage)
def list_links(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """List links shared in a conversation. A page never splits a message's links, so it may exceed `limit`."""
    with database_connection():
        membership = access_chat(g.actor, conversation_id)
        before_id = paging.parse_message_cursor(args["cursor"], conversation_id) if args["cursor"] else None
        messages, has_more = message_queries.with_links(membership, limit=args["limit"], before_id=before_id)
    links: list[dict[str, Any]] = []
    last = None
    for message in messages:
        if len(links) >= args["limit"]:
            has_more = True
            break
        links += replies.links(message)
        last = message
        yield_to_loop()  # a text of 10,000 characters takes milliseconds
    return {"links": links, "meta": paging.meta(has_more, None if last is None else paging.message_cursor(last.id))}


@bp.get("/messages/since")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.ChangesQuery, "query")
@gives(reply_schemas.Changes, rendered=True)
def list_since(args: dict[str, Any]) -> dict[str, Any]:
    """List what changed in my conversations since a cursor."""
    return missed_since(g.actor, args["cursor"], current_settings(), limit=args["limit"])


@bp.get("/messages/<message:message_id>")
@limit("default")
@gives(reply_schemas.Message)
def show_message(message_id: int) -> dict[str, Any]:
    """Get a message."""
    with database_connection():
        found, membership = message_queries.as_seen_by(g.actor, message_id)
    return render_messages(g.actor, [found], is_blocked=membership.chat.has_block)[0]


@bp.get("/messages/<message:message_id>/context")
@limit("default")
@takes(request_schemas.ContextQuery, "query")
@gives(reply_schemas.MessageContext, rendered=True)
def show_context(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Get a message with the messages around it, and cursors to continue in both directions."""
    with database_connection():
        _, membership = message_queries.as_seen_by(g.actor, message_id)
        older, newer = message_queries.around(membership, message_id, **args)
    messages = [*newer.messages, *older.messages]
    return {
        "messageId": encode_message(message_id),
        "messages": render_messages(g.actor, messages, is_blocked=membership.chat.has_block),
        "meta": paging.context_meta(messages, older=older.has_more, newer=newer.has_more),
        **replies.hidden([*older.hidden, *newer.hidden]),
    }


@bp.patch("/messages/<message:message_id>")
@limit("default")
@takes(request_schemas.EditMessage)
@gives(reply_schemas.Message)
def edit(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Edit the text of one of my messages."""
    edited = editing.edit_message(
        g.actor,
        message_id,
        args["content"],
        expected_version=args["version"],
        idempotency_key=idempotency_key(),
    )
    return _own_message(edited)


@bp.delete("/messages/<message:message_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(reply_schemas.Message)
def delete(message_id: int) -> dict[str, Any]:
    """Delete one of my messages. Its text is erased; its `seq` remains."""
    return _own_message(editing.delete_message(g.actor, message_id))


@bp.post("/messages/<message:message_id>/forward")
@limit("send")
@refuses(errors.Conflict, errors.Forbidden)
@takes(request_schemas.ForwardMessage)
@gives(reply_schemas.Forwards, 201, rendered=True)
def forward(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Forward a message to conversations of mine, with its files: one copy each. If one is refused, none gets a copy.

    Repeating the request with the same `Idempotency-Key` sends nothing again.
    """
    chat_ids = [chat_id_or_missing(id) for id in args["conversationIds"]]
    copies = forwarding.forward_message(g.actor, message_id, chat_ids, idempotency_key=idempotency_key())
    return {"messages": render_messages(g.actor, copies, is_blocked=True)}


@bp.get("/messages/<message:message_id>/receipts")
@limit("default")
@gives(reply_schemas.Receipts, rendered=True)
def list_receipts(message_id: int) -> dict[str, Any]:
    """List how far a message has come with the other members of its conversation: those who have read it first."""
    with database_connection():
        message, _ = access_message(g.actor, message_id)
        found = receipts.of_message(message, g.actor.id)
    return {"receipts": [replies.receipt(receipt) for receipt in found]}


@bp.post("/blocks")
@limit("default")
@takes(request_schemas.BlockUser)
@gives(reply_schemas.Block, 201)
def block(args: dict[str, Any]) -> dict[str, Any]:
    """Block a user: messages, typing and presence stop in both directions. Past messages stay readable."""
    return replies.block(blocking.block(g.actor, args["username"]), blocker_uuid=g.actor.uuid)


@bp.get("/blocks")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(reply_schemas.BlockPage)
def list_blocks(args: dict[str, Any]) -> dict[str, Any]:
    """List the users I block, newest block first."""
    with database_connection():
        before = paging.parse_block_cursor(args["cursor"], g.actor) if args["cursor"] else None
        found, has_more = block_queries.page(g.actor, limit=args["limit"], before=before)
    return {
        "blocks": [replies.block(block, blocker_uuid=g.actor.uuid) for block in found],
        "meta": paging.meta(has_more, paging.block_cursor(found[-1]) if found else None),
    }


@bp.delete("/blocks/<username>")
@limit("default")
@gives(None)
def unblock(username: str) -> None:
    """Unblock a user."""
    blocking.unblock(g.actor, username)


@bp.get("/blocks/status/<username>")
@limit("default")
@gives(reply_schemas.BlockStatus)
def block_status(username: str) -> dict[str, bool]:
    """Get the block status between me and a user, and whether I can message them."""
    with database_connection():
        status = block_queries.status(g.actor, username)
    return replies.block_status(status, is_oneself=username.lower() == g.actor.username.lower())


@bp.post("/ws-ticket")
@limit("default")
@gives(reply_schemas.Ticket)
def ws_ticket() -> dict[str, Any]:
    """Issue a single-use ticket that opens one socket within 30 seconds."""
    return {"ticket": tickets.issue(g.actor), "expiresIn": tickets.TICKET_SECONDS}


def _own_message(message: MessageSnapshot) -> dict[str, Any]:
    """Render a message that the actor sent. The other member's presence is not part of it, so no block matters."""
    return render_messages(g.actor, [message], is_blocked=True)[0]
