"""How many requests of one caller a worker answers at the same time.

A request counts until its response has left or its client is gone, so answers that nobody reads cannot pile up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from flask import Response, after_this_request

from chatapp import metrics
from chatapp.errors import RateLimited

_RETRY_AFTER = 1.0  # seconds; an answer that is being read is gone by then

_answering: Counter[str] = Counter()


def enter(caller: str, most: int) -> None:
    """Count the current request among those of a caller, until the end of its response.

    Raises:
        RateLimited: the caller has as many already.
    """
    if _answering[caller] >= most:
        metrics.limit_refused("at_once")
        raise RateLimited(_RETRY_AFTER)
    _answering[caller] += 1
    after_this_request(_leaving(caller))


def _leaving(caller: str) -> Callable[[Response], Response]:
    def leave() -> None:
        _answering[caller] -= 1
        if not _answering[caller]:
            del _answering[caller]

    def attach(response: Response) -> Response:
        response.call_on_close(leave)
        return response

    return attach
