"""One live connection: who is there, in which dialect, and how frames reach it and come from it."""

from __future__ import annotations

import secrets
from time import monotonic, time_ns
from typing import Any, Protocol

import orjson
from simple_websocket import ConnectionClosed, Server

from chatapp.actor import Actor
from chatapp.events import Event
from chatapp.realtime.closing import CLOSE_GRACE, Close
from chatapp.realtime.framing import close_frame, text_frame
from chatapp.realtime.transport import LINGER, FrameSocket

__all__ = ["Connection", "ConnectionClosed", "Dialect"]


MAX_HELD = 1000  # frames; a greeting takes milliseconds, and who misses more than this catches up by the cursor in it


class Dialect(Protocol):
    """What a connection must know of its dialect."""

    @property
    def name(self) -> str:
        """Name of the dialect; events are rendered once for each."""
        ...

    def encode(self, event: Event) -> bytes | None:
        """The event as the JSON text of a frame; None when this dialect does not tell it."""
        ...


class Connection:
    """A WebSocket of one client.

    Attributes:
        id: short unique text that rises with the time of opening, so that sorted ids are oldest first.
        actor: who is there; None until authenticated.
        opened_at: monotonic seconds, as are `last_received`, `last_frame_received` and `last_pinged`.
        last_frame_received: when the client last sent a frame of its own, other than pings and pongs.
        is_handling: whether a frame of the client is being handled right now.
        frames_in, frames_out: messages received and written.
        closed_as: why it was closed by us; None while it is open or was closed by the client.
    """

    __slots__ = ("_held", "_max_bytes", "_socket", "_ws", "actor", "closed_as", "dialect", "frames_in", "frames_out",
                 "id", "is_handling", "last_frame_received", "last_pinged", "opened_at", "remote_addr")  # fmt: skip

    def __init__(
        self, ws: Server, socket: FrameSocket, dialect: Dialect, *, remote_addr: str, max_frame_bytes: int
    ) -> None:
        """Take over an accepted WebSocket.

        Parameters:
            ws: the parser above `socket`; its reader must not have run yet.
            max_frame_bytes: longest message a client may send; a longer one closes with 1009.
        """
        self._ws = ws
        self._socket = socket
        self._max_bytes = max_frame_bytes
        self.id = f"{time_ns() // 1_000_000:x}.{secrets.token_urlsafe(6)}"
        self.actor: Actor | None = None
        self.dialect = dialect
        self.remote_addr = remote_addr
        self.opened_at = self.last_frame_received = self.last_pinged = monotonic()
        self.is_handling = False
        self._held: list[bytes] | None = None
        self.frames_in = 0
        self.frames_out = 0
        self.closed_as: Close | None = None
        socket.attach(ws.input_buffer, on_too_slow=self._close_too_slow, on_room=ws.event.set)

    @property
    def last_received(self) -> float:
        """When the last sign of life came: any bytes received, or queued ones taken."""
        return self._socket.last_received

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return self._socket.is_open

    @property
    def is_paused(self) -> bool:
        """Whether we have stopped reading, so that silence says nothing about the client."""
        return self._socket.is_paused

    def write(self, frame: bytes) -> None:
        """Send a whole encoded frame (`framing.text_frame`). Never waits; dropped when the connection is ending."""
        self.frames_out += 1
        if self._held is not None:
            self._hold(frame)
        else:
            self._socket.send(frame)

    def hold(self) -> None:
        """Keep what is written, in its order, until `release` or `greet`."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Send what was held, all at once: several frames in one system call."""
        held, self._held = self._held, None
        if held:
            self._socket.send(b"".join(held))

    def greet(self, value: Any) -> None:
        """Send the greeting, then what was held: the client hears events only after it."""
        self._held = [text_frame(orjson.dumps(value)), *(self._held or ())]
        self.frames_out += 1
        self.release()

    def _hold(self, frame: bytes) -> None:
        assert self._held is not None
        if len(self._held) >= MAX_HELD:
            self.close(Close.TOO_SLOW)
        else:
            self._held.append(frame)

    def send_json(self, value: Any) -> None:
        """Send a JSON message. Never waits."""
        self.write(text_frame(orjson.dumps(value)))

    def ping(self, frame: bytes, now: float) -> None:
        """Send a ping frame and note when."""
        self.last_pinged = now
        self._socket.send(frame)

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Wait for the next message of the client.

        Parameters:
            timeout: seconds; None waits for ever.

        Returns:
            The message; None when none came in time.

        Raises:
            ConnectionClosed: either side has closed, or the client sent too much.
        """
        message = self._await_message(timeout)
        if message is None:
            return None
        self._socket.handled()
        if self._is_too_big(message):
            self.close(Close.TOO_BIG)
            raise ConnectionClosed(Close.TOO_BIG.code, Close.TOO_BIG.text)
        self.last_frame_received = monotonic()
        self.frames_in += 1
        return message

    def _await_message(self, timeout: float | None) -> str | bytes | None:
        ws = self._ws
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            if self.closed_as is not None:
                raise ConnectionClosed(self.closed_as.code, self.closed_as.text)
            if ws.input_buffer and not self._socket.is_busy:
                return ws.input_buffer.pop(0)
            if not ws.connected:
                raise ConnectionClosed(ws.close_reason, ws.close_message)
            if not ws.event.wait(None if deadline is None else max(0.0, deadline - monotonic())):
                return None
            ws.event.clear()

    def _is_too_big(self, message: str | bytes) -> bool:
        """simple-websocket counts characters, which are up to four bytes; encode only what could be too long."""
        if isinstance(message, bytes):
            return len(message) > self._max_bytes
        return len(message) * 4 > self._max_bytes and len(message.encode()) > self._max_bytes

    def close(self, reason: Close) -> None:
        """End the connection: close frame, handler woken, and after a grace TCP is cut, answered or not.

        Never waits, may be called from any greenlet and again; the first reason counts.
        """
        if self.closed_as is None:
            self.closed_as = reason
            self._socket.end(close_frame(reason.code, reason.text), reason.grace)
            self._ws.event.set()

    def _close_too_slow(self) -> None:
        self.close(Close.TOO_SLOW)

    def finish(self) -> None:
        """The handler's last call: close if nobody has, and wait, within the grace, until TCP has ended."""
        if self._socket.is_open:
            self.close(Close.NORMAL)
        if not self._socket.wait_gone(CLOSE_GRACE + 2 * LINGER):
            self._socket.abort()
