"""What the sockets of people do alike in every dialect: greet, leave, count frames, and find what a frame asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatapp import clock
from chatapp.actions import presence_changes, typing
from chatapp.auth.actor import Actor
from chatapp.edge.catchup import cursor_of_now
from chatapp.edge.http.fields import ReplySchema, RequestSchema
from chatapp.edge.http.validation import load
from chatapp.edge.rate_limits.frame_limiter import FrameLimiter
from chatapp.errors import ChatError, Invalid, Reason
from chatapp.events.types import Event, MessageSent
from chatapp.realtime.connection import Connection
from chatapp.realtime.hub import Hub
from config import Settings

Handler = Callable[[Connection, Actor, dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketSpec:
    """The WebSocket of a dialect.

    Attributes:
        path: that it is served at.
        client_frames, server_frames: schemas by the type of a frame.
        build: makes what serves it.
        default_type: of a client's frame that names none; None where each must.
        payload_member: member of a frame that holds its fields; None where they stand beside the type.
    """

    path: str
    client_frames: Mapping[str, type[RequestSchema]]
    server_frames: Mapping[str, type[ReplySchema]]
    build: Callable[[Settings, FrameLimiter, Hub], FrameDialect]
    default_type: str | None = None
    payload_member: str | None = None


class FrameDialect(ABC):
    """A dialect whose frames are asked by people who have logged in.

    Parameters:
        limiter: counts frames over this worker's connections.
        schemas: of the frames that clients send, by type.

    Attributes:
        handlers: what each type of frame does. A handler gets the frame's fields, unchecked: a frame that is dropped
            for its number is not looked at.
    """

    name: str
    accepts_anonymous = False
    acknowledges_in_order = False
    tells_conversations = False

    def __init__(self, settings: Settings, limiter: FrameLimiter, schemas: Mapping[str, type[RequestSchema]]) -> None:
        self.settings = settings
        self.limiter = limiter
        self._schemas = {kind: schema() for kind, schema in schemas.items()}
        self.handlers: dict[str, Handler] = {}

    @abstractmethod
    def encode(self, event: Event) -> bytes | None:
        """The frame that tells an event; None for events that this dialect does not tell."""

    def encode_acknowledgement(self, event: MessageSent) -> bytes:
        """The frame that acknowledges a message at its place in the order."""
        raise NotImplementedError

    @abstractmethod
    def greeting(self, actor: Actor, timestamp: str, cursor: str) -> dict[str, Any]:
        """The first frame that the client hears."""

    @abstractmethod
    def error_frame(self, error: ChatError, frame: dict[str, Any] | None) -> dict[str, Any]:
        """The refusal of a frame; of None, where it could not be read."""

    @abstractmethod
    def opened(self, frame: dict[str, Any]) -> tuple[Any, Any]:
        """The type of a frame, and its fields."""

    def on_open(self, connection: Connection) -> None:
        """Greet, and tell partners that somebody came."""
        actor = actor_of(connection)
        cursor = cursor_of_now(actor, self.settings)
        connection.greet(self.greeting(actor, clock.rfc3339(clock.now()), cursor))
        presence_changes.connected(actor, connection.id, max_connections=self.settings.ws_max_connections_per_user)

    def on_close(self, connection: Connection) -> None:
        """Tell partners that somebody left, unless they come back at once."""
        actor = actor_of(connection)
        self.limiter.forget(connection.id)
        typing.stop_typing_everywhere(actor.id)
        presence_changes.disconnected(actor, connection.id, grace=self.settings.presence_grace)

    def on_frame(self, connection: Connection, frame: dict[str, Any]) -> None:
        """Do what a frame asks."""
        kind, fields = self.opened(frame)
        handler = self.handlers.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise Invalid({"type": [Reason("unknown_frame_type")]}, "unknown_frame_type")
        handler(connection, actor_of(connection), fields)

    def loaded(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The validated fields of a frame.

        Raises:
            Invalid: naming every field that is wrong.
        """
        return load(self._schemas[kind], fields)


def actor_of(connection: Connection) -> Actor:
    """Who is there; nobody else comes as far as these handlers."""
    assert connection.actor is not None
    return connection.actor
