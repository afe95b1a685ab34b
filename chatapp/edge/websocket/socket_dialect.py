"""Serves the socket of a dialect from its table: greets, unwraps, counts and validates frames, and calls handlers."""

from __future__ import annotations

from typing import Any

from chatapp import clock
from chatapp.actions import presence_changes, typing
from chatapp.auth.actor import Actor
from chatapp.edge.catchup import current_cursor
from chatapp.edge.http.validation import load
from chatapp.edge.rate_limits.frame_limits import FrameLimiter
from chatapp.edge.websocket.frame_table import Fields, FrameContext, SocketSpec
from chatapp.errors import ChatError, Invalid, Reason
from chatapp.events.moderation import SentMessage
from chatapp.events.types import Event
from chatapp.realtime.connection import Connection
from chatapp.realtime.hub import Hub
from config import Settings


class SocketDialect:
    """A dialect whose frames come from authenticated users.

    Parameters:
        name: of the dialect.
        limiter: counts frames of all connections of this worker.
    """

    accepts_anonymous = False

    def __init__(self, name: str, spec: SocketSpec, settings: Settings, limiter: FrameLimiter, hub: Hub) -> None:
        self.name = name
        self.default_type = spec.default_type
        self.acknowledges_in_order = spec.encode_acknowledgement is not None
        self.pushes_conversations = spec.pushes_conversations
        self.admits_visitors = spec.admits_visitors
        self._spec = spec
        self._settings = settings
        self._limiter = limiter
        self._hub = hub
        self._frames = {
            kind: (frame.limit, frame.schema() if frame.is_validated else None, frame.handle)
            for kind, frame in spec.client_frames.items()
        }

    def encode(self, event: Event) -> bytes | None:
        """Render an event; None for events that this dialect does not send."""
        return self._spec.encode(event)

    def encode_acknowledgement(self, event: SentMessage) -> bytes:
        """Render the acknowledgement that replaces an event on the sending socket."""
        assert self._spec.encode_acknowledgement is not None
        return self._spec.encode_acknowledgement(event)

    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """Render the refusal of a frame; of None, if it could not be parsed."""
        return self._spec.error_frame(error, frame)

    def on_open(self, connection: Connection) -> None:
        """Greet the client, and publish to chat partners that the user came online."""
        actor = _actor_of(connection)
        cursor = current_cursor(actor, self._settings)
        connection.greet(self._spec.greeting(actor, clock.rfc3339(clock.now()), cursor))
        presence_changes.connected(actor, connection.id, max_connections=self._settings.ws_max_connections_per_user)

    def on_close(self, connection: Connection) -> None:
        """Publish to chat partners that the user went offline, unless they reconnect within the grace period."""
        actor = _actor_of(connection)
        self._limiter.forget(connection.id)
        typing.stop_typing_everywhere(actor.id)
        presence_changes.disconnected(actor, connection.id, grace=self._settings.presence_grace)

    def on_frame(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Count, validate and handle a frame.

        Raises:
            ChatError: the frame is refused.
        """
        kind, fields = self._unwrap(frame)
        known = self._frames.get(kind) if isinstance(kind, str) else None
        if known is None:
            raise Invalid({"type": [Reason("unknown_frame_type")]}, "unknown_frame_type")
        limit, schema, handle = known
        actor = _actor_of(connection)
        if limit == "send":
            self._limiter.check_send(connection.id, actor.id)
        elif limit == "light" and not self._limiter.allow_light(connection.id):
            return
        handle(
            FrameContext(connection, actor, self._settings, self._hub, self._limiter),
            fields if schema is None else load(schema, fields),
        )

    def _unwrap(self, frame: dict[str, Any]) -> tuple[Any, Fields]:
        """The type of a frame, and its fields.

        Raises:
            Invalid: the member that holds the fields is not an object.
        """
        kind, member = frame.get("type", self._spec.default_type), self._spec.payload_member
        if member is None:
            return kind, {name: frame[name] for name in frame if name != "type"}
        payload = frame.get(member)
        if payload is not None and not isinstance(payload, dict):
            raise Invalid({member: [Reason("not_an_object")]})
        return kind, payload or {}


def _actor_of(connection: Connection) -> Actor:
    """The user of a connection; only authenticated ones reach this dialect."""
    assert connection.actor is not None
    return connection.actor
