"""Makes psycopg2 wait through gevent, with a limit.

Without a wait callback one slow query would stop every greenlet of the process. With psycogreen's, a server that
hangs, instead of refusing, would hold the greenlet for ever: it knows no time-out and ignores `connect_timeout`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg2
from gevent.socket import wait_read, wait_write
from psycopg2 import extensions


def patch_psycopg(timeout: float) -> None:
    """Let every psycopg2 connection of this process wait through gevent.

    Parameters:
        timeout: seconds that connecting, or one statement, may take on our side. Longer than the server's own
            `statement_timeout`, so that a server that answers says so itself and the connection survives.
    """
    extensions.set_wait_callback(_wait_callback(timeout))


def assert_cooperative() -> None:
    """Refuse to serve when the patch is missing.

    Raises:
        RuntimeError: queries would block the event loop.
    """
    if extensions.get_wait_callback() is None:
        raise RuntimeError("psycopg2 would block the event loop: gevent_psycopg.patch_psycopg() was not called")


def _wait_callback(timeout: float) -> Callable[[Any], None]:
    def wait(connection: Any) -> None:
        deadline = monotonic() + timeout
        while (state := connection.poll()) != extensions.POLL_OK:
            # An exception in here makes psycopg2 close the connection, so a reply that comes late reaches nobody else.
            remaining = deadline - monotonic()
            try:
                if remaining <= 0:
                    raise TimeoutError
                if state == extensions.POLL_READ:
                    wait_read(connection.fileno(), timeout=remaining)
                elif state == extensions.POLL_WRITE:
                    wait_write(connection.fileno(), timeout=remaining)
                else:
                    raise psycopg2.OperationalError(f"unexpected state of the connection: {state!r}")
            except TimeoutError:
                raise psycopg2.OperationalError(f"no answer from the database within {timeout:g} s") from None

    return wait
