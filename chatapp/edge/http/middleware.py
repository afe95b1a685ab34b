"""Hooks of every request and response: request ids, CORS, security headers, HTTPS, trusted proxies."""

from __future__ import annotations

import re
import uuid
from typing import cast

from flask import Flask, Response, current_app, g, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from chatapp.edge.http import origins
from chatapp.errors import Invalid, Reason
from chatapp.infra.postgres import reclaim_connection
from config import Settings

MAX_KEY_LENGTH = 128  # characters of an idempotency key, in a header, a field or a frame

_REQUEST_ID = re.compile("[A-Za-z0-9-]{1,64}")
_HEALTH_PATHS = ("/health", "/api/v1/health")  # routers probe them over plain HTTP
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, X-CSRF-Token, X-Request-ID, X-Session-ID, Range, If-Range,"
    " If-None-Match"
)
_EXPOSED_HEADERS = (
    "X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After,"
    " Content-Disposition, Content-Range, Accept-Ranges, ETag"
)
_PREFLIGHT_SECONDS = 7200  # the maximum of Chromium


def install(app: Flask, settings: Settings) -> None:
    """Add the hooks, and trust PROXY_HOPS proxies.

    X-Forwarded-Host is never trusted: behind a router that does not set it, a client could choose the server's origin.
    """
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops, x_host=0, x_port=0, x_prefix=0
        )
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(lambda error: reclaim_connection(request.endpoint or request.method))


def current_settings() -> Settings:
    """The settings of the application that handles this request."""
    return cast(Settings, current_app.config["SETTINGS"])


def idempotency_key() -> str | None:
    """The value of the header `Idempotency-Key`; None without one.

    Raises:
        Invalid: it is empty, too long, or not printable.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and (not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable()):
        raise Invalid({"Idempotency-Key": [Reason("bad_key", max=MAX_KEY_LENGTH)]})
    return key


def _begin() -> BaseResponse | None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    if current_settings().force_https and not request.is_secure and request.path not in _HEALTH_PATHS:
        return redirect(request.url.replace("http://", "https://", 1), code=308)
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return Response(status=204)
    return None


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-ID"] = g.get("request_id") or uuid.uuid4().hex
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cache-Control", "no-store")
    if current_settings().force_https or request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    _allow_origin(response)
    return response


def _allow_origin(response: Response) -> None:
    """Add the CORS headers. Credentials are never allowed: tokens are sent in a header, cookies to the origin."""
    if not current_settings().allowed_origins or "Access-Control-Allow-Origin" in response.headers:
        return
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not origins.is_listed(origin, current_settings().allowed_origins):
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _REQUEST_HEADERS
        response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
