"""The entry of the social dialect in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.social import (
    file_routes,
    group_routes,
    mark_routes,
    moderation_routes,
    privacy_routes,
    replies,
    routes,
    search_routes,
    settings_routes,
)
from chatapp.dialects.social.error_codes import wire_code
from chatapp.dialects.social.socket import SOCKET
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope

DIALECT = Dialect(
    name="social",
    prefix="/api/v1/chat",
    blueprints=(
        routes.bp,
        file_routes.bp,
        group_routes.bp,
        mark_routes.bp,
        moderation_routes.bp,
        settings_routes.bp,
        search_routes.bp,
        privacy_routes.bp,
    ),
    envelope=Envelope(replies.success, replies.failure),
    error_code=wire_code,
    socket=SOCKET,
)
