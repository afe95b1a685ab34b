"""What all dialects share at the edge: who asks, how often, what a body may be, and how refusals are told."""

from __future__ import annotations

from flask import Flask

from chatapp.edge.http import error_handlers, middleware, request_body, routing, uploads
from chatapp.edge.rate_limits import request_limits
from config import Settings


def install(app: Flask, settings: Settings) -> None:
    """Prepare an application for the dialects' blueprints; to be called before any of them is registered.

    `runtime.build` must have been called with the same settings.
    """
    app.config["SETTINGS"] = settings
    routing.install(app)
    middleware.install(app, settings)
    request_body.install(app, settings)
    request_limits.install(app, settings)
    error_handlers.install(app, count_unseen=lambda: request_limits.check("default", request_limits.address()))
    uploads.remove_leftovers()
