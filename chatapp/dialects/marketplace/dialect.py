"""The record of the marketplace dialect."""

from __future__ import annotations

from chatapp.dialects.marketplace import file_routes, frame_schemas, replies, routes
from chatapp.dialects.marketplace.socket import MarketplaceSocket
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body
from chatapp.edge.websocket.socket_dialect import SocketSpec

DIALECT = Dialect(
    name="marketplace",
    prefix="/api/v1/marketplace/chat",
    blueprints=(routes.bp, file_routes.bp),
    envelope=Envelope(success_body, replies.failure),
    socket=SocketSpec(
        path="/ws/chat",
        client_frames=frame_schemas.CLIENT_FRAMES,
        server_frames=frame_schemas.SERVER_FRAMES,
        build=lambda settings, limiter, hub: MarketplaceSocket(settings, limiter),
        default_type="message",
    ),
)
