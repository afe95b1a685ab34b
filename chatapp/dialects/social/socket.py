"""`/api/v1/chat/ws`: what a frame of a client does."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import editing, reading, sending, typing
from chatapp.auth.actor import Actor
from chatapp.dialects.social import frame_schemas, frames, replies
from chatapp.dialects.social.catchup import missed_since
from chatapp.edge.rate_limits.frame_limiter import FrameLimiter
from chatapp.edge.websocket.socket_dialect import FrameDialect
from chatapp.errors import ChatError, Conflict, Invalid, Reason
from chatapp.events.types import Event, MessageSent
from chatapp.ids.public import chat_id_or_missing, file_id_or_missing, message_id_or_missing
from chatapp.realtime.connection import Connection
from chatapp.realtime.hub import Hub
from config import Settings


class SocialSocket(FrameDialect):
    """The dialect of `/api/v1/chat/ws`.

    Parameters:
        hub: delivers the acknowledgements of messages at their place in the order.
    """

    name = "social"
    acknowledges_in_order = True
    tells_conversations = True

    def __init__(self, settings: Settings, limiter: FrameLimiter, hub: Hub) -> None:
        super().__init__(settings, limiter, frame_schemas.CLIENT_FRAMES)
        self._hub = hub
        self.handlers = {
            "auth": self._authenticate_again,
            "message.send": self._send,
            "message.edit": self._edit,
            "message.delete": self._delete,
            "message.read": self._mark_read,
            "typing": self._typing,
            "resume": self._resume,
            "ping": self._pong,
        }

    def encode(self, event: Event) -> bytes | None:
        """The frame that tells an event."""
        return frames.encode(event)

    def encode_acknowledgement(self, event: MessageSent) -> bytes:
        """`message.sent`, which stands for `message.new` on the sending socket."""
        return frames.encode_acknowledgement(event)

    def greeting(self, actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
        """The first frame."""
        return {"type": "connected", "payload": {"userId": actor.uuid, "timestamp": timestamp, "cursor": cursor}}

    def opened(self, frame: dict[str, Any]) -> tuple[Any, Any]:
        """The fields stand in the payload, which may be left out where there are none."""
        payload = frame.get("payload")
        if payload is not None and not isinstance(payload, dict):
            raise Invalid({"payload": [Reason("not_an_object")]})
        return frame.get("type"), payload or {}

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """The refusal of a frame."""
        return replies.error_frame(error, frame)

    def _send(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        args = self.loaded("message.send", payload)
        connection.sending, connection.acknowledged = args["tempId"], 0
        try:
            sent = sending.send_message(
                actor,
                chat_id_or_missing(args["conversationId"]),
                args["content"],
                message_type=args["messageType"],
                attachment_ids=[file_id_or_missing(id) for id in args["attachmentIds"]],
                idempotency_key=args["tempId"],
                origin=connection.id,
            )
            if not self._hub.await_acknowledgement(connection, sent):
                connection.acknowledged = sent.id
                connection.send_json(frames.acknowledgement(sent))
        finally:
            connection.sending = None

    def _edit(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        args = self.loaded("message.edit", payload)
        editing.edit_message(
            actor,
            message_id_or_missing(args["messageId"]),
            args["content"],
            expected_version=args["version"],
        )

    def _delete(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        editing.delete_message(actor, message_id_or_missing(self.loaded("message.delete", payload)["messageId"]))

    def _mark_read(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            args = self.loaded("message.read", payload)
            up_to = None if args["messageId"] is None else [message_id_or_missing(args["messageId"])]
            reading.mark_read(actor, chat_id_or_missing(args["conversationId"]), up_to)

    def _typing(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            args = self.loaded("typing", payload)
            chat_id = chat_id_or_missing(args["conversationId"])
            typing.set_typing(actor, chat_id, args["isTyping"], clear_after=self.settings.typing_clear)

    def _resume(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            args = self.loaded("resume", payload)
            missed = missed_since(actor, args["cursor"], self.settings, limit=args["limit"])
            connection.send_json({"type": "resumed", "payload": missed})

    def _pong(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        connection.send_json({"type": "pong", "payload": {"timestamp": clock.rfc3339(clock.now())}})

    def _authenticate_again(self, connection: Connection, actor: Actor, payload: dict[str, Any]) -> None:
        raise Conflict("already_authenticated")
