"""Makes psycopg2 wait through gevent, with a time-out.

Without a wait callback one slow query would block every greenlet of the process. The callback of psycogreen, the usual
package for this, has no time-out and ignores `connect_timeout`: a server that hangs would block the greenlet for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg2
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions


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


def _wait_callback(timeout: float) -> Callable[[Any], None]:
    def wait(connection: Any) -> None:
        deadline = monotonic() + timeout
        while (state := connection.poll()) != extensions.POLL_OK:
            # An exception here makes psycopg2 close the connection, so that no other query receives a late reply.
            remaining = deadline - monotonic()
            try:
                if remaining <= 0:
                    raise TimeoutError
                if state == extensions.POLL_READ:
                    wait_read(connection.fileno(), timeout=remaining)
                elif state == extensions.POLL_WRITE:
                    wait_write(connection.fileno(), timeout=remaining)
                else:
                    raise psycopg2.OperationalError(f"unexpected connection state: {state!r}")
            except TimeoutError:
                raise psycopg2.OperationalError(f"no response from the database within {timeout:g} s") from None

    return wait
