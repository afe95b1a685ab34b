"""Responses with all data of a user, written while it is read."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response

from chatapp.auth.actor import Actor
from chatapp.errors import Unavailable
from chatapp.files.names import content_disposition
from chatapp.queries.export import Document

log = logging.getLogger(__name__)

View = Callable[..., Any]


def gives_export(view: View) -> View:
    """Document that a view responds with `export_response`."""
    shape = {"type": "object", "required": ["format", "exported_at", "profile", "chats", "messages", "is_complete"]}
    content = {"application/json": {"schema": shape}}
    description = "The document of docs/privacy.md, without an envelope. `is_complete` is false if the user was erased."
    view.responses = {"200": {"description": description, "content": content}}  # type: ignore[attr-defined]
    return view


def export_response(actor: Actor) -> Response:
    """The actor's data as a JSON document, in pieces."""
    response = Response(_body(Document(actor)), mimetype="application/json")
    response.headers["Content-Disposition"] = content_disposition("chat-export.json", "attachment")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _body(document: Document) -> Iterator[bytes]:
    """The pieces. The headers are sent when Postgres fails, so the connection is cut, as for a download."""
    try:
        yield from document
    except Unavailable:
        log.warning("export cut: the database is down")
        raise BrokenPipeError(errno.EPIPE, "the export was cut") from None
