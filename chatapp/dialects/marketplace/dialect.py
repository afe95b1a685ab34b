"""The entry of the marketplace dialect in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.marketplace import (
    block_routes,
    file_routes,
    gallery_routes,
    group_routes,
    mark_routes,
    moderation_routes,
    privacy_routes,
    replies,
    routes,
    search_routes,
    settings_routes,
)
from chatapp.dialects.marketplace.socket import SOCKET
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

DIALECT = Dialect(
    name="marketplace",
    prefix="/api/v1/marketplace/chat",
    blueprints=(
        routes.bp,
        file_routes.bp,
        gallery_routes.bp,
        group_routes.bp,
        mark_routes.bp,
        moderation_routes.bp,
        settings_routes.bp,
        search_routes.bp,
        privacy_routes.bp,
        block_routes.bp,
    ),
    envelope=Envelope(success_body, replies.failure),
    error_code=replies.error_code,
    socket=SOCKET,
)
