"""How a request body is read: in time, within bounds, and as strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

import gevent
import orjson
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from chatapp.dialects.edge.requests import current_settings
from chatapp.errors import TooLarge, Unreadable, Unsupported
from config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_DEPTH = 64  # no body of the contract is deeper than five; recursion further down stays far from Python's limit
DRAIN_SECONDS = 0.5  # a refused request's body is read on for so long, as closing over unread bytes loses the answer
DRAIN_BYTES = 16 << 20
# What reading raises for a body that is cut, or is not what its transfer encoding says.
BROKEN = (ClientDisconnected, OSError, ParseException)
_CLOSE = "chatapp.close_connection"
_READ = "chatapp.body_was_read"
_KEYS = re.compile(rb'"[ \t\r\n]*:')


def install(app: Flask, settings: Settings) -> None:
    """Bound every body, and let no unread one hold its connection."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.after_request(_leave_no_body)
    app.wsgi_app = _CloseWhenAsked(app.wsgi_app)  # type: ignore[method-assign]


def read_json_object(*, optional: bool = False) -> dict[str, Any]:
    """The request's body as a JSON object.

    Parameters:
        optional: whether no body at all counts as an empty object.

    Raises:
        Unsupported: it is not `application/json` in UTF-8, or compressed.
        TooLarge: over MAX_BODY_BYTES; noticed before it is read where its length is told.
        Unreadable: it did not arrive in BODY_TIMEOUT, is not JSON, or not an object.
    """
    if optional and not _has_body():
        body_was_read()
        return {}
    _check_content_type()
    parsed = parse_json(read_bytes())
    if not isinstance(parsed, dict):
        raise Unreadable("body_not_an_object")
    return parsed


def read_bytes() -> bytes:
    """The whole body.

    Raises:
        TooLarge, Unreadable: as `read_json_object`.
    """
    try:
        with gevent.Timeout(current_settings().body_timeout, Unreadable("body_timeout")):
            data = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge() from error
    except BROKEN as error:
        raise Unreadable("body_incomplete") from error
    body_was_read()
    return data


def body_was_read() -> None:
    """Note that nothing of the request's body is left to be read on."""
    request.environ[_READ] = True


def parse_json(data: bytes) -> Any:
    """Strict JSON: UTF-8 without a byte order mark, no NaN, no duplicate keys, no lone surrogates, bounded depth.

    Raises:
        Unreadable: it is something else.
    """
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Unreadable("invalid_json") from error
    # Most frames are one flat object, which need not be walked through.
    is_flat = isinstance(parsed, dict) and data.count(b"{") + data.count(b"[") == 1
    keys = len(parsed) if is_flat else _count_keys(parsed)
    # Every key shows as `":` in the text. More of these than keys: a text holds one, or a key came twice.
    if keys and len(_KEYS.findall(data)) != keys:
        _refuse_duplicates(data)
    return parsed


def _count_keys(parsed: Any) -> int:
    count, level = 0, [parsed]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                count += len(value)
                below.extend(child for child in value.values() if isinstance(child, dict | list))
            elif isinstance(value, list):
                below.extend(child for child in value if isinstance(child, dict | list))
        if not below:
            return count
        level = below
    raise Unreadable("json_too_deep")


def _refuse_duplicates(data: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise Unreadable("duplicate_key")

    json.loads(data, object_pairs_hook=check)


def _check_content_type() -> None:
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Unsupported()
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Unsupported()


def _has_body() -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _leave_no_body(response: Response) -> Response:
    """Read on what a refusal left unread; ask for the connection's end where that takes too long.

    Without it the server would wait for the rest without a bound, and a slow body would hold a slot for ever.
    """
    if _has_body() and not request.environ.get(_READ) and not _drain():
        request.environ[_CLOSE] = True
    return response


def _drain() -> bool:
    """Read and drop the rest of the body; whether its end was reached within the bounds."""
    timeout = gevent.Timeout(DRAIN_SECONDS)
    try:
        with timeout:
            return _read_to_end(request.environ["wsgi.input"], request.content_length)
    except gevent.Timeout as raised:
        if raised is not timeout:
            raise
    except BROKEN:
        return False
    return False


def _read_to_end(stream: IO[bytes], length: int | None) -> bool:
    left = DRAIN_BYTES if length is None else min(length, DRAIN_BYTES)
    while left > 0:
        piece = stream.read(min(left, 65_536))
        if not piece:
            return True
        left -= len(piece)
    return length is not None and length <= DRAIN_BYTES


class _CloseWhenAsked:
    """Tells gunicorn to close the connection after a response; it ignores an application's `Connection: close`."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self._application(environ, start_response)
        force_close = getattr(getattr(start_response, "__self__", None), "force_close", None)
        if environ.get(_CLOSE) and force_close is not None:
            force_close()
        return body
