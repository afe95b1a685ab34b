"""Coalesces writes: one send() per socket and loop iteration.

A message to a thousand members leaves in slices, between which others are served: otherwise a message of another chat
would wait for all of it. Sockets that wait for their slice collect what else is written to them, so the more frames
there are, the fewer system calls each costs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from gevent import get_hub

log = logging.getLogger(__name__)

SLICE = 32  # sockets; about a millisecond of system calls
PAUSE = 0.002  # seconds between two slices, for the work of other chats, on this core and on others
SHARE = 16  # a slice is at least this part of what waits, so that ten thousand sockets do not wait for a second


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
        self._due: list[Flushable] = []  # in this iteration
        self._in_slices: deque[Flushable] = deque()  # in this iteration or later
        self._timer: Any = None  # of the next slice
        self._slices = False

    def add(self, socket: Flushable) -> None:
        """Flush the socket at the end of this loop iteration, or in slices. Call it once until it is flushed."""
        if self._slices:
            self._in_slices.append(socket)
            return
        if not self._due:
            get_hub().loop.run_callback(self._defer)
        self._due.append(socket)

    @contextmanager
    def slicing(self) -> Iterator[None]:
        """Flush what is added in the block in slices: for more than `SLICE` sockets."""
        self._slices = True
        try:
            yield
        finally:
            self._slices = False
            if self._in_slices and self._timer is None:
                self._schedule_slice(0.0)

    def _defer(self) -> None:
        """Schedule the flush after the greenlets that were woken in this iteration, since callbacks run in order.

        When a message is delivered to its chat, its sender wakes and acknowledges it; both then leave together.
        """
        get_hub().loop.run_callback(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        _flush_all(due)

    def _schedule_slice(self, pause: float) -> None:
        self._timer = get_hub().loop.timer(pause)
        self._timer.start(self._flush_slice)

    def _flush_slice(self) -> None:
        self._timer.close()
        self._timer = None
        size = max(SLICE, len(self._in_slices) // SHARE)
        _flush_all([self._in_slices.popleft() for _ in range(min(size, len(self._in_slices)))])
        if self._in_slices:
            self._schedule_slice(PAUSE)


def _flush_all(sockets: list[Flushable]) -> None:
    for socket in sockets:
        try:
            socket.flush()
        except Exception:  # must not affect the other sockets
            log.exception("socket not flushed")
            socket.abort()


flusher = Flusher()
