"""How slow a client may be in taking what is written to it, over HTTP and over WebSockets."""

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

PIECE = 64 * 1024  # bytes that a client must take within each deadline; in 15 s that is 4 KB/s, which GPRS carries
# What the kernel holds for an HTTP client, 416 KB as it counts; by itself it would take 4 MB, and a response that lies
# there has no deadline of ours. Enough for 4 MB/s at a round trip of 100 ms.
SEND_BUFFER = 208 * 1024

# For SO_LINGER. Without it the kernel keeps the send buffer of a reader that never reads for minutes after the close.
FORGET_UNSENT = struct.pack("ii", 1, 0)


class MinimumRate:
    """Holds a client to taking PIECE bytes, or all that there is, within each deadline.

    A deadline that any progress renewed would let a client that takes a byte now and then hold megabytes for hours.

    Parameters:
        deadline: seconds.
    """

    __slots__ = ("_deadline", "_due", "_taken")

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.start()

    def start(self) -> None:
        """The client has something to take from now on."""
        self._taken = 0
        self._due = monotonic() + self._deadline

    def took(self, count: int) -> None:
        """The client took so many bytes."""
        self._taken += count
        if self._taken >= PIECE:
            self.start()

    @property
    def seconds_left(self) -> float:
        """How long it may take for the rest of the piece; 0 or less when it is too slow."""
        return self._due - monotonic()


class ResponseSocket(GeventSocket):
    """The socket of an HTTP connection. Whoever does not take a response at the minimum rate loses the connection."""

    def __init__(self, accepted: GeventSocket, *, deadline: float) -> None:
        """Take over an accepted socket.

        Parameters:
            deadline: seconds in which a client must take PIECE bytes.
        """
        super().__init__(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._rate_deadline = deadline
        with suppress(OSError):  # the peer may be gone already
            self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            # The same bound for what the kernel still holds when we are done with the connection.
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(deadline * 1000))

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Write all of it.

        Raises:
            BrokenPipeError: the client is too slow; what is left is dropped. gunicorn takes it for a client that left.
        """
        rest, rate = memoryview(data), None
        while rest:
            try:
                sent = self.send(rest, flags, timeout=0.0)  # type: ignore[call-arg]
            except BlockingIOError:
                rate = rate or MinimumRate(self._rate_deadline)
                self._await_reader(rate)
                continue
            rest = rest[sent:]
            if rate is not None:
                rate.took(sent)

    def _await_reader(self, rate: MinimumRate) -> None:
        try:
            wait_write(self.fileno(), timeout=max(0.0, rate.seconds_left))
        except TimeoutError:
            log.info("a response was cut, since the client did not take it in time")
            with suppress(OSError):
                self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, FORGET_UNSENT)
            raise BrokenPipeError(errno.EPIPE, "the client did not take the response in time") from None
