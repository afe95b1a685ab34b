"""Makes redis-py look at a pooled connection without waiting for a round of gevent's loop.

A pool asks of each connection that it hands out whether anything came which nobody waits for. gevent's `poll` answers
only after it has let run whatever else is ready, though the question waits for nothing: with a busy loop that made
each round trip to Redis two.
"""

from __future__ import annotations

import select
from typing import Any

from gevent.monkey import get_original
from redis._parsers import _HiredisParser


class Parser(_HiredisParser):
    """redis-py's own, but for the question of a pool."""

    def can_read(self, timeout: float = 0) -> bool:
        """Whether there is data, or the connection has ended.

        Raises:
            redis.ConnectionError: it has ended.
        """
        if timeout == 0 and self._reader and not self._reader.has_data() and not _has_news(self._sock):
            return False
        return bool(super().can_read(timeout))


def _has_news(sock: Any) -> bool:
    """Whether the kernel, or the TLS layer above it, has something for us."""
    if hasattr(sock, "pending") and sock.pending():
        return True
    poller = get_original("select", "poll")()
    poller.register(sock.fileno(), select.POLLIN)
    return bool(poller.poll(0))
