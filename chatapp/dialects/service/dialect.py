"""The entry of the service routes in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.service import replies
from chatapp.dialects.service.routes import bp
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

DIALECT = Dialect(
    name="service",
    prefix="/api/v1/internal",
    blueprints=(bp,),
    envelope=Envelope(success_body, replies.failure),
    error_code=replies.error_code,
    max_body_bytes=lambda settings: settings.max_service_body_bytes,
)
