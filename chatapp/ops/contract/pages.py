"""`/openapi.json`, `/asyncapi.json`, and Swagger UI at `/swagger/`, which loads nothing from other origins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import flask_swagger_ui  # type: ignore[import-untyped]
import orjson
from flask import Blueprint, Response, current_app, redirect, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from chatapp.edge.dialect import Dialect
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import NotFound
from chatapp.ops.contract.asyncapi import asyncapi_document
from chatapp.ops.contract.openapi import openapi_document
from chatapp.web import policy

_ASSETS = Path(flask_swagger_ui.__file__).parent / "dist"
_SERVED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
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


def contract_blueprint(dialects: Sequence[Dialect]) -> Blueprint:
    """The documents of all dialects, and the page."""
    blueprint = Blueprint("contract", __name__)
    openapi_json = _Document(lambda: openapi_document(cast(Any, current_app)._get_current_object()))
    asyncapi_json = _Document(lambda: asyncapi_document(dialects))

    @blueprint.get("/openapi.json")
    @limit("default")
    @_gives_document
    def openapi() -> Response:
        """Get this OpenAPI document, which describes every REST route."""
        return openapi_json.response()

    @blueprint.get("/asyncapi.json")
    @limit("default")
    @_gives_document
    def asyncapi() -> Response:
        """Get the AsyncAPI document, which describes every socket frame."""
        return asyncapi_json.response()

    @blueprint.get("/swagger")
    def without_slash() -> BaseResponse:
        """Redirect to the API reference, whose links are relative to its folder."""
        return redirect("/swagger/")

    @blueprint.get("/swagger/")
    @limit("default")
    def page() -> Response:
        """Show the API reference, where routes can be tried in a browser."""
        return _file(_PAGE, "text/html")

    @blueprint.get("/swagger/start.js")
    @limit("default")
    def start() -> Response:
        """Get the script that starts Swagger UI."""
        return _file(_START, "text/javascript")

    @blueprint.get("/swagger/<name>")
    @limit("default")
    def asset(name: str) -> Response:
        """Get a file of Swagger UI."""
        if name not in _SERVED:
            raise NotFound()
        response = send_from_directory(_ASSETS, name, max_age=3600)
        response.headers["Content-Security-Policy"] = policy.API_REFERENCE
        return response

    return blueprint


def _gives_document(view: Callable[[], Response]) -> Callable[[], Response]:
    """Document that a view returns a `_Document`."""
    view.responses = {  # type: ignore[attr-defined]
        "200": {"description": "The document.", "content": {"application/json": {"schema": {"type": "object"}}}},
        "304": {"description": "Not modified: the client has the current version."},
    }
    return view


class _Document:
    """A document that never changes while the process runs: built and encoded once, on its first request."""

    def __init__(self, write: Callable[[], dict[str, Any]]) -> None:
        self._write = write
        self._encoded = b""
        self._etag = ""

    def response(self) -> Response:
        """Return the document, or 304 if the client already has it."""
        if not self._encoded:
            self._encoded = orjson.dumps(self._write())
            self._etag = hashlib.sha256(self._encoded).hexdigest()[:32]
        response = Response(self._encoded, mimetype="application/json")
        response.headers["Cache-Control"] = "no-cache"  # cached, but revalidated: the next release may differ
        response.set_etag(self._etag)
        response.make_conditional(request)
        return response


def _file(text: str, mimetype: str) -> Response:
    response = Response(text, mimetype=mimetype)
    response.headers["Content-Security-Policy"] = policy.API_REFERENCE
    return response
