"""Downloads: streams a file, or a range of it, from the object store to the client."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, request
from werkzeug.datastructures import ContentRange
from werkzeug.http import is_resource_modified, parse_range_header

from chatapp import clock
from chatapp.actions.attachments.uploading import Download
from chatapp.edge.http.error_handlers import RangeNotSatisfiable
from chatapp.errors import Unavailable
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.files.names import content_disposition
from chatapp.infra import object_storage

log = logging.getLogger(__name__)

View = Callable[..., Any]

# Nothing in a file runs, and no browser shows it as part of this origin.
POLICY = "sandbox; default-src 'none'"


def gives_bytes(view: View) -> View:
    """Document that a view responds with `file_response`."""
    view.gives_bytes = True  # type: ignore[attr-defined]
    return view


def file_response(download: Download) -> Response:
    """The response to the request for a file: all of it, a range, or 304 if the client has it.

    Raises:
        RangeNotSatisfiable: the range is outside the file.
        Unavailable: the object store is down.
    """
    file = download.attachment
    response = _response_for(file)
    response.headers["ETag"] = download.etag
    response.make_conditional(request.environ)
    if response.status_code != 200:
        return response
    start, stop = _requested_range(response, file.file_size)
    if (start, stop) != (0, file.file_size):
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, file.file_size)
    if request.method != "HEAD":
        response.response = _ObjectBody(object_storage.read(file.object_name, offset=start, length=stop - start))
    response.content_length = stop - start
    return response


def _response_for(file: AttachmentSnapshot) -> Response:
    response = Response(mimetype=file.content_type)
    response.headers["Content-Disposition"] = content_disposition(file.file_name, "inline")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Accept-Ranges"] = "bytes"
    # Only the client caches it, and revalidates each time: membership may have ended, or the file may be deleted.
    response.headers["Cache-Control"] = "private, no-cache"
    response.last_modified = clock.parse_rfc3339(file.created_at)
    return response


def _requested_range(response: Response, size: int) -> tuple[int, int]:
    """The first byte and the end of the range. Several or malformed ranges are answered with the whole file."""
    ranges = parse_range_header(request.headers.get("Range"))
    if request.method != "GET" or ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return 0, size
    if "If-Range" in request.headers and is_resource_modified(
        request.environ,
        response.headers["ETag"],
        last_modified=response.headers["Last-Modified"],
        ignore_if_range=False,
    ):
        return 0, size
    start, stop = ranges.ranges[0]
    if start < 0:  # that many bytes at the end
        return max(0, size + start), size
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, size if stop is None else min(stop, size)


class _ObjectBody:
    """An open object as the body of a response.

    The headers are sent already when the store fails, so the connection is cut, which shows the client that the body is
    incomplete. gunicorn handles EPIPE like a client that has disconnected. How slowly a client may read is bounded by
    `chatapp.infra.write_pacing`.
    """

    def __init__(self, stream: object_storage.ObjectStream) -> None:
        self._stream = stream
        self._pieces = iter(stream)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except Unavailable:
            log.warning("download cut: the object store is down")
            raise BrokenPipeError(errno.EPIPE, "the download was cut") from None

    def close(self) -> None:
        """Return the connection to the store, even if nothing was read."""
        self._stream.close()
