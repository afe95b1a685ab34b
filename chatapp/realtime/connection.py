"""One live connection: who is there, in which dialect, and how frames reach it and come from it."""

from __future__ import annotations

import secrets
from time import monotonic, time_ns
from typing import Any, Protocol

import gevent
import orjson

from chatapp import metrics
from chatapp.auth.actor import Actor
from chatapp.events.types import Event, MessageSent
from chatapp.realtime.allowance import FRAME_BYTES, Allowance
from chatapp.realtime.closing import Close, ConnectionClosed
from chatapp.realtime.frame_reader import BINARY, CLOSE, PING, TEXT, Frame, FrameError, FrameReader
from chatapp.realtime.framing import close_frame, frame_type, pong_frame, text_frame
from chatapp.realtime.send_queue import MAX_QUEUED_BYTES
from chatapp.realtime.transport import FrameSocket

__all__ = ["Connection", "ConnectionClosed", "Dialect"]


MAX_HELD = 1000  # frames; a greeting takes milliseconds, and who misses more than this catches up by the cursor in it
MAX_HELD_BYTES = MAX_QUEUED_BYTES  # what may wait for the greeting may wait for a slow reader after it
LONGEST_PAUSE = 0.1  # seconds that a client's pace is waited for at once: so much later a close is noticed
FRAMES_PER_TURN = 32  # of one client, before others get the loop; its answers still fit below MAX_QUEUED_FRAMES


class Dialect(Protocol):
    """What a connection must know of its dialect."""

    @property
    def name(self) -> str:
        """Name of the dialect; events are rendered once for each."""
        ...

    @property
    def acknowledges_in_order(self) -> bool:
        """Whether the socket that a message came over gets its acknowledgement at the message's place, instead of what
        all others are told."""
        ...

    @property
    def pushes_conversations(self) -> bool:
        """Whether its clients are told how a conversation looks in their list each time that it changed."""
        ...

    def encode(self, event: Event) -> bytes | None:
        """The event as the JSON text of a frame; None when this dialect does not tell it."""
        ...

    def encode_acknowledgement(self, event: MessageSent) -> bytes:
        """The acknowledgement as the JSON text of a frame. Asked only where it is given in order."""
        ...


class Connection:
    """A WebSocket of one client.

    Attributes:
        id: short unique text that rises with the time of opening, so that sorted ids are oldest first.
        actor: who is there; None until authenticated.
        opened_at: monotonic seconds, as are `last_received`, `last_frame_received` and `last_pinged`.
        last_frame_received: when the client last sent a frame of its own, other than pings and pongs.
        is_handling: whether a frame of the client is being handled right now.
        sending: the client's own key of the message that is being sent over it; None without one.
        acknowledged: id of the message that was sent last, once its acknowledgement was written; 0 before.
        frames_in, frames_out: messages received and written.
        close_reason: why it was closed by us; None while it is open or was closed by the client.
    """

    __slots__ = ("_allowance", "_frames", "_held", "_held_bytes", "_is_answered", "_socket", "_this_turn",
                 "acknowledged_id", "actor", "close_reason", "dialect", "frames_in", "frames_out", "id", "is_handling",
                 "last_frame_received", "last_pinged", "opened_at", "pending_key", "remote_addr")  # fmt: skip

    def __init__(self, socket: FrameSocket, dialect: Dialect, *, remote_addr: str, max_frame_bytes: int,
                 frames_per_second: float) -> None:  # fmt: skip
        """Take over an accepted WebSocket, in the greenlet that will serve it.

        Parameters:
            max_frame_bytes: longest message a client may send; a longer one closes with 1009.
            frames_per_second: how many of the client's are read, in the long run; further ones wait.
        """
        self._socket = socket
        self._frames = FrameReader(max_frame_bytes)
        self._allowance = Allowance(frames_per_second)
        self._this_turn = 0  # frames of the client that were taken since others had the loop
        self._is_answered = False  # whether the client has said goodbye, or can say nothing more that we understand
        self.id = f"{time_ns() // 1_000_000:x}.{secrets.token_urlsafe(6)}"
        self.actor: Actor | None = None
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
        """When the last sign of life came: any bytes received, or queued ones taken."""
        return self._socket.last_received

    @property
    def is_open(self) -> bool:
        """Whether frames can still be written."""
        return self._socket.is_open

    @property
    def is_paused(self) -> bool:
        """Whether we read nothing for now, so that silence says nothing about the client."""
        return self.is_handling or self._socket.is_congested

    def write(self, frame: bytes) -> None:
        """Send a whole encoded frame (`framing.text_frame`). Never waits; dropped when the connection is ending.

        It leaves at the end of this turn of the event loop, with all else that is written until then.
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
        """Keep what is written, in its order, until `greet`."""
        self._held, self._held_bytes = [], 0

    def greet(self, value: Any) -> None:
        """Send the greeting, then what was held: the client hears events only after it."""
        held, self._held = self._held or (), None
        self.send_json(value)
        for frame in held:
            self._socket.send(frame)

    def send_json(self, value: Any) -> None:
        """Send a JSON message. Never waits."""
        self.write(text_frame(orjson.dumps(value)))

    def ping(self, frame: bytes, now: float) -> None:
        """Send a ping frame and note when."""
        self.last_pinged = now
        self._socket.send(frame)

    def receive(self, timeout: float | None = None) -> Frame | None:
        """Wait for the next message of the client. Pings that come before it are answered.

        Parameters:
            timeout: seconds; None waits for ever.

        Returns:
            A text or binary message; None when none came in time.

        Raises:
            ConnectionClosed: either side has closed, or the client broke the protocol.
        """
        if timeout is None:
            return self._next_message()
        in_time = gevent.Timeout(timeout)
        try:
            with in_time:
                return self._next_message()
        except gevent.Timeout as raised:
            if raised is not in_time:
                raise
            return None

    def _next_message(self) -> Frame:
        self._socket.reset_idle_timer()
        while True:
            if self.close_reason is not None:
                raise ConnectionClosed(self.close_reason.code, self.close_reason.text)
            if self._socket.is_congested:
                self._socket.wait_until_drained()
                self._socket.reset_idle_timer()
            elif (seconds := self._allowance.wait()) > 0:
                gevent.sleep(min(seconds, LONGEST_PAUSE))
                self._socket.reset_idle_timer()
            elif self._this_turn >= FRAMES_PER_TURN:
                self._give_way()
            else:
                frame = self._next_frame()
                if frame is not None and frame.opcode in (TEXT, BINARY):
                    self.last_frame_received = monotonic()
                    self.frames_in += 1
                    return frame

    def _give_way(self) -> None:
        """Let others have the loop, and see what the client took of the answers so far."""
        self._socket.flush()
        gevent.sleep(0)
        self._this_turn = 0

    def _next_frame(self) -> Frame | None:
        """The next frame of those that were read, control frames done with; None where more was read instead."""
        try:
            frame = self._frames.next_frame()
        except FrameError as error:
            self._is_answered = True
            self.close(error.close)
            raise ConnectionClosed(error.close.code, error.close.text) from None
        self._allowance.spend(self._frames.begun)  # fragments, too: each costs as much as a small message
        self._frames.begun = 0
        if frame is None:
            self._read()
        else:
            self._this_turn += 1
            if frame.opcode == PING:
                self._socket.send(pong_frame(frame.payload))
            elif frame.opcode == CLOSE:
                self._answer_close(frame.payload)
        return frame

    def _read(self) -> None:
        data = self._socket.receive()
        if data:
            self._this_turn = 0
            self._allowance.spend(len(data) / FRAME_BYTES)
            self._frames.feed(data)
        elif data is not None and self.close_reason is None:
            raise ConnectionClosed(1006, "the connection was lost")

    def _answer_close(self, payload: bytes) -> None:
        """RFC 6455, 5.5.1: with the same code."""
        self._is_answered = True
        code = int.from_bytes(payload[:2], "big") if payload else None
        self._socket.end(close_frame(code))
        raise ConnectionClosed(code or 1005, payload[2:].decode())

    def close(self, reason: Close) -> None:
        """End the connection: close frame, handler woken, and after a grace TCP is cut, answered or not.

        Never waits, may be called from any greenlet and again; the first reason counts.
        """
        if self.close_reason is None and self._socket.is_open:
            self.close_reason = reason
            self._socket.end(close_frame(reason.code, reason.text), reason.grace)

    def _close_too_slow(self) -> None:
        self.close(Close.TOO_SLOW)

    def finish(self) -> None:
        """The handler's last call: close if nobody has, and wait, within the grace, until TCP has ended."""
        self.close(Close.NORMAL)
        try:
            self._await_answer()
        finally:
            self._socket.close()

    def _await_answer(self) -> None:
        """Read on until the client has said goodbye, too. Messages before it come too late, and are dropped."""
        while not (self._is_answered or self._socket.is_dead):
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
