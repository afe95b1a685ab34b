"""The entries of the assistant in the registry of dialects: its routes have two prefixes."""

from __future__ import annotations

from chatapp.dialects.assistant import chat_routes, replies, session_routes
from chatapp.dialects.assistant.socket import SOCKET
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope

_ENVELOPE = Envelope(lambda data: data, replies.failure)

DIALECT = Dialect(
    name="assistant",
    prefix="/api/chat",
    blueprints=(chat_routes.bp,),
    envelope=_ENVELOPE,
    socket=SOCKET,
)
SESSIONS = Dialect(
    name="assistant_sessions", prefix="/api/sessions", blueprints=(session_routes.bp,), envelope=_ENVELOPE
)
