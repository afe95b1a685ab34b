"""Authentication of requests: the access token becomes `g.actor`, or the request is refused."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, g

from chatapp.actions import accounts
from chatapp.auth import tokens
from chatapp.edge.http import credentials
from chatapp.edge.http.credentials import bearer_token
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.rate_limits import request_limits
from chatapp.errors import Unauthorised

View = Callable[..., Any]


def authenticate() -> None:
    """Set `g.actor` from the access token that the dialect's credentials hold.

    Raises:
        Unauthorised: no token, or it is invalid, expired or revoked.
        RateLimited: too many refused tokens from this address.
    """
    try:
        g.actor = accounts.actor_of(tokens.verify(credentials.current().token()))
    except Unauthorised:
        request_limits.check("default", request_limits.address())
        raise


def requires_actor(view: View) -> View:
    """Require an access token for a view. Goes above `limit`."""

    @wraps(view)
    def wrapper(*args: Any, **path: Any) -> Any:
        authenticate()
        return view(*args, **path)

    wrapper.security = "actor"  # type: ignore[attr-defined]
    return wrapper


def protect(blueprint: Blueprint) -> None:
    """Require an access token for all views of a blueprint."""
    blueprint.before_request(authenticate)
    blueprint.security = "actor"  # type: ignore[attr-defined]


def protect_for_services(blueprint: Blueprint) -> None:
    """Require SERVICE_TOKEN for all views of a blueprint; without that setting no request is allowed."""
    blueprint.before_request(_check_service_token)
    blueprint.security = "service"  # type: ignore[attr-defined]


def _check_service_token() -> None:
    expected, given = current_settings().service_token, ""
    try:
        given = bearer_token()
        if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
            raise Unauthorised("token_invalid")
    except Unauthorised:
        request_limits.check("default", request_limits.address())
        raise
