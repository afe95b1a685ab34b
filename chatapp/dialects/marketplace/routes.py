"""REST routes of the marketplace. A route translates between the wire and the core, which holds the rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.access import access_chat, access_message
from chatapp.actions import chats, editing, forwarding, reading, removal
from chatapp.auth import tickets, tokens
from chatapp.dialects.marketplace import replies, reply_schemas, request_schemas, sends
from chatapp.dialects.marketplace.catchup import missed_since, render_chats, render_messages
from chatapp.edge.catchup import current_cursor
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings, idempotency_key
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import changes as change_queries
from chatapp.queries import chats as chat_queries
from chatapp.queries import messages as message_queries
from chatapp.queries import receipts
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
            snoozed=args["snoozed"],
            search=args["q"],
            page=args["page"],
            limit=args["limit"],
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
    chat_id = chats.find_chat(g.actor, sends.target_of(args))
    page = message_queries.Page([], 0, False)
    if chat_id is not None:
        with database_connection():
            page = read_page(access_chat(g.actor, chat_id), **wanted)
    return {
        "messages": render_messages(g.actor, page.messages),
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
    key = args["client_message_id"] or idempotency_key()
    return _own_message(sends.send(g.actor, args, current_settings(), idempotency_key=key))


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
    return _own_message(edited)


@bp.delete("/messages/<int:message_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(reply_schemas.Message)
def delete(message_id: int) -> dict[str, Any]:
    """Delete one of my messages. Its text and history are erased; its `seq` remains."""
    return _own_message(editing.delete_message(g.actor, message_id))


@bp.get("/messages/<int:message_id>/history")
@limit("default")
@gives(reply_schemas.MessageRevision, many=True)
def history(message_id: int) -> list[dict[str, str]]:
    """List the earlier texts of an edited message, oldest first."""
    with database_connection():
        access_message(g.actor, message_id)
        texts = change_queries.history(message_id)
    return [{"content": content, "replaced_at": replaced_at} for content, replaced_at in texts]


@bp.post("/messages/<int:message_id>/forward")
@limit("send")
@refuses(errors.Conflict, errors.Forbidden)
@takes(request_schemas.ForwardMessage)
@gives(reply_schemas.Message, many=True, rendered=True)
def forward(args: dict[str, Any], message_id: int) -> list[dict[str, Any]]:
    """Forward a message to chats of mine, with its files: one copy each. If one chat is refused, none gets a copy.

    Repeating the request with the same `Idempotency-Key` sends nothing again.
    """
    copies = forwarding.forward_message(g.actor, message_id, args["chat_ids"], idempotency_key=idempotency_key())
    return render_messages(g.actor, copies)


@bp.get("/messages/<int:message_id>/receipts")
@limit("default")
@gives(reply_schemas.Receipt, many=True, rendered=True)
def list_receipts(message_id: int) -> list[dict[str, Any]]:
    """List how far a message has come with the other members of its chat: those who have read it first."""
    with database_connection():
        message, _ = access_message(g.actor, message_id)
        found = receipts.of_message(message, g.actor.id)
    return [replies.receipt(receipt) for receipt in found]


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


def _own_message(message: MessageSnapshot) -> dict[str, Any]:
    return render_messages(g.actor, [message])[0]
