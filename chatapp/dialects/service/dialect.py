"""The entry of the service routes in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.service import assistant_routes, moderation_routes, replies, routes
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

DIALECT = Dialect(
    name="service",
    prefix="/api/v1/internal",
    blueprints=(routes.bp, moderation_routes.bp, assistant_routes.bp),
    envelope=Envelope(success_body, replies.failure),
    error_code=replies.error_code,
    max_body_bytes=lambda settings: settings.max_service_body_bytes,
)
