"""The socket `/api/v1/chat/ws`: what each client frame does."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import editing, reactions, reading, typing
from chatapp.auth.actor import Actor
from chatapp.dialects.social import frame_schemas, frames, mark_schemas, replies, sends
from chatapp.dialects.social.catchup import missed_since
from chatapp.edge.websocket.frame_table import ClientFrame, Fields, FrameContext, SocketSpec
from chatapp.errors import Conflict
from chatapp.ids.public import chat_id_or_missing, message_id_or_missing


def _greeting(actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
    return {"type": "connected", "payload": {"userId": actor.uuid, "timestamp": timestamp, "cursor": cursor}}


def _send_message(context: FrameContext, fields: Fields) -> None:
    connection = context.connection
    connection.pending_key, connection.acknowledged_id = fields["tempId"], 0
    try:
        chat_id = chat_id_or_missing(fields["conversationId"])
        sent = sends.send(context.actor, chat_id, fields, idempotency_key=fields["tempId"], origin=connection.id)
        if not context.hub.wait_for_acknowledgement(connection, sent):
            connection.acknowledged_id = sent.id
            connection.send_json(frames.render_acknowledgement(sent))
    finally:
        connection.pending_key = None


def _edit_message(context: FrameContext, fields: Fields) -> None:
    editing.edit_message(
        context.actor,
        message_id_or_missing(fields["messageId"]),
        fields["content"],
        expected_version=fields["version"],
    )


def _delete_message(context: FrameContext, fields: Fields) -> None:
    editing.delete_message(context.actor, message_id_or_missing(fields["messageId"]))


def _react(context: FrameContext, fields: Fields) -> None:
    reactions.add_reaction(context.actor, message_id_or_missing(fields["messageId"]), fields["emoji"])


def _unreact(context: FrameContext, fields: Fields) -> None:
    reactions.remove_reaction(context.actor, message_id_or_missing(fields["messageId"]), fields["emoji"])


def _mark_read(context: FrameContext, fields: Fields) -> None:
    up_to = None if fields["messageId"] is None else [message_id_or_missing(fields["messageId"])]
    reading.mark_read(context.actor, chat_id_or_missing(fields["conversationId"]), up_to)


def _set_typing(context: FrameContext, fields: Fields) -> None:
    chat_id, clear_after = chat_id_or_missing(fields["conversationId"]), context.settings.typing_clear
    typing.set_typing(context.actor, chat_id, fields["isTyping"], clear_after=clear_after)


def _resume(context: FrameContext, fields: Fields) -> None:
    known = {chat_id_or_missing(chat["conversationId"]): chat["version"] for chat in fields["known"]}
    missed = missed_since(context.actor, fields["cursor"], context.settings, limit=fields["limit"], known=known)
    context.connection.send_json({"type": "resumed", "payload": missed})


def _pong(context: FrameContext, fields: Fields) -> None:
    context.connection.send_json({"type": "pong", "payload": {"timestamp": clock.rfc3339(clock.now())}})


def _refuse_auth(context: FrameContext, fields: Fields) -> None:
    """Refuse to authenticate a second time; the first time happens before frames are dispatched."""
    raise Conflict("already_authenticated")


CLIENT_FRAMES = {
    "auth": ClientFrame(frame_schemas.Auth, _refuse_auth, is_validated=False),
    "message.send": ClientFrame(frame_schemas.MessageSend, _send_message, "send"),
    "message.edit": ClientFrame(frame_schemas.MessageEdit, _edit_message, "send"),
    "message.delete": ClientFrame(frame_schemas.MessageDelete, _delete_message, "send"),
    "message.react": ClientFrame(mark_schemas.MessageReact, _react, "send"),
    "message.unreact": ClientFrame(mark_schemas.MessageUnreact, _unreact, "send"),
    "message.read": ClientFrame(frame_schemas.MessageRead, _mark_read, "light"),
    "typing": ClientFrame(frame_schemas.Typing, _set_typing, "light"),
    "resume": ClientFrame(frame_schemas.Resume, _resume, "light"),
    "ping": ClientFrame(frame_schemas.Ping, _pong, is_validated=False),
}

SOCKET = SocketSpec(
    path="/api/v1/chat/ws",
    client_frames=CLIENT_FRAMES,
    server_frames=frame_schemas.SERVER_FRAMES,
    greeting=_greeting,
    error_frame=replies.error_frame,
    encode=frames.encode,
    encode_acknowledgement=frames.encode_acknowledgement,
    pushes_conversations=True,
    payload_member="payload",
)
