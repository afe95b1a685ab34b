"""Schemas of the frames of `/api/chat/ws`. Client frames are validated by them, and AsyncAPI is printed from both."""

from __future__ import annotations

from marshmallow import fields

from chatapp.auth.session_ids import MAX_LENGTH
from chatapp.dialects.assistant import reply_schemas, request_schemas
from chatapp.edge.http.fields import Boolean, Integer, Limit, ReplySchema, RequestSchema, Text, Timestamp, Uuid

_WHICH = {"description": "The session; by default that of the socket."}
_STATES = ["thinking", "searching", "generating", "error"]


class _InSession(RequestSchema):
    session_id = Text(MAX_LENGTH, load_default="", metadata=_WHICH)


class Message(request_schemas.SendMessage):
    """Send a message. Repeating the frame with the same `client_message_id` sends it only once."""


class Typing(_InSession):
    """Announce that I started or stopped typing. Expires unless renewed."""

    is_typing = Boolean(required=True)


class Stop(_InSession):
    """Stop the answer. What was said so far becomes a message."""

    answer_id = Uuid(metadata={"description": "Only this answer; by default the one on its way."})


class Resume(_InSession):
    """Request the messages after one, and the answer that is on its way. Repeat while there is more."""

    after_id = Uuid(metadata={"description": "The last message that I have; without it, all."})
    limit = Limit(request_schemas.MAX_CATCH_UP, request_schemas.MAX_PAGE)


class Ping(RequestSchema):
    """Request a `pong`. Not rate-limited."""


class Heartbeat(RequestSchema):
    """The same as `ping`."""


class Connected(ReplySchema):
    """The socket is open and receives what happens in my sessions from now on."""

    session_id = Uuid(required=True, allow_none=True, metadata={"description": "Null for an account."})
    timestamp = Timestamp(required=True)


class _OfSession(ReplySchema):
    session_id = Uuid(required=True)
    version = Integer(0, required=True, metadata={"description": "Of the session: each change increments it."})


class MessageFrame(_OfSession):
    """A message that is no answer of the assistant: mine, from any device, or of a human."""

    message = fields.Nested(reply_schemas.Message, required=True)


class MessageUpdated(_OfSession):
    """A message was edited."""

    message = fields.Nested(reply_schemas.Message, required=True)


class AssistantMessage(_OfSession):
    """An answer is complete. It replaces the pieces with its `answer_id`."""

    answer_id = Uuid(required=True, allow_none=True)
    message = fields.Nested(reply_schemas.Message, required=True)


class _Piece(_OfSession):
    answer_id = Uuid(required=True)
    attempt = Integer(1, required=True, metadata={"description": "A higher one replaces what was said before."})
    index = Integer(0, required=True, metadata={"description": "Of the last piece, from 1 in each attempt."})


class AssistantDelta(_Piece):
    """A piece of an answer, to be appended to those before it. Ignore one whose `index` is not higher."""

    delta = Text(required=True)


class AssistantPartial(_Piece):
    """The text of an answer so far, once a second: it replaces the pieces up to `index`."""

    text = Text(required=True)


class TypingFrame(_OfSession):
    """Another participant started or stopped typing. The assistant has a state meanwhile."""

    user = Text(required=True, metadata={"description": "`assistant`, `user`, or `human`."})
    is_typing = Boolean(required=True)
    state = Text(required=True, allow_none=True, metadata={"enum": [*_STATES, None]})


class SessionHandover(_OfSession):
    """The session went to a human, or back to the assistant."""

    state = Text(required=True, metadata={"enum": ["offered", "accepted", "released"]})
    chat_id = Integer(1, required=True)


class SessionClaimed(_OfSession):
    """The session belongs to an account now."""


class SessionEnded(_OfSession):
    """The session has ended. No message follows."""


class Resumed(reply_schemas.MessagePage):
    """Messages that I have missed."""

    is_answering = Boolean(required=True, metadata={"description": "Whether an answer is on its way."})


class Pong(ReplySchema):
    """The answer to `ping`."""

    timestamp = Timestamp(required=True)


class ErrorFrame(ReplySchema):
    """A frame was refused. The socket stays open."""

    error = Text(required=True, metadata={"description": "Error code, such as `rate_limit_exceeded`."})
    message = Text(required=True, metadata={"description": "Human-readable message."})
    details = fields.Dict(metadata={"description": "Reasons by invalid field."})
    retry_after = Integer(1, metadata={"description": "Seconds."})
    client_message_id = Text(metadata={"description": "Of the message that was refused."})


SERVER_FRAMES: dict[str, type[ReplySchema]] = {
    "connected": Connected,
    "message": MessageFrame,
    "message.updated": MessageUpdated,
    "assistant.delta": AssistantDelta,
    "assistant.partial": AssistantPartial,
    "assistant.message": AssistantMessage,
    "typing": TypingFrame,
    "session.handover": SessionHandover,
    "session.claimed": SessionClaimed,
    "session.ended": SessionEnded,
    "resumed": Resumed,
    "pong": Pong,
    "error": ErrorFrame,
}
