"""Renders every error as a response: its status from one table, its body from the dialect of the path."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import WebsocketMismatch
from werkzeug.wrappers import Response as BaseResponse

from chatapp import errors
from chatapp.edge.http.envelopes import envelope_for, json_response

log = logging.getLogger(__name__)

_COUNT = "chatapp.count_unrouted"


class MethodNotAllowed(errors.ChatError):
    """The path exists, but not for this method."""

    code = "method_not_allowed"


class RangeNotSatisfiable(errors.ChatError):
    """None of the requested bytes exist.

    Attributes:
        size: of the file, in bytes.
    """

    code = "range_not_satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


class UpgradeRequired(errors.ChatError):
    """A request to the path of a socket that is not an upgrade to WebSocket version 13."""

    code = "upgrade_required"


# RFC 9110, 15.5.22 and RFC 6455, 4.2.2: the protocol to upgrade to, and its version.
UPGRADE_HEADERS = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}

STATUS: dict[type[errors.ChatError], int] = {
    errors.Unreadable: 400,
    errors.Unauthorised: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    MethodNotAllowed: 405,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    RangeNotSatisfiable: 416,
    errors.Invalid: 422,
    UpgradeRequired: 426,
    errors.RateLimited: 429,
    errors.Unavailable: 503,
}
_FROM_HTTP: dict[int, type[errors.ChatError]] = {
    404: errors.NotFound,
    405: MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.Unsupported,
}


def install(app: Flask, count_unrouted: Callable[[], None] = lambda: None) -> None:
    """Render every exception that a view or hook raises.

    Parameters:
        count_unrouted: counts a request that reached no view, and hence no limit; raises RateLimited.
    """
    app.extensions[_COUNT] = count_unrouted
    app.register_error_handler(errors.ChatError, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unexpected)


def status_of(kind: type[errors.ChatError]) -> int:
    """The HTTP status of a class of errors, or of its nearest base that has one."""
    return next((STATUS[cls] for cls in kind.__mro__ if cls in STATUS), 500)


def render(error: errors.ChatError) -> Response:
    """The response for an error, in the shape of the dialect of the path."""
    status = status_of(type(error))
    response = json_response(envelope_for(request.path).failure(error, status), status)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if isinstance(error, RangeNotSatisfiable):
        response.headers["Content-Range"] = f"bytes */{error.size}"
    if isinstance(error, UpgradeRequired):
        response.headers.extend(UPGRADE_HEADERS)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _render_http(error: HTTPException) -> BaseResponse:
    """The response for an error of Flask. Redirects and complete responses pass unchanged."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response(request.environ)
    if code >= 500:
        return _render_unexpected(error)
    if _is_unrouted():
        try:
            current_app.extensions[_COUNT]()
        except errors.RateLimited as refusal:
            return render(refusal)
    if isinstance(error, WebsocketMismatch) and request.headers.get("Upgrade", "").lower() != "websocket":
        return render(UpgradeRequired())
    response = render(_FROM_HTTP.get(code, errors.Unreadable)())
    if code == 405:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _is_unrouted() -> bool:
    """Whether the request reached no view, or is a plain request to a socket: no limit has counted it."""
    return request.url_rule is None or request.url_rule.websocket


def _render_unexpected(error: Exception) -> Response:
    """The response for a defect, which is logged by class and location only: messages of drivers quote values."""
    log.error(
        "unexpected failure",
        extra={
            "failure": type(error).__qualname__,
            "stack": "".join(traceback.format_tb(error.__traceback__)),
            "endpoint": request.endpoint,
        },
    )
    return render(errors.ChatError())
