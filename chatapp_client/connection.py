"""The socket: a thread that opens it, reads it, and reconnects after it closed."""

from __future__ import annotations

import json
import logging
import random
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import websocket

from chatapp_client.backoff import BackOff, Uniform
from chatapp_client.closing import ABNORMAL, CloseAction, action_for
from chatapp_client.failures import Refused, Unanswered
from chatapp_client.polling import Polling
from chatapp_client.rest import Rest
from chatapp_client.state import Frame
from chatapp_client.timings import Timings

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between checks while no frame arrives


class Session(Protocol):
    """Receives events of the socket. The connection's thread calls every method."""

    def connected(self, frame: Frame) -> None:
        """The server has authenticated the socket."""
        ...

    def on_frame(self, frame: Frame) -> None:
        """A frame arrived."""
        ...

    def tick(self) -> None:
        """Frames were handled, or none arrived for a while."""
        ...

    def lost(self) -> None:
        """The socket closed; the connection will open a new one."""
        ...

    def stopped(self, reason: str) -> None:
        """The connection ended for good."""
        ...


class Connection:
    """Keeps a socket open, replacing it when it closes.

    Parameters:
        session: receives all events.
        now: monotonic seconds.
        uniform: draws the jitter.

    Attributes:
        is_open: whether a socket is open and authenticated.
        openings: number of sockets that were opened and authenticated.
    """

    def __init__(
        self,
        rest: Rest,
        session: Session,
        polling: Polling,
        timings: Timings,
        *,
        now: Callable[[], float] = time.monotonic,
        uniform: Uniform = random.uniform,
    ) -> None:
        self._rest = rest
        self._session = session
        self._polling = polling
        self._timings = timings
        self._now = now
        self._backoff = BackOff(timings.reconnect_first, timings.reconnect_most, uniform)
        self._failed_attempts = 0
        self._stopping = threading.Event()
        self._ws: websocket.WebSocket | None = None
        self._received_at = self._requested_at = self._opened_at = 0.0
        self._thread = threading.Thread(target=self._run, name="chatapp socket", daemon=True)
        self.is_open = False
        self.openings = 0

    @property
    def is_polling(self) -> bool:
        """Whether so many attempts failed that HTTP replaces the socket."""
        return not self.is_open and self._failed_attempts >= self._timings.poll_after_failures

    def start(self) -> None:
        """Start the thread, once."""
        self._thread.start()

    def stop(self, wait: float = 5.0) -> None:
        """Close the socket and stop; waits at most `wait` seconds for the thread."""
        self._stopping.set()
        ws = self._ws
        if ws is not None:
            try:
                ws.send_close()
            except (websocket.WebSocketException, OSError):
                log.debug("the socket had closed already")
            self.abort()
        if self._thread.is_alive():
            self._thread.join(wait)

    def abort(self) -> None:
        """Cut the socket without a close frame. The connection reconnects."""
        ws = self._ws
        if ws is not None and ws.sock is not None:
            try:
                ws.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the socket had closed already")

    def send(self, frame: Frame) -> bool:
        """Send a frame; False without a socket. True does not mean that it arrives: only an answer does."""
        ws = self._ws
        if ws is None or not self.is_open:
            return False
        try:
            ws.send(json.dumps(frame))
        except (websocket.WebSocketException, OSError):
            # Part of the frame may have been sent: the socket is unusable.
            self.abort()
            return False
        return True

    def _run(self) -> None:
        reason = "the client failed"
        try:
            while not self._stopping.is_set():
                self._wait(self._run_once())
            reason = "closed by us"
        except Refused as refusal:
            reason = refusal.error
        finally:
            # Also after a defect: callers that wait for an answer must be released.
            self._session.stopped(reason)

    def _run_once(self) -> float:
        """Run one socket until it closes; returns the minimum delay that the server requested, in seconds.

        Raises:
            Refused: reconnecting would fail the same way.
        """
        try:
            code = self._attempt()
        except Unanswered as failure:
            self._failed_attempts += 1
            return failure.retry_after or 0.0
        log.info("socket ended", extra={"code": code})
        action = action_for(code)
        if action is CloseAction.STOP and not self._stopping.is_set():
            raise Refused(f"closed with {code}")
        if action is CloseAction.RENEW_TOKEN:
            self._rest.forget_token()
        return 0.0

    def _attempt(self) -> int:
        """Open a socket and read it until it closes; returns its close code.

        Raises:
            Unanswered: it could not be opened.
            Refused: no ticket is granted.
        """
        # A ticket is short-lived and opens one socket: each attempt needs a new one.
        url = f"{self._rest.socket_url}?ticket={self._rest.ticket()}"
        try:
            ws = websocket.create_connection(
                url, timeout=self._timings.connect_wait, suppress_origin=True, skip_utf8_validation=True
            )
        except (websocket.WebSocketException, OSError) as error:
            raise Unanswered(type(error).__name__) from None
        ws.settimeout(min(TICK, self._timings.ping_after / 2))
        self._ws = ws
        self._received_at = self._opened_at = self._requested_at = self._now()
        self._failed_attempts += 1
        try:
            return self._read(ws)
        finally:
            if self.is_open and self._now() - self._opened_at >= self._timings.stable_after:
                self._backoff.succeeded()
            self.is_open, self._ws = False, None
            ws.shutdown()
            self._session.lost()

    def _read(self, ws: websocket.WebSocket) -> int:
        while not self._stopping.is_set():
            try:
                opcode, data = ws.recv_data(control_frame=True)
            except websocket.WebSocketTimeoutException:
                opcode, data = None, b""
            except (websocket.WebSocketException, OSError):
                return ABNORMAL
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big") if len(data) >= 2 else ABNORMAL
            if opcode is not None:
                self._received_at = self._now()
            if opcode == websocket.ABNF.OPCODE_TEXT:
                self._handle(json.loads(data))
            if not self._is_alive():
                return ABNORMAL
            if self.is_open:
                self._session.tick()
        return ABNORMAL

    def _handle(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "connected":
            self._failed_attempts = 0
            self.is_open = True
            self.openings += 1
            self._session.connected(frame)
        else:
            self._session.on_frame(frame)

    def _is_alive(self) -> bool:
        """Whether the server still responds; sends a ping when it was silent."""
        now = self._now()
        silent_for = now - self._received_at
        if not self.is_open:
            return now - self._opened_at < self._timings.connect_wait
        if silent_for >= self._timings.ping_after and now - self._requested_at >= self._timings.ping_after:
            self._requested_at = now
            self.send({"type": "ping"})
        return silent_for < self._timings.dead_after

    def _wait(self, at_least: float) -> None:
        """Wait before reconnecting, and poll during the wait if sockets failed."""
        until = self._now() + self._backoff.next_delay(at_least)
        while not self._stopping.is_set() and (left := until - self._now()) > 0:
            if self.is_polling:
                self._polling.poll_if_due()
                left = min(left, self._polling.seconds_left())
            self._stopping.wait(left)
