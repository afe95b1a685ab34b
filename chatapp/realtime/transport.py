"""The socket under a WebSocket: whole frames out without ever waiting, bytes in only as fast as they are handled.

simple-websocket writes with one `send` and takes what the OS left out as written, so its streams break under load; it
also reads without a bound. `FrameSocket` stands between it and gevent's socket and is the only writer of a connection.
Since greenlets switch only where they wait, and `send` does not wait, no lock is needed to keep frames whole.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from time import monotonic
from typing import Any

import gevent
from gevent.event import Event as Signal
from gevent.socket import socket as GeventSocket
from gevent.socket import wait_write

from chatapp.realtime.closing import CLOSE_GRACE

MAX_QUEUED_FRAMES = 100  # a client so far behind is better off with a page of history than with a backlog
MAX_QUEUED_BYTES = 1 << 20  # what one slow reader may cost in memory; 1,000 of them fit into a gigabyte
BUSY_FRAMES = MAX_QUEUED_FRAMES // 2  # above it nothing is read from the peer: it takes no answers either
MAX_UNHANDLED = 64  # messages parsed but not handled; above it TCP pushes back
SEND_BUFFER = 64 * 1024  # the kernel would hold 4 MB for a reader that never reads
LINGER = 1.0  # seconds in which the peer may notice that we have closed; closing at once could reset unread frames away
READS_PER_TURN = 8  # reads that may find data at once before others get a turn: a flood must not hold the loop

# Without it the kernel keeps the send buffer of a reader that never reads for minutes after the close.
_FORGET_UNSENT = struct.pack("ii", 1, 0)


class _State(IntEnum):
    OPEN = 0
    ENDING = 1  # nothing more is taken; what is queued, a close frame last, goes out
    DEAD = 2


class FrameSocket:
    """Wraps the gevent socket of an upgraded connection.

    Attributes:
        last_received: monotonic time of the last sign of life: bytes that came, or bytes that the peer took.
    """

    __slots__ = ("_cut", "_gone", "_has_room", "_on_room", "_on_too_slow", "_queue", "_queued_bytes",
                 "_reads", "_saw_end", "_sock", "_state", "_unhandled", "_write_deadline", "_writer",
                 "last_received")  # fmt: skip

    def __init__(self, sock: GeventSocket, *, write_deadline: float) -> None:
        """Take over the socket.

        Parameters:
            write_deadline: seconds that a peer may take nothing while something is queued for it.
        """
        self._sock = sock
        self._write_deadline = write_deadline
        self._state = _State.OPEN
        self._queue: deque[memoryview | bytes] = deque()
        self._queued_bytes = 0
        self._writer: gevent.Greenlet | None = None
        self._unhandled: list[Any] = []
        self._has_room: Signal | None = None
        self._reads = 0
        self._saw_end = False
        self._cut: gevent.Greenlet | None = None
        self._gone = Signal()
        self._on_too_slow: Callable[[], None] = self.abort
        self._on_room: Callable[[], object] | None = None
        self.last_received = monotonic()
        with suppress(OSError):  # the peer may be gone already; the first read will say so
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def attach(self, unhandled: list[Any], *, on_too_slow: Callable[[], None], on_room: Callable[[], object]) -> None:
        """Bind to the connection above. The callbacks must not block.

        Parameters:
            unhandled: the messages that were parsed and wait to be handled; `recv` waits while there are too many.
            on_too_slow: called when the peer does not take what is queued.
            on_room: called when `is_busy` ceases.
        """
        self._unhandled = unhandled
        self._on_too_slow = on_too_slow
        self._on_room = on_room

    # Writing

    def send(self, data: bytes) -> int:
        """Write whole frames, now or later, without waiting. Once the connection is ending they are dropped.

        Returns:
            The length of `data`, always: simple-websocket expects `socket.send`.
        """
        if self._state is _State.OPEN:
            if self._queue:
                self._enqueue(data)
            else:
                self._write_or_enqueue(data)
        return len(data)

    def _write_or_enqueue(self, data: bytes) -> None:
        """Write what the OS takes and queue the rest. Only for an empty queue, or frames would overtake each other."""
        sent = self._write(data)
        if 0 <= sent < len(data):
            self._push(memoryview(data)[sent:] if sent else data)

    def _write(self, data: memoryview | bytes) -> int:
        """How much the OS took without waiting; -1 when the connection is lost."""
        try:
            return self._sock.send(data, timeout=0.0)  # type: ignore[call-arg]
        except BlockingIOError:
            return 0
        except OSError:
            self.abort()
            return -1

    def _enqueue(self, data: bytes) -> None:
        if len(self._queue) >= MAX_QUEUED_FRAMES or self._queued_bytes + len(data) > MAX_QUEUED_BYTES:
            self._on_too_slow()
        else:
            self._push(data)

    def _push(self, data: memoryview | bytes) -> None:
        self._queue.append(data)
        self._queued_bytes += len(data)
        if self._writer is None:
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
            self._queued_bytes -= sent
            if sent < len(head):
                self._queue[0] = memoryview(head)[sent:]
            else:
                self._queue.popleft()
                if len(self._queue) == BUSY_FRAMES:
                    self._resume_reading()
                    if self._on_room is not None:
                        self._on_room()
        self._writer = None

    def _await_peer(self) -> None:
        """Wait until the OS takes more. No deadline once ending: the cut that `end` armed bounds it."""
        deadline = self._write_deadline if self._state is _State.OPEN else None
        try:
            wait_write(self._sock.fileno(), timeout=deadline)
        except TimeoutError:
            self._on_too_slow()
        except OSError:
            self.abort()

    # Reading

    def recv(self, size: int) -> bytes:
        """Bytes from the peer, b"" at the end; waits while enough is parsed or queued already.

        Raises:
            OSError: the connection is lost.
        """
        self._reads += 1
        if self._reads % READS_PER_TURN == 0:
            gevent.sleep(0)
        while self.is_paused:
            self._has_room = Signal()
            self._has_room.wait()
        if self._state is not _State.OPEN:
            self._unhandled.clear()  # nobody handles what comes after our goodbye; only the peer's answer matters
        data = self._sock.recv(size)
        self.last_received = monotonic()
        self._saw_end = not data
        return data

    @property
    def is_paused(self) -> bool:
        """Whether nothing is read because of what waits here, so that silence says nothing about the peer."""
        if self._state is not _State.OPEN:
            return False
        return len(self._unhandled) > MAX_UNHANDLED or len(self._queue) > BUSY_FRAMES

    @property
    def is_busy(self) -> bool:
        """Whether the peer is slow to take answers, so that it should get no further ones for now."""
        return self._state is _State.OPEN and len(self._queue) > BUSY_FRAMES

    def handled(self) -> None:
        """One message less waits to be handled: go on reading where that had stopped."""
        if self._has_room is not None:
            self._resume_reading()

    def _resume_reading(self) -> None:
        if self._has_room is not None and not self.is_paused:
            self._has_room.set()
            self._has_room = None

    # Ending

    @property
    def is_open(self) -> bool:
        """Whether frames are still taken."""
        return self._state is _State.OPEN

    def end(self, close_frame: bytes, grace: float = CLOSE_GRACE) -> None:
        """Say goodbye, without waiting: nothing is taken after this frame, and after `grace` seconds TCP is cut.

        What is queued is forgotten but for the first, of which half may be written already.
        """
        if self._state is not _State.OPEN:
            return
        while len(self._queue) > 1:
            self._queued_bytes -= len(self._queue.pop())
        if self._queue:
            self._push(close_frame)
        else:
            self._write_or_enqueue(close_frame)
        self._begin_ending(grace)

    def _begin_ending(self, grace: float) -> None:
        if self._state is _State.OPEN:
            self._state = _State.ENDING
            self._cut = gevent.spawn_later(grace, self.abort)
            self._resume_reading()

    def abort(self) -> None:
        """Cut TCP at once, without waiting. Whoever reads or writes finds the end."""
        if self._state is _State.DEAD:
            return
        self._state = _State.DEAD
        self._resume_reading()
        with suppress(OSError):  # already cut by the peer
            if self._queue:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET_UNSENT)
            self._sock.shutdown(socket.SHUT_RDWR)

    def shutdown(self, how: int = socket.SHUT_RDWR) -> None:
        """`abort`, under the name that sockets have for it."""
        self.abort()

    def close(self) -> None:
        """Finish: what is queued goes out, the peer gets a moment to notice, the socket is closed.

        Called by simple-websocket's reader at its end. It is bounded by the grace of `end`.
        """
        if self._gone.is_set():
            return
        try:
            self._begin_ending(CLOSE_GRACE)
            if not self._saw_end and self._state is _State.ENDING:
                self._linger()
        finally:
            self._state = _State.DEAD
            self._queue.clear()
            if self._cut is not None:
                self._cut.kill(block=False)
            self._sock.close()
            self._gone.set()

    def _linger(self) -> None:
        """Flush, tell the peer that no more comes, and read on into nothing: unread bytes would turn FIN into RST."""
        if self._writer is not None:
            self._writer.join()
        with suppress(OSError), gevent.Timeout(LINGER, False):  # type: ignore[arg-type]
            self._sock.shutdown(socket.SHUT_WR)
            while self._sock.recv(SEND_BUFFER):
                gevent.sleep(0)

    def wait_gone(self, timeout: float) -> bool:
        """Wait until the socket is closed. False: it is not yet."""
        return self._gone.wait(timeout)

    def fileno(self) -> int:
        """The file descriptor, -1 once closed."""
        return self._sock.fileno()
