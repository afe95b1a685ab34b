"""The entries of the browser dialect in the registry of dialects."""

from __future__ import annotations

from chatapp.dialects.browser import account_routes, admin_routes, cookies, routes
from chatapp.dialects.browser.mounting import COOKIES
from chatapp.edge.account_schemas import MAX_BODY_BYTES
from chatapp.edge.accounts import error_code, failure
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.envelopes import Envelope

_ENVELOPE = Envelope(lambda data: data, failure)

DIALECT = Dialect(
    name="browser",
    prefix=cookies.PREFIX,
    blueprints=(routes.bp,),
    envelope=_ENVELOPE,
    error_code=error_code,
    credentials=COOKIES,
)
ACCOUNT = Dialect(
    name="browser_account",
    prefix=cookies.ACCOUNT_PREFIX,
    blueprints=(account_routes.bp,),
    envelope=_ENVELOPE,
    error_code=error_code,
    max_body_bytes=lambda settings: MAX_BODY_BYTES,
    is_enabled=lambda settings: settings.auth_mode == "builtin",
    credentials=COOKIES,
)
ADMIN = Dialect(
    name="browser_admin",
    prefix=f"{cookies.PREFIX}/admin",
    blueprints=(admin_routes.bp,),
    envelope=_ENVELOPE,
    error_code=error_code,
    credentials=COOKIES,
)
