"""The record of the social dialect."""

from __future__ import annotations

from chatapp.dialects.social import file_routes, frame_schemas, replies, routes
from chatapp.dialects.social.socket import SocialSocket
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope
from chatapp.edge.websocket.socket_dialect import SocketSpec

DIALECT = Dialect(
    name="social",
    prefix="/api/v1/chat",
    blueprints=(routes.bp, file_routes.bp),
    envelope=Envelope(replies.success, replies.failure),
    socket=SocketSpec(
        path="/api/v1/chat/ws",
        client_frames=frame_schemas.CLIENT_FRAMES,
        server_frames=frame_schemas.SERVER_FRAMES,
        build=SocialSocket,
        payload_member="payload",
    ),
)
