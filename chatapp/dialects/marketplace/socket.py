"""The socket `/ws/chat`: what each client frame does."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import editing, presence_changes, reactions, reading, typing
from chatapp.auth.actor import Actor
from chatapp.dialects.marketplace import frame_schemas, frames, mark_schemas, replies, request_schemas, sends
from chatapp.dialects.marketplace.catchup import missed_since
from chatapp.edge.websocket.frame_table import ClientFrame, Fields, FrameContext, SocketSpec
from chatapp.events.snapshots import MessageSnapshot
from chatapp.realtime.connection import Connection


def _greeting(actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
    return {"type": "connected", "user_id": actor.id, "timestamp": timestamp, "cursor": cursor}


def _send_message(context: FrameContext, fields: Fields) -> None:
    key, origin = fields["client_message_id"], context.connection.id
    sent = sends.send(context.actor, fields, context.settings, idempotency_key=key, origin=origin)
    _acknowledge(context.connection, key, sent)


def _edit_message(context: FrameContext, fields: Fields) -> None:
    edited = editing.edit_message(
        context.actor,
        fields["message_id"],
        fields["content"],
        expected_version=fields["version"],
        idempotency_key=fields["client_message_id"],
    )
    if fields["client_message_id"] is not None:
        _acknowledge(context.connection, fields["client_message_id"], edited)


def _acknowledge(connection: Connection, client_message_id: str | None, message: MessageSnapshot) -> None:
    connection.send_json(
        {
            "type": "message_ack",
            "client_message_id": client_message_id,
            "message": replies.message_json(message),
        }
    )


def _delete_message(context: FrameContext, fields: Fields) -> None:
    editing.delete_message(context.actor, fields["message_id"])


def _add_reaction(context: FrameContext, fields: Fields) -> None:
    reactions.add_reaction(context.actor, fields["message_id"], fields["emoji"])


def _remove_reaction(context: FrameContext, fields: Fields) -> None:
    reactions.remove_reaction(context.actor, fields["message_id"], fields["emoji"])


def _mark_read(context: FrameContext, fields: Fields) -> None:
    if "message_id" in fields:
        reading.mark_message_read(context.actor, fields["message_id"])
    else:
        reading.mark_read(context.actor, fields["chat_id"], fields["message_ids"])


def _set_typing(context: FrameContext, fields: Fields) -> None:
    clear_after = context.settings.typing_clear
    typing.set_typing(context.actor, fields["chat_id"], fields["is_typing"], clear_after=clear_after)


def _send_online_users(context: FrameContext, fields: Fields) -> None:
    users = presence_changes.online_partners(context.actor)
    context.connection.send_json({"type": "online_users_list", "payload": {"users": users}})


def _resume(context: FrameContext, fields: Fields) -> None:
    known = {chat["chat_id"]: chat["version"] for chat in fields["known"]}
    missed = missed_since(context.actor, fields["cursor"], context.settings, limit=fields["limit"], known=known)
    context.connection.send_json({"type": "resumed", **missed})


def _pong(context: FrameContext, fields: Fields) -> None:
    context.connection.send_json({"type": "pong", "timestamp": clock.rfc3339(clock.now())})


CLIENT_FRAMES = {
    "message": ClientFrame(request_schemas.SendMessage, _send_message, "send"),
    "ping": ClientFrame(frame_schemas.Ping, _pong, is_validated=False),
    "heartbeat": ClientFrame(frame_schemas.Heartbeat, _pong, is_validated=False),
    "get_online_users": ClientFrame(frame_schemas.GetOnlineUsers, _send_online_users, "light"),
    "typing": ClientFrame(frame_schemas.Typing, _set_typing, "light"),
    "mark_read": ClientFrame(frame_schemas.MarkRead, _mark_read, "light"),
    "edit_message": ClientFrame(frame_schemas.EditMessage, _edit_message, "send"),
    "delete_message": ClientFrame(frame_schemas.DeleteMessage, _delete_message, "send"),
    "add_reaction": ClientFrame(mark_schemas.AddReaction, _add_reaction, "send"),
    "remove_reaction": ClientFrame(mark_schemas.RemoveReaction, _remove_reaction, "send"),
    "resume": ClientFrame(frame_schemas.Resume, _resume, "light"),
}

SOCKET = SocketSpec(
    path="/ws/chat",
    client_frames=CLIENT_FRAMES,
    server_frames=frame_schemas.SERVER_FRAMES,
    greeting=_greeting,
    error_frame=replies.error_frame,
    encode=frames.encode,
    default_type="message",
)
