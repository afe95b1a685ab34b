"""What all dialects share at the edge: who asks, how often, what a body may be, and how refusals are told."""

from __future__ import annotations

from flask import Flask

from chatapp.dialects.edge import body, failures, file_links, limits, requests, routing, uploads
from config import Settings


def install(app: Flask, settings: Settings) -> None:
    """Prepare an application for the dialects' blueprints; to be called before any of them is registered.

    `chatapp.infra.clients.bind` and `chatapp.auth.tokens.bind` must have been called with the same settings.
    """
    app.config["SETTINGS"] = settings
    routing.install(app)
    requests.install(app, settings)
    body.install(app, settings)
    limits.install(app, settings)
    failures.install(app, count_unseen=lambda: limits.check("default", limits.address()))
    file_links.bind(settings)
    uploads.remove_leftovers()
