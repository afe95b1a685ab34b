"""Files to download: bytes pass from the object store to the client in pieces, all or the part that was asked for."""

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

# Nothing in a file runs, wherever it is opened; what is not to be trusted is shown by nobody as part of this origin.
POLICY = "sandbox; default-src 'none'"


def gives_bytes(view: View) -> View:
    """Document that a view answers with `file_response`."""
    view.gives_bytes = True  # type: ignore[attr-defined]
    return view


def file_response(download: Download) -> Response:
    """The bytes of a file that the caller may have, as the request wants them: all, a range, or none if known already.

    Raises:
        RangeNotSatisfiable: none of the bytes that were asked for exist.
        Unavailable: the object store is away.
    """
    file = download.attachment
    response = _head(file)
    response.headers["ETag"] = download.etag
    response.make_conditional(request.environ)
    if response.status_code != 200:
        return response
    start, stop = _wanted(response, file.file_size)
    if (start, stop) != (0, file.file_size):
        response.status_code = 206
        response.content_range = ContentRange("bytes", start, stop, file.file_size)
    if request.method != "HEAD":
        response.response = _Pieces(object_storage.read(file.object_name, offset=start, length=stop - start))
    response.content_length = stop - start
    return response


def _head(file: AttachmentSnapshot) -> Response:
    response = Response(mimetype=file.content_type)
    response.headers["Content-Disposition"] = content_disposition(file.file_name, "inline")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Accept-Ranges"] = "bytes"
    # Kept by the client alone, and asked for anew each time: membership may have ended, the file may be gone.
    response.headers["Cache-Control"] = "private, no-cache"
    response.last_modified = clock.parse_rfc3339(file.created_at)
    return response


def _wanted(response: Response, size: int) -> tuple[int, int]:
    """First byte and the one behind the last. Several ranges, and what cannot be read as any, are answered with all."""
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
    if start < 0:  # so many of the last ones
        return max(0, size + start), size
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, size if stop is None else min(stop, size)


class _Pieces:
    """An open object as the body of a response.

    Once the head has left, nothing can be told any more: where the store goes away the connection ends, so that what
    came is known to be cut. gunicorn takes EPIPE for a client that left. How long a client may take:
    `chatapp.infra.write_pacing`.
    """

    def __init__(self, reading: object_storage.ObjectStream) -> None:
        self._reading = reading
        self._pieces = iter(reading)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except Unavailable:
            log.warning("a download was cut, since the object store went away")
            raise BrokenPipeError(errno.EPIPE, "the download was cut") from None

    def close(self) -> None:
        """Give the connection to the store back, also when nothing was read."""
        self._reading.close()
