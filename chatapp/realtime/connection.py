"""One WebSocket connection: its user, its dialect, and its frames in both directions."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from time import monotonic, time_ns
from typing import Any, Protocol

import gevent
import orjson

from chatapp import metrics
from chatapp.auth.actor import Actor
from chatapp.events.moderation import SentMessage
from chatapp.events.types import Event
from chatapp.realtime.allowance import FRAME_BYTES, Allowance
from chatapp.realtime.closing import Close, ConnectionClosed
from chatapp.realtime.frame_reader import BINARY, CLOSE, PING, TEXT, Frame, FrameError, FrameReader
from chatapp.realtime.framing import close_frame, frame_type, pong_frame, text_frame
from chatapp.realtime.send_queue import MAX_QUEUED_BYTES
from chatapp.realtime.transport import FrameSocket

MAX_HELD = 1000  # frames; a greeting takes milliseconds. With more the socket closes, and the client catches up
MAX_HELD_BYTES = MAX_QUEUED_BYTES  # after the greeting they may have to be queued
MAX_PAUSE = 0.1  # seconds to sleep at once while a client is throttled, and thus the delay of noticing a close
FRAMES_PER_YIELD = 32  # of one client before other greenlets run; the responses fit into MAX_QUEUED_FRAMES


class FrameFormat(Protocol):
    """What connections and the hub need of a dialect: how events become frames."""

    @property
    def name(self) -> str:
        """Name of the dialect. Events are rendered once per name."""
        ...

    @property
    def acknowledges_in_order(self) -> bool:
        """Whether the socket that sent a message gets the acknowledgement in place of the event that others get."""
        ...

    @property
    def pushes_conversations(self) -> bool:
        """Whether clients get the list entry of a conversation each time that it changes."""
        ...

    def encode(self, event: Event) -> bytes | None:
        """The event as the JSON text of a frame; None if this dialect does not send it."""
        ...

    def encode_acknowledgement(self, event: SentMessage) -> bytes:
        """The acknowledgement as the JSON text of a frame. Used only if `acknowledges_in_order`."""
        ...


class Connection:
    """A WebSocket of one client.

    Attributes:
        id: short unique text that increases with the time of opening, so that sorted ids are oldest first.
        actor: the user; None until authenticated.
        session_id: the session of the assistant that it was opened for, as the client named it.
        opened_at: monotonic seconds, as are `last_received`, `last_frame_received` and `last_pinged`.
        last_frame_received: when the client last sent a frame other than pings and pongs.
        is_handling: whether a frame of the client is being handled now.
        pending_key: the idempotency key of the message that is being sent over this connection; None if there is none.
        acknowledged_id: id of the latest message sent over it, once its acknowledgement was written; 0 before.
        frames_in, frames_out: messages received and written.
        close_reason: why the server closed it; None while it is open, or if the client closed it.
    """

    __slots__ = ("_allowance", "_frames", "_held", "_held_bytes", "_is_close_received", "_since_yield", "_socket",
                 "acknowledged_id", "actor", "close_reason", "dialect", "frames_in", "frames_out", "id", "is_handling",
                 "last_frame_received", "last_pinged", "opened_at", "pending_key", "remote_addr",
                 "session_id")  # fmt: skip

    def __init__(self, socket: FrameSocket, dialect: FrameFormat, *, remote_addr: str, max_frame_bytes: int,
                 frames_per_second: float) -> None:  # fmt: skip
        """Take over an accepted WebSocket, whose request may end.

        Parameters:
            max_frame_bytes: longest message that the client may send; a longer one closes with 1009.
            frames_per_second: frames of the client that are read per second in the long run.
        """
        self._socket = socket
        self._frames = FrameReader(max_frame_bytes)
        self._allowance = Allowance(frames_per_second)
        self._since_yield = 0  # frames of the client read since other greenlets ran
        self._is_close_received = False  # or cannot come, since the client broke the protocol
        self.id = f"{time_ns() // 1_000_000:x}.{secrets.token_urlsafe(6)}"
        self.actor: Actor | None = None
        self.session_id: str | None = None
        self.dialect = dialect
        self.remote_addr = remote_addr
        self.opened_at = self.last_frame_received = self.last_pinged = monotonic()
        self.is_handling = False
        self.pending_key: str | None = None
        self.acknowledged_id = 0
        self._held: list[bytes] | None = None
        self._held_bytes = 0
        self.frames_in = 0
        self.frames_out = 0
        self.close_reason: Close | None = None
        socket.attach(on_too_slow=self._close_too_slow)

    @property
    def last_received(self) -> float:
        """When the last sign of life came: bytes received, or queued bytes read by the client."""
        return self._socket.last_received

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return self._socket.is_open

    @property
    def is_paused(self) -> bool:
        """Whether reading is paused, so that the silence of the client means nothing."""
        return self.is_handling or self._socket.is_congested

    def write(self, frame: bytes) -> None:
        """Send a whole encoded frame (`framing.text_frame`). Never waits; drops it if the connection is ending.

        It leaves at the end of this loop iteration, together with all other frames of the iteration.
        """
        self.frames_out += 1
        metrics.frame_sent(frame_type(frame))
        if self._held is None:
            self._socket.send(frame)
        elif len(self._held) >= MAX_HELD or self._held_bytes + len(frame) > MAX_HELD_BYTES:
            self.close(Close.TOO_SLOW)
        else:
            self._held.append(frame)
            self._held_bytes += len(frame)

    def hold(self) -> None:
        """Hold back what is written, in order, until `greet`."""
        self._held, self._held_bytes = [], 0

    def greet(self, value: Any) -> None:
        """Send the greeting, then what was held back: events reach the client only after the greeting."""
        held, self._held = self._held or (), None
        self.send_json(value)
        for frame in held:
            self._socket.send(frame)

    def send_json(self, value: Any) -> None:
        """Send a JSON message. Never waits."""
        self.write(text_frame(orjson.dumps(value)))

    def write_text(self, payload: bytes) -> None:
        """Send JSON that is encoded already. Never waits."""
        self.write(text_frame(payload))

    def ping(self, frame: bytes, now: float) -> None:
        """Send a ping frame and record the time."""
        self.last_pinged = now
        self._socket.send(frame)

    def rest(self, serve: Callable[[], None]) -> None:
        """Call `serve` in a greenlet of the pool when there is something to read, or the connection was closed.

        Until then the connection has no greenlet. The caller's greenlet must do nothing more for it.
        """
        self._socket.rest(serve)

    def receive(self, timeout: float) -> Frame | None:
        """Wait for the next message of the client, and answer pings before it.

        Parameters:
            timeout: seconds.

        Returns:
            A text or binary message; None on time-out.

        Raises:
            ConnectionClosed: either side closed the connection, or the client broke the protocol.
        """
        message = None
        with gevent.Timeout(timeout, False):  # type: ignore[arg-type]
            while (message := self.next_message()) is None:
                self._feed(self._socket.receive())
        return message

    def next_message(self) -> Frame | None:
        """The next message that has arrived whole, after answering the pings before it.

        Waits only while the client is throttled or reads too slowly.

        Returns:
            A text or binary message; None if it needs more bytes, for which the connection should `rest`.

        Raises:
            ConnectionClosed: either side closed the connection, or the client broke the protocol.
        """
        self._socket.reset_idle_timer()
        while True:
            if self.close_reason is not None:
                raise ConnectionClosed(self.close_reason.code, self.close_reason.text)
            if self._socket.is_congested:
                self._socket.wait_until_drained()
                self._socket.reset_idle_timer()
            elif (seconds := self._allowance.wait()) > 0:
                gevent.sleep(min(seconds, MAX_PAUSE))
                self._socket.reset_idle_timer()
            elif self._since_yield >= FRAMES_PER_YIELD:
                self._yield()
            elif self._socket.is_readable:  # so no whole frame is left of earlier bytes
                self._feed(self._socket.read())
            elif (frame := self._next_frame()) is not None:
                if frame.opcode in (TEXT, BINARY):
                    self.last_frame_received = monotonic()
                    self.frames_in += 1
                    return frame
            elif self._socket.is_dead:
                self._feed(self._socket.read())
            else:
                return None

    def _yield(self) -> None:
        """Write the responses so far, and let other greenlets run."""
        self._socket.flush()
        gevent.sleep(0)
        self._since_yield = 0

    def _next_frame(self) -> Frame | None:
        """The next frame, after handling it if it is a control frame; None if it is incomplete."""
        try:
            frame = self._frames.next_frame()
        except FrameError as error:
            self._is_close_received = True
            self.close(error.close)
            raise ConnectionClosed(error.close.code, error.close.text) from None
        self._allowance.spend(self._frames.begun)  # includes fragments: each costs as much as a small message
        self._frames.begun = 0
        if frame is not None:
            self._since_yield += 1
            if frame.opcode == PING:
                self._socket.send(pong_frame(frame.payload))
            elif frame.opcode == CLOSE:
                self._reply_to_close(frame.payload)
        return frame

    def _feed(self, data: bytes | None) -> None:
        if data:
            self._since_yield = 0
            self._allowance.spend(len(data) / FRAME_BYTES)
            self._frames.feed(data)
        elif data is not None and self.close_reason is None:
            raise ConnectionClosed(1006, "the connection was lost")

    def _reply_to_close(self, payload: bytes) -> None:
        """Respond with the same code (RFC 6455, 5.5.1)."""
        self._is_close_received = True
        code = int.from_bytes(payload[:2], "big") if payload else None
        self._socket.end(close_frame(code))
        raise ConnectionClosed(code or 1005, payload[2:].decode())

    def close(self, reason: Close) -> None:
        """Send a close frame, resume the reader, and shut TCP down after the grace of the reason.

        Never waits. May be called from any greenlet and repeatedly; the first reason counts.
        """
        if self.close_reason is None and self._socket.is_open:
            self.close_reason = reason
            self._socket.end(close_frame(reason.code, reason.text), reason.grace)

    def _close_too_slow(self) -> None:
        self.close(Close.TOO_SLOW)

    def finish(self) -> None:
        """Close unless it is closed, and wait, within the grace, until TCP has ended. The reader's last call."""
        self.close(Close.NORMAL)
        try:
            self._await_close()
        finally:
            self._socket.close()

    def _await_close(self) -> None:
        """Read until the client closes as well. Drops messages that come before that."""
        while not (self._is_close_received or self._socket.is_dead):
            try:
                frame = self._frames.next_frame()
            except FrameError:
                return
            if frame is None:
                data = self._socket.receive()
                if data == b"":
                    return
                self._frames.feed(data or b"")
            elif frame.opcode == CLOSE:
                return
