"""How each dialect wraps its response bodies, by path prefix, so that one place renders all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, g

from chatapp.edge.i18n.catalogue import DEFAULT_LANGUAGE, reason_texts
from chatapp.errors import ChatError, Invalid


@dataclass(frozen=True, slots=True)
class Envelope:
    """The two shapes of a dialect.

    Attributes:
        success: turns the data of a route into the body of its response.
        failure: turns a refusal and its HTTP status into the body of its response.
    """

    success: Callable[[Any], Any]
    failure: Callable[[ChatError, int], dict[str, Any]]


def _plain_failure(error: ChatError, status: int) -> dict[str, Any]:
    body = {"error": error.code, "status": status, "request_id": g.get("request_id"), **error.data}
    if isinstance(error, Invalid):
        body["fields"] = reason_texts(error, DEFAULT_LANGUAGE)
    return body


PLAIN = Envelope(success=lambda data: data, failure=_plain_failure)
_by_prefix: dict[str, Envelope] = {}
_longest_first: list[str] = []  # the prefixes
# With a newline at the end, what `curl` prints does not run into the next prompt.
_JSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE


def success_body(data: Any) -> dict[str, Any]:
    """The body of a success, as most dialects shape it."""
    return {"success": True, "data": data}


def failure_body(error: ChatError, *, key: str, message: str, language: str = DEFAULT_LANGUAGE) -> dict[str, Any]:
    """The body of a refusal, as most dialects shape it.

    Parameters:
        key: what programs compare.
        message: a sentence for people.
        language: of the details.
    """
    body: dict[str, Any] = {"success": False, "error": key, "message": message, "request_id": g.get("request_id")}
    if isinstance(error, Invalid):
        body["details"] = reason_texts(error, language)
    return body


def register(prefix: str, envelope: Envelope) -> None:
    """Use an envelope for everything at and below a path prefix, which has no slash at its end."""
    _by_prefix[prefix] = envelope
    _longest_first[:] = sorted(_by_prefix, key=len, reverse=True)


def envelope_for(path: str) -> Envelope:
    """The envelope of the longest prefix of the path; the plain one if no prefix matches."""
    # A path may have thousands of segments, so it is compared with each of the few prefixes.
    for prefix in _longest_first:
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", "/"):
            return _by_prefix[prefix]
    return PLAIN


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON response. The body must be JSON-ready; dialects format datetimes."""
    return Response(orjson.dumps(body, option=_JSON_OPTIONS), status, mimetype="application/json")
