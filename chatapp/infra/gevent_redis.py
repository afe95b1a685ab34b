"""Makes redis-py check a pooled connection without waiting for an iteration of gevent's loop.

A pool checks each connection that it hands out for unread data. gevent's `poll` returns only after every greenlet that
is ready has run, although this check never waits: on a busy loop each round trip to Redis took twice as long.
"""

from __future__ import annotations

import select
from typing import Any

from gevent.monkey import get_original
from redis._parsers import _HiredisParser


class Parser(_HiredisParser):
    """redis-py's parser, except for the check by a pool."""

    def can_read(self, timeout: float = 0) -> bool:
        """Whether there is data to read.

        Raises:
            redis.ConnectionError: the connection has ended.
        """
        if timeout == 0 and self._reader and not self._reader.has_data() and not _is_readable(self._sock):
            return False
        return bool(super().can_read(timeout))


def _is_readable(sock: Any) -> bool:
    """Whether the kernel, or the TLS layer above it, has data for us."""
    if hasattr(sock, "pending") and sock.pending():
        return True
    poller = get_original("select", "poll")()
    poller.register(sock.fileno(), select.POLLIN)
    return bool(poller.poll(0))
