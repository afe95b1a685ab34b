"""Reads request bodies within bounds of time and size, and parses strict JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

import gevent
import orjson
from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from chatapp.edge.http.middleware import current_settings
from chatapp.errors import TooLarge, Unreadable, Unsupported
from config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_DEPTH = 64  # no body of the contract is deeper than five; far below Python's recursion limit
MAX_KEYS = 100  # of one object; no object of the contract has more than a dozen
# Of a whole body or frame. The longest list of the contract, the messages of a read request, has 500.
MAX_VALUES = 1000
DRAIN_SECONDS = (
    0.5  # for which the body of a refused request is read: closing over unread bytes would lose the response
)
DRAIN_BYTES = 16 << 20
DRAIN_CHUNKED_BYTES = 1 << 20  # of a chunked body, which costs more to read
# Raised when reading a body that is cut off, or violates its transfer encoding.
BROKEN = (ClientDisconnected, OSError, ParseException)
_CLOSE = "chatapp.close_connection"
_READ = "chatapp.body_was_read"


def install(app: Flask, settings: Settings, max_bytes: Mapping[str, int]) -> None:
    """Bound every body, and free connections with unread bodies.

    Parameters:
        max_bytes: bounds that replace MAX_BODY_BYTES, by the name of a blueprint.
    """
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes

    def apply_bound() -> None:
        bound = max_bytes.get(request.blueprint or "")
        if bound is not None:
            request.max_content_length = bound

    app.before_request(apply_bound)
    app.after_request(_discard_body)
    app.wsgi_app = _ConnectionCloser(app.wsgi_app)  # type: ignore[method-assign]


def read_json_object(*, optional: bool = False) -> dict[str, Any]:
    """The request's body as a JSON object.

    Parameters:
        optional: whether a missing body counts as an empty object.

    Raises:
        Unsupported: it is not `application/json` in UTF-8, or compressed.
        TooLarge: over MAX_BODY_BYTES, or the bound of its blueprint; before reading if `Content-Length` says so.
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
            # Of a chunked body werkzeug reads as much as is allowed, and ignores the rest.
            if request.content_length is None and request.environ["wsgi.input"].read(1):
                raise TooLarge()
    except RequestEntityTooLarge as error:
        raise TooLarge() from error
    except BROKEN as error:
        raise Unreadable("body_incomplete") from error
    body_was_read()
    return data


def body_was_read() -> None:
    """Record that the request's body has been read to its end."""
    request.environ[_READ] = True


def parse_json(data: bytes) -> Any:
    """Strict JSON: UTF-8 without a byte order mark, no NaN, no duplicate keys, no lone surrogates, bounded in depth,
    values and keys.

    Raises:
        Unreadable: it is not.
    """
    structure = _structure(data)
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Unreadable("invalid_json") from error
    # Every key has a colon. More colons than keys: a key is repeated.
    if _count_keys(parsed) != structure.count(b":"):
        raise Unreadable("duplicate_key")
    return parsed


def _structure(data: bytes) -> bytes:
    """The text without the contents of its strings.

    Parsing creates an object per value: a quarter of a megabyte of `[]` costs a tenth of a second. Counting the values
    first costs a thousandth of a second for any text. Invalid JSON may be miscounted here; orjson refuses it.

    Raises:
        Unreadable: `json_too_complex`: more values than any request needs.
    """
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if data.count(b'"') > 4 * MAX_VALUES:  # per value a key and a string, each between two of them
        raise Unreadable("json_too_complex")
    structure = b"".join(data.split(b'"')[::2])
    if structure.count(b",") + structure.count(b"[") + structure.count(b"{") > MAX_VALUES:
        raise Unreadable("json_too_complex")
    return structure


def _count_keys(parsed: Any) -> int:
    """The number of keys in all objects.

    Raises:
        Unreadable: the objects are nested too deeply, or one has too many keys.
    """
    count, level = 0, [parsed]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                if len(value) > MAX_KEYS:
                    raise Unreadable("json_too_complex")
                count += len(value)
                below.extend(child for child in value.values() if isinstance(child, dict | list))
            elif isinstance(value, list):
                below.extend(child for child in value if isinstance(child, dict | list))
        if not below:
            return count
        level = below
    raise Unreadable("json_too_deep")


def _check_content_type() -> None:
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Unsupported()
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Unsupported()


def _has_body() -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()


def _discard_body(response: Response) -> Response:
    """Read the rest of a refused body; close the connection if that takes too long.

    Otherwise the server would wait for the rest without a bound, and a slow body would hold a slot forever.
    """
    if _has_body() and not request.environ.get(_READ) and not _drain():
        request.environ[_CLOSE] = True
    return response


def _drain() -> bool:
    """Read and drop the rest of the body. Returns whether its end was reached within the bounds."""
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
    left = DRAIN_CHUNKED_BYTES if length is None else min(length, DRAIN_BYTES)
    while left > 0:
        piece = stream.read(min(left, 65_536))
        if not piece:
            return True
        left -= len(piece)
    return length is not None and length <= DRAIN_BYTES


class _ConnectionCloser:
    """Makes gunicorn close the connection after a response: it ignores `Connection: close` of an application."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = getattr(start_response, "__self__", None)
        body = self._application(environ, start_response)
        force_close = getattr(answer, "force_close", None)
        if environ.get(_CLOSE) and force_close is not None:
            force_close()
        return body
