"""The entry of the account routes in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.account.routes import bp
from chatapp.edge.account_schemas import MAX_BODY_BYTES
from chatapp.edge.accounts import error_code, failure
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope, success_body

DIALECT = Dialect(
    name="account",
    prefix="/api/v1/auth",
    blueprints=(bp,),
    envelope=Envelope(success_body, failure),
    error_code=error_code,
    max_body_bytes=lambda settings: MAX_BODY_BYTES,
    is_enabled=lambda settings: settings.auth_mode == "builtin",
)
