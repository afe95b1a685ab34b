"""`/ws/chat`: what a frame of a client does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatapp import clock, metrics
from chatapp.actions import editing, presence, reading, sending, typing
from chatapp.actions.chats import Target
from chatapp.actor import Actor
from chatapp.dialects.edge import languages
from chatapp.dialects.edge.frame_limits import FrameLimiter
from chatapp.dialects.edge.validation import load
from chatapp.dialects.marketplace import frames, replies
from chatapp.dialects.marketplace.catchup import cursor_of_now, missed_since
from chatapp.dialects.marketplace.routes import cleaned
from chatapp.errors import ChatError, Invalid
from chatapp.events import Event, MessageSnapshot
from chatapp.realtime.connection import Connection
from config import Settings

Handler = Callable[[Connection, Actor, dict[str, Any]], None]


class MarketplaceSocket:
    """The dialect of `/ws/chat`.

    Parameters:
        limiter: counts frames over this worker's connections.
    """

    name = "marketplace"
    accepts_anonymous = False

    def __init__(self, settings: Settings, limiter: FrameLimiter) -> None:
        self._settings = settings
        self._limiter = limiter
        self._schemas = {kind: schema() for kind, schema in frames.CLIENT_FRAMES.items()}
        self._handlers: dict[str, Handler] = {
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

    def on_open(self, connection: Connection) -> None:
        """Greet, and tell partners that somebody came."""
        actor = _actor_of(connection)
        cursor = cursor_of_now(actor, self._settings)
        connection.greet(
            {"type": "connected", "user_id": actor.id, "timestamp": clock.rfc3339(clock.now()), "cursor": cursor}
        )
        presence.connected(actor, connection.id, max_connections=self._settings.ws_max_connections_per_user)

    def on_close(self, connection: Connection) -> None:
        """Tell partners that somebody left, unless they come back at once."""
        actor = _actor_of(connection)
        self._limiter.forget(connection.id)
        typing.stop_typing_everywhere(actor.id)
        presence.disconnected(actor, connection.id, grace=self._settings.presence_grace)

    def on_frame(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Do what a frame asks. A frame without a type sends a message (seed 000)."""
        kind = frame.get("type", "message")
        handler = self._handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise Invalid({"type": ["Not a known type of frame."]}, "unknown_frame_type")
        handler(connection, _actor_of(connection), {name: frame[name] for name in frame if name != "type"})

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """The refusal of a frame."""
        key = (frame or {}).get("client_message_id")
        return replies.frame_failure(error, language=languages.preferred(), client_message_id=key)

    def _send(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self._limiter.check_send(connection.id, actor.id)
        args = load(self._schemas["message"], frame)
        sent = sending.send_to(
            actor,
            Target(args["chat_id"], args["receiver_id"], args["listing_id"], args["storefront_product_id"]),
            cleaned(args["content"], self._settings.sanitize_html),
            message_type=args["message_type"],
            location=args["location_data"],
            client_key=args["client_message_id"],
            origin=connection.id,
            strict_items=self._settings.items_strict,
            max_length=self._settings.max_content_length,
        )
        _acknowledge(connection, args["client_message_id"], sent)
        metrics.message_sent("websocket")
        typing.stop_typing(actor.id, sent.chat_id)

    def _edit(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self._limiter.check_send(connection.id, actor.id)
        args = load(self._schemas["edit_message"], frame)
        edited = editing.edit_message(
            actor,
            args["message_id"],
            cleaned(args["content"], self._settings.sanitize_html),
            max_length=self._settings.max_content_length,
            expected_version=args["version"],
            client_key=args["client_message_id"],
        )
        if args["client_message_id"] is not None:
            _acknowledge(connection, args["client_message_id"], edited)

    def _delete(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        self._limiter.check_send(connection.id, actor.id)
        editing.delete_message(actor, load(self._schemas["delete_message"], frame)["message_id"])

    def _resume(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self._limiter.check_light(connection.id):
            args = load(self._schemas["resume"], frame)
            missed = missed_since(actor, args["cursor"], self._settings, limit=args["limit"])
            connection.send_json({"type": "resumed", **missed})

    def _pong(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        connection.send_json({"type": "pong", "timestamp": clock.rfc3339(clock.now())})

    def _online_users(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self._limiter.check_light(connection.id):
            load(self._schemas["get_online_users"], frame)
            users = presence.online_partners(actor)
            connection.send_json({"type": "online_users_list", "payload": {"users": users}})

    def _typing(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if self._limiter.check_light(connection.id):
            args = load(self._schemas["typing"], frame)
            typing.set_typing(actor, **args, clear_after=self._settings.typing_clear)

    def _mark_read(self, connection: Connection, actor: Actor, frame: dict[str, Any]) -> None:
        if not self._limiter.check_light(connection.id):
            return
        args = load(self._schemas["mark_read"], frame)
        if "message_id" in args:
            read = reading.mark_message_read(actor, args["message_id"])
        else:
            read = reading.mark_read(actor, args["chat_id"], args["message_ids"])
        metrics.messages_read(read.newly_read)


def _acknowledge(connection: Connection, client_message_id: str | None, message: MessageSnapshot) -> None:
    connection.send_json(
        {
            "type": "message_ack",
            "client_message_id": client_message_id,
            "message": replies.message_json(message),
        }
    )


def _actor_of(connection: Connection) -> Actor:
    assert connection.actor is not None
    return connection.actor
