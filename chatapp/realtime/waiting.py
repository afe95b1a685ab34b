"""How a greenlet waits for bytes of a socket so that others can wake it, without an object or a system call a wait."""

from __future__ import annotations

from typing import Any

from gevent import get_hub, getcurrent

_READABLE = 1  # of gevent's io watchers


class ReadWaiter:
    """One socket's only reader waits here. Whoever is woken looks again at what it waits for: it may not be there."""

    __slots__ = ("_greenlet", "_watcher")

    def __init__(self, fileno: int) -> None:
        """
        Parameters:
            fileno: of an open socket; `close` comes before the socket's.
        """
        self._watcher: Any = get_hub().loop.io(fileno, _READABLE)
        self._greenlet: Any = None  # that waits

    def wait(self) -> None:
        """Until there are bytes or the stream's end, or `wake`."""
        if not self._watcher.active:
            self._watcher.start(self._on_readable)
        self._sleep()

    def wait_for_wake(self) -> None:
        """Until `wake`, whatever comes."""
        self._watcher.stop()
        self._sleep()

    def wake(self) -> None:
        """Let the one that waits go on, in this turn of the loop. From any greenlet."""
        if self._greenlet is not None:
            get_hub().loop.run_callback(self._switch)

    def close(self) -> None:
        """Nobody waits any more."""
        self._watcher.close()

    def _on_readable(self) -> None:
        """In the loop. The watcher stays on while the reader does other things: mostly nothing comes meanwhile, and
        switching it off and on again would cost system calls."""
        if self._greenlet is None:
            self._watcher.stop()
        else:
            self._greenlet.switch()

    def _sleep(self) -> None:
        self._greenlet = getcurrent()
        try:
            get_hub().switch()
        finally:
            self._greenlet = None

    def _switch(self) -> None:
        if self._greenlet is not None:
            self._greenlet.switch()
