"""The entry of the account routes in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.account import replies
from chatapp.dialects.account.routes import bp
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

# Senders are not authenticated yet. The longest body names 1,300 characters, each of which may be escaped in 12 bytes.
MAX_BODY_BYTES = 32 * 1024

DIALECT = Dialect(
    name="account",
    prefix="/api/v1/auth",
    blueprints=(bp,),
    envelope=Envelope(success_body, replies.failure),
    error_code=replies.error_code,
    max_body_bytes=lambda settings: MAX_BODY_BYTES,
    is_enabled=lambda settings: settings.auth_mode == "builtin",
)
