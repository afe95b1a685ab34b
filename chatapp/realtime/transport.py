"""The socket under a WebSocket: bytes out without ever waiting, bytes in only when somebody asks for them.

Any greenlet may write; since greenlets switch only where they wait, and `send` does not wait, no lock is needed to keep
frames whole. One greenlet reads: while it does something else nothing is read, and TCP pushes back by itself.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from time import monotonic
from typing import Any

import gevent
from gevent import get_hub
from gevent.socket import socket as GeventSocket
from gevent.socket import wait_write

from chatapp.infra.write_pacing import FORGET_UNSENT, MinimumRate
from chatapp.realtime.closing import CLOSE_GRACE
from chatapp.realtime.flushing import flusher
from chatapp.realtime.waiting import ReadWaiter

MAX_QUEUED_FRAMES = 100  # a client so far behind is better off with a page of history than with a backlog
MAX_QUEUED_BYTES = 1 << 20  # what one slow reader may cost in memory; 1,000 of them fit into a gigabyte
CONGESTED_FRAMES = MAX_QUEUED_FRAMES // 2  # above it nothing is read from the peer: it takes no answers either
CONGESTED_BYTES = MAX_QUEUED_BYTES // 4  # the same; an answer may be half of the queue, and live frames come beside it
SEND_BUFFER = 64 * 1024  # the kernel would hold 4 MB for a reader that never reads
RECEIVE_BYTES = 8192  # read at once; small frames come one by one, so more would only cost memory under a flood
LINGER = 1.0  # seconds in which the peer may notice that we have closed; closing at once could reset unread frames away


class _State(IntEnum):
    OPEN = 0
    ENDING = 1  # nothing more is taken; what is queued, a close frame last, goes out
    DEAD = 2


class FrameSocket:
    """Wraps the gevent socket of a connection that is upgraded.

    Attributes:
        last_received: monotonic time of the last sign of life: bytes that came, or bytes that the peer took; or since
            when we listen again.
    """

    __slots__ = ("_cut", "_on_too_slow", "_queue", "_queued_bytes", "_rate", "_reader", "_received", "_saw_end",
                 "_sock", "_state", "_told", "_told_bytes", "_writer", "last_received")  # fmt: skip

    def __init__(self, sock: GeventSocket, *, write_deadline: float, received: bytes = b"") -> None:
        """Take over the socket.

        Parameters:
            write_deadline: seconds in which a peer must take `pacing.PIECE` bytes, or all that is queued for it.
            received: bytes of the peer that were read from the socket already.
        """
        self._sock = sock
        self._received = received
        self._rate = MinimumRate(write_deadline)
        self._state = _State.OPEN
        self._told: list[bytes] = []  # in this turn of the loop
        self._told_bytes = 0
        self._queue: list[memoryview | bytes] = []  # what the OS did not take
        self._queued_bytes = 0
        self._writer: gevent.Greenlet[..., None] | None = None
        self._reader: ReadWaiter | None = None
        self._saw_end = False
        self._cut: Any = None
        self._on_too_slow: Callable[[], None] = self.abort
        self.last_received = monotonic()
        with suppress(OSError):  # the peer may be gone already; the first read will say so
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Of the HTTP connection that it was: whether a quiet peer is still there is for pings to find out.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 0)

    def attach(self, on_too_slow: Callable[[], None]) -> None:
        """Bind to the connection above, in the greenlet that will read.

        Parameters:
            on_too_slow: called when the peer does not take what is queued. It must not block.
        """
        self._on_too_slow = on_too_slow
        self._sock.setblocking(False)
        self._reader = ReadWaiter(self._sock.fileno())

    # Writing

    def send(self, data: bytes) -> int:
        """Write whole frames at the end of this turn of the loop. Once the connection is ending they are dropped.

        Returns:
            The length of `data`, always: the handshake expects `socket.send`.
        """
        if self._state is _State.OPEN:
            if not self._told:
                flusher.add(self)
            self._told.append(data)
            self._told_bytes += len(data)
            if self._told_bytes >= SEND_BUFFER:
                self.flush()
        return len(data)

    def flush(self) -> None:
        """Write what was told, as far as the OS takes it, and queue the rest."""
        told, self._told, self._told_bytes = self._told, [], 0
        if not told:
            return
        rest: list[memoryview | bytes] = [*told]
        if not self._queue:  # or frames would overtake each other
            sent = self._write(told[0] if len(told) == 1 else b"".join(told))
            if sent < 0:
                return
            rest = _after(told, sent)
            if rest:
                # It may be cut in the middle, so there is no way but to take it. No frame is longer than
                # MAX_QUEUED_BYTES: what carries several messages is bounded by `queries.page_bytes`.
                self._push(rest.pop(0))
        for frame in rest:
            if self._state is _State.OPEN:
                self._enqueue(frame)

    def _write(self, data: memoryview | bytes) -> int:
        """How much the OS took without waiting; -1 when the connection is lost."""
        try:
            return self._sock.send(data, timeout=0.0)  # type: ignore[call-arg]
        except BlockingIOError:
            return 0
        except OSError:
            self.abort()
            return -1

    def _enqueue(self, frame: memoryview | bytes) -> None:
        if len(self._queue) >= MAX_QUEUED_FRAMES or self._queued_bytes + len(frame) > MAX_QUEUED_BYTES:
            self._on_too_slow()
        else:
            self._push(frame)

    def _push(self, data: memoryview | bytes) -> None:
        self._queue.append(data)
        self._queued_bytes += len(data)
        if self._writer is None:
            self._rate.start()
            self._writer = gevent.spawn(self._drain)

    def _drain(self) -> None:
        """Write the queue out. The one greenlet that waits for the peer to read; it lives while something is queued."""
        while self._queue:
            head = self._queue[0]
            sent = self._write(head)
            if sent < 0:
                return
            if sent == 0:
                self._await_peer()
                continue
            self.last_received = monotonic()
            self._rate.took(sent)
            was_congested = self.is_congested
            self._queued_bytes -= sent
            if sent < len(head):
                self._queue[0] = memoryview(head)[sent:]
            else:
                del self._queue[0]
            if was_congested and not self.is_congested:
                self._wake_reader()
        self._writer = None

    def _await_peer(self) -> None:
        """Wait until the OS takes more. No deadline once ending: the cut that `end` armed bounds it."""
        timeout = max(0.0, self._rate.seconds_left) if self._state is _State.OPEN else None
        try:
            wait_write(self._sock.fileno(), timeout=timeout)
        except TimeoutError:
            self._on_too_slow()
        except OSError:
            self.abort()

    # Reading

    def receive(self) -> bytes | None:
        """Wait for bytes of the peer, unless some were received before; b"" at the end. None: `end` or `abort` woke
        the reader, or nothing came at all.

        It waits first and reads then: nearly always there is nothing yet, so that trying first would be in vain. Thus
        others get a turn before every read, too.
        """
        assert self._reader is not None, "receive is for those who have attached"
        if self._received:
            received, self._received = self._received, b""
            return received
        self._reader.wait()
        try:
            data = self._sock.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            self.abort()
            data = b""
        self.last_received = monotonic()
        self._saw_end = not data
        return data

    @property
    def is_congested(self) -> bool:
        """Whether the peer is slow to take answers, so that it should get no further ones for now."""
        is_full = len(self._queue) > CONGESTED_FRAMES or self._queued_bytes > CONGESTED_BYTES
        return is_full and self._state is _State.OPEN

    def wait_until_drained(self) -> None:
        """Wait, reading nothing, until `is_congested` ceases."""
        assert self._reader is not None
        while self.is_congested:
            self._reader.wait_for_wake()

    def reset_idle_timer(self) -> None:
        """Count the peer's silence from now on: nothing was read until now."""
        self.last_received = monotonic()

    def _wake_reader(self) -> None:
        if self._reader is not None:
            self._reader.wake()

    # Ending

    @property
    def is_open(self) -> bool:
        """Whether frames are still taken."""
        return self._state is _State.OPEN

    @property
    def is_dead(self) -> bool:
        """Whether TCP was cut."""
        return self._state is _State.DEAD

    def end(self, close_frame: bytes, grace: float = CLOSE_GRACE) -> None:
        """Say goodbye, without waiting: nothing is taken after this frame, and after `grace` seconds TCP is cut.

        What is queued is forgotten but for the first, of which half may be written already. The reader wakes.
        """
        self.flush()
        if self._state is not _State.OPEN:
            return
        if self._queue:
            self._queued_bytes = len(self._queue[0])
            del self._queue[1:]
            self._push(close_frame)
        else:
            self._told.append(close_frame)
            self.flush()
        self._begin_ending(grace)

    def _begin_ending(self, grace: float) -> None:
        if self._state is _State.OPEN:
            self._state = _State.ENDING
            self._cut_after(grace)
            self._wake_reader()

    def _cut_after(self, seconds: float) -> None:
        if self._cut is not None:
            self._cut.close()
        self._cut = get_hub().loop.timer(seconds)
        self._cut.start(self.abort)

    def abort(self) -> None:
        """Cut TCP at once, without waiting. Whoever reads or writes finds the end."""
        if self._state is _State.DEAD:
            return
        self._state = _State.DEAD
        self._told = []
        self._wake_reader()
        with suppress(OSError):  # already cut by the peer
            if self._queue:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, FORGET_UNSENT)
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Finish, as the reader's last call: what is queued goes out, the peer gets a moment to notice, then it closes.

        It is bounded by the grace of `end`.
        """
        try:
            self._begin_ending(CLOSE_GRACE)
            if not self._saw_end:
                self._linger()
        finally:
            self._state = _State.DEAD
            self._queue.clear()
            if self._writer is not None:
                self._writer.kill()  # it would wait for ever on a descriptor that is closed, or is another's by then
            if self._cut is not None:
                self._cut.close()
            if self._reader is not None:
                self._reader.close()
            self._sock.close()

    def _linger(self) -> None:
        """Flush, tell the peer that no more comes, and read on into nothing: unread bytes would turn FIN into RST."""
        if self._writer is not None:
            self._writer.join()
        if self._state is _State.ENDING:
            self._cut_after(LINGER)
            with suppress(OSError):  # the peer was faster
                self._sock.shutdown(socket.SHUT_WR)
        while self._state is _State.ENDING and self.receive() != b"":
            continue


def _after(frames: list[bytes], sent: int) -> list[memoryview | bytes]:
    """What is left of the frames when so many bytes were written."""
    for index, frame in enumerate(frames):
        if sent < len(frame):
            return [memoryview(frame)[sent:] if sent else frame, *frames[index + 1 :]]
        sent -= len(frame)
    return []
