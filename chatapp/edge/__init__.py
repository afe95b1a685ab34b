"""What all dialects share at the edge: authentication, rate limits, bounds of bodies, and responses to refusals."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from chatapp.edge.dialect import Dialect
from chatapp.edge.http import credentials, envelopes, error_handlers, middleware, request_body, routing, uploads
from chatapp.edge.http.credentials import Credentials
from chatapp.edge.rate_limits import request_limits
from config import Settings


def install(app: Flask, settings: Settings, dialects: Sequence[Dialect]) -> None:
    """Prepare an application and mount the REST routes of its dialects.

    `runtime.build` must have been called with the same settings.
    """
    app.config["SETTINGS"] = settings
    routing.install(app)
    middleware.install(app, settings)
    request_body.install(app, settings, _body_bounds(settings, dialects))
    request_limits.install(app, settings)
    credentials.install(app, _credentials(dialects))
    error_handlers.install(app, count_unrouted=lambda: request_limits.check("default", request_limits.address()))
    uploads.remove_abandoned_folders()
    for dialect in dialects:
        _mount(app, settings, dialect)


def _body_bounds(settings: Settings, dialects: Sequence[Dialect]) -> dict[str, int]:
    return {
        dialect.endpoint_name(blueprint): dialect.max_body_bytes(settings)
        for dialect in dialects
        if dialect.max_body_bytes is not None
        for blueprint in dialect.blueprints
    }


def _credentials(dialects: Sequence[Dialect]) -> dict[str, Credentials]:
    return {
        dialect.endpoint_name(blueprint): dialect.credentials
        for dialect in dialects
        for blueprint in dialect.blueprints
    }


def _mount(app: Flask, settings: Settings, dialect: Dialect) -> None:
    # Errors have the dialect's shape even if its routes are not served, and at the path of its socket.
    envelopes.register(dialect.prefix, dialect.envelope)
    if dialect.socket is not None:
        envelopes.register(dialect.socket.path, dialect.envelope)
    if dialect.is_enabled(settings):
        for blueprint in dialect.blueprints:
            app.register_blueprint(blueprint, url_prefix=dialect.prefix, name=dialect.endpoint_name(blueprint))
