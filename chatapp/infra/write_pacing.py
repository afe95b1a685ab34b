"""The minimum rate at which clients must read what is written to them, over HTTP and WebSockets."""

from __future__ import annotations

import errno
import logging
import socket
import struct
from contextlib import suppress
from time import monotonic
from typing import Any

from gevent.socket import socket as GeventSocket
from gevent.socket import wait_write

log = logging.getLogger(__name__)

PIECE = 64 * 1024  # bytes that a client must read within each deadline; in 15 s that is 4 KB/s, which GPRS carries
# Of the kernel for an HTTP client; it doubles the value. By default it would buffer 4 MB, and our deadline does not
# apply to what it has buffered. Enough for 4 MB/s at a round trip of 100 ms.
SEND_BUFFER = 208 * 1024

# For SO_LINGER. Without it the kernel keeps the send buffer for minutes after the close if the client never reads.
FORGET_UNSENT = struct.pack("ii", 1, 0)


class MinimumRate:
    """Checks that a client reads PIECE bytes, or everything there is, within each deadline.

    If any progress renewed the deadline, a client that reads a byte now and then could occupy megabytes for hours.

    Parameters:
        deadline: seconds.
    """

    __slots__ = ("_deadline", "_due", "_taken")

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.start()

    def start(self) -> None:
        """Start a deadline: from now on there is something to read."""
        self._taken = 0
        self._due = monotonic() + self._deadline

    def took(self, count: int) -> None:
        """Count bytes that the client read."""
        self._taken += count
        if self._taken >= PIECE:
            self.start()

    @property
    def seconds_left(self) -> float:
        """Seconds left for the rest of the piece; 0 or less if the client is too slow."""
        return self._due - monotonic()


class ResponseSocket(GeventSocket):
    """The socket of an HTTP connection, which ends if the client reads a response below the minimum rate."""

    def __init__(self, accepted: GeventSocket, *, deadline: float) -> None:
        """Take over an accepted socket.

        Parameters:
            deadline: seconds in which a client must read PIECE bytes.
        """
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._rate_deadline = deadline
        with suppress(OSError):  # the peer may have left
            self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            # The same bound for what the kernel still holds after we close the connection.
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(deadline * 1000))

    def has_been_left(self) -> bool:
        """Whether the client has closed its side, and everything that it sent has been received."""
        try:
            return not self._sock.recv(1, socket.MSG_PEEK)  # type: ignore[attr-defined]  # gevent's own, never blocks
        except BlockingIOError:
            return False
        except OSError:
            return True

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Write all data.

        Raises:
            BrokenPipeError: the client is too slow; the rest is dropped. gunicorn treats it as a client that left.
        """
        rest, rate = memoryview(data), None
        while rest:
            try:
                sent = self.send(rest, flags, timeout=0.0)  # type: ignore[call-arg]
            except BlockingIOError:
                rate = rate or MinimumRate(self._rate_deadline)
                self._wait_for_client(rate)
                continue
            rest = rest[sent:]
            if rate is not None:
                rate.took(sent)

    def _wait_for_client(self, rate: MinimumRate) -> None:
        try:
            wait_write(self.fileno(), timeout=max(0.0, rate.seconds_left))
        except TimeoutError:
            log.info("response aborted, the client reads too slowly")
            with suppress(OSError):
                self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, FORGET_UNSENT)
            raise BrokenPipeError(errno.EPIPE, "the client reads too slowly") from None
