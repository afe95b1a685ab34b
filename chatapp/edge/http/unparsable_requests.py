"""Responses to requests that cannot be parsed.

gunicorn sends them before the application is called: here as JSON, in the shape of paths that no dialect owns.
"""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util

log = logging.getLogger("chatapp.requests")

_CODES = {
    400: "unreadable",
    403: "forbidden",
    414: "uri_too_long",
    417: "expectation_failed",
    431: "headers_too_large",
    501: "not_implemented",
}


def install() -> None:
    """Replace gunicorn's own responses in this process."""
    util.write_error = _write_error


def _write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """The replacement of `gunicorn.util.write_error`. Omits its message, which may quote the request."""
    request_id = uuid.uuid4().hex
    log.info("request refused unparsed", extra={"status": status_int, "request_id": request_id})
    code = _CODES.get(status_int, "internal_error")
    body = orjson.dumps({"error": code, "status": status_int, "request_id": request_id})
    head = (
        f"HTTP/1.1 {status_int} {HTTPStatus(status_int).phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"X-Request-ID: {request_id}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode() + body)
