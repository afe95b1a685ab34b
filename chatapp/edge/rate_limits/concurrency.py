"""Bounds the concurrent requests of one caller in a worker.

A request counts until its response is sent or its client has disconnected, so unread responses cannot pile up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Response, after_this_request

from chatapp import metrics
from chatapp.errors import RateLimited

_RETRY_AFTER = 1.0  # seconds; a response that is being read is sent by then

_open_requests: Counter[str] = Counter()


def enter(caller: str, limit: int) -> None:
    """Count the current request for a caller until its response is sent.

    Raises:
        RateLimited: the caller has `limit` open requests already.
    """
    if _open_requests[caller] >= limit:
        metrics.limit_refused("at_once")
        raise RateLimited(_RETRY_AFTER)
    _open_requests[caller] += 1
    after_this_request(_release_of(caller))


def _release_of(caller: str) -> Callable[[Response], Response]:
    def release() -> None:
        _open_requests[caller] -= 1
        if not _open_requests[caller]:
            del _open_requests[caller]

    def attach(response: Response) -> Response:
        response.call_on_close(release)
        return response

    return attach
