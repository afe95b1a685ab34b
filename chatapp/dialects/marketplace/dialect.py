"""The entry of the marketplace dialect in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.marketplace import file_routes, replies, routes
from chatapp.dialects.marketplace.socket import SOCKET
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

DIALECT = Dialect(
    name="marketplace",
    prefix="/api/v1/marketplace/chat",
    blueprints=(routes.bp, file_routes.bp),
    envelope=Envelope(success_body, replies.failure),
    error_code=replies.error_code,
    socket=SOCKET,
)
