"""`/openapi.json`, `/asyncapi.json`, and Swagger UI at `/swagger/`, which fetches nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import flask_swagger_ui  # type: ignore[import-untyped]
from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from chatapp.dialects.edge.envelopes import json_response
from chatapp.errors import NotFound
from chatapp.ops.contract.asyncapi import asyncapi_document
from chatapp.ops.contract.openapi import current_openapi

_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_SERVED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
# Scripts are files of ours, never inline; Swagger UI sets styles and shows its icons as data URLs.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>chatapp API</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" href="favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null
});
"""


def contract_blueprint() -> Blueprint:
    """The documents and the page."""
    blueprint = Blueprint("contract", __name__)

    @blueprint.get("/")
    def root() -> BaseResponse:
        """Lead whoever tries the bare address to the page of all routes."""
        return redirect("/swagger/")

    @blueprint.get("/openapi.json")
    def openapi() -> Response:
        """This document: every REST route."""
        return json_response(current_openapi())

    @blueprint.get("/asyncapi.json")
    def asyncapi() -> Response:
        """Every frame of the sockets."""
        return json_response(asyncapi_document())

    @blueprint.get("/swagger")
    def without_slash() -> BaseResponse:
        """Lead to the page, whose links are relative to its folder."""
        return redirect("/swagger/")

    @blueprint.get("/swagger/")
    def page() -> Response:
        """The routes to read and try in a browser."""
        return _file(_PAGE, "text/html")

    @blueprint.get("/swagger/start.js")
    def start() -> Response:
        """The script that starts the page."""
        return _file(_START, "text/javascript")

    @blueprint.get("/swagger/<name>")
    def asset(name: str) -> Response:
        """A file of Swagger UI."""
        if name not in _SERVED:
            raise NotFound()
        response = send_from_directory(_ASSETS, name, max_age=3600)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return blueprint


def _file(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Security-Policy"] = _POLICY
    return response
