"""The table that a dialect declares for its socket: which frames there are, and what each does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chatapp.auth.actor import Actor
from chatapp.edge.http.fields import ReplySchema, RequestSchema
from chatapp.edge.rate_limits.frame_limits import FrameLimiter
from chatapp.errors import ChatError
from chatapp.events.moderation import SentMessage
from chatapp.events.types import Event
from chatapp.realtime.connection import Connection
from chatapp.realtime.hub import Hub
from config import Settings

Fields = dict[str, Any]
Limit = Literal["send", "light"]


@dataclass(slots=True)
class FrameContext:
    """What a handler may use besides the fields of its frame."""

    connection: Connection
    actor: Actor
    settings: Settings
    hub: Hub
    limiter: FrameLimiter


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """A type of frame that clients send.

    Attributes:
        schema: of its fields.
        handle: handles a frame, from its validated fields.
        limit: counted before the fields are looked at. Over `send` the frame is refused, over `light` it is dropped
            silently; None: not counted.
        is_validated: False where the handler needs no fields, so that unknown ones are ignored.
    """

    schema: type[RequestSchema]
    handle: Callable[[FrameContext, Fields], None]
    limit: Limit | None = None
    is_validated: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketSpec:
    """The WebSocket of a dialect.

    Attributes:
        path: that it is served at.
        client_frames: by type.
        server_frames: schemas by type, for the documents and tests.
        greeting: renders the first frame from the user, the time and the cursor of that time.
        error_frame: renders the refusal of a frame; of None, if the frame could not be parsed.
        encode: renders an event as JSON; None for events that the dialect does not send.
        encode_acknowledgement: renders what the sending socket gets in place of the event, in the order of live frames;
            None: handlers acknowledge by themselves.
        pushes_conversations: whether clients receive a conversation each time that its entry in the list changes.
        default_type: type of a client frame that names none; None if the type is required.
        admits_visitors: whether the id of a session (`?session_id=`) may take the place of credentials.
        payload_member: member of a frame that holds its fields; None if they are members beside the type.
    """

    path: str
    client_frames: Mapping[str, ClientFrame]
    server_frames: Mapping[str, type[ReplySchema]]
    greeting: Callable[[Actor, str, str], dict[str, Any]]
    error_frame: Callable[[ChatError, dict[str, Any] | None], dict[str, Any]]
    encode: Callable[[Event], bytes | None]
    encode_acknowledgement: Callable[[SentMessage], bytes] | None = None
    pushes_conversations: bool = False
    default_type: str | None = None
    payload_member: str | None = None
    admits_visitors: bool = False
