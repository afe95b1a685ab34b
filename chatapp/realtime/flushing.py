"""Coalesces writes: one send() per socket and loop iteration."""

from __future__ import annotations

import logging
from typing import Protocol

from gevent import get_hub

log = logging.getLogger(__name__)


class Flushable(Protocol):
    """A socket that buffers what is written to it."""

    def flush(self) -> None:
        """Write the buffer without waiting."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class Flusher:
    """The sockets of this process that have a buffer to write."""

    def __init__(self) -> None:
        self._due: list[Flushable] = []

    def add(self, socket: Flushable) -> None:
        """Flush the socket at the end of this loop iteration. Call it once per iteration and socket."""
        if not self._due:
            get_hub().loop.run_callback(self._defer)
        self._due.append(socket)

    def _defer(self) -> None:
        """Schedule the flush after the greenlets that were woken in this iteration, since callbacks run in order.

        When a message is delivered to its chat, its sender wakes and acknowledges it; both then leave together.
        """
        get_hub().loop.run_callback(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        for socket in due:
            try:
                socket.flush()
            except Exception:  # must not affect the other sockets
                log.exception("socket not flushed")
                socket.abort()


flusher = Flusher()
