"""What sockets are told within one turn of the event loop leaves at its end, in one system call a socket."""

from __future__ import annotations

import logging
from typing import Protocol

from gevent import get_hub

log = logging.getLogger(__name__)


class Flushable(Protocol):
    """Whatever gathers bytes."""

    def flush(self) -> None:
        """Write them without waiting."""
        ...

    def abort(self) -> None:
        """Give up."""
        ...


class Flusher:
    """The sockets of this process that have something to write."""

    def __init__(self) -> None:
        self._due: list[Flushable] = []

    def add(self, socket: Flushable) -> None:
        """Flush it at the end of this turn. Once a turn is enough."""
        if not self._due:
            get_hub().loop.run_callback(self._give_way)
        self._due.append(socket)

    def _give_way(self) -> None:
        """Callbacks run in the order in which they were asked for.

        By asking again, the flush comes after every greenlet that was woken in this turn: a message is told to its chat
        first, then its sender wakes and acknowledges it, and both leave together.
        """
        get_hub().loop.run_callback(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        for socket in due:
            try:
                socket.flush()
            except Exception:  # the others' frames must not be lost with it
                log.exception("a socket could not be flushed")
                socket.abort()


flusher = Flusher()
