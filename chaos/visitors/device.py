"""A device of a visitor: a socket that is opened again whenever it is lost, and catches up."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Sequence

import websocket

from chaos.visitors.view import View

PAUSE = 0.1  # seconds before a lost socket is opened again
TIMEOUT = 30.0  # seconds; servers ping more often


class Device(threading.Thread):
    """A device.

    Parameters:
        ports: of the servers; the next one is used after each loss.
        signed_id: of its session.
    """

    def __init__(self, ports: Sequence[int], signed_id: str) -> None:
        super().__init__(daemon=True)
        self.view = View()
        self.lock = threading.Lock()
        self._ports = itertools.cycle(ports)
        self._query = f"?session_id={signed_id}"
        self._is_closed = threading.Event()
        self._ws: websocket.WebSocket | None = None
        self.is_caught_up = threading.Event()

    def run(self) -> None:
        while not self._is_closed.is_set():
            with contextlib.suppress(OSError, websocket.WebSocketException):
                self._receive(next(self._ports))
            self.is_caught_up.clear()
            self._is_closed.wait(PAUSE)

    def cut(self) -> None:
        """Break the connection, without a close frame."""
        ws = self._ws
        if ws is not None and ws.sock is not None:
            with contextlib.suppress(OSError):
                ws.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End."""
        self._is_closed.set()
        self.cut()
        self.join(TIMEOUT)

    def _receive(self, port: int) -> None:
        self._ws = websocket.create_connection(
            f"ws://127.0.0.1:{port}/api/chat/ws{self._query}", suppress_origin=True, timeout=TIMEOUT
        )
        try:
            with self.lock:
                self.view.connected()
            self._resume()
            while not self._is_closed.is_set():
                frame = json.loads(self._ws.recv())
                with self.lock:
                    self.view.take(frame)
                if frame["type"] == "resumed":
                    if frame["has_more"]:
                        self._resume()
                    else:
                        self.is_caught_up.set()
        finally:
            self._ws.close(timeout=1)

    def _resume(self) -> None:
        last_id = self.view.last_id
        assert self._ws is not None
        self._ws.send(json.dumps({"type": "resume"} | ({} if last_id is None else {"after_id": last_id})))
