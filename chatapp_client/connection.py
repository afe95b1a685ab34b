"""The socket, kept open: a thread that opens it, reads it, and comes back after its end."""

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
from chatapp_client.closing import ABNORMAL, Verdict, verdict_on
from chatapp_client.failures import Refused, Unanswered
from chatapp_client.polling import Polling
from chatapp_client.rest import Rest
from chatapp_client.state import Frame
from chatapp_client.timings import Pace

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between looks at what is due, while nothing comes


class Session(Protocol):
    """Who is told what happens on the socket. Every method is called by the connection's thread."""

    def greeted(self, frame: Frame) -> None:
        """The server let us in."""
        ...

    def heard(self, frame: Frame) -> None:
        """A frame came."""
        ...

    def tick(self) -> None:
        """Frames were handled, or nothing came for a while."""
        ...

    def lost(self) -> None:
        """The socket is gone; the connection is on its way to a new one."""
        ...

    def stopped(self, reason: str) -> None:
        """It will not come back by itself."""
        ...


class Connection:
    """One socket after another.

    Parameters:
        session: told of everything.
        now: monotonic seconds.
        uniform: draws the jitter.

    Attributes:
        is_open: whether the server has let us in.
        openings: how often it has.
    """

    def __init__(
        self,
        rest: Rest,
        session: Session,
        polling: Polling,
        pace: Pace,
        *,
        now: Callable[[], float] = time.monotonic,
        uniform: Uniform = random.uniform,
    ) -> None:
        self._rest = rest
        self._session = session
        self._polling = polling
        self._pace = pace
        self._now = now
        self._backoff = BackOff(pace.reconnect_first, pace.reconnect_most, uniform)
        self._attempts_in_vain = 0
        self._stopping = threading.Event()
        self._ws: websocket.WebSocket | None = None
        self._heard_at = self._asked_at = self._opened_at = 0.0
        self._thread = threading.Thread(target=self._run, name="chatapp socket", daemon=True)
        self.is_open = False
        self.openings = 0

    @property
    def is_polling(self) -> bool:
        """Whether so many attempts were in vain that HTTP has to do."""
        return not self.is_open and self._attempts_in_vain >= self._pace.poll_after_failures

    def start(self) -> None:
        """Begin. A connection is started once."""
        self._thread.start()

    def stop(self, wait: float = 5.0) -> None:
        """Say goodbye and end; waits at most so many seconds for the thread."""
        self._stopping.set()
        ws = self._ws
        if ws is not None:
            try:
                ws.send_close()
            except (websocket.WebSocketException, OSError):
                log.debug("the socket was gone before it was closed")
            self.break_off()
        if self._thread.is_alive():
            self._thread.join(wait)

    def break_off(self) -> None:
        """End the socket without a word, as a network does. The connection comes back."""
        ws = self._ws
        if ws is not None and ws.sock is not None:
            try:
                ws.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("the socket had ended already")

    def send(self, frame: Frame) -> bool:
        """Send a frame; False where there is no socket. True says nothing of its arrival: only an answer does."""
        ws = self._ws
        if ws is None or not self.is_open:
            return False
        try:
            ws.send(json.dumps(frame))
        except (websocket.WebSocketException, OSError):
            # Half a frame may have left: nothing more can be said on this socket.
            self.break_off()
            return False
        return True

    def _run(self) -> None:
        reason = "the client failed"
        try:
            while not self._stopping.is_set():
                self._wait(self._come_and_go())
            reason = "closed by us"
        except Refused as refusal:
            reason = refusal.error
        finally:
            # Also after a defect: whoever waits for an answer must hear that none will come.
            self._session.stopped(reason)

    def _come_and_go(self) -> float:
        """One socket from its opening to its end; returns the seconds that the server asks to stay away.

        Raises:
            Refused: coming back would end the same way.
        """
        try:
            code = self._attempt()
        except Unanswered as failure:
            self._attempts_in_vain += 1
            return failure.retry_after or 0.0
        log.info("socket ended", extra={"code": code})
        verdict = verdict_on(code)
        if verdict is Verdict.STAY_AWAY and not self._stopping.is_set():
            raise Refused(f"closed with {code}")
        if verdict is Verdict.RENEW_TOKEN:
            self._rest.forget_token()
        return 0.0

    def _attempt(self) -> int:
        """Open a socket and stay on it; returns the code that it ended with.

        Raises:
            Unanswered: it could not be opened.
            Refused: we may not have a ticket.
        """
        # A ticket lives for seconds and opens one socket: each attempt needs its own.
        url = f"{self._rest.socket_url}?ticket={self._rest.ticket()}"
        try:
            ws = websocket.create_connection(
                url, timeout=self._pace.connect_wait, suppress_origin=True, skip_utf8_validation=True
            )
        except (websocket.WebSocketException, OSError) as error:
            raise Unanswered(type(error).__name__) from None
        ws.settimeout(min(TICK, self._pace.ping_after / 2))
        self._ws = ws
        self._heard_at = self._opened_at = self._asked_at = self._now()
        self._attempts_in_vain += 1
        try:
            return self._read(ws)
        finally:
            if self.is_open and self._now() - self._opened_at >= self._pace.stable_after:
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
                self._heard_at = self._now()
            if opcode == websocket.ABNF.OPCODE_TEXT:
                self._handle(json.loads(data))
            if not self._is_alive():
                return ABNORMAL
            if self.is_open:
                self._session.tick()
        return ABNORMAL

    def _handle(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "connected":
            self._attempts_in_vain = 0
            self.is_open = True
            self.openings += 1
            self._session.greeted(frame)
        else:
            self._session.heard(frame)

    def _is_alive(self) -> bool:
        """Whether the other end is still there; asks it when it was quiet."""
        now = self._now()
        quiet = now - self._heard_at
        if not self.is_open:
            return now - self._opened_at < self._pace.connect_wait
        if quiet >= self._pace.ping_after and now - self._asked_at >= self._pace.ping_after:
            self._asked_at = now
            self.send({"type": "ping"})
        return quiet < self._pace.dead_after

    def _wait(self, at_least: float) -> None:
        """Wait before coming back, polling meanwhile where sockets could not be had."""
        until = self._now() + self._backoff.next_delay(at_least)
        while not self._stopping.is_set() and (left := until - self._now()) > 0:
            if self.is_polling:
                self._polling.poll_if_due()
                left = min(left, self._polling.seconds_left())
            self._stopping.wait(left)
