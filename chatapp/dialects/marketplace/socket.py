"""`/ws/chat`: what a frame of a client does."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import editing, presence_changes, reading, sending, typing
from chatapp.actions.chats import Target
from chatapp.auth.actor import Actor
from chatapp.dialects.marketplace import frame_schemas, frames, replies
from chatapp.dialects.marketplace.catchup import missed_since
from chatapp.edge.rate_limits.frame_limiter import FrameLimiter
from chatapp.edge.websocket.socket_dialect import FrameDialect
from chatapp.errors import ChatError
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import Event
from chatapp.realtime.connection import Connection
from config import Settings


class MarketplaceSocket(FrameDialect):
    """The dialect of `/ws/chat`."""

    name = "marketplace"

    def __init__(self, settings: Settings, limiter: FrameLimiter) -> None:
        super().__init__(settings, limiter, frame_schemas.CLIENT_FRAMES)
        self.handlers = {
            "message": self._send,
            "ping": self._pong,
            "heartbeat": self._pong,
            "get_online_users": self._online_users,
            "typing": self._typing,
            "mark_read": self._mark_read,
            "edit_message": self._edit,
            "delete_message": self._delete,
            "resume": self._resume,
        }

    def encode(self, event: Event) -> bytes | None:
        """The frame that tells an event."""
        return frames.encode(event)

    def greeting(self, actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
        """The first frame."""
        return {"type": "connected", "user_id": actor.id, "timestamp": timestamp, "cursor": cursor}

    def opened(self, frame: dict[str, Any]) -> tuple[Any, Any]:
        """A frame without a type sends a message (seed 000)."""
        return frame.get("type", "message"), {name: frame[name] for name in frame if name != "type"}

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """The refusal of a frame."""
        return replies.error_frame(error, frame)

    def _send(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        args = self.loaded("message", frame)
        sent = sending.send_to(
            actor,
            Target(args["chat_id"], args["receiver_id"], args["listing_id"], args["storefront_product_id"]),
            args["content"],
            message_type=args["message_type"],
            location=args["location_data"],
            attachment_ids=args["attachment_ids"],
            idempotency_key=args["client_message_id"],
            origin=connection.id,
            strict_items=self.settings.items_strict,
        )
        _acknowledge(connection, args["client_message_id"], sent)

    def _edit(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        args = self.loaded("edit_message", frame)
        edited = editing.edit_message(
            actor,
            args["message_id"],
            args["content"],
            expected_version=args["version"],
            idempotency_key=args["client_message_id"],
        )
        if args["client_message_id"] is not None:
            _acknowledge(connection, args["client_message_id"], edited)

    def _delete(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self.limiter.check_send(connection.id, actor.id)
        editing.delete_message(actor, self.loaded("delete_message", frame)["message_id"])

    def _resume(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            args = self.loaded("resume", frame)
            missed = missed_since(actor, args["cursor"], self.settings, limit=args["limit"])
            connection.send_json({"type": "resumed", **missed})

    def _pong(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        connection.send_json({"type": "pong", "timestamp": clock.rfc3339(clock.now())})

    def _online_users(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            self.loaded("get_online_users", frame)
            users = presence_changes.online_partners(actor)
            connection.send_json({"type": "online_users_list", "payload": {"users": users}})

    def _typing(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self.limiter.allow_light(connection.id):
            args = self.loaded("typing", frame)
            typing.set_typing(actor, **args, clear_after=self.settings.typing_clear)

    def _mark_read(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if not self.limiter.allow_light(connection.id):
            return
        args = self.loaded("mark_read", frame)
        if "message_id" in args:
            reading.mark_message_read(actor, args["message_id"])
        else:
            reading.mark_read(actor, args["chat_id"], args["message_ids"])


def _acknowledge(connection: Connection, client_message_id: str | None, message: MessageSnapshot) -> None:
    connection.send_json(
        {
            "type": "message_ack",
            "client_message_id": client_message_id,
            "message": replies.message_json(message),
        }
    )
