"""Makes psycopg2 wait through gevent, with a time-out.

Without a wait callback one slow query would block every greenlet of the process. The callback of psycogreen, the usual
package for this, has no time-out and ignores `connect_timeout`: a server that hangs would block the greenlet for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg2
from gevent import get_hub, getcurrent
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions

_READABLE = 1  # of gevent's io watchers


class NoResponse(psycopg2.OperationalError):
    """The server did not respond in time."""


def patch_psycopg(timeout: float) -> None:
    """Make every psycopg2 connection of this process wait through gevent.

    Parameters:
        timeout: seconds for connecting and for each statement, on the client side. Longer than the server's
            `statement_timeout`, so that a server that responds reports the time-out itself and the connection survives.
    """
    extensions.set_wait_callback(_wait_callback(timeout))


def assert_cooperative() -> None:
    """Check that the patch is in place.

    Raises:
        RuntimeError: it is not; queries would block the event loop.
    """
    if extensions.get_wait_callback() is None:
        raise RuntimeError("psycopg2 would block the event loop: gevent_psycopg.patch_psycopg() was not called")


class WaitingConnection(extensions.connection):
    """A connection that keeps what it waits with: two watchers made for each wait cost as much as the wait itself."""

    _waiter: _ReadWaiter | None = None

    def wait_readable(self, seconds: float) -> None:
        """Wait for bytes of the server.

        Parameters:
            seconds: the same in all calls.

        Raises:
            TimeoutError: nothing has arrived.
        """
        fileno, loop = self.fileno(), get_hub().loop
        # libpq may change the file while it connects, and each thread has a loop of its own.
        if self._waiter is None or self._waiter.fileno != fileno or self._waiter.loop is not loop:
            self._waiter = _ReadWaiter(fileno, loop, seconds)
        self._waiter.wait()


class _ReadWaiter:
    """Waits for bytes of one file, with a time-out. Its watchers are active only meanwhile: the file may be closed."""

    __slots__ = ("_greenlet", "_is_late", "_readable", "_timer", "fileno", "loop")

    def __init__(self, fileno: int, loop: Any, seconds: float) -> None:
        self.fileno = fileno
        self.loop = loop
        self._readable: Any = loop.io(fileno, _READABLE)
        # Repeating, for `again`: a timer that is stopped and started goes on with what was left of its time.
        self._timer: Any = loop.timer(seconds, seconds)
        self._greenlet: Any = None
        self._is_late = False

    def wait(self) -> None:
        self._greenlet, self._is_late = getcurrent(), False
        self._readable.start(self._greenlet.switch)
        self._timer.again(self._time_out)
        try:
            get_hub().switch()
        finally:
            self._readable.stop()
            self._timer.stop()
            self._greenlet = None
        if self._is_late:
            raise TimeoutError

    def _time_out(self) -> None:
        self._is_late = True
        self._greenlet.switch()


def _wait_callback(timeout: float) -> Callable[[Any], None]:
    def wait(connection: Any) -> None:
        deadline, has_waited = monotonic() + timeout, False
        while (state := connection.poll()) != extensions.POLL_OK:
            # An exception here makes psycopg2 close the connection, so that no other query receives a late reply.
            remaining = deadline - monotonic()
            try:
                if remaining <= 0:
                    raise TimeoutError
                if state == extensions.POLL_READ and not has_waited and isinstance(connection, WaitingConnection):
                    has_waited = True
                    connection.wait_readable(timeout)  # the first wait has the whole time; few statements need another
                elif state == extensions.POLL_READ:
                    wait_read(connection.fileno(), timeout=remaining)
                elif state == extensions.POLL_WRITE:
                    wait_write(connection.fileno(), timeout=remaining)
                else:
                    raise psycopg2.OperationalError(f"unexpected connection state: {state!r}")
            except TimeoutError:
                raise NoResponse(f"no response from the database within {timeout:g} s") from None

    return wait
