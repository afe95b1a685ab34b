"""How each dialect wraps what it answers. Dialects register theirs by path prefix, so that one place can render all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, g

from chatapp.errors import ChatError


@dataclass(frozen=True, slots=True)
class Envelope:
    """The two shapes of a dialect.

    Attributes:
        success: from the data of a route to the body of its response.
        failure: from a refusal and its HTTP status to the body of its response.
    """

    success: Callable[[Any], Any]
    failure: Callable[[ChatError, int], dict[str, Any]]


def _plain_failure(error: ChatError, status: int) -> dict[str, Any]:
    return {"error": error.code, "status": status, "request_id": g.get("request_id"), **error.data}


PLAIN = Envelope(success=lambda data: data, failure=_plain_failure)
_by_prefix: dict[str, Envelope] = {}
_longest_first: list[str] = []  # its keys
# With a newline at the end, what `curl` prints does not run into the next prompt.
_JSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE


def register(prefix: str, success: Callable[[Any], Any], failure: Callable[[ChatError, int], dict[str, Any]]) -> None:
    """Wrap everything at and below a path prefix (without a slash at its end) in these shapes."""
    _by_prefix[prefix] = Envelope(success, failure)
    _longest_first[:] = sorted(_by_prefix, key=len, reverse=True)


def envelope_for(path: str) -> Envelope:
    """The shapes of the longest prefix that the path lies under; plain ones where none does."""
    # A path may have thousands of segments, so the few prefixes are compared with it, not its prefixes with them.
    for prefix in _longest_first:
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
            return _by_prefix[prefix]
    return PLAIN


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON response. The body must be JSON-ready; datetimes are the dialects' to print."""
    return Response(orjson.dumps(body, option=_JSON_OPTIONS), status, mimetype="application/json")
