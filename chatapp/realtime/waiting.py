"""Lets a greenlet wait for bytes of a socket so that others can wake it, with no allocation or system call per wait."""

from __future__ import annotations

from typing import Any

from gevent import get_hub, getcurrent

_READABLE = 1  # of gevent's io watchers


class ReadWaiter:
    """The only reader of a socket waits here. It may wake early, so it checks its condition again."""

    __slots__ = ("_greenlet", "_watcher")

    def __init__(self, fileno: int) -> None:
        """
        Parameters:
            fileno: of an open socket. Call `close` before the socket is closed.
        """
        self._watcher: Any = get_hub().loop.io(fileno, _READABLE)
        self._greenlet: Any = None  # the one that waits

    def wait(self) -> None:
        """Wait until there are bytes, the stream ends, or `wake` is called."""
        if not self._watcher.active:
            self._watcher.start(self._on_readable)
        self._sleep()

    def wait_for_wake(self) -> None:
        """Wait until `wake` is called, whatever arrives."""
        self._watcher.stop()
        self._sleep()

    def wake(self) -> None:
        """Resume the reader in this loop iteration. May be called from any greenlet."""
        if self._greenlet is not None:
            get_hub().loop.run_callback(self._switch)

    def close(self) -> None:
        """Release the watcher. No one may wait afterwards."""
        self._watcher.close()

    def _on_readable(self) -> None:
        """Resume the reader. Runs in the loop.

        The watcher stays active while the reader does other things: usually nothing arrives meanwhile, and stopping and
        starting it would cost system calls.
        """
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
