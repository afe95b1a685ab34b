"""REST routes of the marketplace. A route translates between the wire and the core, which holds the rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import clock, errors
from chatapp.access import access_chat, access_message
from chatapp.actions import chats, editing, reading, removal, sending
from chatapp.actions.chats import Target
from chatapp.auth import tickets, tokens
from chatapp.dialects.marketplace import replies, reply_schemas, request_schemas
from chatapp.dialects.marketplace.catchup import missed_since, render_chats
from chatapp.edge.catchup import current_cursor
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings, idempotency_key
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.infra.postgres import database_connection
from chatapp.queries import changes as change_queries
from chatapp.queries import chats as chat_queries
from chatapp.queries import messages as message_queries
from chatapp.queries.pages import read_page

bp = Blueprint("marketplace", __name__)
authentication.protect(bp)


@bp.get("")
@bp.get("/")
@limit("default")
@takes(request_schemas.ChatsQuery, "query")
@gives(reply_schemas.Chat, many=True, rendered=True)
def list_chats(args: dict[str, Any]) -> list[dict[str, Any]]:
    """List my chats: pinned ones first, then the most recently active."""
    with database_connection():
        found = chat_queries.page(
            g.actor,
            archived=args["archived"],
            search=args["q"],
            page=args["page"],
            limit=args["limit"],
            only_pairs=True,
        )
    return render_chats(g.actor, found, current_settings())


@bp.get("/messages")
@limit("default")
@takes(request_schemas.MessagesQuery, "query")
@gives(reply_schemas.MessagePage, rendered=True)
def list_messages(args: dict[str, Any]) -> dict[str, Any]:
    """List messages of a chat, newest first. The page is empty while the chat does not exist.

    The seller of the item must also give `receiver_id` (otherwise 422, `marketplace.chooseReceiver`).
    """
    wanted = {name: args[name] for name in ("page", "limit", "before_id", "after_id")}
    cursor = current_cursor(g.actor, current_settings())
    chat_id = chats.find_chat(g.actor, _target(args))
    page = message_queries.Page([], 0, False)
    if chat_id is not None:
        with database_connection():
            page = read_page(access_chat(g.actor, chat_id), **wanted)
    return {
        "messages": [replies.message(message) for message in page.messages],
        "total": page.total,
        "page": args["page"],
        "limit": args["limit"],
        "has_more": page.has_more,
        "cursor": cursor,
        **replies.hidden(page.hidden),
    }


@bp.get("/messages/since")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.ChangesQuery, "query")
@gives(reply_schemas.Changes, rendered=True)
def list_since(args: dict[str, Any]) -> dict[str, Any]:
    """List what changed in my chats since a cursor or a time. To continue, use the returned cursor."""
    since = args.get("cursor") or args["since"]
    return missed_since(g.actor, since, current_settings(), limit=args["limit"], chat_id=args["chat_id"])


@bp.post("/messages")
@limit("send")
@takes(request_schemas.SendMessage)
@gives(reply_schemas.Message)
def send(args: dict[str, Any]) -> dict[str, Any]:
    """Send a message. Repeating the request with the same `client_message_id` or `Idempotency-Key` sends it only once.

    The seller of the item must also give `receiver_id` (otherwise 422, `marketplace.chooseReceiver`).
    """
    sent = sending.send_to(
        g.actor,
        _target(args),
        args["content"],
        message_type=args["message_type"],
        location=args["location_data"],
        attachment_ids=args["attachment_ids"],
        idempotency_key=args["client_message_id"] or idempotency_key(),
        strict_items=current_settings().items_strict,
    )
    return replies.message(sent)


@bp.patch("/messages/<int:message_id>")
@limit("default")
@takes(request_schemas.EditMessage)
@gives(reply_schemas.Message)
def edit(args: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Edit the text of one of my messages. Earlier texts stay in its history."""
    edited = editing.edit_message(
        g.actor,
        message_id,
        args["content"],
        expected_version=args["version"],
        idempotency_key=idempotency_key(),
    )
    return replies.message(edited)


@bp.delete("/messages/<int:message_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(reply_schemas.Message)
def delete(message_id: int) -> dict[str, Any]:
    """Delete one of my messages. Its text and history are erased; its `seq` remains."""
    return replies.message(editing.delete_message(g.actor, message_id))


@bp.get("/messages/<int:message_id>/history")
@limit("default")
@gives(reply_schemas.MessageRevision, many=True)
def history(message_id: int) -> list[dict[str, str]]:
    """List the earlier texts of an edited message, oldest first."""
    with database_connection():
        access_message(g.actor, message_id)
        texts = change_queries.history(message_id)
    return [{"content": content, "replaced_at": replaced_at} for content, replaced_at in texts]


@bp.put("/messages/read")
@limit("default")
@takes(request_schemas.MarkRead)
@gives(reply_schemas.Confirmation)
def mark_read(args: dict[str, Any]) -> dict[str, str]:
    """Mark a chat as read up to the newest of the given messages."""
    reading.mark_read(g.actor, args["chat_id"], args["message_ids"])
    return {"message": "marketplace.messagesMarkedAsRead"}


@bp.get("/unread-count")
@limit("default")
@gives(reply_schemas.UnreadCount)
def unread_count() -> dict[str, int]:
    """Count unread messages in all my chats."""
    with database_connection():
        return {"count": chat_queries.unread_counts([g.actor.id])[g.actor.id]}


@bp.post("/<int:chat_id>/archive")
@limit("default")
@gives(reply_schemas.Confirmation)
def archive(chat_id: int) -> dict[str, str]:
    """Archive a chat, for me only, until the next message in it."""
    chats.set_archived(g.actor, chat_id, True)
    return {"message": "marketplace.chatArchived"}


@bp.post("/<int:chat_id>/unarchive")
@limit("default")
@gives(reply_schemas.Confirmation)
def unarchive(chat_id: int) -> dict[str, str]:
    """Unarchive a chat."""
    chats.set_archived(g.actor, chat_id, False)
    return {"message": "marketplace.chatUnarchived"}


@bp.post("/<int:chat_id>/mute")
@limit("default")
@takes(request_schemas.MuteChat, optional=True)
@gives(reply_schemas.Confirmation)
def mute(args: dict[str, Any], chat_id: int) -> dict[str, str]:
    """Mute a chat, until a given time or indefinitely."""
    chats.set_muted(g.actor, chat_id, args["until"] or chats.FOREVER)
    return {"message": "marketplace.chatMuted"}


@bp.post("/<int:chat_id>/unmute")
@limit("default")
@gives(reply_schemas.Confirmation)
def unmute(chat_id: int) -> dict[str, str]:
    """Unmute a chat."""
    chats.set_muted(g.actor, chat_id, None)
    return {"message": "marketplace.chatUnmuted"}


@bp.post("/<int:chat_id>/pin")
@limit("default")
@gives(reply_schemas.Confirmation)
def pin(chat_id: int) -> dict[str, str]:
    """Pin a chat to the top of my list."""
    chats.set_pinned(g.actor, chat_id, clock.now())
    return {"message": "marketplace.chatPinned"}


@bp.post("/<int:chat_id>/unpin")
@limit("default")
@gives(reply_schemas.Confirmation)
def unpin(chat_id: int) -> dict[str, str]:
    """Unpin a chat."""
    chats.set_pinned(g.actor, chat_id, None)
    return {"message": "marketplace.chatUnpinned"}


@bp.delete("/<int:chat_id>")
@limit("default")
@gives(reply_schemas.Confirmation)
def delete_chat(chat_id: int) -> dict[str, str]:
    """Delete a chat and all its messages permanently, for all members."""
    removal.delete_chat(g.actor, chat_id)
    return {"message": "marketplace.chatDeleted"}


@bp.post("/ws-ticket")
@limit("default")
@gives(reply_schemas.Ticket)
def ws_ticket() -> dict[str, Any]:
    """Issue a single-use ticket that opens one socket within 30 seconds."""
    return {"ticket": tickets.issue(g.actor), "expires_in": tickets.TICKET_SECONDS}


@bp.get("/ws-token")
@limit("default")
@gives(reply_schemas.Token)
def ws_token() -> dict[str, Any]:
    """Issue a token that opens sockets for five minutes."""
    token = tokens.issue_socket_token(g.actor, g.actor.family_id, g.actor.expires_at)
    return {"token": token, "expires_in": tokens.SOCKET_TOKEN_SECONDS}


def _target(args: dict[str, Any]) -> Target:
    return Target(args["chat_id"], args["receiver_id"], args["listing_id"], args["storefront_product_id"])
