"""The socket under a WebSocket: writes never wait, and bytes are read only on request.

Any greenlet may write; since greenlets switch only where they wait, and `send` does not wait, frames stay whole without
a lock. There is one reader: while it does something else, nothing is read, and TCP pushes back.
"""

from __future__ import annotations

import socket
from _socket import socket as PlainSocket  # without the watchers and the dictionary of gevent's
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
from chatapp.realtime.send_queue import SendQueue, unsent
from chatapp.realtime.waiting import ReadWaiter

SEND_BUFFER = 64 * 1024  # by default the kernel would buffer 4 MB for a client that never reads
RECEIVE_BYTES = 8192  # per read; small frames arrive one by one, so more would only cost memory under a flood
LINGER = 1.0  # seconds for the peer to close as well; closing at once could reset TCP and discard unread frames


class _State(IntEnum):
    OPEN = 0
    ENDING = 1  # accepts nothing more; writes what is queued, a close frame last
    DEAD = 2


class FrameSocket:
    """The socket of an upgraded connection.

    Attributes:
        last_received: monotonic time of the last sign of life: bytes received, or bytes that the peer read. Also reset
            when reading starts again after a pause.
    """

    __slots__ = ("_abort_timer", "_buffer", "_buffered_bytes", "_on_too_slow", "_queue", "_rate", "_reader",
                 "_received", "_saw_end", "_sock", "_state", "_writer", "last_received")  # fmt: skip

    def __init__(self, sock: GeventSocket, *, write_deadline: float, received: bytes = b"") -> None:
        """Prepare for the handshake, whose response is sent through this object. `attach` takes over the socket.

        Parameters:
            write_deadline: seconds in which the peer must read `write_pacing.PIECE` bytes, or everything queued.
            received: bytes already read from the socket.
        """
        self._sock: GeventSocket | PlainSocket = sock
        self._received = received
        self._rate = MinimumRate(write_deadline)
        self._state = _State.OPEN
        self._buffer: list[bytes] = []  # frames of this loop iteration
        self._buffered_bytes = 0
        self._queue = SendQueue()
        self._writer: gevent.Greenlet[..., None] | None = None
        self._reader: ReadWaiter | None = None
        self._saw_end = False
        self._abort_timer: Any = None
        self._on_too_slow: Callable[[], None] = self.abort
        self.last_received = monotonic()
        with suppress(OSError):  # the peer may have left; the first read will report it
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # Set for HTTP by ResponseSocket; here pings detect a peer that has left.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 0)

    def attach(self, on_too_slow: Callable[[], None]) -> None:
        """Take over the descriptor, after the handshake: the server that accepted the connection no longer closes it.

        Parameters:
            on_too_slow: called when the peer reads too slowly. It must not block.
        """
        self._on_too_slow = on_too_slow
        accepted = self._sock
        self._sock = PlainSocket(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        self._sock.setblocking(False)
        self._reader = ReadWaiter(self._sock.fileno())

    # Writing

    def send(self, data: bytes) -> int:
        """Write whole frames at the end of this loop iteration; drop them if the connection is ending.

        Returns:
            The length of `data`, always: the handshake expects the interface of `socket.send`.
        """
        if self._state is _State.OPEN:
            if not self._buffer:
                flusher.add(self)
            self._buffer.append(data)
            self._buffered_bytes += len(data)
            if self._buffered_bytes >= SEND_BUFFER:
                self.flush()
        return len(data)

    def flush(self) -> None:
        """Write the buffer, as far as the OS accepts it, and queue the rest."""
        frames, self._buffer, self._buffered_bytes = self._buffer, [], 0
        if not frames:
            return
        rest: list[memoryview | bytes] = [*frames]
        if not self._queue.entries:  # otherwise frames would overtake the queue
            sent = self._write(frames[0] if len(frames) == 1 else b"".join(frames))
            if sent < 0:
                return
            rest = unsent(frames, sent)
            if rest:
                # Part of it may be written, so the queue must accept it. No frame is longer than MAX_QUEUED_BYTES:
                # `queries.page_bytes` bounds those with several messages.
                self._push(rest.pop(0))
        for frame in rest:
            if self._state is _State.OPEN:
                self._enqueue(frame)

    def _write(self, data: memoryview | bytes) -> int:
        """The number of bytes that the OS accepted without waiting; -1 if the connection is lost."""
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.abort()
            return -1

    def _enqueue(self, frame: memoryview | bytes) -> None:
        if self._queue.has_room(frame):
            self._push(frame)
        else:
            self._on_too_slow()

    def _push(self, data: memoryview | bytes) -> None:
        self._queue.push(data)
        if self._writer is None:
            self._rate.start()
            self._writer = gevent.spawn(self._drain)

    def _drain(self) -> None:
        """Write the queue, in the only greenlet that waits for the peer to read. It ends when the queue is empty."""
        while self._queue.entries:
            sent = self._write(self._queue.entries[0])
            if sent < 0:
                return
            if sent == 0:
                self._wait_for_peer()
                continue
            self.last_received = monotonic()
            self._rate.took(sent)
            was_congested = self.is_congested
            self._queue.remove_written(sent)
            if was_congested and not self.is_congested:
                self._wake_reader()
        self._writer = None

    def _wait_for_peer(self) -> None:
        """Wait until the OS accepts more. While ending there is no deadline: the timer of `end` bounds it."""
        timeout = max(0.0, self._rate.seconds_left) if self._state is _State.OPEN else None
        try:
            wait_write(self._sock.fileno(), timeout=timeout)
        except TimeoutError:
            self._on_too_slow()
        except OSError:
            self.abort()

    # Reading

    def receive(self) -> bytes | None:
        """Wait for bytes of the peer and return them, as `read` does."""
        assert self._reader is not None, "call attach first"
        if not self.is_readable:
            self._reader.wait()
        return self.read()

    def rest(self, serve: Callable[[], None]) -> None:
        """Call `serve` in another greenlet when `is_readable`, or `end` or `abort` was called."""
        assert self._reader is not None, "call attach first"
        self._reader.rest(serve)

    @property
    def is_readable(self) -> bool:
        """Whether the reader was resumed because there is something to read, and has not read it yet.

        Reading only then lets other greenlets run before every read; hardly ever is there something at once.
        """
        assert self._reader is not None, "call attach first"
        return self._reader.is_readable or bool(self._received)

    def read(self) -> bytes | None:
        """The bytes that have arrived; b"" at the end of the stream, None if there is nothing."""
        assert self._reader is not None, "call attach first"
        self._reader.is_readable = False
        if self._received:
            received, self._received = self._received, b""
            return received
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
        """Whether the peer reads so slowly that it should get no further responses for now."""
        return bool(self._queue.entries) and self._queue.is_congested and self._state is _State.OPEN

    def wait_until_drained(self) -> None:
        """Wait, without reading, while `is_congested`."""
        assert self._reader is not None, "call attach first"
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
        """Whether frames are still accepted."""
        return self._state is _State.OPEN

    @property
    def is_dead(self) -> bool:
        """Whether TCP was shut down."""
        return self._state is _State.DEAD

    def end(self, close_frame: bytes, grace: float = CLOSE_GRACE) -> None:
        """Send a close frame as the last frame, and shut TCP down after `grace` seconds. Never waits.

        Drops the queue except for its first entry, which may be partly written. Wakes the reader.
        """
        self.flush()
        if self._state is not _State.OPEN:
            return
        if self._queue.entries:
            self._queue.keep_first()
            self._push(close_frame)
        else:
            self._buffer.append(close_frame)
            self.flush()
        self._begin_ending(grace)

    def _begin_ending(self, grace: float) -> None:
        if self._state is _State.OPEN:
            self._state = _State.ENDING
            self._abort_after(grace)
            self._wake_reader()

    def _abort_after(self, seconds: float) -> None:
        if self._abort_timer is not None:
            self._abort_timer.close()
        self._abort_timer = get_hub().loop.timer(seconds)
        self._abort_timer.start(self.abort)

    def abort(self) -> None:
        """Shut TCP down at once, without waiting, and wake the reader and the writer."""
        if self._state is _State.DEAD:
            return
        self._state = _State.DEAD
        self._buffer = []
        self._wake_reader()
        with suppress(OSError):  # the peer was first
            if self._queue.entries:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, FORGET_UNSENT)
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Write what is queued, give the peer a moment to close as well, and close. The reader's last call.

        The grace of `end` bounds it.
        """
        try:
            self._begin_ending(CLOSE_GRACE)
            if not self._saw_end:
                self._linger()
        finally:
            self._state = _State.DEAD
            self._queue.entries.clear()
            if self._writer is not None:
                self._writer.kill()  # it would wait for ever on a descriptor that is closed or reused
                self._writer = None
            if self._abort_timer is not None:
                self._abort_timer.close()
            if self._reader is not None:
                self._reader.close()
            self._on_too_slow = _ignore  # it refers to the owner of this socket
            self._sock.close()

    def _linger(self) -> None:
        """Flush, send FIN, and discard what the peer still sends: unread bytes would turn FIN into RST."""
        if self._writer is not None:
            self._writer.join()
        if self._state is _State.ENDING:
            self._abort_after(LINGER)
            with suppress(OSError):  # the peer was first
                self._sock.shutdown(socket.SHUT_WR)
        while self._state is _State.ENDING and self.receive() != b"":
            continue


def _ignore() -> None:
    pass
