"""Waits for bytes of a socket with one watcher, so that other greenlets can end the wait.

While the reader handles a frame, it has a greenlet. Between two frames it rests: it has none, and gets one of the pool
when there is something to read. A wait costs no system call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gevent import get_hub, getcurrent

from chatapp.realtime.greenlet_pool import greenlets

_READABLE = 1  # of gevent's io watchers


class ReadWaiter:
    """Resumes the only reader of a socket. It may be resumed early, so it checks its condition again.

    Attributes:
        is_readable: whether the reader was resumed because there are bytes, or the stream ended. It resets this.
    """

    __slots__ = ("_greenlet", "_serve", "_watcher", "is_readable")

    def __init__(self, fileno: int) -> None:
        """
        Parameters:
            fileno: of an open socket. Call `close` before the socket is closed.
        """
        self._watcher: Any = get_hub().loop.io(fileno, _READABLE)
        self._greenlet: Any = None  # the one that waits
        self._serve: Callable[[], None] | None = None  # continues the reader that rests
        self.is_readable = False

    def wait(self) -> None:
        """Wait in this greenlet until there are bytes, the stream ends, or `wake` is called."""
        self._watch()
        self._sleep()

    def wait_for_wake(self) -> None:
        """Wait in this greenlet until `wake` is called, whatever arrives."""
        self._watcher.stop()
        self._sleep()

    def rest(self, serve: Callable[[], None]) -> None:
        """Call `serve` in a greenlet of the pool when there are bytes, the stream ends, or `wake` is called.

        The caller's greenlet must do nothing more for this socket.
        """
        self._serve = serve
        self._watch()

    def wake(self) -> None:
        """Resume the reader in this loop iteration. May be called from any greenlet."""
        if self._greenlet is not None or self._serve is not None:
            get_hub().loop.run_callback(self._resume)

    def close(self) -> None:
        """Release the watcher. No one may wait afterwards."""
        self._watcher.close()
        self._serve = None

    def _watch(self) -> None:
        if not self._watcher.active:
            self._watcher.start(self._on_readable)

    def _on_readable(self) -> None:
        """Resume the reader. Runs in the loop.

        The watcher stays active while the reader does other things: usually nothing arrives meanwhile, and stopping and
        starting it would cost system calls.
        """
        if self._greenlet is None and self._serve is None:
            self._watcher.stop()
        else:
            self.is_readable = True
            self._resume()

    def _resume(self) -> None:
        if self._greenlet is not None:
            self._greenlet.switch()
        elif self._serve is not None:
            serve, self._serve = self._serve, None
            greenlets.run(serve)

    def _sleep(self) -> None:
        self._greenlet = getcurrent()
        try:
            get_hub().switch()
        finally:
            self._greenlet = None
